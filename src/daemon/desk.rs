//! The kiosk's desk: people's jobs as the journal has them, and printers as they are.
//!
//! It promises: lists come from read-only connections; the cloud is asked once for a person at a time, however many ask.
//! Deliberately absent: who is signed in (`kiosk`), and whether an order is carried out (the flow).

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::future::{BoxFuture, FutureExt, join_all};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{broadcast, mpsc};
use tracing::warn;

use super::{Wake, ask, badges::Badges, deeds::Deeds, health::Health, overview, owners, told};
use crate::{
    flow::{Destination, Job, State},
    journal::{JournalError, reader::JournalReader},
    kiosk::desk::{Desk, Freshness, JobView, NotNow, Overview, PrinterView, Stage},
    model::{
        Answer, Capabilities, Command, PrinterName, Refusal,
        people::{BadgeHash, Person},
        printer::Standing,
        settings::Prefetch,
        station::StationSettings,
    },
    printer,
};

const ANSWER_TIME: Duration = Duration::from_secs(10);
/// How long what a printer said is repeated.
const PRINTER_MEMORY: Duration = Duration::from_secs(2);
/// How long what the cloud told of a person is enough for the next one who asks.
const CLOUD_MEMORY: Duration = Duration::from_secs(2);
/// How long what the cloud told of a person is called fresh.
const FRESH: Duration = Duration::from_mins(5);
/// How many people's freshness is kept.
const MOST_PEOPLE: usize = 4_096;
const MOST_JOBS: u32 = 200;
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);

/// What stands behind the desk.
pub(super) struct DaemonDesk {
    deeds: Arc<Deeds>,
    journal: JournalReader,
    badges: Arc<Badges>,
    health: Arc<Health>,
    wakes: mpsc::Sender<Wake>,
    people: Mutex<HashMap<String, Arc<Lookups>>>,
    printers: Mutex<HashMap<PrinterName, (Instant, PrinterView)>>,
}

/// The last question to the cloud about a person.
struct Lookups {
    /// Held while it is asked.
    asking: tokio::sync::Mutex<()>,
    last: Mutex<Last>,
}

#[derive(Clone, Copy)]
struct Last {
    asked: Instant,
    freshness: Freshness,
    told: Option<Timestamp>,
}

impl fmt::Debug for DaemonDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DaemonDesk")
    }
}

impl DaemonDesk {
    pub(super) fn new(
        deeds: Arc<Deeds>,
        journal: JournalReader,
        badges: Arc<Badges>,
        health: Arc<Health>,
        wakes: mpsc::Sender<Wake>,
    ) -> Self {
        let (people, printers) = (Mutex::default(), Mutex::default());
        Self { deeds, journal, badges, health, wakes, people, printers }
    }

    fn lookups(&self, person: &Person) -> Arc<Lookups> {
        let mut people = self.people.lock().expect("nothing panics while it is held");
        if people.len() >= MOST_PEOPLE {
            people.retain(|_, one| Arc::strong_count(one) > 1);
        }
        Arc::clone(people.entry(person.id.clone()).or_insert_with(|| {
            let last = Last { asked: Instant::now(), freshness: Freshness::Asking, told: None };
            Arc::new(Lookups { asking: tokio::sync::Mutex::new(()), last: Mutex::new(last) })
        }))
    }

    /// One question for all who ask at a time.
    async fn ask_cloud(&self, person: &Person) {
        let lookups = self.lookups(person);
        let begun = Instant::now();
        let _asking = lookups.asking.lock().await;
        let last = lookups.last();
        let answered = last.freshness != Freshness::Asking;
        if answered && (last.asked >= begun || last.asked.elapsed() < CLOUD_MEMORY) {
            return;
        }
        lookups.set(Last { freshness: Freshness::Asking, ..last });
        let all = owners::refresh(&self.deeds, &self.journal, &self.wakes, &person.owner()).await;
        let told = if all { Some(Timestamp::now()) } else { last.told };
        let freshness = if all { Freshness::Fresh } else { Freshness::AsOf(told) };
        lookups.set(Last { asked: Instant::now(), freshness, told });
        let _ = self.deeds.changes.send(person.id.clone());
    }

