//! A job as commands show it: words for programs, and sentences for people.
//!
//! Deliberately absent: who may see it (whoever may ask).

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    flow::{Attempt, Destination, Job, State},
    journal::Entry,
    model::{AbortReason, Agreement, Ending, Owner, printer::Substitution},
};

/// A job as commands show it.
pub(super) fn describe(job: &Job) -> Value {
    let owner = job.facts.owner.as_ref();
    let document = job.facts.document.as_ref();
    json!({
        "job": job.number.0,
        "version": job.version,
        "state": job.state.word(),
        "ending": ending(&job.state),
        "abort_reason": abort_reason(&job.state).map(|reason| reason.sentence()),
        "abort_code": abort_reason(&job.state).map(|reason| reason.code()),
        "refused": matches!(&job.state, State::Settled(Ending::Aborted(reason)) if reason.is_refusal()),
        "doubtful": matches!(&job.state, State::Releasing(releasing) if releasing.phase.is_doubtful()),
        "reasons": job.reasons.0.iter().map(|(reason, detail)| json!({
            "code": reason.code(), "sentence": reason.sentence(), "detail": detail,
        })).collect::<Vec<_>>(),
        "owner": owner.map(Owner::label),
        "title": document.and_then(|document| document.title.as_deref()),
        "octets": document.and_then(|document| document.octets),
        "source_printer": job.cloud_job.source_printer.as_str(),
        "cloud_job": job.cloud_job.id,
        "task": job.task.as_str(),
        "created": job.facts.created.map(|at| at.to_string()),
        "hold_until": job.terms.as_ref().map(|terms| terms.hold_until.to_string()),
        "printer": job.attempt().map(printer_of),
        "printer_job": job.printer_job().map(|printer_job| printer_job.id.0),
        "sent": job.agreement.as_ref().map(sent),
        "done_here": job.agreement.as_ref().filter(|one| !one.work.is_none()).map(|one| one.work.to_string()),
        "substitutions": job.agreement.as_ref().map(substitutions),
    })
}

/// A job with its whole story.
pub(super) fn describe_whole(job: &Job, story: &[(Timestamp, Entry)]) -> Value {
    let mut told = describe(job);
    let line = |(at, entry): &(Timestamp, Entry)| json!({"at": at.to_string(), "what": entry.kind, "detail": entry.detail});
    told["story"] = story.iter().map(line).collect();
    told
}

fn printer_of(attempt: &Attempt) -> &str {
    match &attempt.destination {
        Destination::Printer(printer) => printer.as_str(),
        Destination::CloudPrinter(printer) => printer.as_str(),
    }
}

/// The Job Template attributes of the last attempt, as the printer got them.
fn sent(agreement: &Agreement) -> Value {
    let attributes =
        agreement.sent.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
    Value::Object(attributes.collect())
}

fn substitutions(agreement: &Agreement) -> Value {
    let row = |s: &Substitution| json!({"setting": s.setting, "asked": s.asked, "sent": s.sent, "why": s.why});
    agreement.substitutions.iter().map(row).collect()
}

fn ending(state: &State) -> Option<&'static str> {
    match state {
        State::Settled(ending) => Some(ending.word()),
        _ => None,
    }
}

fn abort_reason(state: &State) -> Option<AbortReason> {
    match state {
        State::Settled(Ending::Aborted(reason)) => Some(reason.clone()),
        State::Reporting(reporting) => match reporting.outcome.ending() {
            Ending::Aborted(reason) => Some(reason),
            _ => None,
        },
        _ => None,
    }
}
