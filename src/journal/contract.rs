//! The contract of [`Journal`](super::Journal), run over each body.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::{
    Batch, Entry, Installation, Journal, JournalError, Origin, Unwatched, Write,
    faulty::{Failing, PowerCut},
    memory::MemoryJournal,
    place,
    sqlite::SqliteJournal,
};
use crate::{
    flow::{self, Event, Job, Now, Step},
    model::{CloudJobKey, CloudPrinterId, JobNumber, TaskId},
};

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn new_job(number: i64) -> Job {
    let cloud_job =
        CloudJobKey { source_printer: CloudPrinterId::new("queue"), id: number.to_string() };
    Job::claim(NOW, JobNumber(number), TaskId::new(format!("task-{number}")), cloud_job)
}

fn step(job: &Job, event: &Event) -> Job {
    let now = Now { at: NOW, trusted: true };
    let Step { job, .. } = flow::step(now, job, event).unwrap();
    job
}

fn write(before: Option<Job>, after: Job) -> Write {
    let entries = vec![Entry { kind: "task-seen".into(), detail: String::new() }];
    Write { before, after, entries }
}

fn batch(writes: Vec<Write>) -> Batch {
    Batch { writes, ..Batch::empty(NOW) }
}

/// Commits as the loop does: what passes is waited for, and nothing of it may be seen until then.
async fn commit<J: Journal>(journal: &mut J, batch: Batch) -> Result<(), JournalError> {
    let before = seen(journal, &batch).await;
    loop {
        match journal.commit(&batch).await {
            Err(error) if error.passes() => assert_eq!(seen(journal, &batch).await, before),
            result => return result,
        }
    }
}

/// What the journal shows of a batch.
async fn seen<J: Journal>(
    journal: &mut J,
    batch: &Batch,
) -> (Vec<Option<Job>>, (JobNumber, Option<Timestamp>)) {
    let mut jobs = Vec::new();
    for write in &batch.writes {
        jobs.push(journal.load(write.after.number).await.unwrap());
    }
    (jobs, journal.last().await.unwrap())
}

async fn a_job_reads_back_as_it_was_written<J: Journal>(mut journal: J) {
    for job in flow::samples::jobs() {
        commit(&mut journal, batch(vec![write(None, job.clone())])).await.unwrap();
        assert_eq!(journal.load(job.number).await.unwrap(), Some(job));
    }
    assert_eq!(journal.load(JobNumber(9_999)).await.unwrap(), None);
}

async fn a_write_on_another_revision_rolls_the_whole_batch_back<J: Journal>(mut journal: J) {
    let (first, second) =
        (step(&new_job(1), &Event::TaskSeen), step(&new_job(2), &Event::TaskSeen));
    commit(&mut journal, batch(vec![write(None, first.clone())])).await.unwrap();
    let mut stale = first.clone();
    stale.revision += 7;
    let after = Job { revision: stale.revision + 1, ..first.clone() };
    let result =
        commit(&mut journal, batch(vec![write(None, second), write(Some(stale), after)])).await;
    assert!(matches!(result, Err(JournalError::Conflict(JobNumber(1)))), "{result:?}");
    assert_eq!(journal.load(JobNumber(2)).await.unwrap(), None);
    assert_eq!(journal.load(JobNumber(1)).await.unwrap(), Some(first));
}

async fn a_task_is_claimed_once<J: Journal>(mut journal: J) {
    let first = step(&new_job(1), &Event::TaskSeen);
    commit(&mut journal, batch(vec![write(None, first.clone())])).await.unwrap();
    let twin = Job { number: JobNumber(2), ..first };
    let result = commit(&mut journal, batch(vec![write(None, twin)])).await;
    assert!(matches!(result, Err(JournalError::Conflict(_))), "{result:?}");
    let known = journal.known(&[TaskId::new("task-1"), TaskId::new("task-9")]).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[&TaskId::new("task-1")].job, JobNumber(1));
}

async fn timers_come_due_in_order<J: Journal>(mut journal: J) {
    for (number, seconds) in [(1, 30), (2, 10), (3, 20)] {
        let mut job = step(&new_job(number), &Event::TaskSeen);
        job.timers.insert(flow::Timer::Retry, NOW + SignedDuration::from_secs(seconds));
        commit(&mut journal, batch(vec![write(None, job)])).await.unwrap();
    }
    let due = journal.due(NOW + SignedDuration::from_secs(20), 10).await.unwrap();
    assert_eq!(due, [JobNumber(2), JobNumber(3)]);
    assert_eq!(journal.next_deadline().await.unwrap(), Some(NOW + SignedDuration::from_secs(10)));
    assert_eq!(journal.last().await.unwrap(), (JobNumber(3), Some(NOW)));
}

