//! Stories of restarts, set clocks, times that nobody watched, and people at the printer.

use jiff::SignedDuration;

use super::{
    CloudLook, Destination, Effect, End, Event, Look, Outcome, Phase, ReleaseOrder, State, Timer,
    samples::{self, NOW},
    tests::{Play, seen},
};
use crate::model::{
    CloudJobState, CloudPrinterId, ConfigurationChange, Ending, Failure, FailureClass,
    PrinterJobReport, PrinterJobState, Reason, TaskState, Verdict,
};

fn gone() -> End {
    End::Failed(Failure::new(FailureClass::Gone, "404"))
}

fn canceled_at_the_panel(impressions: Option<i32>) -> End {
    End::PrinterJobSeen(PrinterJobReport {
        reasons: vec!["job-canceled-at-device".into()],
        ..samples::report(PrinterJobState::Canceled, None, impressions)
    })
}

#[test]
fn a_question_left_over_from_the_hold_does_not_stop_a_release() {
    let mut play = Play::held();
    play.timer_fires(Timer::Recheck)
        .ends(Effect::ReadJob, samples::reading(CloudJobState::Processing, Verdict::Hold));
    assert_eq!(play.open(), [Effect::LookUp]);
    let order = samples::order(play.job.version);
    play.happens(&Event::Released(Box::new(order)));
    assert!(!play.open().contains(&Effect::LookUp));
}

#[test]
fn a_job_that_was_reported_without_this_journal_is_over() {
    let mut play = Play::held();
    play.timer_fires(Timer::Recheck)
        .ends(Effect::ReadJob, samples::reading(CloudJobState::Pending, Verdict::Hold));
    let look = CloudLook {
        task: Look::Is(TaskState::Completed),
        job: Look::Is(CloudJobState::Pending),
        redirected: false,
    };
    play.ends(Effect::LookUp, End::LookedUp(look));
    assert_eq!(play.job.state, State::Settled(Ending::Withdrawn));
}

#[test]
fn a_job_is_not_withdrawn_by_a_clock_that_is_not_trusted_and_is_asked_about_slowly() {
    let mut play = Play::held();
    play.now.trusted = false;
    for _ in 0..10 {
        let before = play.now.at;
        let timer =
            if play.job.timers.contains_key(&Timer::Retry) { Timer::Retry } else { Timer::Recheck };
        play.timer_fires(timer).ends(Effect::ReadJob, gone());
        assert_eq!(play.job.state, State::Held);
        assert!(play.now.at.duration_since(before) >= SignedDuration::from_mins(5));
    }
}

#[test]
fn a_report_of_what_is_gone_is_repeated_slowly_while_the_clock_is_not_trusted() {
    let mut play = Play::sending();
    play.now.trusted = false;
    play.ends(Effect::SendDocument, End::DocumentAccepted)
        .ends(Effect::WatchPrinterJob, seen(PrinterJobState::Completed, None, None))
        .ends(Effect::CloseTask, gone());
    let both_gone = CloudLook { task: Look::Gone, job: Look::Gone, redirected: false };
    play.waits(90).ends(Effect::LookUp, End::LookedUp(both_gone));
    assert_eq!(play.job.timers[&Timer::Retry], play.now.at + SignedDuration::from_mins(5));
}

#[test]
fn a_jump_of_the_clock_moves_what_waits_and_leaves_the_hold_limit() {
    let mut play = Play::held();
    let (recheck, limit) = (play.job.timers[&Timer::Recheck], play.job.timers[&Timer::HoldLimit]);
    let month = SignedDuration::from_hours(720);
    play.happens(&Event::ClockJumped(month));
    assert_eq!(play.job.timers[&Timer::Recheck], recheck + month);
    assert_eq!(play.job.timers[&Timer::HoldLimit], limit);
    assert_eq!(play.job.paused_seen, None, "what must be fresh is not");
}

#[test]
fn a_job_without_a_time_of_creation_keeps_its_whole_hold_over_a_jump() {
    let mut play = Play::held();
    play.job.facts.created = None;
    let (limit, month) = (play.job.timers[&Timer::HoldLimit], SignedDuration::from_hours(720));
    play.happens(&Event::ClockJumped(month));
    assert_eq!(play.job.timers[&Timer::HoldLimit], limit + month);
    assert_eq!(play.job.terms.as_ref().unwrap().hold_until, limit + month);
}

