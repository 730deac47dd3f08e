//! One turn of the flow: the job being changed, and the small moves that all transitions are made of.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    Now, Step,
    effect::{Effect, EffectId},
    event::{End, IllegalEvent},
    job::{Job, Terms},
    state::{Leave, Outcome, Phase, State},
    timer::Timer,
};
use crate::model::{CloudJobState, Ending, Failure, FailureClass, Reason, Reasons, Verdict};

/// The first wait after a failure; each further one doubles it.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(1);
/// The longest wait while the other side may come back at any time.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// How often to ask again what was refused: a person has to change something first.
const SLOW_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// How long a job may look gone before that is believed.
pub(super) const SUSPICION: SignedDuration = SignedDuration::from_secs(60);
/// How often a held job is looked up in the cloud.
const RECHECK: SignedDuration = SignedDuration::from_mins(15);

/// The job being changed.
pub(super) struct Turn {
    pub(super) now: Now,
    pub(super) job: Job,
    started: Vec<EffectId>,
}

impl Turn {
    pub(super) fn new(now: Now, job: Job) -> Self {
        Self { now, job, started: Vec::new() }
    }

    /// Ends the turn: counts the revision, and the version if a person can see the difference.
    pub(super) fn finish(mut self, before: &Job) -> Step {
        if self.job != *before {
            self.job.revision += 1;
            let seen_differs = self.job.state != before.state
                || self.job.reasons != before.reasons
                || self.job.facts.owner != before.facts.owner
                || self.job.facts.document != before.facts.document
                || self.job.facts.configuration != before.facts.configuration;
            self.job.version += u64::from(seen_differs);
        }
        let open = &self.job.open;
        self.started.retain(|id| open.contains_key(id));
        Step { job: self.job, started: self.started }
    }

    pub(super) fn is_open(&self, effect: Effect) -> bool {
        self.job.open.values().any(|open| *open == effect)
    }

    /// Starts an effect, unless the same one is under way.
    pub(super) fn start(&mut self, effect: Effect) {
        if self.is_open(effect) {
            return;
        }
        let id = self.job.next_effect;
        self.job.next_effect = EffectId(id.0 + 1);
        self.job.open.insert(id, effect);
        self.started.push(id);
    }

    /// Whoever works on it need not tell its end any more: it can be repeated.
    pub(super) fn forget(&mut self, effect: Effect) {
        self.job.open.retain(|_, open| *open != effect);
    }

    pub(super) fn arm(&mut self, timer: Timer, after: SignedDuration) {
        self.arm_at(timer, later(self.now.at, after));
    }

    pub(super) fn arm_at(&mut self, timer: Timer, at: Timestamp) {
        self.job.timers.insert(timer, at);
    }

    pub(super) fn disarm(&mut self, timer: Timer) {
        self.job.timers.remove(&timer);
    }

    /// Waits before the next try: as long as the other side asked, or doubling from one second.
    pub(super) fn retry(&mut self, after: Option<Duration>) {
        let asked = after.map_or(SignedDuration::ZERO, |after| {
            SignedDuration::try_from(after).unwrap_or(LONGEST_WAIT)
        });
        let wait = asked.max(back_off(&self.job));
        self.job.tries = self.job.tries.saturating_add(1);
        self.arm(Timer::Retry, wait);
    }

    /// Waits long before the next try: a person has to change something first.
    pub(super) fn retry_slowly(&mut self) {
        self.job.tries = self.job.tries.saturating_add(1);
        self.arm(Timer::Retry, SLOW_WAIT);
    }

    /// Things go well again.
    pub(super) fn calm(&mut self) {
        self.job.tries = 0;
        self.job.struggling_since = None;
        self.disarm(Timer::Retry);
    }

    /// Since when things go wrong without a break; starts the count at the first call.
    pub(super) fn struggling_for(&mut self) -> SignedDuration {
        let since = *self.job.struggling_since.get_or_insert(self.now.at);
        self.now.at.duration_since(since)
    }

    pub(super) fn illegal(&self, effect: Effect, end: &End) -> IllegalEvent {
        IllegalEvent { state: self.job.state.word(), event: end.word(), effect: Some(effect) }
    }

    /// To `Held`, with more reasons. Nothing that is under way there can print.
    pub(super) fn hold(&mut self, reasons: Reasons) {
        if self.job.owner_forgotten {
            return self.abort_forgotten();
        }
        let n_printers = self.job.attempt().map_or(1, |attempt| attempt.reserve.members.len() + 1);
        self.job.reasons.0.extend(reasons.0);
        if self.job.may_have_printed {
            self.job.reasons.insert(Reason::MayHavePrinted, "");
        }
        self.job.open.clear();
        self.job.timers.clear();
        self.job.document = None;
        self.job.spooled = false;
        self.job.struggling_since = None;
        self.job.state = State::Held;
        self.arm(Timer::Recheck, RECHECK);
        if let Some(Terms { hold_until, hold_limit, .. }) = self.job.terms {
            self.arm_at(Timer::HoldLimit, hold_until);
            self.arm_at(Timer::HoldLimitNear, later(hold_until, -warning_before(hold_limit)));
        }
        self.release_again_by_policy(n_printers);
    }

