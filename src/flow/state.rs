//! Where a job is: few states, many reasons.
//!
//! What a state needs stands inside it, so that a job can not be printing without a printer job.
//! Deliberately absent: the rest of the job (`job`), and transitions.

use jiff::Timestamp;

use super::event::DocumentFacts;
use crate::model::{
    AbortReason, CloudPrinterId, ConfigurationChange, Ending, PrinterContact, PrinterJobRef,
    PrinterName, Reasons, Reserve,
};

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
    /// The words of all states, the last one that of the end.
    pub const WORDS: [&str; 6] =
        ["claimed", "held", "releasing", "printing", "reporting", "settled"];

    /// One word for lists and the journal: what a cloud printer has is being printed.
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
    /// Whether it may go although the cloud does not answer.
    pub offline: bool,
    /// How its printer is dealt with.
    pub printer_contact: PrinterContact,
    /// The other printers that it may go to.
    pub reserve: Reserve,
}

impl Attempt {
    /// Its printer, where that is one of several.
    pub fn pooled_printer(&self) -> Option<PrinterName> {
        match &self.destination {
            Destination::Printer(printer) if !self.reserve.members.is_empty() => {
                Some(printer.clone())
            }
            _ => None,
        }
    }
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

    pub(super) fn printer_job(&self) -> Option<&PrinterJobRef> {
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
    /// How often the document had not been prepared as the printer's ticket wants it.
    pub disagreements: u32,
    /// A whole body whose size was not the announced one came once before.
    pub wrong_size_before: bool,
    /// When the cloud was asked in vain whether the job still waits; absent while it answers.
    pub unanswered: Option<Timestamp>,
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
