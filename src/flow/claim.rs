//! Claimed and held: reading the job, and believing what the cloud says of it.
//!
//! A job is withdrawn by its own GET, a terminal state or gone for a minute; or because it is not paused and its task
//! is over.

use jiff::{SignedDuration, Timestamp};

use super::{
    effect::Effect,
    event::{CloudLook, End, IllegalEvent, Look, Reading, ReleaseOrder},
    job::{Facts, Terms},
    state::{Actor, Destination, Outcome, Phase, State},
    timer::Timer,
    turn::{SUSPICION, Turn, later},
};
use crate::model::{
    AbortReason, CloudJobState, ConfigurationChange, Decision, Ending, Failure, FailureClass,
    Reason, Reasons, Verdict,
};

/// How long to wait before a job that looks gone is asked for once more.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(61);
/// How soon it is asked for after the first time.
const HEALS_SOON: SignedDuration = SignedDuration::from_secs(5);
/// How long to wait before a deadline is looked at again that a clock reached which is not trusted.
const UNTIL_TRUSTED: SignedDuration = SignedDuration::from_mins(5);

impl Turn {
    /// A task of ours is open in the cloud. A withdrawn job that has one is looked at once more; the task of a job that
    /// ended otherwise is stale.
    pub(super) fn task_seen(&mut self) {
        match self.job.state {
            State::Claimed | State::Settled(Ending::Withdrawn) => self.start(Effect::ReadJob),
            State::Settled(_) => self.close_stale_task(),
            _ => {}
        }
    }

    /// Somebody changed the job in the cloud, perhaps canceled it. Until the printer job is created, the job is read
    /// before anything else; once the printer has the document, a cancel in the cloud cancels it there.
    pub(super) fn look_asked(&mut self) {
        match &self.job.state {
            State::Claimed | State::Held => self.start(Effect::ReadJob),
            State::Releasing(releasing) if matches!(releasing.phase, Phase::Preparing(_)) => {
                self.job.paused_seen = None;
                self.start(Effect::ReadJob);
            }
            State::Printing(_) => self.start(Effect::LookUp),
            _ => {}
        }
    }

    pub(super) fn hold_limit_reached(&mut self) {
        let State::Held = self.job.state else { return };
        let Some(terms) = &self.job.terms else { return };
        let limit = terms.hold_limit;
        let ours = terms.barred != Some(Reason::OtherDaemon);
        if self.now.trusted && ours {
            self.report(Outcome::Aborted(AbortReason::HoldExpired { limit }));
        } else {
            self.arm(Timer::HoldLimit, UNTIL_TRUSTED);
        }
    }

    pub(super) fn hold_limit_near(&mut self) {
        let State::Held = self.job.state else { return };
        let Some(terms) = &self.job.terms else { return };
        if self.now.trusted {
            self.job.reasons.insert(Reason::ExpiresSoon, format!("at {:.0}", terms.hold_until));
        } else {
            self.arm(Timer::HoldLimitNear, UNTIL_TRUSTED);
        }
    }

    /// A GET of the job ended.
    pub(super) fn read_ended(&mut self, end: &End) -> Result<(), IllegalEvent> {
        let of_use = match &self.job.state {
            State::Claimed | State::Held | State::Settled(Ending::Withdrawn) => true,
            State::Releasing(releasing) => matches!(releasing.phase, Phase::Preparing(_)),
            _ => false,
        };
        match end {
            End::JobRead(_) | End::Failed(_) | End::Doubtful(_) if !of_use => {}
            End::JobRead(reading) => self.job_read(reading),
            End::Failed(failure) => self.read_failed(failure),
            End::Doubtful(code) => self.read_failed(&Failure::silence(code)),
            _ => return Err(self.illegal(Effect::ReadJob, end)),
        }
        Ok(())
    }

    fn job_read(&mut self, reading: &Reading) {
        self.cloud_answered();
        self.ask_again();
        self.job.suspect_since = None;
        if self.job.state == State::Settled(Ending::Withdrawn) {
            match reading.job.state {
                CloudJobState::Paused => {
                    self.job.state = State::Claimed;
                    self.forget_not_yet();
                }
                state if state.is_terminal() => return self.close_stale_task(),
                _ => return,
            }
        }
        if self.job.state == State::Claimed {
            self.job.may_have_printed |= reading.unwatched;
        }
        let job = &reading.job;
        // Only the first look shows it as it was sent: a release changes it.
        let sent_gray = match self.job.facts.created {
            None => job.configuration.is_gray(),
            Some(_) => self.job.facts.sent_gray,
        };
        self.job.facts = Facts {
            sent_gray,
            owner: job.owner.clone(),
            created: job.created,
            configuration: job.configuration.clone(),
            document: job.document.clone().or_else(|| self.job.facts.document.clone()),
        };
        match job.state {
            _ if job.redirected => {
                self.agree(&reading.decision);
                self.settle(Ending::Redirected)
            }
            CloudJobState::Paused => self.paused(reading.asked, &reading.decision),
            state if state.is_terminal() => {
                self.agree(&reading.decision);
                self.withdrawn(Some(state))
            }
            _ => self.not_paused(),
        }
    }

    fn read_failed(&mut self, failure: &Failure) {
        if let State::Settled(_) = self.job.state {
            return;
        }
        if failure.class == FailureClass::Gone {
            self.suspect(&failure.code);
        } else if matches!(self.job.state, State::Releasing(_)) {
            if !self.goes_on_unanswered(failure) {
                self.cloud_kept_us_waiting(failure);
            }
        } else {
            self.cloud_failed(failure);
            if self.job.state == State::Held {
                self.arm(Timer::Recheck, SignedDuration::from_mins(15));
            }
        }
    }

