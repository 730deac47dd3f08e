//! Five jobs a second, for seconds or for twenty minutes (`tests/run --long`): memory, file descriptors and disk stay as
//! they are. What each job leaves in the journal is its record, which stays.

use std::{fs, path::Path, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::{
    samples,
    world::{World, until_within},
};

const EACH: Duration = Duration::from_millis(200);
/// How many looks at the daemon a run has.
const LOOKS: u32 = 40;
/// What a settled job may leave, in octets: its row, its entries and their indexes.
const LONGEST_RECORD: u64 = 8 * 1_024;

/// How much the daemon has at a moment.
#[derive(Clone, Copy, Debug)]
struct Look {
    resident_kib: u64,
    descriptors: usize,
    journal: u64,
    log: u64,
    spool: u64,
}

fn look(world: &World) -> Look {
    let process = format!("/proc/{}", world.daemon_pid());
    let status = fs::read_to_string(format!("{process}/status")).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let state = world.directory.join("state");
    let size = |name: &str| fs::metadata(state.join(name)).map_or(0, |file| file.len());
    Look {
        resident_kib: resident.trim().trim_end_matches(" kB").parse().unwrap(),
        descriptors: fs::read_dir(format!("{process}/fd")).unwrap().count(),
        journal: size("journal.sqlite"),
        log: size("journal.sqlite-wal"),
        spool: folder_size(&state.join("spool")),
    }
}

fn folder_size(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

/// The looks of a part of the run, from and to a quarter.
fn most(looks: &[Look], from: usize, to: usize, what: fn(&Look) -> u64) -> u64 {
    let (from, to) = (looks.len() * from / 4, looks.len() * to / 4);
    looks[from..to].iter().map(what).max().unwrap()
}

#[tokio::test]
async fn five_jobs_a_second_leave_memory_descriptors_and_disk_as_they_are() {
    let seconds = std::env::var("PULLPRINT_SOAK_SECONDS").map_or(20, |text| text.parse().unwrap());
    let n_jobs =
        u32::try_from(Duration::from_secs(seconds).as_millis() / EACH.as_millis()).unwrap();
    let mut world = World::new("soak", &["--calm", "--print-time", "20"]).await;
    world.configure("release_to = \"lobby\"", "");
    world.start_daemon_logging("info").await;
    let document = samples::pdf("soak", 20_000);
    let mut pulse = interval(EACH);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let begun = Instant::now();
    let mut looks = Vec::new();
    for i in 0..n_jobs {
        pulse.tick().await;
        world.print(&format!("job-{i}"), "application/pdf", document.clone()).await;
        if i % (n_jobs / LOOKS).max(1) == 0 {
            looks.push(look(&world));
        }
    }
    let rate = f64::from(n_jobs) / begun.elapsed().as_secs_f64();
    until_within(Duration::from_mins(2), "all jobs", || async {
        let status = world.command(&["status", "--json"]).await;
        let status: serde_json::Value = serde_json::from_slice(&status.stdout).ok()?;
        status["counts"].as_object()?.is_empty().then_some(())
    })
    .await;
    // The last ones may not be claimed yet.
    until_within(Duration::from_mins(1), "each job's paper", || async {
        (world.tell("prints").await.len() >= usize::try_from(n_jobs).unwrap()).then_some(())
    })
    .await;
    let last = look(&world);
    println!(
        "{n_jobs} jobs at {rate:.2} a second; first {:?}, middle {:?}, last {last:?}",
        looks[1],
        looks[looks.len() / 2]
    );
    assert!(rate > 4.5, "{rate}");
    // The first quarter warms up; what the second needed is enough for the fourth.
    let memory = |look: &Look| look.resident_kib;
    let (early, late) = (most(&looks, 1, 2, memory), most(&looks, 3, 4, memory));
    assert!(late < early + early / 10 + 4 * 1_024, "{early} KiB, then {late} KiB: {looks:?}");
    let descriptors = |look: &Look| look.descriptors as u64;
    let (early, late) = (most(&looks, 1, 2, descriptors), most(&looks, 3, 4, descriptors));
    assert!(late <= early + 8, "{early} descriptors, then {late}: {looks:?}");
    assert_eq!(last.spool, 0, "no document is left");
    assert!(most(&looks, 0, 4, |look| look.log) < 16 << 20, "{looks:?}");
    let left = (last.journal + last.log) / u64::from(n_jobs);
    assert!(seconds < 120 || left < LONGEST_RECORD, "{left} octets a job");
    assert_eq!(world.tell("prints").await.len(), usize::try_from(n_jobs).unwrap(), "each once");
}
