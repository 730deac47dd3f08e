//! What programs read and write: the shapes of the interface.
//!
//! Deliberately absent: the routes (`api`).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    desk::{Freshness, JobView, PrinterView, Stage},
    words::Words,
};
use crate::model::{
    Alter, ConfigurationChange, Ending, JobConfiguration,
    configuration::{ColorMode, DuplexMode, PageRange},
    people::{Person, PinRule},
    printer::Standing,
    station::StationSettings,
};

/// A station.
#[derive(Serialize, ToSchema)]
pub(super) struct StationBody {
    name: String,
    /// Its printers; the first is the one beside it.
    printers: Vec<String>,
    /// What begins a session there.
    sign_in: SignInBody,
}

/// What begins a session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum SignInBody {
    /// A badge.
    Badge,
    /// A badge, and the PIN with it.
    BadgeAndPin,
    /// A badge; or the user principal name and the PIN.
    BadgeOrPin,
}

impl StationBody {
    pub(super) fn new(station: &StationSettings, pin: PinRule) -> Self {
        let printers = station.printers.iter().map(ToString::to_string).collect();
        let sign_in = match pin {
            PinRule::Off => SignInBody::Badge,
            PinRule::WithBadge => SignInBody::BadgeAndPin,
            PinRule::OrBadge => SignInBody::BadgeOrPin,
        };
        Self { name: station.name.clone(), printers, sign_in }
    }
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonBody {
    /// What they are called, where that is known.
    name: Option<String>,
    user_principal_name: Option<String>,
    /// After how many seconds the session ends, if nothing is done.
    expires_in_seconds: u64,
}

impl PersonBody {
    pub(super) fn new(person: &Person, lasts: Duration) -> Self {
        let (name, user_principal_name) = (person.name.clone(), person.upn.clone());
        Self { name, user_principal_name, expires_in_seconds: lasts.as_secs() }
    }
}

/// Somebody whom the person may collect for.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnerBody {
    /// The directory's object id.
    id: String,
    name: Option<String>,
    user_principal_name: Option<String>,
}

impl OwnerBody {
    pub(super) fn new(person: Person) -> Self {
        let Person { id, upn, name } = person;
        Self { id, name, user_principal_name: upn }
    }
}

/// A person's jobs, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct JobsBody {
    freshness: FreshnessBody,
    /// When the cloud last told all, where it does not answer now.
    #[schema(format = DateTime)]
    as_of: Option<String>,
    jobs: Vec<JobBody>,
}

/// Whether jobs may be missing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum FreshnessBody {
    /// The cloud is being asked.
    Asking,
    /// It has told all.
    Fresh,
    /// It does not answer.
    Stale,
}

impl JobsBody {
    pub(super) fn new(say: Words, jobs: &[JobView], freshness: Freshness) -> Self {
        let (freshness, as_of) = match freshness {
            Freshness::Asking => (FreshnessBody::Asking, None),
            Freshness::Fresh => (FreshnessBody::Fresh, None),
            Freshness::AsOf(at) => (FreshnessBody::Stale, at.map(|at| at.to_string())),
        };
        Self { freshness, as_of, jobs: jobs.iter().map(|job| JobBody::new(say, job)).collect() }
    }
}

/// A job.
#[derive(Serialize, ToSchema)]
struct JobBody {
    number: i64,
    /// Counts what a person can see of it; a release names it.
    version: u64,
    title: Option<String>,
    stage: StageBody,
    /// How it ended, where it has.
    ending: Option<EndingBody>,
    /// Whether paper of it may already be out: then it is released alone, with `reprint`.
    may_have_printed: bool,
    reasons: Vec<ReasonBody>,
    copies: Option<i32>,
    /// `color`, `gray`, `black-and-white` or `auto`.
    color: Option<String>,
    /// `one-sided`, `long-edge` or `short-edge`.
    sides: Option<String>,
    /// Such as `2-5, 8`.
    pages: Option<String>,
    #[schema(format = DateTime)]
    created: Option<String>,
    /// When it is aborted, if nobody releases it.
    #[schema(format = DateTime)]
    hold_until: Option<String>,
    /// Where it is printed.
    printer: Option<String>,
    /// Sheets that came out so far, where the printer tells.
    sheets: Option<i32>,
}

/// Where a job is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum StageBody {
    /// It is being looked at.
    Arriving,
    /// It can be released.
    Waiting,
    /// Something keeps it from being released.
    Barred,
    /// It is on its way to the printer.
    Sending,
    /// What became of it is asked of the printer.
    Checking,
    /// The printer has it.
    Printing,
    /// It is over.
    Ended,
}

/// How a job ended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum EndingBody {
    Completed,
    Aborted,
    Canceled,
    Redirected,
    Withdrawn,
}

/// Why a job is where it is.
#[derive(Serialize, ToSchema)]
struct ReasonBody {
    /// Stays the same over versions.
    #[schema(example = "printer-unreachable")]
    code: String,
    /// For the person, in their language.
    sentence: String,
}

