//! The deeds at a printer: ask, create, send, watch, cancel, find, inspect.
//!
//! It promises: a job has its place at the printer from the question to the end of its print.
//! Deliberately absent: what follows from what the printer says.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, future::join_all, stream::BoxStream};
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::{
    deeds::{Deeds, not_for_this_state},
    kill_point,
    places::{Place, Printer},
    told::{job_name, user_name},
};
use crate::{
    flow::{Destination, End, Job, Phase, State},
    model::{
        Failure, JobNumber, PrinterJobRef, PrinterJobReport, PrinterName, Reason, TicketRules,
    },
    printer::{CreateEnd, DocumentBody, Found, PrinterError, SendEnd, Willing, blocked},
};

type DocumentStream = BoxStream<'static, std::io::Result<Bytes>>;

/// The first wait between two looks at a job; each further one is a third longer.
const FIRST_LOOK: Duration = Duration::from_millis(30);
/// The longest.
const LAST_LOOK: Duration = Duration::from_secs(3);
/// How many other printers are asked when one can not print, and for how long.
const MOST_NEIGHBORS: usize = 16;
const NEIGHBOR_TIME: Duration = Duration::from_secs(2);
/// A watch ends after this many looks, so that its worker is not for ever.
const MOST_LOOKS: u32 = 400;

impl Deeds {
    pub(super) fn printer_of(&self, job: &Job) -> Result<(PrinterName, Arc<Printer>), End> {
        let Some(Destination::Printer(name)) = job.attempt().map(|attempt| &attempt.destination)
        else {
            return Err(not_for_this_state());
        };
        let missing = || End::PrinterUnwilling {
            reason: Reason::NoSuchPrinter,
            detail: name.to_string(),
            lasting: true,
        };
        let terms =
            &job.attempt().map(|attempt| attempt.printer_contact.clone()).unwrap_or_default();
        let printer = self.printer_as(name, terms).ok_or_else(missing)?;
        Ok((name.clone(), printer))
    }

    /// Like [`Self::printer_of`], for effects that can not end in a refusal: the question stays open.
    fn printer_to_ask(&self, job: &Job) -> Result<Arc<Printer>, End> {
        let gone =
            || End::Failed(Failure::retry("the printer is not in the configuration any more"));
        self.printer_of(job).map(|(_, printer)| printer).map_err(|_| gone())
    }

    pub(super) async fn ask_printer(&self, job: &Job) -> End {
        let (name, printer) = match self.printer_of(job) {
            Ok(found) => found,
            Err(end) => return end,
        };
        if !self.stamp_is_known().await {
            let detail = "who serves the definition is not known yet".to_owned();
            return End::PrinterUnwilling {
                reason: Reason::CloudUnreachable,
                detail,
                lasting: false,
            };
        }
        // One that left the configuration gets no more jobs; those that it has are still asked about.
        if self.printer(&name).is_none() {
            let detail = name.to_string();
            return End::PrinterUnwilling { reason: Reason::NoSuchPrinter, detail, lasting: true };
        }
        let pooled = job.attempt().is_some_and(|attempt| attempt.pooled_printer().is_some());
        job.attempt().into_iter().for_each(|attempt| self.take_turn(attempt));
        if !self.take_place(job, &name, &printer, pooled).await {
            return at_work("all its places are taken");
        }
        if let Some((reason, detail)) = self.other_daemon() {
            return End::PrinterUnwilling { reason, detail, lasting: true };
        }
        let can = match printer.capabilities().await {
            Ok(can) => can,
            Err(error) => return not_asked(&error),
        };
        if pooled && can.health.is_processing() {
            return at_work("it is at another job");
        }
        // The room may be taken by what an earlier try of ours has left.
        if job.reasons.contains(Reason::PrinterBusy)
            && let Err(error) = self.cancel_orphans(&printer, Some(job.number)).await
        {
            warn!(id = "orphans-left", "orphans: {error}");
        }
        let (wanted, source) = (job.wanted_configuration(), job.source_format());
        let rules = self.rules(&printer, job);
        match printer.client.validate(&can, &wanted, &source, &rules).await {
            Willing::Yes(ticket) => {
                let agreement = ticket.agreement();
                if let Some(Some(place)) = self.places().get_mut(&job.number)
                    && place.printer == name
                {
                    place.ticket = Some(ticket);
                    place.health = can.health.clone();
                }
                End::PrinterReady(Box::new(agreement))
            }
            Willing::No { reason, detail, lasting } => {
                let well = if reason == Reason::PrinterBlocked {
                    self.well_beside(&name, job).await
                } else {
                    Vec::new()
                };
                let detail = with_neighbors(detail, &well);
                End::PrinterUnwilling { reason, detail, lasting }
            }
        }
    }

