//! What the administrator wants of queues and printers.
//!
//! Deliberately absent: how it is written (`config`).

use std::{path::PathBuf, time::Duration};

use jiff::SignedDuration;

use super::{
    AfterRelease, CloudPrinterId, DocumentFormat, OfferDefaults, OfferRule, PrinterName, Retention,
};

/// What is logged, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSettings {
    /// What: a level, or a filter by module.
    pub filter: String,
    /// Where to, and in which form.
    pub format: LogFormat,
    /// Whether lines about people say who.
    pub people: bool,
}

impl LogSettings {
    /// What a line may say of a person: who it was, or nothing.
    pub fn person<'a>(&self, who: &'a str) -> Option<&'a str> {
        self.people.then_some(who)
    }
}

/// Where the log goes, and in which form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// To the system's journal where standard error is that; otherwise as text.
    #[default]
    Auto,
    /// A line an event, to standard error.
    Text,
    /// The same as JSON.
    Json,
    /// To the system's journal, each event with its fields.
    SystemJournal,
}

/// How long things are known of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetentionSettings {
    /// What is known of jobs.
    pub jobs: Retention,
    /// How old an entry may be that names somebody by their object id.
    pub audit: SignedDuration,
}

/// A pull-print queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// The virtual printer that people print to.
    pub source_printer: CloudPrinterId,
    /// The printer that each job goes to at once; absent: jobs wait for their owners.
    pub release_to: Option<PrinterName>,
    /// The cloud printer that each job is moved to at once, instead.
    pub redirect_to: Option<CloudPrinterId>,
    /// How long a job may wait, counted from its creation in the cloud.
    pub hold_limit: SignedDuration,
    /// How a release is reported.
    pub after_release: AfterRelease,
    /// Formats that are aborted.
    pub refused_formats: Vec<DocumentFormat>,
    /// Whether what was sent in gray must stay gray when its owner releases it.
    pub gray_stays: bool,
    /// Whether a person may release a job, whose document is here, while the cloud does not answer.
    pub release_offline: bool,
    /// When the documents of jobs that wait are fetched.
    pub prefetch: Prefetch,
    /// What people can choose; absent: whatever the cloud has.
    pub offer: Option<OfferSettings>,
}

/// When the document of a job that waits is fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefetch {
    /// When it is released.
    Off,
    /// When its owner's badge is shown.
    #[default]
    Tap,
    /// When the job is claimed.
    Claim,
}

/// How much may be fetched before it is released.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AheadSettings {
    /// All documents together.
    pub octets: u64,
    /// How long one waits.
    pub time: Duration,
}

/// What a queue offers: of which printers, and its defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferSettings {
    /// How the printers' offers become one.
    pub rule: OfferRule,
    /// The printers that it is of.
    pub printers: Vec<PrinterName>,
    /// What people get who choose nothing.
    pub defaults: OfferDefaults,
}

/// A destination printer that is in the cloud itself: jobs are redirected to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudPrinterSettings {
    /// What we call it.
    pub name: PrinterName,
    /// Its id in the cloud.
    pub id: CloudPrinterId,
}

/// How a printer is dealt with in a release: written down with each attempt, so that a later change of the
/// configuration hides none of its jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrinterContact {
    /// Its address, `ipp://` or `ipps://`.
    pub uri: String,
    /// IPP "requesting-user-name" of every operation; `{upn}`, `{alias}` and `{pseudonym}` stand for the owner's until
    /// a release is ordered.
    pub user_name: String,
    /// What the job's token begins with; the daemon fills it in.
    pub token_prefix: String,
    /// Whether a job that the printer forgot is held instead of settled.
    pub hold_unconfirmed: bool,
    /// How long a printer that does not answer is waited for.
    pub wake_for: SignedDuration,
}

/// What happens to settings that a printer can not do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketRules {
    /// Copies, pages, gray and the size of the paper: what is never dropped in silence.
    pub essentials: Essentials,
    /// Any other setting.
    pub others: Others,
    /// Whether gray may be made of several colorants: IPP "process-monochrome", which may be billed as color.
    pub process_monochrome: bool,
    /// Whether gray is made in the document, whatever the printer says that it can do.
    pub gray_in_document: bool,
    /// Whether OXPS and XPS can be converted here.
    pub converter: bool,
    /// IPP "job-account-id" of the job.
    pub account: Option<String>,
    /// IPP "job-accounting-user-id" of the job.
    pub accounting_user: Option<String>,
}

/// What happens to an essential setting that a printer can not do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Essentials {
    /// pullprint does it in the document, where that is possible; else the printer is refused.
    #[default]
    Ourselves,
    /// The job is not printed there.
    Refuse,
    /// It is printed without, and the difference is shown.
    Substitute,
}

/// What happens to any other setting that a printer can not do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    /// It is printed without, and the difference is shown.
    #[default]
    Substitute,
    /// The job is not printed there.
    Refuse,
}

/// A destination printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterSettings {
    /// What we call it.
    pub name: PrinterName,
    /// How it is dealt with.
    pub contact: PrinterContact,
    /// Whom to trust there, and who we are.
    pub access: PrinterAccess,
    /// How many of our jobs it may have at a time.
    pub jobs_at_once: usize,
    /// What happens to settings that it can not do.
    pub rules: TicketRules,
    /// What it is told of a job.
    pub told: Told,
}

/// Whom to trust at a printer, and who we are there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrinterAccess {
    /// A CA to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Whose word counts that it is the printer.
    pub trust: Trust,
    /// Our certificate and its key.
    pub certificate_file: Option<PathBuf>,
    /// Our name, and the file with the password.
    pub login: Option<(String, PathBuf)>,
}

/// Whose word counts that a printer is the right one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// A certificate authority's.
    #[default]
    Certificates,
    /// The printer's own, by this key: `sha256:` and 64 hexadecimal digits.
    Key(String),
    /// The printer's own, by the key that it showed first.
    FirstUse,
}

/// What a printer is told of a job beside how to print it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What stands behind the token in IPP "job-name".
    pub title: ToldTitle,
    /// IPP "job-account-id".
    pub account: Option<String>,
    /// IPP "job-accounting-user-id", with the places of a user name.
    pub accounting_user: Option<String>,
}

/// What a printer is told of a job's title.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ToldTitle {
    /// Nothing.
    #[default]
    Token,
    /// The first letter of each word.
    Masked,
    /// All of it.
    Title,
}
