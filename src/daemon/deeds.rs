//! The deeds: what each effect does, at the cloud and at the printers. Each ends in one word of the flow.
//!
//! It promises: the calls of the cloud under way are limited; an end that is not certain is `Doubtful`.
//! Deliberately absent: when to do what, and whether to do it again.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, broadcast};
use tracing::{debug, warn};

use super::{
    ahead::Ahead,
    kill_point,
    main_loop::SharedSettings,
    meter::{Load, Meter},
    places::{Place, Printer},
    pools::Turns,
    queues::Seen,
    stamp::Stamp,
};
use crate::{
    document::Spool,
    flow::{CloudLook, Effect, End, Job, Look, Outcome, Reading, ReportStep, State},
    graph::{GraphClient, GraphError},
    journal::{Installation, Unwatched},
    model::{AbortReason, CloudPrinterId, Failure, FailureClass, JobNumber, PrinterName, Reason},
    policy,
};

/// How many changes wait for a listener that is slow; it is told that it missed some.
const CHANGES: usize = 1_024;

/// All that deeds need.
pub(super) struct Deeds {
    graph: GraphClient,
    settings: Arc<RwLock<SharedSettings>>,
    pub(super) spool: Spool,
    /// This binary: what a converter's child is started from.
    pub(super) launcher: PathBuf,
    installation: Installation,
    /// The time that the journal did not watch.
    unwatched: Mutex<Unwatched>,
    stamp: Stamp,
    /// How full the queues are.
    meter: Meter,
    /// The queues as the cloud last showed them.
    pub(super) seen: Seen,
    calls: Semaphore,
    pub(super) downloads: Semaphore,
    pub(super) conversions: Semaphore,
    pub(super) printers: RwLock<HashMap<PrinterName, Arc<Printer>>>,
    pub(super) turns: Turns,
    /// Documents that are here before their release.
    pub(super) ahead: Ahead,
    /// Tells the object id of each person whose jobs change.
    pub(super) changes: broadcast::Sender<String>,
    /// The jobs that are being released or printed, each with its place at a printer once it has one. A worker that
    /// was aborted at its last step finds its job gone from here, and leaves nothing behind.
    pub(super) places: Mutex<HashMap<JobNumber, Option<Place>>>,
}

impl Deeds {
    /// Deeds for these settings.
    ///
    /// # Errors
    ///
    /// A sentence about the printer whose address or CA does not read.
    pub(super) fn new(
        graph: GraphClient,
        settings: Arc<RwLock<SharedSettings>>,
        spool: Spool,
        launcher: PathBuf,
        installation: Installation,
        host: &str,
    ) -> Result<Self, String> {
        let now = Arc::clone(&settings.read().expect("nothing panics while it is held"));
        let deeds = Self {
            graph,
            settings,
            spool,
            launcher,
            stamp: Stamp::new(&installation, host),
            unwatched: Mutex::new(installation.unwatched),
            installation,
            meter: Meter::default(),
            seen: Seen::default(),
            calls: Semaphore::new(now.cloud.calls_at_once),
            downloads: Semaphore::new(now.cloud.downloads_at_once),
            conversions: Semaphore::new(1),
            printers: RwLock::default(),
            places: Mutex::default(),
            turns: Turns::default(),
            ahead: Ahead::default(),
            changes: broadcast::channel(CHANGES).0,
        };
        deeds.set_printers(&now)?;
        Ok(deeds)
    }

    pub(super) fn graph(&self) -> &GraphClient {
        &self.graph
    }

    pub(super) fn settings(&self) -> SharedSettings {
        Arc::clone(&self.settings.read().expect("nothing panics while it is held"))
    }

    pub(super) fn clock_skew(&self) -> Option<SignedDuration> {
        self.graph.clock_skew()
    }

    /// How long the cloud has not answered; nothing if it never has.
    pub(super) fn cloud_silence(&self) -> Option<SignedDuration> {
        self.graph.silence()
    }

    /// How full the queues are now, by the cloud's clock where it is known.
    pub(super) fn loads(&self) -> Vec<Load> {
        self.meter.loads(Timestamp::now() - self.clock_skew().unwrap_or_default())
    }

    /// What keeps us from releasing jobs of a source printer; nothing if all is well.
    async fn bar(&self, id: &CloudPrinterId) -> Result<Option<(Reason, String)>, GraphError> {
        let device = match self.device_of(id) {
            Some(device) => device,
            None => self.look_at_device(id).await?,
        };
        if !self.stamp.is_known() {
            self.check_stamp().await?;
        }
        let device = device.then(|| (Reason::SourcePrinterHasDevice, String::new()));
        Ok(device.or_else(|| self.other_daemon()))
    }

