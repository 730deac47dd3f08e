//! How a job is kept in a row: the columns that are asked for, and a JSON record of the rest.
//!
//! The record's types are the journal's own, so that the flow's may change shape while old journals stay readable:
//! a member that is new gets a default here. Deliberately absent: SQL.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    configuration::ConfigurationRecord,
    record_document::{AgreementRecord, DocumentRecord},
    record_state::StateRecord,
};
use crate::{
    flow::{EffectId, Job, Terms, Timer, job::Facts},
    model::{
        AbortReason, AfterRelease, CloudDocument, CloudJobKey, CloudPrinterId, DocumentId,
        JobNumber, Owner, PrinterName, Reason, Reasons, Retention, TaskId, Verdict,
    },
};

/// A job as the journal keeps it, less the key columns.
#[derive(Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a member of the record, by its name")]
pub(super) struct JobRecord {
    claimed: Timestamp,
    owner: Option<OwnerRecord>,
    created: Option<Timestamp>,
    configuration: ConfigurationRecord,
    #[serde(default)]
    sent_gray: bool,
    cloud_document: Option<CloudDocumentRecord>,
    terms: Option<TermsRecord>,
    state: StateRecord,
    reasons: BTreeMap<String, String>,
    timers: BTreeMap<String, Timestamp>,
    next_effect: u32,
    agreement: Option<AgreementRecord>,
    document: Option<DocumentRecord>,
    may_have_printed: bool,
    #[serde(default)]
    owner_forgotten: bool,
    spooled: bool,
    attempts: u32,
    tries: u32,
    struggling_since: Option<Timestamp>,
    suspect_since: Option<Timestamp>,
    paused_seen: Option<Timestamp>,
}

/// The columns of a job.
pub(super) struct Columns {
    pub(super) number: i64,
    pub(super) task: String,
    pub(super) source_printer: String,
    pub(super) cloud_job: String,
    pub(super) revision: i64,
    pub(super) version: i64,
}