    /// The other printers that could print the job now, as far as they say so soon.
    async fn well_beside(&self, name: &PrinterName, job: &Job) -> Vec<PrinterName> {
        let wanted = job.wanted_configuration();
        let others = self.printers().into_iter().filter(|other| other.settings.name != *name);
        let looks = others.take(MOST_NEIGHBORS).map(|other| {
            let wanted = &wanted;
            async move {
                let can = timeout(NEIGHBOR_TIME, other.capabilities()).await.ok()?.ok()?;
                blocked(&can, wanted).is_none().then(|| other.settings.name.clone())
            }
        });
        let mut well: Vec<PrinterName> = join_all(looks).await.into_iter().flatten().collect();
        well.sort();
        well
    }

    /// Takes one of the printer's places, unless the job has it. It waits for one, but not in a pool: there others can be asked.
    async fn take_place(
        &self,
        job: &Job,
        name: &PrinterName,
        printer: &Printer,
        pooled: bool,
    ) -> bool {
        let has_it =
            |place: &Option<Place>| place.as_ref().is_some_and(|place| place.printer == *name);
        if self.places().get(&job.number).is_some_and(has_it) {
            return true;
        }
        // The place at the printer that was asked before is free again.
        if let Some(place) = self.places().get_mut(&job.number) {
            *place = None;
        }
        let places = Arc::clone(&printer.places);
        let permit = match places.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) if pooled => return false,
            Err(_) => places.acquire_owned().await.expect("it is never closed"),
        };
        self.give_place(job.number, Place::new(name.clone(), permit));
        true
    }

    /// What happens here to settings that the printer can not do.
    pub(super) fn rules(&self, printer: &Printer, job: &Job) -> TicketRules {
        let converter = !self.settings().converter.command.is_empty();
        let told = &printer.settings.told;
        let owner = job.facts.owner.as_ref();
        let user = |template: &String| user_name(template, owner, self.installation());
        TicketRules {
            converter,
            account: told.account.clone(),
            accounting_user: told.accounting_user.as_ref().map(user),
            ..printer.settings.rules.clone()
        }
    }

    pub(super) async fn create_printer_job(&self, job: &Job) -> End {
        let (at, printer) = match self.printer_of(job) {
            Ok(found) => found,
            Err(end) => return end,
        };
        let agreed = |place: &Place| {
            let ticket = place.ticket.clone().filter(|_| place.printer == at)?;
            Some((ticket, place.health.clone()))
        };
        let agreed = self.places().get(&job.number).and_then(|place| agreed(place.as_ref()?));
        let Some((ticket, health)) = agreed else {
            let detail = "its place at the printer is lost".to_owned();
            return End::PrinterUnwilling { reason: Reason::PrinterBusy, detail, lasting: false };
        };
        let title = job.facts.document.as_ref().and_then(|document| document.title.as_deref());
        let name = job_name(&job.token(), printer.settings.told.title, title);
        match printer.client.create_job(&job.token(), &name, &ticket, &health).await {
            CreateEnd::Created(printer_job) => End::PrinterJobCreated(printer_job),
            CreateEnd::Doubtful(code) => {
                warn!(id = "printer-answer-lost", "{code}");
                End::Doubtful(code)
            }
            CreateEnd::Refused(Willing::No { reason, detail, lasting }) => {
                End::PrinterUnwilling { reason, detail, lasting }
            }
            CreateEnd::Refused(Willing::Yes(_)) => not_for_this_state(),
        }
    }

    pub(super) async fn send_document(&self, job: &Job) -> End {
        let State::Releasing(releasing) = &job.state else { return not_for_this_state() };
        let Phase::Sending(printer_job) = &releasing.phase else { return not_for_this_state() };
        let nothing_sent = |code: &str| End::NothingSent(Failure::retry(code));
        let Ok((_, printer)) = self.printer_of(job) else { return nothing_sent("no such printer") };
        let (Some(document), Some(facts)) = (self.spool.get(job.number), &job.document) else {
            return nothing_sent("the document is not here any more");
        };
        let body = DocumentBody {
            octets: document.octets,
            stream: killable(job.number, document.stream(), document.octets),
        };
        match printer.client.send_document(printer_job, &facts.work.sent, body).await {
            SendEnd::Accepted => End::DocumentAccepted,
            SendEnd::NothingSent(failure) => End::NothingSent(failure),
            SendEnd::Refused(failure) => {
                warn!(id = "document-not-sent", "{failure}");
                End::DocumentRefused(failure)
            }
            SendEnd::Doubtful(code) => {
                warn!(id = "printer-answer-lost", "{code}");
                End::Doubtful(code)
            }
        }
    }

    /// Looks until the job ends or something new is to be told: quickly at first, then calmly.
    pub(super) async fn watch_printer_job(&self, job: &Job) -> End {
        let State::Printing(printing) = &job.state else { return not_for_this_state() };
        let printer = match self.printer_to_ask(job) {
            Ok(printer) => printer,
            Err(end) => return end,
        };
        let told = |reason| job.reasons.0.get(&reason).cloned();
        let told =
            Told { trouble: told(Reason::PrinterTrouble), panel: told(Reason::WaitsAtPanel) };
        let mut pause = FIRST_LOOK;
        let mut last = None;
        for _ in 0..MOST_LOOKS {
            match printer.client.look_at(&printing.printer_job, &job.token()).await {
                Ok(Found::Seen(report)) if !is_news(&report, &told) => {
                    self.note_sheets(job.number, report.sheets);
                    last = Some(report);
                }
                Ok(Found::Seen(report)) => return End::PrinterJobSeen(report),
                Ok(Found::Forgotten(report)) => return End::PrinterJobForgotten(report),
                Err(error) => return End::Failed(error.failure()),
            }
            sleep(pause).await;
            pause = (pause * 4 / 3).min(LAST_LOOK);
        }
        last.map_or_else(not_for_this_state, End::PrinterJobSeen)
    }

    pub(super) async fn inspect_printer_job(&self, job: &Job) -> End {
        let Some(printer_job) = job.printer_job() else { return not_for_this_state() };
        let printer = match self.printer_to_ask(job) {
            Ok(printer) => printer,
            Err(end) => return end,
        };
        match printer.client.look_at(printer_job, &job.token()).await {
            Ok(Found::Seen(report)) => End::PrinterJobSeen(report),
            Ok(Found::Forgotten(report)) => End::PrinterJobForgotten(report),
            Err(error) => End::Failed(error.failure()),
        }
    }

    pub(super) async fn cancel_printer_job(&self, job: &Job) -> End {
        let Some(printer_job): Option<&PrinterJobRef> = job.printer_job() else {
            return not_for_this_state();
        };
        let printer = match self.printer_to_ask(job) {
            Ok(printer) => printer,
            Err(end) => return end,
        };
        // A printer that restarted may have given the job's id to another: only what is ours is canceled.
        let canceled = match printer.client.look_at(printer_job, &job.token()).await {
            Ok(Found::Seen(_)) => printer.client.cancel(printer_job).await.map(drop),
            Ok(Found::Forgotten(_)) => Ok(()),
            Err(error) => Err(error),
        };
        match canceled {
            Ok(()) => End::Done,
            Err(error) => End::Failed(error.failure()),
        }
    }

    pub(super) async fn find_printer_job(&self, job: &Job) -> End {
        let printer = match self.printer_to_ask(job) {
            Ok(printer) => printer,
            Err(end) => return end,
        };
        match printer.client.find(&job.token()).await {
            Ok(Some(printer_job)) => End::PrinterJobFound(printer_job),
            Ok(None) => End::PrinterJobNotFound,
            Err(error) => End::Failed(error.failure()),
        }
    }
}

