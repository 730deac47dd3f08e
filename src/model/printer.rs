//! Destination printers: how they are, what is agreed with them, and what they say of a printer job.
//!
//! Every field that mirrors an IPP attribute names it. Deliberately absent: what they can do (`capabilities`), the
//! protocol (`printer`), and what follows from a report (`flow::evidence`).

use std::fmt;

use jiff::Timestamp;

use super::{DocumentWork, PrinterJobId, capabilities::ReadyMedia};

/// How a printer is: the changing part of what it tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrinterHealth {
    /// IPP "printer-state": 3 idle, 4 processing, 5 stopped.
    pub state: Option<i32>,
    /// IPP "printer-state-reasons" without `none`.
    pub reasons: Vec<String>,
    /// IPP "printer-is-accepting-jobs"; absent counts as yes.
    pub accepting: bool,
    /// IPP "printer-up-time" in seconds: smaller than last time means that the printer restarted.
    pub up_time: Option<i32>,
    /// IPP "printer-impressions-completed" (PWG 5100.22): rises with each printed side.
    pub impressions: Option<i32>,
    /// IPP "media-col-ready": what its trays hold.
    pub media_ready: Vec<ReadyMedia>,
    /// IPP "marker-colors" with "marker-levels" in percent; a level below zero says nothing.
    pub inks: Vec<(String, i32)>,
}

impl PrinterHealth {
    /// Whether it is at a job.
    pub fn is_processing(&self) -> bool {
        self.state == Some(4)
    }
}

/// How a printer is, for people who stand before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has nothing to do.
    Ready,
    /// It is at work.
    Busy,
    /// It needs help: keywords of IPP "printer-state-reasons", without their severity; none if it does not say why.
    Trouble(Vec<String>),
    /// It does not answer, or is not the one that is trusted.
    Unreachable,
    /// Nobody can tell: it is in the cloud.
    Unknown,
}

impl Standing {
    /// The word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Busy => "busy",
            Self::Trouble(_) => "trouble",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
        }
    }
}

/// A job at a printer, with what is needed to recognize it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterJobRef {
    /// IPP "job-id".
    pub id: PrinterJobId,
    /// IPP "job-uuid"; compared because ids are used again.
    pub uuid: Option<String>,
    /// When we saw it created, by our clock.
    pub created: Timestamp,
    /// IPP "printer-up-time" when the job was created.
    pub up_time: Option<i32>,
    /// IPP "printer-impressions-completed" when the job was created.
    pub impressions: Option<i32>,
}

/// What a printer says of one of its jobs: Get-Job-Attributes, RFC 8011 section 4.3.4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterJobReport {
    /// IPP "job-state".
    pub state: PrinterJobState,
    /// IPP "job-state-reasons" without `none`.
    pub reasons: Vec<String>,
    /// IPP "job-k-octets-processed": units of 1,024 octets, rounded up.
    pub k_octets: Option<i32>,
    /// IPP "job-impressions-completed". Absent is not zero.
    pub impressions: Option<i32>,
    /// IPP "job-media-sheets-completed".
    pub sheets: Option<i32>,
    /// Why it stands still, in words, where it needs help at the printer.
    pub trouble: Option<String>,
    /// Whom it waits for at the printer's own panel, in words.
    pub waits_at_panel: Option<String>,
}

impl PrinterJobReport {
    /// Whether somebody canceled it: IPP "job-canceled-by-user", "-by-operator" or "-at-device".
    pub fn canceled_by_a_person(&self) -> bool {
        let said = |reason: &String| reason.starts_with("job-canceled-");
        self.state == PrinterJobState::Canceled && self.reasons.iter().any(said)
    }
}

/// IPP "job-state", RFC 8011 section 5.3.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the protocol's own words")]
pub enum PrinterJobState {
    Pending,
    PendingHeld,
    Processing,
    ProcessingStopped,
    Canceled,
    Aborted,
    Completed,
}

impl PrinterJobState {
    /// Whether the job has ended at the printer.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Canceled | Self::Aborted | Self::Completed)
    }
}

/// What is known of a printer whose history no longer has our job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgottenReport {
    /// IPP "printer-up-time" now.
    pub up_time: Option<i32>,
    /// Whether IPP "printer-state" is idle.
    pub idle: bool,
    /// IPP "printer-impressions-completed" now.
    pub impressions: Option<i32>,
}

/// One setting that did not go to the printer as it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substitution {
    /// The member of the configuration, by our name.
    pub setting: String,
    /// What was asked.
    pub asked: String,
    /// What was sent; empty if the setting was left out.
    pub sent: String,
    /// Why.
    pub why: String,
}

/// What was agreed with a printer before its job is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The Job Template attributes as they are sent, each with its value as text.
    pub sent: Vec<(String, String)>,
    /// What is not printed as asked.
    pub substitutions: Vec<Substitution>,
    /// What we do to the document.
    pub work: DocumentWork,
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = self.sent.iter().map(|(name, value)| format!("{name}={value}"));
        let work = Some(format!("document {}", self.work)).filter(|_| !self.work.is_none());
        let lost = self
            .substitutions
            .iter()
            .map(|one| format!("{}: {} -> {} ({})", one.setting, one.asked, one.sent, one.why));
        let all: Vec<String> = sent.chain(work).chain(lost).collect();
        write!(f, "{}", all.join("; "))
    }
}

/// What is wrong with a printer's address at first sight; nothing if it looks well.
pub fn bad_uri(uri: &str) -> Option<&'static str> {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("", ""));
    match scheme {
        "ipp" | "ipps" if rest.contains('@') => Some("it names a user"),
        "ipp" | "ipps" if rest.starts_with(['/', ':']) || rest.is_empty() => {
            Some("it names no host")
        }
        "ipp" | "ipps" => None,
        _ => Some("it is not ipp:// or ipps://"),
    }
}
