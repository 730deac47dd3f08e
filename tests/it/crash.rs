//! The crash test: the real process dies at each named point, starts again, and papers are counted.
//!
//! At the built-in printer, which reports octets and aborts what was cut, the end is always the same: one whole
//! document, one report. Nobody has to look.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    samples,
    world::{World, until},
};

const OCTETS: usize = 400_000;

/// A place where the process dies, what the journal has then, and what the next start does about it.
struct Point {
    name: &'static str,
    on_disk: &'static str,
    then: &'static str,
}

const fn point(name: &'static str, on_disk: &'static str, then: &'static str) -> Point {
    Point { name, on_disk, then }
}

/// The life of a release, point by point. `docs/journal.md` shows this table.
const POINTS: [Point; 39] = [
    point("before-commit task-seen", "nothing", "the poller sees the task again"),
    point("after-commit task-seen", "claimed, read-job intended", "the job is read"),
    point("before read-job", "claimed, read-job intended", "the job is read"),
    point("after read-job", "claimed, read-job intended", "the job is read again"),
    point("before-commit job-read", "claimed, read-job intended", "the job is read again"),
    point("after-commit job-read", "held", "it waits"),
    point("before-commit released", "held", "it waits; nobody was told that it is released"),
    point(
        "after-commit released",
        "releasing, three preparations intended",
        "all is prepared again",
    ),
    point("before fetch-document", "releasing, preparing", "all is prepared again"),
    point(
        "after fetch-document",
        "releasing, preparing",
        "the document is fetched again: its bytes died with the key",
    ),
    point("before update-configuration", "releasing, preparing", "the configuration is sent again"),
    point(
        "after update-configuration",
        "releasing, preparing",
        "the configuration is sent again, which changes nothing",
    ),
    point("before ask-printer", "releasing, preparing", "the printer is asked again"),
    point("after ask-printer", "releasing, preparing", "the printer is asked again"),
    point("before-commit document-ready", "releasing, preparing", "all is prepared again"),
    point(
        "after-commit document-ready",
        "preparing, or Create-Job intended",
        "all is prepared again; a Create-Job is looked for",
    ),
    point("before-commit configuration-updated", "releasing, preparing", "all is prepared again"),
    point("after-commit configuration-updated", "preparing, or Create-Job intended", "the same"),
    point("before-commit printer-ready", "releasing, preparing", "all is prepared again"),
    point("after-commit printer-ready", "preparing, or Create-Job intended", "the same"),
    point(
        "before create-printer-job",
        "Create-Job intended",
        "the printer is asked for the attempt's token: not there; a new attempt",
    ),
    point(
        "after create-printer-job",
        "Create-Job intended",
        "the token is found: that job is canceled; a new attempt",
    ),
    point(
        "before-commit printer-job-created",
        "Create-Job intended",
        "the token is found: that job is canceled; a new attempt",
    ),
    point(
        "after-commit printer-job-created",
        "job-id, job-uuid, Send-Document intended",
        "the printer has no document: canceled, zero impressions; a new attempt",
    ),
    point("before send-document", "job-id, job-uuid, Send-Document intended", "the same"),
    point(
        "first-byte",
        "Send-Document intended",
        "the printer says what became of it: aborted or empty; a new attempt",
    ),
    point(
        "mid-body",
        "Send-Document intended",
        "the printer aborted what was cut, zero impressions; a new attempt",
    ),
    point(
        "last-byte",
        "Send-Document intended",
        "the printer says: whole, or aborted with zero impressions",
    ),
    point(
        "after send-document",
        "Send-Document intended",
        "the printer's count of octets agrees: whole; it is followed",
    ),
    point(
        "before-commit document-accepted",
        "Send-Document intended",
        "the printer's count of octets agrees: whole; it is followed",
    ),
    point("after-commit document-accepted", "printing, the watch intended", "the watch goes on"),
    point("before watch-printer-job", "printing, the watch intended", "the watch goes on"),
    point("after watch-printer-job", "printing, the watch intended", "the printer is asked again"),
    point(
        "before-commit printer-job-seen",
        "printing, the watch intended",
        "the printer is asked again",
    ),
    point("after-commit printer-job-seen", "reporting, close-task intended", "the task is closed"),
    point("before close-task", "reporting, close-task intended", "the task is closed"),
    point(
        "after close-task",
        "reporting, close-task intended",
        "the task is closed once more, which says the same",
    ),
    point(
        "before-commit done",
        "reporting, close-task intended",
        "the task is closed once more, which says the same",
    ),
    point("after-commit done", "settled", "nothing"),
];