    /// The other daemon that serves our definition, if there is one.
    pub(super) fn other_daemon(&self) -> Option<(Reason, String)> {
        self.stamp.foreign().map(|holder| (Reason::OtherDaemon, holder))
    }

    /// Whether the definition was taken over just now.
    pub(super) fn is_just_taken(&self) -> bool {
        self.stamp.is_just_taken()
    }

    /// Our stamp's number, once it stands in the definition.
    pub(super) fn standing_stamp(&self) -> Option<&str> {
        self.stamp.standing()
    }

    /// Whether the definition was last seen with our stamp.
    pub(super) fn stamp_is_ours(&self) -> bool {
        self.stamp.is_ours()
    }

    /// Whether the stamp was read since the start; asks for it where it was not.
    pub(super) async fn stamp_is_known(&self) -> bool {
        self.stamp.is_known() || self.check_stamp().await.is_ok()
    }

    pub(super) async fn check_stamp(&self) -> Result<(), GraphError> {
        let cloud = &self.settings().cloud;
        self.stamp.check(&self.graph, &cloud.task_definition, cloud.stamp_interval).await
    }

    pub(super) async fn take_over(&self) -> Result<(), GraphError> {
        let cloud = &self.settings().cloud;
        self.stamp.take_over(&self.graph, &cloud.task_definition, cloud.stamp_interval).await
    }

    /// This installation's id.
    pub(super) fn installation(&self) -> &str {
        &self.installation.id
    }

    /// How often its journal was restored.
    pub(super) fn era(&self) -> u32 {
        self.installation.era
    }

    /// What all tokens of this installation begin with.
    pub(super) fn installation_prefix(&self) -> String {
        format!("pp-{}", self.installation.id)
    }

    /// The time that the journal did not watch.
    pub(super) fn unwatched(&self) -> Unwatched {
        *self.unwatched.lock().expect("nothing panics while it is held")
    }

    /// That time has changed; called after the commit that says so.
    pub(super) fn set_unwatched(&self, unwatched: Unwatched) {
        *self.unwatched.lock().expect("nothing panics while it is held") = unwatched;
    }

    /// Does what the effect says.
    pub(super) async fn perform(&self, effect: Effect, job: &Job) -> End {
        kill_point::pass(job.number, || format!("before {}", effect.word()));
        let end = match effect {
            Effect::ReadJob => self.unless_it_answers(self.read_job(job).await),
            Effect::UpdateConfiguration => self.update_configuration(job).await,
            Effect::FetchDocument => self.fetch_document(job).await,
            Effect::AskPrinter => self.ask_printer(job).await,
            Effect::CreatePrinterJob => self.create_printer_job(job).await,
            Effect::SendDocument => self.send_document(job).await,
            Effect::WatchPrinterJob => self.watch_printer_job(job).await,
            Effect::CancelPrinterJob => self.cancel_printer_job(job).await,
            Effect::FindPrinterJob => self.find_printer_job(job).await,
            Effect::InspectPrinterJob => self.inspect_printer_job(job).await,
            Effect::Redirect => self.redirect(job).await,
            Effect::FollowJob => self.follow_job(job).await,
            Effect::AbortJob => self.abort_job(job).await,
            Effect::CloseTask => self.close_task(job).await,
            Effect::LookUp => self.look_up(job).await,
        };
        kill_point::pass(job.number, || format!("after {}", effect.word()));
        debug!(end = end.word(), "ended");
        end
    }

    /// A place among the calls of the cloud.
    pub(super) async fn call(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.calls.acquire().await.expect("it is never closed")
    }

    /// One lost answer among good ones is no silence of the cloud.
    fn unless_it_answers(&self, end: End) -> End {
        const SILENCE: Duration = Duration::from_secs(10);
        let answers = self.graph.unanswered().is_some_and(|since| since < SILENCE);
        match end {
            End::Failed(failure) if answers => End::Failed(Failure { silent: false, ..failure }),
            end => end,
        }
    }

    async fn read_job(&self, job: &Job) -> End {
        let _call = self.call().await;
        let asked = Timestamp::now();
        match self.graph.get_job(&job.cloud_job).await {
            Ok(read) => {
                if let Some(created) = read.created {
                    self.meter.note(&job.cloud_job.source_printer, job.number, created);
                }
                let settings = self.settings();
                let Some(queue) = settings.queue(&job.cloud_job.source_printer) else {
                    return End::Failed(Failure::new(
                        FailureClass::Refused,
                        "no queue for its source printer",
                    ));
                };
                let barred = match self.bar(&job.cloud_job.source_printer).await {
                    Ok(barred) => barred,
                    Err(error) => return failed(&error),
                };
                let owner = read.owner.as_ref();
                let printers = queue.release_to.as_ref().and_then(|name| self.line_up(name, owner));
                let (patience, retention) = (settings.cloud.task_patience, settings.retention.jobs);
                let decision = policy::decide(queue, &read, barred, printers, patience, retention);
                let unwatched = self.unwatched().covers(read.created);
                End::JobRead(Box::new(Reading { job: read, decision, asked, unwatched }))
            }
            Err(error) => failed(&error),
        }
    }

