//! Paper is proved, not guessed: what a printer's report says of a document whose sending was cut off or lost.
//!
//! Printers print a cut upload as far as it got and call it completed, so a state alone proves only that paper may
//! have come. An absent attribute is not zero.

use jiff::{SignedDuration, Timestamp};

use super::event::DocumentFacts;
use crate::model::{ForgottenReport, PrinterJobRef, PrinterJobReport, PrinterJobState};

/// What a report proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The printer has the whole document.
    Whole,
    /// Nothing came out and nothing will.
    Nothing,
    /// The printer has not started the job; it can still be canceled before it does.
    NotStarted,
    /// The printer is at it; its end will tell more.
    Running,
    /// Paper may be out, and nobody can tell how much.
    Unclear,
}

/// Judges a report of a job whose document was cut off, whose answer was lost, or which was refused.
pub(super) fn judge(
    report: &PrinterJobReport,
    document: &DocumentFacts,
    copies: i32,
    refused: bool,
) -> Proof {
    let nothing_read = refused && report.impressions.is_none() && report.k_octets == Some(0);
    let nothing_out = report.impressions == Some(0) || nothing_read;
    match report.state {
        PrinterJobState::Canceled | PrinterJobState::Aborted if nothing_out => Proof::Nothing,
        PrinterJobState::Canceled | PrinterJobState::Aborted => Proof::Unclear,
        PrinterJobState::Completed if processed_whole(report, document, copies) => Proof::Whole,
        PrinterJobState::Completed => Proof::Unclear,
        PrinterJobState::Processing | PrinterJobState::ProcessingStopped
            if processed_whole(report, document, copies) =>
        {
            Proof::Whole
        }
        PrinterJobState::Processing | PrinterJobState::ProcessingStopped => Proof::Running,
        PrinterJobState::Pending | PrinterJobState::PendingHeld => Proof::NotStarted,
    }
}

/// Whether IPP "job-k-octets-processed" agrees with the document: its length in units of 1,024 octets, rounded up.
///
/// A printer that reads the data again for each copy counts it each time (RFC 8011 section 5.3.18.1); one that reads it
/// once does not. With several copies a count of one length may be two halves, so only the full count is a proof.
/// The unit is the limit of this proof: a document that was cut within its last 1,024 octets looks whole.
fn processed_whole(report: &PrinterJobReport, document: &DocumentFacts, copies: i32) -> bool {
    let copies = u64::try_from(copies.max(1)).unwrap_or(1);
    let whole = document.octets.div_ceil(1024) * copies;
    let processed = report.k_octets.and_then(|processed| u64::try_from(processed).ok());
    whole > 0 && processed == Some(whole)
}

/// How much a printer's clock of seconds may lag behind ours.
const UP_TIME_TOLERANCE: SignedDuration = SignedDuration::from_secs(5);

