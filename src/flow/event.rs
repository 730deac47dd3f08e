//! Events: what happened, in the past tense.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::{
    effect::{Effect, EffectId},
    state::{Actor, Destination},
    timer::Timer,
};
use crate::model::{
    AbortReason, Agreement, Asker, CloudJob, CloudJobState, ConfigurationChange, Decision,
    DocumentWork, Failure, ForgottenReport, JobConfiguration, PrinterContact, PrinterJobRef,
    PrinterJobReport, Reason, Reserve, TaskState,
};

/// Something that happened to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The poller saw the job's task `processing`.
    TaskSeen,
    /// The job was released.
    Released(Box<ReleaseOrder>),
    /// Somebody asked to end the job.
    AbortAsked {
        /// Why.
        reason: AbortReason,
        /// Who.
        by: Asker,
    },
    /// Somebody changed it in the cloud, and wants us to look.
    LookAsked,
    /// A timer's hour came.
    TimerFired(Timer),
    /// An effect ended.
    Ended {
        /// Which.
        effect: EffectId,
        /// How.
        end: End,
    },
    /// The daemon started: what was open has no worker any more.
    Resumed,
    /// The clock jumped, by so much.
    ClockJumped(SignedDuration),
    /// The job could have been released without this journal: a backup was restored, or another daemon served the
    /// definition.
    Unwatched,
    /// The job's owner is to be forgotten.
    OwnerForgotten,
}

impl Event {
    /// The word in the journal.
    pub fn word(&self) -> &'static str {
        match self {
            Self::TaskSeen => "task-seen",
            Self::Released(_) => "released",
            Self::AbortAsked { .. } => "abort-asked",
            Self::LookAsked => "look-asked",
            Self::TimerFired(_) => "timer-fired",
            Self::Ended { end, .. } => end.word(),
            Self::Resumed => "resumed",
            Self::ClockJumped(_) => "clock-jumped",
            Self::Unwatched => "unwatched",
            Self::OwnerForgotten => "owner-forgotten",
        }
    }

    /// Codes and numbers that belong to the event; never personal data.
    pub fn detail(&self) -> String {
        match self {
            Self::Released(order) => match &order.destination {
                Destination::Printer(printer) => {
                    format!("to {printer} by {}", order.asked_by())
                }
                Destination::CloudPrinter(printer) => {
                    format!("to cloud printer {printer} by {}", order.asked_by())
                }
            },
            Self::TimerFired(timer) => timer.word().to_owned(),
            Self::Ended { end, .. } => end.detail(),
            Self::AbortAsked { reason, by } => format!("by {}: {}", by.word(), reason.sentence()),
            Self::ClockJumped(by) => format!("by {} s", by.as_secs()),
            Self::TaskSeen
            | Self::LookAsked
            | Self::Resumed
            | Self::Unwatched
            | Self::OwnerForgotten => String::new(),
        }
    }
}

/// A release as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseOrder {
    /// Where to.
    pub destination: Destination,
    /// Settings that were changed.
    pub change: ConfigurationChange,
    /// Who asked.
    pub by: Actor,
    /// Which person, where one asked.
    pub asker: Option<Asker>,
    /// Whether it may go although the cloud does not answer.
    pub offline: bool,
    /// The job's version that was seen; policy sees the present one.
    pub version: u64,
    /// Whether a person was shown that paper may be out, and chose this job alone.
    pub reprint: bool,
    /// How its printer is dealt with.
    pub printer_contact: PrinterContact,
    /// The other printers of its pool.
    pub reserve: Reserve,
}

impl ReleaseOrder {
    fn asked_by(&self) -> String {
        let asker = self.asker.as_ref();
        asker.map_or_else(|| self.by.word().to_owned(), Asker::word)
    }
}

/// How an effect ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The job was read.
    JobRead(Box<Reading>),
    /// The cloud took the changed configuration and answered with the whole.
    ConfigurationUpdated(Box<JobConfiguration>),
    /// The document is here.
    DocumentReady(Box<DocumentFacts>),
    /// A whole body came, and its size is not the announced one.
    DocumentWrongSize {
        /// Octets that the cloud announced.
        announced: u64,
        /// Octets that came.
        came: u64,
    },
    /// The document can not be printed anywhere here.
    DocumentBad(AbortReason),
    /// The printer is willing, with this ticket.
    PrinterReady(Box<Agreement>),
    /// The printer does not take the job, and no byte of the document has gone.
    PrinterUnwilling {
        /// Why.
        reason: Reason,
        /// The printer's code or keyword.
        detail: String,
        /// Whether asking again later is of no use.
        lasting: bool,
    },
    /// Create-Job succeeded.
    PrinterJobCreated(PrinterJobRef),
    /// Send-Document succeeded: all bytes were accepted.
    DocumentAccepted,
    /// Send-Document failed before the first byte of the document.
    NothingSent(Failure),
    /// The printer answered Send-Document with a refusal.
    DocumentRefused(Failure),
    /// The printer told of the printer job.
    PrinterJobSeen(PrinterJobReport),
    /// The printer does not know the printer job any more.
    PrinterJobForgotten(ForgottenReport),
    /// The printer job with the attempt's token is there.
    PrinterJobFound(PrinterJobRef),
    /// No printer job with the token is there, or the printer can not say.
    PrinterJobNotFound,
    /// The cloud accepted the call.
    Done,
    /// What the cloud says of task and job.
    LookedUp(CloudLook),
    /// What the cloud says of the job at the cloud printer that it was redirected to.
    DestinationSeen(Look<CloudJobState>),
    /// It failed, and surely nothing was done.
    Failed(Failure),
    /// It was started and its end is not known.
    Doubtful(String),
}

