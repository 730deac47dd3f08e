//! Stations: a badge that is shown tells the station's screen, or lets the person's jobs go to the station's printer.
//!
//! It promises: a reader that is not there is a trouble of health. Deliberately absent: what screens show (`kiosk`), and
//! what goes without one (`tap`).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{sync::mpsc, task::JoinHandle, time::sleep_until};
use tracing::{info, warn};

use super::{
    badges::Badges,
    deeds::Deeds,
    health::{Health, Trouble},
    presence::Presence,
    slips::Slips,
    tap::{Tap, Taps},
};
use crate::{
    badge::{
        reader::{ReaderEvent, Signal, follow},
        uid::{Chain, is_random},
    },
    kiosk::{BadgeFound, Kiosk},
    model::{
        people::{BadgeHash, Person},
        station::{ReaderSettings, StationSettings},
    },
};

/// How soon after one badge another is looked up at a reader.
const PACE: Duration = Duration::from_millis(250);

/// A badge that was shown.
struct Shown {
    number: String,
    badge: BadgeHash,
    /// Whether the card draws another number at each time.
    changing: bool,
    /// Where its reader hears what came of it.
    signal: mpsc::Sender<Signal>,
    presence: Arc<Presence>,
}

/// All stations.
pub(super) struct Stations {
    deeds: Arc<Deeds>,
    badges: Arc<Badges>,
    health: Arc<Health>,
    taps: Taps,
    slips: Slips,
    /// Where screens are told.
    kiosk: Option<Arc<Kiosk>>,
    /// The readers that are not there, each with why.
    away: Mutex<BTreeMap<String, String>>,
}

impl Stations {
    pub(super) fn new(
        deeds: Arc<Deeds>,
        badges: Arc<Badges>,
        health: Arc<Health>,
        taps: Taps,
        slips: Slips,
        kiosk: Option<Arc<Kiosk>>,
    ) -> Self {
        Self { deeds, badges, health, taps, slips, kiosk, away: Mutex::default() }
    }

    /// Follows all readers.
    ///
    /// # Errors
    ///
    /// A sentence about a reader whose steps do not read.
    pub(super) fn open(self) -> Result<Vec<JoinHandle<()>>, String> {
        let stations = Arc::new(self);
        let settings = stations.deeds.settings();
        let open = |reader: &ReaderSettings| {
            let chain = Chain::parse(reader.steps.iter().map(String::as_str));
            let chain = chain.map_err(|why| format!("readers.{}.numbers: {why}", reader.name))?;
            Ok((reader.clone(), chain))
        };
        let readers: Result<Vec<_>, String> = settings.readers.iter().map(open).collect();
        let follow = |(reader, chain)| tokio::spawn(Arc::clone(&stations).listen(reader, chain));
        Ok(readers?.into_iter().map(follow).collect())
    }

    async fn listen(self: Arc<Self>, reader: ReaderSettings, chain: Chain) {
        let (told, mut inbox) = mpsc::channel(16);
        let (signal, mut signals) = mpsc::channel(4);
        let listening = async {
            let presence = Arc::new(Presence::default());
            // What was refused last, which a card may say for as long as it lies there.
            let mut refused = None;
            let mut next = tokio::time::Instant::now();
            while let Some(told) = inbox.recv().await {
                let line = match told {
                    ReaderEvent::Line(line) => line,
                    told => {
                        self.note(&reader.name, &told);
                        continue;
                    }
                };
                let Some(number) = chain.apply(&line).filter(|one| one.len() >= reader.shortest)
                else {
                    if refused.as_ref() != Some(&line) {
                        info!(reader = reader.name, "what it said is no number of a badge");
                    }
                    refused = Some(line);
                    continue;
                };
                let badge = self.badges.hash(&number);
                // A badge that stays at the reader is shown once.
                if presence.see(&badge) {
                    // No faster than people are: whoever tries numbers gets nowhere.
                    sleep_until(next).await;
                    next = tokio::time::Instant::now() + PACE;
                    let shown = Shown {
                        number,
                        badge,
                        changing: reader.natural_uid && is_random(&line),
                        signal: signal.clone(),
                        presence: Arc::clone(&presence),
                    };
                    let (stations, reader) = (Arc::clone(&self), reader.name.clone());
                    tokio::spawn(async move { stations.shown(&reader, shown).await });
                }
            }
        };
        tokio::join!(follow(&reader.source, &told, &mut signals), listening);
    }

