//! How often somebody may be wrong: a bucket of tries that fills again with time.
//!
//! It promises: who is wrong at one place costs nobody a try at another. Pure over `now`. Deliberately absent: what a
//! place is.

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

/// Where somebody may be wrong: each place has tries of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// The kiosk's secret, from an address.
    Secret(IpAddr),
    /// The administrator's, from an address.
    Administrator(IpAddr),
    /// Badges that programs name at a station.
    Badge(String),
    /// Names that are typed at a station.
    Name(String),
    /// Codes that are typed at a station.
    Code(String),
    /// A person's PIN at a station.
    Pin(String, String),
    /// A person's PIN at all stations.
    Person(String),
}

/// The tries of many places.
#[derive(Debug)]
pub(super) struct Throttle {
    most: u32,
    each: Duration,
    /// When the bucket of a place is full again; absent while it is full.
    full_at: HashMap<Place, Instant>,
}

impl Throttle {
    /// As many wrong tries at once, and one more after each such time.
    pub(super) fn new(most: u32, each: Duration) -> Self {
        Self { most, each, full_at: HashMap::new() }
    }

    /// Takes a try, before it is known whether it is wrong: so many at once are no more than one after the other.
    ///
    /// # Errors
    ///
    /// How long the place waits for the next try.
    pub(super) fn take(&mut self, place: &Place, now: Instant) -> Result<(), Duration> {
        self.full_at.retain(|_, full| *full > now);
        let full = self.full_at.get(place).copied().unwrap_or(now);
        let room = self.each * (self.most - 1);
        match full.saturating_duration_since(now).saturating_sub(room) {
            Duration::ZERO => {
                self.full_at.insert(place.clone(), full + self.each);
                Ok(())
            }
            wait => Err(wait),
        }
    }

    /// The try was right: it is given back.
    pub(super) fn give_back(&mut self, place: &Place) {
        if let Some(full) = self.full_at.get_mut(place) {
            *full = full.checked_sub(self.each).unwrap_or(*full);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_some_failures_each_try_waits_and_other_places_do_not() {
        let each = Duration::from_secs(6);
        let (mut throttle, now) = (Throttle::new(3, each), Instant::now());
        let (lobby, attic) = (Place::Code("lobby".into()), Place::Code("attic".into()));
        for _ in 0..3 {
            assert_eq!(throttle.take(&lobby, now), Ok(()));
        }
        assert_eq!(throttle.take(&lobby, now), Err(each));
        assert_eq!(throttle.take(&attic, now), Ok(()));
        assert_eq!(throttle.take(&Place::Name("lobby".into()), now), Ok(()));
        assert_eq!(throttle.take(&lobby, now + each), Ok(()));
        assert_eq!(throttle.take(&lobby, now + each), Err(each));
        assert_eq!(throttle.take(&lobby, now + each * 100), Ok(()));
        assert_eq!(throttle.full_at.len(), 1, "what is over is forgotten");
    }

    #[test]
    fn who_is_right_loses_no_try() {
        let (mut throttle, now) = (Throttle::new(2, Duration::from_secs(6)), Instant::now());
        for _ in 0..10 {
            assert_eq!(throttle.take(&Place::Person("ada".into()), now), Ok(()));
            throttle.give_back(&Place::Person("ada".into()));
        }
    }
}
