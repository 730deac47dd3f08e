//! What an administrator sees at a glance.
//!
//! Deliberately absent: titles of jobs, and any change.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

use super::{
    deeds::Deeds,
    health::{self, Health},
    places::Printer,
};
use crate::{
    flow::{Job, State},
    journal::{JournalError, reader::JournalReader},
    kiosk::desk::{JobLine, Overview, PrinterLine, PrinterView, QueueLine},
    model::{Ending, Owner},
    printer::{standing, words::in_words},
};

const PRINTER_TIME: Duration = Duration::from_secs(3);
const MOST_LINES: u32 = 100;
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);

/// Looks at all of it.
pub(super) async fn overview(
    deeds: &Deeds,
    health: &Health,
    journal: &JournalReader,
) -> Result<Overview, JournalError> {
    let _ = timeout(PRINTER_TIME, health::look(health, deeds, journal)).await;
    let printers = deeds.printers();
    let (queues, failed, mut printers) = tokio::join!(
        queues(deeds, journal),
        failed(journal),
        join_all(printers.iter().map(printer)),
    );
    printers.sort_by(|a, b| a.view.name.cmp(&b.view.name));
    let troubles = health.troubles().into_iter().map(|(_, sentence)| sentence).collect();
    Ok(Overview { troubles, printers, queues: queues?, failed: failed? })
}

async fn printer(printer: &Arc<Printer>) -> PrinterLine {
    let can = printer.glance().await;
    let view = PrinterView {
        name: printer.settings.name.clone(),
        standing: standing(can.as_deref()),
        color: can.as_ref().is_some_and(|can| can.prints_color()),
        both_sides: can.as_ref().is_some_and(|can| can.prints_both_sides()),
    };
    let health = can.map(|can| can.health.clone()).unwrap_or_default();
    let supplies = health.inks.into_iter().filter(|(_, level)| *level >= 0).collect();
    PrinterLine { view, says: in_words(&health.reasons), supplies }
}

async fn queues(deeds: &Deeds, journal: &JournalReader) -> Result<Vec<QueueLine>, JournalError> {
    let mut lines = Vec::new();
    for queue in &deeds.settings().queues {
        let (waiting, jobs) = journal.waiting_in(&queue.source_printer, MOST_LINES).await?;
        let why = |job: &Job| job.reasons.to_string();
        let jobs = jobs.iter().map(|job| line(job, job.facts.created, why(job))).collect();
        lines.push(QueueLine { name: queue.source_printer.to_string(), waiting, jobs });
    }
    Ok(lines)
}

async fn failed(journal: &JournalReader) -> Result<Vec<JobLine>, JournalError> {
    let ended = journal.ended_since(Timestamp::now() - LOOK_BACK, MOST_LINES).await?;
    let without_paper = |(job, at): &(Job, Timestamp)| match &job.state {
        State::Settled(Ending::Aborted(reason)) => Some(line(job, Some(*at), reason.sentence())),
        _ => None,
    };
    Ok(ended.iter().filter_map(without_paper).collect())
}

fn line(job: &Job, at: Option<Timestamp>, why: String) -> JobLine {
    let owner = job.facts.owner.as_ref().map_or("", Owner::label).to_owned();
    JobLine { number: job.number, owner, at, why }
}
