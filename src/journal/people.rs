//! The rows of people, their badges, PINs and activation codes.
//!
//! Deliberately absent: numbers of badges and PINs themselves; hashes come in.

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection, SqliteExecutor, SqlitePool, sqlite::SqliteRow};

use super::{delegates, forgetting};
use crate::model::people::{BadgeHash, PeopleChange, Person, PinHash};

pub(super) async fn write(
    connection: &mut SqliteConnection,
    change: &PeopleChange,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    match change {
        PeopleChange::Give { badge, person, ends } => {
            write_badge(connection, badge, person, *ends, now).await?;
        }
        PeopleChange::Revoke(badge) => {
            write_revoked(connection, badge).await?;
        }
        PeopleChange::Pin { person, pin: None } => {
            let clear = sqlx::query("DELETE FROM pin WHERE person = $1").bind(&person.id);
            clear.execute(connection).await?;
        }
        PeopleChange::Pin { person, pin: Some(pin) } => {
            write_person(connection, person).await?;
            let set = "INSERT INTO pin (person, hash) VALUES ($1, $2) ON CONFLICT (person) \
                 DO UPDATE SET hash = excluded.hash";
            sqlx::query(set).bind(&person.id).bind(pin.as_str()).execute(connection).await?;
        }
        PeopleChange::Code { code, person, ends } => {
            write_code(connection, code, person, *ends, now).await?;
        }
        PeopleChange::Redeem { code, badge, person } => {
            let used = sqlx::query("DELETE FROM code WHERE hash = $1").bind(code.as_str());
            if used.execute(&mut *connection).await?.rows_affected() == 1 {
                write_badge(connection, badge, person, None, now).await?;
            }
        }
        PeopleChange::FromDirectory { badge, person, ends } => {
            // An answer may come after the badge was taken away.
            if !is_revoked(&mut *connection, badge).await? {
                write_learned(connection, badge, person, *ends, now).await?;
            }
        }
        PeopleChange::NotInDirectory(badge) => {
            let forget = "DELETE FROM badge WHERE hash = $1 AND learned IS NOT NULL";
            sqlx::query(forget).bind(badge.as_str()).execute(connection).await?;
        }
        PeopleChange::Delegate(delegation) => {
            delegates::write(connection, delegation, now).await?;
        }
        PeopleChange::EndDelegation { owner, delegate } => {
            delegates::take(connection, owner, delegate).await?;
        }
        PeopleChange::Forget { names, pseudonym, asked } => {
            forgetting::forget(connection, names, pseudonym, *asked).await?;
        }
        PeopleChange::Pseudonyms { entries, until } => {
            forgetting::write_pseudonyms(connection, entries, *until).await?;
        }
        PeopleChange::Slip { code, badge, ends } => {
            write_slip(connection, code, badge, *ends, now).await?;
        }
        PeopleChange::RedeemSlip { code, person } => {
            let used = "DELETE FROM slip WHERE hash = $1 AND ends > $2 RETURNING badge";
            let used = sqlx::query(used).bind(code.as_str()).bind(now.as_millisecond());
            if let Some(row) = used.fetch_optional(&mut *connection).await? {
                let badge = BadgeHash::new(row.try_get::<String, _>("badge")?);
                // Whoever was given it meanwhile keeps it.
                if !is_somebodys(connection, &badge, now).await? {
                    write_badge(connection, &badge, person, None, now).await?;
                }
            }
        }
    }
    Ok(())
}

async fn write_revoked(
    connection: &mut SqliteConnection,
    badge: &BadgeHash,
) -> Result<(), sqlx::Error> {
    let revoke = sqlx::query("DELETE FROM badge WHERE hash = $1").bind(badge.as_str());
    revoke.execute(&mut *connection).await?;
    let stays = "INSERT INTO revoked (hash) VALUES ($1) ON CONFLICT (hash) DO NOTHING";
    sqlx::query(stays).bind(badge.as_str()).execute(connection).await.map(drop)
}