/// The table of the document.
fn table() -> String {
    let rows = POINTS
        .iter()
        .map(|point| format!("| {} | {} | {} |\n", point.name, point.on_disk, point.then));
    format!(
        "| the process dies | the journal has | the next start |\n|---|---|---|\n{}",
        rows.collect::<Vec<_>>().concat()
    )
}

#[test]
fn the_document_has_the_table_that_is_tested() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/journal.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("<!-- points -->\n").unwrap();
    let (written, after) = rest.split_once("<!-- end of points -->").unwrap();
    if std::env::var_os("PULLPRINT_BLESS").is_some() {
        let new = format!("{before}<!-- points -->\n{}<!-- end of points -->{after}", table());
        std::fs::write(path, new).unwrap();
        return;
    }
    assert_eq!(written, table(), "docs/journal.md differs; PULLPRINT_BLESS=1 writes it anew");
}

/// Plays a job to its end, with a daemon that dies at the point and one that does not.
async fn play(world: &mut World, point: &str) -> Value {
    let title = point.replace(' ', "-");
    world.start_daemon_to_die(point);
    world.print(&title, "application/pdf", samples::pdf(&title, OCTETS)).await;
    let begun = Instant::now();
    while !world.daemon_has_ended() {
        release_if_held(world, &title).await;
        assert!(begun.elapsed() < Duration::from_mins(1), "the daemon does not come to {point}");
    }
    world.start_daemon().await;
    let job = until(&format!("an end after {point}"), || async {
        let job = release_if_held(world, &title).await?;
        let over =
            job["state"] == "settled" || job["reasons"].to_string().contains("may-have-printed");
        over.then_some(job)
    })
    .await;
    assert_eq!(world.stop_daemon().await, Some(0), "{point}");
    job
}

/// The job, after somebody has released it where it waits.
async fn release_if_held(world: &World, title: &str) -> Option<Value> {
    let list = world.try_jobs(&["list", "--all"]).await?;
    let job = list["jobs"].as_array()?.iter().find(|job| job["title"] == title)?.clone();
    let doubtful = job["reasons"].to_string().contains("may-have-printed");
    if job["state"] == "held" && !doubtful {
        let (number, version) = (job["job"].to_string(), job["version"].to_string());
        let arguments =
            ["release", &number, "--to", "lobby", "--version", &version, "--color", "gray"];
        let _ = world.jobs_output(&arguments).await;
    }
    Some(job)
}

/// How often the cloud was told of a task.
async fn count_reports(world: &World, task: &str) -> usize {
    let is_report =
        |call: &&Value| call["method"] == "PATCH" && call["path"].as_str().unwrap().ends_with(task);
    world.tell("exchanges").await.iter().filter(is_report).count()
}

#[tokio::test]
async fn wherever_the_daemon_dies_the_document_comes_out_whole_and_once_and_is_reported_once() {
    let mut world = World::new("crash", &["--calm", "--print-time", "20"]).await;
    for Point { name: point, .. } in POINTS {
        let before = world.tell("prints").await.len();
        let job = play(&mut world, point).await;
        let prints = world.tell("prints").await;
        let whole = prints[before..]
            .iter()
            .filter(|print| print["octets"].as_u64() > Some(OCTETS as u64))
            .count();
        let cut = prints[before..].len() - whole;
        assert_eq!(job["ending"], "completed", "{point}: {job}");
        assert_eq!((whole, cut), (1, 0), "{point}");
        let cloud = world.cloud_job(&point.replace(' ', "-")).await;
        assert_eq!(cloud["tasks"][0]["state"], "completed", "{point}");
        // A PATCH of a task may be repeated when its answer died with the process, and says the same.
        let reports = count_reports(&world, cloud["tasks"][0]["id"].as_str().unwrap()).await;
        let repeatable = ["after close-task", "before-commit done"].contains(&point);
        assert_eq!(reports, if repeatable { 2 } else { 1 }, "{point}");
    }
    let spool = std::fs::read_dir(world.directory.join("state/spool")).unwrap().count();
    assert_eq!(spool, 0, "no spool file is left behind");
}