#[derive(Serialize, Deserialize)]
struct OwnerRecord {
    id: Option<String>,
    upn: Option<String>,
    name: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct CloudDocumentRecord {
    id: String,
    title: Option<String>,
    content_type: Option<String>,
    octets: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct TermsRecord {
    verdict: VerdictRecord,
    hold_until: Timestamp,
    hold_seconds: i64,
    released_as_abort: bool,
    /// Seconds; absent in records of earlier versions.
    title_seconds: Option<i64>,
    owner_seconds: Option<i64>,
    barred: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum VerdictRecord {
    Hold,
    Release(String),
    Redirect(String),
    Abort(AbortRecord),
}

/// An abort reason as code and detail.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum AbortRecord {
    HoldExpired(i64),
    FormatRefused(String),
    FormatNotTaken(String),
    EmptyDocument,
    SizeMismatch(u64, u64),
    ConversionFailed(String),
    TooLarge(u64),
    ByAdministrator(String),
    Released,
    CanceledAtPrinter,
    RemovedByOwner,
}

/// The record of a job, as text.
pub(super) fn write(job: &Job) -> String {
    serde_json::to_string(&JobRecord::from(job)).expect("a record has only text keys")
}

/// The job of its columns and its record.
pub(super) fn read(columns: Columns, text: &str) -> Result<Job, String> {
    let record: JobRecord = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(Job {
        number: JobNumber(columns.number),
        revision: u64::try_from(columns.revision).map_err(|error| error.to_string())?,
        version: u64::try_from(columns.version).map_err(|error| error.to_string())?,
        cloud_job: CloudJobKey {
            source_printer: CloudPrinterId::new(columns.source_printer),
            id: columns.cloud_job,
        },
        task: TaskId::new(columns.task),
        claimed: record.claimed,
        facts: Facts {
            owner: record.owner.map(|o| Owner { id: o.id, upn: o.upn, name: o.name }),
            created: record.created,
            configuration: record.configuration.into(),
            sent_gray: record.sent_gray,
            document: record.cloud_document.map(Into::into),
        },
        terms: record.terms.map(Into::into),
        state: record.state.into(),
        reasons: read_reasons(record.reasons),
        timers: read_timers(&record.timers),
        open: BTreeMap::new(),
        next_effect: EffectId(record.next_effect),
        agreement: record.agreement.map(Into::into),
        document: record.document.map(Into::into),
        may_have_printed: record.may_have_printed,
        owner_forgotten: record.owner_forgotten,
        spooled: record.spooled,
        attempts: record.attempts,
        tries: record.tries,
        struggling_since: record.struggling_since,
        suspect_since: record.suspect_since,
        paused_seen: record.paused_seen,
    })
}

impl From<&Job> for JobRecord {
    fn from(job: &Job) -> Self {
        let owner = job.facts.owner.clone();
        Self {
            claimed: job.claimed,
            owner: owner.map(|o| OwnerRecord { id: o.id, upn: o.upn, name: o.name }),
            created: job.facts.created,
            configuration: (&job.facts.configuration).into(),
            sent_gray: job.facts.sent_gray,
            cloud_document: job.facts.document.as_ref().map(Into::into),
            terms: job.terms.as_ref().map(Into::into),
            state: (&job.state).into(),
            reasons: write_reasons(&job.reasons),
            timers: job.timers.iter().map(|(timer, at)| (timer.word().to_owned(), *at)).collect(),
            next_effect: job.next_effect.0,
            agreement: job.agreement.as_ref().map(Into::into),
            document: job.document.as_ref().map(Into::into),
            may_have_printed: job.may_have_printed,
            owner_forgotten: job.owner_forgotten,
            spooled: job.spooled,
            attempts: job.attempts,
            tries: job.tries,
            struggling_since: job.struggling_since,
            suspect_since: job.suspect_since,
            paused_seen: job.paused_seen,
        }
    }
}

pub(super) fn write_reasons(reasons: &Reasons) -> BTreeMap<String, String> {
    reasons.0.iter().map(|(reason, detail)| (reason.code().to_owned(), detail.clone())).collect()
}

pub(super) fn read_reasons(record: BTreeMap<String, String>) -> Reasons {
    let known = |(code, detail): (String, String)| Some((Reason::from_code(&code)?, detail));
    Reasons(record.into_iter().filter_map(known).collect())
}

fn read_timers(record: &BTreeMap<String, Timestamp>) -> BTreeMap<Timer, Timestamp> {
    Timer::ALL.into_iter().filter_map(|timer| Some((timer, *record.get(timer.word())?))).collect()
}

impl From<&CloudDocument> for CloudDocumentRecord {
    fn from(document: &CloudDocument) -> Self {
        Self {
            id: document.id.as_str().to_owned(),
            title: document.title.clone(),
            content_type: document.content_type.clone(),
            octets: document.octets,
        }
    }
}

impl From<CloudDocumentRecord> for CloudDocument {
    fn from(record: CloudDocumentRecord) -> Self {
        Self {
            id: DocumentId::new(record.id),
            title: record.title,
            content_type: record.content_type,
            octets: record.octets,
        }
    }
}

impl From<&Terms> for TermsRecord {
    fn from(terms: &Terms) -> Self {
        Self {
            verdict: match &terms.verdict {
                Verdict::Hold => VerdictRecord::Hold,
                Verdict::Release(printer) => VerdictRecord::Release(printer.to_string()),
                Verdict::Redirect(printer) => VerdictRecord::Redirect(printer.to_string()),
                Verdict::Abort(reason) => VerdictRecord::Abort(reason.into()),
            },
            hold_until: terms.hold_until,
            hold_seconds: terms.hold_limit.as_secs(),
            released_as_abort: terms.after_release == AfterRelease::Abort,
            title_seconds: Some(terms.retention.title.as_secs()),
            owner_seconds: Some(terms.retention.owner.as_secs()),
            barred: terms.barred.map(|reason| reason.code().to_owned()),
        }
    }
}

impl From<TermsRecord> for Terms {
    fn from(record: TermsRecord) -> Self {
        let usual = Retention::default();
        Self {
            verdict: match record.verdict {
                VerdictRecord::Hold => Verdict::Hold,
                VerdictRecord::Release(printer) => Verdict::Release(PrinterName::new(printer)),
                VerdictRecord::Redirect(printer) => Verdict::Redirect(CloudPrinterId::new(printer)),
                VerdictRecord::Abort(reason) => Verdict::Abort(reason.into()),
            },
            hold_until: record.hold_until,
            hold_limit: SignedDuration::from_secs(record.hold_seconds),
            after_release: if record.released_as_abort {
                AfterRelease::Abort
            } else {
                AfterRelease::Complete
            },
            retention: Retention {
                title: record.title_seconds.map_or(usual.title, SignedDuration::from_secs),
                owner: record.owner_seconds.map_or(usual.owner, SignedDuration::from_secs),
            },
            barred: record.barred.and_then(|code| Reason::from_code(&code)),
        }
    }
}

impl From<&AbortReason> for AbortRecord {
    fn from(reason: &AbortReason) -> Self {
        match reason.clone() {
            AbortReason::HoldExpired { limit } => Self::HoldExpired(limit.as_secs()),
            AbortReason::FormatRefused(format) => Self::FormatRefused(format),
            AbortReason::FormatNotTaken(format) => Self::FormatNotTaken(format),
            AbortReason::EmptyDocument => Self::EmptyDocument,
            AbortReason::SizeMismatch { announced, came } => Self::SizeMismatch(announced, came),
            AbortReason::ConversionFailed(why) => Self::ConversionFailed(why),
            AbortReason::TooLarge { limit } => Self::TooLarge(limit),
            AbortReason::ByAdministrator(words) => Self::ByAdministrator(words),
            AbortReason::Released => Self::Released,
            AbortReason::CanceledAtPrinter => Self::CanceledAtPrinter,
            AbortReason::RemovedByOwner => Self::RemovedByOwner,
        }
    }
}

impl From<AbortRecord> for AbortReason {
    fn from(record: AbortRecord) -> Self {
        match record {
            AbortRecord::HoldExpired(seconds) => {
                Self::HoldExpired { limit: SignedDuration::from_secs(seconds) }
            }
            AbortRecord::FormatRefused(format) => Self::FormatRefused(format),
            AbortRecord::FormatNotTaken(format) => Self::FormatNotTaken(format),
            AbortRecord::EmptyDocument => Self::EmptyDocument,
            AbortRecord::SizeMismatch(announced, came) => Self::SizeMismatch { announced, came },
            AbortRecord::ConversionFailed(why) => Self::ConversionFailed(why),
            AbortRecord::TooLarge(limit) => Self::TooLarge { limit },
            AbortRecord::ByAdministrator(words) => Self::ByAdministrator(words),
            AbortRecord::Released => Self::Released,
            AbortRecord::CanceledAtPrinter => Self::CanceledAtPrinter,
            AbortRecord::RemovedByOwner => Self::RemovedByOwner,
        }
    }
}
