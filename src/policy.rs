//! What shall become of a job, by the rules of its queue.
//!
//! A pure function; its decision enters the flow as part of an event. It never fails: a job that no rule names is held.
//! Deliberately absent: an expression language. The rules are the keys of the queue.

pub mod offer;

use jiff::SignedDuration;

use crate::model::{
    AbortReason, Alter, CloudJob, ConfigurationChange, Decision, DocumentFormat, Member,
    QueueSettings, Reason, Reserve, Retention, Verdict,
};

/// The decision about a job as the cloud shows it now.
///
/// `barred` says what keeps us from releasing it; `printers` are the printer that the queue releases to
/// at once, and the others of its pool; `task_patience` is how long the cloud keeps a job whose task is open.
pub fn decide(
    queue: &QueueSettings,
    job: &CloudJob,
    barred: Option<(Reason, String)>,
    printers: Option<(Member, Reserve)>,
    task_patience: SignedDuration,
    retention: Retention,
) -> Decision {
    let (first, reserve) = printers.unzip();
    Decision {
        verdict: verdict(queue, job, first.as_ref()),
        hold_limit: queue.hold_limit.min(task_patience),
        after_release: queue.after_release,
        retention,
        barred,
        printer_contact: first.map(|first| first.contact).unwrap_or_default(),
        reserve: reserve.unwrap_or_default(),
    }
}

fn verdict(queue: &QueueSettings, job: &CloudJob, first: Option<&Member>) -> Verdict {
    let label = job.document.as_ref().and_then(|document| document.content_type.as_deref());
    let labeled = label.map(DocumentFormat::from_mime);
    match (labeled, &queue.release_to, &queue.redirect_to) {
        (Some(format), ..) if refuses(queue, &format) => {
            Verdict::Abort(AbortReason::FormatRefused(format.mime().to_owned()))
        }
        (_, Some(named), _) => {
            Verdict::Release(first.map_or(named, |first| &first.printer).clone())
        }
        (_, None, Some(printer)) => Verdict::Redirect(printer.clone()),
        (_, None, None) => Verdict::Hold,
    }
}

/// Whether the queue refuses a format; asked of the label first and of the bytes when they are here.
pub fn refuses(queue: &QueueSettings, format: &DocumentFormat) -> bool {
    queue.refused_formats.contains(format)
}

/// Whether the owner of a job that was sent in gray, or not, may change it so.
pub fn may_change(queue: &QueueSettings, sent_gray: bool, change: &ConfigurationChange) -> bool {
    let stays_gray = match &change.color_mode {
        Alter::Keep => true,
        Alter::Set(mode) => mode.is_gray(),
        Alter::Clear => false,
    };
    !queue.gray_stays || !sent_gray || stays_gray
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        flow::samples,
        model::{
            AfterRelease, CloudJobState, CloudPrinterId, PrinterName, configuration::ColorMode,
        },
    };

    #[track_caller]
    fn queue(release_to: Option<&str>, refused: &[DocumentFormat]) -> QueueSettings {
        QueueSettings {
            source_printer: CloudPrinterId::new("queue"),
            release_to: release_to.map(PrinterName::new),
            redirect_to: None,
            hold_limit: SignedDuration::from_hours(24),
            after_release: AfterRelease::Complete,
            refused_formats: refused.to_vec(),
            gray_stays: true,
            release_offline: false,
            prefetch: crate::model::settings::Prefetch::Off,
            offer: None,
        }
    }

    fn check(release_to: Option<&str>, refused: &[DocumentFormat], expect: &Verdict) {
        let queue = queue(release_to, refused);
        let job = samples::cloud_job(CloudJobState::Paused);
        let patience = SignedDuration::from_hours(3);
        let decision = decide(&queue, &job, None, None, patience, Retention::default());
        assert_eq!((decision.verdict, decision.hold_limit), (expect.clone(), patience));
    }

    #[test]
    fn a_queue_holds_releases_or_refuses() {
        check(None, &[], &Verdict::Hold);
        check(Some("lobby"), &[], &Verdict::Release(PrinterName::new("lobby")));
        let refused = Verdict::Abort(AbortReason::FormatRefused("application/pdf".into()));
        check(Some("lobby"), &[DocumentFormat::Pdf], &refused);
        check(None, &[DocumentFormat::Oxps], &Verdict::Hold);
    }

    #[test]
    fn gray_stays_gray_where_the_queue_says_so() {
        let set = |mode| ConfigurationChange { color_mode: Alter::Set(mode), ..Default::default() };
        let strict = queue(None, &[]);
        let lenient = QueueSettings { gray_stays: false, ..strict.clone() };
        assert!(!may_change(&strict, true, &set(ColorMode::Color)));
        assert!(!may_change(&strict, true, &set(ColorMode::Auto)));
        assert!(may_change(&strict, true, &set(ColorMode::BlackAndWhite)));
        assert!(may_change(&strict, true, &ConfigurationChange::default()));
        assert!(may_change(&strict, false, &set(ColorMode::Color)));
        assert!(may_change(&lenient, true, &set(ColorMode::Color)));
    }
}
