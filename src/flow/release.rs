//! Releasing: from the order to the last byte.
//!
//! A Create-Job waits for all of: the document complete and checked; the job seen `paused` in the last 30 seconds;
//! the configuration accepted, if it changes; the printer willing.

use jiff::SignedDuration;

use super::{
    effect::Effect,
    event::{End, IllegalEvent, ReleaseOrder},
    job::Job,
    patience::{CLOUD_PATIENCE, PRINTER_PATIENCE},
    state::{Actor, Attempt, Destination, Leave, Outcome, Phase, Preparation, Releasing, State},
    turn::Turn,
};
use crate::model::{AbortReason, Asker, Command, Failure, FailureClass, Reason, Refusal};

/// How old the cloud's "paused" may be at Create-Job.
pub(super) const FRESH: SignedDuration = SignedDuration::from_secs(30);

/// How often document and ticket are made again because they do not fit.
const MOST_DISAGREEMENTS: u32 = 4;

/// Whether a command can be carried out on the job as it is.
///
/// # Errors
///
/// The [`Refusal`] to show to the person.
pub fn admit(job: &Job, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::Release { version, reprint, change, by, .. } => {
            admit_asker(job, by)?;
            let more = *reprint || job.may_have_printed || !change.is_empty();
            if matches!(by, Asker::Delegate { .. }) && more {
                return Err(Refusal::OwnersAlone);
            }
            admit_release(job, *version, *reprint)
        }
        Command::Look { .. } => Ok(()),
        Command::Abort { by, .. } => {
            admit_asker(job, by)?;
            if matches!(by, Asker::Delegate { .. }) {
                return Err(Refusal::OwnersAlone);
            }
            match &job.state {
                State::Following(_) | State::Reporting(_) | State::Settled(_) => {
                    Err(Refusal::NotHeld(job.state.word()))
                }
                _ => Ok(()),
            }
        }
    }
}

/// A person has their own jobs and no others; that there are others is not told.
fn admit_asker(job: &Job, by: &Asker) -> Result<(), Refusal> {
    let owner = job.facts.owner.as_ref().and_then(|owner| owner.id.as_deref());
    match by {
        Asker::Administrator(_) => Ok(()),
        Asker::Owner(id) | Asker::Delegate { owner: id, .. } if owner == Some(id) => Ok(()),
        Asker::Owner(_) | Asker::Delegate { .. } => Err(Refusal::NoSuchJob),
    }
}

fn admit_release(job: &Job, version: u64, reprint: bool) -> Result<(), Refusal> {
    if job.state != State::Held {
        return Err(Refusal::NotHeld(job.state.word()));
    }
    if job.version != version {
        return Err(Refusal::Changed(job.version));
    }
    if let Some(reason) = job.terms.as_ref().and_then(|terms| terms.barred) {
        let detail = job.reasons.0.get(&reason).cloned().unwrap_or_default();
        return Err(Refusal::Barred(reason, detail));
    }
    if job.may_have_printed && !reprint {
        return Err(Refusal::MayHavePrinted);
    }
    Ok(())
}

impl Turn {
    /// A release was ordered.
    pub(super) fn released(&mut self, order: &ReleaseOrder) -> Result<(), IllegalEvent> {
        let reprint = order.reprint && order.by == Actor::Person;
        if admit_release(&self.job, order.version, reprint).is_err() {
            return Err(IllegalEvent {
                state: self.job.state.word(),
                event: "released",
                effect: None,
            });
        }
        self.begin_release(order);
        Ok(())
    }

    pub(super) fn begin_release(&mut self, order: &ReleaseOrder) {
        self.job.attempts += 1;
        if order.by == Actor::Person {
            self.job.tries = 0;
        }
        self.job.reasons.clear();
        self.job.timers.clear();
        self.job.open.retain(|_, effect| *effect == Effect::ReadJob);
        self.job.struggling_since = None;
        self.job.agreement = None;
        self.job.state = State::Releasing(Box::new(Releasing {
            attempt: Attempt {
                number: self.job.attempts,
                repeats: 0,
                destination: order.destination.clone(),
                change: order.change.clone(),
                by: order.by,
                offline: order.offline,
                printer_contact: order.printer_contact.clone(),
                reserve: order.reserve.clone(),
            },
            phase: Phase::Preparing(Preparation::default()),
            leave: None,
        }));
        self.prepare();
    }

