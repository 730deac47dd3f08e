//! Effects: what to do, in the imperative.
//!
//! An effect is a verb only. Its nouns (which printer, which attempt, which reason) stand in the job, so an
//! intent in the journal can not disagree with the job that it belongs to.

/// The number of an effect within its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(pub u32);

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Read the job with its document and owner, and ask policy.
    ReadJob,
    /// Get the document here, whole, checked, in a format that the printer takes.
    FetchDocument,
    /// PATCH the job's configuration.
    UpdateConfiguration,
    /// Wait for a place at the printer and ask whether it would take the job.
    AskPrinter,
    /// Create-Job.
    CreatePrinterJob,
    /// Send-Document.
    SendDocument,
    /// Watch the printer job until something about it changes.
    WatchPrinterJob,
    /// Cancel-Job.
    CancelPrinterJob,
    /// Look for the printer job with this attempt's token.
    FindPrinterJob,
    /// Ask what became of the printer job.
    InspectPrinterJob,
    /// Redirect the cloud job to another cloud printer.
    Redirect,
    /// Ask what has become of the job at the cloud printer that it was redirected to.
    FollowJob,
    /// Abort the cloud job.
    AbortJob,
    /// PATCH the task to its end.
    CloseTask,
    /// Read task and job, to learn what a refused or lost report has done.
    LookUp,
}

/// What may be done with an effect that was started and whose end is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Doing it twice is the same as doing it once.
    Repeatable,
    /// Look at the printer or in the cloud first; what is found becomes the event.
    AskFirst,
}

impl Effect {
    /// All effects, in the order of a job's life.
    pub const ALL: [Self; 15] = [
        Self::ReadJob,
        Self::FetchDocument,
        Self::UpdateConfiguration,
        Self::AskPrinter,
        Self::CreatePrinterJob,
        Self::SendDocument,
        Self::WatchPrinterJob,
        Self::CancelPrinterJob,
        Self::FindPrinterJob,
        Self::InspectPrinterJob,
        Self::Redirect,
        Self::FollowJob,
        Self::AbortJob,
        Self::CloseTask,
        Self::LookUp,
    ];

    /// What may be done with it when its end is not known.
    pub fn class(self) -> Class {
        match self {
            Self::ReadJob
            | Self::FetchDocument
            | Self::UpdateConfiguration
            | Self::AskPrinter
            | Self::WatchPrinterJob
            | Self::CancelPrinterJob
            | Self::FindPrinterJob
            | Self::InspectPrinterJob
            | Self::FollowJob
            | Self::CloseTask
            | Self::LookUp => Class::Repeatable,
            Self::CreatePrinterJob | Self::SendDocument | Self::Redirect | Self::AbortJob => {
                Class::AskFirst
            }
        }
    }

    /// The word in the journal.
    pub fn word(self) -> &'static str {
        match self {
            Self::ReadJob => "read-job",
            Self::FetchDocument => "fetch-document",
            Self::UpdateConfiguration => "update-configuration",
            Self::AskPrinter => "ask-printer",
            Self::CreatePrinterJob => "create-printer-job",
            Self::SendDocument => "send-document",
            Self::WatchPrinterJob => "watch-printer-job",
            Self::CancelPrinterJob => "cancel-printer-job",
            Self::FindPrinterJob => "find-printer-job",
            Self::InspectPrinterJob => "inspect-printer-job",
            Self::Redirect => "redirect",
            Self::FollowJob => "follow-job",
            Self::AbortJob => "abort-job",
            Self::CloseTask => "close-task",
            Self::LookUp => "look-up",
        }
    }

    /// The effect of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.word() == word)
    }
}
