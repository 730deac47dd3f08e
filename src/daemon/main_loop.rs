//! The loop: all wakes that are ready, folded in order, one commit, then the effects.
//!
//! Invariant: an effect is handed to the runner only after the commit that holds its intent. If a job is not as it was
//! read, nothing of the batch is written and the batch is folded again on what is there now.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, sleep_until},
};
use tracing::{info, warn};

use super::{
    Wake,
    clock::Clock,
    fold::{Fold, Folded},
    health::{Health, Trouble},
    job_span::job_span,
    kill_point,
    runner::Runner,
    start::Shutdown,
};
use crate::{
    flow::{Effect, Event, Job, Now, State},
    journal::{Batch, Entry, Journal, JournalError, Unwatched, Write, lock::JournalLock},
    model::{Answer, Ending, JobNumber, Reason, Refusal},
    telemetry::{metrics::Metrics, notify::ServiceManager},
};

/// The most wakes of one commit.
const MOST_WAKES: usize = 256;
/// The most timers that fire in one turn.
const MOST_TIMERS: u32 = 128;
/// The longest sleep, so that a jump of the clock is seen.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// How long a full disk or a busy journal is waited for before the next try.
pub(super) const PASSING_WAIT: Duration = Duration::from_secs(5);
/// How long running sends may take when the daemon stops.
const STOP_BOUND: Duration = Duration::from_secs(30);

/// The loop's own things.
pub(super) struct MainLoop<J> {
    pub(super) journal: J,
    pub(super) runner: Runner,
    pub(super) inbox: mpsc::Receiver<Wake>,
    pub(super) last_number: JobNumber,
    pub(super) lock: JournalLock,
    pub(super) clock: Clock,
    /// Whether the journal knows that our stamp stands in the definition.
    pub(super) stamped: bool,
    pub(super) health: Arc<Health>,
    pub(super) service_manager: ServiceManager,
    pub(super) metrics: Arc<Metrics>,
    pub(super) shutdown: Shutdown,
}

impl<J: Journal> MainLoop<J> {
    /// Resumes what the journal holds, then wakes until it is told to stop.
    pub(super) async fn run(mut self, shutdown: &mut Shutdown) -> Result<(), JournalError> {
        let unfinished = self.patiently(|this| Box::pin(this.journal.unfinished())).await?;
        info!(jobs = unfinished.len(), "resuming");
        self.service_manager.ready();
        for jobs in unfinished.chunks(MOST_WAKES) {
            if self.shutdown.is_asked() {
                // What was not resumed is so at the next start.
                return self.stop(shutdown).await;
            }
            self.give_sign();
            self.turn(jobs.iter().map(|job| Wake::Happened(*job, Event::Resumed)).collect())
                .await?;
        }
        // Only now, when nothing that was open before is taken for an effect to start.
        if let Some(behind) = self.clock.behind_journal() {
            self.clock_jumped(behind).await?;
        }
        if self.runner.unwatched() == Unwatched::StillGoing {
            self.tell_all(&Event::Unwatched).await?;
        }
        self.runner.cancel_orphans();
        let mut wakes = Vec::with_capacity(MOST_WAKES);
        loop {
            self.give_sign();
            let due = self.passing(|this| Box::pin(this.sleep_time()), PASSING_WAIT).await?;
            tokio::select! {
                biased;
                () = shutdown.asked() => return self.stop(shutdown).await,
                n = self.inbox.recv_many(&mut wakes, MOST_WAKES) => if n == 0 { return Ok(()) },
                () = sleep_until(tokio::time::Instant::now() + due) => {}
            }
            self.lock.look()?;
            if let Some(jump) = self.clock.jump() {
                self.clock_jumped(jump).await?;
            }
            self.mind_unwatched(&mut wakes).await?;
            self.mind_people(&mut wakes).await?;
            self.mind_stamp().await?;
            wakes.extend(self.passing(|this| Box::pin(this.due_timers()), Vec::new()).await?);
            self.turn(std::mem::take(&mut wakes)).await?;
            self.journal.rest().await;
        }
    }

    /// The clock's reading.
    pub(super) fn now(&self) -> Now {
        self.clock.now(self.runner.clock_skew())
    }

    /// The clock was set: that is journaled, and each job's waits move with it.
    async fn clock_jumped(&mut self, by: SignedDuration) -> Result<(), JournalError> {
        warn!(id = "clock-jumped", seconds = by.as_secs(), "the clock jumped");
        let event = Event::ClockJumped(by);
        let entry = Entry { kind: event.word().to_owned(), detail: event.detail() };
        let at = Timestamp::now();
        self.note(Batch { notes: vec![entry], ..Batch::empty(at) }).await?;
        self.tell_all(&event).await
    }

    /// An event for each job that is not settled.
    pub(super) async fn tell_all(&mut self, event: &Event) -> Result<(), JournalError> {
        let mut last = JobNumber(0);
        while !self.shutdown.is_asked() {
            self.give_sign();
            let jobs =
                self.patiently(|this| Box::pin(this.journal.open_jobs(last, MOST_TIMERS))).await?;
            let Some(number) = jobs.last() else { return Ok(()) };
            last = *number;
            self.turn(jobs.into_iter().map(|job| Wake::Happened(job, event.clone())).collect())
                .await?;
        }
        Ok(())
    }

    /// The work goes on.
    fn give_sign(&self) {
        self.health.beat();
        self.service_manager.alive();
    }