    async fn list(&self, person: &Person) -> Result<Vec<JobView>, JournalError> {
        let since = Timestamp::now() - LOOK_BACK;
        let (open, ended) = tokio::try_join!(
            self.journal.of_owner(&person.id, MOST_JOBS),
            self.journal.ended_of_owner(&person.id, since, MOST_JOBS),
        )?;
        let open = open.iter().map(|job| (job, None));
        let ended = ended.iter().map(|(job, at)| (job, Some(*at)));
        let mut views: Vec<JobView> =
            open.chain(ended).map(|(job, at)| self.view(job, at)).collect();
        views.sort_by_key(|view| std::cmp::Reverse((view.created, view.number)));
        Ok(views)
    }

    fn view(&self, job: &Job, ended: Option<Timestamp>) -> JobView {
        let settings = self.deeds.settings();
        let queue = settings.queue(&job.cloud_job.source_printer);
        let title = job.facts.document.as_ref().and_then(|document| document.title.clone());
        let mask = settings.kiosk.as_ref().is_some_and(|kiosk| kiosk.mask_titles);
        JobView {
            number: job.number,
            version: job.version,
            title: title.map(|title| if mask { told::masked(&title) } else { title }),
            stage: stage(job, ended),
            may_have_printed: job.may_have_printed,
            reasons: job.reasons.clone(),
            configuration: job.wanted_configuration(),
            stays_gray: job.facts.sent_gray && queue.is_some_and(|queue| queue.gray_stays),
            created: job.facts.created,
            hold_until: job.terms.as_ref().map(|terms| terms.hold_until),
            printer: job.attempt().map(|attempt| match &attempt.destination {
                Destination::Printer(name) => name.to_string(),
                Destination::CloudPrinter(id) => settings
                    .cloud_printers
                    .iter()
                    .find(|printer| printer.id == *id)
                    .map_or_else(|| id.to_string(), |printer| printer.name.to_string()),
            }),
            sheets: self.deeds.sheets(job.number),
        }
    }

    /// What a printer said a moment ago.
    fn known_printer(&self, name: &PrinterName) -> Option<PrinterView> {
        let printers = self.printers.lock().expect("nothing panics while it is held");
        let (at, view) = printers.get(name)?;
        (at.elapsed() < PRINTER_MEMORY).then(|| view.clone())
    }

    async fn look_at_printer(&self, name: &PrinterName) -> PrinterView {
        let settings = self.deeds.settings();
        let names =
            settings.pool(name).map_or_else(|| std::slice::from_ref(name), |pool| &pool.members);
        let printers = names.iter().filter_map(|name| self.deeds.printer(name));
        let told: Vec<Option<Arc<Capabilities>>> =
            join_all(printers.map(|printer| async move { printer.glance().await })).await;
        // One that says nothing may be able to, and so may one in the cloud.
        let silent = told.iter().all(Option::is_none);
        let any =
            |can: fn(&Capabilities) -> bool| silent || told.iter().flatten().any(|one| can(one));
        PrinterView {
            name: name.clone(),
            standing: if told.is_empty() { Standing::Unknown } else { best(&told) },
            color: any(Capabilities::prints_color),
            both_sides: any(Capabilities::prints_both_sides),
        }
    }
}

impl Lookups {
    fn last(&self) -> Last {
        *self.last.lock().expect("nothing panics while it is held")
    }

    fn set(&self, last: Last) {
        *self.last.lock().expect("nothing panics while it is held") = last;
    }
}

impl Desk for DaemonDesk {
    fn stations(&self) -> Vec<StationSettings> {
        self.deeds.settings().stations.clone()
    }

    fn person_of<'a>(&'a self, badge: &'a str) -> BoxFuture<'a, Result<Option<Person>, NotNow>> {
        async move { self.badges.person_of(badge).await.map_err(|error| not_now(&error)) }.boxed()
    }

