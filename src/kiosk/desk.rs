//! The desk: what the kiosk asks of the daemon behind it.
//!
//! It promises plain types and no decisions. Deliberately absent: who stands behind it (`daemon`).

use std::fmt;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::broadcast;

use crate::model::{
    Answer, Command, Ending, JobConfiguration, JobNumber, PrinterName, Reasons,
    people::{BadgeHash, Person},
    printer::Standing,
    station::StationSettings,
};

/// What the kiosk asks.
pub trait Desk: Send + Sync + fmt::Debug + 'static {
    /// All stations, as they are configured now.
    fn stations(&self) -> Vec<StationSettings>;
    /// Whose a badge is now.
    fn person_of<'a>(&'a self, badge: &'a str) -> BoxFuture<'a, Result<Option<Person>, NotNow>>;
    /// Whose an activation code is now.
    fn person_of_code<'a>(&'a self, code: &'a str)
    -> BoxFuture<'a, Result<Option<Person>, NotNow>>;
    /// The one person of a UPN.
    fn person_named<'a>(&'a self, upn: &'a str) -> BoxFuture<'a, Result<Option<Person>, NotNow>>;
    /// A badge becomes a person's, by their code.
    fn register<'a>(
        &'a self,
        code: &'a str,
        person: &'a Person,
        badge: BadgeHash,
    ) -> BoxFuture<'a, Result<(), NotNow>>;
    /// Whether that is the person's PIN. Takes its time.
    fn is_pin_of<'a>(
        &'a self,
        person: &'a Person,
        pin: &'a str,
    ) -> BoxFuture<'a, Result<bool, NotNow>>;
    /// Whom a person may collect for now, by their names.
    fn owners_of<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, Result<Vec<Person>, NotNow>>;
    /// A person's jobs as they were last known, the newest first: those that are not settled, and those that ended in the
    /// last 24 hours.
    fn jobs<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, Result<Vec<JobView>, NotNow>>;
    /// Asks the cloud for a person's jobs. What is new stands in the journal afterwards.
    fn refresh<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, ()>;
    /// Fetches the documents of a person's jobs that wait, for a printer that they may choose.
    fn fetch_ahead<'a>(
        &'a self,
        person: &'a Person,
        printer: Option<&'a PrinterName>,
    ) -> BoxFuture<'a, ()>;
    /// How fresh a person's jobs are.
    fn freshness(&self, person: &Person) -> Freshness;
    /// How a printer is, and what it can do.
    fn printer<'a>(&'a self, name: &'a PrinterName) -> BoxFuture<'a, PrinterView>;
    /// What an administrator sees.
    fn overview(&self) -> BoxFuture<'_, Result<Overview, NotNow>>;
    /// Tells the object id of each person whose jobs change.
    fn changes(&self) -> broadcast::Receiver<String>;
    /// Asks for something to be done.
    fn ask(&self, command: Command) -> BoxFuture<'_, Answer>;
}

/// The daemon can not answer at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotNow;

/// How fresh a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The cloud is being asked.
    Asking,
    /// The cloud has told all.
    Fresh,
    /// The cloud did not answer; it last did then, if it ever did.
    AsOf(Option<Timestamp>),
}

/// A job as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobView {
    /// Our short number of it.
    pub number: JobNumber,
    /// Counts the changes that a person can see.
    pub version: u64,
    /// What it is called, as much as may be shown.
    pub title: Option<String>,
    /// Where it is.
    pub stage: Stage,
    /// Whether paper of it may already be out.
    pub may_have_printed: bool,
    /// Why it is there.
    pub reasons: Reasons,
    /// How it was printed.
    pub configuration: JobConfiguration,
    /// Whether it was sent in gray, and its queue keeps that so.
    pub stays_gray: bool,
    /// When it was printed, by the cloud's clock.
    pub created: Option<Timestamp>,
    /// When it is removed, if nobody releases it.
    pub hold_until: Option<Timestamp>,
    /// Where it comes out, once it was released.
    pub printer: Option<String>,
    /// Sheets that came out so far, where the printer tells.
    pub sheets: Option<i32>,
}

/// Where a job is, for its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is being looked at, and can not be released yet.
    Arriving,
    /// It waits for its owner.
    Waiting,
    /// It waits, and something else than its owner keeps it there.
    Barred,
    /// It is on its way to the printer.
    Sending,
    /// What became of it is asked of the printer.
    Checking,
    /// The printer has it.
    Printing,
    /// It has ended, then where that is known. The cloud may not know yet.
    Ended(Ending, Option<Timestamp>),
}

/// A printer as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterView {
    /// What we call it.
    pub name: PrinterName,
    /// How it is.
    pub standing: Standing,
    /// Whether it prints in color.
    pub color: bool,
    /// Whether it prints on both sides.
    pub both_sides: bool,
}

/// What an administrator sees of it all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// What is wrong, in sentences.
    pub troubles: Vec<String>,
    /// The printers that are reached over IPP.
    pub printers: Vec<PrinterLine>,
    /// What waits.
    pub queues: Vec<QueueLine>,
    /// What was aborted in the last 24 hours.
    pub failed: Vec<JobLine>,
}

/// A printer, for an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterLine {
    /// As people see it.
    pub view: PrinterView,
    /// What it says of itself, in words.
    pub says: Vec<String>,
    /// IPP "marker-colors" with "marker-levels" in percent, where it tells.
    pub supplies: Vec<(String, i32)>,
}

/// A queue, for an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueLine {
    /// Its source printer's id.
    pub name: String,
    /// How many jobs wait in it.
    pub waiting: usize,
    /// Those that came last.
    pub jobs: Vec<JobLine>,
}

/// A job, for an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobLine {
    /// Our short number of it.
    pub number: JobNumber,
    /// Whose it is.
    pub owner: String,
    /// When it was printed, or when it ended.
    pub at: Option<Timestamp>,
    /// Why it waits, or why it was aborted.
    pub why: String,
}
