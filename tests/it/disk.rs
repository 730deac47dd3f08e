//! Disk trouble: the daemon says which it is, and has harmed nothing. The faults are injected into the system calls of
//! the real process by `strace`.

use std::{os::unix::fs::PermissionsExt, path::Path};

use serde_json::Value;
use tokio::process::Command;

use crate::{
    samples,
    syncs::can_trace,
    world::{BINARY, World, has_program, until},
};

const OCTETS: usize = 2_000;
const FEW: usize = 12;

/// The daemon, with a fault in one kind of system call on the journal's files. The tracer counts the calls of each
/// thread, and each new connection to the journal is a new thread.
fn with_fault(world: &World, calls: &str, fault: &str) -> Option<Command> {
    if !has_program("strace") || !can_trace() {
        return None;
    }
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(world.directory.join("trace")).args([
        "-e",
        &format!("trace={calls}"),
        "-e",
        &format!("inject={calls}:{fault}"),
    ]);
    for file in ["journal.sqlite", "journal.sqlite-wal"] {
        command.arg("-P").arg(world.directory.join("state").join(file));
    }
    command.arg(BINARY);
    Some(command)
}

async fn world(name: &str) -> World {
    let world = World::calm(name).await;
    world.configure("release_to = \"lobby\"", "");
    std::fs::create_dir_all(world.directory.join("state")).unwrap();
    world
}

/// People print until the daemon is gone, or so many times.
async fn print_on(world: &mut World, most: usize) -> usize {
    for i in 0..most {
        if world.daemon_has_ended() {
            return i;
        }
        let title = format!("job-{i:03}");
        world.print(&title, "application/pdf", samples::pdf(&title, OCTETS)).await;
        until("the next step", || async {
            let known = world.all_jobs().await.is_none_or(|jobs| jobs.len() > i);
            known.then_some(())
        })
        .await;
    }
    most
}

/// Each of so many jobs is settled, and came out once.
async fn all_came_out_once(world: &World, n: usize) {
    until("all jobs to be settled", || async {
        let jobs = world.all_jobs().await?;
        let done = |job: &&Value| job["ending"] == "completed";
        (jobs.len() == n && jobs.iter().filter(done).count() == n).then_some(())
    })
    .await;
    assert!(n > 0);
    assert_eq!(world.tell("prints").await.len(), n);
}

#[tokio::test]
async fn after_a_failed_sync_the_daemon_stays_down_until_the_journal_was_checked() {
    let mut world = world("failed-sync").await;
    let Some(command) = with_fault(&world, "fdatasync,fsync", "error=EIO:when=40+") else { return };
    world.start_daemon_as(command).await;
    let n = print_on(&mut world, 100).await;
    assert_eq!(world.daemon_ends().await, Some(3));
    let said = world.daemon_log();
    assert!(
        said.contains("pullprint: the disk failed under") && said.contains("nothing was started"),
        "{said}"
    );

    let (code, sentence) = world.start_in_vain().await;
    assert_eq!(code, Some(3));
    assert!(sentence.contains("run `pullprint journal check`, then start again"), "{sentence}");
    let checked = world.command(&["journal", "check"]).await;
    assert!(checked.status.success(), "{checked:?}");
    world.start_daemon().await;
    all_came_out_once(&world, n).await;
}

#[tokio::test]
async fn a_full_disk_is_waited_for_and_nothing_starts_meanwhile() {
    let mut world = world("full-disk").await;
    let Some(command) = with_fault(&world, "pwrite64", "error=ENOSPC:when=250..251") else {
        return;
    };
    world.start_daemon_as(command).await;
    let mut said = false;
    for i in 0..FEW {
        let title = format!("job-{i:03}");
        world.print(&title, "application/pdf", samples::pdf(&title, OCTETS)).await;
        until("the job to be known", || async {
            let health = world.command(&["health", "--json"]).await;
            let waits = String::from_utf8_lossy(&health.stdout).contains("journal-waits");
            let known = world.all_jobs().await.is_some_and(|jobs| jobs.len() > i);
            (waits || known).then_some(waits)
        })
        .await
        .then(|| said = true);
    }
    all_came_out_once(&world, FEW).await;
    let log = world.daemon_log();
    assert!(
        said && log.contains("the disk is full; nothing is started until there is room"),
        "{log}"
    );
    let health = world.ask(&serde_json::json!({"command": "health"})).await.unwrap();
    assert!(!health.to_string().contains("journal-waits"), "{health}");
}

#[tokio::test]
async fn a_disk_that_takes_no_writes_is_said_at_the_start_and_at_run_time() {
    let mut world = world("read-only").await;
    if !has_program("strace") || !can_trace() {
        return;
    }
    let lock = world.directory.join("state/journal.lock");
    let output = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=openat",
            "-e",
            "inject=openat:error=EROFS",
            "-P",
        ])
        .arg(&lock)
        .arg(BINARY)
        .arg("--config")
        .arg(world.config_file())
        .arg("run")
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("journal.lock: Read-only file system"), "{said}");

    let Some(command) = with_fault(&world, "pwrite64", "error=EROFS:when=240+") else { return };
    world.start_daemon_as(command).await;
    let n = print_on(&mut world, 100).await;
    assert_eq!(world.daemon_ends().await, Some(3));
    assert!(world.daemon_log().contains("the disk failed under"), "{}", world.daemon_log());
    let checked = world.command(&["journal", "check"]).await;
    assert!(checked.status.success(), "{checked:?}");
    world.start_daemon().await;
    all_came_out_once(&world, n).await;
}

#[tokio::test]
async fn a_state_directory_that_forgets_is_refused_unless_the_configuration_says_so() {
    let mut world = World::calm("volatile").await;
    if !Path::new("/dev/shm").is_dir() {
        eprintln!("SKIPPED: this machine has no /dev/shm");
        return;
    }
    let forgetful =
        tempfile::Builder::new().prefix("pullprint-it-").tempdir_in("/dev/shm").unwrap();
    let state = format!("{}/state\"", world.directory.display());
    world.reconfigure(&state, &format!("{}\"", forgetful.path().display()));
    world.reconfigure("volatile_state = true\n", "");
    let (code, sentence) = world.start_in_vain().await;
    assert_eq!(code, Some(3));
    assert!(sentence.contains("is on a tmpfs, which forgets at a restart"), "{sentence}");
    world.reconfigure("[cloud]\n", "volatile_state = true\n\n[cloud]\n");
    world.start_daemon().await;
    let health = world.command(&["health"]).await;
    assert_eq!(health.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&health.stdout).contains("forgets at a restart"), "{health:?}");
}

#[tokio::test]
async fn a_state_directory_of_another_user_is_left_alone() {
    const ANOTHER: u32 = 65_534;
    let world = world("not-ours").await;
    let state = world.directory.join("state");
    if std::os::unix::fs::chown(&state, Some(ANOTHER), None).is_err() {
        return eprintln!("SKIPPED: root alone can give a directory away");
    }
    // What root reads, and the other user can not.
    let secret = world.told("secret_file");
    std::fs::set_permissions(secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let output = world.command(&["check-config"]).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the user nobody, whose state_dir is, can not read it"), "{said}");
    std::fs::set_permissions(secret, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(world.command(&["check-config"]).await.status.success());

    let (code, said) = world.start_in_vain().await;
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("belongs to nobody") && said.contains("runuser -u nobody"), "{said}");
    assert_eq!(std::fs::read_dir(&state).unwrap().count(), 0, "nothing was left there");
}