    fn person_of_code<'a>(
        &'a self,
        code: &'a str,
    ) -> BoxFuture<'a, Result<Option<Person>, NotNow>> {
        async move { self.badges.person_of_code(code).await.map_err(|error| not_now(&error)) }
            .boxed()
    }

    fn person_named<'a>(&'a self, upn: &'a str) -> BoxFuture<'a, Result<Option<Person>, NotNow>> {
        async move { self.badges.person_named(upn).await.map_err(|error| not_now(&error)) }.boxed()
    }

    fn register<'a>(
        &'a self,
        code: &'a str,
        person: &'a Person,
        badge: BadgeHash,
    ) -> BoxFuture<'a, Result<(), NotNow>> {
        async move {
            self.badges.register(code, person, badge).await.map_err(|error| not_now(&error))
        }
        .boxed()
    }

    fn is_pin_of<'a>(
        &'a self,
        person: &'a Person,
        pin: &'a str,
    ) -> BoxFuture<'a, Result<bool, NotNow>> {
        async move { self.badges.is_pin_of(person, pin).await.map_err(|error| not_now(&error)) }
            .boxed()
    }

    fn owners_of<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, Result<Vec<Person>, NotNow>> {
        async move { self.badges.owners_of(&person.id).await.map_err(|error| not_now(&error)) }
            .boxed()
    }

    fn jobs<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, Result<Vec<JobView>, NotNow>> {
        async move { self.list(person).await.map_err(|error| not_now(&error)) }.boxed()
    }

    fn refresh<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, ()> {
        self.ask_cloud(person).boxed()
    }

    fn fetch_ahead<'a>(
        &'a self,
        person: &'a Person,
        printer: Option<&'a PrinterName>,
    ) -> BoxFuture<'a, ()> {
        async move {
            // The newest first: it is the likeliest to be wanted.
            for job in self.journal.of_owner(&person.id, MOST_JOBS).await.unwrap_or_default() {
                self.deeds.fetch_ahead(&job, Prefetch::Tap, printer).await;
            }
        }
        .boxed()
    }

    fn freshness(&self, person: &Person) -> Freshness {
        let last = self.lookups(person).last();
        // What was fresh at the last visit is not at this one.
        if last.asked.elapsed() < FRESH { last.freshness } else { Freshness::Asking }
    }

    fn printer<'a>(&'a self, name: &'a PrinterName) -> BoxFuture<'a, PrinterView> {
        async move {
            if let Some(view) = self.known_printer(name) {
                return view;
            }
            let view = self.look_at_printer(name).await;
            let mut printers = self.printers.lock().expect("nothing panics while it is held");
            printers.insert(name.clone(), (Instant::now(), view.clone()));
            view
        }
        .boxed()
    }

    fn overview(&self) -> BoxFuture<'_, Result<Overview, NotNow>> {
        async move {
            let looked = overview::overview(&self.deeds, &self.health, &self.journal).await;
            looked.map_err(|error| not_now(&error))
        }
        .boxed()
    }

    fn changes(&self) -> broadcast::Receiver<String> {
        self.deeds.changes.subscribe()
    }

    fn ask(&self, command: Command) -> BoxFuture<'_, Answer> {
        async move {
            match self.badges.may_ask(&command).await {
                Ok(true) => ask(&self.wakes, command, ANSWER_TIME).await,
                Ok(false) => Answer::Refused(Refusal::NoSuchJob),
                Err(error) => {
                    let NotNow = not_now(&error);
                    Answer::Refused(Refusal::NotNow)
                }
            }
        }
        .boxed()
    }
}

fn not_now(error: &impl fmt::Display) -> NotNow {
    warn!(id = "kiosk-not-answered", "the kiosk was not answered: {error}");
    NotNow
}

/// Where a job is, for its owner: what is decided has ended for them, whatever the cloud knows.
fn stage(job: &Job, ended: Option<Timestamp>) -> Stage {
    match &job.state {
        State::Claimed => Stage::Arriving,
        State::Held if job.terms.as_ref().is_some_and(|terms| terms.barred.is_some()) => {
            Stage::Barred
        }
        State::Held => Stage::Waiting,
        State::Releasing(releasing) if releasing.phase.is_doubtful() => Stage::Checking,
        State::Releasing(_) => Stage::Sending,
        State::Printing(_) | State::Following(_) => Stage::Printing,
        State::Reporting(reporting) => Stage::Ended(reporting.outcome.ending(), ended),
        State::Settled(ending) => Stage::Ended(ending.clone(), ended),
    }
}

/// How the one of a pool is that is best off.
fn best(told: &[Option<Arc<Capabilities>>]) -> Standing {
    let of = |can: &Option<Arc<Capabilities>>| printer::standing(can.as_deref());
    let rank = |standing: &Standing| match standing {
        Standing::Ready => 0,
        Standing::Busy => 1,
        Standing::Trouble(_) => 2,
        Standing::Unknown => 3,
        Standing::Unreachable => 4,
    };
    told.iter().map(of).min_by_key(rank).unwrap_or(Standing::Unknown)
}
