//! What a settled job was called and whose it was is known for a time, and then forgotten.
//!
//! It promises: nothing is forgotten of a job before it is settled, nor by a clock that is not trusted.
//! Deliberately absent: badges and PINs, and the pseudonyms of old entries (`daemon::forgetting`).

use jiff::SignedDuration;

use super::{
    state::{Outcome, State},
    timer::Timer,
    turn::Turn,
};
use crate::model::AbortReason;

/// What the owner of a job that waited reads in the cloud.
const FORGOTTEN: &str = "The print service was asked to forget you, and this job with you. Please print it again if you need it.";
/// When it is tried again where the clock is not trusted.
const LATER: SignedDuration = SignedDuration::from_hours(1);

impl Turn {
    /// Sets the hours of a job that has settled, where they are not set.
    pub(super) fn forget_later(&mut self) {
        if self.job.owner_forgotten {
            return self.forget_all();
        }
        let retention = self.job.terms.as_ref().map(|terms| terms.retention).unwrap_or_default();
        let now = self.now.at;
        if self.has_title() {
            self.job.timers.entry(Timer::ForgetTitle).or_insert(now + retention.title);
        }
        if self.job.facts.owner.is_some() {
            self.job.timers.entry(Timer::ForgetOwner).or_insert(now + retention.owner);
        }
    }

    /// Nobody comes for a job that waits; what is under way ends, and is forgotten then.
    pub(super) fn owner_forgotten(&mut self) {
        self.job.owner_forgotten = true;
        match self.job.state {
            State::Claimed | State::Held => self.abort_forgotten(),
            State::Settled(_) => self.forget_all(),
            State::Releasing(_)
            | State::Printing(_)
            | State::Following(_)
            | State::Reporting(_) => {}
        }
    }

    pub(super) fn abort_forgotten(&mut self) {
        self.report(Outcome::Aborted(AbortReason::ByAdministrator(FORGOTTEN.to_owned())));
    }

    fn forget_all(&mut self) {
        self.forget_not_yet();
        self.forget_title();
        self.job.facts.owner = None;
    }

    /// A job that is taken up again is told of as long as it goes on.
    pub(super) fn forget_not_yet(&mut self) {
        self.disarm(Timer::ForgetTitle);
        self.disarm(Timer::ForgetOwner);
    }

    pub(super) fn forget_settled(&mut self, timer: Timer) {
        if !matches!(self.job.state, State::Settled(_)) {
            return;
        }
        if !self.now.trusted {
            self.job.timers.insert(timer, self.now.at + LATER);
            return;
        }
        match timer {
            Timer::ForgetOwner => self.job.facts.owner = None,
            Timer::ForgetTitle => self.forget_title(),
            _ => {}
        }
    }

    fn forget_title(&mut self) {
        if let Some(document) = &mut self.job.facts.document {
            document.title = None;
        }
    }

    fn has_title(&self) -> bool {
        self.job.facts.document.as_ref().is_some_and(|document| document.title.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        flow::{Event, Job, Now, Phase, Preparation, Step, samples, step},
        model::{Ending, Reasons},
    };

    const NOW: jiff::Timestamp = samples::NOW;

    fn job(state: State) -> Job {
        samples::job(1, state, &[])
    }

    /// The job after that event, by a clock that is trusted or not.
    fn after(job: &Job, hours: i64, trusted: bool, event: &Event) -> Job {
        let at = NOW + SignedDuration::from_hours(hours);
        let Step { job, .. } = step(Now { at, trusted }, job, event).unwrap();
        job
    }

    fn settled() -> Job {
        let mut turn = Turn::new(Now { at: NOW, trusted: true }, job(State::Held));
        turn.settle(Ending::Completed);
        turn.job
    }

    fn known(job: &Job) -> (bool, bool) {
        let title = job.facts.document.as_ref().and_then(|document| document.title.as_ref());
        (title.is_some(), job.facts.owner.is_some())
    }

    #[test]
    fn the_title_goes_after_a_day_and_the_owner_after_a_month() {
        let settled = settled();
        let title = Event::TimerFired(Timer::ForgetTitle);
        let owner = Event::TimerFired(Timer::ForgetOwner);
        assert_eq!(known(&after(&settled, 23, true, &title)), (true, true));
        let later = after(&settled, 24, true, &title);
        assert_eq!(known(&later), (false, true));
        assert_eq!(known(&after(&later, 29 * 24, true, &owner)), (false, true));
        let last = after(&later, 30 * 24, true, &owner);
        assert_eq!(known(&last), (false, false));
        assert!(last.timers.is_empty());
    }

    #[test]
    fn a_clock_that_is_not_trusted_forgets_nothing_and_is_asked_again() {
        let job = after(&settled(), 24, false, &Event::TimerFired(Timer::ForgetTitle));
        assert_eq!(known(&job), (true, true));
        assert_eq!(job.timers[&Timer::ForgetTitle], NOW + SignedDuration::from_hours(25));
    }

    #[test]
    fn whoever_is_forgotten_is_known_of_no_job_once_that_has_ended() {
        assert_eq!(known(&after(&settled(), 1, true, &Event::OwnerForgotten)), (false, false));
        let waited = after(&job(State::Held), 1, true, &Event::OwnerForgotten);
        assert!(matches!(waited.state, State::Reporting(_)), "{:?}", waited.state);
        let mut turn = Turn::new(Now { at: NOW, trusted: true }, waited);
        turn.settle(Ending::Completed);
        assert_eq!(known(&turn.job), (false, false));
        assert!(turn.job.timers.is_empty());
    }

    #[test]
    fn a_release_of_somebody_who_is_forgotten_does_not_come_back_to_wait() {
        let mut releasing = samples::job(
            1,
            samples::releasing(Phase::Preparing(Preparation::default()), None),
            &[],
        );
        releasing = after(&releasing, 1, true, &Event::OwnerForgotten);
        assert!(matches!(releasing.state, State::Releasing(_)), "it goes on");
        let mut turn = Turn::new(Now { at: NOW, trusted: true }, releasing);
        turn.hold(Reasons::default());
        assert!(matches!(turn.job.state, State::Reporting(_)), "{:?}", turn.job.state);
    }

    #[test]
    fn a_job_that_an_earlier_version_settled_gets_its_hours_at_the_next_look() {
        let mut earlier = settled();
        earlier.timers.clear();
        let later = after(&earlier, 1, true, &Event::Resumed);
        assert_eq!(later.timers[&Timer::ForgetTitle], NOW + SignedDuration::from_hours(25));
        let again = after(&later, 2, true, &Event::Resumed);
        assert_eq!(again.timers, later.timers);
    }
}
