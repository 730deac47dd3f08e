//! A clock that is wrong at the start and set right later. Debian's `faketime` lies to the real process.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::process::Command;

use crate::{
    samples,
    world::{BINARY, World, may_have_printed, until},
};

const OCTETS: usize = 2_000;

/// The library that lies about the time.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|folder| folder.path());
    let found =
        folders.map(|folder| folder.join("faketime/libfaketime.so.1")).find(|so| so.exists());
    let promised = std::env::var_os("PULLPRINT_TEST_PROGRAMS").is_some();
    assert!(found.is_some() || !promised, "faketime is not installed");
    if found.is_none() {
        eprintln!("SKIPPED: faketime is not installed; tests/run installs it");
    }
    found
}

/// Sets the daemon's clock, now or at its start.
fn set_clock(world: &World, ahead: SignedDuration) {
    // Whole or not at all: it is read at any time.
    let (new, file) = (world.directory.join("clock.new"), world.directory.join("clock"));
    std::fs::write(&new, format!("{:+}\n", ahead.as_secs())).unwrap();
    std::fs::rename(new, file).unwrap();
}

/// The daemon's command with a clock of its own.
fn lied_to(world: &World, library: &PathBuf) -> Command {
    let mut command = Command::new(BINARY);
    command
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", world.directory.join("clock"))
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command
}

async fn start_with_clock(world: &mut World, library: &PathBuf) {
    let command = lied_to(world, library);
    world.start_daemon_as(command).await;
}

fn wrong_clocks() -> [(&'static str, SignedDuration); 3] {
    let since_1970 = SignedDuration::from_secs(Timestamp::now().as_second());
    [
        ("1970", SignedDuration::from_mins(10) - since_1970),
        ("30 days back", SignedDuration::from_hours(-720)),
        ("30 days ahead", SignedDuration::from_hours(720)),
    ]
}

/// Our job of that title, as long as it is neither printed nor aborted.
async fn still_held(world: &World, title: &str) -> Value {
    let jobs = world.all_jobs().await.unwrap();
    let job = jobs.into_iter().find(|job| job["title"] == title).unwrap();
    assert_eq!(job["state"], "held", "{job}");
    assert_eq!(world.tell("prints").await.len(), 0);
    let cloud = world.cloud_job(title).await;
    assert_eq!(
        (&cloud["state"], &cloud["tasks"][0]["state"]),
        (&"paused".into(), &"processing".into())
    );
    job
}

/// Releases a held job. It is looked at again after the clock jumped: a release of what changed meanwhile is refused, and
/// made again as a person would to whom the list is shown anew.
async fn release_as_shown(world: &World, title: &str) {
    until("a release that is taken", || async {
        let job = still_held(world, title).await;
        let (number, version) = (job["job"].to_string(), job["version"].to_string());
        let release = ["release", &number, "--to", "lobby", "--version", &version];
        world.jobs_output(&release).await.status.success().then_some(())
    })
    .await;
}

async fn until_logged(world: &World, what: &str, times: usize) {
    until(what, || async { (world.daemon_log().matches(what).count() >= times).then_some(()) })
        .await;
}

/// One job was held by a right clock. The daemon starts with a wrong one, which is set right later.
async fn play(name: &str, ahead: SignedDuration, library: &PathBuf, by_certificate: bool) {
    let mut world = World::calm("clock").await;
    if by_certificate {
        let certificate = format!("certificate_file = {:?}", world.told("certificate_file"));
        let secret = format!("client_secret_file = {:?}", world.told("secret_file"));
        world.reconfigure(&secret, &certificate);
    }
    set_clock(&world, SignedDuration::ZERO);
    start_with_clock(&mut world, library).await;
    world.print("early", "application/pdf", samples::pdf("early", OCTETS)).await;
    world.wait_for("early", "held").await;
    assert_eq!(world.stop_daemon().await, Some(0));

    set_clock(&world, ahead);
    start_with_clock(&mut world, library).await;
    // An assertion is signed for another time; and in 1970 no certificate of a server was valid yet.
    let signs_in = !by_certificate && name != "1970";
    if !signs_in {
        until_logged(&world, "sign in: ", 2).await;
    }
    if !by_certificate {
        let health = until("health to say it", || async {
            let health = world.ask(&serde_json::json!({"command": "health"})).await?;
            health.to_string().contains("clock-wrong").then_some(health)
        })
        .await;
        assert!(health.to_string().contains("no deadline counts"), "{name}: {health}");
    }
    if signs_in {
        world.print("meanwhile", "application/pdf", samples::pdf("meanwhile", OCTETS)).await;
        world.wait_for("meanwhile", "held").await;
        still_held(&world, "meanwhile").await;
    }
    still_held(&world, "early").await;

    set_clock(&world, SignedDuration::ZERO);
    world.print("late", "application/pdf", samples::pdf("late", OCTETS)).await;
    world.wait_for("late", "held").await;
    assert!(world.daemon_log().contains("the clock jumped"), "{name}");
    release_as_shown(&world, "early").await;
    assert_eq!(world.wait_for("early", "settled").await["ending"], "completed", "{name}");
    assert_eq!(world.tell("prints").await.len(), 1, "{name}");
    until("health to be good again", || async {
        let health = world.ask(&serde_json::json!({"command": "health"})).await?;
        (!health.to_string().contains("clock-wrong")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_wrong_clock_aborts_nothing_prints_nothing_and_is_over_when_it_is_set_right() {
    let Some(library) = library() else { return };
    for (name, ahead) in wrong_clocks() {
        play(name, ahead, &library, false).await;
    }
}

#[tokio::test]
async fn a_sign_in_that_a_wrong_clock_spoils_recovers_by_itself() {
    let Some(library) = library() else { return };
    for (name, ahead) in wrong_clocks() {
        play(name, ahead, &library, true).await;
    }
}

/// The printer has the whole document when the process dies; the machine wakes with another time.
#[tokio::test]
async fn a_box_that_dies_in_mid_release_and_wakes_at_another_time_prints_nothing_twice() {
    let Some(library) = library() else { return };
    for (name, ahead) in wrong_clocks() {
        for point in ["first-byte", "after send-document"] {
            let mut world = World::new("clock-crash", &["--calm", "--print-time", "300"]).await;
            world.configure("release_to = \"lobby\"", "");
            world.start_daemon_to_die(point);
            world.print("letter", "application/pdf", samples::pdf("letter", OCTETS)).await;
            until("the crash", || std::future::ready(world.daemon_has_ended().then_some(()))).await;
            set_clock(&world, ahead);
            start_with_clock(&mut world, &library).await;
            set_clock(&world, SignedDuration::ZERO);
            let job = until("an end", || async {
                let jobs = world.all_jobs().await?;
                jobs.into_iter().find(|job| job["state"] == "settled" || may_have_printed(job))
            })
            .await;
            assert_eq!(job["ending"], "completed", "{name}, {point}: {job}");
            assert_eq!(world.tell("prints").await.len(), 1, "{name}, {point}");
        }
    }
}
