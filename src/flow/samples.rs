//! One event of each kind, and what jobs are made of: what tables and contracts are tested with.

use jiff::{SignedDuration, Timestamp};

use super::{
    Actor, Attempt, CloudLook, Destination, DocumentFacts, Effect, EffectId, End, Event, Job,
    Leave, Look, Phase, Reading, ReleaseOrder, Releasing, State, Terms, Timer, job::Facts,
};
use crate::model::{
    AbortReason, AfterRelease, Agreement, Alter, Asker, CloudDocument, CloudJob, CloudJobKey,
    CloudJobState, CloudPrinterId, ConfigurationChange, Decision, DocumentFormat, DocumentId,
    DocumentWork, Failure, FailureClass, ForgottenReport, JobConfiguration, JobNumber, Owner,
    PrinterContact, PrinterJobId, PrinterJobRef, PrinterJobReport, PrinterJobState, PrinterName,
    Reason, Reserve, Retention, TaskId, TaskState, Verdict,
    configuration::{ColorMode, Margin, PageRange},
    printer::Substitution,
};

/// The hour of all samples.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

pub(crate) fn key() -> CloudJobKey {
    CloudJobKey { source_printer: CloudPrinterId::new("queue"), id: "17".into() }
}

pub(crate) fn cloud_job(state: CloudJobState) -> CloudJob {
    CloudJob {
        key: key(),
        created: Some(NOW - SignedDuration::from_mins(1)),
        owner: Some(Owner {
            id: Some("oid-1".into()),
            upn: Some("ada@contoso.example".into()),
            name: None,
        }),
        state,
        redirected: false,
        redirected_to: None,
        configuration: JobConfiguration {
            copies: Some(1),
            color_mode: Some(ColorMode::Color),
            page_ranges: Some(vec![PageRange { start: 1, end: 3 }]),
            margin: Some(Margin { top: Some(0), ..Margin::default() }),
            ..JobConfiguration::default()
        },
        document: Some(CloudDocument {
            id: DocumentId::new("doc"),
            title: Some("Minutes.pdf".into()),
            content_type: Some("application/pdf".into()),
            octets: Some(10_000),
        }),
    }
}

pub(crate) fn decision(verdict: Verdict) -> Decision {
    Decision {
        verdict,
        hold_limit: SignedDuration::from_hours(24),
        after_release: AfterRelease::Complete,
        retention: Retention::default(),
        barred: None,
        printer_contact: printer_contact(),
        reserve: Reserve::default(),
    }
}

pub(crate) fn reading(state: CloudJobState, verdict: Verdict) -> End {
    End::JobRead(Box::new(Reading {
        job: cloud_job(state),
        decision: decision(verdict),
        asked: NOW,
        unwatched: false,
    }))
}

pub(crate) fn printer() -> PrinterName {
    PrinterName::new("lobby")
}

pub(crate) fn printer_contact() -> PrinterContact {
    PrinterContact {
        uri: "ipp://lobby.contoso.example/ipp/print".into(),
        user_name: "pullprint".into(),
        token_prefix: "pp-0123abcd".into(),
        hold_unconfirmed: false,
        wake_for: SignedDuration::from_secs(30),
    }
}

pub(crate) fn printer_job() -> PrinterJobRef {
    PrinterJobRef {
        id: PrinterJobId(5),
        uuid: Some("urn:uuid:5".into()),
        created: NOW,
        up_time: Some(100),
        impressions: Some(40),
    }
}

fn work() -> DocumentWork {
    DocumentWork::none(&DocumentFormat::Pdf)
}

pub(crate) fn agreement() -> Agreement {
    let substitution = Substitution {
        setting: "sides".into(),
        asked: "long-edge".into(),
        sent: "one-sided".into(),
        why: "not supported".into(),
    };
    Agreement {
        sent: vec![("sides".into(), "one-sided".into())],
        substitutions: vec![substitution],
        work: work(),
    }
}

pub(crate) fn document() -> DocumentFacts {
    DocumentFacts { work: work(), octets: 10_000, missing: String::new() }
}

pub(crate) fn report(
    state: PrinterJobState,
    k_octets: Option<i32>,
    impressions: Option<i32>,
) -> PrinterJobReport {
    PrinterJobReport {
        state,
        reasons: Vec::new(),
        k_octets,
        impressions,
        sheets: None,
        trouble: None,
        waits_at_panel: None,
    }
}

