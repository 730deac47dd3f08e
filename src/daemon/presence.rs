//! The badge that lies at a reader: some readers say its number again and again.
//!
//! Deliberately absent: whose it is, and its number.

use std::{
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use crate::model::people::BadgeHash;

/// How long after its number was said a badge is taken to be there still.
const STAYS: Duration = Duration::from_secs(1);

/// The badge at one reader.
#[derive(Default)]
pub(super) struct Presence(Mutex<Option<(BadgeHash, Instant)>>);

impl Presence {
    fn last(&self) -> MutexGuard<'_, Option<(BadgeHash, Instant)>> {
        self.0.lock().expect("nothing panics while it is held")
    }

    /// A number was said. True if its badge was not there before.
    pub(super) fn see(&self, badge: &BadgeHash) -> bool {
        let was_there = self.holds(badge);
        *self.last() = Some((badge.clone(), Instant::now()));
        !was_there
    }

    /// Whether the badge is still there.
    pub(super) fn holds(&self, badge: &BadgeHash) -> bool {
        let last = self.last();
        last.as_ref().is_some_and(|(there, at)| there == badge && at.elapsed() < STAYS)
    }

    /// Whether its number was said after that moment.
    pub(super) fn said_since(&self, badge: &BadgeHash, moment: Instant) -> bool {
        self.last().as_ref().is_some_and(|(there, at)| there == badge && *at > moment)
    }
}
