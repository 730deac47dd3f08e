//! A minute in which neither the cloud nor the printer says a word: their process is stopped, so that connections open
//! and nothing answers. What was sent meanwhile is carried out when it goes on, though nobody waits for it any more.

use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use crate::{
    samples,
    world::{World, may_have_printed, until_within},
};

const MINUTE: Duration = Duration::from_mins(1);
const PATIENCE: Duration = Duration::from_mins(4);
const JOBS: usize = 30;

fn title(i: usize) -> String {
    format!("job-{i:02}")
}

async fn release(world: &World, job: &Value) {
    let request = json!({"command": "release", "job": job["job"], "version": job["version"], "printer": "lobby"});
    world.ask(&request).await.expect("the daemon answers");
}

#[tokio::test]
async fn after_a_minute_without_cloud_and_printer_everything_settles_by_itself() {
    let mut world = World::new("outage", &["--calm", "--print-time", "300"]).await;
    world.start_daemon().await;
    for i in 0..JOBS {
        world.print(&title(i), "application/pdf", samples::pdf(&title(i), 20_000)).await;
    }
    let jobs = until_within(PATIENCE, "all jobs to be held", || async {
        let jobs = world.all_jobs().await?;
        (jobs.iter().filter(|job| job["state"] == "held").count() == JOBS).then_some(jobs)
    })
    .await;
    // A third is under way when silence falls, a third is released into it, a third waits through it.
    for job in &jobs[..10] {
        release(&world, job).await;
    }
    until_within(PATIENCE, "the first print", || async {
        (!world.tell("prints").await.is_empty()).then_some(())
    })
    .await;
    let calls_before = world.tell("exchanges").await.len();
    world.signal_emulator(Signal::STOP);
    let begun = Instant::now();
    for job in &jobs[10..20] {
        release(&world, job).await;
    }
    until_within(PATIENCE, "a minute", || async { (begun.elapsed() >= MINUTE).then_some(()) })
        .await;
    world.signal_emulator(Signal::CONT);

    let settled = until_within(PATIENCE, "all to be settled", || async {
        let jobs = world.all_jobs().await?;
        // Who saw that the printer was silent releases again; so does who had not come yet.
        for job in jobs.iter().filter(|job| job["state"] == "held" && !may_have_printed(job)) {
            release(&world, job).await;
        }
        let over = jobs.iter().filter(|job| job["state"] == "settled" || may_have_printed(job));
        (over.count() == JOBS).then_some(jobs)
    })
    .await;
    let n_completed = settled.iter().filter(|job| job["ending"] == "completed").count();
    let calls = world.tell("exchanges").await.len() - calls_before;
    println!(
        "{n_completed} of {JOBS} completed, {} s after silence fell; {calls} calls of the cloud",
        begun.elapsed().as_secs()
    );
    assert_eq!(n_completed, JOBS, "this printer could have told of each job");
    assert_eq!(world.tell("prints").await.len(), JOBS);
    assert!(calls < JOBS * 20, "{calls} calls are a storm");
    assert_eq!(world.stop_daemon().await, Some(0));
}
