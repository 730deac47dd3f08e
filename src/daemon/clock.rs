//! The clock: whether it is believed, and whether it has jumped.
//!
//! A small box wakes in 1970 and is set right later. The other clock, which nobody sets, goes on while the machine sleeps:
//! a night's sleep is no jump. Deliberately absent: setting it.

use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};

use crate::flow::Now;

/// How far our clock may be from the cloud's.
pub(super) const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// A difference between two clocks that is no drift.
const JUMP: SignedDuration = SignedDuration::from_secs(30);

/// Whether our clock agrees with the cloud's, which it is ahead of by `skew`. Not before the cloud was heard.
pub(super) fn agrees(skew: Option<SignedDuration>) -> bool {
    skew.is_some_and(|skew| skew.abs() <= TOLERANCE)
}

/// Our clock beside one that nobody sets.
#[derive(Debug)]
pub(super) struct Clock {
    looked: (Timestamp, SignedDuration),
    last_entry: Option<Timestamp>,
}

impl Clock {
    /// A clock whose journal was last written at that time.
    pub(super) fn new(last_entry: Option<Timestamp>) -> Self {
        Self { looked: (Timestamp::now(), since_boot()), last_entry }
    }

    /// Whether the clock is before the journal's last entry, and by how much: it was set back, or has forgotten.
    pub(super) fn behind_journal(&self) -> Option<SignedDuration> {
        let behind = self.looked.0.duration_since(self.last_entry?);
        (behind < -JUMP).then_some(behind)
    }

    /// How far the clock has jumped since the last look, if it has.
    pub(super) fn jump(&mut self) -> Option<SignedDuration> {
        let (before, since) = self.looked;
        self.looked = (Timestamp::now(), since_boot());
        let passed = self.looked.1 - since;
        let jumped = self.looked.0.duration_since(before).saturating_sub(passed);
        (jumped.abs() > JUMP).then_some(jumped)
    }

    /// Something was written to the journal at that time.
    pub(super) fn wrote(&mut self, at: Timestamp) {
        self.last_entry = Some(at);
    }

    /// The reading. It is trusted once it agrees with the cloud's clock, `skew` being the difference, and is not before
    /// the journal's last entry.
    pub(super) fn now(&self, skew: Option<SignedDuration>) -> Now {
        let at = Timestamp::now();
        Now { at, trusted: agrees(skew) && self.last_entry.is_none_or(|last| at >= last) }
    }
}

/// The time since the machine was switched on, its sleep included.
fn since_boot() -> SignedDuration {
    let now = clock_gettime(ClockId::Boottime);
    SignedDuration::new(now.tv_sec, i32::try_from(now.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_trusted_when_it_agrees_with_the_cloud_and_is_not_before_the_journal() {
        let near = Some(SignedDuration::from_secs(-200));
        let clock = Clock::new(None);
        assert!(clock.now(near).trusted);
        assert!(!clock.now(None).trusted);
        assert!(!clock.now(Some(SignedDuration::from_hours(720))).trusted);
        let ahead = Clock::new(Some(Timestamp::now() + SignedDuration::from_hours(1)));
        assert!(!ahead.now(near).trusted);
    }

    #[test]
    fn a_clock_that_was_set_is_found_out() {
        let now = Timestamp::now();
        let mut clock = Clock::new(None);
        assert_eq!(clock.jump(), None);
        clock.looked.0 = now - SignedDuration::from_hours(720);
        assert_eq!(clock.jump().unwrap().as_hours(), 720);
        assert_eq!(clock.jump(), None);
        clock.looked.0 = now + SignedDuration::from_hours(720);
        assert!(clock.jump().unwrap().is_negative());
    }

    #[test]
    fn a_clock_before_the_journals_last_entry_was_set_back() {
        let now = Timestamp::now();
        assert_eq!(Clock::new(Some(now - SignedDuration::from_hours(1))).behind_journal(), None);
        let behind = Clock::new(Some(now + SignedDuration::from_hours(1))).behind_journal();
        assert!(behind.unwrap() < -SignedDuration::from_mins(59));
    }
}
