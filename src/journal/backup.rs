//! Backup, check and restore of a journal.
//!
//! A backup is one file, made while the daemon runs. A restore begins a time that the journal did not watch: the daemon
//! marks every job that could have been released in it, and only a person lets such a job print.
//! Deliberately absent: decisions about jobs; when backups are made, and where they are kept.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    JournalError, lock,
    place::{self, Mark, sync_directory},
    rows,
    sqlite::{self, SqliteJournal, migrator},
};
use crate::{flow, model::JobNumber};

/// What a check has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Jobs.
    pub jobs: usize,
    /// Those that are not settled.
    pub open: usize,
    /// Entries of the story.
    pub entries: i64,
    /// When the last one was written.
    pub last: Option<Timestamp>,
}

/// What a restore has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What the backup holds.
    pub backup: Checked,
    /// Where the journal is that was there before.
    pub replaced: Option<PathBuf>,
}

/// Writes a journal, as of now, into a new file that its user alone may read. The daemon may be running.
///
/// # Errors
///
/// [`JournalError::Exists`], or what the database or the system said; then there is no such file.
pub async fn backup(state_dir: &Path, target: &Path) -> Result<Checked, JournalError> {
    let source = place::file(state_dir);
    let unfinished = target.with_added_extension("unfinished");
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| JournalError::Io { path, source }
    };
    if target.exists() {
        return Err(JournalError::Exists { path: target.to_owned() });
    }
    make_private(&unfinished).map_err(io(&unfinished))?;
    let copied = copy_into(&source, &unfinished).await;
    let checked = match copied {
        Ok(()) => check_file(&unfinished, true).await,
        Err(error) => Err(error),
    };
    if checked.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    let checked = checked?;
    let durable = File::open(&unfinished).and_then(|file| file.sync_all());
    durable.map_err(io(&unfinished))?;
    std::fs::rename(&unfinished, target).map_err(io(target))?;
    sync_directory(target).map_err(io(target))?;
    Ok(checked)
}

/// Checks a state directory's journal: the database, each row, each record. Where no daemon runs and all is good, a
/// mark of a failed disk is taken away.
///
/// # Errors
///
/// [`JournalError`]: what is wrong with it.
pub async fn check(state_dir: &Path) -> Result<Checked, JournalError> {
    let path = place::file(state_dir);
    let checked = check_file(&path, false).await?;
    if let Ok(_lock) = lock::take(state_dir) {
        place::unmark(&path, Mark::DiskFailed)?;
    }
    Ok(checked)
}

/// Puts a backup in the place of a state directory's journal, which watches again from the daemon's next start on.
///
/// # Errors
///
/// [`JournalError`]. Until a restore has come to its end the daemon does not start; it may be repeated.
pub async fn restore(state_dir: &Path, backup: &Path) -> Result<Restored, JournalError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| JournalError::Io { path, source }
    };
    let path = place::file(state_dir);
    std::fs::create_dir_all(state_dir).map_err(io(state_dir))?;
    let _lock = lock::take(state_dir)?;
    let checked = check_file(backup, true).await?;
    let incoming = path.with_extension("incoming");
    make_private(&incoming).map_err(io(&incoming))?;
    std::fs::copy(backup, &incoming).map_err(io(&incoming))?;
    File::open(&incoming).and_then(|file| file.sync_all()).map_err(io(&incoming))?;
    place::mark(&path, Mark::Restoring);
    let replaced = put_aside(&path).map_err(io(&path))?;
    std::fs::rename(&incoming, &path).map_err(io(&path))?;
    sync_directory(&path).map_err(io(&path))?;
    let era = uuid::Uuid::new_v4().as_fields().0;
    SqliteJournal::open(state_dir).await?.begin_era(era).await?;
    check_file(&path, false).await?;
    place::unmark(&path, Mark::DiskFailed)?;
    place::unmark(&path, Mark::Restoring)?;
    Ok(Restored { backup: checked, replaced })
}

