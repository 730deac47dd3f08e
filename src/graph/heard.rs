//! What the cloud's answers say beside their content: its clock, when it wants to be left alone, what it refuses us.
//!
//! Deliberately absent: what follows (`transport` waits, the daemon's health tells).

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::client::GraphClient;

/// How long a throttled call is told of.
const TOLD: Duration = Duration::from_mins(2);
/// How long a refused call is told of that nobody made again.
const REFUSED: Duration = Duration::from_hours(1);

#[derive(Debug, Default)]
struct Notes {
    /// When a call was last answered by whom it was for.
    answered: Option<Instant>,
    /// The cloud's time at the last answer, and when that was by a clock that nobody sets.
    clock: Option<(Timestamp, Instant)>,
    /// Until when a call waits, whatever it is about: the cloud slows this call down.
    slowed_until: BTreeMap<&'static str, Instant>,
    /// Until when a call of one thing waits: that thing is not available.
    away_until: BTreeMap<String, Instant>,
    /// When a call was last throttled.
    throttled: BTreeMap<&'static str, Instant>,
    /// The calls that were refused for want of a permission, and have not been granted since.
    refused: BTreeMap<&'static str, (Instant, String)>,
}

/// The notes of all calls.
#[derive(Debug, Default)]
pub(super) struct Heard(Mutex<Notes>);

impl Heard {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().expect("nothing panics while it is held")
    }

    /// The cloud's time, as an answer that came just now gives it.
    pub(super) fn clock(&self, theirs: Timestamp) {
        self.notes().clock = Some((theirs, Instant::now()));
    }

    /// How far our clock is ahead of the cloud's now, by the cloud's time at the last answer and the time since.
    pub(super) fn skew(&self) -> Option<SignedDuration> {
        let (theirs, seen) = self.notes().clock?;
        let since = SignedDuration::try_from(seen.elapsed()).unwrap_or(SignedDuration::MAX);
        Some(Timestamp::now().duration_since(theirs).saturating_sub(since))
    }

    /// How long ago the cloud's last answer was.
    pub(super) fn silence(&self) -> Option<SignedDuration> {
        let (_, seen) = self.notes().clock?;
        Some(SignedDuration::try_from(seen.elapsed()).unwrap_or(SignedDuration::MAX))
    }

    /// How long there was no answer but of gateways for somebody else; nothing if there never was one.
    pub(super) fn unanswered(&self) -> Option<Duration> {
        self.notes().answered.map(|at| at.elapsed())
    }

    /// How a call was answered: its status, the wait that the cloud asked for, and its words if it refused.
    pub(super) fn answer(
        &self,
        call: &'static str,
        target: &str,
        status: u16,
        after: Option<Duration>,
        said: &str,
    ) {
        let (mut notes, now) = (self.notes(), Instant::now());
        if status < 500 {
            notes.answered = Some(now);
        }
        notes.away_until.retain(|_, until| *until > now);
        match (status, after) {
            (429, Some(after)) => drop(notes.slowed_until.insert(call, now + after)),
            (503, Some(after)) => drop(notes.away_until.insert(target.to_owned(), now + after)),
            _ => {}
        }
        match status {
            429 => drop(notes.throttled.insert(call, now)),
            403 => drop(notes.refused.insert(call, (now, said.to_owned()))),
            200..=399 => drop(notes.refused.remove(call)),
            _ => {}
        }
    }

    /// How long a call still has to wait, because the cloud asked for it.
    pub(super) fn wait(&self, call: &'static str, target: &str) -> Duration {
        let notes = self.notes();
        let until = notes.slowed_until.get(call).max(notes.away_until.get(target));
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    /// The calls that were throttled lately.
    pub(super) fn throttled(&self) -> Vec<&'static str> {
        let notes = self.notes();
        let lately = notes.throttled.iter().filter(|(_, at)| at.elapsed() < TOLD);
        lately.map(|(call, _)| *call).collect()
    }

    /// The calls that are refused for want of a permission, with the cloud's words.
    pub(super) fn refused(&self) -> Vec<(&'static str, String)> {
        let notes = self.notes();
        let lately = notes.refused.iter().filter(|(_, (at, _))| at.elapsed() < REFUSED);
        lately.map(|(call, (_, said))| (*call, said.clone())).collect()
    }
}

impl GraphClient {
    /// How far our clock was ahead of the cloud's at the last answer.
    pub fn clock_skew(&self) -> Option<SignedDuration> {
        self.transport.heard().skew()
    }

    /// How long ago the cloud's last answer was; nothing if there was none.
    pub fn silence(&self) -> Option<SignedDuration> {
        self.transport.heard().silence()
    }

    /// How long there was no answer of the cloud's own; nothing if there never was one.
    pub fn unanswered(&self) -> Option<Duration> {
        self.transport.heard().unanswered()
    }

    /// The calls that were throttled in the last minutes.
    pub fn throttled(&self) -> Vec<&'static str> {
        self.transport.heard().throttled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_until_the_call_is_granted() {
        let heard = Heard::default();
        heard.answer("GET job", "1", 403, None, "no");
        heard.answer("GET task", "2", 200, None, "");
        assert_eq!(heard.refused(), [("GET job", "no".to_owned())]);
        heard.answer("GET job", "3", 200, None, "");
        assert_eq!(heard.refused(), []);
    }

    #[test]
    fn a_call_waits_as_long_as_the_cloud_asked_and_another_does_not() {
        let heard = Heard::default();
        let minute = Some(Duration::from_mins(1));
        heard.answer("GET job", "1", 429, minute, "");
        heard.answer("GET task", "2", 500, minute, "");
        heard.answer("GET task", "3", 503, minute, "");
        assert!(heard.wait("GET job", "4") > Duration::from_secs(58));
        assert_eq!(heard.wait("GET task", "2"), Duration::ZERO);
        assert!(heard.wait("GET task", "3") > Duration::from_secs(58));
        assert_eq!(heard.throttled(), ["GET job"]);
    }
}
