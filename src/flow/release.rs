//! Releasing: from the order to the last byte.
//!
//! A Create-Job waits for all of: the document complete and checked; the job seen `paused` in the last 30 seconds;
//! the configuration accepted, if it changes; the printer willing.

use jiff::SignedDuration;

use super::{
    effect::Effect,
    event::{End, IllegalEvent, ReleaseOrder},
    job::Job,
    pool::Passed,
    state::{Actor, Attempt, Destination, Leave, Outcome, Phase, Preparation, Releasing, State},
    turn::Turn,
};
use crate::model::{AbortReason, Command, Failure, FailureClass, Reason, Reasons, Refusal};

/// How old the cloud's "paused" may be at Create-Job.
const FRESH: SignedDuration = SignedDuration::from_secs(30);
/// How long a release goes on while the cloud can not be reached.
const CLOUD_PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// How long a release goes on while something at the printer is wrong that may pass.
const PRINTER_PATIENCE: SignedDuration = SignedDuration::from_secs(60);
/// How long a release goes on while the printer has no room.
const BUSY_PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// How often document and ticket are made again because they do not fit.
const MOST_DISAGREEMENTS: u32 = 4;

/// Whether a command can be carried out on the job as it is.
///
/// # Errors
///
/// The [`Refusal`] to show to the person.
pub fn admit(job: &Job, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::Release { version, reprint, .. } => admit_release(job, *version, *reprint),
        Command::Look { .. } => Ok(()),
        Command::Abort { .. } => match &job.state {
            State::Following(_) | State::Reporting(_) | State::Settled(_) => {
                Err(Refusal::NotHeld(job.state.word()))
            }
            _ => Ok(()),
        },
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
        let fresh = self.seen_paused_lately();
        let configuration = self.job.facts.configuration.clone();
        let document_known = self.job.facts.document.is_some();
        let Some((attempt, preparation)) = self.preparation() else { return };
        let to_our_printer = matches!(attempt.destination, Destination::Printer(_));
        preparation.configured |= attempt.change.without(&configuration).is_empty();
        let missing = [
            (Effect::ReadJob, !fresh || !document_known),
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
        if !self.seen_paused_lately() {
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
            Phase::Preparing(_) => self.prepare(),
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
            (Effect::FetchDocument, End::DocumentBad(reason)) => {
                self.report(Outcome::Aborted(reason.clone()))
            }
            (Effect::FetchDocument, End::DocumentWrongSize { announced, came }) => {
                let again = !std::mem::replace(&mut preparation.wrong_size_before, true);
                self.wrong_size(again, *announced, *came);
            }
            (Effect::UpdateConfiguration, End::ConfigurationUpdated(configuration)) => {
                preparation.configured = true;
                self.job.facts.configuration = (**configuration).clone();
                self.advance();
            }
            (Effect::UpdateConfiguration, End::Failed(Failure { class, code }))
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

    /// The cloud did not answer while a person or a printer waits.
    pub(super) fn cloud_kept_us_waiting(&mut self, failure: &Failure) {
        let reason = match failure.class {
            FailureClass::Retry { .. } => Reason::CloudUnreachable,
            _ => Reason::CloudRefused,
        };
        self.struggle(reason, failure, CLOUD_PATIENCE);
    }

    /// The cloud does not name the document yet.
    pub(super) fn document_is_late(&mut self) {
        let failure = Failure::retry("the cloud names no document yet");
        self.struggle(Reason::DocumentLate, &failure, CLOUD_PATIENCE);
    }

    /// Tries again after a wait, until the patience is at its end, or would be before the wait that the other side
    /// asked for: then the job goes back to `Held`.
    fn struggle(&mut self, reason: Reason, failure: &Failure, patience: SignedDuration) {
        let after = match failure.class {
            FailureClass::Retry { after } => after,
            _ => None,
        };
        let asked = after.map_or(SignedDuration::ZERO, |after| {
            SignedDuration::try_from(after).unwrap_or(patience)
        });
        if self.struggling_for().saturating_add(asked) >= patience {
            self.leave_for_hold(reason, &failure.code);
            if self.job.timers.contains_key(&super::Timer::Retry) {
                self.retry(after);
            }
            return;
        }
        // A printer that does not answer may be asleep: the first question wakes it.
        let shown =
            if reason == Reason::PrinterUnreachable { Reason::PrinterWaking } else { reason };
        self.job.reasons.insert(shown, &failure.code);
        self.retry(after);
    }

    /// The printer does not take the job. Another one of its pool is asked at once; the same one again after a while.
    pub(super) fn unwilling(&mut self, reason: Reason, detail: &str, lasting: bool) {
        let at = self.job.attempt().and_then(Attempt::pooled_printer);
        let of_ours = matches!(reason, Reason::CloudUnreachable | Reason::OtherDaemon);
        let passed = if of_ours { Passed::No } else { self.pass_on(lasting) };
        let detail = at.map_or_else(|| detail.to_owned(), |at| format!("{at}: {detail}"));
        match passed {
            Passed::No => self.wait_for_printer(reason, &detail, lasting),
            Passed::Around => self.wait_for_printer(reason, &detail, false),
            Passed::On => {
                self.job.reasons.insert(reason, &detail);
                self.disarm(super::Timer::Retry);
                self.prepare();
            }
        }
    }

    fn wait_for_printer(&mut self, reason: Reason, detail: &str, lasting: bool) {
        let wake_for = self.job.attempt().map(|attempt| attempt.printer_contact.wake_for);
        let patience = match reason {
            _ if lasting => SignedDuration::ZERO,
            Reason::PrinterBusy => BUSY_PATIENCE,
            Reason::PrinterUnreachable => wake_for.unwrap_or(PRINTER_PATIENCE),
            _ => PRINTER_PATIENCE,
        };
        self.struggle(reason, &Failure::retry(detail), patience);
    }

    pub(super) fn leave_for_hold(&mut self, reason: Reason, detail: &str) {
        let mut reasons = Reasons::default();
        reasons.insert(reason, detail);
        self.job.reasons.remove(Reason::PrinterWaking);
        self.hold(reasons);
    }
}
