//! A person's jobs in words: what is being printed, what waits, what ended.
//!
//! Deliberately absent: markup (`ui/pages`), and which jobs there are (the desk).

use jiff::{Timestamp, Zoned, tz::TimeZone};

use super::{
    desk::{Freshness, JobView, Stage},
    words::Words,
};
use crate::model::{
    AbortReason, Ending, JobConfiguration, Reason,
    configuration::{DuplexMode, PageRange},
    people::Person,
};

/// The list of a person.
pub(super) struct List {
    /// What the cloud has to do with it, where that is worth a word.
    pub(super) freshness: Option<String>,
    /// On paper soon.
    pub(super) moving: Vec<JobCard>,
    /// Waiting for a choice.
    pub(super) waiting: Vec<JobCard>,
    /// Over since not long ago.
    pub(super) ended: Vec<JobCard>,
    /// Whose it is, where that is not the person at the screen.
    pub(super) whose: Option<String>,
    /// Whom the person may collect for, each with the object id.
    pub(super) owners: Vec<(String, String)>,
}

/// A job in words.
pub(super) struct JobCard {
    pub(super) number: i64,
    pub(super) version: u64,
    pub(super) title: String,
    /// Where it is.
    pub(super) said: String,
    /// When it was printed, and how.
    details: Vec<String>,
    /// Why it is there.
    pub(super) reasons: Vec<String>,
    /// Whether it may be released together with others.
    pub(super) choosable: bool,
    /// Whether there is a page of it.
    pub(super) opens: bool,
    pub(super) may_have_printed: bool,
    /// The color of its end: `good`, `bad` or none.
    pub(super) tone: &'static str,
}

impl List {
    pub(super) fn new(say: Words, jobs: &[JobView], freshness: Freshness) -> Self {
        let cards = |wanted: fn(&Stage) -> bool| {
            let jobs = jobs.iter().filter(|job| wanted(&job.stage));
            jobs.map(|job| JobCard::new(say, job)).collect()
        };
        Self {
            freshness: in_words(say, freshness),
            moving: cards(|stage| {
                matches!(stage, Stage::Sending | Stage::Checking | Stage::Printing)
            }),
            waiting: cards(|stage| {
                matches!(stage, Stage::Arriving | Stage::Waiting | Stage::Barred)
            }),
            ended: cards(|stage| matches!(stage, Stage::Ended(..))),
            whose: None,
            owners: Vec::new(),
        }
    }

    /// As whoever collects for the owner sees it: what can be printed, and no more.
    pub(super) fn narrow_for_delegate(&mut self, say: Words, owner: &Person) {
        self.whose = Some(say.with("collect-list", "name", owner.label()));
        self.ended.clear();
        self.waiting.iter_mut().for_each(|job| job.opens = false);
    }

    /// How many may be released together.
    pub(super) fn choosable(&self) -> usize {
        self.waiting.iter().filter(|job| job.choosable).count()
    }

    pub(super) fn can_release(&self) -> bool {
        self.choosable() > 0
    }
}

impl JobCard {
    pub(super) fn new(say: Words, job: &JobView) -> Self {
        let number = job.number.to_string();
        let waits = job.stage == Stage::Waiting;
        Self {
            number: job.number.0,
            version: job.version,
            title: job
                .title
                .clone()
                .filter(|title| !title.trim().is_empty())
                .unwrap_or_else(|| say.with("untitled", "number", &number)),
            said: said(say, job),
            details: details(say, job),
            reasons: reasons(say, job),
            choosable: waits && !job.may_have_printed,
            opens: waits || job.stage == Stage::Barred,
            may_have_printed: job.may_have_printed,
            tone: tone(&job.stage),
        }
    }

    /// When it was printed, and how.
    pub(super) fn small(&self) -> String {
        self.details.join(" · ")
    }
}

fn said(say: Words, job: &JobView) -> String {
    let printer = job.printer.as_deref().unwrap_or_default();
    match &job.stage {
        Stage::Arriving => say.say("stage-arriving"),
        Stage::Waiting if job.may_have_printed => say.say("may-have-printed"),
        Stage::Waiting => say.say("stage-waiting"),
        Stage::Barred => say.say("stage-barred"),
        Stage::Sending => say.with("stage-sending", "printer", printer),
        Stage::Checking => say.with("stage-checking", "printer", printer),
        Stage::Printing => say.printing(printer, job.sheets),
        Stage::Ended(ending, _) => say.say(match ending {
            Ending::Completed => "ended-completed",
            Ending::Aborted(AbortReason::RemovedByOwner) => "ended-removed",
            Ending::Aborted(reason) if reason.is_refusal() => "ended-refused",
            Ending::Aborted(_) => "ended-failed",
            Ending::Canceled => "ended-canceled",
            Ending::Redirected => "ended-redirected",
            Ending::Withdrawn => "ended-withdrawn",
        }),
    }
}

