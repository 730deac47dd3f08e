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
use tracing::{debug, error, info, warn};

use super::{Wake, deeds::Deeds, main_loop::SharedSettings};
use crate::{
    graph::GraphError,
    model::{FailureClass, PrintTask, SourcePrinterId, TaskId, TaskState},
};

/// How often a task that we know is handed over again.
const SAME_TASK: Duration = Duration::from_mins(10);
/// How often source printers are looked at again.
const SOURCE_PRINTERS: Duration = Duration::from_hours(1);
/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// The poller's memory.
pub(super) struct Poller {
    pub(super) deeds: Arc<Deeds>,
    pub(super) settings: Arc<RwLock<SharedSettings>>,
    pub(super) wakes: mpsc::Sender<Wake>,
    pub(super) filtered: bool,
    pub(super) handed_over: HashMap<TaskId, Instant>,
    pub(super) strangers: HashSet<SourcePrinterId>,
    pub(super) printers_seen: HashMap<SourcePrinterId, Instant>,
}

impl Poller {
    /// Polls until it is dropped.
    pub(super) async fn run(mut self) {
        let mut failures = 0_u32;
        loop {
            let settings =
                Arc::clone(&self.settings.read().expect("nothing panics while it is held"));
            self.look_at_source_printers(&settings).await;
            let begun = Instant::now();
            let result = self.poll(&settings).await;
            let took = begun.elapsed();
            let pause = match result {
                Ok(()) => {
                    failures = 0;
                    settings.cloud.poll_interval
                }
                Err(error) => {
                    failures += 1;
                    warn!(failures, "tasks could not be listed: {error}");
                    wait_after(&error, failures)
                }
            };
            sleep(jittered(pause.max(took * 10))).await;
        }
    }

    async fn poll(&mut self, settings: &SharedSettings) -> Result<(), GraphError> {
        let definition = &settings.cloud.task_definition;
        let graph = self.deeds.graph();
        let tasks = match graph.list_tasks(definition, self.filtered).await {
            Err(error) if self.filtered && error.failure().class == FailureClass::Refused => {
                info!("the cloud does not filter tasks by state; listing all of them: {error}");
                self.filtered = false;
                graph.list_tasks(definition, false).await?
            }
            other => other?,
        };
        let fresh: Vec<PrintTask> =
            tasks.into_iter().filter(|task| self.is_ours(settings, task)).collect();
        debug!(tasks = fresh.len(), "tasks to hand over");
        if !fresh.is_empty() {
            // The loop is gone only when the process ends.
            let _ = self.wakes.send(Wake::TasksSeen(fresh)).await;
        }
        Ok(())
    }

    fn is_ours(&mut self, settings: &SharedSettings, task: &PrintTask) -> bool {
        let source_printer = &task.cloud_job.source_printer;
        if settings.queue(source_printer).is_none() {
            if self.strangers.insert(source_printer.clone()) {
                warn!(%source_printer, "tasks of a source printer that no queue names are left alone; \
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
    /// task is claimed, and again each hour.
    async fn look_at_source_printers(&mut self, settings: &SharedSettings) {
        for queue in &settings.queues {
            let id = &queue.source_printer;
            let lately =
                self.printers_seen.get(id).is_some_and(|at| at.elapsed() < SOURCE_PRINTERS);
            if lately {
                continue;
            }
            match self.deeds.graph().get_printer(id).await {
                Ok(facts) => {
                    let device = facts.has_physical_device != Some(false)
                        || facts.has_connectors == Some(true);
                    if device {
                        error!(source_printer = %id, name = %facts.name, "this queue has, or may have, a device or \
                            connector of its own, which would print each job as well: its jobs are held and not \
                            released; use a virtual printer without one");
                    }
                    self.deeds.note_device(id.clone(), device);
                    self.printers_seen.insert(id.clone(), Instant::now());
                }
                Err(error) => {
                    warn!(source_printer = %id, "the source printer could not be looked at: {error}")
                }
            }
        }
    }
}

fn wait_after(error: &GraphError, failures: u32) -> Duration {
    let doubled = Duration::from_secs(1 << failures.min(7)).min(LONGEST_WAIT);
    match error.failure().class {
        FailureClass::Retry { after } => after.unwrap_or(doubled),
        _ => doubled,
    }
}

/// Up to a tenth longer, so that many daemons do not ask in the same second.
fn jittered(pause: Duration) -> Duration {
    let mut byte = [0_u8];
    // Without randomness the pause is merely not spread.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    pause + pause.mul_f64(f64::from(byte[0]) / 2550.0)
}
