//! The poller: asks the cloud for tasks, page by page, and hands them over.
//!
//! It promises: only tasks of configured queues whose source printers are known are claimed; the next poll waits at
//! least ten times as long as the last listing took. Absence in a list proves nothing here.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, RwLock},
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tracing::{debug, info, warn};

use super::{Wake, deeds::Deeds, main_loop::SharedSettings};
use crate::{
    flow::{Event, Job},
    graph::GraphError,
    journal::reader::JournalReader,
    model::{CloudPrinterId, FailureClass, PrintTask, Reason, TaskId, TaskState},
};

/// How often a task that we know is handed over again.
const SAME_TASK: Duration = Duration::from_mins(10);
/// How often source printers are looked at again.
const SOURCE_PRINTERS: Duration = Duration::from_hours(1);
/// The same while something is wrong.
const AGAIN_SOON: Duration = Duration::from_secs(15);
/// How many jobs are looked at again when their queue is well.
const MOST_BARRED: u32 = 10_000;
/// The most pages, good or bad, of one listing.
const MOST_PAGES: u32 = 1_000;
/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// The longest wait after refusals.
const REFUSED_WAIT: Duration = Duration::from_secs(15);

/// The poller's memory.
pub(super) struct Poller {
    deeds: Arc<Deeds>,
    settings: Arc<RwLock<SharedSettings>>,
    wakes: mpsc::Sender<Wake>,
    filtered: bool,
    handed_over: HashMap<TaskId, Instant>,
    strangers: HashSet<CloudPrinterId>,
    stamp_seen: Option<Instant>,
    /// When each was seen, and whether it is to be seen again soon.
    printers_seen: HashMap<CloudPrinterId, (Instant, bool)>,
    reader: JournalReader,
}

impl Poller {
    pub(super) fn new(
        deeds: Arc<Deeds>,
        settings: Arc<RwLock<SharedSettings>>,
        wakes: mpsc::Sender<Wake>,
        reader: JournalReader,
    ) -> Self {
        Self {
            deeds,
            settings,
            wakes,
            filtered: true,
            handed_over: HashMap::new(),
            strangers: HashSet::new(),
            stamp_seen: None,
            printers_seen: HashMap::new(),
            reader,
        }
    }

    /// Polls until it is dropped.
    pub(super) async fn run(mut self) {
        loop {
            let settings =
                Arc::clone(&self.settings.read().expect("nothing panics while it is held"));
            self.look_at_stamp(&settings).await;
            self.look_at_source_printers(&settings).await;
            let took = self.poll(&settings).await;
            sleep(jittered(settings.cloud.poll_interval.max(took * 10))).await;
        }
    }

    /// Walks through one listing and says how long its calls took. Each page is handed over as it comes; a page that
    /// fails is asked for again, so that one bad answer does not cost the whole list.
    async fn poll(&mut self, settings: &SharedSettings) -> Duration {
        let definition = &settings.cloud.task_definition;
        let (mut next, mut failures, mut took) = (None::<String>, 0_u32, Duration::ZERO);
        for _ in 0..MOST_PAGES {
            let deeds = Arc::clone(&self.deeds);
            let call = deeds.call().await;
            let begun = Instant::now();
            let page =
                self.deeds.graph().list_tasks(definition, self.filtered, next.as_deref()).await;
            took += begun.elapsed();
            drop(call);
            match page {
                Ok(page) => {
                    failures = 0;
                    self.deeds.definition_seen(None);
                    self.hand_over(settings, page.tasks).await;
                    next = page.next;
                    if next.is_none() {
                        break;
                    }
                }
                Err(error) => {
                    failures += 1;
                    self.stamp_seen = None;
                    next = self.after_failure(&error, next);
                    sleep(jittered(wait_after(&error, failures))).await;
                }
            }
        }
        took
    }

    /// Where to go on after a page that failed: there, if that may go well; otherwise from the start.
    fn after_failure(&mut self, error: &GraphError, next: Option<String>) -> Option<String> {
        let class = error.failure().class;
        let lasting = !matches!(class, FailureClass::Retry { .. });
        if class == FailureClass::Gone && next.is_none() {
            self.deeds.definition_seen(Some(error.to_string()));
        } else if lasting && self.filtered && next.is_none() {
            info!("the cloud does not filter tasks by state; listing all of them: {error}");
            self.filtered = false;
        } else {
            warn!(id = "tasks-not-listed", "tasks could not be listed: {error}");
        }
        next.filter(|_| !lasting)
    }

    async fn hand_over(&mut self, settings: &SharedSettings, tasks: Vec<PrintTask>) {
        let fresh: Vec<PrintTask> =
            tasks.into_iter().filter(|task| self.is_ours(settings, task)).collect();
        if !fresh.is_empty() {
            debug!(tasks = fresh.len(), "handed over");
            // The loop is gone only when the process ends.
            let _ = self.wakes.send(Wake::TasksSeen(fresh)).await;
        }
    }

