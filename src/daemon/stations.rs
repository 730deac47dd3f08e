//! Stations: a badge that is shown tells the station's screen, or lets the person's jobs go to the station's printer.
//!
//! It promises: only the owner's jobs go, by the object id; none that may have printed already; a reader that is not
//! there is a trouble of health. Deliberately absent: what screens show (`kiosk`).

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::JoinHandle, time::sleep_until};
use tracing::{info, warn};

use super::{
    Wake, ask,
    badges::Badges,
    deeds::Deeds,
    health::{Health, Trouble},
    owners,
};
use crate::{
    badge::{
        reader::{ReaderEvent, Signal, follow},
        uid::{Chain, is_random},
    },
    flow::{Job, State},
    journal::reader::JournalReader,
    kiosk::{BadgeFound, Kiosk},
    model::{
        Answer, Asker, Command, ConfigurationChange, JobNumber, PrinterName,
        people::{Person, PinRule},
        station::{OnTap, ReaderSettings, StationSettings},
    },
};

/// A badge that stays at the reader is shown once.
const STAYS: Duration = Duration::from_secs(1);
/// How soon after one badge another is looked up at a reader.
const PACE: Duration = Duration::from_millis(250);
const MOST_JOBS: u32 = 200;
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// A badge that was shown.
struct Shown {
    number: String,
    /// Whether the card draws another number at each time.
    changing: bool,
    /// Where its reader hears what came of it.
    signal: mpsc::Sender<Signal>,
}

/// All stations.
pub(super) struct Stations {
    pub(super) deeds: Arc<Deeds>,
    pub(super) journal: JournalReader,
    pub(super) badges: Arc<Badges>,
    pub(super) health: Arc<Health>,
    pub(super) wakes: mpsc::Sender<Wake>,
    /// Where screens are told.
    kiosk: Option<Arc<Kiosk>>,
    /// The readers that are not there, each with why.
    away: Mutex<BTreeMap<String, String>>,
}

impl Stations {
    pub(super) fn new(
        deeds: Arc<Deeds>,
        journal: JournalReader,
        badges: Arc<Badges>,
        health: Arc<Health>,
        wakes: mpsc::Sender<Wake>,
        kiosk: Option<Arc<Kiosk>>,
    ) -> Self {
        Self { deeds, journal, badges, health, wakes, kiosk, away: Mutex::default() }
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
            let mut last: Option<(String, Instant)> = None;
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
                    info!(reader = reader.name, "what it said is no number of a badge");
                    continue;
                };
                let stays =
                    |(before, at): &(String, Instant)| *before == number && at.elapsed() < STAYS;
                let shown = !last.as_ref().is_some_and(stays);
                last = Some((number.clone(), Instant::now()));
                if shown {
                    // No faster than people are: whoever tries numbers gets nowhere.
                    sleep_until(next).await;
                    next = tokio::time::Instant::now() + PACE;
                    let shown = Shown {
                        number,
                        changing: reader.natural_uid && is_random(&line),
                        signal: signal.clone(),
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
                    warn!(reader, why, "the reader is away");
                }
            }
            ReaderEvent::Ignored(lines) => {
                warn!(reader, lines, "the reader babbles: lines were ignored")
            }
            ReaderEvent::Line(_) => {}
        }
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
            warn!(reader, "a badge was shown at a reader that belongs to no station");
            return;
        };
        let found = self.badges.person_of(&shown.number).await;
        let name = &station.name;
        match &found {
            Ok(Some(person)) => info!(station = name, person = person.id, "a badge was shown"),
            Ok(None) => warn!(station = name, "an unknown badge was shown"),
            Err(error) => warn!(station = name, "a badge could not be looked up: {error}"),
        }
        let _ = shown.signal.try_send(match found {
            Ok(Some(_)) => Signal::Good,
            _ => Signal::Bad,
        });
        if station.screen {
            let Some(kiosk) = &self.kiosk else {
                warn!(station = name, "its screen is served after the next start");
                let _ = shown.signal.try_send(Signal::Bad);
                return;
            };
            let seen = match found {
                Ok(Some(person)) => BadgeFound::Known(person),
                Ok(None) if shown.changing => BadgeFound::Changing,
                Ok(None) => BadgeFound::Unknown(self.badges.hash(&shown.number)),
                Err(_) => BadgeFound::NotNow,
            };
            kiosk.badge_shown(name, seen).await;
        } else if let Ok(Some(person)) = found {
            self.release_at(station, &person, &shown.signal).await;
        }
    }

    /// Without a screen: what waits comes out, where a badge alone is enough.
    async fn release_at(
        &self,
        station: &StationSettings,
        person: &Person,
        signal: &mpsc::Sender<Signal>,
    ) {
        if self.deeds.settings().pin == PinRule::WithBadge {
            warn!(station = station.name, "a PIN is wanted, and the station has no screen");
            let _ = signal.try_send(Signal::Bad);
            return;
        }
        let n_released = self.release(station, person).await;
        info!(station = station.name, person = person.id, n_released, "released");
        if n_released == 0 {
            let _ = signal.try_send(Signal::Bad);
        }
    }

    /// What is here goes at once; then the cloud is asked for what was printed a moment ago.
    async fn release(&self, station: &StationSettings, person: &Person) -> usize {
        let mut asked = HashSet::new();
        let mut n_released = 0;
        if station.on_tap == OnTap::All {
            n_released += self.release_held(station, person, &mut asked).await;
        }
        owners::refresh(&self.deeds, &self.journal, &self.wakes, &person.owner()).await;
        n_released + self.release_held(station, person, &mut asked).await
    }

    async fn release_held(
        &self,
        station: &StationSettings,
        person: &Person,
        asked: &mut HashSet<JobNumber>,
    ) -> usize {
        let mut jobs = match self.journal.of_owner(&person.id, MOST_JOBS).await {
            Ok(jobs) => jobs,
            Err(error) => {
                warn!(station = station.name, "the person's jobs could not be read: {error}");
                return 0;
            }
        };
        jobs.retain(|job| may_go(job) && !asked.contains(&job.number));
        // Oldest first, as they were printed.
        jobs.sort_by_key(|job| (job.facts.created, job.number));
        if station.on_tap == OnTap::Last {
            jobs = jobs.pop().into_iter().collect();
        }
        let Some(printer) = station.printers.first() else { return 0 };
        let mut n_released = 0;
        for job in jobs {
            asked.insert(job.number);
            n_released += usize::from(self.release_one(&job, printer, person).await);
        }
        n_released
    }

    async fn release_one(&self, job: &Job, printer: &PrinterName, person: &Person) -> bool {
        let command = Command::Release {
            job: job.number,
            version: job.version,
            printer: printer.clone(),
            change: ConfigurationChange::default(),
            reprint: false,
            by: Asker::Owner(person.id.clone()),
        };
        match ask(&self.wakes, command, ANSWER_TIME).await {
            Answer::Accepted => true,
            Answer::Refused(refusal) => {
                warn!(job = %job.number, "{}", refusal.sentence());
                false
            }
        }
    }
}

/// Whether a badge alone lets a job go.
fn may_go(job: &Job) -> bool {
    let barred = job.terms.as_ref().is_none_or(|terms| terms.barred.is_some());
    job.state == State::Held && !job.may_have_printed && !barred
}