    /// Somebody asked to end the job.
    pub(super) fn abort_asked(&mut self, reason: &AbortReason) -> Result<(), IllegalEvent> {
        let outcome = Outcome::Aborted(reason.clone());
        match &mut self.job.state {
            State::Claimed | State::Held => self.report(outcome),
            State::Releasing(releasing) if matches!(releasing.phase, Phase::Preparing(_)) => {
                self.report(outcome)
            }
            State::Releasing(releasing) => releasing.leave = Some(Leave::Report(outcome)),
            State::Printing(printing) => {
                printing.cancel = Some(outcome);
                self.start(Effect::CancelPrinterJob);
            }
            State::Following(_) | State::Reporting(_) | State::Settled(_) => {
                return Err(IllegalEvent {
                    state: self.job.state.word(),
                    event: "abort-asked",
                    effect: None,
                });
            }
        }
        Ok(())
    }

    fn preparation(&mut self) -> Option<(&mut Attempt, &mut Preparation)> {
        let State::Releasing(releasing) = &mut self.job.state else { return None };
        let Phase::Preparing(preparation) = &mut releasing.phase else { return None };
        Some((&mut releasing.attempt, preparation))
    }

    fn seen_paused_lately(&self) -> bool {
        self.job.paused_seen.is_some_and(|seen| {
            (SignedDuration::ZERO..=FRESH).contains(&self.now.at.duration_since(seen))
        })
    }

    /// Starts what is missing before a Create-Job. While a retry is due, that waits for its hour.
    pub(super) fn prepare(&mut self) {
        if self.job.timers.contains_key(&super::Timer::Retry) {
            return self.advance();
        }
        let told = self.seen_paused_lately() || self.may_go_unanswered();
        let configuration = self.job.facts.configuration.clone();
        let document_known = self.job.facts.document.is_some();
        let Some((attempt, preparation)) = self.preparation() else { return };
        let to_our_printer = matches!(attempt.destination, Destination::Printer(_));
        preparation.configured |= attempt.change.without(&configuration).is_empty();
        let missing = [
            (Effect::ReadJob, !told || !document_known),
            (
                Effect::FetchDocument,
                to_our_printer && document_known && preparation.document.is_none(),
            ),
            (Effect::UpdateConfiguration, to_our_printer && !preparation.configured),
            (Effect::AskPrinter, to_our_printer && !preparation.printer),
        ];
        for (effect, _) in missing.into_iter().filter(|(_, missing)| *missing) {
            self.start(effect);
        }
        self.advance();
    }

    /// Goes on to Create-Job, or to the redirect, once all is there and nothing is under way.
    fn advance(&mut self) {
        let Some((attempt, preparation)) = self.preparation() else { return };
        let to_our_printer = matches!(attempt.destination, Destination::Printer(_));
        let ready = !to_our_printer
            || preparation.document.is_some() && preparation.configured && preparation.printer;
        if !ready || !self.job.open.is_empty() {
            return;
        }
        let told = self.seen_paused_lately() || self.may_go_unanswered();
        if !told {
            if !self.job.timers.contains_key(&super::Timer::Retry) {
                self.start(Effect::ReadJob);
            }
            return;
        }
        let (phase, effect) = if to_our_printer {
            (Phase::Creating, Effect::CreatePrinterJob)
        } else {
            (Phase::Redirecting, Effect::Redirect)
        };
        self.disarm(super::Timer::Retry);
        let State::Releasing(releasing) = &mut self.job.state else { return };
        if let Phase::Preparing(Preparation { document: Some(document), .. }) = &releasing.phase {
            self.job.document = Some(document.clone());
            self.job.spooled = true;
        }
        releasing.phase = phase;
        self.start(effect);
    }

    pub(super) fn try_release_again(&mut self) {
        let State::Releasing(releasing) = &self.job.state else { return };
        match &releasing.phase {
            Phase::Preparing(_) => {
                self.ask_again();
                self.prepare();
            }
            Phase::Seeking => self.start(Effect::FindPrinterJob),
            Phase::Clearing(_) => self.start(Effect::CancelPrinterJob),
            Phase::Inspecting { .. } => self.start(Effect::InspectPrinterJob),
            Phase::Tracing(_) => self.start(Effect::LookUp),
            Phase::Creating | Phase::Sending(_) | Phase::Redirecting => {}
        }
    }

