//! Doubt at run time: what a printer does wrong, and what follows. Each row is one fault.

use serde_json::Value;

use crate::{
    samples,
    world::{World, may_have_printed, until},
};

/// What must come of a fault: how the job ends, and how many whole and cut documents were printed.
struct Row {
    kind: &'static str,
    bytes: &'static str,
    ending: &'static str,
    whole: usize,
    cut: usize,
}

const OCTETS: usize = 200_000;

const ROWS: [Row; 12] = [
    Row { kind: "busy", bytes: "0", ending: "completed", whole: 1, cut: 0 },
    Row { kind: "drop-create", bytes: "0", ending: "completed", whole: 1, cut: 0 },
    Row { kind: "no-job-id", bytes: "0", ending: "completed", whole: 1, cut: 0 },
    Row { kind: "wrong-job-id", bytes: "0", ending: "completed", whole: 1, cut: 0 },
    Row { kind: "drop-send", bytes: "0", ending: "completed", whole: 1, cut: 0 },
    Row { kind: "cut-after", bytes: "70000", ending: "may-have-printed", whole: 0, cut: 1 },
    Row { kind: "forget", bytes: "0", ending: "completed", whole: 1, cut: 0 },
    Row { kind: "garbled-create", bytes: "0", ending: "completed", whole: 1, cut: 0 },
    Row { kind: "half-create", bytes: "0", ending: "completed", whole: 1, cut: 0 },
    Row { kind: "garbled-send", bytes: "0", ending: "completed", whole: 1, cut: 0 },
    Row { kind: "half-send", bytes: "0", ending: "completed", whole: 1, cut: 0 },
    Row { kind: "reboot", bytes: "0", ending: "may-have-printed", whole: 1, cut: 0 },
];

/// The job's ending, or that it is held because paper may be out.
fn ending(job: &Value) -> Option<String> {
    if may_have_printed(job) {
        Some("may-have-printed".to_owned())
    } else {
        job["ending"].as_str().map(str::to_owned)
    }
}

#[tokio::test]
async fn each_fault_of_a_printer_has_its_end() {
    play(&ROWS).await;
}

#[tokio::test]
async fn a_printer_that_restarts_after_some_pages_prints_nothing_again() {
    let kind = "reboot-midway";
    play(&[Row { kind, bytes: "0", ending: "may-have-printed", whole: 1, cut: 0 }]).await;
}

async fn play(rows: &[Row]) {
    // Up-time counts seconds: a printer that has just started looks the same after a restart.
    let mut world = World::new("doubt", &["--calm", "--print-time", "300"]).await;
    world.configure("release_to = \"lobby\"", "");
    world.start_daemon().await;
    until("the printer's clock", || async { (clock(&world) >= 3).then_some(()) }).await;
    for row in rows {
        let before = world.tell("prints").await.len();
        world
            .door("fault", &[("printer", "lobby"), ("kind", row.kind), ("bytes", row.bytes)])
            .await;
        let document = samples::pdf(row.kind, OCTETS);
        let length = document.len();
        world.print(row.kind, "application/pdf", document).await;
        let found = until(row.kind, || async {
            let list = world.jobs(&["list", "--all"]).await;
            let job = list["jobs"]
                .as_array()
                .unwrap()
                .iter()
                .find(|job| job["title"] == row.kind)?
                .clone();
            ending(&job)
        })
        .await;
        let prints = world.tell("prints").await;
        let whole = prints[before..].iter().filter(|print| print["octets"] == length).count();
        let cut = prints[before..].len() - whole;
        assert_eq!((found.as_str(), whole, cut), (row.ending, row.whole, row.cut), "{}", row.kind);
    }
}

#[tokio::test]
async fn a_printer_that_forgets_each_job_at_once_leaves_none_of_a_hundred_held() {
    let mut world = World::calm("forgets").await;
    world.configure("release_to = \"lobby\"", "");
    world.door("fault", &[("printer", "lobby"), ("kind", "forget"), ("times", "100")]).await;
    world.start_daemon().await;
    for i in 0..100 {
        let title = format!("job-{i:02}");
        world.print(&title, "application/pdf", samples::pdf(&title, 2_000)).await;
    }
    let jobs = until("a hundred ends", || async {
        let jobs = world.all_jobs().await?;
        let over = jobs.iter().filter(|job| ending(job).is_some()).count();
        (over == 100).then_some(jobs)
    })
    .await;
    let completed = jobs.iter().filter(|job| job["ending"] == "completed").count();
    let unconfirmed = jobs.iter().filter(|job| job["reasons"].to_string().contains("unconfirmed"));
    assert_eq!((completed, unconfirmed.count()), (100, 100));
    assert_eq!(world.tell("prints").await.len(), 100);
}

