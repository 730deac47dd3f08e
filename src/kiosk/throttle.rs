//! How often somebody may be wrong: a bucket of tries that fills again with time.
//!
//! It promises: who is wrong at one place costs nobody a try at another. Pure over `now`. Deliberately absent: what a
//! place is.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// The tries of many places.
#[derive(Debug)]
pub(super) struct Throttle {
    most: u32,
    each: Duration,
    /// When the bucket of a place is full again; absent while it is full.
    full_at: HashMap<String, Instant>,
}

impl Throttle {
    /// As many wrong tries at once, and one more after each such time.
    pub(super) fn new(most: u32, each: Duration) -> Self {
        Self { most, each, full_at: HashMap::new() }
    }

    /// Whether a place has a try left; otherwise how long it waits for one.
    ///
    /// # Errors
    ///
    /// That wait.
    pub(super) fn admit(&mut self, place: &str, now: Instant) -> Result<(), Duration> {
        self.full_at.retain(|_, full| *full > now);
        let Some(full) = self.full_at.get(place) else { return Ok(()) };
        let room = self.each * (self.most - 1);
        match full.saturating_duration_since(now).saturating_sub(room) {
            Duration::ZERO => Ok(()),
            wait => Err(wait),
        }
    }

    /// A try was wrong.
    pub(super) fn note_failure(&mut self, place: &str, now: Instant) {
        let full = self.full_at.get(place).copied().unwrap_or(now).max(now);
        self.full_at.insert(place.to_owned(), full + self.each);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_some_failures_each_try_waits_and_other_places_do_not() {
        let each = Duration::from_secs(6);
        let (mut throttle, now) = (Throttle::new(3, each), Instant::now());
        for _ in 0..3 {
            assert_eq!(throttle.admit("lobby", now), Ok(()));
            throttle.note_failure("lobby", now);
        }
        assert_eq!(throttle.admit("lobby", now), Err(each));
        assert_eq!(throttle.admit("attic", now), Ok(()));
        assert_eq!(throttle.admit("lobby", now + each), Ok(()));
        throttle.note_failure("lobby", now + each);
        assert_eq!(throttle.admit("lobby", now + each), Err(each));
        assert_eq!(throttle.admit("lobby", now + each * 100), Ok(()));
        assert!(throttle.full_at.is_empty(), "what is over is forgotten");
    }
}