    /// A preparation ended.
    pub(super) fn preparation_ended(
        &mut self,
        effect: Effect,
        end: &End,
    ) -> Result<(), IllegalEvent> {
        let illegal = self.illegal(effect, end);
        let Some((_, preparation)) = self.preparation() else { return Ok(()) };
        match (effect, end) {
            (Effect::FetchDocument, End::DocumentReady(document)) => {
                preparation.document = Some((**document).clone());
                self.job.reasons.remove(Reason::DocumentLate);
                self.fit_document();
            }
            (Effect::FetchDocument, End::DocumentBad(reason)) => self.document_bad(reason),
            (Effect::FetchDocument, End::DocumentWrongSize { announced, came }) => {
                let again = !std::mem::replace(&mut preparation.wrong_size_before, true);
                self.wrong_size(again, *announced, *came);
            }
            (Effect::UpdateConfiguration, End::ConfigurationUpdated(configuration)) => {
                preparation.configured = true;
                self.job.facts.configuration = (**configuration).clone();
                self.advance();
            }
            (Effect::UpdateConfiguration, End::Failed(Failure { class, code, .. }))
                if !matches!(class, FailureClass::Retry { .. }) =>
            {
                self.leave_for_hold(Reason::ConfigurationRefused, code);
                self.retry(None);
            }
            (Effect::AskPrinter, End::PrinterReady(agreement)) => {
                preparation.printer = true;
                self.job.agreement = Some((**agreement).clone());
                self.job.reasons.remove(Reason::PrinterBusy);
                self.job.reasons.remove(Reason::PrinterWaking);
                self.fit_document();
            }
            (
                Effect::AskPrinter,
                End::PrinterUnwilling { reason: Reason::FormatNotTaken, detail, .. },
            ) => self.format_not_taken(detail),
            (_, End::PrinterUnwilling { reason, detail, lasting }) => {
                self.unwilling(*reason, detail, *lasting)
            }
            (Effect::AskPrinter, End::Failed(failure)) => {
                self.unwilling(Reason::PrinterUnreachable, &failure.code, false);
            }
            (Effect::FetchDocument, End::Failed(failure)) => {
                let lasting = !matches!(failure.class, FailureClass::Retry { .. });
                self.struggle(
                    Reason::DocumentLate,
                    failure,
                    if lasting { PRINTER_PATIENCE } else { CLOUD_PATIENCE },
                );
            }
            (Effect::UpdateConfiguration, End::Failed(failure)) => {
                self.cloud_kept_us_waiting(failure)
            }
            (_, End::Doubtful(code)) => self.cloud_kept_us_waiting(&Failure::retry(code)),
            _ => return Err(illegal),
        }
        Ok(())
    }

    fn document_bad(&mut self, reason: &AbortReason) {
        match reason {
            // Another printer of the pool may take it as it is.
            AbortReason::ConversionFailed(why) if self.pooled_printer().is_some() => {
                self.unwilling(Reason::CannotDo, why, true);
            }
            reason => self.report(Outcome::Aborted(reason.clone())),
        }
    }

    /// Document and ticket were made side by side, each by what was known. They go on together only if the document was
    /// prepared as the ticket says; else one of them is made again.
    fn fit_document(&mut self) {
        let wanted = self.job.agreement.as_ref().map(|agreement| agreement.work.clone());
        let Some((_, preparation)) = self.preparation() else { return };
        if let (Some(document), Some(wanted), true) =
            (&preparation.document, wanted, preparation.printer)
            && document.work != wanted
        {
            preparation.disagreements += 1;
            if preparation.disagreements > MOST_DISAGREEMENTS {
                return self.leave_for_hold(Reason::PrinterRefused, "its settings do not stay");
            }
            if document.work.source == wanted.source {
                preparation.document = None;
            } else {
                preparation.printer = false;
            }
        }
        self.prepare();
    }

    /// The printer does not take what the label promises. What the document is, is known once it is here: until then
    /// that is no refusal.
    fn format_not_taken(&mut self, detail: &str) {
        let fetching = self.is_open(Effect::FetchDocument);
        let Some((_, preparation)) = self.preparation() else { return };
        if preparation.document.is_some() || !fetching {
            self.unwilling(Reason::FormatNotTaken, detail, true);
        }
    }

    fn wrong_size(&mut self, again: bool, announced: u64, came: u64) {
        if again {
            self.job
                .reasons
                .insert(Reason::DocumentLate, format!("{came} octets instead of {announced}"));
            self.retry(None);
        } else {
            self.report(Outcome::Aborted(AbortReason::SizeMismatch { announced, came }));
        }
    }
}