#[test]
fn a_hold_that_nears_its_end_says_so() {
    let mut play = Play::held();
    play.timer_fires(Timer::HoldLimitNear);
    assert_eq!(play.now.at, NOW + SignedDuration::from_mins(24 * 54 - 1));
    assert!(play.job.reasons.contains(Reason::ExpiresSoon));
    assert_eq!(play.job.state, State::Held);
}

#[test]
fn what_could_have_been_released_without_us_waits_for_a_person() {
    let mut play = Play::held();
    play.happens(&Event::Unwatched);
    assert!(play.job.reasons.contains(Reason::MayHavePrinted));
    assert_eq!(play.open(), [Effect::ReadJob], "the cloud is asked what became of it");

    let mut play = Play::sending();
    play.happens(&Event::Unwatched).happens(&Event::Resumed);
    play.ends(Effect::InspectPrinterJob, seen(PrinterJobState::Aborted, None, Some(0)));
    assert_eq!(play.job.state, State::Held, "an attempt of which nothing came out is not repeated");
    assert!(play.job.reasons.contains(Reason::MayHavePrinted));
}

#[test]
fn a_job_that_is_claimed_from_an_unwatched_time_waits_for_a_person_whatever_policy_says() {
    let mut play = Play::new();
    let verdict = Verdict::Release(samples::printer());
    let End::JobRead(mut reading) = samples::reading(CloudJobState::Paused, verdict) else {
        unreachable!()
    };
    reading.unwatched = true;
    play.ends(Effect::ReadJob, End::JobRead(reading));
    assert_eq!(play.job.state, State::Held);
    assert!(play.job.may_have_printed);
}

#[test]
fn who_cancels_at_the_panel_in_mid_document_wants_no_other_try() {
    let mut play = Play::sending();
    play.ends(Effect::SendDocument, End::Doubtful("0x0508".into()))
        .ends(Effect::InspectPrinterJob, canceled_at_the_panel(Some(0)));
    let State::Reporting(reporting) = &play.job.state else { panic!("{:?}", play.job.state) };
    assert_eq!(reporting.outcome, Outcome::Canceled);
}

#[test]
fn our_own_cancel_of_what_was_not_clear_is_no_persons() {
    let mut play = Play::sending();
    play.ends(Effect::SendDocument, End::Doubtful("cut".into()))
        .ends(Effect::InspectPrinterJob, seen(PrinterJobState::PendingHeld, None, None))
        .ends(Effect::CancelPrinterJob, End::Done);
    let State::Releasing(releasing) = &play.job.state else { panic!("{:?}", play.job.state) };
    assert!(matches!(releasing.phase, Phase::Inspecting { canceled: true, .. }));
    // The printer has it whole after all, and then carries the cancel out.
    play.timer_fires(Timer::Retry)
        .ends(Effect::InspectPrinterJob, seen(PrinterJobState::Processing, Some(10), None))
        .ends(Effect::WatchPrinterJob, canceled_at_the_panel(None));
    assert_eq!(play.job.state, State::Held);
    assert!(play.job.reasons.contains(Reason::MayHavePrinted));
}

#[test]
fn the_stale_task_of_a_settled_job_is_read_and_closed() {
    let mut play = Play::sending();
    play.ends(Effect::SendDocument, End::DocumentAccepted)
        .ends(Effect::WatchPrinterJob, seen(PrinterJobState::Completed, None, None))
        .ends(Effect::CloseTask, End::Done)
        .happens(&Event::TaskSeen);
    let stale = CloudLook {
        task: Look::Is(TaskState::Processing),
        job: Look::Is(CloudJobState::Completed),
        redirected: false,
    };
    play.ends(Effect::LookUp, End::LookedUp(stale)).ends(Effect::CloseTask, End::Done);
    assert_eq!(play.job.state, State::Settled(Ending::Completed));
}

#[test]
fn a_document_that_printers_abort_again_and_again_waits_for_a_person() {
    let mut play = Play::sending();
    play.job.terms.as_mut().unwrap().verdict = Verdict::Release(samples::printer());
    play.job.attempts = 4;
    play.ends(Effect::SendDocument, End::DocumentAccepted)
        .ends(Effect::WatchPrinterJob, seen(PrinterJobState::Aborted, None, Some(0)));
    assert_eq!(play.job.state, State::Held);
    assert!(!play.job.timers.contains_key(&Timer::Retry));
}

