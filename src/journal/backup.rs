//! Backup, check and restore of a journal.
//!
//! A backup is one file, made while the daemon runs. A restore begins a time that the journal did not watch: the daemon
//! marks every job that could have been released in it, and only a person lets such a job print.
//! Deliberately absent: decisions about jobs; when backups are made, and where they are kept.

use std::{
    cmp::Ordering,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    JournalError, lock,
    place::{self, Mark, sync_directory},
    rows,
    sqlite::{self, SqliteJournal, migrator},
};
use crate::{flow, model::JobNumber};

/// What the names of a database's files end in.
const ENDS: [&str; 4] = ["", "-journal", "-wal", "-shm"];

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
    // SQLite takes a name that begins with "file:" for an address; an absolute path never does.
    let target = &std::path::absolute(target).map_err(io(target))?;
    if target.to_str().is_none() {
        let why = "its name is not Unicode, which the database does not take";
        return Err(io(target)(io::Error::new(io::ErrorKind::InvalidInput, why)));
    }
    if target.symlink_metadata().is_ok() {
        return Err(JournalError::Exists { path: target.clone() });
    }
    let unfinished = target.with_added_extension(format!("unfinished-{:08x}", draw()));
    let done = write_and_check(&place::file(state_dir), &unfinished).await;
    let done = done.and_then(|checked| name(&unfinished, target).map(|()| checked));
    if done.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    done
}

async fn write_and_check(source: &Path, target: &Path) -> Result<Checked, JournalError> {
    make_private(target).map_err(io(target))?;
    copy_into(source, target).await?;
    let checked = check_file(target).await?;
    File::open(target).and_then(|file| file.sync_all()).map_err(io(target))?;
    Ok(checked)
}

/// Gives a finished backup its name, which nobody else has taken meanwhile.
fn name(unfinished: &Path, target: &Path) -> Result<(), JournalError> {
    match renameat_with(CWD, unfinished, CWD, target, RenameFlags::NOREPLACE) {
        Ok(()) => sync_directory(target).map_err(io(target)),
        Err(rustix::io::Errno::EXIST) => Err(JournalError::Exists { path: target.to_owned() }),
        Err(error) => Err(io(target)(error.into())),
    }
}

/// Checks a state directory's journal: the database, each row, each record. Where no daemon runs and all is good, a
/// mark of a failed disk is taken away.
///
/// # Errors
///
/// [`JournalError`]: what is wrong with it.
pub async fn check(state_dir: &Path) -> Result<Checked, JournalError> {
    let path = place::file(state_dir);
    if Mark::Restoring.is_on(&path) {
        return Err(JournalError::HalfRestored { path });
    }
    let checked = check_file(&path).await?;
    match lock::take(state_dir) {
        Ok(_lock) => place::unmark(&path, Mark::DiskFailed)?,
        Err(error @ JournalError::NotOurs { .. }) if Mark::DiskFailed.is_on(&path) => {
            return Err(error);
        }
        Err(_) => {}
    }
    Ok(checked)
}

/// Looks at a state directory's journal as [`check`] does, and takes no mark away.
///
/// # Errors
///
/// [`JournalError`]: what is wrong with it, or that it is marked.
pub async fn look(state_dir: &Path) -> Result<Checked, JournalError> {
    place::refuse_marked(state_dir)?;
    check_file(&place::file(state_dir)).await
}

/// Puts a backup in the place of a state directory's journal, which watches again from the daemon's next start on.
///
/// # Errors
///
/// [`JournalError`]. Until a restore has come to its end the daemon does not start; it may be repeated.
pub async fn restore(state_dir: &Path, backup: &Path) -> Result<Restored, JournalError> {
    let path = place::file(state_dir);
    std::fs::create_dir_all(state_dir).map_err(io(state_dir))?;
    let _lock = lock::take(state_dir)?;
    let incoming = state_dir.join("journal.incoming");
    let file = file_of(backup, &incoming).map_err(|error| bad_backup(backup, error))?;
    let checked = match fetch(&file, &incoming).await {
        Ok(checked) => checked,
        Err(error) => {
            for end in ENDS {
                let _ = std::fs::remove_file(beside(&incoming, end));
            }
            return Err(bad_backup(backup, error));
        }
    };
    let aside = format!("journal.replaced-{:08x}", draw());
    let aside = place::mark_with(&path, Mark::Restoring, &aside).map_err(io(&path))?;
    let aside = state_dir.join(aside);
    let replaced = put_aside(&path, &aside).map_err(io(&aside))?;
    std::fs::rename(&incoming, &path).map_err(io(&path))?;
    sync_directory(&path).map_err(io(&path))?;
    SqliteJournal::open(state_dir).await?.begin_era().await?;
    check_file(&path).await?;
    place::unmark(&path, Mark::DiskFailed)?;
    place::unmark(&path, Mark::Restoring)?;
    Ok(Restored { backup: checked, replaced: replaced.then_some(aside) })
}

