//! Patience: what passes by itself is waited for, so long; then the job goes back to `Held`.
//!
//! Deliberately absent: what is tried again (`release`).

use jiff::SignedDuration;

use super::{pool::Passed, state::Attempt, turn::Turn};
use crate::model::{Failure, FailureClass, PrinterName, Reason, Reasons};

/// How long a release goes on while the cloud can not be reached.
pub(super) const CLOUD_PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// How long a release goes on while something at the printer is wrong that may pass.
pub(super) const PRINTER_PATIENCE: SignedDuration = SignedDuration::from_secs(60);
/// How long a release goes on while the printer has no room.
const BUSY_PATIENCE: SignedDuration = SignedDuration::from_mins(10);

impl Turn {
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
    pub(super) fn struggle(&mut self, reason: Reason, failure: &Failure, patience: SignedDuration) {
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
        let at = self.pooled_printer();
        let of_ours = matches!(reason, Reason::CloudUnreachable | Reason::OtherDaemon);
        let wake_for = self.job.attempt().map(|attempt| attempt.printer_contact.wake_for);
        let passed =
            if of_ours { Passed::No } else { self.pass_on(lasting && is_for_ever(reason)) };
        let detail = at.map_or_else(|| detail.to_owned(), |at| format!("{at}: {detail}"));
        match passed {
            Passed::No => self.wait_for_printer(reason, &detail, lasting, wake_for),
            Passed::Around => self.wait_for_printer(reason, &detail, false, wake_for),
            Passed::On => {
                self.job.reasons.insert(reason, &detail);
                self.disarm(super::Timer::Retry);
                self.prepare();
            }
        }
    }

    fn wait_for_printer(
        &mut self,
        reason: Reason,
        detail: &str,
        lasting: bool,
        wake_for: Option<SignedDuration>,
    ) {
        // In a pool, one that is only busy is worth the wait for all.
        let pooled = self.pooled_printer().is_some();
        let busy = pooled && self.job.reasons.contains(Reason::PrinterBusy);
        let patience = match reason {
            _ if lasting => SignedDuration::ZERO,
            _ if busy => BUSY_PATIENCE,
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

    /// The present printer, where that is one of several.
    pub(super) fn pooled_printer(&self) -> Option<PrinterName> {
        self.job.attempt().and_then(Attempt::pooled_printer)
    }
}

/// Whether a printer that says so says it of this job for good, and not of a jam.
fn is_for_ever(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::CannotDo
            | Reason::FormatNotTaken
            | Reason::NoSuchPrinter
            | Reason::PrinterDistrusted
            | Reason::PrinterLogin
    )
}
