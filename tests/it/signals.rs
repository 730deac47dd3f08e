//! What the service manager's signals do while there is work: nothing is lost, and nobody is sent away.

use std::time::Duration;

use reqwest::header::COOKIE;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::{
    kiosk::{kiosk_origin, with_kiosk},
    kiosk_events::{Events, cookie, sign_in},
    people::print_as,
    samples,
    world::{World, may_have_printed, until},
};

const ADA: &str = "ada@contoso.example";

async fn all_completed(world: &World, n_jobs: usize) -> Option<Vec<Value>> {
    let jobs = world.all_jobs().await?;
    let done = jobs.iter().filter(|job| job["ending"] == "completed").count();
    (done == n_jobs).then_some(jobs)
}

#[tokio::test]
async fn a_stop_under_load_loses_nothing_and_ends_in_its_bound() {
    const JOBS: usize = 80;
    let mut world = World::new("sigterm", &["--calm", "--print-time", "150"]).await;
    world.configure("release_to = \"lobby\"", "");
    world.start_daemon().await;
    for i in 0..JOBS {
        let title = format!("job-{i:02}");
        world.print(&title, "application/pdf", samples::pdf(&title, 200_000)).await;
    }
    until("some to be printed", || async { (world.tell("prints").await.len() > 5).then_some(()) })
        .await;
    let begun = Instant::now();
    assert_eq!(world.stop_daemon().await, Some(0));
    assert!(begun.elapsed() < Duration::from_secs(32), "{:?}", begun.elapsed());
    let n_printed = world.tell("prints").await.len();
    assert!(n_printed < JOBS, "it was stopped in the middle: {n_printed}");
    world.start_daemon().await;
    until("all jobs", || all_completed(&world, JOBS)).await;
    assert_eq!(world.tell("prints").await.len(), JOBS, "each once");
}

/// A daemon whose printer stands still in the midst of a document, for ever.
async fn in_the_midst_of_a_document(name: &str) -> World {
    let mut world = World::calm(name).await;
    world.configure("", "");
    world.start_daemon().await;
    world.print("book", "application/pdf", samples::pdf("book", 60_000_000)).await;
    let job = world.wait_for("book", "held").await;
    world.release(&job, "lobby", &[]).await;
    until("its document to leave", || async {
        let story = world.show(&job).await["story"].to_string();
        story.contains("printer-job-created").then_some(())
    })
    .await;
    world.signal_emulator(Signal::STOP);
    world
}

#[tokio::test]
async fn a_stop_waits_for_a_document_that_stands_still_no_longer_than_its_bound() {
    let mut world = in_the_midst_of_a_document("sigterm-bound").await;
    let begun = Instant::now();
    assert_eq!(world.stop_daemon().await, Some(0));
    let took = begun.elapsed();
    assert!(took > Duration::from_secs(25) && took < Duration::from_secs(40), "{took:?}");
    assert!(world.daemon_log().contains("stopped-while-sending"));
    world.signal_emulator(Signal::CONT);
    world.start_daemon().await;
    let job = until("its end, or a person's word", || async {
        let job = world.all_jobs().await?.into_iter().next()?;
        (job["state"] == "settled" || may_have_printed(&job)).then_some(job)
    })
    .await;
    assert!(world.tell("prints").await.len() <= 1, "{job}");
}

#[tokio::test]
async fn a_second_request_to_stop_waits_for_no_document() {
    let mut world = in_the_midst_of_a_document("sigterm-twice").await;
    let begun = Instant::now();
    world.signal_daemon(Signal::TERM);
    // Two signals that wait for a process at once are one.
    until("it", || async { world.daemon_log().contains("asked to stop").then_some(()) }).await;
    assert_eq!(world.stop_daemon().await, Some(0));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    world.signal_emulator(Signal::CONT);
}

/// Whether the list of that session is answered.
async fn lists(world: &World, session: &str) -> bool {
    let url = format!("{}/api/v1/stations/lobby/jobs", kiosk_origin(world));
    let listed = reqwest::Client::new().get(url).header(COOKIE, session).send().await.unwrap();
    listed.status().is_success()
}

#[tokio::test]
async fn reloads_under_load_drop_no_session_and_lose_nothing() {
    const JOBS: usize = 40;
    let world = with_kiosk("sighup", "").await;
    let session = cookie(&sign_in(&world, &json!({"badge": "70001"})).await);
    let mut events = Events::of(&world, &session).await;
    for i in 0..JOBS {
        let title = format!("job-{i:02}");
        print_as(&world, ADA, &title).await;
        if i % 4 == 0 {
            let limit = |hours: usize| format!("hold_limit = \"{hours}h\"");
            let (old, new) = (limit(23 + i / 4), limit(24 + i / 4));
            if i == 0 {
                world.configure(&new, "")
            } else {
                world.reconfigure(&old, &new)
            }
            world.signal_daemon(Signal::HUP);
        }
        assert!(lists(&world, &session).await, "the session of {ADA} is gone");
    }
    until("the last reload", || async {
        world.daemon_log().matches("configuration read again").nth(2).map(drop)
    })
    .await;
    until("all jobs to wait", || async {
        let jobs = world.all_jobs().await?;
        (jobs.iter().filter(|job| job["state"] == "held").count() == JOBS).then_some(())
    })
    .await;
    for job in world.all_jobs().await.unwrap() {
        let release = json!({"command": "release", "job": job["job"], "version": job["version"], "printer": "lobby"});
        assert_eq!(world.ask(&release).await.unwrap()["accepted"], true, "{job}");
        world.signal_daemon(Signal::HUP);
    }
    until("all jobs", || all_completed(&world, JOBS)).await;
    assert_eq!(world.tell("prints").await.len(), JOBS, "each once");
    // Whoever listened before the reloads still does.
    while timeout(Duration::from_millis(500), events.next()).await.is_ok() {}
    print_as(&world, ADA, "letter").await;
    let told = timeout(Duration::from_secs(30), events.next()).await;
    assert!(told.is_ok(), "the events went on");
    assert!(lists(&world, &session).await);
}
