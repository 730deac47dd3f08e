//! People in the journal's rows: all that is known of one, and what goes when they are forgotten.
//!
//! It promises: a person is forgotten in one transaction, with the mark that it was done.
//! Deliberately absent: jobs. What is forgotten of them is the flow's (`flow::forgetting`), and pseudonyms are made by
//! who has the key.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sqlx::{Row, Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};

use super::{
    JournalError, people,
    reader::{JournalReader, readable},
};
use crate::{
    flow::Job,
    model::{JobNumber, people::Person},
};

/// Entries that may name somebody by the object id.
const NAME_PEOPLE: &str = "('badge-asked', 'badge-revoked', 'badge-from-directory', 'badge-left-directory', \
    'badge-registered', 'code-issued', 'delegate-named', 'delegate-ended', 'pin-given', 'pin-cleared', \
    'person-asked', 'released')";
/// Entries in which a text stands, also as a part of a word.
const NAMING: &str = "SELECT number, job, at, kind, detail FROM entry WHERE instr(lower(detail), lower($1)) > 0 \
    ORDER BY number";
/// How many entries are given pseudonyms at a time.
const MOST_ENTRIES: usize = 500;

/// A question whose rows are a text each.
type Texts<'q> = Query<'q, Sqlite, SqliteArguments>;

/// A badge, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBadge {
    /// When it was given.
    pub given: Timestamp,
    /// When it ends, if it does.
    pub ends: Option<Timestamp>,
    /// Whether the directory has it.
    pub from_directory: bool,
}

/// An entry that may name somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamingEntry {
    /// Its number.
    pub number: i64,
    /// The job that it is about; 0 for none.
    pub job: JobNumber,
    /// When.
    pub at: Timestamp,
    /// Its word.
    pub kind: String,
    /// What it says.
    pub detail: String,
}