    /// Reads who serves the definition: each minute, and as soon as the cloud answers again.
    async fn look_at_stamp(&mut self, settings: &SharedSettings) {
        let lately = self.stamp_seen.is_some_and(|at| at.elapsed() < settings.cloud.stamp_interval);
        if lately {
            return;
        }
        let deeds = Arc::clone(&self.deeds);
        let _call = deeds.call().await;
        match deeds.check_stamp().await {
            Ok(()) => self.stamp_seen = Some(Instant::now()),
            // Health tells of a definition that is not there.
            Err(error) if error.failure().class == FailureClass::Gone => {}
            Err(error) => warn!(
                id = "stamp-not-read",
                "who serves the task definition could not be read: {error}"
            ),
        }
    }

    fn is_ours(&mut self, settings: &SharedSettings, task: &PrintTask) -> bool {
        let source_printer = &task.cloud_job.source_printer;
        if settings.queue(source_printer).is_none() {
            if self.strangers.insert(source_printer.clone()) {
                warn!(id = "queue-unknown", %source_printer, "tasks of a source printer that no queue names are left alone; \
                    write a table [queues.NAME] for it, or remove its trigger");
            }
            return false;
        }
        let open = !matches!(task.state, TaskState::Completed | TaskState::Aborted);
        if !open || self.deeds.device_of(source_printer).is_none() {
            return false;
        }
        let now = Instant::now();
        let lately = self.handed_over.get(&task.id).is_some_and(|at| now - *at < SAME_TASK);
        if !lately {
            self.handed_over.retain(|_, at| now - *at < SAME_TASK);
            self.handed_over.insert(task.id.clone(), now);
        }
        !lately
    }

    /// A source printer with a device of its own would print each job as well: that is found out before its first
    /// task is claimed, and again each hour; sooner where something is wrong.
    async fn look_at_source_printers(&mut self, settings: &SharedSettings) {
        for queue in &settings.queues {
            let id = &queue.source_printer;
            let lately = |(at, soon): &(Instant, bool)| {
                at.elapsed() < if *soon { AGAIN_SOON } else { SOURCE_PRINTERS }
            };
            if self.printers_seen.get(id).is_some_and(lately) {
                continue;
            }
            if let Some(soon) = self.look_at_source_printer(id).await {
                self.printers_seen.insert(id.clone(), (Instant::now(), soon));
            }
        }
    }

    /// Looks at a source printer, and says whether to look again soon, for something is wrong with it or what waited for
    /// it could not be read; absent where the cloud shall be asked again with the next poll.
    async fn look_at_source_printer(&self, id: &CloudPrinterId) -> Option<bool> {
        let _call = self.deeds.call().await;
        match self.deeds.look_at_device(id).await {
            Ok(true) => Some(true),
            Ok(false) => {
                let was_well = self.printers_seen.get(id).is_some_and(|(_, soon)| !soon);
                Some(!was_well && !self.look_again_at_barred(id).await)
            }
            Err(error) => {
                let class = error.failure().class;
                // Health tells of one that is not there.
                if class != FailureClass::Gone {
                    warn!(id = "source-printer-not-seen", source_printer = %id, "the source printer could not be looked at: {error}");
                }
                (!matches!(class, FailureClass::Retry { .. })).then_some(true)
            }
        }
    }

    /// A queue is well: jobs that were held because it was not may be released. Says whether they could be read.
    async fn look_again_at_barred(&self, queue: &CloudPrinterId) -> bool {
        let jobs = match self.reader.waiting_in(queue, MOST_BARRED).await {
            Ok((_, jobs)) => jobs,
            Err(error) => {
                warn!(id = "jobs-unreadable", source_printer = %queue, "the jobs that waited for the queue could not be read: {error}");
                return false;
            }
        };
        let barred = |job: &Job| job.reasons.contains(Reason::SourcePrinterHasDevice);
        for job in jobs.into_iter().filter(barred) {
            // The loop is gone only when the process ends.
            let _ = self.wakes.send(Wake::Happened(job.number, Event::LookAsked)).await;
        }
        true
    }
}

fn wait_after(error: &GraphError, failures: u32) -> Duration {
    let doubled = Duration::from_millis(500 << failures.min(8)).min(LONGEST_WAIT);
    match error.failure().class {
        FailureClass::Retry { after } => after.unwrap_or(doubled),
        // Somebody has to grant or mend something, and then it shall go on soon.
        _ => doubled.min(REFUSED_WAIT),
    }
}

/// Up to a tenth longer, so that many daemons do not ask in the same second.
fn jittered(pause: Duration) -> Duration {
    let mut byte = [0_u8];
    // Without randomness the pause is merely not spread.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    pause + pause.mul_f64(f64::from(byte[0]) / 2550.0)
}
