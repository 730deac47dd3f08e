//! The span of a job: whatever is logged in it has the fields by which one search tells the job's story.
//!
//! Deliberately absent: titles. Owners stand in it only where the configuration lets the log say who.

use tracing::{Span, error_span};

use crate::{
    flow::Job,
    model::{Owner, settings::LogSettings},
};

/// The span of a job as it is now.
pub(super) fn job_span(job: &Job, log: &LogSettings) -> Span {
    // At the level of what must never be without it.
    error_span!(
        parent: None,
        "job",
        job = %job.number,
        task = %job.task,
        cloud_job = %job.cloud_job,
        attempt = job.attempts,
        printer_job = job.printer_job().map(|printer_job| display(printer_job.id)),
        owner = job.facts.owner.as_ref().map(Owner::label).and_then(|owner| log.person(owner)),
    )
}
