//! Journals that earlier schemas have written, opened by this one.
//!
//! `tests/golden/journals` has one of each released schema, as a dump: a completed job, one that was aborted, two that
//! wait; two badges, a PIN, a delegate. Whoever adds a migration to a released schema adds the dump of the one before.

use std::path::Path;

use jiff::Timestamp;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection, migrate::Migrator};

use super::{
    Batch, Journal, JournalError, Write, backup, place,
    reader::{JournalReader, Which},
    sqlite::{SqliteJournal, migrator, options},
};
use crate::model::JobNumber;

async fn connect(state_dir: &Path) -> SqliteConnection {
    options(&place::file(state_dir)).create_if_missing(true).connect().await.unwrap()
}

#[tokio::test]
async fn every_schema_is_brought_up_to_date() {
    let all: Vec<_> = migrator().iter().cloned().collect();
    for n_applied in 0..=all.len() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = connect(folder.path()).await;
        let some = Migrator::with_migrations(all[..n_applied].to_vec());
        some.run_direct(None, &mut connection, false).await.unwrap();
        drop(connection);
        let mut journal = SqliteJournal::open(folder.path()).await.unwrap();
        assert_eq!(journal.last().await.unwrap(), (JobNumber(0), None), "schema {n_applied}");
        let mut connection = connect(folder.path()).await;
        let version: i64 = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(usize::try_from(version).unwrap(), all.len());
    }
}

#[tokio::test]
async fn what_every_released_schema_has_is_there_after_an_upgrade() {
    let dumps = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/journals");
    let mut n_dumps = 0;
    for dump in std::fs::read_dir(dumps).unwrap().map(|file| file.unwrap().path()) {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = connect(folder.path()).await;
        let text = std::fs::read_to_string(&dump).unwrap();
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await.unwrap();
        drop(connection);
        // It is checked and backed up as it is, and its backup is restored.
        let (restored, file) = (tempfile::tempdir().unwrap(), place::file(folder.path()));
        let before = std::fs::read(&file).unwrap();
        let backed_up = folder.path().join("backup");
        assert_eq!(backup::check(folder.path()).await.unwrap().jobs, 4);
        assert_eq!(backup::backup(folder.path(), &backed_up).await.unwrap().jobs, 4);
        assert_eq!(std::fs::read(&file).unwrap(), before);
        backup::restore(restored.path(), &backed_up).await.unwrap();
        for state_dir in [folder.path(), restored.path()] {
            check(state_dir).await;
        }
        n_dumps += 1;
    }
    assert!(n_dumps > 0, "there is no dump in {dumps}");
}

#[tokio::test]
async fn a_backup_of_a_schema_that_never_was_replaces_nothing() {
    let (state, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&state, &other] {
        drop(SqliteJournal::open(folder.path()).await.unwrap());
    }
    let strange = "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1";
    sqlx::query(strange).execute(&mut connect(other.path()).await).await.unwrap();
    let files = || {
        let files = std::fs::read_dir(state.path()).unwrap().map(|file| file.unwrap().file_name());
        files.collect::<std::collections::BTreeSet<_>>()
    };
    drop(connect(state.path()).await.close().await);
    // What a restore that was killed has left is not read into the next one.
    for end in ["", "-journal", "-wal"] {
        std::fs::write(state.path().join(format!("journal.incoming{end}")), "pages").unwrap();
    }
    let leftover = state.path().join("journal.incoming");
    let refused = backup::restore(state.path(), &leftover).await;
    assert!(matches!(refused, Err(JournalError::BadBackup { .. })), "{refused:?}");
    assert!(leftover.exists(), "what was named is left alone");
    let before = files();
    let refused = backup::restore(state.path(), &place::file(other.path())).await;
    assert!(matches!(refused, Err(JournalError::BadBackup { .. })), "{refused:?}");
    let leftovers = ["journal.incoming", "journal.incoming-journal", "journal.incoming-wal"];
    let now = files();
    assert!(before.difference(&now).eq(leftovers.iter()), "{now:?}");
    assert_eq!(now.difference(&before).count(), 0, "nothing is new in {now:?}");
}

#[tokio::test]
async fn nothing_takes_away_a_log_whose_journal_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let file = place::file(folder.path());
    let log = folder.path().join("journal.sqlite-wal");
    std::fs::write(&file, "").unwrap();
    std::fs::write(&log, "pages").unwrap();
    let target = folder.path().join("backup");
    let refusals = [
        backup::check(folder.path()).await.err(),
        backup::backup(folder.path(), &target).await.err(),
        SqliteJournal::open(folder.path()).await.err(),
    ];
    for refused in refusals {
        assert!(matches!(refused, Some(JournalError::Damaged { .. })), "{refused:?}");
    }
    assert_eq!(std::fs::read(&log).unwrap(), b"pages");
    assert!(!target.exists());
}

async fn check(state_dir: &Path) {
    let mut journal = SqliteJournal::open(state_dir).await.unwrap();
    let reader = JournalReader::new(state_dir);
    let states: Vec<_> = reader.list(Which::All, 10).await.unwrap();
    let mut states: Vec<_> = states.iter().map(|job| (job.number.0, job.state.word())).collect();
    states.sort_unstable();
    assert_eq!(states, [(1, "settled"), (2, "settled"), (3, "held"), (4, "held")]);
    let (held, story) = reader.show(JobNumber(3)).await.unwrap().unwrap();
    assert_eq!(held.facts.document.as_ref().unwrap().title.as_deref(), Some("Boarding pass"));
    assert_eq!(held.facts.owner.as_ref().unwrap().upn.as_deref(), Some("ada@contoso.example"));
    assert_eq!(story[0].1.kind, "task-seen");
    let ids = reader.ids_named("ada@contoso.example").await.unwrap();
    let ada = ids.iter().next().unwrap();
    assert_eq!(reader.badges_of(ada).await.unwrap().len(), 1);
    assert!(reader.pin_of(ada).await.unwrap().is_some());
    assert_eq!(reader.delegations(Timestamp::now()).await.unwrap().len(), 1);
    // It is written on.
    let before = journal.load(JobNumber(3)).await.unwrap().unwrap();
    let mut after = before.clone();
    after.revision += 1;
    let write = Write { before: Some(before), after, entries: Vec::new() };
    let batch = Batch { writes: vec![write], ..Batch::empty(Timestamp::now()) };
    journal.commit(&batch).await.unwrap();
}
