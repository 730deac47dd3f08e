//! The journal: the durable record of jobs, events and intents.
//!
//! One trait with a written contract and two bodies, [`sqlite`] and [`memory`]; one test suite runs over both.
//!
//! It promises: when [`Journal::commit`] returns `Ok`, the whole batch survives the loss of power; when it returns an
//! error, none of the batch is to be seen. A write on another revision than was read is refused whole.
//! Deliberately absent: decisions, effects, documents.

mod configuration;
#[cfg(test)]
mod contract;
pub mod lock;
pub mod memory;
pub mod reader;
mod record;
mod record_state;
pub mod sqlite;

use std::{collections::HashMap, future::Future, path::PathBuf};

use jiff::Timestamp;
use thiserror::Error;

use crate::{
    flow::Job,
    model::{JobNumber, TaskId},
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

    /// The jobs of those tasks that are known.
    fn known(
        &mut self,
        tasks: &[TaskId],
    ) -> impl Future<Output = Result<HashMap<TaskId, KnownTask>, JournalError>> + Send;

    /// The highest job number so far, or 0, and when the last entry was written.
    fn last(
        &mut self,
    ) -> impl Future<Output = Result<(JobNumber, Option<Timestamp>), JournalError>> + Send;
}

/// What the journal knows of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownTask {
    /// Its job.
    pub job: JobNumber,
    /// Whether the job was settled.
    pub settled: bool,
}

/// What is written in one transaction.
#[derive(Clone, Debug)]
pub struct Batch {
    /// When, by our clock.
    pub at: Timestamp,
    /// The jobs, each at most once.
    pub writes: Vec<Write>,
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
    /// The journal was written by a newer version.
    #[error(
        "the journal was written by a newer pullprint (schema {0}); install that version or a later one"
    )]
    TooNew(i64),
    /// A row does not read.
    #[error("the journal is damaged: job {job}: {why}")]
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
    #[error("write journal {path}: {source}", path = .path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: sqlx::Error,
    },
    /// The file system failed.
    #[error("open journal {path}: {source}", path = .path.display())]
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
