//! The rows of who may collect for whom.
//!
//! Deliberately absent: what a delegate may do (`flow`).

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection, SqlitePool};

use super::people::{read, write_person};
use crate::model::people::{Delegation, Person};

pub(super) async fn write(
    connection: &mut SqliteConnection,
    delegation: &Delegation,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let Delegation { owner, delegate, ends } = delegation;
    write_person(connection, owner).await?;
    write_person(connection, delegate).await?;
    let over = sqlx::query("DELETE FROM delegate WHERE ends <= $1").bind(now.as_millisecond());
    over.execute(&mut *connection).await?;
    let named = "INSERT INTO delegate (owner, person, ends) VALUES ($1, $2, $3) \
         ON CONFLICT (owner, person) DO UPDATE SET ends = excluded.ends";
    sqlx::query(named)
        .bind(&owner.id)
        .bind(&delegate.id)
        .bind(ends.map(Timestamp::as_millisecond))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn take(
    connection: &mut SqliteConnection,
    owner: &str,
    delegate: &str,
) -> Result<(), sqlx::Error> {
    let take = sqlx::query("DELETE FROM delegate WHERE owner = $1 AND person = $2");
    take.bind(owner).bind(delegate).execute(connection).await.map(drop)
}

/// Whom a person may collect for now, by their names.
pub(super) async fn owners_of(
    pool: &SqlitePool,
    delegate: &str,
    now: Timestamp,
) -> Result<Vec<Person>, sqlx::Error> {
    let sql = "SELECT person.id, person.upn, person.name FROM delegate JOIN person ON person.id = delegate.owner \
               WHERE delegate.person = $1 AND (delegate.ends IS NULL OR delegate.ends > $2) \
               ORDER BY coalesce(person.name, person.upn, person.id)";
    let rows = sqlx::query(sql).bind(delegate).bind(now.as_millisecond()).fetch_all(pool).await?;
    rows.iter().map(read).collect()
}

/// All that stand now, the owner's and the delegate's ids in order.
pub(super) async fn all(pool: &SqlitePool, now: Timestamp) -> Result<Vec<Delegation>, sqlx::Error> {
    let sql = "SELECT owner.id, owner.upn, owner.name, person.id AS delegate, person.upn AS delegate_upn, \
               person.name AS delegate_name, delegate.ends FROM delegate \
               JOIN person AS owner ON owner.id = delegate.owner JOIN person ON person.id = delegate.person \
               WHERE delegate.ends IS NULL OR delegate.ends > $1 ORDER BY delegate.owner, delegate.person";
    let rows = sqlx::query(sql).bind(now.as_millisecond()).fetch_all(pool).await?;
    let read_row = |row| {
        let delegate = Person {
            id: Row::try_get(row, "delegate")?,
            upn: Row::try_get(row, "delegate_upn")?,
            name: Row::try_get(row, "delegate_name")?,
        };
        let ends: Option<i64> = Row::try_get(row, "ends")?;
        let ends = ends.and_then(|ends| Timestamp::from_millisecond(ends).ok());
        Ok(Delegation { owner: read(row)?, delegate, ends })
    };
    rows.iter().map(read_row).collect()
}
