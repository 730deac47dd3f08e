//! A redirect: the cloud moves the job to another cloud printer, which is proved by `redirectedTo`; then the job there is
//! followed for a while, so that its owner can be told how it ended.
//!
//! Once the proof is there nothing of ours can print the job again, whatever becomes of it there.

use jiff::SignedDuration;

use super::{
    effect::Effect,
    event::{CloudLook, End, IllegalEvent, Look},
    state::{Following, Phase, Preparation, State},
    turn::Turn,
};
use crate::model::{CloudJobState, Ending, FailureClass, Reason};

/// How long to look for the end of a redirect.
const TRACE: SignedDuration = SignedDuration::from_mins(1);
/// How long the job is followed at the other cloud printer.
const FOLLOW: SignedDuration = SignedDuration::from_hours(1);

impl Turn {
    /// A redirect ended.
    pub(super) fn redirect_ended(&mut self, end: &End) -> Result<(), IllegalEvent> {
        match end {
            End::Done => self.follow_redirect(),
            End::Failed(failure) => {
                if let Some(leave) = self.leaving() {
                    self.follow(leave);
                    return Ok(());
                }
                if let FailureClass::Retry { .. } = failure.class {
                    // Nothing was done, and the cloud may take it later.
                    self.set_phase(Phase::Preparing(Preparation::default()));
                    self.cloud_kept_us_waiting(failure);
                    return Ok(());
                }
                self.leave_for_hold(Reason::RedirectRefused, &failure.code);
                self.retry(None);
            }
            End::Doubtful(_) => {
                self.set_phase(Phase::Tracing(self.now.at));
                self.start(Effect::LookUp);
            }
            _ => return Err(self.illegal(Effect::Redirect, end)),
        }
        Ok(())
    }

    /// The cloud was asked what became of a redirect.
    pub(super) fn trace_ended(&mut self, end: &End) -> Result<(), IllegalEvent> {
        let State::Releasing(releasing) = &self.job.state else { return Ok(()) };
        let Phase::Tracing(since) = releasing.phase else { return Ok(()) };
        let over = self.now.at.duration_since(since) >= TRACE;
        match end {
            End::LookedUp(CloudLook { redirected: true, .. }) => self.follow_redirect(),
            End::LookedUp(CloudLook { job: Look::Is(state), .. }) if state.is_terminal() => {
                let withdrawn = matches!(state, CloudJobState::Canceled | CloudJobState::Aborted);
                if withdrawn { self.withdrawn(Some(*state)) } else { self.may_have_printed() }
            }
            End::LookedUp(_) | End::Failed(_) | End::Doubtful(_) if over => self.may_have_printed(),
            End::LookedUp(_) | End::Failed(_) | End::Doubtful(_) => self.retry(None),
            _ => return Err(self.illegal(Effect::LookUp, end)),
        }
        Ok(())
    }

    /// The job is at another cloud printer, and its task is over.
    fn follow_redirect(&mut self) {
        let State::Releasing(releasing) = &self.job.state else { return };
        let attempt = releasing.attempt.clone();
        self.calm();
        self.job.reasons.clear();
        self.job.state = State::Following(Box::new(Following { attempt, since: self.now.at }));
        self.start(Effect::FollowJob);
    }

    /// The cloud was asked how the job is at the other printer.
    pub(super) fn follow_ended(&mut self, end: &End) -> Result<(), IllegalEvent> {
        let illegal = self.illegal(Effect::FollowJob, end);
        let State::Following(following) = &self.job.state else { return Err(illegal) };
        let over = self.now.at.duration_since(following.since) >= FOLLOW;
        match end {
            End::DestinationSeen(Look::Is(CloudJobState::Completed)) => {
                self.settle(Ending::Redirected);
            }
            End::DestinationSeen(Look::Is(state)) if state.is_terminal() => {
                self.settle_redirected(
                    Reason::FailedElsewhere,
                    &format!("{state:?}").to_lowercase(),
                );
            }
            // Absence proves nothing: lists and answers are late.
            End::DestinationSeen(_) if !over => self.retry(None),
            End::Failed(failure)
                if !over && matches!(failure.class, FailureClass::Retry { .. }) =>
            {
                let FailureClass::Retry { after } = failure.class else { return Err(illegal) };
                self.retry(after);
            }
            End::Doubtful(_) if !over => self.retry(None),
            End::DestinationSeen(_) | End::Failed(_) | End::Doubtful(_) => {
                self.settle_redirected(Reason::Unconfirmed, "");
            }
            _ => return Err(illegal),
        }
        Ok(())
    }

    fn settle_redirected(&mut self, reason: Reason, detail: &str) {
        self.settle(Ending::Redirected);
        self.job.reasons.insert(reason, detail);
    }
}
