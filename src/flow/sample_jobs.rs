//! One job for each state and phase, with a name.

use jiff::SignedDuration;

use super::{
    Destination, Effect, Following, Job, Leave, Outcome, Phase, Preparation, Printing, ReportStep,
    Reporting, State, Timer,
    samples::{NOW, attempt, document, inspecting, job, printer, printer_job, releasing},
};
use crate::model::{AbortReason, CloudPrinterId, Ending, Reason};

/// One job for each state and phase, with a name.
pub(crate) fn named_jobs() -> Vec<(&'static str, Job)> {
    let preparing = Preparation { configured: false, ..Preparation::default() };
    let aborted = Outcome::Aborted(AbortReason::ByAdministrator("paper is for exams".into()));
    let printing = |cancel| {
        State::Printing(Box::new(Printing {
            attempt: attempt(Destination::Printer(printer())),
            printer_job: printer_job(),
            document: document(),
            trouble: false,
            cancel,
            canceled: false,
        }))
    };
    let reporting = |outcome, step, in_doubt| {
        State::Reporting(Reporting { outcome, step, in_doubt, refusals: 0, since: NOW })
    };
    let rows: Vec<(&str, State, Vec<Effect>)> = vec![
        ("claimed", State::Claimed, vec![Effect::ReadJob]),
        ("held", State::Held, vec![Effect::ReadJob, Effect::LookUp]),
        (
            "releasing, preparing",
            releasing(Phase::Preparing(preparing), None),
            vec![Effect::FetchDocument, Effect::UpdateConfiguration, Effect::AskPrinter],
        ),
        ("releasing, creating", releasing(Phase::Creating, None), vec![Effect::CreatePrinterJob]),
        (
            "releasing, creating, to be aborted",
            releasing(Phase::Creating, Some(Leave::Report(aborted.clone()))),
            vec![Effect::CreatePrinterJob],
        ),
        ("releasing, seeking", releasing(Phase::Seeking, None), vec![Effect::FindPrinterJob]),
        (
            "releasing, clearing",
            releasing(Phase::Clearing(printer_job()), None),
            vec![Effect::CancelPrinterJob],
        ),
        (
            "releasing, sending",
            releasing(Phase::Sending(printer_job()), None),
            vec![Effect::SendDocument],
        ),
        (
            "releasing, inspecting",
            releasing(inspecting(false), None),
            vec![Effect::InspectPrinterJob],
        ),
        (
            "releasing, inspecting a refusal",
            releasing(inspecting(true), None),
            vec![Effect::InspectPrinterJob],
        ),
        ("releasing, redirecting", releasing(Phase::Redirecting, None), vec![Effect::Redirect]),
        (
            "releasing, tracing a redirect",
            releasing(Phase::Tracing(NOW), None),
            vec![Effect::LookUp],
        ),
        ("printing", printing(None), vec![Effect::WatchPrinterJob, Effect::LookUp]),
        (
            "printing, being canceled",
            printing(Some(aborted.clone())),
            vec![Effect::WatchPrinterJob, Effect::CancelPrinterJob],
        ),
        (
            "printing at another cloud printer",
            State::Following(Box::new(Following {
                attempt: attempt(Destination::CloudPrinter(CloudPrinterId::new("elsewhere"))),
                since: NOW,
            })),
            vec![Effect::FollowJob],
        ),
        (
            "reporting, aborting",
            reporting(aborted.clone(), ReportStep::Aborting, false),
            vec![Effect::AbortJob],
        ),
        (
            "reporting, closing",
            reporting(Outcome::Printed, ReportStep::Closing, false),
            vec![Effect::CloseTask],
        ),
        (
            "reporting, in doubt",
            reporting(aborted, ReportStep::Aborting, true),
            vec![Effect::LookUp],
        ),
        ("settled (withdrawn)", State::Settled(Ending::Withdrawn), vec![Effect::ReadJob]),
        ("settled (completed)", State::Settled(Ending::Completed), vec![]),
    ];
    rows.into_iter()
        .zip(1..)
        .map(|((name, state, open), number)| {
            let mut job = job(number, state, &open);
            if number == 2 {
                job.reasons.insert(Reason::PrinterBusy, "0x0507");
                job.timers.insert(Timer::HoldLimit, NOW + SignedDuration::from_hours(24));
            }
            (name, job)
        })
        .collect()
}