fn tone(stage: &Stage) -> &'static str {
    match stage {
        Stage::Ended(Ending::Completed | Ending::Redirected, _) => "good",
        Stage::Ended(Ending::Aborted(AbortReason::RemovedByOwner), _) => "",
        Stage::Ended(Ending::Aborted(_), _) | Stage::Barred => "bad",
        _ => "",
    }
}

fn reasons(say: Words, job: &JobView) -> Vec<String> {
    if let Stage::Ended(ending, _) = &job.stage {
        return match ending {
            Ending::Aborted(reason) => vec![say.abort(reason)],
            _ => Vec::new(),
        };
    }
    let shown = job.reasons.0.iter().filter(|(reason, _)| {
        // A person at a printer can do nothing about a wait of a second.
        !(**reason == Reason::CloudUnreachable && job.stage == Stage::Waiting)
    });
    // Their details are in English: the chip of the printer says the same in the person's language.
    shown.map(|(reason, _)| say.reason(*reason)).collect()
}

fn details(say: Words, job: &JobView) -> Vec<String> {
    let JobConfiguration { copies, duplex_mode, page_ranges, .. } = &job.configuration;
    let time = match job.stage {
        Stage::Ended(_, ended) => ended.or(job.created),
        _ => job.created,
    };
    let copies =
        copies.and_then(|copies| usize::try_from(copies).ok()).filter(|copies| *copies > 1);
    let gray = job.configuration.is_gray();
    let both = matches!(duplex_mode, Some(DuplexMode::LongEdge | DuplexMode::ShortEdge));
    let pages = page_ranges.as_deref().filter(|ranges| !ranges.is_empty());
    [
        time.map(clock),
        copies.map(|copies| say.count("said-copies", copies)),
        gray.then(|| say.say("color-gray")),
        both.then(|| say.say("sides-both")),
        pages.map(|ranges| format!("{} {}", say.say("pages"), PageRange::write_list(ranges))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn in_words(say: Words, freshness: Freshness) -> Option<String> {
    match freshness {
        Freshness::Fresh => None,
        Freshness::Asking => Some(say.say("list-asking")),
        Freshness::AsOf(Some(at)) => Some(say.with("list-as-of", "time", &clock(at))),
        Freshness::AsOf(None) => Some(say.say("list-as-of-never")),
    }
}

/// The hour, and the day if it is not today's, where the screen stands.
pub(super) fn clock(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::system());
    let today = Zoned::now().date() == at.date();
    at.strftime(if today { "%H:%M" } else { "%Y-%m-%d %H:%M" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        JobNumber, Reasons,
        kiosk::{BadgeWord, Language},
    };

    const SAY: Words = Words { language: Language::English, badge: BadgeWord::Badge };

    fn job(stage: Stage) -> JobView {
        JobView {
            number: JobNumber(7),
            version: 3,
            title: Some("Minutes".into()),
            stage,
            may_have_printed: false,
            reasons: Reasons::default(),
            configuration: JobConfiguration { copies: Some(2), ..JobConfiguration::default() },
            stays_gray: true,
            created: None,
            hold_until: None,
            printer: Some("lobby".into()),
            sheets: Some(2),
        }
    }

    #[test]
    fn each_job_stands_in_its_part_of_the_list() {
        let stages = [
            Stage::Arriving,
            Stage::Waiting,
            Stage::Barred,
            Stage::Sending,
            Stage::Checking,
            Stage::Printing,
            Stage::Ended(Ending::Completed, None),
        ];
        let jobs: Vec<JobView> = stages.into_iter().map(job).collect();
        let list = List::new(SAY, &jobs, Freshness::Fresh);
        assert_eq!((list.waiting.len(), list.moving.len(), list.ended.len()), (3, 3, 1));
        assert_eq!(list.choosable(), 1, "what arrives or is barred can not be released");
        assert_eq!(list.moving[2].said, "Printing at lobby: 2 sheets so far");
        assert_eq!(list.waiting[1].small(), "2 copies");
        assert_eq!(list.freshness, None);
    }

    #[test]
    fn what_may_have_printed_is_not_released_with_others() {
        let card = JobCard::new(SAY, &JobView { may_have_printed: true, ..job(Stage::Waiting) });
        assert!(!card.choosable && card.opens);
        assert_eq!(card.said, "May already be printed");
    }

    #[test]
    fn an_abort_says_why_and_a_job_without_a_title_has_its_number() {
        let stage = Stage::Ended(Ending::Aborted(AbortReason::EmptyDocument), None);
        let card = JobCard::new(SAY, &JobView { title: Some("  ".into()), ..job(stage) });
        assert_eq!(card.reasons, ["The document was empty. Send it again."]);
        assert_eq!((card.title.as_str(), card.tone), ("Print job 7", "bad"));
    }
}
