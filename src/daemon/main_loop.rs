//! The loop: all wakes that are ready, folded in order, one commit, then the effects.
//!
//! Invariant: an effect is handed to the runner only after the commit that holds its intent. If a job is not as it was
//! read, nothing of the batch is written and the batch is folded again on what is there now.

use std::{
    collections::{BTreeMap, btree_map::Entry as MapEntry},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, sleep_until},
};
use tracing::{debug, error, info, warn};

use super::{Wake, kill_point, runner::Runner, start::Shutdown};
use crate::{
    flow::{self, Actor, Destination, Event, Job, Now, ReleaseOrder},
    journal::{Batch, Entry, Journal, JournalError, Write},
    model::{Answer, Command, JobNumber, PrintTask, Refusal, TaskId},
};

/// The most wakes of one commit.
const MOST_WAKES: usize = 256;
/// The most timers that fire in one turn.
const MOST_TIMERS: u32 = 128;
/// The longest sleep, so that a jump of the clock is seen.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// How far our clock may be from the cloud's.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// How long a full disk or a busy journal is waited for before the next try.
const PASSING_WAIT: Duration = Duration::from_secs(5);
/// How long running sends may take when the daemon stops.
const STOP_BOUND: Duration = Duration::from_secs(30);

/// The loop's own things.
pub(super) struct MainLoop<J> {
    pub(super) journal: J,
    pub(super) runner: Runner,
    pub(super) inbox: mpsc::Receiver<Wake>,
    pub(super) last_number: JobNumber,
    pub(super) last_write: Timestamp,
    pub(super) shutdown: Shutdown,
}

/// A job in the batch: as it was read, as it will be, and what happened.
struct Folded {
    before: Option<Job>,
    after: Job,
    entries: Vec<Entry>,
}

/// A batch on its way to the journal.
#[derive(Default)]
struct Fold {
    jobs: BTreeMap<JobNumber, Folded>,
    tasks: BTreeMap<TaskId, JobNumber>,
    answers: Vec<Answer>,
}

impl<J: Journal> MainLoop<J> {
    /// Resumes what the journal holds, then wakes until it is told to stop.
    pub(super) async fn run(mut self, shutdown: &mut Shutdown) -> Result<(), JournalError> {
        let unfinished = self.journal.unfinished().await?;
        info!(jobs = unfinished.len(), "resuming");
        for jobs in unfinished.chunks(MOST_WAKES) {
            self.turn(jobs.iter().map(|job| Wake::Happened(*job, Event::Resumed)).collect())
                .await?;
        }
        let mut wakes = Vec::with_capacity(MOST_WAKES);
        loop {
            let due = self.passing(|this| Box::pin(this.sleep_time()), PASSING_WAIT).await?;
            tokio::select! {
                biased;
                () = shutdown.asked() => return self.stop(shutdown).await,
                n = self.inbox.recv_many(&mut wakes, MOST_WAKES) => if n == 0 { return Ok(()) },
                () = sleep_until(tokio::time::Instant::now() + due) => {}
            }
            wakes.extend(self.passing(|this| Box::pin(this.due_timers()), Vec::new()).await?);
            self.turn(std::mem::take(&mut wakes)).await?;
        }
    }

