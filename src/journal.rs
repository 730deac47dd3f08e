//! The journal: the durable record of jobs, events and intents.
//!
//! One trait with a written contract and two bodies, [`sqlite`] and [`memory`]; one test suite runs over both.
//!
//! It promises: when [`Journal::commit`] returns `Ok`, the whole batch survives the loss of power; when it returns an
//! error, none of the batch is to be seen. A write on another revision than was read is refused whole.
//! Deliberately absent: decisions, effects, documents.

pub mod backup;
mod configuration;
#[cfg(test)]
mod contract;
mod delegates;
#[cfg(test)]
mod faulty;
pub mod forgetting;
pub mod lock;
pub mod memory;
mod people;
pub mod place;
pub mod reader;
mod record;
mod record_document;
mod record_ending;
mod record_state;
mod rows;
pub mod sqlite;
#[cfg(test)]
mod upgrades;
mod wipe;

use std::{collections::HashMap, future::Future, path::PathBuf};

use jiff::Timestamp;
use thiserror::Error;

use crate::{
    flow::Job,
    model::{JobNumber, TaskId, people::PeopleChange},
};

/// The durable record of jobs, events and intents. The daemon's loop is its only writer.
pub trait Journal: Send {
    /// The job with its open effects, or nothing if there is no such job.
    fn load(
        &mut self,
        job: JobNumber,
    ) -> impl Future<Output = Result<Option<Job>, JournalError>> + Send;

    /// Writes a batch: all of it or nothing. Durable when it returns `Ok`.
    ///
    /// A [`Write`] whose `before` is not what the journal holds ends the batch with [`JournalError::Conflict`].
    fn commit(&mut self, batch: &Batch) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// Jobs with a timer at or before `now`, the earliest first, at most `limit`.
    fn due(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<JobNumber>, JournalError>> + Send;

    /// The earliest timer of all jobs.
    fn next_deadline(
        &mut self,
    ) -> impl Future<Output = Result<Option<Timestamp>, JournalError>> + Send;

    /// Jobs that a restart has to look at: those with an open effect, and those being released.
    fn unfinished(&mut self) -> impl Future<Output = Result<Vec<JobNumber>, JournalError>> + Send;

    /// Jobs that are not settled, in the order of their numbers, behind `after`, at most `limit`.
    fn open_jobs(
        &mut self,
        after: JobNumber,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<JobNumber>, JournalError>> + Send;

    /// The jobs of those tasks that are known.
    fn known(
        &mut self,
        tasks: &[TaskId],
    ) -> impl Future<Output = Result<HashMap<TaskId, KnownTask>, JournalError>> + Send;

    /// The highest job number so far, or 0, and the time of the last entry.
    fn last(
        &mut self,
    ) -> impl Future<Output = Result<(JobNumber, Option<Timestamp>), JournalError>> + Send;

    /// There is time: what was replaced long enough ago may go from the disk.
    fn rest(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Nothing more is written: what was replaced may go from the disk.
    fn finish(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// What the journal knows of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownTask {
    /// Its job.
    pub job: JobNumber,
    /// Whether the job was settled.
    pub settled: bool,
}

/// Who keeps a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Eight hexadecimal digits, made once: part of the stamp and of each token at a printer.
    pub id: String,
    /// Drawn anew at each restore of a backup, 0 before the first; a part of each token at a printer.
    pub era: u32,
    /// What may stand in the task definition from its starts, oldest first, a blank between two.
    pub stamps: String,
    /// Where this file comes from.
    pub origin: Origin,
    /// The time that it did not watch.
    pub unwatched: Unwatched,
}

/// Where a journal's file comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was here at the last start, or is new.
    Here,
    /// A backup was restored.
    Restored,
    /// Somebody has copied it here.
    Copied,
}

/// The time that a journal did not watch: a job that was in the cloud then could have been released without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwatched {
    /// There is none.
    Never,
    /// Until the hour at which the cloud's clock is next known.
    StillGoing,
    /// Until then, by the cloud's clock.
    Until(Timestamp),
}

impl Unwatched {
    /// Whether a job of that time of creation, by the cloud's clock, could have been released then.
    pub fn covers(self, created: Option<Timestamp>) -> bool {
        match self {
            Self::Never => false,
            Self::StillGoing => true,
            Self::Until(end) => created.is_none_or(|created| created <= end),
        }
    }
}

/// What is written in one transaction.
#[derive(Clone, Debug)]
pub struct Batch {
    /// When, by our clock.
    pub at: Timestamp,
    /// The jobs, each at most once.
    pub writes: Vec<Write>,
    /// What happened to the daemon itself.
    pub notes: Vec<Entry>,
    /// The time that was not watched, where that changes.
    pub unwatched: Option<Unwatched>,
    /// What stands in the task definition now, where that is learned: earlier stamps are over.
    pub stamp: Option<String>,
    /// Whose badges change, in order.
    pub people: Vec<PeopleChange>,
}

impl Batch {
    /// A batch without anything.
    pub fn empty(at: Timestamp) -> Self {
        Self {
            at,
            writes: Vec::new(),
            notes: Vec::new(),
            unwatched: None,
            stamp: None,
            people: Vec::new(),
        }
    }
}

/// One job's part of a batch.
#[derive(Clone, Debug)]
pub struct Write {
    /// The job as it was read; absent for a new one.
    pub before: Option<Job>,
    /// The job as it shall be.
    pub after: Job,
    /// What happened, in order.
    pub entries: Vec<Entry>,
}

/// A line of a job's story. Ids and codes, never personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// A word, such as an event's.
    pub kind: String,
    /// Codes and numbers.
    pub detail: String,
}

