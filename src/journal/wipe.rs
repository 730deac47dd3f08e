//! What was replaced goes from the disk.
//!
//! It promises: the write-ahead log begins anew soon after somebody was forgotten, and some time after anything else;
//! after somebody asked to be forgotten the whole file is written anew, because pages keep parts of rows that were
//! moved from them. That is marked in the file in the same transaction, so that a crash only puts it off.
//! Deliberately absent: backups, and journals that a restore has replaced.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Row, SqliteConnection};
use tracing::warn;

use super::{Batch, Write, sqlite::BUSY_TIMEOUT};
use crate::{flow::Job, model::people::PeopleChange};

/// How long what was replaced may stand in the write-ahead log.
const LATER: Duration = Duration::from_hours(1);
/// The same after somebody was forgotten, and how soon it is tried again where somebody was reading.
const SOON: Duration = Duration::from_secs(5);
/// The largest file that is written anew while people wait, in octets: that takes a second, or some on a slow card.
const LARGEST: u64 = 32 << 20;

/// When the disk is to be wiped.
#[derive(Debug, Default)]
pub(super) struct Wipe {
    /// Never, while there is nothing.
    at: Option<Instant>,
    /// Whether it was said that the file is too large.
    was_told: bool,
}

impl Wipe {
    /// A batch was written.
    pub(super) fn plan(&mut self, batch: &Batch) {
        let forgets = asks_to_forget(batch) || batch.writes.iter().any(forgets_owner);
        let at = Instant::now() + if forgets { SOON } else { LATER };
        self.at = Some(self.at.map_or(at, |planned| planned.min(at)));
    }

    pub(super) fn is_due(&self) -> bool {
        self.at.is_some_and(|at| at <= Instant::now())
    }

    /// Wipes, as far as nobody is reading. False if the connection is not to be used any more. Nothing that was
    /// committed hangs on it: what fails here fails at the next commit.
    pub(super) async fn perform(&mut self, connection: &mut SqliteConnection, file: &Path) -> bool {
        let rewritten = self.rewrite(&mut *connection, file).await;
        let (truncated, patient) = truncate_log_at_once(connection).await;
        self.at = (!truncated).then(|| Instant::now() + SOON);
        if let Err(error) = &rewritten {
            warn!(
                id = "journal-not-rewritten",
                "parts of what was forgotten may stand in unused places of the journal: {error}; it is tried again"
            );
            self.at.get_or_insert_with(|| Instant::now() + LATER);
        }
        rewritten.is_ok() && patient
    }

    /// The file is written anew, where it is marked.
    async fn rewrite(
        &mut self,
        connection: &mut SqliteConnection,
        file: &Path,
    ) -> Result<(), sqlx::Error> {
        let marked = sqlx::query("PRAGMA user_version").fetch_one(&mut *connection).await?;
        if marked.try_get::<i64, _>(0)? == 0 {
            return Ok(());
        }
        if std::fs::metadata(file).map_or(0, |about| about.len()) > LARGEST {
            if !std::mem::replace(&mut self.was_told, true) {
                warn!(
                    id = "journal-too-large-to-rewrite",
                    "parts of what was forgotten may stand in unused places of the journal, which is too large to be \
                     written anew while people wait"
                );
            }
            return Ok(());
        }
        // Nothing of it goes to another disk, where no folder for it may be.
        sqlx::query("PRAGMA temp_store = MEMORY").execute(&mut *connection).await?;
        sqlx::query("VACUUM").execute(&mut *connection).await?;
        sqlx::query("PRAGMA user_version = 0").execute(connection).await.map(drop)
    }
}

/// Marks the file as one that has to be written anew. Part of the transaction that forgets.
pub(super) async fn mark(
    connection: &mut SqliteConnection,
    batch: &Batch,
) -> Result<(), sqlx::Error> {
    if !asks_to_forget(batch) {
        return Ok(());
    }
    sqlx::query("PRAGMA user_version = 1").execute(connection).await.map(drop)
}

