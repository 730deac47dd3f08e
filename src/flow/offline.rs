//! A release while the cloud does not answer, where the configuration allows one.
//!
//! It promises: only what a person asked for, only as it was sent, and only after the cloud was asked in vain whether the
//! job still waits. Deliberately absent: whether the document is here (a release waits for it anyway).

use jiff::SignedDuration;

use super::{
    release::FRESH,
    state::{Destination, Phase, Preparation, Releasing, State},
    turn::Turn,
};
use crate::model::{Failure, Reason};

impl Turn {
    /// The cloud did not say whether the job still waits. True if the release goes on without its word.
    pub(super) fn goes_on_unanswered(&mut self, failure: &Failure) -> bool {
        let known = self.job.paused_seen.is_some() && self.job.facts.document.is_some();
        let now = self.now.at;
        let Some(preparation) = self.offline_preparation() else { return false };
        if !failure.silent || !known || !preparation.configured {
            return false;
        }
        preparation.unanswered = Some(now);
        self.job.reasons.insert(Reason::CloudUnreachable, &failure.code);
        self.prepare();
        true
    }

    /// Whether the cloud was asked in vain a moment ago, and the release may go nevertheless.
    pub(super) fn may_go_unanswered(&mut self) -> bool {
        let (now, known) = (self.now.at, self.job.paused_seen.is_some());
        let lately = |asked| (SignedDuration::ZERO..=FRESH).contains(&now.duration_since(asked));
        let Some(preparation) = self.offline_preparation() else { return false };
        known && preparation.configured && preparation.unanswered.is_some_and(lately)
    }

    /// The cloud is asked anew, or has answered.
    pub(super) fn ask_again(&mut self) {
        if let Some(preparation) = self.offline_preparation() {
            preparation.unanswered = None;
        }
    }

    /// What is prepared for one of our printers, where the configuration allows it.
    fn offline_preparation(&mut self) -> Option<&mut Preparation> {
        let State::Releasing(releasing) = &mut self.job.state else { return None };
        let Releasing { attempt, phase: Phase::Preparing(preparation), .. } = &mut **releasing
        else {
            return None;
        };
        let ours = matches!(attempt.destination, Destination::Printer(_));
        (attempt.offline && ours).then_some(preparation)
    }
}
