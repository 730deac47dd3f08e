//! The runner: a worker for each open effect, and none for an effect that is no longer open.
//!
//! It promises: at most one worker an effect; a worker that dies tells so; the spool and a printer's place are given
//! back when a job leaves its release. Deliberately absent: what an effect does (`deeds`).

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use jiff::{SignedDuration, Timestamp};
use tokio::{sync::mpsc, task::AbortHandle};
use tracing::{Instrument, error_span};

use super::{Wake, deeds::Deeds, job_span::job_span, main_loop::SharedSettings};
use crate::{
    flow::{Class, Effect, EffectId, End, Event, Job, State},
    journal::Unwatched,
    model::{JobNumber, Member, Owner, PrinterName, Reason, Reserve, settings::Prefetch},
};

/// How much later it may be in the cloud than its answers say: they name whole seconds, and are late themselves.
const CLOUD_TIME_MARGIN: SignedDuration = SignedDuration::from_secs(5);

/// Starts and ends workers.
pub(super) struct Runner {
    deeds: Arc<Deeds>,
    settings: Arc<RwLock<SharedSettings>>,
    wakes: mpsc::Sender<Wake>,
    workers: HashMap<(JobNumber, EffectId), Worker>,
    winding_down: bool,
}

struct Worker {
    effect: Effect,
    handle: AbortHandle,
}

impl Runner {
    pub(super) fn new(
        deeds: Arc<Deeds>,
        settings: Arc<RwLock<SharedSettings>>,
        wakes: mpsc::Sender<Wake>,
    ) -> Self {
        Self { deeds, settings, wakes, workers: HashMap::new(), winding_down: false }
    }

    pub(super) fn settings(&self) -> SharedSettings {
        Arc::clone(&self.settings.read().expect("nothing panics while it is held"))
    }

    /// The other daemon that serves our definition, if there is one.
    pub(super) fn other_daemon(&self) -> Option<(Reason, String)> {
        self.deeds.other_daemon()
    }

    pub(super) fn clock_skew(&self) -> Option<SignedDuration> {
        self.deeds.clock_skew()
    }

    /// The printers for a release that begins now, the first of them apart.
    pub(super) fn line_up(
        &self,
        name: &PrinterName,
        owner: Option<&Owner>,
    ) -> Option<(Member, Reserve)> {
        self.deeds.line_up(name, owner)
    }

    /// Cancels what earlier tries have left at the printers.
    pub(super) fn cancel_orphans(&self) {
        self.deeds.cancel_all_orphans();
    }

    /// The hour, by the cloud's clock, from which on nobody but us serves the definition; nothing if that is journaled
    /// already, or not known yet.
    pub(super) fn watched_since(&self, now: Timestamp) -> Option<Timestamp> {
        if self.deeds.unwatched() != Unwatched::StillGoing || !self.deeds.stamp_is_ours() {
            return None;
        }
        now.checked_sub(self.clock_skew()?).ok()?.checked_add(CLOUD_TIME_MARGIN).ok()
    }

    pub(super) fn standing_stamp(&self) -> Option<String> {
        self.deeds.standing_stamp().map(str::to_owned)
    }

    pub(super) fn unwatched(&self) -> Unwatched {
        self.deeds.unwatched()
    }

    pub(super) fn set_unwatched(&self, unwatched: Unwatched) {
        self.deeds.set_unwatched(unwatched);
    }

    /// Makes the workers of a job those of its open effects. Called after the commit that holds them.
    pub(super) fn follow(&mut self, after: &Job) {
        let number = after.number;
        self.workers.retain(|(job, id), worker| {
            let stays = *job != number || after.open.contains_key(id);
            if !stays {
                worker.handle.abort();
            }
            stays
        });
        if let Some(owner) = after.facts.owner.as_ref().and_then(|owner| owner.id.as_ref()) {
            // Nobody may be listening.
            let _ = self.deeds.changes.send(owner.clone());
        }
        match after.state {
            State::Releasing(_) | State::Printing(_) => self.deeds.admit(number),
            _ => self.deeds.dismiss(number),
        }
        match after.state {
            State::Held => self.fetch_claimed(after),
            State::Claimed | State::Releasing(_) => {}
            _ => self.deeds.ahead.forget(number),
        }
        for (id, effect) in &after.open {
            if !self.workers.contains_key(&(number, *id)) && self.may_start(*effect) {
                self.spawn(after, *id, *effect);
            }
        }
    }

    /// A job that waits may have its document here before anybody comes.
    fn fetch_claimed(&self, job: &Job) {
        if !self.winding_down && self.deeds.wants_ahead(job, Prefetch::Claim) {
            let (deeds, job) = (Arc::clone(&self.deeds), job.clone());
            tokio::spawn(async move { deeds.fetch_ahead(&job, Prefetch::Claim, None).await });
        }
    }

    /// While the daemon stops, only a document whose printer job is there already still starts.
    fn may_start(&self, effect: Effect) -> bool {
        !self.winding_down || effect == Effect::SendDocument
    }

    fn spawn(&mut self, job: &Job, id: EffectId, effect: Effect) {
        let (deeds, wakes, job) = (Arc::clone(&self.deeds), self.wakes.clone(), job.clone());
        let number = job.number;
        let job_span = job_span(&job, &self.settings().log);
        let span = error_span!(parent: &job_span, "effect", effect = effect.word());
        let deed = async move { deeds.perform(effect, &job).await };
        let work = tokio::spawn(deed.instrument(span));
        let handle = work.abort_handle();
        tokio::spawn(async move {
            let end = match work.await {
                Ok(end) => end,
                Err(error) if error.is_cancelled() => return,
                Err(_) => End::Doubtful("the worker panicked".to_owned()),
            };
            let event = Event::Ended { effect: id, end };
            // The loop is gone only when the process ends.
            let _ = wakes.send(Wake::Happened(number, event)).await;
        });
        self.workers.insert((number, id), Worker { effect, handle });
    }

    /// No new effects; workers that can be repeated end at once.
    pub(super) fn wind_down(&mut self) {
        self.winding_down = true;
        self.workers.retain(|_, worker| {
            let stays = worker.effect.class() == Class::AskFirst;
            if !stays {
                worker.handle.abort();
            }
            stays
        });
    }

    /// Whether something is under way that is better waited for.
    pub(super) fn is_sending(&self) -> bool {
        self.workers.values().any(|worker| worker.effect.class() == Class::AskFirst)
    }

    /// Ends all workers.
    pub(super) fn abandon(&mut self) {
        for (_, worker) in self.workers.drain() {
            worker.handle.abort();
        }
    }
}
