//! The badge that lies at a reader: some readers say its number again and again.
//!
//! Deliberately absent: whose it is.

use std::{
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

/// How long after its number was said a badge is taken to be there still.
const STAYS: Duration = Duration::from_secs(1);

/// The badge at one reader.
#[derive(Default)]
pub(super) struct Presence(Mutex<Option<(String, Instant)>>);

impl Presence {
    fn last(&self) -> MutexGuard<'_, Option<(String, Instant)>> {
        self.0.lock().expect("nothing panics while it is held")
    }

    /// A number was said. True if its badge was not there before.
    pub(super) fn see(&self, number: &str) -> bool {
        let was_there = self.holds(number);
        *self.last() = Some((number.to_owned(), Instant::now()));
        !was_there
    }

    /// Whether the badge is still there.
    pub(super) fn holds(&self, number: &str) -> bool {
        let last = self.last();
        last.as_ref().is_some_and(|(there, at)| there == number && at.elapsed() < STAYS)
    }

    /// Whether its number was said after that moment.
    pub(super) fn said_since(&self, number: &str, moment: Instant) -> bool {
        self.last().as_ref().is_some_and(|(there, at)| there == number && *at > moment)
    }
}