    /// Whether a reader is there.
    fn note(&self, reader: &str, told: &ReaderEvent) {
        let mut away = self.away.lock().expect("nothing panics while it is held");
        match told {
            ReaderEvent::Here => {
                info!(reader, "the reader is there");
                away.remove(reader);
            }
            ReaderEvent::Away(why) => {
                if away.insert(reader.to_owned(), why.clone()).is_none() {
                    info!(reader, why, "the reader is away");
                }
            }
            ReaderEvent::Ignored(lines) => {
                warn!(
                    id = "reader-babbles",
                    reader, lines, "the reader babbles: lines were ignored"
                )
            }
            ReaderEvent::Line(_) => {}
        }
        self.health.set_readers_away(away.keys().cloned().collect());
        let sentence = |(reader, why): (&String, &String)| format!("{reader} ({why})");
        let readers: Vec<String> = away.iter().map(sentence).collect();
        let trouble = (!readers.is_empty()).then(|| {
            format!("badge readers are away: {}; look at cables and paths", readers.join(", "))
        });
        self.health.set(Trouble::ReaderAway, trouble);
    }

    /// A badge was shown.
    async fn shown(&self, reader: &str, shown: Shown) {
        let settings = self.deeds.settings();
        let of_reader =
            |station: &&StationSettings| station.readers.iter().any(|one| one == reader);
        let Some(station) = settings.stations.iter().find(of_reader) else {
            warn!(
                id = "reader-without-station",
                reader, "a badge was shown at a reader that belongs to no station"
            );
            return;
        };
        let found = self.badges.person_of(&shown.number).await;
        let name = &station.name;
        match &found {
            Ok(Some(person)) => {
                let person = settings.log.person(&person.id);
                info!(station = name, person, "a badge was shown")
            }
            Ok(None) => warn!(id = "badge-unknown", station = name, "an unknown badge was shown"),
            Err(error) => warn!(
                id = "badge-not-looked-up",
                station = name,
                "a badge could not be looked up: {error}"
            ),
        }
        let _ = shown.signal.try_send(match found {
            Ok(Some(_)) => Signal::Good,
            _ => Signal::Bad,
        });
        if station.screen {
            self.shown_to_screen(name, found, shown).await;
        } else {
            self.shown_without_screen(station, found, &shown).await;
        }
    }

    async fn shown_to_screen(
        &self,
        station: &str,
        found: Result<Option<Person>, String>,
        shown: Shown,
    ) {
        let Some(kiosk) = &self.kiosk else {
            warn!(
                id = "screen-after-restart",
                station, "its screen is served after the next start"
            );
            let _ = shown.signal.try_send(Signal::Bad);
            return;
        };
        let seen = match found {
            Ok(Some(person)) => BadgeFound::Known(person),
            Ok(None) if shown.changing => BadgeFound::Changing,
            Ok(None) => BadgeFound::Unknown(shown.badge),
            Err(_) => BadgeFound::NotNow,
        };
        kiosk.badge_shown(station, seen).await;
    }

    async fn shown_without_screen(
        &self,
        station: &StationSettings,
        found: Result<Option<Person>, String>,
        shown: &Shown,
    ) {
        match found {
            Ok(Some(person)) => {
                let Some(printer) = station.printers.first() else { return };
                let (presence, badge) = (&*shown.presence, &shown.badge);
                let tap = Tap { station, printer, person: &person, presence, badge };
                if let Some(signal) = self.taps.tapped(&tap).await {
                    let _ = shown.signal.try_send(signal);
                }
            }
            Ok(None) if self.deeds.settings().registers && !shown.changing => {
                self.slips.print(station, shown.badge.clone()).await;
            }
            Ok(None) | Err(_) => {}
        }
    }
}
