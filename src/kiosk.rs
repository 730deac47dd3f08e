//! The kiosk: what people see at a screen, and the same for programs.
//!
//! It promises: a person sees and orders only what is theirs, at the station where they showed their badge; each
//! release names the version that they saw. Deliberately absent: decisions, and any reading of the journal: the `desk` answers.

mod administrator;
pub mod api;
mod assets;
mod bodies;
mod collector;
pub mod desk;
mod error;
mod events;
mod form;
mod frame;
mod guard;
mod list;
mod list_pages;
mod orders;
mod pages;
mod registration;
mod serve;
mod session;
mod throttle;
mod visitor;
mod ways_in;
mod words;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use tokio::sync::broadcast;

pub use serve::{Door, serve};
pub use words::Words;

use self::{
    desk::{Desk, NotNow},
    error::Problem,
    guard::Secret,
    registration::{Registrations, Step},
    session::{Sessions, Token},
    throttle::Throttle,
};
use crate::model::{
    kiosk::{KioskSettings, Language},
    people::{BadgeHash, Person},
    station::StationSettings,
};

/// How many unknown badges, wrong codes, PINs or secrets may come at once from one place.
const WRONG_AT_ONCE: u32 = 10;
/// After which time another one may.
const WRONG_EACH: Duration = Duration::from_secs(6);
/// The same for a person's PIN at all stations together.
const WRONG_ANYWHERE: u32 = 60;
const WRONG_ANYWHERE_EACH: Duration = Duration::from_mins(1);
const SIGNALS: usize = 256;
/// How long what was said while a screen was between two pages is worth hearing.
const PENDING_TIME: Duration = Duration::from_secs(5);
/// How many people's languages are kept.
const MOST_PEOPLE: usize = 10_000;

/// All that screens share.
#[derive(Debug)]
pub struct Kiosk {
    desk: Arc<dyn Desk>,
    settings: KioskSettings,
    secret: Option<Secret>,
    administrators_secret: Option<Secret>,
    sessions: Mutex<Sessions>,
    registrations: Mutex<Registrations>,
    throttle: Mutex<Throttle>,
    /// For what may be tried at many stations.
    slow_throttle: Mutex<Throttle>,
    signals: broadcast::Sender<Arc<StationNews>>,
    /// What no screen of a station has taken up yet.
    pending: Mutex<HashMap<String, Arc<StationNews>>>,
    /// The languages that people chose here.
    liked: Mutex<HashMap<String, Language>>,
}

/// A badge that was shown at a station with a screen.
#[derive(Clone, Debug)]
pub enum BadgeFound {
    /// It is somebody's.
    Known(Person),
    /// It is nobody's.
    Unknown(BadgeHash),
    /// It is nobody's and never will be: the card draws another number at each time.
    Changing,
    /// It could not be looked up.
    NotNow,
}

/// What a station's screens are told, and when.
#[derive(Debug)]
struct StationNews {
    station: String,
    at: Instant,
    signal: TapNews,
}

/// What happened at a station's reader.
#[derive(Clone, Debug)]
enum TapNews {
    /// A badge was shown; who brings the pass first begins the session.
    Badge(Token),
    /// Nobody knows the badge; its registration, where it may be registered.
    Unknown(Option<u64>),
    /// The badge says another number at each time.
    Changing,
    /// The badge could not be looked up.
    NotNow,
}

impl Kiosk {
    /// A kiosk before this desk. The secrets are what a screen must bring, if it must, and what an administrator must.
    pub fn new(
        desk: Arc<dyn Desk>,
        settings: KioskSettings,
        [screens, administrators]: [Option<&str>; 2],
    ) -> Arc<Self> {
        Arc::new(Self {
            desk,
            secret: screens.map(Secret::new),
            administrators_secret: administrators.map(Secret::new),
            sessions: Mutex::new(Sessions::new(settings.session)),
            registrations: Mutex::default(),
            throttle: Mutex::new(Throttle::new(WRONG_AT_ONCE, WRONG_EACH)),
            slow_throttle: Mutex::new(Throttle::new(WRONG_ANYWHERE, WRONG_ANYWHERE_EACH)),
            signals: broadcast::channel(SIGNALS).0,
            pending: Mutex::default(),
            liked: Mutex::default(),
            settings,
        })
    }

