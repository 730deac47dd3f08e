//! The contract of [`Journal`](super::Journal), run over each body.

use jiff::{SignedDuration, Timestamp};

use super::{
    Batch, Entry, Journal, JournalError, Write, memory::MemoryJournal, sqlite::SqliteJournal,
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

async fn a_job_reads_back_as_it_was_written<J: Journal>(mut journal: J) {
    for job in flow::samples::jobs() {
        journal.commit(&batch(vec![write(None, job.clone())])).await.unwrap();
        assert_eq!(journal.load(job.number).await.unwrap(), Some(job));
    }
    assert_eq!(journal.load(JobNumber(9_999)).await.unwrap(), None);
}

async fn a_write_on_another_revision_rolls_the_whole_batch_back<J: Journal>(mut journal: J) {
    let (first, second) =
        (step(&new_job(1), &Event::TaskSeen), step(&new_job(2), &Event::TaskSeen));
    journal.commit(&batch(vec![write(None, first.clone())])).await.unwrap();
    let mut stale = first.clone();
    stale.revision += 7;
    let after = Job { revision: stale.revision + 1, ..first.clone() };
    let result = journal.commit(&batch(vec![write(None, second), write(Some(stale), after)])).await;
    assert!(matches!(result, Err(JournalError::Conflict(JobNumber(1)))), "{result:?}");
    assert_eq!(journal.load(JobNumber(2)).await.unwrap(), None);
    assert_eq!(journal.load(JobNumber(1)).await.unwrap(), Some(first));
}

async fn a_task_is_claimed_once<J: Journal>(mut journal: J) {
    let first = step(&new_job(1), &Event::TaskSeen);
    journal.commit(&batch(vec![write(None, first.clone())])).await.unwrap();
    let twin = Job { number: JobNumber(2), ..first };
    let result = journal.commit(&batch(vec![write(None, twin)])).await;
    assert!(matches!(result, Err(JournalError::Conflict(_))), "{result:?}");
    let known = journal.known(&[TaskId::new("task-1"), TaskId::new("task-9")]).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[&TaskId::new("task-1")].job, JobNumber(1));
}

async fn timers_come_due_in_order<J: Journal>(mut journal: J) {
    for (number, seconds) in [(1, 30), (2, 10), (3, 20)] {
        let mut job = step(&new_job(number), &Event::TaskSeen);
        job.timers.insert(flow::Timer::Retry, NOW + SignedDuration::from_secs(seconds));
        journal.commit(&batch(vec![write(None, job)])).await.unwrap();
    }
    let due = journal.due(NOW + SignedDuration::from_secs(20), 10).await.unwrap();
    assert_eq!(due, [JobNumber(2), JobNumber(3)]);
    assert_eq!(journal.next_deadline().await.unwrap(), Some(NOW + SignedDuration::from_secs(10)));
    assert_eq!(journal.last().await.unwrap(), (JobNumber(3), Some(NOW)));
}

async fn an_effect_is_unfinished_until_its_end_is_written<J: Journal>(mut journal: J) {
    let asked = step(&new_job(1), &Event::TaskSeen);
    journal.commit(&batch(vec![write(None, asked.clone())])).await.unwrap();
    assert_eq!(journal.unfinished().await.unwrap(), [JobNumber(1)]);
    let effect = *asked.open.keys().next().unwrap();
    let end = flow::End::Failed(crate::model::Failure::retry("503"));
    let waiting = step(&asked, &Event::Ended { effect, end });
    journal.commit(&batch(vec![write(Some(asked), waiting.clone())])).await.unwrap();
    assert_eq!(journal.unfinished().await.unwrap(), []);
    assert_eq!(journal.load(JobNumber(1)).await.unwrap(), Some(waiting));
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
    };
}

contract! {
    a_job_reads_back_as_it_was_written
    a_write_on_another_revision_rolls_the_whole_batch_back
    a_task_is_claimed_once
    timers_come_due_in_order
    an_effect_is_unfinished_until_its_end_is_written
}

#[tokio::test]
async fn a_commit_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let job = step(&new_job(1), &Event::TaskSeen);
    let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
    journal.commit(&batch(vec![write(None, job.clone())])).await.unwrap();
    let id = journal.installation("0123abcd").await.unwrap();
    drop(journal);
    let mut journal = SqliteJournal::open(dir.path()).await.unwrap();
    assert_eq!(journal.load(JobNumber(1)).await.unwrap(), Some(job));
    assert_eq!(journal.installation("other").await.unwrap(), id);
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_a_sentence() {
    use sqlx::ConnectOptions;
    let dir = tempfile::tempdir().unwrap();
    drop(SqliteJournal::open(dir.path()).await.unwrap());
    let mut connection =
        super::sqlite::options(&super::place::file(dir.path())).connect().await.unwrap();
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
