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

/// The journal's entries of a release, in order; the process dies before and after the commit of each.
const ENTRIES: [&str; 10] = [
    "task-seen",
    "job-read",
    "released",
    "document-ready",
    "configuration-updated",
    "printer-ready",
    "printer-job-created",
    "document-accepted",
    "printer-job-seen",
    "done",
];

/// Its effects; the process dies before and after each.
const EFFECTS: [&str; 8] = [
    "read-job",
    "fetch-document",
    "update-configuration",
    "ask-printer",
    "create-printer-job",
    "send-document",
    "watch-printer-job",
    "close-task",
];

const SEND: [&str; 3] = ["first-byte", "mid-body", "last-byte"];

fn points() -> Vec<String> {
    let pairs = |words: &[&str], before: &str, after: &str| -> Vec<String> {
        words
            .iter()
            .flat_map(|word| [format!("{before} {word}"), format!("{after} {word}")])
            .collect()
    };
    let mut points = pairs(&ENTRIES, "before-commit", "after-commit");
    points.extend(pairs(&EFFECTS, "before", "after"));
    points.extend(SEND.map(str::to_owned));
    points
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
    for point in points() {
        let before = world.tell("prints").await.len();
        let job = play(&mut world, &point).await;
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
        let repeatable = ["after close-task", "before-commit done"].contains(&point.as_str());
        assert_eq!(reports, if repeatable { 2 } else { 1 }, "{point}");
    }
    let spool = std::fs::read_dir(world.directory.join("state/spool")).unwrap().count();
    assert_eq!(spool, 0, "no spool file is left behind");
}
