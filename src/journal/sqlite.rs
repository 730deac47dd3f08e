//! The journal in SQLite: WAL, `synchronous=FULL`, one connection that writes.
//!
//! Deliberately absent: retries. After a failed write the connection is dropped and made anew, because SQLite
//! itself may have rolled the transaction back.

use std::{
    collections::HashMap,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use sqlx::{
    ConnectOptions, QueryBuilder, Row, SqlSafeStr, Sqlite, SqliteConnection,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{
    Batch, Installation, Journal, JournalError, KnownTask, Origin, Unwatched,
    place::{self, Mark},
    rows::{WriteError, read_effects, read_job, read_unwatched, write_batch},
    wipe::{self, Wipe},
};
use crate::{
    flow::Job,
    model::{JobNumber, TaskId},
};

/// SQLite's primary result codes, the low octet of what it says.
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_READONLY: i32 = 8;
const SQLITE_IOERR: i32 = 10;
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_FULL: i32 = 13;
const SQLITE_CANTOPEN: i32 = 14;
const SQLITE_NOTADB: i32 = 26;
/// An extended one: no room for the shared memory of the write-ahead log.
const SQLITE_IOERR_SHMSIZE: i32 = 4874;

/// The journal of a state directory, open for writing.
#[derive(Debug)]
pub struct SqliteJournal {
    path: PathBuf,
    connection: Option<SqliteConnection>,
    next_entry: i64,
    wipe: Wipe,
}

/// How long another process that writes is waited for.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How a connection to a journal's file is made.
pub(super) fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

/// Brings a journal to this version's schema.
pub(super) async fn bring_up(connection: &mut SqliteConnection) -> Result<(), MigrateError> {
    migrator().run_direct(None, connection, false).await
}

/// SQLite's extended code of an error, if it is SQLite's.
fn code_of(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// Whether the system does not open a file, such as a log in a folder that takes none.
pub(super) fn is_not_opened(error: &sqlx::Error) -> bool {
    code_of(error).is_some_and(|code| code & 0xff == SQLITE_CANTOPEN)
}

/// What an error of SQLite's means for the journal.
pub(super) fn failure(path: &Path, source: sqlx::Error) -> JournalError {
    let code = code_of(&source);
    let path = path.to_owned();
    if code == Some(SQLITE_IOERR_SHMSIZE) {
        return JournalError::Full;
    }
    match code.map(|code| code & 0xff) {
        Some(SQLITE_FULL) => JournalError::Full,
        Some(SQLITE_BUSY | SQLITE_LOCKED) => JournalError::Busy,
        Some(SQLITE_READONLY) => JournalError::ReadOnly { path },
        Some(SQLITE_IOERR) => JournalError::DiskFailed { path, source },
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => {
            JournalError::Damaged { path, why: source.to_string() }
        }
        _ if matches!(source, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => {
            JournalError::Damaged { path, why: source.to_string() }
        }
        _ => JournalError::Database { path, source },
    }
}

impl SqliteJournal {
    /// Opens the journal, makes it where it is missing, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`JournalError::TooNew`] if a newer version wrote it; else what the database says.
    pub async fn open(state_dir: &Path) -> Result<Self, JournalError> {
        let mut journal = Self {
            path: place::file(state_dir),
            connection: None,
            next_entry: 0,
            wipe: Wipe::default(),
        };
        place::refuse_cut(&journal.path)?;
        let connection = journal.connection().await?;
        let migrated = bring_up(connection).await;
        migrated.map_err(|error| match error {
            MigrateError::VersionMissing(version) => JournalError::TooNew(version),
            other => journal.failed(other.into()),
        })?;
        let connection = journal.connection().await?;
        let last = sqlx::query_scalar("SELECT coalesce(max(number), 0) FROM entry")
            .fetch_one(&mut *connection)
            .await;
        let last: i64 = last.map_err(|source| journal.failed(source))?;
        journal.next_entry = last + 1;
        journal.wipe().await;
        Ok(journal)
    }

    /// This installation; its id is made from `fresh` the first time.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn installation(&mut self, fresh: &str) -> Result<Installation, JournalError> {
        let inode = self.inode()?;
        let connection = self.connection().await?;
        let result = async {
            sqlx::query("INSERT INTO installation (id) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM installation)")
                .bind(fresh)
                .execute(&mut *connection)
                .await?;
            sqlx::query("SELECT id, era, stamps, unwatched, inode FROM installation")
                .fetch_one(&mut *connection)
                .await
        };
        let row = result.await.map_err(|source| self.failed(source))?;
        let read = || -> Result<Installation, sqlx::Error> {
            let unwatched = read_unwatched(row.try_get("unwatched")?);
            Ok(Installation {
                id: row.try_get("id")?,
                era: u32::try_from(row.try_get::<i64, _>("era")?).unwrap_or(u32::MAX),
                stamps: row.try_get("stamps")?,
                unwatched,
                origin: match row.try_get::<Option<i64>, _>("inode")? {
                    Some(known) if known == inode => Origin::Here,
                    Some(_) => Origin::Copied,
                    None if unwatched == Unwatched::StillGoing => Origin::Restored,
                    None => Origin::Here,
                },
            })
        };
        read().map_err(|source| self.failed(source))
    }

    fn inode(&self) -> Result<i64, JournalError> {
        let found = std::fs::metadata(&self.path);
        let found = found.map_err(|source| JournalError::Io { path: self.path.clone(), source })?;
        Ok(found.ino().cast_signed())
    }

    /// A start begins, and will stamp the definition with the last of these; written before it does. From now on this
    /// file is the journal.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn begin_start(&mut self, stamps: &str) -> Result<(), JournalError> {
        let inode = self.inode()?;
        let connection = self.connection().await?;
        let begun = sqlx::query("UPDATE installation SET stamps = $1, inode = $2");
        let result = begun.bind(stamps).bind(inode).execute(connection).await;
        result.map(drop).map_err(|source| self.failed(source))
    }

    /// This journal is a backup or a copy: what has happened since it was made is not known, and tokens at printers
    /// must differ from those that were used meanwhile.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn begin_era(&mut self) -> Result<(), JournalError> {
        let era = uuid::Uuid::new_v4().as_fields().0;
        let connection = self.connection().await?;
        let begun = sqlx::query("UPDATE installation SET era = $1, unwatched = 0, inode = NULL");
        let result = begun.bind(i64::from(era)).execute(connection).await;
        result.map(drop).map_err(|source| self.failed(source))
    }

    async fn connection(&mut self) -> Result<&mut SqliteConnection, JournalError> {
        if self.connection.is_none() {
            let options = options(&self.path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                // What is forgotten is overwritten, and not only out of sight.
                .pragma("secure_delete", "ON");
            let connection = options.connect().await.map_err(|source| self.failed(source))?;
            self.connection = Some(connection);
        }
        Ok(self.connection.as_mut().expect("it was just made"))
    }

    /// What an error means. After a failed disk the journal is marked.
    fn failed(&self, source: sqlx::Error) -> JournalError {
        let error = failure(&self.path, source);
        if matches!(error, JournalError::DiskFailed { .. }) {
            place::mark(&self.path, Mark::DiskFailed);
        }
        error
    }

    async fn wipe(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        if !self.wipe.perform(connection, &self.path).await {
            self.connection = None;
        }
    }

    async fn write(&mut self, batch: &Batch) -> Result<(), JournalError> {
        let mut next_entry = self.next_entry;
        let connection = self.connection().await?;
        let result = write_batch(connection, batch, &mut next_entry).await;
        match result {
            Ok(()) => {
                self.next_entry = next_entry;
                Ok(())
            }
            Err(WriteError::Conflict(job)) => Err(JournalError::Conflict(job)),
            Err(WriteError::Database(source)) => {
                self.connection = None;
                Err(self.failed(source))
            }
        }
    }
}

/// The schema's versions, oldest first.
pub(super) fn migrator() -> Migrator {
    let versions = [
        ("journal", include_str!("../../migrations/0001_journal.sql")),
        ("unwatched", include_str!("../../migrations/0002_unwatched.sql")),
        ("people", include_str!("../../migrations/0003_people.sql")),
        ("pins", include_str!("../../migrations/0004_pins.sql")),
        ("slips", include_str!("../../migrations/0005_slips.sql")),
        ("delegates", include_str!("../../migrations/0006_delegates.sql")),
        ("directory", include_str!("../../migrations/0007_directory.sql")),
        ("forgetting", include_str!("../../migrations/0008_forgetting.sql")),
    ];
    let migrations = versions.into_iter().zip(1..).map(|((name, sql), version)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

impl Journal for SqliteJournal {
    async fn load(&mut self, job: JobNumber) -> Result<Option<Job>, JournalError> {
        let connection = self.connection().await?;
        let row = sqlx::query("SELECT * FROM job WHERE number = $1")
            .bind(job.0)
            .fetch_optional(&mut *connection)
            .await;
        let effects = sqlx::query("SELECT effect, kind FROM effect WHERE job = $1")
            .bind(job.0)
            .fetch_all(&mut *connection)
            .await;
        let Some(row) = row.map_err(|source| self.failed(source))? else { return Ok(None) };
        let mut found = read_job(&row)?;
        found.open = read_effects(job, &effects.map_err(|source| self.failed(source))?)?;
        Ok(Some(found))
    }

    async fn commit(&mut self, batch: &Batch) -> Result<(), JournalError> {
        self.write(batch).await?;
        self.wipe.plan(batch);
        Ok(())
    }

    async fn due(&mut self, now: Timestamp, limit: u32) -> Result<Vec<JobNumber>, JournalError> {
        let connection = self.connection().await?;
        let rows = sqlx::query_scalar(
            "SELECT number FROM job WHERE deadline <= $1 ORDER BY deadline LIMIT $2",
        )
        .bind(now.as_millisecond())
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await;
        let numbers: Vec<i64> = rows.map_err(|source| self.failed(source))?;
        Ok(numbers.into_iter().map(JobNumber).collect())
    }

    async fn next_deadline(&mut self) -> Result<Option<Timestamp>, JournalError> {
        let connection = self.connection().await?;
        let earliest: Result<Option<i64>, _> =
            sqlx::query_scalar("SELECT min(deadline) FROM job WHERE deadline IS NOT NULL")
                .fetch_one(connection)
                .await;
        let earliest = earliest.map_err(|source| self.failed(source))?;
        Ok(earliest.and_then(|at| Timestamp::from_millisecond(at).ok()))
    }

    async fn unfinished(&mut self) -> Result<Vec<JobNumber>, JournalError> {
        let connection = self.connection().await?;
        let rows = sqlx::query_scalar(
            "SELECT number FROM job WHERE state = 'releasing' UNION SELECT job FROM effect ORDER BY 1",
        )
        .fetch_all(connection)
        .await;
        let numbers: Vec<i64> = rows.map_err(|source| self.failed(source))?;
        Ok(numbers.into_iter().map(JobNumber).collect())
    }

    async fn open_jobs(
        &mut self,
        after: JobNumber,
        limit: u32,
    ) -> Result<Vec<JobNumber>, JournalError> {
        let connection = self.connection().await?;
        let sql = "SELECT number FROM job WHERE state <> 'settled' AND number > $1 ORDER BY number LIMIT $2";
        let rows = sqlx::query_scalar(sql)
            .bind(after.0)
            .bind(i64::from(limit))
            .fetch_all(connection)
            .await;
        let numbers: Vec<i64> = rows.map_err(|source| self.failed(source))?;
        Ok(numbers.into_iter().map(JobNumber).collect())
    }

    async fn known(
        &mut self,
        tasks: &[TaskId],
    ) -> Result<HashMap<TaskId, KnownTask>, JournalError> {
        let mut known = HashMap::new();
        for some in tasks.chunks(500) {
            let connection = self.connection().await?;
            let mut query =
                QueryBuilder::<Sqlite>::new("SELECT task, number, state FROM job WHERE task IN (");
            let mut list = query.separated(", ");
            for task in some {
                list.push_bind(task.as_str());
            }
            list.push_unseparated(")");
            let rows = query.build().fetch_all(connection).await;
            for row in rows.map_err(|source| self.failed(source))? {
                let read = || -> Result<(String, i64, String), sqlx::Error> {
                    Ok((row.try_get("task")?, row.try_get("number")?, row.try_get("state")?))
                };
                let (task, number, state) = read().map_err(|source| self.failed(source))?;
                let known_task = KnownTask { job: JobNumber(number), settled: state == "settled" };
                known.insert(TaskId::new(task), known_task);
            }
        }
        Ok(known)
    }

    async fn last(&mut self) -> Result<(JobNumber, Option<Timestamp>), JournalError> {
        let connection = self.connection().await?;
        let sql = "SELECT (SELECT coalesce(max(number), 0) FROM job) AS job, \
                   (SELECT at FROM entry ORDER BY number DESC LIMIT 1) AS at";
        let row =
            sqlx::query(sql).fetch_one(connection).await.map_err(|source| self.failed(source))?;
        let read = || Ok::<_, sqlx::Error>((row.try_get("job")?, row.try_get("at")?));
        let (job, at): (i64, Option<i64>) = read().map_err(|source| self.failed(source))?;
        Ok((JobNumber(job), at.and_then(|at| Timestamp::from_millisecond(at).ok())))
    }

    async fn rest(&mut self) {
        if self.wipe.is_due() {
            self.wipe().await;
        }
    }

    async fn finish(&mut self) {
        let Ok(connection) = self.connection().await else { return };
        wipe::truncate_log(connection).await;
    }
}
