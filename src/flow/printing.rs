//! Printing: the printer has the whole document and is watched to the end.

use jiff::SignedDuration;

use super::{
    doubt::PRINTER_COULD_TELL,
    effect::Effect,
    event::{CloudLook, End, IllegalEvent, Look},
    evidence::merely_forgot,
    state::{Leave, Outcome, State},
    timer::Timer,
    turn::Turn,
};
use crate::model::{
    CloudJobState, Ending, Failure, PrinterJobReport, PrinterJobState, Reason, Reasons,
};

/// How long a job may wait for somebody at the printer's own panel.
const PANEL_PATIENCE: SignedDuration = SignedDuration::from_mins(10);

impl Turn {
    pub(super) fn try_watch_again(&mut self) {
        let State::Printing(printing) = &self.job.state else { return };
        if printing.cancel.is_some() || printing.canceled {
            self.start(Effect::CancelPrinterJob);
        }
        self.start(Effect::WatchPrinterJob);
    }

    /// A watch ended.
    pub(super) fn watch_ended(&mut self, end: &End) -> Result<(), IllegalEvent> {
        let illegal = self.illegal(Effect::WatchPrinterJob, end);
        let State::Printing(printing) = &self.job.state else { return Err(illegal) };
        match end {
            End::PrinterJobSeen(report) => self.printer_job_seen(report),
            End::PrinterJobForgotten(report) => {
                if merely_forgot(self.now.at, &printing.printer_job, report, printing.trouble) {
                    self.forgotten_but_done();
                } else {
                    self.lost();
                }
            }
            End::Failed(failure) => self.printer_silent(failure),
            End::Doubtful(code) => self.printer_silent(&Failure::retry(code)),
            _ => return Err(illegal),
        }
        Ok(())
    }

    /// The cloud was asked about a job that the printer has: a cancel there cancels it here as well.
    pub(super) fn canceled_meanwhile(&mut self, end: &End) -> Result<(), IllegalEvent> {
        let illegal = self.illegal(Effect::LookUp, end);
        let State::Printing(printing) = &mut self.job.state else { return Err(illegal) };
        match end {
            End::LookedUp(CloudLook { job: Look::Is(CloudJobState::Canceled), .. }) => {
                printing.cancel = Some(Outcome::Withdrawn(Ending::Canceled));
                self.start(Effect::CancelPrinterJob);
            }
            // Anything else, and no answer, changes nothing: the printer's own word is waited for.
            End::LookedUp(_) | End::Failed(_) | End::Doubtful(_) => {}
            _ => return Err(illegal),
        }
        Ok(())
    }

    /// The printer does not answer. It could tell yet, so it is asked for long, but not for ever.
    fn printer_silent(&mut self, failure: &Failure) {
        if self.struggling_for() >= PRINTER_COULD_TELL {
            return self.lost();
        }
        self.job.reasons.insert(Reason::PrinterUnreachable, &failure.code);
        self.retry(None);
    }

    fn printer_job_seen(&mut self, report: &PrinterJobReport) {
        self.job.reasons.remove(Reason::PrinterUnreachable);
        self.calm();
        let State::Printing(printing) = &mut self.job.state else { return };
        let interrupted = report.reasons.iter().any(|reason| reason == "submission-interrupted");
        match report.state {
            PrinterJobState::Completed if interrupted => self.lost(),
            PrinterJobState::Completed => self.report(Outcome::Printed),
            // We canceled it because its end was not clear, not because somebody wanted that.
            PrinterJobState::Canceled if printing.canceled && printing.cancel.is_none() => {
                if report.impressions == Some(0) {
                    let waited = self.job.reasons.0.get(&Reason::WaitsAtPanel).cloned();
                    return match waited {
                        Some(whom) => self.leave_for_hold(Reason::WaitsAtPanel, &whom),
                        None => {
                            self.leave_for_hold(Reason::PrinterAborted, &report.reasons.join(", "))
                        }
                    };
                }
                self.lost();
            }
            PrinterJobState::Canceled => {
                let outcome = printing.cancel.clone().unwrap_or(Outcome::Canceled);
                self.report(outcome);
            }
            PrinterJobState::Aborted => match (printing.cancel.clone(), report.impressions) {
                (Some(outcome), _) => self.report(outcome),
                (None, Some(0)) => {
                    self.leave_for_hold(Reason::PrinterAborted, &report.reasons.join(", "))
                }
                (None, _) => self.lost(),
            },
            _ => {
                printing.trouble |= report.trouble.is_some();
                match &report.trouble {
                    Some(trouble) => self.job.reasons.insert(Reason::PrinterTrouble, trouble),
                    None => self.job.reasons.remove(Reason::PrinterTrouble),
                }
                self.waits_at_panel(report.waits_at_panel.as_deref());
                self.start(Effect::WatchPrinterJob);
            }
        }
    }

    /// A job at the printer's own panel waits for somebody who may never come: it is canceled after a while.
    fn waits_at_panel(&mut self, whom: Option<&str>) {
        match whom {
            Some(whom) => {
                self.job.reasons.insert(Reason::WaitsAtPanel, whom);
                if !self.job.timers.contains_key(&Timer::PanelWait) {
                    self.arm(Timer::PanelWait, PANEL_PATIENCE);
                }
            }
            None => {
                self.job.reasons.remove(Reason::WaitsAtPanel);
                self.disarm(Timer::PanelWait);
            }
        }
    }

    /// Nobody came to the printer's panel. What the cancel finds decides whether the job is free again.
    pub(super) fn nobody_came(&mut self) {
        let State::Printing(printing) = &mut self.job.state else { return };
        printing.canceled = true;
        self.start(Effect::CancelPrinterJob);
    }

    /// The printer's history is short, and nothing speaks against a print.
    fn forgotten_but_done(&mut self) {
        let State::Printing(printing) = &self.job.state else { return };
        if let Some(outcome) = printing.cancel.clone() {
            return self.report(outcome);
        }
        if printing.attempt.printer_contact.hold_unconfirmed {
            self.job.may_have_printed = true;
            let mut reasons = Reasons::default();
            reasons.insert(Reason::Unconfirmed, "");
            return self.hold(reasons);
        }
        self.report(Outcome::Printed);
        self.job.reasons.insert(Reason::Unconfirmed, "");
    }

    /// The printer lost, aborted or cut a job that it had taken: paper may be out.
    fn lost(&mut self) {
        let State::Printing(printing) = &self.job.state else { return };
        self.job.may_have_printed = true;
        let reasons = Reasons::default();
        let leave = printing.cancel.clone().map_or(Leave::Hold(reasons), Leave::Report);
        self.job.reasons.clear();
        self.follow(leave);
    }
}
