//! Reading the journal beside its writer: lists and stories for people, from read-only connections.
//!
//! It promises a consistent view of what was committed. Deliberately absent: any write.

use std::path::Path;

use jiff::Timestamp;
use sqlx::{
    Row, SqlitePool,
    sqlite::{SqlitePoolOptions, SqliteRow},
};
use tracing::error;

use super::{Entry, JournalError, delegates, people, place, rows, sqlite};
use crate::{
    flow::{Job, State},
    model::{
        CloudPrinterId, JobNumber, TaskId,
        people::{BadgeHash, Delegation, Person, PinHash},
    },
};

/// Counts open jobs. Each state by its name: the index on states then has all that is asked for.
const COUNTS: &str = "SELECT state, count(*) AS n FROM job WHERE state IN \
     ('claimed', 'held', 'releasing', 'printing', 'reporting') GROUP BY state ORDER BY state";

/// Read-only connections to the journal of a state directory.
#[derive(Clone, Debug)]
pub struct JournalReader {
    pub(super) pool: SqlitePool,
    path: std::path::PathBuf,
}

/// A row's job. One that does not read is named in the log and costs nobody the others.
pub(super) fn readable(row: &SqliteRow) -> Option<Job> {
    rows::read_job(row).inspect_err(|error| error!(id = "row-unreadable", "{error}")).ok()
}

/// A row's job and when it ended, if that was at that hour or later.
fn ended(row: &SqliteRow, since: Timestamp) -> Option<(Job, Timestamp)> {
    let at = Timestamp::from_millisecond(row.try_get("ended").ok()?).ok()?;
    Some((readable(row)?, at)).filter(|_| at >= since)
}

/// Which jobs to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that are not settled.
    Open,
    /// All that the journal has.
    All,
    /// Those in the state of this word.
    In(&'static str),
}

impl JournalReader {
    /// Opens connections when they are first needed.
    pub fn new(state_dir: &Path) -> Self {
        let path = place::file(state_dir);
        let options = sqlite::options(&path).read_only(true);
        let pool = SqlitePoolOptions::new().max_connections(2).connect_lazy_with(options);
        Self { pool, path }
    }