fn bad_backup(backup: &Path, error: JournalError) -> JournalError {
    let why = match error {
        // What was looked at is the copy, which is nothing to people.
        JournalError::Damaged { why, .. } => format!("it is damaged: {why}"),
        error => error.to_string(),
    };
    JournalError::BadBackup { path: backup.to_owned(), why }
}

/// The file of a backup, which has its log beside it, and not beside a link to it.
fn file_of(backup: &Path, incoming: &Path) -> Result<PathBuf, JournalError> {
    let file = std::fs::canonicalize(backup).map_err(io(backup))?;
    if !file.is_file() || std::fs::canonicalize(incoming).is_ok_and(|incoming| incoming == file) {
        return Err(io(backup)(io::Error::other("it is not the file of a backup")));
    }
    Ok(file)
}

/// Brings a backup here, with the log beside it where it has one, as one checked file.
async fn fetch(backup: &Path, incoming: &Path) -> Result<Checked, JournalError> {
    place::refuse_cut(backup)?;
    for end in ENDS {
        let (from, to) = (beside(backup, end), beside(incoming, end));
        let _ = std::fs::remove_file(&to);
        if end != "-shm" && from.exists() {
            let mut source = File::open(&from).map_err(io(&from))?;
            make_private(&to).map_err(io(&to))?;
            let target = OpenOptions::new().write(true).open(&to);
            io::copy(&mut source, &mut target.map_err(io(&to))?).map_err(io(&to))?;
        }
    }
    let mut connection = connect(sqlite::options(incoming), incoming).await?;
    let joined = sqlx::query("PRAGMA journal_mode = DELETE").execute(&mut connection).await;
    joined.map_err(|source| sqlite::failure(incoming, source))?;
    bring_up(&mut connection, incoming).await?;
    connection.close().await.map_err(|source| sqlite::failure(incoming, source))?;
    let checked = check_file(incoming).await?;
    File::open(incoming).and_then(|file| file.sync_all()).map_err(io(incoming))?;
    Ok(checked)
}

/// Moves a journal into a directory of its own, with its log: an old log beside a new journal would be replayed into
/// it. A restore that was interrupted goes on with the same directory; what is in it is never replaced.
fn put_aside(path: &Path, aside: &Path) -> io::Result<bool> {
    std::fs::create_dir_all(aside)?;
    // The journal itself is moved last: where it is safe, what stands in its place now is the backup.
    let is_safe = place::file(aside).exists();
    for end in ENDS.into_iter().rev() {
        let from = beside(path, end);
        let moved = if is_safe {
            std::fs::remove_file(from)
        } else {
            std::fs::rename(from, beside(&place::file(aside), end))
        };
        match moved {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    // A directory into which nothing was moved is of no use.
    Ok(std::fs::remove_dir(aside).is_err())
}

fn beside(path: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", path.display()))
}

/// A number that nobody has had before.
fn draw() -> u32 {
    uuid::Uuid::new_v4().as_fields().0
}

fn io(path: &Path) -> impl Fn(io::Error) -> JournalError {
    let path = path.to_owned();
    move |source| JournalError::Io { path: path.clone(), source }
}

/// An empty file that its user alone may read: a journal names people.
fn make_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map(drop)
}

async fn copy_into(source: &Path, target: &Path) -> Result<(), JournalError> {
    let failed = |error| sqlite::failure(source, error);
    let mut connection = connect(sqlite::options(source).read_only(true), source).await?;
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
    place::refuse_cut(path)?;
    std::fs::metadata(path).map_err(io(path))?;
    options.connect().await.map_err(|source| sqlite::failure(path, source))
}

/// Checks a journal's file, and leaves it and its log as they are.
async fn check_file(path: &Path) -> Result<Checked, JournalError> {
    let failed = |source| unreadable(path, source);
    let mut connection = connect(sqlite::options(path).read_only(true), path).await?;
    let words: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut connection)
        .await
        .map_err(failed)?;
    if words != ["ok"] {
        return Err(JournalError::Damaged { path: path.to_owned(), why: words.join("; ") });
    }
    if schema(&mut connection, path).await? == Ordering::Less {
        return check_copy(path).await;
    }
    read_all(connection, path).await
}

