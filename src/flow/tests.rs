//! Stories of jobs, event by event.

use jiff::{SignedDuration, Timestamp};

use super::{
    CloudLook, Effect, End, Event, Job, Look, Now, State, Timer, admit,
    samples::{self, NOW},
    step,
};
use crate::model::{
    AbortReason, Asker, CloudJobState, Command, ConfigurationChange, Ending, Failure, FailureClass,
    JobNumber, PrinterJobState, Reason, Refusal, TaskId, TaskState, Verdict,
};

/// A job that is played through events on a clock of its own.
pub(super) struct Play {
    pub(super) now: Now,
    pub(super) job: Job,
}

impl Play {
    pub(super) fn new() -> Self {
        let job = Job::claim(NOW, JobNumber(1), TaskId::new("task-1"), samples::key());
        let mut play = Self { now: Now { at: NOW, trusted: true }, job };
        play.happens(&Event::TaskSeen);
        play
    }

    #[track_caller]
    pub(super) fn happens(&mut self, event: &Event) -> &mut Self {
        self.job = step(self.now, &self.job, event).unwrap().job;
        self
    }

    /// The open effect of that kind ends.
    #[track_caller]
    pub(super) fn ends(&mut self, effect: Effect, end: End) -> &mut Self {
        let open = self.job.open.iter().find(|(_, open)| **open == effect);
        let (id, _) = open.unwrap_or_else(|| panic!("{effect:?} is not open: {:?}", self.job.open));
        let event = Event::Ended { effect: *id, end };
        self.happens(&event)
    }

    pub(super) fn held() -> Self {
        let mut play = Self::new();
        play.ends(Effect::ReadJob, samples::reading(CloudJobState::Paused, Verdict::Hold));
        play
    }

    pub(super) fn creating() -> Self {
        let mut play = Self::held();
        let order = samples::order(play.job.version);
        play.happens(&Event::Released(Box::new(order)))
            .ends(Effect::FetchDocument, End::DocumentReady(Box::new(samples::document())))
            .ends(Effect::UpdateConfiguration, End::ConfigurationUpdated(Box::default()))
            .ends(Effect::AskPrinter, End::PrinterReady(Box::new(samples::agreement())));
        play
    }

    pub(super) fn sending() -> Self {
        let mut play = Self::creating();
        play.ends(Effect::CreatePrinterJob, End::PrinterJobCreated(samples::printer_job()));
        play
    }

    pub(super) fn waits(&mut self, seconds: i64) -> &mut Self {
        self.now.at += SignedDuration::from_secs(seconds);
        self
    }

    #[track_caller]
    pub(super) fn timer_fires(&mut self, timer: Timer) -> &mut Self {
        let at: Timestamp = self.job.timers[&timer];
        self.now.at = self.now.at.max(at);
        self.happens(&Event::TimerFired(timer))
    }

    pub(super) fn open(&self) -> Vec<Effect> {
        self.job.open.values().copied().collect()
    }
}

pub(super) fn seen(state: PrinterJobState, k_octets: Option<i32>, impressions: Option<i32>) -> End {
    End::PrinterJobSeen(samples::report(state, k_octets, impressions))
}

#[test]
fn a_job_goes_from_print_to_paper() {
    let mut play = Play::sending();
    assert_eq!(play.open(), [Effect::SendDocument]);
    play.ends(Effect::SendDocument, End::DocumentAccepted)
        .ends(Effect::WatchPrinterJob, seen(PrinterJobState::Processing, None, None))
        .ends(Effect::WatchPrinterJob, seen(PrinterJobState::Completed, None, None))
        .ends(Effect::CloseTask, End::Done);
    assert_eq!(play.job.state, State::Settled(Ending::Completed));
    let timers: Vec<_> = play.job.timers.keys().copied().collect();
    assert_eq!(timers, [Timer::ForgetTitle, Timer::ForgetOwner]);
    assert!(play.job.open.is_empty());
}

#[test]
fn nothing_is_created_before_all_is_ready() {
    let mut play = Play::held();
    let order = samples::order(play.job.version);
    play.happens(&Event::Released(Box::new(order)));
    assert_eq!(
        play.open(),
        [Effect::FetchDocument, Effect::UpdateConfiguration, Effect::AskPrinter]
    );
    play.ends(Effect::AskPrinter, End::PrinterReady(Box::new(samples::agreement())))
        .ends(Effect::UpdateConfiguration, End::ConfigurationUpdated(Box::default()));
    assert_eq!(play.open(), [Effect::FetchDocument]);
}

