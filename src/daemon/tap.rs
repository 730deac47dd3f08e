//! A badge at a station without a screen: its owner's jobs go to the station's printer.
//!
//! It promises: only the owner's jobs go, by the object id; none that may have printed already; more paper than the
//! station lets go at once waits for the badge to be shown again.
//! Deliberately absent: whose a badge is, and stations with a screen (`stations`).

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tracing::{info, warn};

use super::{Wake, ask, deeds::Deeds, job_span::job_span, owners, presence::Presence};
use crate::{
    badge::reader::Signal,
    flow::{Job, State},
    journal::reader::JournalReader,
    model::{
        Answer, Asker, Command, ConfigurationChange, JobNumber, PrinterName,
        people::{BadgeHash, Person, PinRule},
        station::{OnTap, StationSettings},
    },
};

const MOST_JOBS: u32 = 200;
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// How soon a badge is to be shown again.
const SECOND_TAP: Duration = Duration::from_secs(30);
/// How long documents may take to be here and counted.
const COUNT_TIME: Duration = Duration::from_secs(20);
/// How often a job is looked at on its way to the printer, while a badge stays.
const STEP: Duration = Duration::from_millis(200);
/// How often it is looked for new jobs meanwhile.
const LOOK_EACH: Duration = Duration::from_millis(500);

/// A person's badge at a station.
pub(super) struct Tap<'a> {
    pub(super) station: &'a StationSettings,
    /// The station's first printer.
    pub(super) printer: &'a PrinterName,
    pub(super) person: &'a Person,
    pub(super) presence: &'a Presence,
    pub(super) badge: &'a BadgeHash,
}

/// What came of a tap.
enum End {
    /// So many jobs are on their way.
    Released(usize),
    /// The badge is to be shown again.
    Again,
}

/// A question whether all of it shall come out.
struct Asked {
    at: Instant,
    /// What it was about.
    jobs: HashSet<JobNumber>,
}

/// Taps at all stations.
pub(super) struct Taps {
    pub(super) deeds: Arc<Deeds>,
    pub(super) journal: JournalReader,
    pub(super) wakes: mpsc::Sender<Wake>,
    /// Whom a station asked to show the badge again.
    asked: Mutex<HashMap<(String, String), Asked>>,
}

