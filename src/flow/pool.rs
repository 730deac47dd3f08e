//! Passing a release on within a pool, when a printer does not take it.
//!
//! It promises: that happens before a byte of the document has gone out, and when nothing of ours is left at the printer
//! that is passed over; each further printer is a new attempt with a token of its own.
//! Deliberately absent: the order of the printers (`daemon::pools`).

use super::{
    effect::Effect,
    state::{Destination, Phase, Preparation, State},
    turn::Turn,
};
use crate::model::Member;

/// Whether a release was passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// There is no other printer.
    No,
    /// To one that was not asked in this round.
    On,
    /// To the first of a new round: all were asked.
    Around,
}

impl Turn {
    /// Passes the release on to the next printer of its pool. One that will never take it is out of the pool.
    /// A release that shall end otherwise stays where it is.
    pub(super) fn pass_on(&mut self, never: bool) -> Passed {
        if self.leaving().is_some() {
            return Passed::No;
        }
        let State::Releasing(releasing) = &mut self.job.state else { return Passed::No };
        let attempt = &mut releasing.attempt;
        let Destination::Printer(printer) = &attempt.destination else { return Passed::No };
        let reserve = &mut attempt.reserve;
        if reserve.members.is_empty() {
            return Passed::No;
        }
        let around = !reserve.has_more();
        let left = Member { printer: printer.clone(), contact: attempt.printer_contact.clone() };
        let next = reserve.members.remove(0);
        if never {
            reserve.passed = reserve.passed.min(reserve.members.len());
        } else {
            reserve.members.push(left);
            reserve.passed += 1;
        }
        if around {
            reserve.passed = 0;
        }
        attempt.destination = Destination::Printer(next.printer);
        attempt.printer_contact = next.contact;
        if let Phase::Preparing(preparation) = &mut releasing.phase {
            *preparation = Preparation { printer: false, disagreements: 0, ..preparation.clone() };
        }
        self.count_attempt();
        self.job.agreement = None;
        // What the printer before was asked, and what was made of the document for it, says nothing any more.
        self.forget(Effect::AskPrinter);
        self.forget(Effect::FetchDocument);
        if around { Passed::Around } else { Passed::On }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        flow::{
            Effect, End, Event, State, Timer,
            samples::{self, printer_contact},
            tests::{Play, seen},
        },
        model::{AbortReason, Failure, Member, PrinterJobState, PrinterName, Reason, Reserve},
    };

    /// A job that is released to the lobby, with the annex and the attic in reserve.
    fn pooled() -> Play {
        let member = |name| Member { printer: PrinterName::new(name), contact: printer_contact() };
        let members = ["annex", "attic"].map(member).to_vec();
        let mut play = Play::held();
        let mut order = samples::order(play.job.version);
        order.reserve = Reserve { members, ..Reserve::default() };
        play.happens(&Event::Released(Box::new(order)));
        play
    }

    fn unwilling(reason: Reason, lasting: bool) -> End {
        End::PrinterUnwilling { reason, detail: "no".into(), lasting }
    }

    fn at(play: &Play) -> (String, u32) {
        let attempt = play.job.attempt().unwrap();
        (attempt.pooled_printer().map_or_else(String::new, |name| name.to_string()), attempt.number)
    }

    fn ready(play: &mut Play) {
        play.ends(Effect::FetchDocument, End::DocumentReady(Box::new(samples::document())))
            .ends(Effect::UpdateConfiguration, End::ConfigurationUpdated(Box::default()))
            .ends(Effect::AskPrinter, End::PrinterReady(Box::new(samples::agreement())));
    }

