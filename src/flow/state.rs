//! A job as we know it: its state, its reasons, its timers and its open effects.
//!
//! Few states, many reasons. What a state needs stands inside it, so that a job can not be printing without
//! a printer job. Deliberately absent: transitions.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    effect::{Effect, EffectId},
    event::DocumentFacts,
    timer::Timer,
};
use crate::model::{
    AbortReason, AfterRelease, CloudDocument, CloudJobKey, CloudPrinterId, ConfigurationChange,
    Ending, JobConfiguration, JobNumber, Owner, PrinterContact, PrinterJobRef, PrinterName, Reason,
    Reasons, Substitution, TaskId, Verdict,
};

/// A claimed job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Our short number of it.
    pub number: JobNumber,
    /// Counts the journal's writes of this job; the journal refuses a write on another one than was read.
    pub revision: u64,
    /// Counts the changes that a person can see; a release names the one that the person saw.
    pub version: u64,
    /// Its key in the cloud.
    pub cloud_job: CloudJobKey,
    /// The print task that blocks it.
    pub task: TaskId,
    /// When we claimed it.
    pub claimed: Timestamp,
    /// What the cloud told of it.
    pub facts: Facts,
    /// What policy decided; absent until the job was read.
    pub terms: Option<Terms>,
    /// Where it is.
    pub state: State,
    /// Why it is there.
    pub reasons: Reasons,
    /// When something happens by itself.
    pub timers: BTreeMap<Timer, Timestamp>,
    /// Effects that were started and have not ended.
    pub open: BTreeMap<EffectId, Effect>,
    /// The next effect's id.
    pub next_effect: EffectId,
    /// The document of the present release, as it goes to the printer.
    pub document: Option<DocumentFacts>,
    /// Whether paper of it may be out. Once set it stays: no later release can take that back.
    pub may_have_printed: bool,
    /// Whether its bytes are here; they do not outlive the process.
    pub spooled: bool,
    /// Attempts so far, over all releases: each has its own token at the printer.
    pub attempts: u32,
    /// Failures in a row, for the back-off.
    pub tries: u32,
    /// Since when things go wrong without a break.
    pub struggling_since: Option<Timestamp>,
    /// Since when the cloud says that the job is gone.
    pub suspect_since: Option<Timestamp>,
    /// When the cloud last said that the job is paused.
    pub paused_seen: Option<Timestamp>,
}

impl Job {
    /// A job that was just claimed: nothing is known of it but its task.
    pub fn claim(now: Timestamp, number: JobNumber, task: TaskId, cloud_job: CloudJobKey) -> Self {
        Self {
            number,
            revision: 0,
            version: 0,
            cloud_job,
            task,
            claimed: now,
            facts: Facts::default(),
            terms: None,
            state: State::Claimed,
            reasons: Reasons::default(),
            timers: BTreeMap::new(),
            open: BTreeMap::new(),
            next_effect: EffectId(1),
            document: None,
            may_have_printed: false,
            spooled: false,
            attempts: 0,
            tries: 0,
            struggling_since: None,
            suspect_since: None,
            paused_seen: None,
        }
    }

    /// The earliest timer.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.timers.values().min().copied()
    }

    /// The attempt that is being made, where there is one.
    pub fn attempt(&self) -> Option<&Attempt> {
        match &self.state {
            State::Releasing(releasing) => Some(&releasing.attempt),
            State::Printing(printing) => Some(&printing.attempt),
            State::Following(following) => Some(&following.attempt),
            _ => None,
        }
    }

    /// What the present attempt is called at its printer: installation and era, job, attempt.
    pub fn token(&self) -> String {
        let (prefix, attempt) = self.attempt().map_or(("", 0), |attempt| {
            (attempt.printer_contact.token_prefix.as_str(), attempt.number)
        });
        format!("{prefix}-{}-{attempt}", self.number)
    }

    /// The job at the printer, where there is one.
    pub fn printer_job(&self) -> Option<&PrinterJobRef> {
        match &self.state {
            State::Releasing(releasing) => releasing.phase.printer_job(),
            State::Printing(printing) => Some(&printing.printer_job),
            _ => None,
        }
    }

    /// The configuration to print with: the cloud's, with the change of this release.
    pub fn wanted_configuration(&self) -> JobConfiguration {
        self.attempt().map_or_else(
            || self.facts.configuration.clone(),
            |attempt| attempt.change.apply(&self.facts.configuration),
        )
    }
}

/// What the cloud told of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whose it is.
    pub owner: Option<Owner>,
    /// Graph `createdDateTime`.
    pub created: Option<Timestamp>,
    /// How to print.
    pub configuration: JobConfiguration,
    /// What to print.
    pub document: Option<CloudDocument>,
}

/// What policy decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Hold, or release at once.
    pub verdict: Verdict,
    /// When the hold ends.
    pub hold_until: Timestamp,
    /// How long it may last, from the cloud's time of creation.
    pub hold_limit: SignedDuration,
    /// How a release is reported.
    pub after_release: AfterRelease,
    /// Why a release over IPP is not allowed; absent if it is.
    pub barred: Option<Reason>,
}

