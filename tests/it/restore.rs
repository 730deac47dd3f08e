//! Backup and restore: what could have been printed without the journal is printed again by nobody but
//! a person who says so.

use serde_json::Value;
use tokio::time::{Duration, Instant};

use crate::{
    ippeveprinter::IppEvePrinter,
    samples,
    world::{World, may_have_printed, until},
};

const OCTETS: usize = 2_000;

async fn world(name: &str, queue: &str) -> World {
    let mut world = World::new(name, &["--calm", "--print-time", "1000"]).await;
    world.configure(queue, "");
    world.reconfigure("[printers.lobby]\n", "[printers.lobby]\njobs_at_once = 50\n");
    world.reconfigure("[cloud]\n", "[cloud]\nstamp_interval = \"1s\"\n");
    world.start_daemon().await;
    world
}

async fn print(world: &World, kind: &str, n: usize) {
    for i in 0..n {
        let title = format!("{kind}-{i:02}");
        world.print(&title, "application/pdf", samples::pdf(&title, OCTETS)).await;
    }
}

fn is(job: &Value, kind: &str) -> bool {
    job["title"].as_str().is_some_and(|title| title.starts_with(kind))
}

/// The jobs of a kind, once so many of them are as they shall be.
async fn jobs_that(
    world: &World,
    what: &str,
    kind: &str,
    n: usize,
    good: impl Fn(&Value) -> bool,
) -> Vec<Value> {
    until(what, || async {
        let jobs = world.all_jobs().await?;
        let jobs: Vec<Value> = jobs.into_iter().filter(|job| is(job, kind) && good(job)).collect();
        (jobs.len() == n).then_some(jobs)
    })
    .await
}

fn held(job: &Value) -> bool {
    job["state"] == "held"
}

fn settled(job: &Value) -> bool {
    job["state"] == "settled"
}

/// A held job that nobody else could still release.
fn free(job: &Value) -> bool {
    may_have_printed(job) && !job["reasons"].to_string().contains("other-daemon")
}

async fn release_all(world: &World, jobs: &[Value]) {
    for job in jobs {
        world.release(job, "lobby", &[]).await;
    }
}

/// Waits until so many documents are printed, and kills the daemon before it can report the last of them.
async fn die_before_the_reports(world: &mut World, n_prints: usize) {
    until("the prints", || async { (world.tell("prints").await.len() == n_prints).then_some(()) })
        .await;
    world.kill_daemon().await;
}

/// How many tasks of a kind the cloud still waits for.
async fn unreported(world: &World, kind: &str) -> usize {
    let jobs = world.tell("jobs").await;
    let open = |job: &&Value| is(job, kind) && job["tasks"][0]["state"] == "processing";
    jobs.iter().filter(open).count()
}

async fn backup(world: &World) -> String {
    let file = world.directory.join("backup.sqlite").display().to_string();
    let output = world.command(&["journal", "backup", &file]).await;
    assert!(output.status.success(), "{output:?}");
    file
}

async fn restore(world: &World, file: &str) {
    let output = world.command(&["journal", "restore", file]).await;
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn yesterdays_backup_of_a_hold_queue_prints_nothing_unasked() {
    let mut world = world("restore-hold", "").await;
    print(&world, "told", 15).await;
    print(&world, "untold", 5).await;
    print(&world, "waiting", 5).await;
    let told = jobs_that(&world, "15 jobs to wait", "told", 15, held).await;
    let untold = jobs_that(&world, "5 jobs to wait", "untold", 5, held).await;
    jobs_that(&world, "5 others to wait", "waiting", 5, held).await;
    let file = backup(&world).await;
    release_all(&world, &told).await;
    jobs_that(&world, "15 releases", "told", 15, settled).await;
    release_all(&world, &untold).await;
    die_before_the_reports(&mut world, 20).await;
    assert_eq!(unreported(&world, "untold").await, 5);

    restore(&world, &file).await;
    world.start_daemon().await;
    let gone = |job: &Value| settled(job) && job["ending"] == "withdrawn";
    jobs_that(&world, "what was told to be over", "told", 15, gone).await;
    let untold = jobs_that(&world, "what was not to wait", "untold", 5, free).await;
    jobs_that(&world, "the others to wait", "waiting", 5, may_have_printed).await;
    assert_eq!(world.tell("prints").await.len(), 20, "nothing was printed unasked");

    let (number, version) = (untold[0]["job"].to_string(), untold[0]["version"].to_string());
    let plain = ["release", &number, "--to", "lobby", "--version", &version];
    let refused = world.jobs_output(&plain).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("repeat with --reprint"));
    world.release(&untold[0], "lobby", &["--reprint"]).await;
    until("the reprint", || async { (world.tell("prints").await.len() == 21).then_some(()) }).await;
}

