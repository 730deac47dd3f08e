//! What people ask of the daemon, and what it answers.
//!
//! Kiosk, readers and the control socket send a [`Command`] with a place for its [`Answer`].
//! Deliberately absent: how either travels, and who may ask (the edge that takes it).

use super::{AbortReason, ConfigurationChange, JobNumber, PrinterName, Reason};

/// A wish of a person about one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Let a held job go to a printer.
    Release {
        /// The job.
        job: JobNumber,
        /// The version of the job that the person saw.
        version: u64,
        /// Where it shall come out.
        printer: PrinterName,
        /// Settings that the person changed.
        change: ConfigurationChange,
        /// Whether the person was shown that paper may already be out, and chose this job alone.
        reprint: bool,
        /// Who asks.
        by: Asker,
    },
    /// Look at a job in the cloud now: somebody changed it there.
    Look {
        /// The job.
        job: JobNumber,
    },
    /// End a job, with a reason that its owner will read.
    Abort {
        /// The job.
        job: JobNumber,
        /// Why.
        reason: AbortReason,
        /// Who asks.
        by: Asker,
    },
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// The user of the system who used the commands' socket, by the number.
    Administrator(u32),
    /// The person of this object id: their own jobs are all that there is for them.
    Owner(String),
    /// Somebody who collects for an owner: they print a job as it is, and nothing else.
    Delegate {
        /// The delegate's object id.
        id: String,
        /// The owner's.
        owner: String,
    },
}

impl Asker {
    /// As it stands in the journal: numbers and ids.
    pub fn word(&self) -> String {
        match self {
            Self::Administrator(uid) => format!("uid {uid}"),
            Self::Owner(_) => "its owner".to_owned(),
            Self::Delegate { id, .. } => format!("{id}, who collects for the owner"),
        }
    }
}

impl Command {
    /// The job that the command is about.
    pub fn job(&self) -> JobNumber {
        match self {
            Self::Release { job, .. } | Self::Look { job } | Self::Abort { job, .. } => *job,
        }
    }
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is written down and will be done.
    Accepted,
    /// It will not be done, and why.
    Refused(Refusal),
}

/// Why a command is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such job, or not for whoever asks.
    NoSuchJob,
    /// There is no printer of that name.
    NoSuchPrinter(PrinterName),
    /// The job is not waiting; the word says what it does.
    NotHeld(&'static str),
    /// The job changed since the person looked; the number is its version now.
    Changed(u64),
    /// Paper may already be out, and the person has not said that they know.
    MayHavePrinted,
    /// The queue's rules do not let its owner change the settings so.
    NotYourChange,
    /// Whoever collects for the owner asked for more than a print of the job as it is.
    OwnersAlone,
    /// Something bars releases of this job, or of all.
    Barred(Reason, String),
    /// The daemon is stopping or can not write its journal.
    NotNow,
}

impl Refusal {
    /// What the person reads.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoSuchJob => "there is no such job; `pullprint jobs list` shows the jobs that wait".to_owned(),
            Self::NoSuchPrinter(name) => {
                format!("there is no printer named \"{name}\" in the configuration; `pullprint check-config` lists them")
            }
            Self::NotHeld(state) => format!("the job is not waiting to be released: it is {state}"),
            Self::Changed(version) => {
                format!("the job changed since you looked (it is at version {version} now); look again, then repeat")
            }
            Self::MayHavePrinted => {
                "paper of this job may already be out; look at the printer, then repeat with --reprint".to_owned()
            }
            Self::NotYourChange => "a job that was printed in gray stays gray in this queue".to_owned(),
            Self::OwnersAlone => "whoever collects for somebody prints a job as it is; only its owner can change, remove or reprint it".to_owned(),
            Self::Barred(reason, detail) if detail.is_empty() => reason.sentence().to_owned(),
            Self::Barred(reason, detail) => format!("{} ({detail})", reason.sentence()),
            Self::NotNow => "the daemon can not take this now; try again in a minute".to_owned(),
        }
    }
}
