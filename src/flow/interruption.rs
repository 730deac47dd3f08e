//! Interruptions: what a job makes of a restart, of a jump of the clock, and of a time that the journal did not watch.
//!
//! None of them is a reason to print, to abort or to give up. Deliberately absent: what the lookups find (`doubt`).

use jiff::{SignedDuration, Timestamp};

use super::{
    effect::{Class, Effect},
    event::End,
    state::{Leave, Phase, Preparation, State},
    timer::Timer,
    turn::Turn,
};
use crate::model::Reasons;

impl Turn {
    /// The daemon started: nothing that is open has a worker.
    pub(super) fn resumed(&mut self) {
        let open: Vec<Effect> = self.job.open.values().copied().collect();
        self.job.open.clear();
        self.job.spooled = false;
        self.job.struggling_since = None;
        self.job.paused_seen = None;
        if let State::Releasing(releasing) = &mut self.job.state
            && let Phase::Preparing(preparation) = &mut releasing.phase
        {
            *preparation = Preparation {
                wrong_size_before: preparation.wrong_size_before,
                ..Preparation::default()
            };
            return self.prepare();
        }
        if let State::Settled(_) = self.job.state {
            self.forget_later();
        }
        for effect in open {
            match effect.class() {
                Class::Repeatable => self.start(effect),
                Class::AskFirst => self.becomes_doubtful(effect),
            }
        }
    }

    fn becomes_doubtful(&mut self, effect: Effect) {
        let end = End::Doubtful("restart".to_owned());
        let result = match effect {
            Effect::CreatePrinterJob => self.create_ended(&end),
            Effect::SendDocument => self.send_ended(&end),
            Effect::Redirect => self.redirect_ended(&end),
            Effect::AbortJob => self.report_ended(effect, &end),
            Effect::ReadJob
            | Effect::FetchDocument
            | Effect::UpdateConfiguration
            | Effect::AskPrinter
            | Effect::WatchPrinterJob
            | Effect::CancelPrinterJob
            | Effect::FindPrinterJob
            | Effect::InspectPrinterJob
            | Effect::FollowJob
            | Effect::CloseTask
            | Effect::LookUp => return self.start(effect),
        };
        debug_assert_eq!(result, Ok(()), "an open effect fits its state");
    }

    /// The clock jumped: what was measured by the old one moves with it, so that each wait stays as long as it was. What
    /// must be fresh is not, and no time is left by which a printer could be believed to be in the same run. The hold
    /// limit stands in the cloud's time and stays, where that is known.
    pub(super) fn clock_jumped_by(&mut self, by: SignedDuration) {
        let job = &mut self.job;
        job.paused_seen = None;
        let by_our_clock = job.facts.created.is_none();
        let mut measured: Vec<&mut Timestamp> = Vec::new();
        measured.extend(&mut job.struggling_since);
        measured.extend(&mut job.suspect_since);
        if by_our_clock {
            measured.push(&mut job.claimed);
            measured.extend(job.terms.as_mut().map(|terms| &mut terms.hold_until));
        }
        let moves = |timer: &Timer| {
            by_our_clock || matches!(timer, Timer::Retry | Timer::Recheck | Timer::PanelWait)
        };
        measured.extend(job.timers.iter_mut().filter(|(timer, _)| moves(timer)).map(|one| one.1));
        match &mut job.state {
            State::Releasing(releasing) => match &mut releasing.phase {
                Phase::Clearing(printer_job)
                | Phase::Sending(printer_job)
                | Phase::Inspecting { printer_job, .. } => printer_job.up_time = None,
                Phase::Tracing(since) => measured.push(since),
                Phase::Preparing(_) | Phase::Creating | Phase::Seeking | Phase::Redirecting => {}
            },
            State::Printing(printing) => printing.printer_job.up_time = None,
            State::Following(following) => measured.push(&mut following.since),
            State::Reporting(reporting) => measured.push(&mut reporting.since),
            State::Claimed | State::Held | State::Settled(_) => {}
        }
        let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
        for at in measured {
            *at = at.checked_add(by).unwrap_or(end);
        }
    }

    /// Somebody else could have released the job. A release that is under way is not repeated; what the printer has
    /// already is watched to its end, and what is decided is told.
    pub(super) fn unwatched(&mut self) {
        match &mut self.job.state {
            State::Claimed => self.job.may_have_printed = true,
            State::Held => {
                self.job.may_have_printed = true;
                self.hold(Reasons::default());
                self.start(Effect::ReadJob);
            }
            State::Releasing(releasing) => {
                self.job.may_have_printed = true;
                if matches!(releasing.phase, Phase::Preparing(_)) {
                    return self.may_have_printed();
                }
                releasing.leave.get_or_insert_with(|| Leave::Hold(Reasons::default()));
            }
            State::Reporting(_) => self.job.may_have_printed = true,
            State::Printing(_) | State::Following(_) | State::Settled(_) => {}
        }
    }
}
