//! Create-Job and Send-Document: each end of theirs, and what follows.
//!
//! Nothing is sent twice: what is not certain goes to `doubt`.

use super::{
    effect::Effect,
    event::{End, IllegalEvent},
    pool::Passed,
    state::{Leave, Phase, Preparation, Printing, State},
    turn::Turn,
};
use crate::model::{PrinterJobRef, Reason};

/// How many attempts one release makes, all but the last proved to have printed nothing.
const MOST_REPEATS: u32 = 8;

impl Turn {
    /// Create-Job ended.
    pub(super) fn create_ended(&mut self, end: &End) -> Result<(), IllegalEvent> {
        match end {
            End::PrinterJobCreated(printer_job) => {
                let printer_job = printer_job.clone();
                if self.leaving().is_some() {
                    self.set_phase(Phase::Clearing(printer_job));
                    self.start(Effect::CancelPrinterJob);
                } else {
                    self.set_phase(Phase::Sending(printer_job));
                    self.start(Effect::SendDocument);
                }
            }
            End::PrinterUnwilling { reason, detail, lasting } => {
                if let Some(leave) = self.leaving() {
                    self.follow(leave);
                } else {
                    self.back_to_preparing();
                    self.unwilling(*reason, detail, *lasting);
                }
            }
            End::Doubtful(_) => {
                self.set_phase(Phase::Seeking);
                self.start(Effect::FindPrinterJob);
            }
            _ => return Err(self.illegal(Effect::CreatePrinterJob, end)),
        }
        Ok(())
    }

    /// The document and the configuration stay ready; the printer has to be asked again.
    fn back_to_preparing(&mut self) {
        let preparation = Preparation {
            document: self.job.document.clone().filter(|_| self.job.spooled),
            configured: true,
            ..Preparation::default()
        };
        self.set_phase(Phase::Preparing(preparation));
    }

    /// Nothing was printed: a new attempt with a token of its own, or the end that was asked for meanwhile.
    pub(super) fn attempt_again(&mut self) {
        if let Some(leave) = self.leaving() {
            return self.follow(leave);
        }
        self.count_attempt();
        self.repeat();
    }

    /// The same, at another printer of the pool where there is one: no byte of the document has left.
    pub(super) fn attempt_elsewhere(&mut self) {
        match self.pass_on(false) {
            Passed::No => self.attempt_again(),
            Passed::On | Passed::Around => self.repeat(),
        }
    }

    /// Each attempt has a number, and so a token, of its own.
    pub(super) fn count_attempt(&mut self) {
        self.job.attempts += 1;
        let number = self.job.attempts;
        if let State::Releasing(releasing) = &mut self.job.state {
            releasing.attempt.number = number;
        }
    }

    fn repeat(&mut self) {
        let State::Releasing(releasing) = &mut self.job.state else { return };
        releasing.attempt.repeats += 1;
        if releasing.attempt.repeats > MOST_REPEATS {
            return self.leave_for_hold(Reason::ReleaseTimedOut, "");
        }
        self.back_to_preparing();
        self.retry(None);
    }

    /// Send-Document ended.
    pub(super) fn send_ended(&mut self, end: &End) -> Result<(), IllegalEvent> {
        let illegal = self.illegal(Effect::SendDocument, end);
        let State::Releasing(releasing) = &self.job.state else { return Err(illegal) };
        let Phase::Sending(printer_job) = &releasing.phase else { return Err(illegal) };
        let printer_job = printer_job.clone();
        match end {
            End::DocumentAccepted => self.print(printer_job),
            End::NothingSent(failure) => {
                self.job.reasons.insert(Reason::PrinterUnreachable, &failure.code);
                self.set_phase(Phase::Clearing(printer_job));
                self.start(Effect::CancelPrinterJob);
            }
            End::DocumentRefused(failure) => {
                self.job.reasons.insert(Reason::PrinterRefused, &failure.code);
                self.set_phase(Phase::Inspecting { printer_job, refused: true, canceled: false });
                self.start(Effect::InspectPrinterJob);
            }
            End::Doubtful(_) => {
                self.set_phase(Phase::Inspecting { printer_job, refused: false, canceled: false });
                self.start(Effect::InspectPrinterJob);
            }
            _ => return Err(illegal),
        }
        Ok(())
    }

    /// To `Printing`: the printer has all bytes.
    pub(super) fn print(&mut self, printer_job: PrinterJobRef) {
        let State::Releasing(releasing) = &self.job.state else { return };
        let Some(document) = self.job.document.clone() else { return };
        let missing = document.missing.clone();
        let cancel = match &releasing.leave {
            Some(Leave::Report(outcome)) => Some(outcome.clone()),
            _ => None,
        };
        let canceling = cancel.is_some();
        let canceled = matches!(releasing.phase, Phase::Inspecting { canceled: true, .. });
        let attempt = releasing.attempt.clone();
        self.job.state = State::Printing(Box::new(Printing {
            attempt,
            printer_job,
            document,
            trouble: false,
            cancel,
            canceled,
        }));
        self.job.reasons.clear();
        if !missing.is_empty() {
            self.job.reasons.insert(Reason::PartsMissing, missing);
        }
        self.calm();
        self.start(Effect::WatchPrinterJob);
        if canceling {
            self.start(Effect::CancelPrinterJob);
        }
    }
}