async fn an_effect_is_unfinished_until_its_end_is_written<J: Journal>(mut journal: J) {
    let asked = step(&new_job(1), &Event::TaskSeen);
    commit(&mut journal, batch(vec![write(None, asked.clone())])).await.unwrap();
    assert_eq!(journal.unfinished().await.unwrap(), [JobNumber(1)]);
    let effect = *asked.open.keys().next().unwrap();
    let end = flow::End::Failed(crate::model::Failure::retry("503"));
    let waiting = step(&asked, &Event::Ended { effect, end });
    commit(&mut journal, batch(vec![write(Some(asked), waiting.clone())])).await.unwrap();
    assert_eq!(journal.unfinished().await.unwrap(), []);
    assert_eq!(journal.load(JobNumber(1)).await.unwrap(), Some(waiting));
}

async fn jobs_that_are_not_settled_come_in_order<J: Journal>(mut journal: J) {
    for number in [3, 1, 2, 4] {
        let mut job = step(&new_job(number), &Event::TaskSeen);
        if number == 2 {
            job.state = flow::State::Settled(crate::model::Ending::Completed);
        }
        commit(&mut journal, batch(vec![write(None, job)])).await.unwrap();
    }
    assert_eq!(journal.open_jobs(JobNumber(0), 2).await.unwrap(), [JobNumber(1), JobNumber(3)]);
    assert_eq!(journal.open_jobs(JobNumber(3), 2).await.unwrap(), [JobNumber(4)]);
}

async fn a_note_about_the_daemon_is_the_last_entry<J: Journal>(mut journal: J) {
    let job = step(&new_job(1), &Event::TaskSeen);
    commit(&mut journal, batch(vec![write(None, job)])).await.unwrap();
    let earlier = NOW - SignedDuration::from_hours(1);
    let note = Entry { kind: "clock-jumped".into(), detail: "by -3600 s".into() };
    let batch = Batch { notes: vec![note], ..Batch::empty(earlier) };
    commit(&mut journal, batch).await.unwrap();
    assert_eq!(journal.last().await.unwrap(), (JobNumber(1), Some(earlier)));
}

macro_rules! contract {
    ($($story:ident)*) => {
        mod memory {
            $(#[tokio::test] async fn $story() { super::$story(super::MemoryJournal::default()).await; })*
        }

        mod sqlite {
            $(#[tokio::test] async fn $story() {
                let dir = tempfile::tempdir().unwrap();
                super::$story(super::SqliteJournal::open(dir.path()).await.unwrap()).await;
            })*
        }

        mod failing_in_mid_commit {
            $(#[tokio::test] async fn $story() { super::$story(super::Failing::open().await).await; })*
        }

        mod without_power_after_each_commit {
            $(#[tokio::test] async fn $story() { super::$story(super::PowerCut::open().await).await; })*
        }
    };
}

contract! {
    a_job_reads_back_as_it_was_written
    a_write_on_another_revision_rolls_the_whole_batch_back
    a_task_is_claimed_once
    timers_come_due_in_order
    an_effect_is_unfinished_until_its_end_is_written
    jobs_that_are_not_settled_come_in_order
    a_note_about_the_daemon_is_the_last_entry
}

#[tokio::test]
async fn a_commit_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let job = step(&new_job(1), &Event::TaskSeen);
    let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
    journal.commit(&batch(vec![write(None, job.clone())])).await.unwrap();
    let installation = journal.installation("0123abcd").await.unwrap();
    assert_eq!(installation.unwatched, Unwatched::Never);
    let stamps = "aaaaaaaa".to_owned();
    let installation = Installation { unwatched: Unwatched::Until(NOW), stamps, ..installation };
    let unwatched = Some(installation.unwatched);
    let stamp = Some(installation.stamps.clone());
    journal.commit(&Batch { unwatched, stamp, ..Batch::empty(NOW) }).await.unwrap();
    drop(journal);
    let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
    assert_eq!(journal.load(JobNumber(1)).await.unwrap(), Some(job));
    assert_eq!(journal.installation("other").await.unwrap(), installation);
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_a_sentence() {
    use sqlx::ConnectOptions;
    let dir = tempfile::tempdir().unwrap();
    drop(SqliteJournal::open(dir.path()).await.unwrap());
    let mut connection = super::sqlite::options(&place::file(dir.path())).connect().await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (99, 'later', 1, x'00', 0)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let error = SqliteJournal::open(dir.path()).await.unwrap_err();
    assert!(matches!(error, JournalError::TooNew(99)), "{error}");
}

/// Wherever the power goes while the log is written, whole commits are there, in their order, and none of the rest.
#[tokio::test]
async fn a_torn_last_page_costs_the_commit_that_was_not_durable_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let (journal_file, log) = (place::file(dir.path()), dir.path().join("journal.sqlite-wal"));
    let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
    let length = || usize::try_from(std::fs::metadata(&log).unwrap().len()).unwrap();
    let mut ends = vec![length()];
    for number in 1..=4 {
        let job = step(&new_job(number), &Event::TaskSeen);
        journal.commit(&batch(vec![write(None, job)])).await.unwrap();
        ends.push(length());
    }
    let bytes = std::fs::read(&log).unwrap();
    for cut in (ends[0]..=ends[4]).step_by(1_021).chain(ends.clone()) {
        let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
        for torn in [false, true] {
            let after = tempfile::tempdir().unwrap();
            let mut left = bytes[..cut].to_vec();
            left.extend(vec![0x5a_u8; if torn { 3_000 } else { 0 }]);
            std::fs::copy(&journal_file, place::file(after.path())).unwrap();
            std::fs::write(after.path().join("journal.sqlite-wal"), left).unwrap();
            let mut journal = SqliteJournal::open(after.path()).await.unwrap();
            let open = journal.open_jobs(JobNumber(0), 10).await.unwrap();
            let expect: Vec<_> = (1..=4).take(whole).map(JobNumber).collect();
            assert_eq!(open, expect, "cut after {cut} of {} octets, torn {torn}", bytes.len());
        }
    }
}

#[tokio::test]
async fn a_backup_holds_what_the_journal_holds_and_a_restore_begins_an_era() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
    let first = journal.installation("0123abcd").await.unwrap();
    for job in flow::samples::jobs() {
        journal.commit(&batch(vec![write(None, job)])).await.unwrap();
    }
    let file = dir.path().join("backup.sqlite");
    let checked = super::backup::backup(dir.path(), &file).await.unwrap();
    assert_eq!(checked, super::backup::check(dir.path()).await.unwrap());
    assert_eq!(checked.jobs, flow::samples::jobs().len());

    let restored = super::backup::restore(other.path(), &file).await.unwrap();
    assert_eq!((restored.backup, restored.replaced), (checked, None));
    let mut journal = SqliteJournal::open(other.path()).await.unwrap();
    let second = journal.installation("x").await.unwrap();
    assert_eq!((&second.id, second.unwatched), (&first.id, Unwatched::StillGoing));
    assert_ne!(second.era, first.era, "no token is used twice");
    for job in flow::samples::jobs() {
        assert_eq!(journal.load(job.number).await.unwrap(), Some(job));
    }
}

