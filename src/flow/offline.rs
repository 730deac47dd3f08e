//! A release while the cloud does not answer, where the configuration allows one.
//!
//! It promises: only what a person asked for, only as it was sent, and only after the cloud was asked in vain whether the
//! job still waits. Deliberately absent: whether the document is here (a release waits for it anyway).

use super::{
    state::{Phase, Preparation, Releasing, State},
    turn::Turn,
};
use crate::model::{Failure, FailureClass, Reason};

impl Turn {
    /// The cloud did not say whether the job still waits. True if the release goes on without its word.
    pub(super) fn goes_on_unanswered(&mut self, failure: &Failure) -> bool {
        let silent = matches!(failure.class, FailureClass::Retry { .. });
        let (now, seen_before) = (self.now.at, self.job.paused_seen.is_some());
        let Some(preparation) = self.offline_preparation() else { return false };
        if !silent || !seen_before || !preparation.configured {
            return false;
        }
        preparation.unanswered = Some(now);
        self.job.reasons.insert(Reason::CloudUnreachable, &failure.code);
        self.prepare();
        true
    }

    /// Whether the cloud was asked in vain, and the release may go nevertheless.
    pub(super) fn may_go_unanswered(&mut self) -> bool {
        self.offline_preparation()
            .is_some_and(|preparation| preparation.unanswered.is_some() && preparation.configured)
    }

    /// The cloud is asked anew, or has answered.
    pub(super) fn ask_again(&mut self) {
        if let Some(preparation) = self.offline_preparation() {
            preparation.unanswered = None;
        }
    }

    fn offline_preparation(&mut self) -> Option<&mut Preparation> {
        let State::Releasing(releasing) = &mut self.job.state else { return None };
        let Releasing { attempt, phase: Phase::Preparing(preparation), .. } = &mut **releasing
        else {
            return None;
        };
        attempt.offline.then_some(preparation)
    }
}
