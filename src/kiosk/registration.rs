//! Registrations under way: an unknown badge, its person's code, and the same badge once more.
//!
//! It promises: a badge that says another number the second time is not registered. Pure over `now`. Deliberately
//! absent: whose a code is (the desk).

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

use crate::model::people::{BadgeHash, Person};

/// How long each step may take.
const STEP_TIME: Duration = Duration::from_mins(1);

/// The registrations of all stations, one each.
#[derive(Debug, Default)]
pub(super) struct Registrations(HashMap<String, Registration>);

#[derive(Debug)]
struct Registration {
    badge: BadgeHash,
    /// Whose code was typed, and the code.
    typed: Option<(Person, Zeroizing<String>)>,
    ends: Instant,
}

/// What an unknown badge means to a registration.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It may be registered: a code is wanted.
    CodeWanted,
    /// It was shown a second time: it is the person's.
    Confirmed(Person, Zeroizing<String>),
    /// Another number was said the second time.
    Another,
}

impl Registrations {
    /// An unknown badge was shown.
    pub(super) fn seen(&mut self, station: &str, badge: BadgeHash, now: Instant) -> Step {
        let open = self.0.remove(station).filter(|open| now < open.ends);
        match open {
            Some(Registration { badge: first, typed: Some((person, code)), .. }) => {
                if first == badge { Step::Confirmed(person, code) } else { Step::Another }
            }
            _ => {
                let open = Registration { badge, typed: None, ends: now + STEP_TIME };
                self.0.insert(station.to_owned(), open);
                Step::CodeWanted
            }
        }
    }

    /// Whether a code is wanted at a station.
    pub(super) fn wants_code(&self, station: &str, now: Instant) -> bool {
        self.0.get(station).is_some_and(|open| open.typed.is_none() && now < open.ends)
    }

    /// A person's code was typed: now their badge is wanted once more.
    pub(super) fn typed(&mut self, station: &str, person: Person, code: &str, now: Instant) {
        if let Some(open) = self.0.get_mut(station) {
            open.typed = Some((person, Zeroizing::new(code.to_owned())));
            open.ends = now + STEP_TIME;
        }
    }

    /// Somebody else is there, or the person went.
    pub(super) fn forget(&mut self, station: &str) {
        self.0.remove(station);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn badge(digits: &str) -> BadgeHash {
        BadgeHash::new(digits)
    }

    fn ada() -> Person {
        Person { id: "ada".into(), upn: None, name: None }
    }

    #[test]
    fn a_badge_is_registered_when_it_says_the_same_twice() {
        let (mut registrations, now) = (Registrations::default(), Instant::now());
        assert_eq!(registrations.seen("lobby", badge("1"), now), Step::CodeWanted);
        assert!(registrations.wants_code("lobby", now) && !registrations.wants_code("attic", now));
        registrations.typed("lobby", ada(), "12345678", now);
        assert!(!registrations.wants_code("lobby", now));
        let confirmed = Step::Confirmed(ada(), Zeroizing::new("12345678".into()));
        assert_eq!(registrations.seen("lobby", badge("1"), now), confirmed);
        assert_eq!(registrations.seen("lobby", badge("1"), now), Step::CodeWanted, "it is over");
    }

    #[test]
    fn a_badge_that_draws_its_number_and_a_step_that_took_too_long_end_it() {
        let (mut registrations, now) = (Registrations::default(), Instant::now());
        registrations.seen("lobby", badge("1"), now);
        registrations.typed("lobby", ada(), "12345678", now);
        assert_eq!(registrations.seen("lobby", badge("2"), now), Step::Another);
        registrations.seen("lobby", badge("1"), now);
        registrations.typed("lobby", ada(), "12345678", now);
        let late = now + STEP_TIME;
        assert_eq!(registrations.seen("lobby", badge("1"), late), Step::CodeWanted);
        registrations.forget("lobby");
        assert!(!registrations.wants_code("lobby", late));
    }
}
