//! Jobs that are at the printer: look at one, find ours, find those without a document, cancel.
//!
//! Get-Job-Attributes, Get-Jobs, Cancel-Job (RFC 8011 sections 4.2.6, 4.3.3 and 4.3.4).
//!
//! A printer uses its job-ids again after a restart, so a job is ours only by its job-uuid, by the token in its
//! job-name, or, where the printer hides both, by the time of its creation. What can not be told is "forgotten", which
//! proves nothing. Deliberately absent: what follows from that.

use std::ops::RangeInclusive;

use ipp::{
    attribute::{IppAttribute, IppAttributeGroup},
    model::{DelimiterTag, Operation},
    value::IppValue,
};
use jiff::Timestamp;

use super::{
    attributes,
    client::PrinterClient,
    ends::{CancelEnd, Found, PrinterError},
    message::{attribute, keywords},
    words::{in_words, waiting_for},
};
use crate::model::{FailureClass, ForgottenReport, PrinterJobId, PrinterJobRef, PrinterJobReport};

/// What a job is recognized by.
pub(super) const JOB_OF_TOKEN: [&str; 3] = ["job-id", "job-uuid", "job-name"];

/// How much later than the printer was asked, in its seconds, a job of ours may have been created.
const CREATED_WITHIN: RangeInclusive<i32> = -5..=300;

impl PrinterClient {
    /// Get-Job-Attributes: what became of a job of ours.
    ///
    /// # Errors
    ///
    /// [`PrinterError`], if the printer did not say.
    pub async fn look_at(&self, job: &PrinterJobRef, token: &str) -> Result<Found, PrinterError> {
        let names = [
            "job-id",
            "job-uuid",
            "job-name",
            "job-state",
            "job-state-reasons",
            "job-k-octets-processed",
            "job-impressions-completed",
            "job-media-sheets-completed",
            "time-at-creation",
        ];
        let operation = Operation::GetJobAttributes;
        let group = match self.job_attributes(job.id, &names).await {
            Ok(group) => group,
            Err(error) if error.failure().class == FailureClass::Gone => {
                return self.forgotten().await;
            }
            Err(error) => return Err(error),
        };
        if !is_ours(&group, job, token) {
            return self.forgotten().await;
        }
        let why = || "it has no job-state".to_owned();
        let Some(mut report) = attributes::read_report(&group) else {
            return Err(PrinterError::Lost { operation, why: why() });
        };
        if !report.state.is_terminal() {
            report.trouble = self.trouble(&report).await;
        }
        Ok(Found::Seen(report))
    }

    /// Why a job stands still: what the printer says of itself, else what it says of the job. Some printers leave a job
    /// in `processing` while they wait for paper, and say so of themselves alone.
    async fn trouble(&self, report: &PrinterJobReport) -> Option<String> {
        let health = self.health().await.unwrap_or_default();
        if report.trouble.is_none() {
            let words = in_words(&waiting_for(&health.reasons));
            return (!words.is_empty()).then(|| words.join(", "));
        }
        let words = in_words(&health.reasons);
        Some(if words.is_empty() { report.reasons.join(", ") } else { words.join(", ") })
    }

    async fn forgotten(&self) -> Result<Found, PrinterError> {
        let health = self.health().await?;
        Ok(Found::Forgotten(ForgottenReport {
            up_time: health.up_time,
            idle: health.state == Some(3),
            impressions: health.impressions,
        }))
    }

    pub(super) async fn job_attributes(
        &self,
        id: PrinterJobId,
        names: &[&str],
    ) -> Result<IppAttributeGroup, PrinterError> {
        let operation = || {
            vec![
                attribute("job-id", IppValue::Integer(id.0)),
                keywords("requested-attributes", names),
            ]
        };
        let answer = self.ask(Operation::GetJobAttributes, operation, &[]).await?;
        Ok(attributes::group(&answer.attributes, DelimiterTag::JobAttributes))
    }

    /// Get-Jobs: the unfinished job whose name begins with the token. Nothing means "not there, or can not say": a
    /// printer may hide names or cut its list.
    ///
    /// # Errors
    ///
    /// [`PrinterError`], if the printer did not answer.
    pub async fn find(&self, token: &str) -> Result<Option<PrinterJobRef>, PrinterError> {
        for my_jobs in [false, true] {
            let answer = self.unfinished(my_jobs, &JOB_OF_TOKEN).await?;
            let ours = |group: &&IppAttributeGroup| {
                attributes::word(group, "job-name").is_some_and(|name| bears(&name, token))
            };
            if let Some(job) = answer.iter().find(ours).and_then(reference) {
                return Ok(Some(job));
            }
        }
        Ok(None)
    }

