//! Whose a timer or an effect's end is: the one place that knows all states.
//!
//! Deliberately absent: what each makes of it (the states' own files).

use super::{
    effect::{Effect, EffectId},
    event::{End, IllegalEvent},
    state::State,
    timer::Timer,
    turn::Turn,
};

impl Turn {
    /// An effect ended. A result of one that is no longer open changes nothing.
    pub(super) fn ended(&mut self, id: EffectId, end: &End) -> Result<(), IllegalEvent> {
        let Some(effect) = self.job.open.remove(&id) else { return Ok(()) };
        match effect {
            Effect::ReadJob => self.read_ended(end),
            Effect::FetchDocument | Effect::UpdateConfiguration | Effect::AskPrinter => {
                self.preparation_ended(effect, end)
            }
            Effect::CreatePrinterJob => self.create_ended(end),
            Effect::SendDocument => self.send_ended(end),
            Effect::WatchPrinterJob => self.watch_ended(end),
            Effect::CancelPrinterJob => self.cancel_ended(end),
            Effect::FindPrinterJob => self.find_ended(end),
            Effect::InspectPrinterJob => self.inspect_ended(end),
            Effect::Redirect => self.redirect_ended(end),
            Effect::FollowJob => self.follow_ended(end),
            Effect::LookUp => match self.job.state {
                State::Claimed | State::Held => self.claim_looked_up(end),
                State::Releasing(_) => self.trace_ended(end),
                State::Printing(_) => self.canceled_meanwhile(end),
                _ => self.report_ended(effect, end),
            },
            Effect::AbortJob | Effect::CloseTask => self.report_ended(effect, end),
        }
    }

    /// A timer's hour came. One that was moved or taken away meanwhile says nothing.
    pub(super) fn timer_fired(&mut self, timer: Timer) {
        if self.job.timers.get(&timer).is_none_or(|at| *at > self.now.at) {
            return;
        }
        self.disarm(timer);
        match timer {
            Timer::Retry => self.try_again(),
            Timer::HoldLimit => self.hold_limit_reached(),
            Timer::HoldLimitNear => self.hold_limit_near(),
            Timer::Recheck if self.job.state == State::Held => self.start(Effect::ReadJob),
            Timer::Recheck => {}
            Timer::PanelWait => self.nobody_came(),
            Timer::ForgetTitle | Timer::ForgetOwner => self.forget_settled(timer),
        }
    }

    fn try_again(&mut self) {
        match &self.job.state {
            State::Claimed | State::Held => self.start(Effect::ReadJob),
            State::Releasing(_) => self.try_release_again(),
            State::Printing(_) => self.try_watch_again(),
            State::Following(_) => self.start(Effect::FollowJob),
            State::Reporting(_) => self.try_report_again(),
            State::Settled(_) => {}
        }
    }
}