    /// Jobs, newest first, at most `limit`. Their open effects are left out.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn list(&self, which: Which, limit: u32) -> Result<Vec<Job>, JournalError> {
        let sql = match which {
            Which::Open => {
                "SELECT * FROM job WHERE state <> 'settled' ORDER BY number DESC LIMIT $1"
            }
            Which::All => "SELECT * FROM job ORDER BY number DESC LIMIT $1",
            Which::In(_) => "SELECT * FROM job WHERE state = $2 ORDER BY number DESC LIMIT $1",
        };
        let query = sqlx::query(sql).bind(i64::from(limit));
        let query = if let Which::In(state) = which { query.bind(state) } else { query };
        let rows = query.fetch_all(&self.pool).await;
        let rows = rows.map_err(|source| self.failed(source))?;
        Ok(rows.iter().filter_map(readable).collect())
    }

    /// The jobs of a person that are not settled, newest first, at most `limit`; by the object id.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn of_owner(&self, id: &str, limit: u32) -> Result<Vec<Job>, JournalError> {
        let sql = "SELECT * FROM job WHERE owner = $1 AND state <> 'settled' ORDER BY number DESC LIMIT $2";
        let rows = sqlx::query(sql).bind(id).bind(i64::from(limit)).fetch_all(&self.pool).await;
        let rows = rows.map_err(|source| self.failed(source))?;
        Ok(rows.iter().filter_map(readable).collect())
    }

    /// The jobs of a person that were settled at that hour or later, newest first, at most `limit`, each with that hour.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn ended_of_owner(
        &self,
        id: &str,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Job, Timestamp)>, JournalError> {
        let sql = "SELECT *, (SELECT max(at) FROM entry WHERE entry.job = settled.number) AS ended FROM \
            (SELECT * FROM job WHERE owner = $1 AND state = 'settled' ORDER BY number DESC LIMIT $2) AS settled";
        let rows = sqlx::query(sql).bind(id).bind(i64::from(limit)).fetch_all(&self.pool).await;
        let rows = rows.map_err(|source| self.failed(source))?;
        Ok(rows.iter().filter_map(|row| ended(row, since)).collect())
    }

    /// How many jobs wait in a queue, and those of them that came last, at most `limit`.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn waiting_in(
        &self,
        queue: &CloudPrinterId,
        limit: u32,
    ) -> Result<(usize, Vec<Job>), JournalError> {
        let count = "SELECT count(*) AS n FROM job WHERE state = 'held' AND source_printer = $1";
        let count = sqlx::query(count);
        let count = count.bind(queue.as_str()).fetch_one(&self.pool).await;
        let n: i64 =
            count.and_then(|row| row.try_get("n")).map_err(|source| self.failed(source))?;
        let last = "SELECT * FROM job WHERE state = 'held' AND source_printer = $1 ORDER BY number DESC LIMIT $2";
        let last = sqlx::query(last);
        let last = last.bind(queue.as_str()).bind(i64::from(limit)).fetch_all(&self.pool).await;
        let last = last.map_err(|source| self.failed(source))?;
        let jobs = last.iter().filter_map(readable).collect();
        Ok((usize::try_from(n).unwrap_or_default(), jobs))
    }

    /// How many jobs are in each state, but for those that are settled.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn counts(&self) -> Result<Vec<(String, usize)>, JournalError> {
        let rows = sqlx::query(COUNTS).fetch_all(&self.pool).await;
        let rows = rows.map_err(|source| self.failed(source))?;
        let count = |row: &SqliteRow| {
            let n: i64 = row.try_get("n")?;
            Ok((row.try_get("state")?, usize::try_from(n).unwrap_or_default()))
        };
        rows.iter().map(count).collect::<Result<_, _>>().map_err(|source| self.failed(source))
    }

    /// When the job was printed that waits the longest, by the cloud's clock; nothing if none waits.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn oldest_held(&self) -> Result<Option<Timestamp>, JournalError> {
        let sql = "SELECT * FROM job WHERE state = 'held' ORDER BY number LIMIT 1";
        let row = sqlx::query(sql).fetch_optional(&self.pool).await;
        let row = row.map_err(|source| self.failed(source))?;
        Ok(row.as_ref().and_then(readable).and_then(|job| job.facts.created))
    }

    /// The jobs that were settled at that hour or later, newest first, of the last `limit`, each with that hour.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn ended_since(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Job, Timestamp)>, JournalError> {
        let sql = "SELECT *, (SELECT max(at) FROM entry WHERE entry.job = settled.number) AS ended FROM \
            (SELECT * FROM job WHERE state = 'settled' ORDER BY number DESC LIMIT $1) AS settled";
        let rows = sqlx::query(sql).bind(i64::from(limit)).fetch_all(&self.pool).await;
        let rows = rows.map_err(|source| self.failed(source))?;
        Ok(rows.iter().filter_map(|row| ended(row, since)).collect())
    }

    /// Whose a badge is now.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn person_of(
        &self,
        badge: &BadgeHash,
        now: Timestamp,
    ) -> Result<Option<Person>, JournalError> {
        Ok(self.badge(badge, now).await?.map(|(person, _)| person))
    }

    /// Whose a badge is now, and when the directory last said so, where it did.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn badge(
        &self,
        badge: &BadgeHash,
        now: Timestamp,
    ) -> Result<Option<(Person, Option<Timestamp>)>, JournalError> {
        people::badge(&self.pool, badge, now).await.map_err(|source| self.failed(source))
    }

    /// Whose an activation code is now.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn person_of_code(
        &self,
        code: &BadgeHash,
        now: Timestamp,
    ) -> Result<Option<Person>, JournalError> {
        let found = people::person_of_code(&self.pool, code, now).await;
        found.map_err(|source| self.failed(source))
    }

    /// Whether a badge was taken away here.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn is_revoked(&self, badge: &BadgeHash) -> Result<bool, JournalError> {
        people::is_revoked(&self.pool, badge).await.map_err(|source| self.failed(source))
    }

    /// The badge of a slip now.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn badge_of_slip(
        &self,
        code: &BadgeHash,
        now: Timestamp,
    ) -> Result<Option<BadgeHash>, JournalError> {
        let found = people::badge_of_slip(&self.pool, code, now).await;
        found.map_err(|source| self.failed(source))
    }

    /// The people who have, or had, that UPN.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn people_named(&self, upn: &str) -> Result<Vec<Person>, JournalError> {
        people::people_named(&self.pool, upn).await.map_err(|source| self.failed(source))
    }

    /// Whom a person may collect for now.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn owners_of(
        &self,
        delegate: &str,
        now: Timestamp,
    ) -> Result<Vec<Person>, JournalError> {
        delegates::owners_of(&self.pool, delegate, now).await.map_err(|source| self.failed(source))
    }

    /// Who may collect for whom now.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn delegations(&self, now: Timestamp) -> Result<Vec<Delegation>, JournalError> {
        delegates::all(&self.pool, now).await.map_err(|source| self.failed(source))
    }

    /// A person's PIN.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn pin_of(&self, id: &str) -> Result<Option<PinHash>, JournalError> {
        people::pin_of(&self.pool, id).await.map_err(|source| self.failed(source))
    }

    /// Whether the job of a task was claimed and read, whatever became of it since.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn was_read(&self, task: &TaskId) -> Result<bool, JournalError> {
        let sql = "SELECT 1 FROM job WHERE task = $1 AND state <> 'claimed'";
        let row = sqlx::query(sql).bind(task.as_str()).fetch_optional(&self.pool).await;
        Ok(row.map_err(|source| self.failed(source))?.is_some())
    }

    /// One job without its open effects, and its story, oldest first.
    ///
    /// # Errors
    ///
    /// What the database says, or [`JournalError::Corrupt`].
    pub async fn show(
        &self,
        job: JobNumber,
    ) -> Result<Option<(Job, Vec<(Timestamp, Entry)>)>, JournalError> {
        let row = sqlx::query("SELECT * FROM job WHERE number = $1")
            .bind(job.0)
            .fetch_optional(&self.pool)
            .await
            .map_err(|source| self.failed(source))?;
        let Some(row) = row else { return Ok(None) };
        let story =
            sqlx::query("SELECT at, kind, detail FROM entry WHERE job = $1 ORDER BY number")
                .bind(job.0)
                .fetch_all(&self.pool)
                .await
                .map_err(|source| self.failed(source))?;
        let story = story.iter().map(|row| {
            let at = row.try_get("at").unwrap_or(0);
            let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
            let text = |column| row.try_get::<String, _>(column).unwrap_or_default();
            (at, Entry { kind: text("kind"), detail: text("detail") })
        });
        Ok(Some((rows::read_job(&row)?, story.collect())))
    }

    /// Since when each job whose report is under way is being reported.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn reporting_since(&self) -> Result<Vec<Timestamp>, JournalError> {
        let rows = sqlx::query("SELECT * FROM job WHERE state = 'reporting'").fetch_all(&self.pool);
        let rows = rows.await.map_err(|source| self.failed(source))?;
        let since = |job: Job| match job.state {
            State::Reporting(reporting) => Some(reporting.since),
            _ => None,
        };
        Ok(rows.iter().filter_map(readable).filter_map(since).collect())
    }

    pub(super) fn failed(&self, source: sqlx::Error) -> JournalError {
        sqlite::failure(&self.path, source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::State;

    #[test]
    fn every_state_but_the_end_is_counted() {
        let [open @ .., _] = State::WORDS;
        for word in open {
            assert!(COUNTS.contains(&format!("'{word}'")), "{word}");
        }
    }
}
