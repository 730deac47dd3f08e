//! The journal in SQLite: WAL, `synchronous=FULL`, one connection that writes.
//!
//! The SQL is portable (`$1` placeholders, BIGINT and TEXT), so that another database can follow.
//! Deliberately absent: retries. After a failed write the connection is dropped and made anew, because SQLite
//! itself may have rolled the transaction back.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use sqlx::{
    ConnectOptions, Connection, QueryBuilder, Row, SqlSafeStr, Sqlite, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};

use super::{Batch, Entry, Journal, JournalError, KnownTask, Write, record};
use crate::{
    flow::{Effect, EffectId, Job},
    model::{JobNumber, TaskId},
};

const NAME: &str = "journal.sqlite";
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_FULL: i32 = 13;

/// The journal of a state directory, open for writing.
#[derive(Debug)]
pub struct SqliteJournal {
    path: PathBuf,
    connection: Option<SqliteConnection>,
    next_entry: i64,
}

/// How a connection to the journal of a state directory is made.
pub(super) fn options(state_dir: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(state_dir.join(NAME))
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging()
}

/// The job of a row of the table `job`, without its open effects.
pub(super) fn read_job(row: &SqliteRow) -> Result<Job, JournalError> {
    let columns = record::Columns {
        number: row.get("number"),
        task: row.get("task"),
        source_printer: row.get("source_printer"),
        cloud_job: row.get("cloud_job"),
        revision: row.get("revision"),
        version: row.get("version"),
    };
    let job = JobNumber(columns.number);
    record::read(columns, row.get("record")).map_err(|why| JournalError::Corrupt { job, why })
}

impl SqliteJournal {
    /// Opens the journal, makes it where it is missing, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`JournalError::TooNew`] if a newer version wrote it; else what the database says.
    pub async fn open(state_dir: &Path) -> Result<Self, JournalError> {
        let mut journal = Self { path: state_dir.join(NAME), connection: None, next_entry: 0 };
        let path = journal.path.clone();
        let wrap = |source| JournalError::Database { path: path.clone(), source };
        let connection = journal.connection().await?;
        migrate(connection, &path).await?;
        let last: i64 = sqlx::query_scalar("SELECT coalesce(max(number), 0) FROM entry")
            .fetch_one(&mut *connection)
            .await
            .map_err(wrap)?;
        journal.next_entry = last + 1;
        Ok(journal)
    }

    /// The id of this installation, made from `fresh` the first time: part of each token at a printer.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn installation(&mut self, fresh: &str) -> Result<String, JournalError> {
        let path = self.path.clone();
        let wrap = |source| JournalError::Database { path: path.clone(), source };
        let connection = self.connection().await?;
        let known: Option<String> = sqlx::query_scalar("SELECT id FROM installation")
            .fetch_optional(&mut *connection)
            .await
            .map_err(wrap)?;
        if let Some(id) = known {
            return Ok(id);
        }
        sqlx::query("INSERT INTO installation (id) VALUES ($1)")
            .bind(fresh)
            .execute(&mut *connection)
            .await
            .map_err(wrap)?;
        Ok(fresh.to_owned())
    }

    async fn connection(&mut self) -> Result<&mut SqliteConnection, JournalError> {
        if self.connection.is_none() {
            let directory = self.path.parent().unwrap_or_else(|| Path::new("."));
            let options = options(directory)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full);
            let connection = options.connect().await.map_err(|source| self.failed(source))?;
            self.connection = Some(connection);
        }
        Ok(self.connection.as_mut().expect("it was just made"))
    }

    fn failed(&self, source: sqlx::Error) -> JournalError {
        let code = source.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
        match code.map(|code| code & 0xff) {
            Some(SQLITE_FULL) => JournalError::Full,
            Some(SQLITE_BUSY | SQLITE_LOCKED) => JournalError::Busy,
            _ => JournalError::Database { path: self.path.clone(), source },
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

async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), JournalError> {
    let sql = include_str!("../../migrations/0001_journal.sql").into_sql_str();
    let first = Migration::new(1, "journal".into(), MigrationType::Simple, sql, false);
    let migrator = Migrator::with_migrations(vec![first]);
    migrator.run_direct(None, connection, false).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::VersionMissing(version) => JournalError::TooNew(version),
        other => JournalError::Database { path: path.to_owned(), source: other.into() },
    })
}

enum WriteError {
    Conflict(JobNumber),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for WriteError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

async fn write_batch(
    connection: &mut SqliteConnection,
    batch: &Batch,
    next_entry: &mut i64,
) -> Result<(), WriteError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for write in &batch.writes {
        write_job(&mut transaction, write).await?;
        write_effects(&mut transaction, write, batch.at).await?;
        for entry in &write.entries {
            write_entry(&mut transaction, write.after.number, entry, batch.at, *next_entry).await?;
            *next_entry += 1;
        }
    }
    transaction.commit().await?;
    Ok(())
}

