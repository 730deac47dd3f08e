//! The log: one search tells a job's story, in lines and in the system's journal.

use serde_json::Value;
use tokio::process::Command;

use crate::{
    samples,
    world::{BINARY, World, has_program},
};

/// Prints a letter to its end; its number.
async fn letter(world: &World) -> String {
    world.print("letter", "application/pdf", samples::pdf("letter", 500)).await;
    let job = world.wait_for("letter", "held").await;
    world.release(&job, "lobby", &[]).await;
    world.wait_for("letter", "settled").await["job"].to_string()
}

#[tokio::test]
async fn one_search_tells_the_story_of_a_job_and_nobody_is_named() {
    let mut world = World::calm("log").await;
    world.start_daemon().await;
    world.print("other", "application/pdf", samples::pdf("other", 500)).await;
    world.wait_for("other", "held").await;
    let number = letter(&world).await;
    world.stop_daemon().await;
    let log = world.daemon_log();
    let story: Vec<&str> =
        log.lines().filter(|line| line.contains(&format!("job={number} "))).collect();
    let mut rest = story.iter();
    for step in
        ["claimed -> held", "held -> releasing", "releasing -> printing", "reporting -> settled"]
    {
        assert!(rest.any(|line| line.contains(step)), "{step} is not in {story:#?}");
    }
    assert!(story.iter().all(|line| line.contains("task=") && line.contains("cloud_job=")));
    assert!(story.iter().any(|line| line.contains("attempt=1") && line.contains("printer_job=")));
    assert!(!log.contains("letter") && !log.contains("contoso"), "{log}");
}

#[tokio::test]
async fn owners_are_named_where_the_configuration_lets_the_log_do_so() {
    let mut world = World::calm("log-people").await;
    world.configure("", "");
    let text = std::fs::read_to_string(world.config_file()).unwrap();
    std::fs::write(
        world.config_file(),
        format!("log_people = true\nlog_format = \"json\"\n{text}"),
    )
    .unwrap();
    world.start_daemon().await;
    letter(&world).await;
    world.stop_daemon().await;
    let log = world.daemon_log();
    let mut lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let settled = lines.find(|line| line["message"] == "reporting -> settled").unwrap();
    assert_eq!(settled["span"]["owner"], "ada@contoso.example", "{settled}");
    assert!(!log.contains("\"letter\""));
}

#[tokio::test]
async fn a_warning_about_a_job_says_which_one_where_warnings_are_all_that_is_logged() {
    let mut world = World::calm("log-warn").await;
    world.configure("hold_limit = \"4s\"", "");
    world.start_daemon_logging("warn").await;
    world.print("letter", "application/pdf", samples::pdf("letter", 500)).await;
    let job = world.wait_for("letter", "settled").await;
    let log = world.daemon_log();
    let warning = log.lines().find(|line| line.contains("job-expires-soon")).unwrap();
    let fields = format!("job={} ", job["job"]);
    assert!(warning.contains(&fields) && warning.contains("cloud_job="), "{warning}");
}

/// The real journald, in a world of mounts of its own, with our daemon inside.
#[tokio::test]
async fn the_system_s_journal_has_each_event_with_its_fields() {
    const JOURNALD: &str = "/lib/systemd/systemd-journald";
    if !has_program("journalctl") || !std::path::Path::new(JOURNALD).exists() {
        return;
    }
    if !rustix::process::getuid().is_root() {
        eprintln!("SKIPPED: journald is started by root alone");
        return;
    }
    let mut world = World::calm("journald").await;
    let script = format!(
        "mount --make-rprivate / && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /run/log/journal && \
         mkdir -p \"$0/log\" && mount --bind \"$0/log\" /run/log/journal && {{ {JOURNALD} & }} && \
         until [ -S /run/systemd/journal/socket ]; do sleep 0.05; done && exec \"$@\""
    );
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", &script]);
    command.arg(&world.directory).arg(BINARY).env("PULLPRINT__LOG_FORMAT", "journal");
    world.start_daemon_as(command).await;
    let number = letter(&world).await;
    let folder = world.directory.join("log");
    let told = crate::world::until("the journal's entries", || async {
        let entries = Command::new("journalctl")
            .args(["-o", "json", "-D"])
            .arg(&folder)
            .arg(format!("PULLPRINT_JOB={number}"))
            .output()
            .await
            .unwrap();
        let told = String::from_utf8_lossy(&entries.stdout).into_owned();
        told.contains("reporting -> settled").then_some(told)
    })
    .await;
    let entries: Vec<Value> =
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let settled = entries
        .iter()
        .find(|entry| {
            entry["MESSAGE"].as_str().is_some_and(|said| said.starts_with("reporting -> settled"))
        })
        .unwrap();
    assert_eq!(settled["PRIORITY"], "6", "{settled}");
    assert_eq!(settled["SYSLOG_IDENTIFIER"], "pullprint");
    assert!(settled["MESSAGE"].as_str().unwrap().contains(&format!("job={number}")), "{settled}");
    for field in ["PULLPRINT_TASK", "PULLPRINT_CLOUD_JOB", "PULLPRINT_ATTEMPT"] {
        assert!(settled[field].is_string(), "{field}: {settled}");
    }
    assert!(entries.iter().any(|entry| entry["PULLPRINT_PRINTER_JOB"].is_string()));
    assert!(entries.iter().all(|entry| entry["PULLPRINT_OWNER"].is_null()));
}