/// A journal with one job, and a backup that was made before it.
async fn backed_up_before_its_job() -> (tempfile::TempDir, SqliteJournal, PathBuf, Job) {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
    journal.installation("0123abcd").await.unwrap();
    let file = dir.path().join("backup.sqlite");
    super::backup::backup(dir.path(), &file).await.unwrap();
    let job = step(&new_job(1), &Event::TaskSeen);
    journal.commit(&batch(vec![write(None, job.clone())])).await.unwrap();
    (dir, journal, file, job)
}

#[tokio::test]
async fn an_old_log_is_not_replayed_into_a_restored_journal() {
    let (dir, journal, file, _) = backed_up_before_its_job().await;
    let log = std::fs::read(dir.path().join("journal.sqlite-wal")).unwrap();
    drop(journal);
    let path = place::file(dir.path());
    std::fs::remove_file(&path).unwrap();
    std::fs::write(dir.path().join("journal.sqlite-wal"), log).unwrap();
    super::backup::restore(dir.path(), &file).await.unwrap();
    let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
    assert_eq!(journal.load(JobNumber(1)).await.unwrap(), None);
}

/// A restore that dies when the backup stands in the journal's place, and is repeated, keeps what was there first.
#[tokio::test]
async fn a_repeated_restore_keeps_the_journal_that_was_there_first() {
    let (dir, journal, file, job) = backed_up_before_its_job().await;
    drop(journal);
    let first = super::backup::restore(dir.path(), &file).await.unwrap().replaced.unwrap();
    let mark = place::file(dir.path()).with_extension("restoring");
    std::fs::write(mark, first.file_name().unwrap().to_str().unwrap()).unwrap();
    let again = super::backup::restore(dir.path(), &file).await.unwrap();
    assert_eq!(again.replaced.as_ref(), Some(&first));
    let mut kept = SqliteJournal::open(&first).await.unwrap();
    assert_eq!(kept.load(JobNumber(1)).await.unwrap(), Some(job));
}

#[tokio::test]
async fn a_journal_that_was_copied_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
    assert_eq!(journal.installation("0123abcd").await.unwrap().origin, Origin::Here);
    journal.begin_start("aaaaaaaa").await.unwrap();
    assert_eq!(journal.installation("x").await.unwrap().origin, Origin::Here);
    drop(journal);
    let other = tempfile::tempdir().unwrap();
    for end in ["", "-wal"] {
        let name = format!("journal.sqlite{end}");
        if dir.path().join(&name).exists() {
            std::fs::copy(dir.path().join(&name), other.path().join(&name)).unwrap();
        }
    }
    let mut copy = SqliteJournal::open(other.path()).await.unwrap();
    assert_eq!(copy.installation("x").await.unwrap().origin, Origin::Copied);
    copy.begin_era().await.unwrap();
    assert_eq!(copy.installation("x").await.unwrap().origin, Origin::Restored);
}
