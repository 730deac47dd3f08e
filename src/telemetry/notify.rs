//! What the service manager hears: that the daemon is ready, that its loop lives, and a line of status.
//!
//! It promises: without a service manager nothing happens.
//! Deliberately absent: when any of it is told.

use std::time::Duration;

use sd_notify::NotifyState;

/// The service manager that started us, if one did (`sd_notify(3)`).
#[derive(Clone, Copy, Debug)]
pub struct ServiceManager {
    /// After which time without a sign of life it starts us again.
    watchdog: Option<Duration>,
}

impl ServiceManager {
    /// As the environment says.
    pub fn of_environment() -> Self {
        Self { watchdog: sd_notify::watchdog_enabled() }
    }

    /// How often it wants a sign of life at the least; half its patience.
    pub fn pace(&self) -> Option<Duration> {
        self.watchdog.map(|patience| patience / 2)
    }

    /// The service is there for others.
    pub fn ready(&self) {
        tell(&[NotifyState::Ready]);
    }

    /// The work goes on.
    pub fn alive(&self) {
        if self.watchdog.is_some() {
            tell(&[NotifyState::Watchdog]);
        }
    }

    /// Something outside keeps the service from being ready; it waits, and is not given up for as long as this is said
    /// again within that time.
    pub fn waits(&self, why: &str, within: Duration) {
        let micros = u32::try_from(within.as_micros()).unwrap_or(u32::MAX);
        tell(&[NotifyState::ExtendTimeoutUsec(micros), NotifyState::Status(why)]);
    }

    /// A line that says how it is.
    pub fn status(&self, line: &str) {
        tell(&[NotifyState::Status(line)]);
    }

    /// The service ends.
    pub fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }
}

fn tell(states: &[NotifyState<'_>]) {
    // Whoever does not listen misses it.
    let _ = sd_notify::notify(states);
}
