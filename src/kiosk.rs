//! The kiosk: what people see at a screen, and the same for programs.
//!
//! It promises: a person sees and orders only what is theirs, at the station where they showed their badge; each order
//! names the version that they saw. Deliberately absent: decisions, and any reading of the journal: the `desk` answers.

pub mod api;
mod assets;
mod bodies;
pub mod desk;
mod error;
mod events;
mod form;
mod frame;
mod guard;
mod list;
mod orders;
mod pages;
mod serve;
mod session;
mod throttle;
mod visitor;
mod words;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use tokio::sync::broadcast;

pub use serve::{Door, serve};

use self::{
    desk::Desk,
    error::Problem,
    guard::Secret,
    session::{Sessions, Token},
    throttle::Throttle,
};
use crate::model::{
    kiosk::{KioskSettings, Language},
    people::Person,
    station::StationSettings,
};

/// How many unknown badges, or wrong secrets, may come at once from one place.
const WRONG_AT_ONCE: u32 = 10;
/// After which time another one may.
const WRONG_EACH: Duration = Duration::from_secs(6);
const SIGNALS: usize = 256;
/// How many people's languages are kept.
const MOST_PEOPLE: usize = 10_000;

/// All that screens share.
#[derive(Debug)]
pub struct Kiosk {
    desk: Arc<dyn Desk>,
    settings: KioskSettings,
    secret: Option<Secret>,
    sessions: Mutex<Sessions>,
    throttle: Mutex<Throttle>,
    signals: broadcast::Sender<(String, Signal)>,
    /// The languages that people chose here.
    liked: Mutex<HashMap<String, Language>>,
}

/// What a station's reader has to say to its screens.
#[derive(Clone, Debug)]
enum Signal {
    /// A badge was shown; who brings the ticket first begins the session.
    Badge(Token),
    /// Nobody knows the badge.
    Unknown,
    /// The badge could not be looked up.
    NotNow,
}

impl Kiosk {
    /// A kiosk before this desk; `secret` is what a screen must bring, if it must.
    pub fn new(desk: Arc<dyn Desk>, settings: KioskSettings, secret: Option<&str>) -> Arc<Self> {
        Arc::new(Self {
            desk,
            secret: secret.map(Secret::new),
            sessions: Mutex::new(Sessions::new(settings.session)),
            throttle: Mutex::new(Throttle::new(WRONG_AT_ONCE, WRONG_EACH)),
            signals: broadcast::channel(SIGNALS).0,
            liked: Mutex::default(),
            settings,
        })
    }

    /// A badge was shown at a station with a screen. While the screen asks for its page, the cloud is asked for what
    /// was printed a moment ago.
    pub async fn badge_shown(&self, station: &str, person: Person) {
        let ticket = self.sessions().ticket(station, person.clone(), Instant::now());
        self.signal(station, Signal::Badge(ticket));
        self.desk.refresh(&person).await;
    }

    /// A badge was shown that nobody knows.
    pub fn unknown_badge_shown(&self, station: &str) {
        self.signal(station, Signal::Unknown);
    }

    /// A badge was shown and could not be looked up.
    pub fn badge_not_read(&self, station: &str) {
        self.signal(station, Signal::NotNow);
    }

    fn signal(&self, station: &str, signal: Signal) {
        // No screen may be listening.
        let _ = self.signals.send((station.to_owned(), signal));
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().expect("nothing panics while it is held")
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().expect("nothing panics while it is held")
    }

    fn liked_language(&self, person: &Person) -> Option<Language> {
        self.liked.lock().expect("nothing panics while it is held").get(&person.id).copied()
    }

    fn like_language(&self, person: &Person, language: Language) {
        let mut liked = self.liked.lock().expect("nothing panics while it is held");
        if liked.len() >= MOST_PEOPLE {
            liked.clear();
        }
        liked.insert(person.id.clone(), language);
    }

    /// The station of that name, where it has a screen.
    fn station(&self, name: &str) -> Result<StationSettings, Problem> {
        let mut stations = self.desk.stations().into_iter();
        let found = stations.find(|station| station.name == name && station.screen);
        found.ok_or(Problem::NoSuchStation)
    }
}
