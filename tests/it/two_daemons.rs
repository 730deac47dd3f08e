//! Two daemons on one definition: the second is found out and releases nothing, until it is told to take over.

use std::{path::PathBuf, process::Stdio};

use serde_json::Value;
use tokio::process::{Child, Command};

use crate::{
    samples,
    world::{BINARY, World, log_file, until},
};

/// A second box: the same configuration with a state directory of its own.
struct SecondBox {
    config: PathBuf,
    _daemon: Child,
}

impl SecondBox {
    fn start(world: &World) -> Self {
        let config = world.directory.join("second.toml");
        let first = std::fs::read_to_string(world.config_file()).unwrap();
        let state = format!("{}/state\"", world.directory.display());
        let text = first.replace(&state, &format!("{}/second\"", world.directory.display()));
        assert_ne!(first, text);
        std::fs::write(&config, text).unwrap();
        let daemon = Command::new(BINARY)
            .arg("--config")
            .arg(&config)
            .arg("run")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log_file(&world.directory, "second.log"))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { config, _daemon: daemon }
    }

    async fn command(&self, arguments: &[&str]) -> std::process::Output {
        Command::new(BINARY)
            .arg("--config")
            .arg(&self.config)
            .args(arguments)
            .output()
            .await
            .unwrap()
    }

    async fn held(&self) -> Value {
        until("the second box's job", || async {
            let output = self.command(&["jobs", "--json", "list"]).await;
            let list: Value = serde_json::from_slice(&output.stdout).ok()?;
            let jobs = list["jobs"].as_array()?.clone();
            jobs.into_iter().find(|job| job["state"] == "held")
        })
        .await
    }
}

#[tokio::test]
async fn the_second_daemon_on_a_definition_releases_nothing_until_it_takes_over() {
    let mut world = World::calm("two").await;
    world.configure("", "");
    let file = world.config_file();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("[cloud]\n", "[cloud]\nstamp_interval = \"1s\"\n")).unwrap();
    world.start_daemon().await;
    world.print("letter", "application/pdf", samples::pdf("letter", 100)).await;
    let first = world.wait_for("letter", "held").await;

    let second = SecondBox::start(&world);
    let job = second.held().await;
    assert_eq!(job["reasons"][0]["code"], "other-daemon");
    let (number, version) = (job["job"].to_string(), job["version"].to_string());
    let release = ["jobs", "release", &number, "--to", "lobby", "--version", &version];
    let refused = second.command(&release).await;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("another pullprint serves this task definition"), "{said}");
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    assert!(said.contains(&format!(" on {host})")), "{said}");

    assert!(second.command(&["takeover"]).await.status.success());
    until("the first daemon to notice", || async {
        let (number, version) = (first["job"].to_string(), first["version"].to_string());
        let output =
            world.jobs_output(&["release", &number, "--to", "attic", "--version", &version]).await;
        String::from_utf8(output.stderr).unwrap().contains("another pullprint serves").then_some(())
    })
    .await;
    let marked = until("the mark", || async {
        let marked = second.held().await;
        let codes = marked["reasons"].to_string();
        (codes.contains("may-have-printed") && !codes.contains("other-daemon")).then_some(marked)
    })
    .await;
    assert_eq!(world.tell("prints").await.len(), 0);
    let (number, version) = (marked["job"].to_string(), marked["version"].to_string());
    let release = ["jobs", "release", &number, "--to", "lobby", "--version", &version];
    assert!(!second.command(&release).await.status.success(), "the first could have released it");
    let reprint = second.command(&[&release[..], &["--reprint"]].concat()).await;
    assert!(reprint.status.success(), "{reprint:?}");
    until("the print", || async { (world.tell("prints").await.len() == 1).then_some(()) }).await;
    let log = std::fs::read_to_string(world.directory.join("second.log")).unwrap();
    assert!(log.contains("nothing is released here"), "{log}");
}

/// A copy of the journal, as a cloned disk or a backup that is restored elsewhere, beside the daemon that goes on.
#[tokio::test]
async fn a_copy_of_the_journal_is_found_out_as_any_other_daemon() {
    let mut world = World::calm("copy").await;
    world.reconfigure("[cloud]\n", "[cloud]\nstamp_interval = \"1s\"\n");
    world.start_daemon().await;
    world.print("letter", "application/pdf", samples::pdf("letter", 100)).await;
    let job = world.wait_for("letter", "held").await;
    assert_eq!(world.stop_daemon().await, Some(0));
    std::fs::create_dir(world.directory.join("second")).unwrap();
    for name in ["journal.sqlite", "journal.sqlite-wal"] {
        let from = world.directory.join("state").join(name);
        if from.exists() {
            std::fs::copy(from, world.directory.join("second").join(name)).unwrap();
        }
    }
    world.start_daemon().await;
    until("the first's stamp", || async {
        world.daemon_log().matches("stamped by us").nth(1).map(drop)
    })
    .await;

    let second = SecondBox::start(&world);
    let copy = second.held().await;
    let (number, version) = (copy["job"].to_string(), copy["version"].to_string());
    until("the copy to be found out", || async {
        let release = ["jobs", "release", &number, "--to", "nowhere", "--version", &version];
        let said = second.command(&release).await.stderr;
        String::from_utf8(said).unwrap().contains("another pullprint serves").then_some(())
    })
    .await;
    let log = std::fs::read_to_string(world.directory.join("second.log")).unwrap();
    assert!(log.contains("has a copy of our journal"), "{log}");
    world.release(&job, "lobby", &[]).await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "completed");
    assert_eq!(world.tell("prints").await.len(), 1);
}