/// The document's bytes, with the kill points of a send among them.
fn killable(job: JobNumber, stream: DocumentStream, octets: u64) -> DocumentStream {
    let mut gone = 0;
    let passing = stream.inspect(move |chunk| {
        kill_point::pass(job, || if gone == 0 { "first-byte".to_owned() } else { String::new() });
        gone += chunk.as_ref().map_or(0, |bytes| bytes.len() as u64);
        kill_point::pass(job, || {
            if gone * 2 > octets && gone < octets { "mid-body".to_owned() } else { String::new() }
        });
        kill_point::pass(
            job,
            || if gone == octets { "last-byte".to_owned() } else { String::new() },
        );
    });
    passing.boxed()
}

fn with_neighbors(detail: String, well: &[PrinterName]) -> String {
    if well.is_empty() {
        return detail;
    }
    let names: Vec<String> = well.iter().map(ToString::to_string).collect();
    format!("{detail}; well: {}", names.join(", "))
}

/// A printer of a pool that has something to do.
fn at_work(detail: &str) -> End {
    let detail = detail.to_owned();
    End::PrinterUnwilling { reason: Reason::PrinterBusy, detail, lasting: false }
}

/// A printer that could not be asked does not take the job.
fn not_asked(error: &PrinterError) -> End {
    match error.unwilling() {
        Willing::No { reason, detail, lasting } => {
            End::PrinterUnwilling { reason, detail, lasting }
        }
        Willing::Yes(_) => not_for_this_state(),
    }
}

/// What a job's reasons say already.
struct Told {
    trouble: Option<String>,
    panel: Option<String>,
}

/// Whether a report says more than was told: an end, or another trouble.
fn is_news(report: &PrinterJobReport, told: &Told) -> bool {
    let Told { trouble, panel } = told;
    report.state.is_terminal() || report.trouble != *trouble || report.waits_at_panel != *panel
}