/// Whether somebody who asked to be forgotten is, or a job of theirs.
fn asks_to_forget(batch: &Batch) -> bool {
    let forgets_person = |change: &PeopleChange| matches!(change, PeopleChange::Forget { .. });
    let asked = |write: &Write| write.after.owner_forgotten && forgets_owner(write);
    batch.people.iter().any(forgets_person) || batch.writes.iter().any(asked)
}

/// Whether it is forgotten whose a job was.
fn forgets_owner(write: &Write) -> bool {
    let has_owner = |job: &Job| job.facts.owner.is_some();
    write.before.as_ref().is_some_and(has_owner) && !has_owner(&write.after)
}

/// Begins the write-ahead log anew, unless somebody reads it right now. Whether that could be done, and whether the
/// connection waits for others as before.
async fn truncate_log_at_once(connection: &mut SqliteConnection) -> (bool, bool) {
    let at_once = sqlx::query("PRAGMA busy_timeout = 0").execute(&mut *connection).await;
    let is_done = truncate_log(connection).await;
    let patient = format!("PRAGMA busy_timeout = {}", BUSY_TIMEOUT.as_millis());
    let patient = sqlx::query(AssertSqlSafe(patient)).execute(&mut *connection).await;
    (is_done, at_once.is_ok() && patient.is_ok())
}

/// Begins the write-ahead log anew; whoever reads it is waited for. False if they go on.
pub(super) async fn truncate_log(connection: &mut SqliteConnection) -> bool {
    let done = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await;
    done.and_then(|row| row.try_get::<i64, _>(0)).is_ok_and(|busy| busy == 0)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        journal::{Journal, place, sqlite::SqliteJournal},
        model::people::{BadgeHash, Person},
    };

    /// What stands in the unused part of a page, as parts of rows do that were moved from it.
    const LEFT: &[u8] = b"lovelace@contoso.example";

    async fn commit(journal: &mut SqliteJournal, change: PeopleChange) {
        let batch = Batch { people: vec![change], ..Batch::empty(Timestamp::UNIX_EPOCH) };
        journal.commit(&batch).await.unwrap();
    }

    /// Writes it between the cells and their pointers in a leaf of a table (the database file format, section 1.6).
    fn leave_in_a_page(octets: &mut [u8]) {
        const PAGE: usize = 4_096;
        let number =
            |page: &[u8], at: usize| usize::from(u16::from_be_bytes([page[at], page[at + 1]]));
        let gap = |page: &[u8]| (8 + 2 * number(page, 3), number(page, 5));
        let has_room = |page: &&mut [u8]| {
            let (from, to) = gap(page);
            page[0] == 13 && number(page, 3) > 0 && from + LEFT.len() < to
        };
        let page = octets.chunks_mut(PAGE).skip(1).find(has_room).unwrap();
        let (from, _) = gap(page);
        page[from..from + LEFT.len()].copy_from_slice(LEFT);
    }

    #[tokio::test]
    async fn of_a_row_that_was_moved_between_pages_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let file = place::file(dir.path());
        let person = |id: &str| Person { id: id.to_owned(), upn: None, name: None };
        let give = |id: &str| PeopleChange::Give {
            badge: BadgeHash::new(id),
            person: person(id),
            ends: None,
        };
        let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
        commit(&mut journal, give("ada")).await;
        commit(&mut journal, give("grace")).await;
        journal.finish().await;
        drop(journal);
        let mut octets = std::fs::read(&file).unwrap();
        leave_in_a_page(&mut octets);
        std::fs::write(&file, octets).unwrap();

        let is_left = || {
            let octets = std::fs::read(&file).unwrap();
            octets.windows(LEFT.len()).any(|some| some == LEFT)
        };
        let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
        assert!(is_left(), "nobody was forgotten");
        let forget = PeopleChange::Forget {
            names: vec!["ada".to_owned()],
            pseudonym: "somebody".to_owned(),
            asked: Timestamp::UNIX_EPOCH,
        };
        commit(&mut journal, forget).await;
        assert!(is_left(), "it is not done at once");
        // The process ends here; the next one finds the mark.
        drop(journal);
        let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
        assert!(!is_left());
        commit(&mut journal, give("grace")).await;
    }
}