#[test]
fn a_stale_paused_is_asked_for_again_before_create_job() {
    let mut play = Play::held();
    let order = samples::order(play.job.version);
    play.happens(&Event::Released(Box::new(order)))
        .waits(31)
        .ends(Effect::FetchDocument, End::DocumentReady(Box::new(samples::document())))
        .ends(Effect::UpdateConfiguration, End::ConfigurationUpdated(Box::default()))
        .ends(Effect::AskPrinter, End::PrinterReady(Box::new(samples::agreement())));
    assert_eq!(play.open(), [Effect::ReadJob]);
    play.ends(Effect::ReadJob, samples::reading(CloudJobState::Canceled, Verdict::Hold))
        .ends(Effect::CloseTask, End::Done);
    assert_eq!(play.job.state, State::Settled(Ending::Canceled));
}

#[test]
fn a_lost_create_job_is_looked_for_and_canceled_before_a_new_attempt() {
    let mut play = Play::creating();
    let token = play.job.attempt().unwrap().number;
    play.ends(Effect::CreatePrinterJob, End::Doubtful("cut".into()));
    assert_eq!(play.open(), [Effect::FindPrinterJob]);
    play.ends(Effect::FindPrinterJob, End::PrinterJobFound(samples::printer_job()));
    assert_eq!(play.open(), [Effect::CancelPrinterJob]);
    play.ends(Effect::CancelPrinterJob, End::Done).timer_fires(Timer::Retry);
    assert_eq!(play.open(), [Effect::AskPrinter]);
    assert_eq!(play.job.attempt().unwrap().number, token + 1);
}

#[test]
fn a_lost_answer_to_a_document_that_was_whole_is_followed() {
    let mut play = Play::sending();
    play.ends(Effect::SendDocument, End::Doubtful("cut".into()))
        .ends(Effect::InspectPrinterJob, seen(PrinterJobState::Processing, Some(2), None))
        .timer_fires(Timer::Retry)
        .ends(Effect::InspectPrinterJob, seen(PrinterJobState::Completed, Some(10), None))
        .ends(Effect::WatchPrinterJob, seen(PrinterJobState::Completed, Some(10), None));
    assert_eq!(play.open(), [Effect::CloseTask]);
}

#[test]
fn a_cut_document_that_the_printer_called_completed_waits_for_a_person() {
    let mut play = Play::sending();
    play.ends(Effect::SendDocument, End::Doubtful("cut".into()))
        .ends(Effect::InspectPrinterJob, seen(PrinterJobState::Completed, Some(4), Some(1)));
    assert_eq!(play.job.state, State::Held);
    assert!(play.job.reasons.contains(Reason::MayHavePrinted));
    let command = |reprint| Command::Release {
        job: play.job.number,
        version: play.job.version,
        printer: samples::printer(),
        change: ConfigurationChange::default(),
        reprint,
        by: Asker::Administrator(0),
    };
    assert_eq!(admit(&play.job, &command(false)), Err(Refusal::MayHavePrinted));
    assert_eq!(admit(&play.job, &command(true)), Ok(()));
}

#[test]
fn a_person_has_their_own_jobs_and_no_others() {
    let play = Play::held();
    let orders = |id: &str| {
        let by = Asker::Owner(id.to_owned());
        let job = play.job.number;
        let release = Command::Release {
            job,
            version: play.job.version,
            printer: samples::printer(),
            change: ConfigurationChange::default(),
            reprint: false,
            by: by.clone(),
        };
        [release, Command::Abort { job, reason: AbortReason::RemovedByOwner, by }]
    };
    let owner = play.job.facts.owner.clone().unwrap().id.unwrap();
    for order in orders(&owner) {
        assert_eq!(admit(&play.job, &order), Ok(()));
    }
    for order in orders("somebody-else").into_iter().chain(orders("")) {
        assert_eq!(admit(&play.job, &order), Err(Refusal::NoSuchJob));
    }
}