    /// A badge was shown at a station with a screen.
    pub async fn badge_shown(&self, station: &str, badge: BadgeFound) {
        // Whoever shows a badge stands there now.
        self.sessions().close(station);
        match badge {
            BadgeFound::Known(person) => self.let_in(station, person).await,
            BadgeFound::Unknown(badge) if self.settings.registers => {
                let step = self.registrations().seen(station, badge.clone(), Instant::now());
                match step {
                    Step::CodeWanted(id) => self.signal(station, TapNews::Unknown(Some(id))),
                    Step::Another => self.signal(station, TapNews::Changing),
                    Step::Confirmed(person, code) => {
                        match self.desk.register(&code, &person, badge).await {
                            Ok(()) => self.let_in(station, person).await,
                            Err(NotNow) => self.signal(station, TapNews::NotNow),
                        }
                    }
                }
            }
            BadgeFound::Unknown(_) => self.signal(station, TapNews::Unknown(None)),
            BadgeFound::Changing => self.signal(station, TapNews::Changing),
            BadgeFound::NotNow => self.signal(station, TapNews::NotNow),
        }
    }

    async fn let_in(&self, station: &str, person: Person) {
        self.registrations().forget(station);
        let pass = self.sessions().pass(station, person.clone(), Instant::now());
        self.signal(station, TapNews::Badge(pass));
        self.welcome(station, &person).await;
    }

    /// While the person looks at their list, the cloud is asked for what was printed a moment ago, and the documents of
    /// what waits are fetched.
    async fn welcome(&self, station: &str, person: &Person) {
        let printers = self.station(station).map(|station| station.printers).unwrap_or_default();
        let first = printers.first();
        tokio::join!(self.desk.refresh(person), self.desk.fetch_ahead(person, first));
        self.desk.fetch_ahead(person, first).await;
    }

    fn signal(&self, station: &str, signal: TapNews) {
        let told =
            Arc::new(StationNews { station: station.to_owned(), at: Instant::now(), signal });
        self.pending().insert(station.to_owned(), Arc::clone(&told));
        // No screen may be listening.
        let _ = self.signals.send(told);
    }

    /// What a screen missed that was just opened. A page on its way out hears it as well, so hearing proves nothing.
    fn pending_news(&self, station: &str) -> Option<Arc<StationNews>> {
        let told = self.pending().get(station).cloned()?;
        (told.at.elapsed() < PENDING_TIME).then_some(told)
    }

    /// A screen has taken up what its station's reader said.
    fn acknowledge(&self, station: &str) {
        self.pending().remove(station);
    }

    fn pending(&self) -> MutexGuard<'_, HashMap<String, Arc<StationNews>>> {
        self.pending.lock().expect("nothing panics while it is held")
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().expect("nothing panics while it is held")
    }

    fn registrations(&self) -> MutexGuard<'_, Registrations> {
        self.registrations.lock().expect("nothing panics while it is held")
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

    fn slow_throttle(&self) -> MutexGuard<'_, Throttle> {
        self.slow_throttle.lock().expect("nothing panics while it is held")
    }

    /// The stations that have a screen.
    fn stations(&self) -> impl Iterator<Item = StationSettings> {
        self.desk.stations().into_iter().filter(|station| station.screen)
    }

    /// One of them, by its name.
    fn station(&self, name: &str) -> Result<StationSettings, Problem> {
        self.stations().find(|station| station.name == name).ok_or(Problem::NoSuchStation)
    }
}