    /// The cloud has not stopped the job, or no longer. That ends no job: its task is asked for, and both again.
    fn not_paused(&mut self) {
        if let State::Releasing(_) = self.job.state {
            return self.leave_for_hold(Reason::NotPaused, "");
        }
        self.job.reasons.insert(Reason::NotPaused, "");
        self.start(Effect::LookUp);
    }

    /// Job and task were looked up because the job is not paused. A task that is over was reported without this
    /// journal: nothing more can be done about the job.
    pub(super) fn claim_looked_up(&mut self, end: &End) -> Result<(), IllegalEvent> {
        match end {
            End::LookedUp(CloudLook { redirected: true, .. }) => self.settle(Ending::Redirected),
            End::LookedUp(CloudLook { task: Look::Is(state), .. }) if state.is_terminal() => {
                self.settle(Ending::Withdrawn)
            }
            End::LookedUp(_) => self.retry(None),
            End::Failed(failure) => self.cloud_failed(failure),
            End::Doubtful(code) => self.cloud_failed(&Failure::retry(code)),
            _ => return Err(self.illegal(Effect::LookUp, end)),
        }
        Ok(())
    }

    /// The job looks gone: that is believed when it stays so for a minute of a clock that is trusted.
    fn suspect(&mut self, code: &str) {
        if !self.now.trusted {
            self.job.suspect_since = None;
            return self.suspect_by_a_wrong_clock(code);
        }
        let first = self.job.suspect_since.is_none();
        let since = *self.job.suspect_since.get_or_insert(self.now.at);
        if self.now.at.duration_since(since) >= SUSPICION {
            self.withdrawn(None);
            return;
        }
        if let State::Releasing(_) = self.job.state {
            let mut reasons = Reasons::default();
            reasons.insert(Reason::CloudRefused, code);
            self.hold(reasons);
        }
        // Most of it heals at once; what does not is asked about when the minute is over.
        let due = if first { later(self.now.at, HEALS_SOON) } else { later(since, LOOK_AGAIN) };
        self.arm_at(Timer::Retry, due.max(later(self.now.at, HEALS_SOON)));
    }

    /// A minute can not be told from an hour: the job waits, and is asked about slowly.
    fn suspect_by_a_wrong_clock(&mut self, code: &str) {
        if let State::Releasing(_) = self.job.state {
            self.leave_for_hold(Reason::CloudRefused, code);
        } else {
            self.job.reasons.insert(Reason::CloudRefused, code);
        }
        self.retry_slowly();
    }

    /// The cloud says that the job waits for us.
    fn paused(&mut self, asked: Timestamp, decision: &Decision) {
        self.job.reasons.remove(Reason::NotPaused);
        self.job.paused_seen = Some(asked.min(self.now.at));
        self.agree(decision);
        match self.job.state {
            State::Claimed | State::Held => self.carry_out(decision),
            State::Releasing(_) => match &decision.barred {
                Some((reason, detail)) => self.leave_for_hold(*reason, detail),
                None if self.job.facts.document.is_none() => self.document_is_late(),
                None => self.prepare(),
            },
            _ => {}
        }
    }

    /// Notes the terms. The hold counts from the cloud's own time of creation.
    fn agree(&mut self, decision: &Decision) {
        let created = self.job.facts.created.unwrap_or(self.job.claimed);
        self.job.terms = Some(Terms {
            verdict: decision.verdict.clone(),
            hold_until: later(created, decision.hold_limit),
            hold_limit: decision.hold_limit,
            after_release: decision.after_release,
            retention: decision.retention,
            barred: decision.barred.as_ref().map(|(reason, _)| *reason),
        });
        self.job.reasons.remove(Reason::SourcePrinterHasDevice);
        self.job.reasons.remove(Reason::OtherDaemon);
        if let Some((reason, detail)) = &decision.barred {
            self.job.reasons.insert(*reason, detail);
        }
    }

    fn carry_out(&mut self, decision: &Decision) {
        self.job.tries = if self.job.state == State::Claimed { 0 } else { self.job.tries };
        let first_release = !self.job.may_have_printed;
        let destination = match &decision.verdict {
            _ if decision.barred.is_some() => return self.hold_for_a_person(decision),
            Verdict::Abort(reason) => return self.report(Outcome::Aborted(reason.clone())),
            Verdict::Release(printer) if first_release => Destination::Printer(printer.clone()),
            Verdict::Redirect(printer) if first_release => {
                Destination::CloudPrinter(printer.clone())
            }
            _ => return self.hold_for_a_person(decision),
        };
        self.begin_release(&ReleaseOrder {
            destination,
            change: ConfigurationChange::default(),
            by: Actor::Policy,
            asker: None,
            offline: false,
            version: self.job.version,
            reprint: false,
            printer_contact: decision.printer_contact.clone(),
            reserve: decision.reserve.clone(),
        });
    }

    /// Waits for a person: nothing failed, so there is nothing to try again, but for what bars policy's own release.
    fn hold_for_a_person(&mut self, decision: &Decision) {
        self.hold(Reasons::default());
        self.disarm(Timer::Retry);
        if decision.verdict != Verdict::Hold && decision.barred.is_some() {
            self.arm(Timer::Retry, SignedDuration::from_mins(1));
        }
    }
}