async fn write_job(connection: &mut SqliteConnection, write: &Write) -> Result<(), WriteError> {
    let job = &write.after;
    let sql = if write.before.is_some() {
        "UPDATE job SET task = $2, source_printer = $3, cloud_job = $4, owner = $5, upn = $6, title = $7, \
         state = $8, revision = $9, version = $10, deadline = $11, record = $12 \
         WHERE number = $1 AND revision = $13"
    } else {
        "INSERT INTO job (number, task, source_printer, cloud_job, owner, upn, title, state, revision, version, \
         deadline, record) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 \
         WHERE $13 = 0 AND NOT EXISTS (SELECT 1 FROM job WHERE number = $1 OR task = $2)"
    };
    let owner = job.facts.owner.as_ref();
    let title = job.facts.document.as_ref().and_then(|document| document.title.as_deref());
    let before = write.before.as_ref().map_or(0, |before| before.revision);
    let done = sqlx::query(sql)
        .bind(job.number.0)
        .bind(job.task.as_str())
        .bind(job.cloud_job.source_printer.as_str())
        .bind(job.cloud_job.id.as_str())
        .bind(owner.and_then(|owner| owner.id.as_deref()))
        .bind(owner.and_then(|owner| owner.upn.as_deref()))
        .bind(title)
        .bind(job.state.word())
        .bind(job.revision.cast_signed())
        .bind(job.version.cast_signed())
        .bind(job.deadline().map(Timestamp::as_millisecond))
        .bind(record::write(job))
        .bind(before.cast_signed())
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(WriteError::Conflict(job.number)) }
}

async fn write_effects(
    connection: &mut SqliteConnection,
    write: &Write,
    at: Timestamp,
) -> Result<(), WriteError> {
    let none = BTreeMap::new();
    let before = write.before.as_ref().map_or(&none, |before| &before.open);
    let after = &write.after.open;
    for id in before.keys().filter(|id| !after.contains_key(id)) {
        sqlx::query("DELETE FROM effect WHERE job = $1 AND effect = $2")
            .bind(write.after.number.0)
            .bind(i64::from(id.0))
            .execute(&mut *connection)
            .await?;
    }
    for (id, effect) in after.iter().filter(|(id, _)| !before.contains_key(id)) {
        sqlx::query("INSERT INTO effect (job, effect, kind, at) VALUES ($1, $2, $3, $4)")
            .bind(write.after.number.0)
            .bind(i64::from(id.0))
            .bind(effect.word())
            .bind(at.as_millisecond())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn write_entry(
    connection: &mut SqliteConnection,
    job: JobNumber,
    entry: &Entry,
    at: Timestamp,
    number: i64,
) -> Result<(), WriteError> {
    sqlx::query("INSERT INTO entry (number, job, at, kind, detail) VALUES ($1, $2, $3, $4, $5)")
        .bind(number)
        .bind(job.0)
        .bind(at.as_millisecond())
        .bind(entry.kind.as_str())
        .bind(entry.detail.as_str())
        .execute(connection)
        .await?;
    Ok(())
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
        for effect in effects.map_err(|source| self.failed(source))? {
            let kind: String = effect.get("kind");
            let kind = Effect::from_word(&kind).ok_or_else(|| JournalError::Corrupt {
                job,
                why: format!("unknown effect {kind}"),
            })?;
            let id = u32::try_from(effect.get::<i64, _>("effect")).unwrap_or(u32::MAX);
            found.open.insert(EffectId(id), kind);
        }
        Ok(Some(found))
    }

    async fn commit(&mut self, batch: &Batch) -> Result<(), JournalError> {
        self.write(batch).await
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
                let task = TaskId::new(row.get::<String, _>("task"));
                let settled = row.get::<String, _>("state") == "settled";
                known.insert(task, KnownTask { job: JobNumber(row.get("number")), settled });
            }
        }
        Ok(known)
    }

    async fn last(&mut self) -> Result<(JobNumber, Option<Timestamp>), JournalError> {
        let connection = self.connection().await?;
        let sql = "SELECT (SELECT coalesce(max(number), 0) FROM job) AS job, (SELECT max(at) FROM entry) AS at";
        let row =
            sqlx::query(sql).fetch_one(connection).await.map_err(|source| self.failed(source))?;
        let at: Option<i64> = row.get("at");
        Ok((JobNumber(row.get("job")), at.and_then(|at| Timestamp::from_millisecond(at).ok())))
    }
}
