//! The rows: what a batch writes, and how a job is read back.
//!
//! The SQL is portable (`$1` placeholders, BIGINT and TEXT), so that another database can follow.
//! Deliberately absent: connections, and what their errors mean (`sqlite`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteRow};

use super::{Batch, Entry, JournalError, Unwatched, Write, people, record, wipe};
use crate::{
    flow::{Effect, EffectId, Job},
    model::JobNumber,
};

/// The job number of entries that are about the daemon.
const DAEMON: JobNumber = JobNumber(0);

/// The job of a row of the table `job`, without its open effects.
pub(super) fn read_job(row: &SqliteRow) -> Result<Job, JournalError> {
    let number = row.try_get("number").unwrap_or(0);
    let corrupt = |why: String| JournalError::Corrupt { job: JobNumber(number), why };
    let columns = record::Columns {
        number,
        task: text(row, "task").map_err(corrupt)?,
        source_printer: text(row, "source_printer").map_err(corrupt)?,
        cloud_job: text(row, "cloud_job").map_err(corrupt)?,
        revision: row.try_get("revision").map_err(|error| corrupt(error.to_string()))?,
        version: row.try_get("version").map_err(|error| corrupt(error.to_string()))?,
    };
    record::read(columns, &text(row, "record").map_err(corrupt)?).map_err(corrupt)
}

fn text(row: &SqliteRow, column: &str) -> Result<String, String> {
    row.try_get(column).map_err(|error| error.to_string())
}

/// Why a batch was not written.
pub(super) enum WriteError {
    Conflict(JobNumber),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for WriteError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Writes a batch in one transaction; what was written before an error is rolled back.
pub(super) async fn write_batch(
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
    for note in &batch.notes {
        write_entry(&mut transaction, DAEMON, note, batch.at, *next_entry).await?;
        *next_entry += 1;
    }
    if let Some(unwatched) = batch.unwatched {
        write_unwatched(&mut transaction, unwatched).await?;
    }
    if let Some(stamp) = &batch.stamp {
        let update = sqlx::query("UPDATE installation SET stamps = $1").bind(stamp.as_str());
        update.execute(&mut *transaction).await?;
    }
    for change in &batch.people {
        people::write(&mut transaction, change, batch.at).await?;
    }
    wipe::mark(&mut transaction, batch).await?;
    transaction.commit().await?;
    Ok(())
}

async fn write_unwatched(
    connection: &mut SqliteConnection,
    unwatched: Unwatched,
) -> Result<(), WriteError> {
    let column = match unwatched {
        Unwatched::Never => None,
        Unwatched::StillGoing => Some(0),
        Unwatched::Until(at) => Some(at.as_millisecond()),
    };
    let update = sqlx::query("UPDATE installation SET unwatched = $1").bind(column);
    let done = update.execute(connection).await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(sqlx::Error::RowNotFound.into()) }
}

/// What the column `unwatched` says.
pub(super) fn read_unwatched(column: Option<i64>) -> Unwatched {
    match column {
        None => Unwatched::Never,
        Some(0) => Unwatched::StillGoing,
        Some(at) => Timestamp::from_millisecond(at).map_or(Unwatched::StillGoing, Unwatched::Until),
    }
}

/// The open effects of a job, from the rows of the table `effect`.
pub(super) fn read_effects(
    job: JobNumber,
    rows: &[SqliteRow],
) -> Result<BTreeMap<EffectId, Effect>, JournalError> {
    let read = |row: &SqliteRow| {
        let corrupt = |why| JournalError::Corrupt { job, why };
        let word = text(row, "kind").map_err(corrupt)?;
        let kind = Effect::from_word(&word)
            .ok_or_else(|| JournalError::Corrupt { job, why: format!("unknown effect {word}") })?;
        let id: i64 = row.try_get("effect").map_err(|error| corrupt(error.to_string()))?;
        let id = u32::try_from(id).unwrap_or(u32::MAX);
        Ok((EffectId(id), kind))
    };
    rows.iter().map(read).collect()
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