impl Taps {
    pub(super) fn new(
        deeds: Arc<Deeds>,
        journal: JournalReader,
        wakes: mpsc::Sender<Wake>,
    ) -> Self {
        Self { deeds, journal, wakes, asked: Mutex::default() }
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<(String, String), Asked>> {
        self.asked.lock().expect("nothing panics while it is held")
    }

    /// What waits comes out, where a badge alone is enough. The result is what the reader shows beside that the badge
    /// is known.
    pub(super) async fn tapped(&self, tap: &Tap<'_>) -> Option<Signal> {
        let settings = self.deeds.settings();
        let (station, person) = (&tap.station.name, settings.log.person(&tap.person.id));
        if settings.pin == PinRule::WithBadge {
            warn!(
                id = "pin-without-screen",
                station, "a PIN is wanted, and the station has no screen"
            );
            return Some(Signal::Bad);
        }
        match self.release(tap).await {
            End::Released(n_released) => {
                info!(station, person, n_released, "released");
                (n_released == 0).then_some(Signal::Bad)
            }
            End::Again => {
                info!(station, person, "this is much paper: the badge is to be shown again");
                Some(Signal::Again)
            }
        }
    }

    async fn release(&self, tap: &Tap<'_>) -> End {
        let (mut seen, mut n_released) = (HashSet::new(), 0);
        // What is here goes at once; then the cloud is asked for what was printed a moment ago.
        if tap.station.on_tap == OnTap::All && tap.station.ask_above.is_none() {
            for job in self.waiting(tap, &mut seen).await {
                n_released += usize::from(self.release_one(tap, &job).await);
            }
        }
        owners::refresh(&self.deeds, &self.journal, &self.wakes, &tap.person.owner()).await;
        loop {
            let jobs = self.waiting(tap, &mut seen).await;
            let (jobs, too_many) = self.without_asking(tap, jobs).await;
            let (n, stays) = self.release_all(tap, jobs).await;
            n_released += n;
            if too_many {
                return End::Again;
            }
            // What is printed while the badge lies there comes out as well.
            if tap.station.on_tap != OnTap::WhilePresent || !stays {
                return End::Released(n_released);
            }
            sleep(LOOK_EACH).await;
        }
    }

    /// How many are on their way, and whether the badge is still there.
    async fn release_all(&self, tap: &Tap<'_>, jobs: Vec<Job>) -> (usize, bool) {
        let mut n_released = 0;
        for job in jobs {
            n_released += usize::from(self.release_one(tap, &job).await);
            if tap.station.on_tap == OnTap::WhilePresent && !self.stayed(tap, job.number).await {
                return (n_released, false);
            }
        }
        (n_released, tap.presence.holds(tap.badge))
    }

    /// The person's jobs that were not seen before, oldest first: as they were printed.
    async fn waiting(&self, tap: &Tap<'_>, seen: &mut HashSet<JobNumber>) -> Vec<Job> {
        let mut jobs = match self.journal.of_owner(&tap.person.id, MOST_JOBS).await {
            Ok(jobs) => jobs,
            Err(error) => {
                let station = &tap.station.name;
                warn!(
                    id = "jobs-unreadable",
                    station, "the person's jobs could not be read: {error}"
                );
                return Vec::new();
            }
        };
        jobs.retain(|job| may_go(job) && seen.insert(job.number));
        jobs.sort_by_key(|job| (job.facts.created, job.number));
        match tap.station.on_tap {
            OnTap::Last => jobs.pop().into_iter().collect(),
            OnTap::All | OnTap::WhilePresent => jobs,
        }
    }

    /// The jobs that go without a question, and whether there is one about the others: they are more paper than goes at
    /// once, and the badge was not shown again for them.
    async fn without_asking(&self, tap: &Tap<'_>, jobs: Vec<Job>) -> (Vec<Job>, bool) {
        let Some(limit) = tap.station.ask_above else { return (jobs, false) };
        let who = (tap.station.name.clone(), tap.person.id.clone());
        let before = self.asked().remove(&who).filter(|asked| asked.at.elapsed() < SECOND_TAP);
        let about = before.map(|asked| asked.jobs).unwrap_or_default();
        let (mut go, new): (Vec<Job>, Vec<Job>) =
            jobs.into_iter().partition(|job| about.contains(&job.number));
        if new.is_empty() {
            return (go, false);
        }
        // Whoever shows the badge again while it is counted does not want to be asked.
        let asked =
            || Asked { at: Instant::now(), jobs: new.iter().map(|job| job.number).collect() };
        self.asked().insert(who.clone(), asked());
        let sheets = timeout(COUNT_TIME, self.sheets(&new)).await.ok().flatten();
        let mut questions = self.asked();
        let shown_again = questions.remove(&who).is_none();
        // What can not be counted may be much.
        let ask = !shown_again && sheets.is_none_or(|sheets| sheets > limit);
        if ask {
            questions.retain(|_, asked| asked.at.elapsed() < SECOND_TAP);
            questions.insert(who, asked());
        } else {
            go.extend(new);
        }
        (go, ask)
    }

    /// The sheets of all these jobs, if all can be counted.
    async fn sheets(&self, jobs: &[Job]) -> Option<u64> {
        let mut sum = 0_u64;
        for job in jobs {
            sum = sum.saturating_add(self.deeds.count_sheets(job).await?);
        }
        Some(sum)
    }

    async fn release_one(&self, tap: &Tap<'_>, job: &Job) -> bool {
        let command = Command::Release {
            job: job.number,
            version: job.version,
            printer: tap.printer.clone(),
            change: ConfigurationChange::default(),
            reprint: false,
            by: Asker::Owner(tap.person.id.clone()),
        };
        match ask(&self.wakes, command, ANSWER_TIME).await {
            Answer::Accepted => true,
            Answer::Refused(refusal) => {
                job_span(job, &self.deeds.settings().log)
                    .in_scope(|| warn!(id = "release-refused", "{}", refusal.sentence()));
                false
            }
        }
    }

    /// Whether the badge stayed until the printer had the job. A reader that says a number once lets one job go.
    async fn stayed(&self, tap: &Tap<'_>, job: JobNumber) -> bool {
        let begun = Instant::now();
        while tap.presence.holds(tap.badge) {
            let shown = self.journal.show(job).await;
            let on_its_way = |job: &Job| matches!(job.state, State::Releasing(_));
            let at_printer = matches!(&shown, Ok(Some((job, _))) if !on_its_way(job));
            if at_printer && tap.presence.said_since(tap.badge, begun) {
                return true;
            }
            sleep(STEP).await;
        }
        false
    }
}

/// Whether a badge alone lets a job go.
fn may_go(job: &Job) -> bool {
    let barred = job.terms.as_ref().is_none_or(|terms| terms.barred.is_some());
    job.state == State::Held && !job.may_have_printed && !barred
}
