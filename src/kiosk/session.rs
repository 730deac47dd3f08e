//! Who is signed in where. A station has one session at the most: where a person stands, no other does.
//!
//! It promises: a token is 256 random bits, is kept as a hash, and is good at its own station alone; each sign-in makes
//! a new one. Pure over `now`, but for the random bits of tokens. Deliberately absent: cookies, and whose badge it is.

use std::{
    collections::HashMap,
    fmt,
    time::{Duration, Instant},
};

use aws_lc_rs::{digest, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::model::people::Person;

/// How long a badge's pass may be turned into a session.
const PASS_TIME: Duration = Duration::from_secs(10);
/// How many times its length a session may last, however often it is touched: then the badge is shown again.
const MOST_LASTINGS: u32 = 30;
const TOKEN_LENGTH: usize = 32;

/// What proves a session, or the right to begin one. It is given out once.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token(String);

impl Token {
    fn fresh() -> Self {
        let mut bits = [0; TOKEN_LENGTH];
        rand::fill(&mut bits).expect("the system has random numbers");
        Self(URL_SAFE_NO_PAD.encode(bits))
    }

    /// Its text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A token's hash: comparing hashes tells nothing of the token.
type TokenHash = [u8; 32];

fn hash(token: &str) -> TokenHash {
    let digest = digest::digest(&digest::SHA256, token.as_bytes());
    digest.as_ref().try_into().expect("SHA-256 has 32 octets")
}

/// The sessions of all stations.
#[derive(Debug)]
pub(super) struct Sessions {
    lasting: Duration,
    passes: HashMap<String, Open>,
    open: HashMap<String, Open>,
}

#[derive(Debug)]
struct Open {
    hash: TokenHash,
    person: Person,
    /// Whether a PIN is wanted before anything is shown.
    locked: bool,
    begun: Instant,
    ends: Instant,
}

impl Open {
    fn is(&self, token: &str, now: Instant) -> bool {
        now < self.ends && self.hash == hash(token)
    }
}

impl Sessions {
    /// No sessions yet; each lasts as long after its last touch.
    pub(super) fn new(lasting: Duration) -> Self {
        Self { lasting, passes: HashMap::new(), open: HashMap::new() }
    }

    /// A badge was shown: whoever brings its pass first begins the session. The one before is over.
    pub(super) fn pass(&mut self, station: &str, person: Person, now: Instant) -> Token {
        self.open.remove(station);
        let token = Token::fresh();
        let ends = now + PASS_TIME;
        let hash = hash(token.as_str());
        let pass = Open { hash, person, locked: true, begun: now, ends };
        self.passes.insert(station.to_owned(), pass);
        token
    }

    /// Begins the session of a pass; one that is locked waits for a PIN.
    pub(super) fn redeem(
        &mut self,
        station: &str,
        pass: &str,
        locked: bool,
        now: Instant,
    ) -> Option<Token> {
        let person = self.person_of_pass(station, pass, now)?;
        Some(self.begin_as(station, person, locked, now))
    }

    /// Whose pass it is. It is over with the session that it begins.
    pub(super) fn person_of_pass(&self, station: &str, pass: &str, now: Instant) -> Option<Person> {
        let waiting = self.passes.get(station).filter(|waiting| waiting.is(pass, now))?;
        Some(waiting.person.clone())
    }

    /// Begins a session; the one before is over.
    pub(super) fn begin(&mut self, station: &str, person: Person, now: Instant) -> Token {
        self.begin_as(station, person, false, now)
    }

    fn begin_as(&mut self, station: &str, person: Person, locked: bool, now: Instant) -> Token {
        let token = Token::fresh();
        let (hash, ends) = (hash(token.as_str()), now + self.lasting);
        let session = Open { hash, person, locked, begun: now, ends };
        self.passes.remove(station);
        self.open.insert(station.to_owned(), session);
        token
    }

    /// Whose session waits for a PIN.
    pub(super) fn locked(&self, station: &str, token: &str, now: Instant) -> Option<Person> {
        let session = self.open.get(station)?;
        (session.locked && session.is(token, now)).then(|| session.person.clone())
    }

    /// The PIN was right: a new token, for what is shown from now on.
    pub(super) fn unlock(&mut self, station: &str, token: &str, now: Instant) -> Option<Token> {
        let person = self.locked(station, token, now)?;
        Some(self.begin(station, person, now))
    }

    /// Whose session it is, and how long it lasts if nothing is touched.
    pub(super) fn look(
        &self,
        station: &str,
        token: &str,
        now: Instant,
    ) -> Option<(Person, Duration)> {
        let session = self.open.get(station).filter(|one| !one.locked && one.is(token, now))?;
        Some((session.person.clone(), session.ends - now))
    }

    /// The person touched something.
    pub(super) fn touch(&mut self, station: &str, token: &str, now: Instant) -> Option<Person> {
        let lasting = self.lasting;
        let session = self.open.get_mut(station).filter(|one| !one.locked && one.is(token, now))?;
        session.ends = (now + lasting).min(session.begun + lasting * MOST_LASTINGS);
        Some(session.person.clone())
    }

    /// Somebody else is there.
    pub(super) fn close(&mut self, station: &str) {
        self.open.remove(station);
    }

    /// The person is done.
    pub(super) fn end(&mut self, station: &str, token: &str, now: Instant) {
        if self.open.get(station).is_some_and(|session| session.is(token, now)) {
            self.open.remove(station);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LASTING: Duration = Duration::from_mins(1);

    fn person(id: &str) -> Person {
        Person { id: id.to_owned(), upn: None, name: None }
    }

    fn later(now: Instant, seconds: u64) -> Instant {
        now + Duration::from_secs(seconds)
    }

    #[test]
    fn a_session_is_good_at_its_station_alone_and_ends_by_itself() {
        let (mut sessions, now) = (Sessions::new(LASTING), Instant::now());
        let token = sessions.begin("lobby", person("ada"), now);
        let token = token.as_str();
        assert_eq!(sessions.look("lobby", token, now), Some((person("ada"), LASTING)));
        assert_eq!(sessions.look("attic", token, now), None);
        assert_eq!(sessions.look("lobby", "", now), None);
        assert_eq!(sessions.touch("lobby", token, later(now, 59)), Some(person("ada")));
        assert!(sessions.look("lobby", token, later(now, 118)).is_some());
        assert!(sessions.look("lobby", token, later(now, 119)).is_none());
        assert_eq!(sessions.touch("lobby", token, later(now, 119)), None, "over is over");
    }

    #[test]
    fn the_next_badge_ends_the_session_before_and_a_pass_is_good_once_and_for_a_moment() {
        let (mut sessions, now) = (Sessions::new(LASTING), Instant::now());
        let ada = sessions.begin("lobby", person("ada"), now);
        let pass = sessions.pass("lobby", person("bob"), now);
        assert_eq!(sessions.look("lobby", ada.as_str(), now), None);
        assert_eq!(sessions.redeem("attic", pass.as_str(), false, now), None);
        assert_eq!(sessions.look("lobby", pass.as_str(), now), None, "a pass is no session");
        let bob = sessions.redeem("lobby", pass.as_str(), false, now).unwrap();
        assert_ne!(bob, pass, "what was on the wire before is worth nothing afterwards");
        assert_eq!(sessions.redeem("lobby", pass.as_str(), false, now), None);
        assert_eq!(sessions.look("lobby", bob.as_str(), now).unwrap().0, person("bob"));
        let late = sessions.pass("lobby", person("cy"), now);
        assert_eq!(sessions.redeem("lobby", late.as_str(), false, later(now, 10)), None);
    }

    #[test]
    fn only_who_has_the_session_ends_it() {
        let (mut sessions, now) = (Sessions::new(LASTING), Instant::now());
        let token = sessions.begin("lobby", person("ada"), now);
        sessions.end("lobby", "guess", now);
        assert!(sessions.look("lobby", token.as_str(), now).is_some());
        sessions.end("lobby", token.as_str(), now);
        assert!(sessions.look("lobby", token.as_str(), now).is_none());
    }

    #[test]
    fn a_locked_session_shows_nothing_until_its_pin_was_right() {
        let (mut sessions, now) = (Sessions::new(LASTING), Instant::now());
        let pass = sessions.pass("lobby", person("ada"), now);
        let locked = sessions.redeem("lobby", pass.as_str(), true, now).unwrap();
        assert_eq!(sessions.look("lobby", locked.as_str(), now), None);
        assert_eq!(sessions.touch("lobby", locked.as_str(), now), None);
        assert_eq!(sessions.locked("lobby", locked.as_str(), now), Some(person("ada")));
        assert_eq!(sessions.unlock("attic", locked.as_str(), now), None);
        let open = sessions.unlock("lobby", locked.as_str(), now).unwrap();
        assert_eq!(sessions.look("lobby", open.as_str(), now).unwrap().0, person("ada"));
        assert_eq!(sessions.look("lobby", locked.as_str(), now), None);
        assert_eq!(sessions.unlock("lobby", open.as_str(), now), None);
    }

    #[test]
    fn a_session_does_not_last_for_ever_however_often_it_is_touched() {
        let (mut sessions, now) = (Sessions::new(LASTING), Instant::now());
        let token = sessions.begin("lobby", person("ada"), now);
        let lasts = (0..10_000)
            .find(|i| sessions.touch("lobby", token.as_str(), later(now, i * 30)).is_none());
        assert_eq!(lasts, Some(60));
    }
}
