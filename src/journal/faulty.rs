//! Journals that fail: under them the contract holds as well.
//!
//! [`Failing`] fails in the middle of every other commit, as a full disk does. [`PowerCut`] loses its power after every
//! commit: what was synced is there when it comes back, with the torn beginnings of what was not.

use std::{collections::HashMap, path::PathBuf};

use jiff::Timestamp;
use sqlx::ConnectOptions;

use super::{Batch, Journal, JournalError, KnownTask, place, sqlite, sqlite::SqliteJournal};
use crate::{
    flow::Job,
    model::{JobNumber, TaskId},
};

/// A journal in SQLite whose every other commit fails at its last row.
pub(super) struct Failing {
    directory: tempfile::TempDir,
    inner: SqliteJournal,
    n_commits: u32,
}

impl Failing {
    pub(super) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let inner = SqliteJournal::open(directory.path()).await.unwrap();
        Self { directory, inner, n_commits: 0 }
    }

    async fn execute(&self, sql: &'static str) {
        let path = place::file(self.directory.path());
        let mut connection = sqlite::options(&path).connect().await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }

    /// The last row of the batch does not go in; a row before it has.
    async fn fail(&mut self, batch: &Batch) -> JournalError {
        self.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'no room'); END",
        )
        .await;
        let error = self.inner.commit(batch).await.unwrap_err();
        self.execute("DROP TRIGGER full_disk").await;
        match error {
            JournalError::Conflict(job) => JournalError::Conflict(job),
            _ => JournalError::Full,
        }
    }
}

/// A journal in SQLite that loses its power after every commit.
pub(super) struct PowerCut {
    directory: tempfile::TempDir,
    inner: SqliteJournal,
}

impl PowerCut {
    pub(super) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let inner = SqliteJournal::open(directory.path()).await.unwrap();
        Self { directory, inner }
    }

    /// The files as they are on the disk, in a new directory, with a torn frame behind the log.
    async fn cut(&mut self) {
        let after = tempfile::tempdir().unwrap();
        for name in ["journal.sqlite", "journal.sqlite-wal"] {
            std::fs::copy(self.directory.path().join(name), after.path().join(name)).unwrap();
        }
        tear(after.path().join("journal.sqlite-wal"));
        self.inner = SqliteJournal::open(after.path()).await.unwrap();
        self.directory = after;
    }
}

/// Half of a frame that was being written.
fn tear(log: PathBuf) {
    let mut bytes = std::fs::read(&log).unwrap();
    let torn = bytes[bytes.len().saturating_sub(2_000)..].to_vec();
    bytes.extend(torn);
    std::fs::write(log, bytes).unwrap();
}

macro_rules! delegated {
    ($body:ty, |$this:ident, $batch:ident| $commit:expr) => {
        impl Journal for $body {
            async fn load(&mut self, job: JobNumber) -> Result<Option<Job>, JournalError> {
                self.inner.load(job).await
            }

            async fn commit(&mut self, batch: &Batch) -> Result<(), JournalError> {
                let ($this, $batch) = (self, batch);
                $commit
            }

            async fn due(
                &mut self,
                now: Timestamp,
                limit: u32,
            ) -> Result<Vec<JobNumber>, JournalError> {
                self.inner.due(now, limit).await
            }

            async fn next_deadline(&mut self) -> Result<Option<Timestamp>, JournalError> {
                self.inner.next_deadline().await
            }

            async fn unfinished(&mut self) -> Result<Vec<JobNumber>, JournalError> {
                self.inner.unfinished().await
            }

            async fn open_jobs(
                &mut self,
                after: JobNumber,
                limit: u32,
            ) -> Result<Vec<JobNumber>, JournalError> {
                self.inner.open_jobs(after, limit).await
            }

            async fn known(
                &mut self,
                tasks: &[TaskId],
            ) -> Result<HashMap<TaskId, KnownTask>, JournalError> {
                self.inner.known(tasks).await
            }

            async fn last(&mut self) -> Result<(JobNumber, Option<Timestamp>), JournalError> {
                self.inner.last().await
            }
        }
    };
}

delegated!(Failing, |this, batch| {
    this.n_commits += 1;
    if this.n_commits % 2 == 1 {
        Err(this.fail(batch).await)
    } else {
        this.inner.commit(batch).await
    }
});

delegated!(PowerCut, |this, batch| {
    let result = this.inner.commit(batch).await;
    this.cut().await;
    result
});