    /// What policy released and what came back is tried again; slowly, where somebody has to change something first.
    fn release_again_by_policy(&mut self, n_printers: usize) {
        let automatic = self.job.terms.as_ref().is_some_and(|terms| terms.verdict != Verdict::Hold);
        // A document that printers abort again and again is for a person to look at.
        let often = self.job.attempts as usize > 3 * n_printers;
        let hopeless = self.job.reasons.contains(Reason::PrinterAborted) && often;
        if !automatic || self.job.may_have_printed || self.job.reasons.0.is_empty() || hopeless {
            return;
        }
        let lasting = [
            Reason::PrinterRefused,
            Reason::PrinterBlocked,
            Reason::PrinterDistrusted,
            Reason::PrinterLogin,
            Reason::WaitsAtPanel,
            Reason::PrinterAborted,
            Reason::CannotDo,
            Reason::FormatNotTaken,
            Reason::NoSuchPrinter,
        ];
        if lasting.into_iter().any(|reason| self.job.reasons.contains(reason)) {
            self.retry_slowly();
        } else {
            self.retry(Some(Duration::from_secs(15)));
        }
    }

    /// To `Settled`.
    pub(super) fn settle(&mut self, ending: Ending) {
        self.job.open.clear();
        self.job.timers.clear();
        let stays = [Reason::Unconfirmed, Reason::PartsMissing];
        self.job.reasons.0.retain(|reason, _| stays.contains(reason));
        self.job.tries = 0;
        self.job.struggling_since = None;
        self.job.suspect_since = None;
        self.job.state = State::Settled(ending);
        self.forget_later();
    }

    /// Goes where a given-up release shall go.
    pub(super) fn follow(&mut self, leave: Leave) {
        match leave {
            Leave::Hold(reasons) => self.hold(reasons),
            Leave::Report(outcome) => self.report(outcome),
        }
    }

    /// A release's phase, to be changed.
    pub(super) fn set_phase(&mut self, phase: Phase) {
        if let State::Releasing(releasing) = &mut self.job.state {
            releasing.phase = phase;
        }
    }

    /// What the release shall be left for, if that is decided.
    pub(super) fn leaving(&self) -> Option<Leave> {
        match &self.job.state {
            State::Releasing(releasing) => releasing.leave.clone(),
            _ => None,
        }
    }

    /// The cloud ended the job without us: the task is closed, so that it is not listed for ever.
    pub(super) fn withdrawn(&mut self, state: Option<CloudJobState>) {
        let ending = if state == Some(CloudJobState::Canceled) {
            Ending::Canceled
        } else {
            Ending::Withdrawn
        };
        self.report(Outcome::Withdrawn(ending));
    }

    /// Notes a failure of a question to the cloud, and waits.
    pub(super) fn cloud_failed(&mut self, failure: &Failure) {
        if let FailureClass::Retry { after } = failure.class {
            self.job.reasons.insert(Reason::CloudUnreachable, &failure.code);
            self.retry(after);
        } else {
            self.job.reasons.insert(Reason::CloudRefused, &failure.code);
            self.retry_slowly();
        }
    }

    /// The cloud answers again.
    pub(super) fn cloud_answered(&mut self) {
        self.job.reasons.remove(Reason::CloudUnreachable);
        self.job.reasons.remove(Reason::CloudRefused);
    }
}

/// A point in time, `after` from now; stays at the end of time rather than beyond it.
pub(super) fn later(now: Timestamp, after: SignedDuration) -> Timestamp {
    now.checked_add(after).unwrap_or(Timestamp::MAX)
}

/// How long before the hold limit it is said to be near: a tenth of it.
fn warning_before(hold_limit: SignedDuration) -> SignedDuration {
    hold_limit / 10
}

/// Doubling waits, spread by up to a quarter, so that a thousand jobs do not ask in the same second.
/// The spread comes from the job's number: the flow makes no random numbers.
fn back_off(job: &Job) -> SignedDuration {
    let doubled = FIRST_WAIT.saturating_mul(1_i32 << job.tries.min(9)).min(LONGEST_WAIT);
    let spread = (job.number.0.unsigned_abs().wrapping_mul(2_654_435_761) >> 8) % 256;
    let extra = doubled.as_millis() * i128::from(spread) / 1024;
    doubled.saturating_add(SignedDuration::from_millis(i64::try_from(extra).unwrap_or(0)))
}