/// Moves a journal away, under a name with the time. Its log goes first, also where the journal is missing: an old log
/// beside a new journal would be replayed into it.
fn put_aside(path: &Path) -> io::Result<Option<PathBuf>> {
    let stamp = Timestamp::now().as_second();
    let aside = path.with_extension(format!("replaced-{stamp}.sqlite"));
    let beside = |path: &Path, end: &str| PathBuf::from(format!("{}{end}", path.display()));
    for end in ["-wal", "-shm"] {
        let (from, to) = (beside(path, end), beside(&aside, end));
        match std::fs::rename(&from, &to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    match std::fs::rename(path, &aside) {
        Ok(()) => Ok(Some(aside)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// An empty file that its user alone may read: a journal names people.
fn make_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map(drop)
}

async fn copy_into(source: &Path, target: &Path) -> Result<(), JournalError> {
    let failed = |error| sqlite::failure(source, error);
    let mut connection = connect(sqlite::options(source), source).await?;
    let copied = sqlx::query("VACUUM INTO $1")
        .bind(target.display().to_string())
        .execute(&mut connection)
        .await;
    copied.map_err(failed)?;
    connection.close().await.map_err(failed)
}

async fn connect(
    options: SqliteConnectOptions,
    path: &Path,
) -> Result<SqliteConnection, JournalError> {
    if !path.exists() {
        let source = io::Error::from(io::ErrorKind::NotFound);
        return Err(JournalError::Io { path: path.to_owned(), source });
    }
    options.connect().await.map_err(|source| sqlite::failure(path, source))
}

/// Checks a journal's file. A `frozen` one is written by nobody.
async fn check_file(path: &Path, frozen: bool) -> Result<Checked, JournalError> {
    let failed = |source| sqlite::failure(path, source);
    let options = sqlite::options(path).read_only(frozen).immutable(frozen);
    let mut connection = connect(options, path).await?;
    let words: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut connection)
        .await
        .map_err(failed)?;
    if words != ["ok"] {
        return Err(JournalError::Damaged { path: path.to_owned(), why: words.join("; ") });
    }
    let versions = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations");
    let version: i64 = versions.fetch_one(&mut connection).await.map_err(failed)?;
    if version > migrator().iter().map(|one| one.version).max().unwrap_or(0) {
        return Err(JournalError::TooNew(version));
    }
    let checked = check_rows(&mut connection).await.map_err(|error| match error {
        RowError::Journal(error) => error,
        RowError::Database(source) => failed(source),
    })?;
    connection.close().await.map_err(failed)?;
    Ok(checked)
}

enum RowError {
    Journal(JournalError),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for RowError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Reads each job with its effects, and counts.
async fn check_rows(connection: &mut SqliteConnection) -> Result<Checked, RowError> {
    let (mut jobs, mut open, mut last) = (0, 0, 0_i64);
    loop {
        let rows = sqlx::query("SELECT * FROM job WHERE number > $1 ORDER BY number LIMIT 500")
            .bind(last)
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            let job = rows::read_job(row).map_err(RowError::Journal)?;
            (jobs, last) = (jobs + 1, job.number.0);
            open += usize::from(!matches!(job.state, flow::State::Settled(_)));
        }
        if rows.is_empty() {
            break;
        }
    }
    let effects = sqlx::query("SELECT job, effect, kind FROM effect");
    for row in &effects.fetch_all(&mut *connection).await? {
        let job = JobNumber(row.get("job"));
        rows::read_effects(job, std::slice::from_ref(row)).map_err(RowError::Journal)?;
    }
    let strays = "SELECT effect.job FROM effect LEFT JOIN job ON job.number = effect.job WHERE job.number IS NULL";
    if let Some(job) = sqlx::query_scalar(strays).fetch_optional(&mut *connection).await? {
        let why = "an effect without its job".to_owned();
        return Err(RowError::Journal(JournalError::Corrupt { job: JobNumber(job), why }));
    }
    let row = sqlx::query("SELECT count(*) AS entries, max(number) AS last FROM entry")
        .fetch_one(&mut *connection)
        .await?;
    let at = sqlx::query_scalar("SELECT at FROM entry ORDER BY number DESC LIMIT 1");
    let at: Option<i64> = at.fetch_optional(connection).await?;
    let last = at.and_then(|at| Timestamp::from_millisecond(at).ok());
    Ok(Checked { jobs, open, entries: row.get("entries"), last })
}