/// Checks a journal of an earlier schema, by a copy of it that is brought up to date.
async fn check_copy(path: &Path) -> Result<Checked, JournalError> {
    let private = tempfile::tempdir().map_err(io(&std::env::temp_dir()))?;
    let copy = private.path().join("journal.sqlite");
    make_private(&copy).map_err(io(&copy))?;
    copy_into(path, &copy).await?;
    let mut connection = connect(sqlite::options(&copy), path).await?;
    bring_up(&mut connection, path).await?;
    read_all(connection, path).await
}

/// Brings what is a journal, and not another database, to this version's schema.
async fn bring_up(connection: &mut SqliteConnection, path: &Path) -> Result<(), JournalError> {
    schema(connection, path).await?;
    sqlite::bring_up(connection).await.map_err(|error| unreadable(path, error.into()))
}

async fn read_all(mut connection: SqliteConnection, path: &Path) -> Result<Checked, JournalError> {
    let failed = |source| unreadable(path, source);
    let checked = check_rows(&mut connection).await.map_err(|error| match error {
        RowError::Journal(error) => error,
        RowError::Database(source) => failed(source),
    })?;
    connection.close().await.map_err(failed)?;
    Ok(checked)
}

/// What an error means for a journal that is checked.
fn unreadable(path: &Path, source: sqlx::Error) -> JournalError {
    match sqlite::failure(path, source) {
        JournalError::Database { path, source } if !sqlite::is_not_opened(&source) => {
            JournalError::Damaged { path, why: source.to_string() }
        }
        error => error,
    }
}

/// A journal's schema, compared with this version's; a newer one is an error.
async fn schema(connection: &mut SqliteConnection, path: &Path) -> Result<Ordering, JournalError> {
    let versions = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations");
    let version: i64 =
        versions.fetch_one(connection).await.map_err(|source| unreadable(path, source))?;
    match version.cmp(&migrator().iter().map(|one| one.version).max().unwrap_or(0)) {
        Ordering::Greater => Err(JournalError::TooNew(version)),
        order => Ok(order),
    }
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
        let job = JobNumber(row.try_get("job")?);
        rows::read_effects(job, std::slice::from_ref(row)).map_err(RowError::Journal)?;
    }
    let strays = "SELECT effect.job FROM effect LEFT JOIN job ON job.number = effect.job WHERE job.number IS NULL";
    if let Some(job) = sqlx::query_scalar(strays).fetch_optional(&mut *connection).await? {
        let why = "an effect without its job".to_owned();
        return Err(RowError::Journal(JournalError::Corrupt { job: JobNumber(job), why }));
    }
    let _: (String, i64, Option<i64>) = sqlx::query_as(
        "SELECT id, era, unwatched FROM installation UNION ALL SELECT '', 0, NULL LIMIT 1",
    )
    .fetch_one(&mut *connection)
    .await?;
    let row = sqlx::query("SELECT count(*) AS entries, max(number) AS last FROM entry")
        .fetch_one(&mut *connection)
        .await?;
    let at = sqlx::query_scalar("SELECT at FROM entry ORDER BY number DESC LIMIT 1");
    let at: Option<i64> = at.fetch_optional(connection).await?;
    let last = at.and_then(|at| Timestamp::from_millisecond(at).ok());
    Ok(Checked { jobs, open, entries: row.try_get("entries")?, last })
}
