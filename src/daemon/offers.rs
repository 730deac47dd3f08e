//! What the queues offer people: asked of their printers, and written to the cloud when it differs.
//!
//! It promises: an offer is of all its printers or is not written, so that one that is switched off takes nothing away;
//! what the cloud shows otherwise than it was written is not written again and again.
//! Deliberately absent: the rule (`policy::offer`).

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::Duration,
};

use tokio::time::sleep;
use tracing::{info, warn};

use super::{deeds::Deeds, main_loop::SharedSettings, places::Printer};
use crate::{
    graph::{GraphClient, GraphError},
    model::{CloudPrinterId, Offer, OfferSettings, PrinterName, QueueSettings},
    policy::offer::{combine, differences},
    printer::offer::{attributes_of, offer_of},
};

/// How often printers and cloud are compared.
const EACH: Duration = Duration::from_mins(10);
/// How soon again it is looked whether the definition is ours.
const STAMP_PAUSE: Duration = Duration::from_secs(2);
/// How soon again where something did not answer.
const SOON: Duration = Duration::from_mins(1);

/// Compares again and again, until it is dropped. A changed configuration is compared at once.
pub(super) async fn keep(deeds: Arc<Deeds>, settings: Arc<RwLock<SharedSettings>>) {
    let mut memory = Memory::default();
    loop {
        let now = Arc::clone(&settings.read().expect("nothing panics while it is held"));
        let offering = now.queues.iter().filter_map(|queue| Some((queue, queue.offer.as_ref()?)));
        let mut pause = EACH;
        if !deeds.stamp_is_ours() {
            // Another daemon serves the definition, and its printers are what its queue offers.
            sleep(STAMP_PAUSE).await;
            continue;
        }
        for (queue, offer) in offering {
            if !look(&deeds, queue, offer, &mut memory).await {
                pause = SOON;
            }
        }
        wait(pause, &settings, &now).await;
    }
}

/// What is remembered from look to look.
#[derive(Default)]
struct Memory {
    /// What each printer last offered.
    known: HashMap<(PrinterName, String), Offer>,
    /// What was written to each queue, and how the cloud still differed at the next look.
    written: HashMap<CloudPrinterId, (Offer, Option<Vec<String>>)>,
}

/// Waits so long, or until the configuration is another one.
async fn wait(pause: Duration, settings: &RwLock<SharedSettings>, now: &SharedSettings) {
    const STEP: Duration = Duration::from_secs(2);
    for _ in 0..pause.as_secs() / STEP.as_secs() {
        sleep(STEP).await;
        if !Arc::ptr_eq(&settings.read().expect("nothing panics while it is held"), now) {
            return;
        }
    }
}

/// Compares one queue and writes what differs. False if a part did not answer.
async fn look(
    deeds: &Deeds,
    queue: &QueueSettings,
    offer: &OfferSettings,
    memory: &mut Memory,
) -> bool {
    let known = &mut memory.known;
    for name in &offer.printers {
        let Some(printer) = deeds.printer(name) else { continue };
        match printer.client.capabilities().await {
            Ok(can) => drop(known.insert(as_it_is(&printer), offer_of(&can))),
            Err(error) => {
                let old = known.contains_key(&as_it_is(&printer));
                warn!(id = "printer-not-asked", printer = %name, "could not be asked what it can do ({error}); {}",
                    if old { "its last answer counts" } else { "what the queue offers stays as it is" });
            }
        }
    }
    let of = |name: &PrinterName| known.get(&as_it_is(&*deeds.printer(name)?)).cloned();
    let printers: Vec<Offer> = offer.printers.iter().filter_map(of).collect();
    if printers.len() < offer.printers.len() || printers.is_empty() {
        return false;
    }
    let wanted = combine(offer.rule, &printers, &offer.defaults);
    let _call = deeds.call().await;
    match write(deeds.graph(), queue, &wanted, &mut memory.written).await {
        Ok(changes) if changes.is_empty() => true,
        Ok(changes) => {
            info!(source_printer = %queue.source_printer, "the queue's offer was written: {}", changes.join("; "));
            true
        }
        Err(error) => {
            warn!(id = "offer-not-written", source_printer = %queue.source_printer, "the queue's offer could not be written: {error}");
            false
        }
    }
}

/// A printer that got another address is another printer.
fn as_it_is(printer: &Printer) -> (PrinterName, String) {
    (printer.settings.name.clone(), printer.settings.contact.uri.clone())
}

/// Writes an offer where the cloud has another one, and says how it differed.
async fn write(
    graph: &GraphClient,
    queue: &QueueSettings,
    wanted: &Offer,
    written: &mut HashMap<CloudPrinterId, (Offer, Option<Vec<String>>)>,
) -> Result<Vec<String>, GraphError> {
    let id = &queue.source_printer;
    let changes = match graph.get_printer_offer(id).await? {
        Some(cloud) => differences(wanted, &cloud),
        None => vec!["nothing was offered".to_owned()],
    };
    if changes.is_empty() {
        return Ok(changes);
    }
    if let Some((_, left)) = written.get_mut(id).filter(|(last, _)| last == wanted) {
        // What the first look after a write still finds is the cloud's way to show it.
        if *left.get_or_insert_with(|| changes.clone()) == changes {
            return Ok(Vec::new());
        }
    }
    let name = graph.get_printer(id).await?.name;
    graph.update_printer_attributes(id, attributes_of(wanted, &name)).await?;
    written.insert(id.clone(), (wanted.clone(), None));
    Ok(changes)
}