async fn write_badge(
    connection: &mut SqliteConnection,
    badge: &BadgeHash,
    person: &Person,
    ends: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    write_person(connection, person).await?;
    let again = sqlx::query("DELETE FROM revoked WHERE hash = $1").bind(badge.as_str());
    again.execute(&mut *connection).await?;
    let given = "INSERT INTO badge (hash, person, given, ends) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) \
         DO UPDATE SET person = excluded.person, given = excluded.given, ends = excluded.ends, learned = NULL";
    sqlx::query(given)
        .bind(badge.as_str())
        .bind(&person.id)
        .bind(now.as_millisecond())
        .bind(ends.map(Timestamp::as_millisecond))
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_learned(
    connection: &mut SqliteConnection,
    badge: &BadgeHash,
    person: &Person,
    ends: Timestamp,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    write_person(connection, person).await?;
    let over = sqlx::query("DELETE FROM badge WHERE learned IS NOT NULL AND ends <= $1");
    over.bind(now.as_millisecond()).execute(&mut *connection).await?;
    let learned = "INSERT INTO badge (hash, person, given, ends, learned) VALUES ($1, $2, $3, $4, $3) \
         ON CONFLICT (hash) DO UPDATE SET person = excluded.person, given = excluded.given, \
         ends = excluded.ends, learned = excluded.learned \
         WHERE badge.learned IS NOT NULL OR badge.ends <= excluded.given";
    sqlx::query(learned)
        .bind(badge.as_str())
        .bind(&person.id)
        .bind(now.as_millisecond())
        .bind(ends.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Codes that nobody used in their time go with the next one.
async fn write_code(
    connection: &mut SqliteConnection,
    code: &BadgeHash,
    person: &Person,
    ends: Timestamp,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    write_person(connection, person).await?;
    let over = sqlx::query("DELETE FROM code WHERE ends <= $1").bind(now.as_millisecond());
    over.execute(&mut *connection).await?;
    let issue = "INSERT INTO code (hash, person, ends) VALUES ($1, $2, $3) ON CONFLICT (hash) \
         DO UPDATE SET person = excluded.person, ends = excluded.ends";
    sqlx::query(issue)
        .bind(code.as_str())
        .bind(&person.id)
        .bind(ends.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// A badge has one slip; slips that nobody used in their time go with the next one.
async fn write_slip(
    connection: &mut SqliteConnection,
    code: &BadgeHash,
    badge: &BadgeHash,
    ends: Timestamp,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let over = sqlx::query("DELETE FROM slip WHERE ends <= $1 OR badge = $2");
    let over = over.bind(now.as_millisecond()).bind(badge.as_str());
    over.execute(&mut *connection).await?;
    // A code that another slip has stays that slip's.
    let issue =
        "INSERT INTO slip (hash, badge, ends) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING";
    sqlx::query(issue)
        .bind(code.as_str())
        .bind(badge.as_str())
        .bind(ends.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn write_person(
    connection: &mut SqliteConnection,
    person: &Person,
) -> Result<(), sqlx::Error> {
    let known = "INSERT INTO person (id, upn, name) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET \
         upn = coalesce(excluded.upn, person.upn), name = coalesce(excluded.name, person.name)";
    sqlx::query(known)
        .bind(&person.id)
        .bind(person.upn.as_deref())
        .bind(person.name.as_deref())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whose a badge is now, and when the directory last said so, where it did.
pub(super) async fn badge(
    pool: &SqlitePool,
    badge: &BadgeHash,
    now: Timestamp,
) -> Result<Option<(Person, Option<Timestamp>)>, sqlx::Error> {
    let sql = "SELECT person.id, person.upn, person.name, badge.learned FROM badge \
               JOIN person ON person.id = badge.person \
               WHERE badge.hash = $1 AND (badge.ends IS NULL OR badge.ends > $2)";
    let row = sqlx::query(sql).bind(badge.as_str()).bind(now.as_millisecond());
    let Some(row) = row.fetch_optional(pool).await? else { return Ok(None) };
    let learned: Option<i64> = row.try_get("learned")?;
    let learned = learned.and_then(|at| Timestamp::from_millisecond(at).ok());
    Ok(Some((read(&row)?, learned)))
}

async fn is_somebodys(
    connection: &mut SqliteConnection,
    badge: &BadgeHash,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let sql = "SELECT 1 AS n FROM badge WHERE hash = $1 AND (ends IS NULL OR ends > $2)";
    let row = sqlx::query(sql).bind(badge.as_str()).bind(now.as_millisecond());
    Ok(row.fetch_optional(connection).await?.is_some())
}

/// Whether a badge was taken away here.
pub(super) async fn is_revoked(
    database: impl SqliteExecutor<'_>,
    badge: &BadgeHash,
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("SELECT 1 AS n FROM revoked WHERE hash = $1").bind(badge.as_str());
    Ok(row.fetch_optional(database).await?.is_some())
}

/// Whose an activation code is now.
pub(super) async fn person_of_code(
    pool: &SqlitePool,
    code: &BadgeHash,
    now: Timestamp,
) -> Result<Option<Person>, sqlx::Error> {
    let sql = "SELECT person.id, person.upn, person.name FROM code JOIN person ON person.id = code.person \
               WHERE code.hash = $1 AND code.ends > $2";
    found(pool, sql, code, now).await
}

/// The badge of a slip now.
pub(super) async fn badge_of_slip(
    pool: &SqlitePool,
    code: &BadgeHash,
    now: Timestamp,
) -> Result<Option<BadgeHash>, sqlx::Error> {
    let row = sqlx::query("SELECT badge FROM slip WHERE hash = $1 AND ends > $2");
    let row = row.bind(code.as_str()).bind(now.as_millisecond()).fetch_optional(pool).await?;
    row.map(|row| Ok(BadgeHash::new(row.try_get::<String, _>("badge")?))).transpose()
}

async fn found(
    pool: &SqlitePool,
    sql: &'static str,
    hash: &BadgeHash,
    now: Timestamp,
) -> Result<Option<Person>, sqlx::Error> {
    let row = sqlx::query(sql).bind(hash.as_str()).bind(now.as_millisecond());
    row.fetch_optional(pool).await?.map(|row| read(&row)).transpose()
}

/// The person of an object id.
pub(super) async fn person_with(
    pool: &SqlitePool,
    id: &str,
) -> Result<Option<Person>, sqlx::Error> {
    let row = sqlx::query("SELECT id, upn, name FROM person WHERE id = $1").bind(id);
    row.fetch_optional(pool).await?.map(|row| read(&row)).transpose()
}

/// The people of a UPN, whatever its letters' case: it may have come back with another person.
pub(super) async fn people_named(pool: &SqlitePool, upn: &str) -> Result<Vec<Person>, sqlx::Error> {
    let sql = "SELECT id, upn, name FROM person WHERE lower(upn) = lower($1)";
    let rows = sqlx::query(sql).bind(upn).fetch_all(pool).await?;
    rows.iter().map(read).collect()
}

/// A person's PIN.
pub(super) async fn pin_of(pool: &SqlitePool, id: &str) -> Result<Option<PinHash>, sqlx::Error> {
    let row = sqlx::query("SELECT hash FROM pin WHERE person = $1").bind(id);
    let row = row.fetch_optional(pool).await?;
    row.map(|row| Ok(PinHash::new(row.try_get::<String, _>("hash")?))).transpose()
}

pub(super) fn read(row: &SqliteRow) -> Result<Person, sqlx::Error> {
    Ok(Person { id: row.try_get("id")?, upn: row.try_get("upn")?, name: row.try_get("name")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Batch, Journal, reader::JournalReader, sqlite::SqliteJournal};

    #[tokio::test]
    async fn a_late_answer_of_the_directory_gives_no_revoked_badge_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = SqliteJournal::open(folder.path()).await.unwrap();
        let reader = JournalReader::new(folder.path());
        let (now, badge) = (Timestamp::now(), BadgeHash::new("b"));
        let person = Person { id: "ada".to_owned(), upn: None, name: None };
        let ends = now + jiff::SignedDuration::from_hours(1);
        let says =
            PeopleChange::FromDirectory { badge: badge.clone(), person: person.clone(), ends };
        let given = PeopleChange::Give { badge: badge.clone(), person: person.clone(), ends: None };
        let steps = [
            (vec![says.clone()], Some(&person)),
            (vec![PeopleChange::Revoke(badge.clone()), says], None),
            (vec![given], Some(&person)),
        ];
        for (people, expect) in steps {
            journal.commit(&Batch { people, ..Batch::empty(now) }).await.unwrap();
            assert_eq!(reader.person_of(&badge, now).await.unwrap().as_ref(), expect);
        }
    }
}