pub(crate) fn order(version: u64) -> ReleaseOrder {
    ReleaseOrder {
        destination: Destination::Printer(printer()),
        change: ConfigurationChange {
            color_mode: Alter::Set(ColorMode::Grayscale),
            media_size: Alter::Clear,
            ..ConfigurationChange::default()
        },
        by: Actor::Person,
        asker: None,
        offline: false,
        version,
        reprint: false,
        printer_contact: printer_contact(),
        reserve: Reserve::default(),
    }
}

pub(super) fn attempt(destination: Destination) -> Attempt {
    let order = order(0);
    Attempt {
        number: 1,
        repeats: 0,
        destination,
        change: order.change,
        by: Actor::Person,
        offline: false,
        printer_contact: order.printer_contact,
        reserve: Reserve::default(),
    }
}

pub(super) fn releasing(phase: Phase, leave: Option<Leave>) -> State {
    let destination = match phase {
        Phase::Redirecting | Phase::Tracing(_) => {
            Destination::CloudPrinter(CloudPrinterId::new("cloud-2"))
        }
        _ => Destination::Printer(printer()),
    };
    State::Releasing(Box::new(Releasing { attempt: attempt(destination), phase, leave }))
}

pub(super) fn inspecting(refused: bool) -> Phase {
    Phase::Inspecting { printer_job: printer_job(), refused, canceled: refused }
}

/// A job in that state with those effects open.
pub(crate) fn job(number: i64, state: State, open: &[Effect]) -> Job {
    let cloud = cloud_job(CloudJobState::Paused);
    let mut job = Job::claim(NOW, JobNumber(number), TaskId::new(format!("task-{number}")), key());
    let claimed = state == State::Claimed;
    if !claimed {
        job.facts = Facts {
            owner: cloud.owner,
            created: cloud.created,
            sent_gray: false,
            configuration: cloud.configuration,
            document: cloud.document,
        };
        job.terms = Some(Terms {
            verdict: Verdict::Hold,
            hold_until: NOW + SignedDuration::from_hours(24),
            hold_limit: SignedDuration::from_hours(24),
            after_release: AfterRelease::Complete,
            retention: Retention::default(),
            barred: None,
        });
        job.paused_seen = Some(NOW);
        job.document = Some(document());
        job.attempts = 1;
    }
    job.state = state;
    for effect in open {
        job.open.insert(job.next_effect, *effect);
        job.next_effect = EffectId(job.next_effect.0 + 1);
    }
    job
}

/// The same jobs, without their names.
pub(crate) fn jobs() -> Vec<Job> {
    super::sample_jobs::named_jobs().into_iter().map(|(_, job)| job).collect()
}

/// One event of each kind that is not an effect's end.
pub(crate) fn events(job: &Job) -> Vec<(&'static str, Event)> {
    let abort = AbortReason::ByAdministrator("stop".into());
    vec![
        ("task seen", Event::TaskSeen),
        ("released", Event::Released(Box::new(order(job.version)))),
        ("abort asked", Event::AbortAsked { reason: abort, by: Asker::Administrator(0) }),
        ("look asked", Event::LookAsked),
        ("retry is due", Event::TimerFired(Timer::Retry)),
        ("hold limit reached", Event::TimerFired(Timer::HoldLimit)),
        ("recheck is due", Event::TimerFired(Timer::Recheck)),
        ("nobody came to the panel", Event::TimerFired(Timer::PanelWait)),
        ("time to warn of the hold limit", Event::TimerFired(Timer::HoldLimitNear)),
        ("restart", Event::Resumed),
        ("the clock jumped", Event::ClockJumped(SignedDuration::from_hours(-1))),
        ("could have been released without us", Event::Unwatched),
        ("its owner is to be forgotten", Event::OwnerForgotten),
    ]
}

