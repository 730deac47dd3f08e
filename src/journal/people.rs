//! The rows of people and badges.
//!
//! Deliberately absent: numbers of badges; hashes come in.

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection, SqlitePool};

use crate::model::people::{BadgeHash, PeopleChange, Person};

pub(super) async fn write(
    connection: &mut SqliteConnection,
    change: &PeopleChange,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    match change {
        PeopleChange::Give { badge, person, ends } => {
            let known = "INSERT INTO person (id, upn, name) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET \
                 upn = coalesce(excluded.upn, person.upn), name = coalesce(excluded.name, person.name)";
            sqlx::query(known)
                .bind(&person.id)
                .bind(person.upn.as_deref())
                .bind(person.name.as_deref())
                .execute(&mut *connection)
                .await?;
            let given = "INSERT INTO badge (hash, person, given, ends) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) \
                 DO UPDATE SET person = excluded.person, given = excluded.given, ends = excluded.ends";
            sqlx::query(given)
                .bind(badge.as_str())
                .bind(&person.id)
                .bind(now.as_millisecond())
                .bind(ends.map(Timestamp::as_millisecond))
                .execute(connection)
                .await?;
        }
        PeopleChange::Revoke(badge) => {
            let revoke = sqlx::query("DELETE FROM badge WHERE hash = $1").bind(badge.as_str());
            revoke.execute(connection).await?;
        }
    }
    Ok(())
}

/// Whose a badge is now.
pub(super) async fn person_of(
    pool: &SqlitePool,
    badge: &BadgeHash,
    now: Timestamp,
) -> Result<Option<Person>, sqlx::Error> {
    let sql = "SELECT person.id, person.upn, person.name FROM badge JOIN person ON person.id = badge.person \
               WHERE badge.hash = $1 AND (badge.ends IS NULL OR badge.ends > $2)";
    let row = sqlx::query(sql)
        .bind(badge.as_str())
        .bind(now.as_millisecond())
        .fetch_optional(pool)
        .await?;
    row.map(|row| {
        Ok(Person { id: row.try_get("id")?, upn: row.try_get("upn")?, name: row.try_get("name")? })
    })
    .transpose()
}