    /// Get-Jobs: the unfinished jobs whose names begin with `prefix` and that have no document, with their names.
    /// Such a job is left over from a Create-Job whose end nobody saw; on some printers it blocks all others.
    ///
    /// # Errors
    ///
    /// [`PrinterError`], if the printer did not answer.
    pub async fn without_document(
        &self,
        prefix: &str,
    ) -> Result<Vec<(PrinterJobRef, String)>, PrinterError> {
        let names = [&JOB_OF_TOKEN[..], &["job-state-reasons"]].concat();
        let mut found: Vec<(PrinterJobRef, String)> = Vec::new();
        let mut groups = self.unfinished(false, &names).await?;
        groups.extend(self.unfinished(true, &names).await?);
        for group in &groups {
            let name = attributes::word(group, "job-name").filter(|name| name.starts_with(prefix));
            let waits = attributes::words(group, "job-state-reasons")
                .iter()
                .any(|reason| reason == "job-data-insufficient");
            if let (Some(name), true, Some(job)) = (name, waits, reference(group))
                && !found.iter().any(|(known, _)| known.id == job.id)
            {
                found.push((job, name));
            }
        }
        Ok(found)
    }

    async fn unfinished(
        &self,
        my_jobs: bool,
        names: &[&str],
    ) -> Result<Vec<IppAttributeGroup>, PrinterError> {
        let operation = || -> Vec<IppAttribute> {
            vec![
                keywords("which-jobs", &["not-completed"]),
                attribute("my-jobs", IppValue::Boolean(my_jobs)),
                keywords("requested-attributes", names),
            ]
        };
        let answer = self.ask(Operation::GetJobs, operation, &[]).await?;
        Ok(answer.attributes.groups_of(DelimiterTag::JobAttributes).cloned().collect())
    }

    /// Cancel-Job. Repeating it does no harm.
    ///
    /// # Errors
    ///
    /// [`PrinterError`], if the printer did not answer.
    pub async fn cancel(&self, job: &PrinterJobRef) -> Result<CancelEnd, PrinterError> {
        let operation = || vec![attribute("job-id", IppValue::Integer(job.id.0))];
        match self.ask(Operation::CancelJob, operation, &[]).await {
            Ok(_) => Ok(CancelEnd::Accepted),
            Err(PrinterError::Status { status: 0x0404 | 0x0406 | 0x0407, .. }) => {
                Ok(CancelEnd::NothingToCancel)
            }
            Err(error) => Err(error),
        }
    }
}

/// A job of a list. When it was created is not known, but surely not later than now.
fn reference(group: &IppAttributeGroup) -> Option<PrinterJobRef> {
    Some(PrinterJobRef {
        id: PrinterJobId(attributes::int(group, "job-id")?),
        uuid: attributes::word(group, "job-uuid"),
        created: Timestamp::now(),
        up_time: None,
        impressions: None,
    })
}

/// Whether the job of that id is still ours: by its job-uuid, else by its name, else by IPP "time-at-creation"
/// (RFC 8011 section 5.3.14.1, in seconds of "printer-up-time").
fn is_ours(group: &IppAttributeGroup, job: &PrinterJobRef, token: &str) -> bool {
    let uuid = attributes::word(group, "job-uuid");
    if let (Some(ours), Some(theirs)) = (&job.uuid, &uuid) {
        return ours == theirs;
    }
    if let Some(name) = attributes::word(group, "job-name").filter(|name| !name.is_empty()) {
        return bears(&name, token);
    }
    match (job.up_time, attributes::int(group, "time-at-creation")) {
        (Some(asked), Some(created)) => CREATED_WITHIN.contains(&created.saturating_sub(asked)),
        _ => false,
    }
}

/// Whether a job-name begins with the token, and not with a longer one: attempt 1 is not attempt 12.
pub(super) fn bears(name: &str, token: &str) -> bool {
    name.strip_prefix(token).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "pp-0123abcd-7-1";

    #[track_caller]
    fn check(uuid: Option<&str>, name: Option<&str>, created: Option<i32>, expect: bool) {
        let mut group = IppAttributeGroup::new(DelimiterTag::JobAttributes);
        let mut add = |name: &str, value| group.attributes_mut().push(attribute(name, value));
        if let Some(uuid) = uuid {
            add("job-uuid", IppValue::new_uri(uuid).unwrap());
        }
        if let Some(name) = name {
            add("job-name", IppValue::new_name_without_language(name).unwrap());
        }
        if let Some(created) = created {
            add("time-at-creation", IppValue::Integer(created));
        }
        let job = PrinterJobRef {
            id: PrinterJobId(5),
            uuid: Some("urn:uuid:5".into()),
            created: Timestamp::UNIX_EPOCH,
            up_time: Some(100),
            impressions: None,
        };
        assert_eq!(is_ours(&group, &job, TOKEN), expect, "{uuid:?} {name:?} {created:?}");
    }

    #[test]
    fn a_job_is_ours_by_uuid_then_by_name_then_by_its_creation() {
        check(Some("urn:uuid:5"), Some("a hidden name"), None, true);
        check(Some("urn:uuid:6"), Some(TOKEN), Some(101), false);
        check(None, Some(TOKEN), None, true);
        check(None, Some("another's"), Some(101), false);
        check(None, Some("pp-0123abcd-7-12"), Some(101), false);
        check(None, Some("pp-0123abcd-7-1 Minutes"), None, true);
        check(None, None, Some(101), true);
        check(None, Some(""), Some(99), true);
        check(None, None, Some(3), false);
        check(None, None, None, false);
    }
}