/// One of each way that an effect can end.
pub(crate) fn ends() -> Vec<(&'static str, End)> {
    let failed = |class| End::Failed(Failure::new(class, "code"));
    let look = |task, job| {
        End::LookedUp(CloudLook { task: Look::Is(task), job: Look::Is(job), redirected: false })
    };
    let seen = |state, octets, impressions| End::PrinterJobSeen(report(state, octets, impressions));
    vec![
        ("job is paused", reading(CloudJobState::Paused, Verdict::Hold)),
        (
            "job is paused, policy releases it",
            reading(CloudJobState::Paused, Verdict::Release(printer())),
        ),
        (
            "job is paused, policy aborts it",
            reading(CloudJobState::Paused, Verdict::Abort(AbortReason::EmptyDocument)),
        ),
        ("job is canceled", reading(CloudJobState::Canceled, Verdict::Hold)),
        ("job is not paused", reading(CloudJobState::Processing, Verdict::Hold)),
        ("document ready", End::DocumentReady(Box::new(document()))),
        ("document has the wrong size", End::DocumentWrongSize { announced: 10, came: 9 }),
        ("document is bad", End::DocumentBad(AbortReason::EmptyDocument)),
        ("configuration updated", End::ConfigurationUpdated(Box::default())),
        ("printer ready", End::PrinterReady(Box::new(agreement()))),
        (
            "printer busy",
            End::PrinterUnwilling {
                reason: Reason::PrinterBusy,
                detail: "0x0507".into(),
                lasting: false,
            },
        ),
        (
            "printer refuses",
            End::PrinterUnwilling {
                reason: Reason::PrinterRefused,
                detail: "0x0403".into(),
                lasting: true,
            },
        ),
        ("printer job created", End::PrinterJobCreated(printer_job())),
        ("document accepted", End::DocumentAccepted),
        ("nothing sent", End::NothingSent(Failure::retry("connect"))),
        ("document refused", End::DocumentRefused(Failure::new(FailureClass::Refused, "0x040a"))),
        ("printer job is pending", seen(PrinterJobState::PendingHeld, None, None)),
        ("printer job is processing", seen(PrinterJobState::Processing, Some(1), None)),
        (
            "printer job is completed, octets agree",
            seen(PrinterJobState::Completed, Some(10), None),
        ),
        ("printer job is completed, octets unknown", seen(PrinterJobState::Completed, None, None)),
        ("printer job is aborted, zero impressions", seen(PrinterJobState::Aborted, None, Some(0))),
        ("printer job is aborted, impressions unknown", seen(PrinterJobState::Aborted, None, None)),
        (
            "printer job is canceled, zero impressions",
            seen(PrinterJobState::Canceled, None, Some(0)),
        ),
        (
            "printer forgot, same run and idle",
            End::PrinterJobForgotten(ForgottenReport {
                up_time: Some(120),
                idle: true,
                impressions: None,
            }),
        ),
        (
            "printer forgot, restarted",
            End::PrinterJobForgotten(ForgottenReport {
                up_time: Some(3),
                idle: true,
                impressions: None,
            }),
        ),
        ("printer job found", End::PrinterJobFound(printer_job())),
        ("printer job not found", End::PrinterJobNotFound),
        ("done", End::Done),
        ("looked up: task open, job paused", look(TaskState::Processing, CloudJobState::Paused)),
        ("looked up: task open, job aborted", look(TaskState::Processing, CloudJobState::Aborted)),
        ("looked up: task ended", look(TaskState::Completed, CloudJobState::Pending)),
        (
            "looked up: redirected",
            End::LookedUp(CloudLook {
                task: Look::Is(TaskState::Completed),
                job: Look::Is(CloudJobState::Completed),
                redirected: true,
            }),
        ),
        (
            "looked up: both gone",
            End::LookedUp(CloudLook { task: Look::Gone, job: Look::Gone, redirected: false }),
        ),
        ("destination seen: printing", End::DestinationSeen(Look::Is(CloudJobState::Processing))),
        ("destination seen: completed", End::DestinationSeen(Look::Is(CloudJobState::Completed))),
        ("destination seen: aborted", End::DestinationSeen(Look::Is(CloudJobState::Aborted))),
        ("destination seen: gone", End::DestinationSeen(Look::Gone)),
        ("failed for now", failed(FailureClass::Retry { after: None })),
        ("refused", failed(FailureClass::Refused)),
        ("gone", failed(FailureClass::Gone)),
        ("doubtful", End::Doubtful("cut".into())),
    ]
}