/// An entry's words, with another in place of each that `other` knows.
pub fn reworded(detail: &str, other: impl Fn(&str) -> Option<String>) -> String {
    let words = detail.split(' ').map(|word| {
        let name = word.trim_end_matches(',');
        other(name).map_or_else(|| word.to_owned(), |other| other + &word[name.len()..])
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Where people may stand in an entry, and what stands before: a release names the printer before its `by`, and a
/// cloud printer's id looks like a person's.
pub fn split_at_people<'a>(kind: &str, detail: &'a str) -> (&'a str, &'a str) {
    match detail.rfind(" by ") {
        Some(at) if kind == "released" => detail.split_at(at),
        _ => ("", detail),
    }
}

pub(super) async fn forget(
    connection: &mut SqliteConnection,
    names: &[String],
    pseudonym: &str,
    asked: Timestamp,
) -> Result<(), sqlx::Error> {
    for name in names {
        for sql in [
            "DELETE FROM badge WHERE person = $1",
            "DELETE FROM pin WHERE person = $1",
            "DELETE FROM code WHERE person = $1",
            "DELETE FROM delegate WHERE owner = $1 OR person = $1",
            "DELETE FROM person WHERE id = $1",
        ] {
            sqlx::query(sql).bind(name).execute(&mut *connection).await?;
        }
        for row in sqlx::query(NAMING).bind(name).fetch_all(&mut *connection).await? {
            let entry = naming_entry(&row)?;
            let is_theirs = |word: &str| word.eq_ignore_ascii_case(name);
            let detail =
                reworded(&entry.detail, |word| is_theirs(word).then(|| pseudonym.to_owned()));
            write_detail(connection, entry.number, &detail).await?;
        }
    }
    let done = "INSERT INTO forgotten (pseudonym, at) VALUES ($1, $2) ON CONFLICT (pseudonym) \
        DO UPDATE SET at = excluded.at";
    sqlx::query(done).bind(pseudonym).bind(asked.as_millisecond()).execute(connection).await?;
    Ok(())
}

async fn write_detail(
    connection: &mut SqliteConnection,
    number: i64,
    detail: &str,
) -> Result<(), sqlx::Error> {
    let entry = sqlx::query("UPDATE entry SET detail = $2 WHERE number = $1");
    entry.bind(number).bind(detail).execute(connection).await.map(drop)
}

pub(super) async fn write_pseudonyms(
    connection: &mut SqliteConnection,
    entries: &[(i64, String)],
    until: i64,
) -> Result<(), sqlx::Error> {
    for (number, detail) in entries {
        write_detail(connection, *number, detail).await?;
    }
    let until = sqlx::query("UPDATE installation SET pseudonymous = $1").bind(until);
    until.execute(connection).await?;
    Ok(())
}

impl JournalReader {
    /// The object ids of the people who have, or had, that UPN: of badges, or of jobs.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn ids_named(&self, upn: &str) -> Result<BTreeSet<String>, JournalError> {
        let sql = "SELECT id FROM person WHERE lower(upn) = lower($1) \
            UNION SELECT owner FROM job WHERE lower(upn) = lower($1) AND owner IS NOT NULL";
        self.texts(sqlx::query(sql).bind(upn.to_owned())).await
    }

    /// The UPNs that a person has, or had.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn upns_of(&self, id: &str) -> Result<BTreeSet<String>, JournalError> {
        let sql = "SELECT upn FROM person WHERE lower(id) = lower($1) AND upn IS NOT NULL \
            UNION SELECT upn FROM job WHERE lower(owner) = lower($1) AND upn IS NOT NULL";
        self.texts(sqlx::query(sql).bind(id.to_owned())).await
    }

    /// What all people are named by of whom anything is known: object ids, those in entries too, and the UPNs of jobs that
    /// have no id.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn all_names(&self) -> Result<BTreeSet<String>, JournalError> {
        let sql = "SELECT id FROM person UNION SELECT person FROM badge UNION SELECT person FROM pin \
            UNION SELECT person FROM code UNION SELECT owner FROM delegate UNION SELECT person FROM delegate \
            UNION SELECT coalesce(owner, upn) FROM job WHERE coalesce(owner, upn) IS NOT NULL";
        let mut names = self.texts(sqlx::query(sql)).await?;
        names.extend(self.names_in_entries().await?);
        Ok(names)
    }

    async fn names_in_entries(&self) -> Result<BTreeSet<String>, JournalError> {
        let sql = format!("SELECT DISTINCT kind, detail FROM entry WHERE kind IN {NAME_PEOPLE}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&self.pool).await;
        let mut names = BTreeSet::new();
        for row in rows.map_err(|source| self.failed(source))? {
            let read = || Ok::<(String, String), sqlx::Error>((row.try_get(0)?, row.try_get(1)?));
            let (kind, detail) = read().map_err(|source| self.failed(source))?;
            let (_, named) = split_at_people(&kind, &detail);
            let words = named.split(' ').map(|word| word.trim_end_matches(','));
            let is_id = |word: &&str| uuid::Uuid::parse_str(word).is_ok();
            names.extend(words.filter(is_id).map(str::to_owned));
        }
        Ok(names)
    }

    /// How a person is called, where they have or had a badge.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn person_with(&self, id: &str) -> Result<Option<Person>, JournalError> {
        people::person_with(&self.pool, id).await.map_err(|source| self.failed(source))
    }

    /// All jobs of a person who is named so, oldest first.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn all_of_owner(&self, name: &str) -> Result<Vec<Job>, JournalError> {
        let sql = "SELECT * FROM job WHERE coalesce(owner, upn) = $1 ORDER BY number";
        let rows = sqlx::query(sql).bind(name);
        let rows = rows.fetch_all(&self.pool).await.map_err(|source| self.failed(source))?;
        Ok(rows.iter().filter_map(readable).collect())
    }

    /// The badges of a person, as they are kept.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn badges_of(&self, id: &str) -> Result<Vec<KeptBadge>, JournalError> {
        let rows =
            sqlx::query("SELECT given, ends, learned FROM badge WHERE person = $1 ORDER BY given");
        let rows =
            rows.bind(id).fetch_all(&self.pool).await.map_err(|source| self.failed(source))?;
        let badge = |row: &sqlx::sqlite::SqliteRow| -> Result<KeptBadge, sqlx::Error> {
            Ok(KeptBadge {
                given: time(row.try_get("given")?),
                ends: row.try_get::<Option<i64>, _>("ends")?.map(time),
                from_directory: row.try_get::<Option<i64>, _>("learned")?.is_some(),
            })
        };
        rows.iter().map(badge).collect::<Result<_, _>>().map_err(|source| self.failed(source))
    }

    /// Whether a person has an activation code.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn has_code(&self, id: &str) -> Result<bool, JournalError> {
        let row = sqlx::query("SELECT 1 FROM code WHERE person = $1").bind(id);
        let row = row.fetch_optional(&self.pool).await.map_err(|source| self.failed(source))?;
        Ok(row.is_some())
    }

    /// Settled jobs that would be known for ever: an earlier version set no hour at which they are forgotten.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn settled_for_ever(&self) -> Result<Vec<JobNumber>, JournalError> {
        let sql = "SELECT number FROM job WHERE state = 'settled' AND deadline IS NULL \
            AND (title IS NOT NULL OR owner IS NOT NULL) LIMIT 10000";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await;
        let rows = rows.map_err(|source| self.failed(source))?;
        let numbers = rows.iter().map(|row| Ok(JobNumber(row.try_get(0)?)));
        numbers.collect::<Result<_, _>>().map_err(|source| self.failed(source))
    }

    /// The entries that name a person so.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn entries_naming(&self, name: &str) -> Result<Vec<NamingEntry>, JournalError> {
        let rows = sqlx::query(NAMING).bind(name).fetch_all(&self.pool).await;
        let rows = rows.map_err(|source| self.failed(source))?;
        let entries: Result<Vec<NamingEntry>, _> = rows.iter().map(naming_entry).collect();
        let mut entries = entries.map_err(|source| self.failed(source))?;
        let is_theirs = |word: &str| word.trim_end_matches(',').eq_ignore_ascii_case(name);
        entries.retain(|entry| entry.detail.split(' ').any(is_theirs));
        Ok(entries)
    }

    /// Entries up to that hour that may name people and were not looked at, oldest first, some at a time; and the
    /// number up to which these are all. Nothing if there is none to look at.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn entries_with_names(
        &self,
        until: Timestamp,
    ) -> Result<Option<(Vec<NamingEntry>, i64)>, JournalError> {
        let last = "SELECT number FROM entry WHERE at <= $1 AND number > (SELECT max(pseudonymous) FROM installation) \
            ORDER BY at DESC, number DESC LIMIT 1";
        let last = sqlx::query(last).bind(until.as_millisecond()).fetch_optional(&self.pool).await;
        let Some(last) = last.map_err(|source| self.failed(source))? else { return Ok(None) };
        let last: i64 = last.try_get(0).map_err(|source| self.failed(source))?;
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT number, job, at, kind, detail FROM entry \
             WHERE number > (SELECT max(pseudonymous) FROM installation) AND number <= $1 AND kind IN {NAME_PEOPLE} \
             ORDER BY number LIMIT {MOST_ENTRIES}"
        ));
        let rows = sqlx::query(sql).bind(last).fetch_all(&self.pool).await;
        let rows = rows.map_err(|source| self.failed(source))?;
        let entries: Result<Vec<_>, _> = rows.iter().map(naming_entry).collect();
        let entries = entries.map_err(|source| self.failed(source))?;
        let is_all = entries.len() < MOST_ENTRIES;
        let until = entries.last().filter(|_| !is_all).map_or(last, |entry| entry.number);
        Ok(Some((entries, until)))
    }

    /// Who was forgotten here, by pseudonym, and when.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn forgotten(&self) -> Result<BTreeMap<String, Timestamp>, JournalError> {
        let rows = sqlx::query("SELECT pseudonym, at FROM forgotten").fetch_all(&self.pool).await;
        let rows = rows.map_err(|source| self.failed(source))?;
        let one = |row: &sqlx::sqlite::SqliteRow| -> Result<_, sqlx::Error> {
            Ok((row.try_get("pseudonym")?, time(row.try_get("at")?)))
        };
        rows.iter().map(one).collect::<Result<_, _>>().map_err(|source| self.failed(source))
    }

    async fn texts(&self, query: Texts<'_>) -> Result<BTreeSet<String>, JournalError> {
        let rows = query.fetch_all(&self.pool).await.map_err(|source| self.failed(source))?;
        let texts = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>();
        texts.map_err(|source| self.failed(source))
    }
}

fn naming_entry(row: &sqlx::sqlite::SqliteRow) -> Result<NamingEntry, sqlx::Error> {
    Ok(NamingEntry {
        number: row.try_get("number")?,
        job: JobNumber(row.try_get("job")?),
        at: time(row.try_get("at")?),
        kind: row.try_get("kind")?,
        detail: row.try_get("detail")?,
    })
}

fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