    #[test]
    fn who_does_not_take_it_passes_it_on_at_once_and_all_are_asked_again_after_a_while() {
        let mut play = pooled();
        for (number, name) in (1..).zip(["lobby", "annex", "attic"]) {
            assert_eq!(at(&play), (name.to_owned(), number));
            assert!(play.open().contains(&Effect::AskPrinter));
            play.ends(Effect::AskPrinter, unwilling(Reason::PrinterBusy, false));
        }
        assert_eq!(at(&play), ("lobby".to_owned(), 4));
        assert!(!play.open().contains(&Effect::AskPrinter));
        play.timer_fires(Timer::Retry);
        assert!(play.open().contains(&Effect::AskPrinter));
    }

    #[test]
    fn who_never_takes_it_is_not_asked_again() {
        let mut play = pooled();
        play.ends(Effect::AskPrinter, unwilling(Reason::NoSuchPrinter, true))
            .ends(Effect::AskPrinter, unwilling(Reason::PrinterBusy, false));
        assert_eq!(at(&play).0, "attic");
        play.ends(Effect::AskPrinter, unwilling(Reason::PrinterBusy, false));
        assert_eq!(at(&play).0, "annex");
        play.timer_fires(Timer::Retry)
            .ends(Effect::AskPrinter, unwilling(Reason::NoSuchPrinter, true))
            .ends(Effect::AskPrinter, unwilling(Reason::NoSuchPrinter, true));
        assert_eq!(play.job.state, State::Held);
    }

    #[test]
    fn what_was_made_of_the_document_for_a_printer_says_nothing_at_the_next() {
        let mut play = pooled();
        let fetch = |play: &Play| {
            let open = play.job.open.iter().find(|(_, effect)| **effect == Effect::FetchDocument);
            open.map(|(id, _)| *id)
        };
        let for_lobby = fetch(&play);
        play.ends(Effect::AskPrinter, unwilling(Reason::PrinterBusy, false));
        assert_ne!(fetch(&play), for_lobby, "the document is fetched anew");
        assert!(fetch(&play).is_some());
    }

    #[test]
    fn a_document_that_one_printer_can_not_have_is_offered_to_the_next() {
        let mut play = pooled();
        let bad = || End::DocumentBad(AbortReason::ConversionFailed("it needs a password".into()));
        for name in ["lobby", "annex"] {
            assert_eq!(at(&play).0, name);
            play.ends(Effect::FetchDocument, bad());
        }
        // The last one is alone now, and the end is what it is for one printer.
        play.ends(Effect::FetchDocument, bad());
        assert!(matches!(play.job.state, State::Reporting(_)), "{:?}", play.job.state);
    }

    #[test]
    fn a_jam_is_no_refusal_for_ever() {
        let mut play = pooled();
        for _ in 0..3 {
            play.ends(Effect::AskPrinter, unwilling(Reason::PrinterBlocked, true));
        }
        play.timer_fires(Timer::Retry);
        assert_eq!(at(&play).0, "lobby");
        assert!(play.open().contains(&Effect::AskPrinter));
    }

    #[test]
    fn a_send_that_never_began_goes_elsewhere_once_the_job_there_is_canceled() {
        let mut play = pooled();
        ready(&mut play);
        play.ends(Effect::CreatePrinterJob, End::PrinterJobCreated(samples::printer_job()))
            .ends(Effect::SendDocument, End::NothingSent(Failure::retry("refused")));
        assert_eq!((at(&play).0.as_str(), play.open()), ("lobby", vec![Effect::CancelPrinterJob]));
        play.ends(Effect::CancelPrinterJob, End::Done).timer_fires(Timer::Retry);
        assert_eq!(at(&play), ("annex".to_owned(), 2));
        assert!(play.open().contains(&Effect::AskPrinter));
    }

    #[test]
    fn after_the_first_byte_nobody_else_gets_it() {
        let mut play = pooled();
        ready(&mut play);
        play.ends(Effect::CreatePrinterJob, End::PrinterJobCreated(samples::printer_job()))
            .ends(Effect::SendDocument, End::Doubtful("cut".into()))
            .ends(Effect::InspectPrinterJob, seen(PrinterJobState::Aborted, None, Some(0)));
        assert_eq!(at(&play).0, "lobby");
    }
}
