//! Reporting: telling the cloud. It never gives up, and it never loops.
//!
//! A refusal is answered by reading task and job; what they say decides. After an abort the task is closed, because
//! the cloud may leave it `processing`.

use super::{
    effect::Effect,
    event::{CloudLook, End, IllegalEvent, Look},
    state::{Outcome, ReportStep, Reporting, State},
    timer::Timer,
    turn::{SUSPICION, Turn, later},
};
use crate::model::{AfterRelease, CloudJobState, Ending, Failure, FailureClass, Reason};

impl Turn {
    /// To `Reporting`. The reasons of the way there are over, but for what is missing on the paper.
    pub(super) fn report(&mut self, outcome: Outcome) {
        let released_as_abort =
            self.job.terms.as_ref().is_some_and(|terms| terms.after_release == AfterRelease::Abort);
        let step = match &outcome {
            Outcome::Printed if !released_as_abort => ReportStep::Closing,
            Outcome::Withdrawn(_) => ReportStep::Closing,
            Outcome::Printed | Outcome::Aborted(_) | Outcome::Canceled => ReportStep::Aborting,
        };
        self.job.open.clear();
        self.job.timers.clear();
        self.job.reasons.0.retain(|reason, _| *reason == Reason::PartsMissing);
        self.job.suspect_since = None;
        self.calm();
        self.job.state = State::Reporting(Reporting {
            outcome,
            step,
            in_doubt: false,
            refusals: 0,
            since: self.now.at,
        });
        self.try_report_again();
    }

    pub(super) fn try_report_again(&mut self) {
        let State::Reporting(reporting) = &self.job.state else { return };
        self.start(match (reporting.in_doubt, reporting.step) {
            (true, _) => Effect::LookUp,
            (false, ReportStep::Aborting) => Effect::AbortJob,
            (false, ReportStep::Closing) => Effect::CloseTask,
        });
    }

    /// The last call was refused or its end is not known: task and job are read before it is made again.
    pub(super) fn look_up(&mut self) {
        if let State::Reporting(reporting) = &mut self.job.state {
            reporting.in_doubt = true;
        }
        self.start(Effect::LookUp);
    }

    /// A call of the report ended.
    pub(super) fn report_ended(&mut self, effect: Effect, end: &End) -> Result<(), IllegalEvent> {
        let illegal = self.illegal(effect, end);
        let State::Reporting(reporting) = &self.job.state else { return Err(illegal) };
        let step = reporting.step;
        match (effect, end) {
            (Effect::AbortJob, End::Done) => self.close_task(),
            (Effect::CloseTask, End::Done) => self.reported(),
            (Effect::LookUp, End::LookedUp(look)) => self.looked_up(step, *look),
            (Effect::AbortJob, End::Doubtful(_)) => self.look_up(),
            (Effect::AbortJob | Effect::CloseTask, End::Failed(failure))
                if !matches!(failure.class, FailureClass::Retry { .. }) =>
            {
                if let State::Reporting(reporting) = &mut self.job.state {
                    reporting.refusals += 1;
                }
                self.look_up();
            }
            (_, End::Failed(failure)) => self.cloud_failed(failure),
            (_, End::Doubtful(code)) => self.cloud_failed(&Failure::retry(code)),
            _ => return Err(illegal),
        }
        Ok(())
    }

    /// The cloud lists the task of a settled job as open: it is read once more, and closed if that is so.
    pub(super) fn close_stale_task(&mut self) {
        let State::Settled(ending) = &self.job.state else { return };
        let outcome = match ending {
            Ending::Completed => Outcome::Printed,
            Ending::Aborted(reason) => Outcome::Aborted(reason.clone()),
            Ending::Canceled => Outcome::Canceled,
            Ending::Redirected | Ending::Withdrawn => Outcome::Withdrawn(ending.clone()),
        };
        let step = ReportStep::Closing;
        self.job.state = State::Reporting(Reporting {
            outcome,
            step,
            in_doubt: true,
            refusals: 0,
            since: self.now.at,
        });
        self.start(Effect::LookUp);
    }

    fn close_task(&mut self) {
        if let State::Reporting(reporting) = &mut self.job.state {
            reporting.step = ReportStep::Closing;
            reporting.in_doubt = false;
            reporting.refusals = 0;
        }
        self.calm();
        self.cloud_answered();
        self.job.reasons.remove(Reason::ReportRefused);
        self.start(Effect::CloseTask);
    }

    fn reported(&mut self) {
        let State::Reporting(reporting) = &self.job.state else { return };
        let ending = reporting.outcome.ending();
        self.settle(ending);
    }

    /// Task terminal, job terminal, redirected, or both gone for a minute: that is reported.
    fn looked_up(&mut self, step: ReportStep, look: CloudLook) {
        self.cloud_answered();
        if let State::Reporting(reporting) = &mut self.job.state {
            reporting.in_doubt = false;
        }
        let task_over = matches!(look.task, Look::Is(state) if state.is_terminal());
        let job_over =
            look.redirected || matches!(look.job, Look::Is(state) if state.is_terminal());
        if look.job == Look::Gone && look.task == Look::Gone {
            return self.gone_from_the_cloud();
        }
        self.job.suspect_since = None;
        if self.is_back(look) {
            self.job.state = State::Claimed;
            return self.start(Effect::ReadJob);
        }
        let refused =
            matches!(&self.job.state, State::Reporting(reporting) if reporting.refusals > 0);
        match (step, job_over, task_over) {
            (_, _, true) => self.reported(),
            (ReportStep::Closing, true, _) if refused => self.reported(),
            (_, true, false) => self.close_task(),
            (_, false, false) => self.say_it_again(),
        }
    }

    /// A job that looked withdrawn is there after all, stopped for us: it is claimed anew.
    fn is_back(&self, look: CloudLook) -> bool {
        let State::Reporting(reporting) = &self.job.state else { return false };
        let open = matches!(look.task, Look::Is(state) if !state.is_terminal());
        matches!(reporting.outcome, Outcome::Withdrawn(Ending::Withdrawn | Ending::Canceled))
            && look.job == Look::Is(CloudJobState::Paused)
            && open
    }

    fn gone_from_the_cloud(&mut self) {
        if !self.now.trusted {
            self.job.suspect_since = None;
            return self.retry_slowly();
        }
        let since = *self.job.suspect_since.get_or_insert(self.now.at);
        if self.now.at.duration_since(since) >= SUSPICION {
            self.reported();
        } else {
            self.arm_at(Timer::Retry, later(since, SUSPICION));
        }
    }

    /// The task is still open: the call is made again; slowly, once it was refused twice.
    fn say_it_again(&mut self) {
        let refused =
            matches!(&self.job.state, State::Reporting(reporting) if reporting.refusals > 1);
        if refused {
            self.job.reasons.insert(Reason::ReportRefused, "");
            self.retry_slowly();
        } else {
            self.retry(None);
        }
    }
}