#[test]
fn policy_never_prints_again_what_may_have_printed() {
    let mut play = Play::sending();
    play.ends(Effect::SendDocument, End::Doubtful("cut".into()))
        .ends(Effect::InspectPrinterJob, seen(PrinterJobState::Completed, None, None))
        .timer_fires(Timer::Recheck)
        .ends(
            Effect::ReadJob,
            samples::reading(CloudJobState::Paused, Verdict::Release(samples::printer())),
        );
    assert_eq!(play.job.state, State::Held);
    assert!(play.open().is_empty());
}

#[test]
fn a_cut_document_that_was_never_started_is_canceled_and_sent_again() {
    let mut play = Play::sending();
    play.ends(Effect::SendDocument, End::Doubtful("cut".into()))
        .ends(Effect::InspectPrinterJob, seen(PrinterJobState::PendingHeld, None, None));
    assert_eq!(play.open(), [Effect::CancelPrinterJob]);
    play.ends(Effect::CancelPrinterJob, End::Done)
        .timer_fires(Timer::Retry)
        .ends(Effect::InspectPrinterJob, seen(PrinterJobState::Canceled, None, Some(0)))
        .timer_fires(Timer::Retry)
        .ends(Effect::AskPrinter, End::PrinterReady(Box::new(samples::agreement())));
    assert_eq!(play.open(), [Effect::CreatePrinterJob]);
}

#[test]
fn a_restart_in_mid_send_asks_the_printer_and_prints_nothing() {
    let mut play = Play::sending();
    play.happens(&Event::Resumed);
    assert_eq!(play.open(), [Effect::InspectPrinterJob]);
}

#[test]
fn a_restart_while_preparing_fetches_the_document_again() {
    let mut play = Play::held();
    let order = samples::order(play.job.version);
    play.happens(&Event::Released(Box::new(order)))
        .ends(Effect::FetchDocument, End::DocumentReady(Box::new(samples::document())))
        .happens(&Event::Resumed);
    assert_eq!(
        play.open(),
        [Effect::ReadJob, Effect::FetchDocument, Effect::UpdateConfiguration, Effect::AskPrinter]
    );
}

#[test]
fn a_result_that_comes_too_late_changes_nothing() {
    let mut play = Play::sending();
    let (late, _) = play.job.open.iter().next().map(|(id, effect)| (*id, *effect)).unwrap();
    play.ends(Effect::SendDocument, End::DocumentAccepted);
    let before = play.job.clone();
    play.happens(&Event::Ended { effect: late, end: End::Doubtful("late".into()) });
    assert_eq!(play.job, before);
}

#[test]
fn a_job_is_withdrawn_only_when_it_stays_gone_for_a_minute() {
    let mut play = Play::held();
    let gone = || End::Failed(Failure::new(FailureClass::Gone, "GET job: 404"));
    play.timer_fires(Timer::Recheck).ends(Effect::ReadJob, gone());
    play.timer_fires(Timer::Retry).ends(Effect::ReadJob, gone());
    assert_eq!(play.job.state, State::Held);
    play.timer_fires(Timer::Retry).ends(Effect::ReadJob, gone());
    assert_eq!(play.open(), [Effect::CloseTask]);
    play.ends(Effect::CloseTask, gone()).ends(
        Effect::LookUp,
        End::LookedUp(CloudLook { task: Look::Gone, job: Look::Gone, redirected: false }),
    );
    assert!(!matches!(play.job.state, State::Settled(_)));
    play.timer_fires(Timer::Retry).ends(Effect::CloseTask, gone()).ends(
        Effect::LookUp,
        End::LookedUp(CloudLook { task: Look::Gone, job: Look::Gone, redirected: false }),
    );
    assert_eq!(play.job.state, State::Settled(Ending::Withdrawn));
}

#[test]
fn a_404_that_heals_withdraws_nothing() {
    let mut play = Play::held();
    play.timer_fires(Timer::Recheck)
        .ends(Effect::ReadJob, End::Failed(Failure::new(FailureClass::Gone, "404")))
        .timer_fires(Timer::Retry)
        .ends(Effect::ReadJob, samples::reading(CloudJobState::Paused, Verdict::Hold));
    assert_eq!((&play.job.state, play.job.suspect_since), (&State::Held, None));
}

#[test]
fn no_hold_limit_by_a_clock_that_is_not_trusted() {
    let mut play = Play::held();
    play.now.trusted = false;
    play.timer_fires(Timer::HoldLimit);
    assert_eq!(play.job.state, State::Held);
    play.now.trusted = true;
    play.timer_fires(Timer::HoldLimit);
    assert_eq!(play.open(), [Effect::AbortJob]);
}