    async fn update_configuration(&self, job: &Job) -> End {
        let Some(attempt) = job.attempt() else { return not_for_this_state() };
        let change = attempt.change.without(&job.facts.configuration);
        let _call = self.call().await;
        match self.graph.update_job(&job.cloud_job, &change).await {
            Ok(configuration) => End::ConfigurationUpdated(Box::new(configuration)),
            Err(error) => failed(&error),
        }
    }

    async fn redirect(&self, job: &Job) -> End {
        let Some(attempt) = job.attempt() else { return not_for_this_state() };
        let crate::flow::Destination::CloudPrinter(destination) = &attempt.destination else {
            return not_for_this_state();
        };
        let _call = self.call().await;
        ask_first(self.graph.redirect_job(&job.cloud_job, destination, &attempt.change).await)
    }

    /// The job that ours was redirected to, by the address that our own names.
    async fn follow_job(&self, job: &Job) -> End {
        let _call = self.call().await;
        let ours = match self.graph.get_job(&job.cloud_job).await {
            Ok(ours) => ours,
            Err(error) if error.is_gone() => return End::DestinationSeen(Look::Gone),
            Err(error) => return failed(&error),
        };
        let Some(there) = ours.redirected_to else { return End::DestinationSeen(Look::Gone) };
        match self.graph.get_job_state(&there).await {
            Ok((state, _)) => End::DestinationSeen(Look::Is(state)),
            Err(error) if error.is_gone() => End::DestinationSeen(Look::Gone),
            Err(error) => failed(&error),
        }
    }

    async fn abort_job(&self, job: &Job) -> End {
        let State::Reporting(reporting) = &job.state else { return not_for_this_state() };
        let reason = match &reporting.outcome {
            Outcome::Aborted(reason) => Some(reason.clone()),
            Outcome::Printed => Some(AbortReason::Released),
            Outcome::Canceled => Some(AbortReason::CanceledAtPrinter),
            Outcome::Withdrawn(_) => None,
        };
        let _call = self.call().await;
        ask_first(self.graph.abort_job(&job.cloud_job, reason.as_ref()).await)
    }

    async fn close_task(&self, job: &Job) -> End {
        let State::Reporting(reporting) = &job.state else { return not_for_this_state() };
        let released_as_abort = job
            .terms
            .as_ref()
            .is_some_and(|terms| terms.after_release == crate::model::AfterRelease::Abort);
        let completed = reporting.outcome == Outcome::Printed && !released_as_abort;
        debug_assert_eq!(reporting.step, ReportStep::Closing);
        let definition = self.settings().cloud.task_definition.clone();
        let _call = self.call().await;
        match self.graph.update_task(&definition, &job.task, completed).await {
            Ok(()) => End::Done,
            Err(error) => failed(&error),
        }
    }

    async fn look_up(&self, job: &Job) -> End {
        let definition = self.settings().cloud.task_definition.clone();
        let _call = self.call().await;
        let task = match self.graph.get_task(&definition, &job.task).await {
            Ok(state) => Look::Is(state),
            Err(error) if error.is_gone() => Look::Gone,
            Err(error) => return failed(&error),
        };
        let (cloud_job, redirected) = match self.graph.get_job_state(&job.cloud_job).await {
            Ok((state, redirected)) => (Look::Is(state), redirected),
            Err(error) if error.is_gone() => (Look::Gone, false),
            Err(error) => return failed(&error),
        };
        End::LookedUp(CloudLook { task, job: cloud_job, redirected })
    }
}

/// The end of a call that may be repeated.
pub(super) fn failed(error: &GraphError) -> End {
    warn!(id = "cloud-call-failed", "{error}");
    End::Failed(error.failure())
}

/// The end of a call that is looked up before it is repeated.
fn ask_first(result: Result<(), GraphError>) -> End {
    match result {
        Ok(()) => End::Done,
        Err(error) if error.is_doubtful() => {
            warn!(id = "cloud-answer-lost", "{error}");
            End::Doubtful(error.failure().code)
        }
        Err(error) => failed(&error),
    }
}

/// An effect whose nouns are not in the job: the flow does not start such.
pub(super) fn not_for_this_state() -> End {
    End::Failed(Failure::new(FailureClass::Broken, "the effect does not fit the job's state"))
}