    async fn sleep_time(&mut self) -> Result<Duration, JournalError> {
        let deadline = self.journal.next_deadline().await?;
        let left = deadline.map(|at| at.duration_since(Timestamp::now()));
        let left = left.map(|left| Duration::try_from(left).unwrap_or(Duration::ZERO));
        Ok(left.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP))
    }

    async fn due_timers(&mut self) -> Result<Vec<Wake>, JournalError> {
        let now = Timestamp::now();
        let mut wakes = Vec::new();
        for job in self.journal.due(now, MOST_TIMERS).await? {
            let Some(job) = self.journal.load(job).await? else { continue };
            let due = job.timers.iter().filter(|(_, at)| **at <= now);
            wakes.extend(
                due.map(|(timer, _)| Wake::Happened(job.number, Event::TimerFired(*timer))),
            );
        }
        Ok(wakes)
    }

    /// A question to the journal; while that is full or busy, what to go on with instead.
    async fn passing<T>(
        &mut self,
        ask: impl for<'a> FnOnce(&'a mut Self) -> BoxFuture<'a, Result<T, JournalError>>,
        instead: T,
    ) -> Result<T, JournalError> {
        match ask(self).await {
            Err(error) if error.passes() => {
                warn!("{error}");
                Ok(instead)
            }
            result => result,
        }
    }

    /// One turn. After a conflict the batch is folded again; while the disk is full or the journal busy nothing
    /// starts, and a stop leaves everything as it is.
    async fn turn(&mut self, wakes: Vec<Wake>) -> Result<(), JournalError> {
        if wakes.is_empty() {
            return Ok(());
        }
        loop {
            match self.fold_and_write(&wakes).await {
                Ok(fold) => {
                    self.start(&fold);
                    answer(wakes, fold.answers);
                    return Ok(());
                }
                Err(JournalError::Conflict(job)) => {
                    warn!(%job, "the job changed meanwhile; folding again")
                }
                Err(error) if error.passes() => {
                    error!("{error}");
                    tokio::select! {
                        () = sleep(PASSING_WAIT) => {}
                        () = self.shutdown.asked() => return Ok(()),
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn fold_and_write(&mut self, wakes: &[Wake]) -> Result<Fold, JournalError> {
        let mut fold = Fold::default();
        for wake in wakes {
            self.fold(&mut fold, wake).await?;
        }
        let at = Timestamp::now();
        let writes = fold.jobs.values().filter(|job| !job.entries.is_empty());
        let writes: Vec<Write> = writes
            .map(|job| Write {
                before: job.before.clone(),
                after: job.after.clone(),
                entries: job.entries.clone(),
            })
            .collect();
        if !writes.is_empty() {
            self.write(Batch { at, writes }).await?;
            self.last_write = self.last_write.max(at);
        }
        Ok(fold)
    }

    async fn write(&mut self, batch: Batch) -> Result<(), JournalError> {
        let entries = || batch.writes.iter().flat_map(|write| &write.entries);
        entries().for_each(|entry| kill_point::pass(|| format!("before-commit {}", entry.kind)));
        self.journal.commit(&batch).await?;
        entries().for_each(|entry| kill_point::pass(|| format!("after-commit {}", entry.kind)));
        Ok(())
    }

    /// The intents are durable: now the effects.
    fn start(&mut self, fold: &Fold) {
        for (number, job) in &fold.jobs {
            let was = job.before.as_ref().map_or("new", |before| before.state.word());
            if was != job.after.state.word() {
                info!(job = %number, task = %job.after.task, cloud_job = %job.after.cloud_job,
                    reasons = %job.after.reasons, "{was} -> {}", job.after.state.word());
            }
            self.runner.follow(&job.after);
        }
    }

    async fn fold(&mut self, fold: &mut Fold, wake: &Wake) -> Result<(), JournalError> {
        match wake {
            Wake::TasksSeen(tasks) => self.fold_tasks(fold, tasks).await,
            Wake::Happened(job, event) => {
                if let Some(job) = self.load(fold, *job).await? {
                    happen(now(&self.runner, self.last_write), job, event);
                }
                Ok(())
            }
            // Whoever asked has gone, and was told to try again: it is not done behind their back.
            Wake::Asked(_, place) if place.is_closed() => {
                fold.answers.push(Answer::Refused(Refusal::NotNow));
                Ok(())
            }
            Wake::Asked(command, _) => {
                let answer = self.fold_command(fold, command).await?;
                fold.answers.push(answer);
                Ok(())
            }
        }
    }

    async fn load<'f>(
        &mut self,
        fold: &'f mut Fold,
        number: JobNumber,
    ) -> Result<Option<&'f mut Folded>, JournalError> {
        match fold.jobs.entry(number) {
            MapEntry::Occupied(known) => Ok(Some(known.into_mut())),
            MapEntry::Vacant(place) => {
                let Some(job) = self.journal.load(number).await? else { return Ok(None) };
                let folded = Folded { before: Some(job.clone()), after: job, entries: Vec::new() };
                Ok(Some(place.insert(folded)))
            }
        }
    }

    async fn fold_tasks(
        &mut self,
        fold: &mut Fold,
        tasks: &[PrintTask],
    ) -> Result<(), JournalError> {
        let ids: Vec<TaskId> = tasks.iter().map(|task| task.id.clone()).collect();
        let known = self.journal.known(&ids).await?;
        for task in tasks {
            if fold.tasks.contains_key(&task.id) {
                continue;
            }
            if let Some(known) = known.get(&task.id) {
                if known.settled
                    && let Some(job) = self.load(fold, known.job).await?
                {
                    happen(now(&self.runner, self.last_write), job, &Event::TaskSeen);
                }
                continue;
            }
            self.last_number = JobNumber(self.last_number.0 + 1);
            let number = self.last_number;
            let job = Job::claim(Timestamp::now(), number, task.id.clone(), task.cloud_job.clone());
            let mut folded = Folded { before: None, after: job, entries: Vec::new() };
            happen(now(&self.runner, self.last_write), &mut folded, &Event::TaskSeen);
            fold.tasks.insert(task.id.clone(), number);
            fold.jobs.insert(number, folded);
        }
        Ok(())
    }

    async fn fold_command(
        &mut self,
        fold: &mut Fold,
        command: &Command,
    ) -> Result<Answer, JournalError> {
        let settings = self.runner.settings();
        if let (Command::Release { .. }, Some((reason, detail))) =
            (command, self.runner.other_daemon())
        {
            return Ok(Answer::Refused(Refusal::Barred(reason, detail)));
        }
        let event = match command {
            Command::Release { printer, change, version, reprint, .. } => {
                let Some(printer) = settings.printer(printer) else {
                    return Ok(Answer::Refused(Refusal::NoSuchPrinter(printer.clone())));
                };
                Event::Released(Box::new(ReleaseOrder {
                    destination: Destination::Printer(printer.name.clone()),
                    change: change.clone(),
                    by: Actor::Person,
                    version: *version,
                    reprint: *reprint,
                    hold_unconfirmed: printer.hold_unconfirmed,
                }))
            }
            Command::Abort { reason, .. } => {
                Event::AbortAsked { reason: reason.clone(), by: Actor::Person }
            }
        };
        let now = now(&self.runner, self.last_write);
        let Some(job) = self.load(fold, command.job()).await? else {
            return Ok(Answer::Refused(Refusal::NoSuchJob));
        };
        if let Err(refusal) = flow::admit(&job.after, command) {
            return Ok(Answer::Refused(refusal));
        }
        happen(now, job, &event);
        Ok(Answer::Accepted)
    }

    /// No new release; running sends finish within a bound; then the journal is all that is left.
    async fn stop(mut self, shutdown: &mut Shutdown) -> Result<(), JournalError> {
        self.runner.wind_down();
        let bound = tokio::time::Instant::now() + STOP_BOUND;
        let mut wakes = Vec::new();
        while self.runner.is_sending() {
            tokio::select! {
                () = shutdown.asked_again() => break,
                () = sleep_until(bound) => {
                    warn!("a document is still on its way; it will be looked up at the next start");
                    break;
                }
                n = self.inbox.recv_many(&mut wakes, MOST_WAKES) => if n == 0 { break },
            }
            let (asked, happened): (Vec<_>, Vec<_>) = std::mem::take(&mut wakes)
                .into_iter()
                .partition(|wake| matches!(wake, Wake::Asked(..)));
            let refusals = vec![Answer::Refused(Refusal::NotNow); asked.len()];
            answer(asked, refusals);
            let happened = happened.into_iter().filter(|wake| matches!(wake, Wake::Happened(..)));
            self.turn(happened.collect()).await?;
        }
        self.runner.abandon();
        info!("stopped");
        Ok(())
    }
}

/// The clock's reading. It is believed once it agrees with the cloud's and is not before the journal's last entry.
fn now(runner: &Runner, last_write: Timestamp) -> Now {
    let at = Timestamp::now();
    let agrees = runner.clock_skew().is_some_and(|skew| skew.abs() <= CLOCK_TOLERANCE);
    Now { at, trusted: agrees && at >= last_write }
}

/// Folds an event into a job of the batch. An illegal one is journaled and changes nothing.
fn happen(now: Now, job: &mut Folded, event: &Event) {
    let number = job.after.number;
    match flow::step(now, &job.after, event) {
        Ok(step) => {
            let same = step.job == job.after;
            debug!(job = %number, event = event.word(), detail = %event.detail(), same, "happened");
            job.after = step.job;
            // A timer or a sighting without consequence is not worth a write.
            if same && !matches!(event, Event::Ended { .. }) {
                return;
            }
            job.entries.push(Entry { kind: event.word().to_owned(), detail: event.detail() });
        }
        Err(illegal) => {
            warn!(job = %number, "{illegal}");
            let detail = format!("{} in {}", illegal.event, illegal.state);
            if let Event::Ended { effect, .. } = event {
                job.after = flow::without_effect(now, &job.after, *effect);
            }
            job.entries.push(Entry { kind: "illegal-event".to_owned(), detail });
        }
    }
}

fn answer(wakes: Vec<Wake>, answers: Vec<Answer>) {
    let places = wakes.into_iter().filter_map(|wake| match wake {
        Wake::Asked(_, place) => Some(place),
        _ => None,
    });
    for (place, answer) in places.zip(answers) {
        // Whoever asked may be gone; what was asked is done all the same.
        let _: Result<(), Answer> = oneshot::Sender::send(place, answer);
    }
}

/// A shared pointer to the settings in force.
pub(super) type SharedSettings = Arc<crate::config::Settings>;