    async fn wait_for_room(&mut self, error: &JournalError) {
        self.health.set(Trouble::JournalWaits, Some(error.to_string()));
        self.give_sign();
        tokio::select! {
            () = sleep(PASSING_WAIT) => {}
            () = self.shutdown.asked() => {}
        }
    }

    async fn sleep_time(&mut self) -> Result<Duration, JournalError> {
        let deadline = self.journal.next_deadline().await?;
        let left = deadline.map(|at| at.duration_since(Timestamp::now()));
        let left = left.map(|left| Duration::try_from(left).unwrap_or(Duration::ZERO));
        let unwatched = self.runner.unwatched() == Unwatched::StillGoing;
        let longest = if unwatched { Duration::from_secs(1) } else { LONGEST_SLEEP };
        let longest = self.service_manager.pace().map_or(longest, |pace| longest.min(pace));
        Ok(left.unwrap_or(longest).min(longest))
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

    /// A question to the journal that must be answered; while that is full or busy, it is asked again. Nothing, once a
    /// stop was asked for.
    pub(super) async fn patiently<T: Default>(
        &mut self,
        ask: impl for<'a> Fn(&'a mut Self) -> BoxFuture<'a, Result<T, JournalError>>,
    ) -> Result<T, JournalError> {
        loop {
            match ask(self).await {
                Err(error) if error.passes() => self.wait_for_room(&error).await,
                result => {
                    self.health.set(Trouble::JournalWaits, None);
                    return result;
                }
            }
            if self.shutdown.is_asked() {
                return Ok(T::default());
            }
        }
    }

    /// A question to the journal; while that is full or busy, what to go on with instead.
    async fn passing<T>(
        &mut self,
        ask: impl for<'a> FnOnce(&'a mut Self) -> BoxFuture<'a, Result<T, JournalError>>,
        instead: T,
    ) -> Result<T, JournalError> {
        match ask(self).await {
            Err(error) if error.passes() => {
                self.health.set(Trouble::JournalWaits, Some(error.to_string()));
                Ok(instead)
            }
            result => {
                self.health.set(Trouble::JournalWaits, None);
                result
            }
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
                    self.health.set(Trouble::JournalWaits, None);
                    self.start(&fold);
                    answer(wakes, fold.answers);
                    return Ok(());
                }
                Err(JournalError::Conflict(job)) => {
                    warn!(id = "job-changed-meanwhile", %job, "the job changed meanwhile; folding again")
                }
                Err(error) if error.passes() => self.wait_for_room(&error).await,
                Err(error) => return Err(error),
            }
            if self.shutdown.is_asked() {
                return Ok(());
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
            self.write(Batch { writes, ..Batch::empty(at) }).await?;
            self.clock.wrote(at);
        }
        Ok(fold)
    }

    async fn write(&mut self, batch: Batch) -> Result<(), JournalError> {
        let pass = |side: &str| {
            for write in &batch.writes {
                for entry in &write.entries {
                    kill_point::pass(write.after.number, || {
                        format!("{side}-commit {}", entry.kind)
                    });
                }
            }
        };
        pass("before");
        let begun = tokio::time::Instant::now();
        self.journal.commit(&batch).await?;
        self.metrics.committed(begun.elapsed());
        pass("after");
        Ok(())
    }

    /// The intents are durable: now the effects.
    fn start(&mut self, fold: &Fold) {
        let log = &self.runner.settings().log;
        for job in fold.jobs.values() {
            let _span = job_span(&job.after, log).entered();
            let was = job.before.as_ref().map_or("new", |before| before.state.word());
            if was != job.after.state.word() {
                info!(reasons = %job.after.reasons, "{was} -> {}", job.after.state.word());
            }
            let before = job.before.as_ref().map(|before| &before.reasons);
            if let Some(when) = job.after.reasons.0.get(&Reason::ExpiresSoon)
                && !before.is_some_and(|reasons| reasons.contains(Reason::ExpiresSoon))
            {
                warn!(
                    id = "job-expires-soon",
                    "the job will be aborted {when}, if nobody releases it"
                );
            }
            self.count(job);
            self.runner.follow(&job.after);
        }
    }

    /// Counts what happened to a job, for monitoring.
    fn count(&self, job: &Folded) {
        let (number, before) = (job.after.number, job.before.as_ref());
        let was = |is: fn(&Job) -> bool| before.is_some_and(is);
        let releases = |job: &Job| matches!(job.state, State::Releasing(_));
        let sends = |job: &Job| job.open.values().any(|effect| *effect == Effect::SendDocument);
        if releases(&job.after) && !was(releases) {
            self.metrics.released(number);
        }
        if sends(&job.after) && !was(sends) {
            self.metrics.leaves(number);
        }
        if let State::Settled(ending) = &job.after.state
            && !was(|job| matches!(job.state, State::Settled(_)))
        {
            let reason = match ending {
                Ending::Aborted(reason) => reason.code(),
                _ => "",
            };
            self.metrics.settled(number, ending.word(), reason);
        }
    }

    /// No new release; running sends finish within a bound; then the journal is all that is left.
    async fn stop(mut self, shutdown: &mut Shutdown) -> Result<(), JournalError> {
        info!("asked to stop");
        self.service_manager.stopping();
        self.runner.wind_down();
        let bound = tokio::time::Instant::now() + STOP_BOUND;
        let mut wakes = Vec::new();
        while self.runner.is_sending() {
            tokio::select! {
                () = shutdown.asked_again() => break,
                () = sleep_until(bound) => {
                    warn!(id = "stopped-while-sending", "a document is still on its way; it will be looked up at the next start");
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
        self.journal.finish().await;
        info!("stopped");
        Ok(())
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