impl JobBody {
    fn new(say: Words, job: &JobView) -> Self {
        let JobConfiguration { copies, color_mode, duplex_mode, page_ranges, .. } =
            &job.configuration;
        let pages = page_ranges.as_deref().filter(|ranges| !ranges.is_empty());
        Self {
            number: job.number.0,
            version: job.version,
            title: job.title.clone(),
            stage: stage(&job.stage),
            ending: ending(&job.stage),
            may_have_printed: job.may_have_printed,
            reasons: reasons(say, job),
            copies: *copies,
            color: color_mode.as_ref().map(|mode| mode.word().to_owned()),
            sides: duplex_mode.as_ref().map(|mode| mode.word().to_owned()),
            pages: pages.map(PageRange::write_list),
            created: job.created.map(|at| at.to_string()),
            hold_until: job.hold_until.map(|at| at.to_string()),
            printer: job.printer.clone(),
            sheets: job.sheets,
        }
    }
}

fn stage(stage: &Stage) -> StageBody {
    match stage {
        Stage::Arriving => StageBody::Arriving,
        Stage::Waiting => StageBody::Waiting,
        Stage::Barred => StageBody::Barred,
        Stage::Sending => StageBody::Sending,
        Stage::Checking => StageBody::Checking,
        Stage::Printing => StageBody::Printing,
        Stage::Ended(..) => StageBody::Ended,
    }
}

fn ending(stage: &Stage) -> Option<EndingBody> {
    let Stage::Ended(ending, _) = stage else { return None };
    Some(match ending {
        Ending::Completed => EndingBody::Completed,
        Ending::Aborted(_) => EndingBody::Aborted,
        Ending::Canceled => EndingBody::Canceled,
        Ending::Redirected => EndingBody::Redirected,
        Ending::Withdrawn => EndingBody::Withdrawn,
    })
}

fn reasons(say: Words, job: &JobView) -> Vec<ReasonBody> {
    if let Stage::Ended(Ending::Aborted(reason), _) = &job.stage {
        let code = reason.code().to_owned();
        return vec![ReasonBody { code, sentence: say.abort(reason) }];
    }
    let body = |reason: crate::model::Reason| ReasonBody {
        code: reason.code().to_owned(),
        sentence: say.reason(reason),
    };
    job.reasons.0.keys().copied().map(body).collect()
}

/// What is printed otherwise than it was sent; what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeBody {
    #[schema(minimum = 1, maximum = 9999)]
    copies: Option<i32>,
    color: Option<ColorWord>,
    sides: Option<SidesWord>,
    /// Such as `2-5,8`.
    pages: Option<String>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum ColorWord {
    Color,
    Gray,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum SidesWord {
    OneSided,
    LongEdge,
    ShortEdge,
}

impl ChangeBody {
    /// As a change of the configuration; otherwise what does not read.
    pub(super) fn read(&self) -> Result<ConfigurationChange, String> {
        let mut change = ConfigurationChange::default();
        if let Some(copies) = self.copies {
            if !(1..=9_999).contains(&copies) {
                return Err("copies: a number from 1 to 9999".to_owned());
            }
            change.copies = Alter::Set(copies);
        }
        if let Some(color) = self.color {
            change.color_mode = Alter::Set(match color {
                ColorWord::Color => ColorMode::Color,
                ColorWord::Gray => ColorMode::Grayscale,
            });
        }
        if let Some(sides) = self.sides {
            change.duplex_mode = Alter::Set(match sides {
                SidesWord::OneSided => DuplexMode::OneSided,
                SidesWord::LongEdge => DuplexMode::LongEdge,
                SidesWord::ShortEdge => DuplexMode::ShortEdge,
            });
        }
        if let Some(pages) = &self.pages {
            let ranges = PageRange::read_list(pages).ok_or("pages: ranges such as 2-5,8")?;
            change.page_ranges = Alter::Set(ranges);
        }
        Ok(change)
    }
}

/// A printer.
#[derive(Serialize, ToSchema)]
pub(super) struct PrinterBody {
    name: String,
    standing: StandingBody,
    /// How it is, for the person, in their language.
    sentence: String,
    /// What keeps it from printing: IPP "printer-state-reasons", without their severity.
    troubles: Vec<String>,
    color: bool,
    both_sides: bool,
}

/// How a printer is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum StandingBody {
    Ready,
    Busy,
    Trouble,
    Unreachable,
    Unknown,
}

impl PrinterBody {
    pub(super) fn new(say: Words, printer: &PrinterView) -> Self {
        let (standing, troubles) = match &printer.standing {
            Standing::Ready => (StandingBody::Ready, Vec::new()),
            Standing::Busy => (StandingBody::Busy, Vec::new()),
            Standing::Trouble(keywords) => (StandingBody::Trouble, keywords.clone()),
            Standing::Unreachable => (StandingBody::Unreachable, Vec::new()),
            Standing::Unknown => (StandingBody::Unknown, Vec::new()),
        };
        Self {
            name: printer.name.to_string(),
            standing,
            sentence: say.standing(&printer.standing),
            troubles,
            color: printer.color,
            both_sides: printer.both_sides,
        }
    }
}
