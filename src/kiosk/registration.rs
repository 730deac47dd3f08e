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
pub(super) struct Registrations {
    open: HashMap<String, Registration>,
    last: u64,
}

#[derive(Debug)]
struct Registration {
    /// What names it to the page that goes on with it.
    id: u64,
    badge: BadgeHash,
    /// Whose code was typed, and the code.
    typed: Option<(Person, Zeroizing<String>)>,
    ends: Instant,
}

/// What an unknown badge means to a registration.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It may be registered: a code is wanted, for the registration of this number.
    CodeWanted(u64),
    /// It was shown a second time: it is the person's.
    Confirmed(Person, Zeroizing<String>),
    /// Another number was said the second time.
    Another,
}

impl Registrations {
    /// An unknown badge was shown.
    pub(super) fn seen(&mut self, station: &str, badge: BadgeHash, now: Instant) -> Step {
        let open = self.open.remove(station).filter(|open| now < open.ends);
        match open {
            Some(Registration { badge: first, typed: Some((person, code)), .. }) => {
                if first == badge { Step::Confirmed(person, code) } else { Step::Another }
            }
            _ => {
                self.last += 1;
                let (id, ends) = (self.last, now + STEP_TIME);
                let open = Registration { id, badge, typed: None, ends };
                self.open.insert(station.to_owned(), open);
                Step::CodeWanted(id)
            }
        }
    }

    /// Whether a code is wanted for a registration.
    pub(super) fn wants_code(&self, station: &str, id: u64, now: Instant) -> bool {
        self.find(station, id, now).is_some_and(|open| open.typed.is_none())
    }

    /// Whether the badge of a registration is wanted once more.
    pub(super) fn wants_badge(&self, station: &str, id: u64, now: Instant) -> bool {
        self.find(station, id, now).is_some_and(|open| open.typed.is_some())
    }

    fn find(&self, station: &str, id: u64, now: Instant) -> Option<&Registration> {
        self.open.get(station).filter(|open| open.id == id && now < open.ends)
    }

    /// A person's code was typed: now their badge is wanted once more. Nothing happens where another badge was shown
    /// meanwhile: the code was not typed for that.
    pub(super) fn typed(
        &mut self,
        station: &str,
        id: u64,
        person: Person,
        code: &str,
        now: Instant,
    ) {
        if let Some(open) = self.open.get_mut(station).filter(|open| open.id == id) {
            open.typed = Some((person, Zeroizing::new(code.to_owned())));
            open.ends = now + STEP_TIME;
        }
    }

    /// The person went.
    pub(super) fn end(&mut self, station: &str, id: u64) {
        if self.open.get(station).is_some_and(|open| open.id == id) {
            self.open.remove(station);
        }
    }

    /// Somebody else is there.
    pub(super) fn forget(&mut self, station: &str) {
        self.open.remove(station);
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
        assert_eq!(registrations.seen("lobby", badge("1"), now), Step::CodeWanted(1));
        assert!(registrations.wants_code("lobby", 1, now));
        assert!(!registrations.wants_code("attic", 1, now));
        registrations.typed("lobby", 1, ada(), "12345678", now);
        assert!(!registrations.wants_code("lobby", 1, now));
        assert!(registrations.wants_badge("lobby", 1, now));
        let confirmed = Step::Confirmed(ada(), Zeroizing::new("12345678".into()));
        assert_eq!(registrations.seen("lobby", badge("1"), now), confirmed);
        assert_eq!(registrations.seen("lobby", badge("1"), now), Step::CodeWanted(2), "it is over");
    }

    #[test]
    fn a_code_is_good_for_the_badge_alone_that_it_was_typed_for() {
        let (mut registrations, now) = (Registrations::default(), Instant::now());
        registrations.seen("lobby", badge("1"), now);
        // Somebody shows another badge while the person types.
        registrations.seen("lobby", badge("2"), now);
        registrations.typed("lobby", 1, ada(), "12345678", now);
        assert!(!registrations.wants_badge("lobby", 1, now));
        assert!(!registrations.wants_badge("lobby", 2, now));
        registrations.end("lobby", 1);
        assert!(registrations.wants_code("lobby", 2, now), "an older page ends nothing newer");
    }

    #[test]
    fn a_badge_that_draws_its_number_and_a_step_that_took_too_long_end_it() {
        let (mut registrations, now) = (Registrations::default(), Instant::now());
        registrations.seen("lobby", badge("1"), now);
        registrations.typed("lobby", 1, ada(), "12345678", now);
        assert_eq!(registrations.seen("lobby", badge("2"), now), Step::Another);
        registrations.seen("lobby", badge("1"), now);
        registrations.typed("lobby", 2, ada(), "12345678", now);
        let late = now + STEP_TIME;
        assert_eq!(registrations.seen("lobby", badge("1"), late), Step::CodeWanted(3));
        registrations.forget("lobby");
        assert!(!registrations.wants_code("lobby", 3, late));
    }
}
