//! Doubt: an ask-first effect was started and its end is not known, after a crash or because an answer was lost.
//!
//! It is looked up at the printer or in the cloud, and what is found decides. A restart and a lost answer take the
//! same way.

use jiff::SignedDuration;

use super::{
    effect::Effect,
    event::{End, IllegalEvent},
    evidence::{Proof, judge},
    state::{Leave, Outcome, Phase, State},
    timer::Timer,
    turn::{Turn, later},
};
use crate::model::{Failure, PrinterJobRef, Reason, Reasons};

/// How long a printer that does not answer is asked what became of a document. It could have told, so we wait long.
pub(super) const PRINTER_COULD_TELL: SignedDuration = SignedDuration::from_hours(1);
/// The longest wait before asking again about a job that the printer is at.
const CALMLY: SignedDuration = SignedDuration::from_secs(30);

impl Turn {
    /// The search for the token ended.
    pub(super) fn find_ended(&mut self, end: &End) -> Result<(), IllegalEvent> {
        match end {
            End::PrinterJobFound(printer_job) => {
                self.set_phase(Phase::Clearing(printer_job.clone()));
                self.start(Effect::CancelPrinterJob);
            }
            End::PrinterJobNotFound => self.attempt_again(),
            End::Failed(failure) => self.no_data_was_sent(failure),
            End::Doubtful(code) => self.no_data_was_sent(&Failure::retry(code)),
            _ => return Err(self.illegal(Effect::FindPrinterJob, end)),
        }
        Ok(())
    }

    /// The printer does not answer about a job that got no data: after a while the job goes back to `Held`, which is
    /// safe, since nothing can come out.
    fn no_data_was_sent(&mut self, failure: &Failure) {
        if let Some(leave) = self.leaving() {
            return self.follow(leave);
        }
        if self.struggling_for() >= SignedDuration::from_mins(2) {
            return self.leave_for_hold(Reason::PrinterUnreachable, &failure.code);
        }
        self.job.reasons.insert(Reason::PrinterUnreachable, &failure.code);
        self.retry(None);
    }

    /// A Cancel-Job ended, in whatever state it was asked for.
    pub(super) fn cancel_ended(&mut self, end: &End) -> Result<(), IllegalEvent> {
        let failure = match end {
            End::Done => None,
            End::Failed(failure) => Some(failure.clone()),
            End::Doubtful(code) => Some(Failure::retry(code)),
            _ => return Err(self.illegal(Effect::CancelPrinterJob, end)),
        };
        let clearing = matches!(&self.job.state, State::Releasing(releasing) if matches!(releasing.phase, Phase::Clearing(_)));
        match (failure, clearing) {
            (None, true) => self.attempt_elsewhere(),
            (Some(failure), true) => self.no_data_was_sent(&failure),
            (_, false) if matches!(self.job.state, State::Releasing(_)) => self.retry(None),
            (Some(_), false) if matches!(self.job.state, State::Printing(_)) => self.retry(None),
            (_, false) => {}
        }
        Ok(())
    }

    /// The question what became of a document ended.
    pub(super) fn inspect_ended(&mut self, end: &End) -> Result<(), IllegalEvent> {
        let illegal = self.illegal(Effect::InspectPrinterJob, end);
        let State::Releasing(releasing) = &self.job.state else { return Err(illegal) };
        let Phase::Inspecting { printer_job, refused, canceled } = &releasing.phase else {
            return Err(illegal);
        };
        let (printer_job, refused, canceled) = (printer_job.clone(), *refused, *canceled);
        match end {
            End::PrinterJobSeen(report) => {
                let Some(document) = &self.job.document else { return Err(illegal) };
                let copies = self.job.copies_at_printer();
                self.job.reasons.remove(Reason::PrinterUnreachable);
                match judge(report, document, copies, refused) {
                    _ if report.canceled_by_a_person() && !canceled => self.canceled_at_printer(),
                    Proof::Whole => self.print(printer_job),
                    Proof::Nothing if refused => self.refused_for_good(),
                    Proof::Nothing => self.attempt_again(),
                    // Cancel-Job may be repeated, and the last one may have failed.
                    Proof::NotStarted => self.cancel_and_ask(printer_job, refused),
                    Proof::Running if self.leaving().is_some() => {
                        self.cancel_and_ask(printer_job, refused)
                    }
                    Proof::Running => self.look_again_soon(),
                    Proof::Unclear => self.may_have_printed(),
                }
            }
            End::PrinterJobForgotten(_) => self.may_have_printed(),
            End::Failed(failure) => self.could_tell_later(failure),
            End::Doubtful(code) => self.could_tell_later(&Failure::retry(code)),
            _ => return Err(illegal),
        }
        Ok(())
    }

    fn cancel_and_ask(&mut self, printer_job: PrinterJobRef, refused: bool) {
        self.set_phase(Phase::Inspecting { printer_job, refused, canceled: true });
        self.start(Effect::CancelPrinterJob);
    }

    /// Somebody canceled the job at the printer while its document came in: that is the job's end.
    fn canceled_at_printer(&mut self) {
        match self.leaving() {
            Some(leave @ Leave::Report(_)) => self.follow(leave),
            _ => self.report(Outcome::Canceled),
        }
    }

    /// The printer is at it: it is asked again, ever more calmly.
    fn look_again_soon(&mut self) {
        self.job.struggling_since = None;
        self.retry(None);
        let latest = later(self.now.at, CALMLY);
        let due = self.job.timers.get(&Timer::Retry).copied().unwrap_or(latest);
        self.arm_at(Timer::Retry, due.min(latest));
    }

    /// The printer said no, and nothing came out: back to `Held`, so that the job can be released elsewhere.
    fn refused_for_good(&mut self) {
        let reasons = Reasons::default();
        let leave = self.leaving().unwrap_or(Leave::Hold(reasons));
        self.follow(leave);
    }

    fn could_tell_later(&mut self, failure: &Failure) {
        if self.struggling_for() >= PRINTER_COULD_TELL {
            return self.may_have_printed();
        }
        self.job.reasons.insert(Reason::PrinterUnreachable, &failure.code);
        self.retry(None);
    }

    /// Nobody can tell how much came out: only a person may let this job print again.
    pub(super) fn may_have_printed(&mut self) {
        self.job.may_have_printed = true;
        let leave = match self.leaving() {
            Some(leave @ Leave::Report(_)) => leave,
            _ => Leave::Hold(Reasons::default()),
        };
        self.follow(leave);
    }
}