#[test]
fn an_abort_asked_while_the_document_is_on_its_way_waits_for_its_end_and_then_cancels() {
    let mut play = Play::sending();
    let reason = AbortReason::ByAdministrator("stop".into());
    play.happens(&Event::AbortAsked { reason: reason.clone(), by: Asker::Administrator(0) });
    assert_eq!(play.open(), [Effect::SendDocument]);
    play.ends(Effect::SendDocument, End::DocumentAccepted);
    assert_eq!(play.open(), [Effect::WatchPrinterJob, Effect::CancelPrinterJob]);
    play.ends(Effect::CancelPrinterJob, End::Done)
        .ends(Effect::WatchPrinterJob, seen(PrinterJobState::Canceled, None, Some(0)))
        .ends(Effect::AbortJob, End::Done)
        .ends(Effect::CloseTask, End::Done);
    assert_eq!(play.job.state, State::Settled(Ending::Aborted(reason)));
}

#[test]
fn an_abort_whose_answer_was_lost_is_looked_up_before_it_is_repeated() {
    let mut play = Play::held();
    let reason = AbortReason::ByAdministrator("stop".into());
    play.happens(&Event::AbortAsked { reason, by: Asker::Administrator(0) })
        .ends(Effect::AbortJob, End::Doubtful("cut".into()))
        .ends(Effect::LookUp, End::Failed(Failure::retry("503")))
        .timer_fires(Timer::Retry);
    assert_eq!(play.open(), [Effect::LookUp]);
    let look = CloudLook {
        task: Look::Is(TaskState::Processing),
        job: Look::Is(CloudJobState::Aborted),
        redirected: false,
    };
    play.ends(Effect::LookUp, End::LookedUp(look));
    assert_eq!(play.open(), [Effect::CloseTask]);
}

#[test]
fn a_busy_printer_is_asked_again_until_the_patience_ends() {
    let mut play = Play::creating();
    let busy = || End::PrinterUnwilling {
        reason: Reason::PrinterBusy,
        detail: "0x0507".into(),
        lasting: false,
    };
    play.ends(Effect::CreatePrinterJob, busy());
    let mut asked = 0;
    while play.job.state != State::Held {
        play.timer_fires(Timer::Retry);
        if play.open().contains(&Effect::ReadJob) {
            play.ends(Effect::ReadJob, samples::reading(CloudJobState::Paused, Verdict::Hold));
        }
        play.ends(Effect::AskPrinter, busy());
        asked += 1;
    }
    assert!(asked > 5, "{asked}");
    assert!(play.job.reasons.contains(Reason::PrinterBusy));
}

#[test]
fn a_release_of_another_version_is_refused() {
    let play = Play::held();
    let event = Event::Released(Box::new(samples::order(play.job.version + 1)));
    assert!(step(play.now, &play.job, &event).is_err());
}

#[test]
fn a_report_that_is_refused_twice_is_repeated_slowly_and_says_so() {
    let mut play = Play::held();
    let refused = || End::Failed(Failure::new(FailureClass::Refused, "POST abort: 400"));
    let open = CloudLook {
        task: Look::Is(TaskState::Processing),
        job: Look::Is(CloudJobState::Paused),
        redirected: false,
    };
    let reason = AbortReason::ByAdministrator("stop".into());
    play.happens(&Event::AbortAsked { reason, by: Asker::Administrator(0) })
        .ends(Effect::AbortJob, refused())
        .ends(Effect::LookUp, End::LookedUp(open));
    assert!(!play.job.reasons.contains(Reason::ReportRefused));
    play.timer_fires(Timer::Retry)
        .ends(Effect::AbortJob, refused())
        .ends(Effect::LookUp, End::LookedUp(open));
    assert!(play.job.reasons.contains(Reason::ReportRefused));
    let wait = play.job.timers[&Timer::Retry].duration_since(play.now.at);
    assert_eq!(wait, SignedDuration::from_mins(5));
}

#[test]
fn every_state_has_one_of_the_words_and_each_word_a_state() {
    let words: Vec<&str> = samples::jobs().iter().map(|job| job.state.word()).collect();
    assert!(words.iter().all(|word| State::WORDS.contains(word)), "{words:?}");
    assert!(State::WORDS.iter().all(|word| words.contains(word)), "{words:?}");
}