/// Why the journal did not do it.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Another daemon has the journal.
    #[error("the journal in {path} is in use by {holder}; stop that one first", path = .path.display())]
    Held {
        /// The state directory.
        path: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// The job was written by someone else since it was read.
    #[error("job {0} is not as it was read")]
    Conflict(JobNumber),
    /// The state directory is another user's, and we are root.
    #[error(
        "the state directory {path} belongs to {owner}, who could not read what is written there now; run this as that \
        user: `runuser -u {owner} -- pullprint ...`", path = .path.display()
    )]
    NotOurs {
        /// The state directory.
        path: PathBuf,
        /// Whose it is.
        owner: String,
    },
    /// The journal was written by a newer version.
    #[error(
        "the journal was written by a newer pullprint (schema {0}); install that version or a later one"
    )]
    TooNew(i64),
    /// The state directory forgets at a restart.
    #[error(
        "the state directory {path} is on {kind}, which forgets at a restart: what was printed is not known any more then; \
        move state_dir to a disk, or write volatile_state = true for a try-out", path = .path.display()
    )]
    Volatile {
        /// The state directory.
        path: PathBuf,
        /// The kind of file system.
        kind: &'static str,
    },
    /// The disk failed.
    #[error(
        "the disk failed under {path}: {source}; nothing was started; look at the disk, then run `pullprint journal check`",
        path = .path.display()
    )]
    DiskFailed {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The disk failed in an earlier run, and nobody has checked the journal.
    #[error("the disk failed under {path} in the last run; run `pullprint journal check`, then start again", path = .path.display())]
    Unchecked {
        /// The file.
        path: PathBuf,
    },
    /// A restore did not come to its end.
    #[error("a restore of {path} did not come to its end; run `pullprint journal restore FILE` again", path = .path.display())]
    HalfRestored {
        /// The file.
        path: PathBuf,
    },
    /// The disk takes no writes.
    #[error("{path} can not be written: the disk is read-only; nothing was started", path = .path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The database does not read.
    #[error("the journal {path} is damaged: {why}; restore a backup: `pullprint journal restore FILE`", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A backup is none.
    #[error("{path} can not be restored: {why}", path = .path.display())]
    BadBackup {
        /// The backup.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The journal is not where it was opened.
    #[error("the state directory {path} was moved or removed under the daemon; nothing more is written", path = .path.display())]
    Moved {
        /// The state directory.
        path: PathBuf,
    },
    /// A backup would overwrite a file.
    #[error("{path} is there already; name a new file", path = .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A row does not read.
    #[error(
        "the journal is damaged: job {job} does not read: {why}; run `pullprint journal check`, and restore a backup: \
        `pullprint journal restore FILE`"
    )]
    Corrupt {
        /// The job of the row.
        job: JobNumber,
        /// What is wrong with it.
        why: String,
    },
    /// Another process writes to the journal.
    #[error("another process holds the journal's write lock; nothing is started until it lets go")]
    Busy,
    /// The disk is full.
    #[error("the disk is full; nothing is started until there is room")]
    Full,
    /// The database failed.
    #[error("journal {path}: {source}", path = .path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: sqlx::Error,
    },
    /// The file system failed.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
}

impl JournalError {
    /// Whether it passes by itself: nothing was written, and waiting is enough.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Full | Self::Busy)
    }
}
