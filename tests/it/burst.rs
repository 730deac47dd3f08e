//! A thousand jobs released in a burst, and a daemon that is killed ten times meanwhile.
//!
//! The moments are drawn from a seed that is printed; `PULLPRINT_SEED=N` draws the same.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokio::time::{Duration, Instant, timeout};

use crate::{
    samples,
    world::{World, until_within},
};

const JOBS: usize = 1_000;
const KILLS: usize = 10;
const PATIENCE: Duration = Duration::from_mins(5);
const PRINTERS: [&str; 3] = ["north", "south", "west"];

fn title(i: usize) -> String {
    format!("job-{i:04}")
}

/// A small generator (splitmix64), so that a seed is all that a story needs.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// Releases every job that waits, as far as the daemon answers.
async fn release_all(world: &World) {
    let Some(jobs) = world.all_jobs().await else { return };
    for job in jobs.iter().filter(|job| job["state"] == "held") {
        assert!(!job["reasons"].to_string().contains("may-have-printed"), "{job}");
        let printer =
            PRINTERS[usize::try_from(job["job"].as_u64().unwrap()).unwrap() % PRINTERS.len()];
        let request = json!({"command": "release", "job": job["job"], "version": job["version"], "printer": printer});
        if world.ask(&request).await.is_none() {
            return;
        }
    }
}

fn settled(jobs: &[Value]) -> usize {
    jobs.iter().filter(|job| job["state"] == "settled").count()
}

#[tokio::test]
async fn a_thousand_jobs_and_ten_kills_lose_nothing_and_print_nothing_twice() {
    let seed = std::env::var("PULLPRINT_SEED").map_or(1, |text| text.parse().unwrap());
    println!("seed {seed}");
    let mut random = Random(seed);
    let printers = PRINTERS.iter().flat_map(|name| ["--printer", name]);
    let arguments: Vec<&str> = ["--calm", "--print-time", "30", "--switch", "page-size=200"]
        .into_iter()
        .chain(printers)
        .collect();
    let mut world = World::new("burst", &arguments).await;
    world.start_daemon().await;
    for i in 0..JOBS {
        world.print(&title(i), "application/pdf", samples::pdf(&title(i), 2_000)).await;
    }
    until_within(PATIENCE, "all jobs to be held", || async {
        let jobs = world.all_jobs().await?;
        (jobs.iter().filter(|job| job["state"] == "held").count() == JOBS).then_some(())
    })
    .await;

    let mut ready = Vec::new();
    for kill in 0..KILLS {
        // The moment is random; that is what this is about.
        let moment = Duration::from_millis(random.below(1_500));
        let releases = until_within(PATIENCE, "the kill", || async {
            release_all(&world).await;
            None::<()>
        });
        let _ = timeout(moment, releases).await;
        world.kill_daemon().await;
        let begun = Instant::now();
        world.start_daemon().await;
        ready.push(begun.elapsed().as_millis());
        let n_settled = settled(&world.all_jobs().await.unwrap());
        println!("kill {kill} after {moment:?}: {n_settled} settled");
    }
    println!("ready again after so many ms: {ready:?}");

    until_within(PATIENCE, "all jobs to be settled", || async {
        release_all(&world).await;
        (settled(&world.all_jobs().await?) == JOBS).then_some(())
    })
    .await;
    check(&world).await;
    assert_eq!(world.stop_daemon().await, Some(0));
    let spool = std::fs::read_dir(world.directory.join("state/spool")).unwrap().count();
    assert_eq!(spool, 0, "no spool file is left behind");
}

/// Each job came out whole and once, is completed here, and its task in the cloud.
async fn check(world: &World) {
    let mut prints: HashMap<Vec<u8>, usize> = HashMap::new();
    for print in world.tell("prints").await {
        *prints.entry(std::fs::read(print["file"].as_str().unwrap()).unwrap()).or_default() += 1;
    }
    assert_eq!(prints.len(), JOBS, "a document was cut");
    for i in 0..JOBS {
        assert_eq!(prints.get(&samples::pdf(&title(i), 2_000)), Some(&1), "{}", title(i));
    }
    for job in world.all_jobs().await.unwrap() {
        assert_eq!(job["ending"], "completed", "{job}");
    }
    for job in world.tell("jobs").await {
        assert_eq!(job["tasks"][0]["state"], "completed", "{job}");
    }
}