/// Whether a printer that forgot a job whose bytes it had all accepted can be believed to have printed it: the same
/// run of the printer (it has been up for as long as has passed since), no error seen, and the printer idle or its
/// impression counter risen.
pub(super) fn merely_forgot(
    now: Timestamp,
    printer_job: &PrinterJobRef,
    report: &ForgottenReport,
    trouble: bool,
) -> bool {
    let passed = now.duration_since(printer_job.created);
    let at_least = passed.saturating_sub(UP_TIME_TOLERANCE);
    let same_run = match (printer_job.up_time, report.up_time) {
        (Some(then), Some(now)) if !passed.is_negative() => {
            now >= then && i64::from(now) - i64::from(then) >= at_least.as_secs()
        }
        _ => false,
    };
    let risen = match (printer_job.impressions, report.impressions) {
        (Some(then), Some(now)) => now > then,
        _ => false,
    };
    same_run && !trouble && (report.idle || risen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{flow::samples::report as report_of, model::PrinterJobId};

    #[track_caller]
    fn check(
        state: PrinterJobState,
        k_octets: Option<i32>,
        impressions: Option<i32>,
        expect: Proof,
    ) {
        let document = crate::flow::samples::document();
        let report = report_of(state, k_octets, impressions);
        assert_eq!(judge(&report, &document, 1, false), expect);
    }

    #[test]
    fn completed_alone_proves_nothing() {
        check(PrinterJobState::Completed, None, None, Proof::Unclear);
        check(PrinterJobState::Completed, Some(9), Some(3), Proof::Unclear);
        check(PrinterJobState::Completed, Some(10), None, Proof::Whole);
        check(PrinterJobState::Completed, Some(20), None, Proof::Unclear);
        check(PrinterJobState::Completed, Some(11), None, Proof::Unclear);
    }

    #[test]
    fn octets_are_counted_in_units_and_a_cut_within_the_last_one_looks_whole() {
        let document = crate::flow::samples::document();
        let came = 9_300_u64;
        let k_octets = i32::try_from(came.div_ceil(1024)).ok();
        let report = report_of(PrinterJobState::Completed, k_octets, None);
        assert_eq!(judge(&report, &document, 1, false), Proof::Whole);
    }

    #[test]
    fn an_absent_count_is_not_zero() {
        check(PrinterJobState::Canceled, None, None, Proof::Unclear);
        check(PrinterJobState::Canceled, Some(4), Some(0), Proof::Nothing);
        check(PrinterJobState::Aborted, None, Some(1), Proof::Unclear);
        check(PrinterJobState::Aborted, None, Some(0), Proof::Nothing);
    }

    #[test]
    fn a_running_job_is_watched_to_its_end() {
        check(PrinterJobState::Processing, Some(4), Some(1), Proof::Running);
        check(PrinterJobState::Processing, Some(10), Some(1), Proof::Whole);
        check(PrinterJobState::PendingHeld, None, None, Proof::NotStarted);
    }

    #[test]
    fn a_restarted_printer_did_not_merely_forget() {
        let created = Timestamp::UNIX_EPOCH;
        let up_time = Some(100);
        let job = PrinterJobRef {
            id: PrinterJobId(1),
            uuid: None,
            created,
            up_time,
            impressions: Some(7),
        };
        let now = created + SignedDuration::from_secs(50);
        let report = |up_time, idle, impressions| ForgottenReport { up_time, idle, impressions };
        assert!(merely_forgot(now, &job, &report(Some(150), true, None), false));
        assert!(merely_forgot(now, &job, &report(Some(150), false, Some(8)), false));
        assert!(!merely_forgot(now, &job, &report(Some(150), false, Some(7)), false));
        assert!(!merely_forgot(now, &job, &report(Some(20), true, Some(8)), false));
        assert!(!merely_forgot(now, &job, &report(None, true, Some(8)), false));
        assert!(!merely_forgot(now, &job, &report(Some(150), true, Some(8)), true));
    }

    #[test]
    fn a_printer_that_was_up_for_less_than_has_passed_has_restarted() {
        let created = Timestamp::UNIX_EPOCH;
        let job = PrinterJobRef {
            id: PrinterJobId(1),
            uuid: None,
            created,
            up_time: Some(40),
            impressions: None,
        };
        let report = ForgottenReport { up_time: Some(45), idle: true, impressions: None };
        assert!(merely_forgot(created + SignedDuration::from_secs(6), &job, &report, false));
        assert!(!merely_forgot(created + SignedDuration::from_mins(2), &job, &report, false));
    }

    #[test]
    fn with_several_copies_only_the_full_count_is_a_proof() {
        let document = crate::flow::samples::document();
        let state = PrinterJobState::Completed;
        let report = |k_octets| report_of(state, k_octets, None);
        assert_eq!(judge(&report(Some(20)), &document, 2, false), Proof::Whole);
        assert_eq!(judge(&report(Some(10)), &document, 2, false), Proof::Unclear);
    }

    #[test]
    fn a_refusal_proves_nothing_about_paper_by_itself() {
        let document = crate::flow::samples::document();
        let state = PrinterJobState::Aborted;
        let report = |k_octets| report_of(state, k_octets, None);
        assert_eq!(judge(&report(Some(8)), &document, 1, true), Proof::Unclear);
        assert_eq!(judge(&report(None), &document, 1, true), Proof::Unclear);
        assert_eq!(judge(&report(Some(0)), &document, 1, true), Proof::Nothing);
    }
}