/// A held job whose release was ordered a while after the cloud was heard last, and the cloud does not answer.
fn released_in_silence(order: ReleaseOrder) -> Play {
    let mut play = Play::held();
    let order = ReleaseOrder { version: play.job.version, ..order };
    play.waits(60).happens(&Event::Released(Box::new(order)));
    play
}

fn as_it_is() -> ReleaseOrder {
    ReleaseOrder { change: ConfigurationChange::default(), offline: true, ..samples::order(0) }
}

fn silence() -> End {
    End::Failed(Failure::silence("GET job: no answer"))
}

#[test]
fn a_job_goes_without_the_clouds_word_where_that_is_allowed_and_all_is_here() {
    let mut play = released_in_silence(as_it_is());
    play.ends(Effect::ReadJob, silence())
        .ends(Effect::FetchDocument, End::DocumentReady(Box::new(samples::document())));
    assert_eq!(play.open(), [Effect::AskPrinter], "the cloud is asked once");
    play.ends(Effect::AskPrinter, End::PrinterReady(Box::new(samples::agreement())));
    assert_eq!(play.open(), [Effect::CreatePrinterJob]);
    assert!(play.job.reasons.contains(Reason::CloudUnreachable));
    // The last of them may be the cloud's silence.
    let mut play = released_in_silence(as_it_is());
    play.ends(Effect::FetchDocument, End::DocumentReady(Box::new(samples::document())))
        .ends(Effect::AskPrinter, End::PrinterReady(Box::new(samples::agreement())));
    assert_eq!(play.open(), [Effect::ReadJob]);
    play.ends(Effect::ReadJob, silence());
    assert_eq!(play.open(), [Effect::CreatePrinterJob]);
}

#[test]
fn a_job_waits_for_the_cloud_where_it_must() {
    let asked = [
        // Nobody allowed it.
        (ReleaseOrder { offline: false, ..as_it_is() }, silence()),
        // The change is not in the cloud.
        (ReleaseOrder { offline: true, ..samples::order(0) }, silence()),
        // The cloud answers, and says no.
        (as_it_is(), End::Failed(Failure::new(FailureClass::Refused, "403"))),
        // The cloud answers, and wants to be asked later.
        (as_it_is(), End::Failed(Failure::retry("429"))),
    ];
    for (order, end) in asked {
        let mut play = released_in_silence(order);
        play.ends(Effect::FetchDocument, End::DocumentReady(Box::new(samples::document())))
            .ends(Effect::AskPrinter, End::PrinterReady(Box::new(samples::agreement())))
            .ends(Effect::ReadJob, end);
        assert!(!play.open().contains(&Effect::CreatePrinterJob), "{:?}", play.job.state);
    }
    // It is printed by the cloud: that is asked again after a wait, and not at once.
    let destination = Destination::CloudPrinter(CloudPrinterId::new("cloud-2"));
    let mut play = released_in_silence(ReleaseOrder { destination, ..as_it_is() });
    play.ends(Effect::ReadJob, silence());
    assert_eq!(play.open(), []);
    assert!(play.job.timers.contains_key(&Timer::Retry));
    // The cloud has not named the document yet.
    let mut play = Play::held();
    play.job.facts.document = None;
    let order = ReleaseOrder { version: play.job.version, ..as_it_is() };
    play.waits(60).happens(&Event::Released(Box::new(order))).ends(Effect::ReadJob, silence());
    assert!(!play.open().contains(&Effect::ReadJob));
    assert!(play.job.timers.contains_key(&Timer::Retry));
    // The silence is an old one when the document is here at last.
    let mut play = released_in_silence(as_it_is());
    play.ends(Effect::ReadJob, silence())
        .ends(Effect::AskPrinter, End::PrinterReady(Box::new(samples::agreement())))
        .waits(60)
        .ends(Effect::FetchDocument, End::DocumentReady(Box::new(samples::document())));
    assert_eq!(play.open(), [Effect::ReadJob]);
    // It was canceled, and the cloud says so when it is asked again.
    let mut play = released_in_silence(as_it_is());
    play.ends(Effect::ReadJob, silence())
        .ends(Effect::FetchDocument, silence())
        .ends(Effect::AskPrinter, End::PrinterReady(Box::new(samples::agreement())))
        .timer_fires(Timer::Retry)
        .ends(Effect::ReadJob, samples::reading(CloudJobState::Canceled, Verdict::Hold));
    assert!(matches!(play.job.state, State::Reporting(_)), "{:?}", play.job.state);
}
