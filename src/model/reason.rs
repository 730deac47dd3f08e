//! Few states, many reasons: why a job waits, why it was aborted, how it ended.
//!
//! Each has a stable code for the journal and a sentence for people.
//! Deliberately absent: which reason holds when (`flow`).

use std::{collections::BTreeMap, fmt};

use super::AbortReason;

/// Why a job is where it is, beside its state. A detail (a code, a keyword, a name) may stand with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Paper of this job may already be out.
    MayHavePrinted,
    /// The cloud could not be asked about the job; it will be asked again.
    CloudUnreachable,
    /// The cloud refused a question about the job.
    CloudRefused,
    /// The cloud does not say that the job waits for us.
    NotPaused,
    /// The cloud refused the changed configuration.
    ConfigurationRefused,
    /// The printer did not answer.
    PrinterUnreachable,
    /// The printer has no room for another job now.
    PrinterBusy,
    /// The printer refused the job.
    PrinterRefused,
    /// The printer is in a state in which it can not print the job.
    PrinterBlocked,
    /// The printer is not the one that is trusted: its key changed, or its certificate is of nobody's.
    PrinterDistrusted,
    /// The printer wants a login, or refuses ours.
    PrinterLogin,
    /// The printer does not answer yet; it is being woken.
    PrinterWaking,
    /// The job waits for somebody at the printer's own panel.
    WaitsAtPanel,
    /// The printer aborted the job, and nothing came out.
    PrinterAborted,
    /// The printer says that it needs help: paper, toner, a closed door.
    PrinterTrouble,
    /// The printer can not do what was asked.
    CannotDo,
    /// The printer does not take the document's format.
    FormatNotTaken,
    /// The document could not be fetched yet.
    DocumentLate,
    /// The configuration names no such printer.
    NoSuchPrinter,
    /// The source printer has, or may have, a device of its own.
    SourcePrinterHasDevice,
    /// Another daemon serves the same task definition.
    OtherDaemon,
    /// The release took too long.
    ReleaseTimedOut,
    /// Universal Print did not accept our report; it is repeated slowly.
    ReportRefused,
    /// The printer forgot the job before it said how it ended.
    Unconfirmed,
    /// Universal Print did not move the job to the cloud printer.
    RedirectRefused,
    /// The cloud printer that the job was moved to did not print it.
    FailedElsewhere,
    /// Parts of the document could not be drawn.
    PartsMissing,
    /// The job waits near its limit, and will be aborted.
    ExpiresSoon,
}

impl Reason {
    const CODES: &[(Self, &'static str, &'static str)] = &[
        (
            Self::MayHavePrinted,
            "may-have-printed",
            "paper of this job may already be out: look at the printer first",
        ),
        (
            Self::CloudUnreachable,
            "cloud-unreachable",
            "Universal Print can not be reached; asking again",
        ),
        (
            Self::CloudRefused,
            "cloud-refused",
            "Universal Print refused the question; asking again slowly",
        ),
        (
            Self::NotPaused,
            "not-paused",
            "Universal Print does not say that the job waits; asking again",
        ),
        (
            Self::ConfigurationRefused,
            "configuration-refused",
            "Universal Print refused the changed settings",
        ),
        (Self::PrinterUnreachable, "printer-unreachable", "the printer does not answer"),
        (Self::PrinterBusy, "printer-busy", "the printer is busy"),
        (Self::PrinterRefused, "printer-refused", "the printer refused the job"),
        (Self::PrinterBlocked, "printer-blocked", "the printer can not print now"),
        (
            Self::PrinterDistrusted,
            "printer-distrusted",
            "the printer is not the one that is trusted; `pullprint printers trust` is for an administrator",
        ),
        (Self::PrinterLogin, "printer-login", "the printer does not accept our login"),
        (Self::PrinterWaking, "printer-waking", "the printer is waking"),
        (Self::WaitsAtPanel, "waits-at-panel", "somebody is needed at the printer's panel"),
        (
            Self::PrinterAborted,
            "printer-aborted",
            "the printer aborted the job and nothing came out",
        ),
        (Self::PrinterTrouble, "printer-trouble", "the printer needs help"),
        (Self::CannotDo, "cannot-do", "the printer can not do what was asked"),
        (
            Self::FormatNotTaken,
            "format-not-taken",
            "the printer does not take this kind of document",
        ),
        (Self::DocumentLate, "document-late", "the document could not be fetched yet"),
        (Self::NoSuchPrinter, "no-such-printer", "the configuration names no such printer"),
        (
            Self::SourcePrinterHasDevice,
            "source-printer-has-device",
            "the pull-print queue has a device or connector of its own: it would print the job as well",
        ),
        (
            Self::OtherDaemon,
            "other-daemon",
            "another pullprint serves this task definition; `pullprint takeover` moves it here",
        ),
        (Self::ReleaseTimedOut, "release-timed-out", "the release took too long"),
        (
            Self::ReportRefused,
            "report-refused",
            "Universal Print did not accept our report; repeating it slowly",
        ),
        (
            Self::Unconfirmed,
            "unconfirmed",
            "the printer forgot the job before it said how it ended",
        ),
        (
            Self::RedirectRefused,
            "redirect-refused",
            "Universal Print did not move the job to that printer",
        ),
        (
            Self::FailedElsewhere,
            "failed-elsewhere",
            "the cloud printer that it was moved to did not print it",
        ),
        (
            Self::PartsMissing,
            "parts-missing",
            "parts of the document are missing on paper, or look different",
        ),
        (Self::ExpiresSoon, "expires-soon", "it is aborted soon if nobody releases it"),
    ];

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        Self::CODES.iter().find(|(reason, ..)| *reason == self).expect("the table has every reason")
    }

    /// The code in the journal.
    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// What a person reads.
    pub fn sentence(self) -> &'static str {
        self.row().2
    }

    /// The reason of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::CODES.iter().find(|(_, known, _)| *known == code).map(|(reason, ..)| *reason)
    }

    /// All reasons, in the order of the codes.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::CODES.iter().map(|(reason, ..)| *reason)
    }
}

/// The reasons that hold now, each with its detail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons(pub BTreeMap<Reason, String>);

impl Reasons {
    /// A reason becomes true; its detail replaces an older one.
    pub fn insert(&mut self, reason: Reason, detail: impl Into<String>) {
        self.0.insert(reason, detail.into());
    }

    /// A reason no longer holds.
    pub fn remove(&mut self, reason: Reason) {
        self.0.remove(&reason);
    }

    /// Whether a reason holds.
    pub fn contains(&self, reason: Reason) -> bool {
        self.0.contains_key(&reason)
    }

    /// No reason holds any more.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl fmt::Display for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (reason, detail)) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}{}", reason.sentence())?;
            if !detail.is_empty() {
                write!(f, " ({detail})")?;
            }
        }
        Ok(())
    }
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It came out.
    Completed,
    /// It was ended by the system or by policy.
    Aborted(AbortReason),
    /// It was ended by a person.
    Canceled,
    /// The cloud moved it to another cloud printer.
    Redirected,
    /// It is gone from the cloud without us.
    Withdrawn,
}

impl Ending {
    /// One word for lists.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Aborted(_) => "aborted",
            Self::Canceled => "canceled",
            Self::Redirected => "redirected",
            Self::Withdrawn => "withdrawn",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_back_from_its_code() {
        for reason in Reason::all() {
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
        }
    }
}
