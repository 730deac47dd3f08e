//! The table of a queue: whose jobs, what becomes of them, and what people can choose.

use serde_json::Value;

use super::{
    raw::Reader,
    tables::{Printers, choice, refuse_strangers, seconds, signed, yes},
};
use crate::model::{
    AfterRelease, CloudPrinterId, CloudPrinterSettings, DocumentFormat, OfferDefaults, OfferRule,
    OfferSettings, PrinterName, PrinterSettings, QueueSettings,
    configuration::{ColorMode, DuplexMode},
    settings::Prefetch,
};

pub(super) fn queue(reader: &mut Reader, name: &str, printers: &Printers) -> QueueSettings {
    let key = |key: &str| format!("queues.{name}.{key}");
    let source_printer = CloudPrinterId::new(reader.text(&key("source_printer")));
    let (release_to, redirect_to) = at_once(reader, name, printers);
    let prefetch = choice(reader, &key("prefetch"), &["tap", "claim", "off"]);
    let after = choice(reader, &key("after_release"), &["complete", "abort"]);
    refuse_offline_without_documents(reader, name, prefetch);
    QueueSettings {
        source_printer,
        release_to,
        redirect_to,
        hold_limit: signed(seconds(reader, &key("hold_limit"))),
        after_release: [AfterRelease::Complete, AfterRelease::Abort][after],
        prefetch: [Prefetch::Tap, Prefetch::Claim, Prefetch::Off][prefetch],
        gray_stays: yes(reader, &key("gray_stays")),
        release_offline: yes(reader, &key("release_offline")),
        refused_formats: reader
            .list(&key("refuse_formats"))
            .iter()
            .map(|mime| DocumentFormat::from_mime(mime))
            .collect(),
        offer: offer(reader, name, &printers.ours),
    }
}

/// The printer, or the cloud printer, that each job goes to at once.
fn at_once(
    reader: &mut Reader,
    name: &str,
    printers: &Printers,
) -> (Option<PrinterName>, Option<CloudPrinterId>) {
    let key = |key: &str| format!("queues.{name}.{key}");
    let redirect_to = reader.optional_text(&key("redirect_to")).map(CloudPrinterId::new);
    let Some(named) = reader.optional_text(&key("release_to")).map(PrinterName::new) else {
        return (None, redirect_to);
    };
    if let Some(printer) = &redirect_to {
        let why = "there is a release_to as well";
        let value = printer.as_str().into();
        reader.problem(&key("redirect_to"), &value, why, "leave one of them out");
    }
    if let Some(printer) = printers.clouds.iter().find(|printer| printer.name == named) {
        return (None, Some(printer.id.clone()));
    }
    if !printers.has(&named) {
        let hint = format!("write a table [printers.{named}] with its uri");
        let value = named.as_str().into();
        reader.problem(&key("release_to"), &value, "there is no such printer", &hint);
    }
    (Some(named), None)
}

/// Without a document here nothing comes out offline.
fn refuse_offline_without_documents(reader: &mut Reader, name: &str, prefetch: usize) {
    const OFF: usize = 2;
    let key = format!("queues.{name}.release_offline");
    if yes(reader, &key) && prefetch == OFF {
        let why = "no document is here before its release";
        reader.problem(&key, &true.into(), why, "write prefetch = \"claim\" or \"tap\"");
    }
}

/// What a queue offers of these printers; nothing if it is off.
fn offer(reader: &mut Reader, name: &str, printers: &[PrinterSettings]) -> Option<OfferSettings> {
    let key = |key: &str| format!("queues.{name}.{key}");
    let rule = choice(reader, &key("offer"), &["off", "union", "intersection"]);
    let sides = choice(reader, &key("default_sides"), &["one-sided", "long-edge", "short-edge"]);
    let color = reader.optional_text(&key("default_color"));
    let color = color.map(|word| (ColorMode::from_word(&word), word));
    if let Some((ColorMode::Other(_), word)) = &color {
        let hint = "write one of gray, color, auto";
        let value = Value::from(word.as_str());
        reader.problem(&key("default_color"), &value, "it does not read", hint);
    }
    let paper = reader.optional_text(&key("default_paper"));
    let offered = offered_printers(reader, &key("printers"), printers);
    let rule = match rule {
        1 => OfferRule::Union,
        2 => OfferRule::Intersection,
        _ => return None,
    };
    if paper.is_none() {
        let why = "it must be given with an offer";
        let hint = "write the paper that people get who choose none, such as \"A4\" or \"North America Letter\"";
        reader.problem(&key("default_paper"), &Value::Null, why, hint);
    }
    Some(OfferSettings {
        rule,
        printers: offered,
        defaults: OfferDefaults {
            sides: DuplexMode::ALL.get(sides).cloned(),
            color: color.map(|(color, _)| color),
            paper,
        },
    })
}

fn offered_printers(
    reader: &mut Reader,
    key: &str,
    printers: &[PrinterSettings],
) -> Vec<PrinterName> {
    if reader.value(key).is_null() {
        return printers.iter().map(|printer| printer.name.clone()).collect();
    }
    let named: Vec<PrinterName> = reader.list(key).into_iter().map(PrinterName::new).collect();
    refuse_strangers(reader, key, &named, printers);
    named
}

/// A job that is redirected to a pull-print queue would come back as a new one, without end.
pub(super) fn refuse_circles(
    reader: &mut Reader,
    names: &[String],
    queues: &[QueueSettings],
    cloud_printers: &[CloudPrinterSettings],
) {
    let is_queue = |id: &CloudPrinterId| queues.iter().any(|queue| queue.source_printer == *id);
    let named =
        cloud_printers.iter().map(|one| (format!("printers.{}.cloud_printer", one.name), &one.id));
    let direct = names.iter().zip(queues).filter_map(|(name, queue)| {
        Some((format!("queues.{name}.redirect_to"), queue.redirect_to.as_ref()?))
    });
    for (key, id) in named.chain(direct).filter(|(_, id)| is_queue(id)) {
        let why = "it is a pull-print queue itself: its jobs would be stopped and redirected again";
        reader.problem(&key, &id.as_str().into(), why, "name a printer that prints");
    }
}