#[tokio::test]
async fn yesterdays_backup_of_a_queue_that_prints_at_once_prints_nothing_twice() {
    let mut world = world("restore-at-once", "release_to = \"lobby\"").await;
    print(&world, "before", 2).await;
    jobs_that(&world, "2 prints", "before", 2, settled).await;
    let file = backup(&world).await;
    print(&world, "told", 15).await;
    jobs_that(&world, "15 prints", "told", 15, settled).await;
    print(&world, "untold", 5).await;
    die_before_the_reports(&mut world, 22).await;
    assert_eq!(unreported(&world, "untold").await, 5);

    restore(&world, &file).await;
    world.start_daemon().await;
    jobs_that(&world, "what was not told to wait", "untold", 5, may_have_printed).await;
    assert_eq!(world.tell("prints").await.len(), 22, "nothing was printed unasked");

    // The cloud tells its time in whole seconds, so a few more count as unwatched.
    until("the watch", || async {
        world.daemon_log().contains("nobody else can have released it").then_some(())
    })
    .await;
    let begun = Instant::now();
    until("those seconds", || async { (begun.elapsed() > Duration::from_secs(7)).then_some(()) })
        .await;
    print(&world, "new", 1).await;
    jobs_that(&world, "a new job to print as ever", "new", 1, settled).await;
    assert_eq!(world.tell("prints").await.len(), 23);
    let tokens: std::collections::HashSet<String> =
        world.tell("prints").await.iter().map(|print| print["name"].to_string()).collect();
    assert_eq!(tokens.len(), 23, "no token was used twice: {tokens:?}");
}

#[tokio::test]
async fn a_backup_is_refused_where_it_would_do_harm() {
    let mut world = world("backup", "").await;
    print(&world, "waiting", 1).await;
    jobs_that(&world, "a job to wait", "waiting", 1, held).await;
    let file = backup(&world).await;
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap());
    assert_eq!(mode & 0o777, 0o600, "a journal names people");

    let again = world.command(&["journal", "backup", &file]).await;
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"), "{again:?}");
    let beside_the_daemon = world.command(&["journal", "restore", &file]).await;
    assert_eq!(beside_the_daemon.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&beside_the_daemon.stderr).contains("in use by process"));
    assert_eq!(world.stop_daemon().await, Some(0));

    let cut = world.directory.join("cut.sqlite").display().to_string();
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let damaged = world.command(&["journal", "restore", &cut]).await;
    assert_eq!(damaged.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&damaged.stderr).contains("is damaged"), "{damaged:?}");
    let checked = world.command(&["journal", "check"]).await;
    assert!(String::from_utf8_lossy(&checked.stdout).contains("1 jobs, 1 of them open"));
    world.start_daemon().await;
    jobs_that(&world, "the job to wait as before", "waiting", 1, |job| {
        held(job) && !may_have_printed(job)
    })
    .await;
}

#[tokio::test]
async fn an_orphan_that_blocks_a_real_printer_is_canceled() {
    let mut world = World::calm("orphan").await;
    let Some(printer) = IppEvePrinter::start(&world.directory).await else { return };
    world.reconfigure("[cloud]\n", "[cloud]\nstamp_interval = \"1s\"\n");
    world.configure("", &format!("[printers.real]\nuri = {:?}", printer.uri));
    world.start_daemon().await;
    let file = backup(&world).await;
    assert_eq!(world.stop_daemon().await, Some(0));
    // It dies when the printer has the job and not its document; then even the journal forgets it.
    world.start_daemon_to_die("after create-printer-job");
    print(&world, "letter", 1).await;
    let job = jobs_that(&world, "the job to wait", "letter", 1, held).await;
    let (number, version) = (job[0]["job"].to_string(), job[0]["version"].to_string());
    let release = ["release", &number, "--to", "real", "--version", &version];
    let _ = world.jobs_output(&release).await;
    until("the crash", || std::future::ready(world.daemon_has_ended().then_some(()))).await;
    restore(&world, &file).await;

    world.start_daemon().await;
    let job = jobs_that(&world, "the job to wait again", "letter", 1, free).await;
    world.release(&job[0], "real", &["--reprint"]).await;
    assert_eq!(world.wait_for("letter-00", "settled").await["ending"], "completed");
    assert_eq!(printer.printed().len(), 1);
    assert!(world.daemon_log().contains("an orphan was canceled"));
}