/// Where a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// In the journal as ours; details are being read.
    Claimed,
    /// Waiting for a person or a set time.
    Held,
    /// The document is on its way to the printer.
    Releasing(Box<Releasing>),
    /// The printer has it.
    Printing(Box<Printing>),
    /// Another cloud printer has it: the cloud prints it, and its job there is followed.
    Following(Box<Following>),
    /// Decided; the cloud is not yet told.
    Reporting(Reporting),
    /// The end.
    Settled(Ending),
}

impl State {
    /// One word for lists and the journal.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Held => "held",
            Self::Releasing(_) => "releasing",
            Self::Printing(_) | Self::Following(_) => "printing",
            Self::Reporting(_) => "reporting",
            Self::Settled(_) => "settled",
        }
    }
}

/// A release under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Releasing {
    /// The present attempt.
    pub attempt: Attempt,
    /// How far it is.
    pub phase: Phase,
    /// What shall follow instead, once the effect that is under way has ended.
    pub leave: Option<Leave>,
}

/// One try to print one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its number within the job: part of its token at the printer.
    pub number: u32,
    /// How many attempts this release had before.
    pub repeats: u32,
    /// Where it goes.
    pub destination: Destination,
    /// Settings that were changed for this release.
    pub change: ConfigurationChange,
    /// Who released it.
    pub by: Actor,
    /// How its printer is dealt with.
    pub printer_contact: PrinterContact,
    /// What is not printed as asked.
    pub substitutions: Vec<Substitution>,
}

/// Where a release goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A printer of ours, over IPP.
    Printer(PrinterName),
    /// Another cloud printer, by redirect.
    CloudPrinter(CloudPrinterId),
}

/// Who let something happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A rule of the configuration.
    Policy,
    /// A person, by command or at a kiosk.
    Person,
}

impl Actor {
    /// The word in the journal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Person => "a person",
        }
    }
}

/// How far a release is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Getting all that a Create-Job waits for.
    Preparing(Preparation),
    /// Create-Job is on its way.
    Creating,
    /// The end of a Create-Job is unknown: looking for its token.
    Seeking,
    /// A printer job that will get no document is being canceled.
    Clearing(PrinterJobRef),
    /// Send-Document is on its way.
    Sending(PrinterJobRef),
    /// The end of a Send-Document is unknown, or it was refused: asking what came of it.
    Inspecting {
        /// The job in question.
        printer_job: PrinterJobRef,
        /// Whether the printer said that it did not take the document.
        refused: bool,
        /// Whether we have asked the printer to cancel it.
        canceled: bool,
    },
    /// A redirect is on its way.
    Redirecting,
    /// The end of a redirect is unknown, since then: asking the cloud.
    Tracing(Timestamp),
}

impl Phase {
    /// Whether the end of an effect is unknown and is being looked up.
    pub fn is_doubtful(&self) -> bool {
        matches!(self, Self::Seeking | Self::Inspecting { .. } | Self::Tracing(_))
    }

    fn printer_job(&self) -> Option<&PrinterJobRef> {
        match self {
            Self::Clearing(printer_job)
            | Self::Sending(printer_job)
            | Self::Inspecting { printer_job, .. } => Some(printer_job),
            _ => None,
        }
    }
}

/// What a Create-Job waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preparation {
    /// The document is complete and its size was checked.
    pub document: Option<DocumentFacts>,
    /// The cloud has accepted the changed configuration, or there was no change.
    pub configured: bool,
    /// The printer is willing.
    pub printer: bool,
    /// A whole body whose size was not the announced one came once before.
    pub wrong_size_before: bool,
}

/// What shall follow a release that is given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Back to `Held`, with these reasons added.
    Hold(Reasons),
    /// To `Reporting`.
    Report(Outcome),
}

/// The printer has the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printing {
    /// The attempt that brought it there.
    pub attempt: Attempt,
    /// The job at the printer.
    pub printer_job: PrinterJobRef,
    /// What was sent.
    pub document: DocumentFacts,
    /// Whether an error was seen while it printed.
    pub trouble: bool,
    /// Set once we asked the printer to cancel: what to report if it does.
    pub cancel: Option<Outcome>,
    /// Whether we asked the printer to cancel while it was not clear what it had.
    pub canceled: bool,
}

/// The cloud has moved the job to another cloud printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Following {
    /// The attempt that moved it.
    pub attempt: Attempt,
    /// Since when.
    pub since: Timestamp,
}

/// What became of a job, as far as the cloud must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It came out.
    Printed,
    /// It is ended with a reason.
    Aborted(AbortReason),
    /// It was canceled by a person at the printer.
    Canceled,
    /// It ended in the cloud without us.
    Withdrawn(Ending),
}

impl Outcome {
    /// The ending that this outcome leads to.
    pub fn ending(&self) -> Ending {
        match self {
            Self::Printed => Ending::Completed,
            Self::Aborted(reason) => Ending::Aborted(reason.clone()),
            Self::Canceled => Ending::Canceled,
            Self::Withdrawn(ending) => ending.clone(),
        }
    }
}

/// The cloud is being told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reporting {
    /// What became of the job.
    pub outcome: Outcome,
    /// Which call is due.
    pub step: ReportStep,
    /// Whether task and job must be read before the call is made again.
    pub in_doubt: bool,
    /// How often the cloud has refused the report.
    pub refusals: u32,
    /// Since when.
    pub since: Timestamp,
}

/// The calls of a report, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportStep {
    /// Abort the cloud job.
    Aborting,
    /// Close the task.
    Closing,
}