/// The printer's up-time in seconds, by the age of the emulator's files.
fn clock(world: &World) -> u64 {
    let made = std::fs::metadata(world.told("ca_file")).unwrap().modified().unwrap();
    made.elapsed().map_or(0, |age| age.as_secs())
}

#[tokio::test]
async fn a_job_of_which_paper_may_be_out_is_printed_again_only_by_a_person_who_says_so() {
    let mut world = World::new("reprint", &["--calm", "--print-time", "20"]).await;
    world.start_daemon().await;
    world.print("letter", "application/pdf", samples::pdf("letter", OCTETS)).await;
    let job = world.wait_for("letter", "held").await;
    world.door("fault", &[("printer", "lobby"), ("kind", "cut-after"), ("bytes", "1000")]).await;
    world.release(&job, "lobby", &[]).await;
    let held = until("the doubt", || async {
        let held = world.wait_for("letter", "held").await;
        (held["version"] != job["version"]).then_some(held)
    })
    .await;
    assert_eq!(held["reasons"][0]["code"], "may-have-printed");
    let (number, version) = (held["job"].to_string(), held["version"].to_string());
    let again = ["release", &number, "--to", "lobby", "--version", &version];
    let refused = world.jobs_output(&again).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("repeat with --reprint"));
    let old_version = job["version"].to_string();
    let stale = world
        .jobs_output(&["release", &number, "--to", "lobby", "--version", &old_version, "--reprint"])
        .await;
    assert!(String::from_utf8_lossy(&stale.stderr).contains("the job changed since you looked"));
    world.release(&held, "lobby", &["--reprint"]).await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "completed");
}

#[tokio::test]
async fn a_daemon_killed_in_mid_document_asks_the_printer_and_prints_nothing_twice() {
    let mut world = World::new("killed-send", &["--calm", "--print-time", "20"]).await;
    world.start_daemon().await;
    world.print("long", "application/pdf", samples::pdf("long", 40_000_000)).await;
    let job = world.wait_for("long", "held").await;
    world.release(&job, "lobby", &[]).await;
    until("the intent to send", || async {
        let story = world.show(&job).await;
        story["story"].to_string().contains("printer-job-created").then_some(())
    })
    .await;
    world.kill_daemon().await;
    world.start_daemon().await;
    let found = until("an end", || async { ending(&world.show(&job).await) }).await;
    assert_eq!(found, "completed", "a printer that aborts what was cut leaves no doubt");
    let prints = world.tell("prints").await;
    assert_eq!(prints.len(), 1, "{prints:?}");
    assert!(prints[0]["octets"].as_u64() > Some(40_000_000), "{prints:?}");
}

#[tokio::test]
async fn a_stop_in_mid_document_finishes_the_send_and_starts_nothing_new() {
    let mut world = World::new("stop", &["--calm", "--print-time", "20"]).await;
    world.start_daemon().await;
    for title in ["long", "waiting"] {
        world.print(title, "application/pdf", samples::pdf(title, 40_000_000)).await;
    }
    let (long, waiting) =
        (world.wait_for("long", "held").await, world.wait_for("waiting", "held").await);
    world.release(&long, "lobby", &[]).await;
    until("the intent to send", || async {
        let story = world.show(&long).await;
        story["story"].to_string().contains("printer-job-created").then_some(())
    })
    .await;
    assert_eq!(world.stop_daemon().await, Some(0));
    assert_eq!(world.tell("prints").await.len(), 1, "the running send came to its end");
    world.start_daemon().await;
    assert_eq!(world.wait_for("long", "settled").await["ending"], "completed");
    assert_eq!(world.show(&waiting).await["state"], "held");
    assert_eq!(world.tell("prints").await.len(), 1);
}

#[tokio::test]
async fn a_lost_abort_and_a_cloud_without_filters_come_to_their_end() {
    let mut world = World::calm("cloud-faults").await;
    world.door("switch", &[("name", "task-filter"), ("position", "no")]).await;
    world.start_daemon().await;
    world.print("letter", "application/pdf", samples::pdf("letter", 100)).await;
    let job = world.wait_for("letter", "held").await;
    // The next calls are lists, the abort among them; each fault hits whichever comes.
    for kind in ["drop-after", "unavailable", "too-many", "token-over", "drop-before"] {
        world.door("fault", &[("kind", kind), ("number", "1")]).await;
    }
    world.jobs(&["abort", &job["job"].to_string(), "--reason", "Not today."]).await;
    let done = world.wait_for("letter", "settled").await;
    assert_eq!(done["ending"], "aborted");
    assert_eq!(world.cloud_job("letter").await["abort_reason"], "Not today.");
    assert!(world.daemon_log().contains("does not filter tasks"));
}