impl End {
    /// The word in the journal.
    pub fn word(&self) -> &'static str {
        match self {
            Self::JobRead(_) => "job-read",
            Self::ConfigurationUpdated(_) => "configuration-updated",
            Self::DocumentReady(_) => "document-ready",
            Self::DocumentWrongSize { .. } => "document-wrong-size",
            Self::DocumentBad(_) => "document-bad",
            Self::PrinterReady(_) => "printer-ready",
            Self::PrinterUnwilling { .. } => "printer-unwilling",
            Self::PrinterJobCreated(_) => "printer-job-created",
            Self::DocumentAccepted => "document-accepted",
            Self::NothingSent(_) => "nothing-sent",
            Self::DocumentRefused(_) => "document-refused",
            Self::PrinterJobSeen(_) => "printer-job-seen",
            Self::PrinterJobForgotten(_) => "printer-job-forgotten",
            Self::PrinterJobFound(_) => "printer-job-found",
            Self::PrinterJobNotFound => "printer-job-not-found",
            Self::Done => "done",
            Self::LookedUp(_) => "looked-up",
            Self::DestinationSeen(_) => "destination-seen",
            Self::Failed(_) => "failed",
            Self::Doubtful(_) => "doubtful",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::JobRead(reading) => format!("{:?}", reading.job.state).to_lowercase(),
            Self::DocumentReady(document) => {
                format!("{} octets of {}", document.octets, document.work.sent.mime())
            }
            Self::DocumentWrongSize { announced, came } => {
                format!("{came} octets instead of {announced}")
            }
            Self::PrinterUnwilling { reason, detail, .. } => format!("{} {detail}", reason.code()),
            Self::PrinterJobCreated(printer_job) | Self::PrinterJobFound(printer_job) => {
                format!("job-id {}", printer_job.id)
            }
            Self::PrinterJobSeen(report) => format!(
                "{:?} {} k-octets {:?} impressions {:?}",
                report.state,
                report.reasons.join(","),
                report.k_octets,
                report.impressions
            ),
            Self::PrinterJobForgotten(report) => {
                format!("up-time {:?} idle {}", report.up_time, report.idle)
            }
            Self::DestinationSeen(look) => format!("{look:?}"),
            Self::LookedUp(look) => format!("task {:?} job {:?}", look.task, look.job),
            Self::NothingSent(failure) | Self::DocumentRefused(failure) | Self::Failed(failure) => {
                failure.code.clone()
            }
            Self::Doubtful(code) => code.clone(),
            Self::PrinterReady(agreement) => agreement.to_string(),
            Self::DocumentBad(reason) => reason.sentence(),
            Self::ConfigurationUpdated(_)
            | Self::DocumentAccepted
            | Self::PrinterJobNotFound
            | Self::Done => String::new(),
        }
    }
}

/// A job as the cloud shows it, and what policy says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The job.
    pub job: CloudJob,
    /// The decision.
    pub decision: Decision,
    /// When the cloud was asked.
    pub asked: Timestamp,
    /// Whether the job was in the cloud at a time that this journal did not watch, and could have been released then.
    pub unwatched: bool,
}

/// A document that is here, whole and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFacts {
    /// What was done to it; its format is the one that is sent.
    pub work: DocumentWork,
    /// How long it is.
    pub octets: u64,
    /// What could not be drawn, for people; empty if nothing is missing.
    pub missing: String,
}

/// What the cloud says of task and job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloudLook {
    /// The task.
    pub task: Look<TaskState>,
    /// The job.
    pub job: Look<CloudJobState>,
    /// Whether the job names the job that it was redirected to.
    pub redirected: bool,
}

/// What a GET found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look<T> {
    /// It is there, in this state.
    Is(T),
    /// 404.
    Gone,
}

/// An event that makes no sense in the job's state.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("event {event} makes no sense in state {state}{}", effect.map(|e| format!(" for effect {}", e.word())).unwrap_or_default())]
pub struct IllegalEvent {
    /// The state's word.
    pub state: &'static str,
    /// The event's word.
    pub event: &'static str,
    /// The effect whose end it was.
    pub effect: Option<Effect>,
}
