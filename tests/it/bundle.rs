//! The text for somebody who helps.

use std::os::unix::fs::PermissionsExt;

use tokio::process::Command;

use crate::{
    people::{person, print_as},
    world::{BINARY, World},
};

const ADA: &str = "ada@contoso.example";

#[tokio::test]
async fn a_bundle_is_shown_before_it_is_written_and_names_nobody() {
    let mut world = World::calm("bundle").await;
    world.configure("", "[printers.remote]\nuri = \"ipps://printer.contoso.example/ipp/print\"");
    world.start_daemon().await;
    let id = person(&world, ADA).await;
    print_as(&world, ADA, "dossier").await;
    let job = world.wait_for("dossier", "held").await;
    print_as(&world, ADA, "other").await;
    let other = world.wait_for("other", "held").await;
    world.jobs(&["abort", &other["job"].to_string(), "--reason", "ask Lovelace for it"]).await;
    let file = world.directory.join("bundle.txt");
    let path = file.to_str().unwrap();

    let shown = world.command(&["support-bundle", path]).await;
    assert_eq!(shown.status.code(), Some(1), "{shown:?}");
    assert!(String::from_utf8_lossy(&shown.stderr).contains("--yes"));
    assert!(!file.exists(), "it was only shown");
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    for part in [
        "== program\npullprint 0.",
        "== configuration\n",
        "printers.lobby.uri = \"ipp://***:",
        "printers.remote.uri = \"ipps://***/ipp/print\"",
        "\"good\": true",
        "\"state\": \"held\"",
        "\"what\": \"task-seen\"",
        "== log\n",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let secret = [
        "dossier",
        "Lovelace",
        ADA,
        &id,
        "contoso",
        job["task"].as_str().unwrap(),
        "127.0.0.1",
        world.told("tenant"),
    ];
    for part in secret {
        assert!(!text.contains(part), "{part} is in {text}");
    }
    let written = world.command(&["support-bundle", path, "--yes"]).await;
    assert!(written.status.success(), "{written:?}");
    assert!(std::fs::read_to_string(&file).unwrap().contains("\"state\": \"held\""));
}

/// The system's journal of the test's machine knows nothing of the daemon: in its place stands a program that says what
/// the daemon logged.
fn journalctl_of(world: &World) -> String {
    let folder = world.directory.join("programs");
    std::fs::create_dir(&folder).unwrap();
    let program = folder.join("journalctl");
    let log = world.directory.join("daemon.log");
    std::fs::write(&program, format!("#!/bin/sh\nexec cat '{}'\n", log.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

#[tokio::test]
async fn the_log_in_a_bundle_names_nobody_either() {
    let mut world = World::calm("bundle-log").await;
    let mut names_people = Command::new(BINARY);
    names_people.env("PULLPRINT__LOG_PEOPLE", "true");
    world.start_daemon_as(names_people).await;
    let id = person(&world, ADA).await;
    print_as(&world, ADA, "dossier").await;
    let job = world.wait_for("dossier", "held").await;
    world.release(&job, "lobby", &[]).await;
    world.wait_for("dossier", "settled").await;
    let logged = world.daemon_log();
    let task = job["task"].as_str().unwrap();
    for named in [ADA, "127.0.0.1", task, world.told("source_printer")] {
        assert!(logged.contains(named), "{named} is not in what is to be hidden: {logged}");
    }
    let output = Command::new(BINARY)
        .arg("--config")
        .arg(world.config_file())
        .args(["support-bundle", "--json"])
        .env("PATH", journalctl_of(&world))
        .output()
        .await
        .unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let (_, log) = said["text"].as_str().unwrap().split_once("== log\n").unwrap();
    assert!(log.contains("claimed -> held") && log.contains("job{job=1"), "{log}");
    for part in ["dossier", ADA, &id, "contoso", "127.0.0.1", task, world.told("source_printer")] {
        assert!(!log.contains(part), "{part} is in {log}");
    }
}

#[tokio::test]
async fn a_bundle_is_made_without_a_daemon_and_of_a_wrong_configuration() {
    let world = World::calm("bundle-alone").await;
    let file = world.directory.join("bundle.txt");
    let path = file.to_str().unwrap();
    assert!(world.command(&["support-bundle", path, "--yes"]).await.status.success());
    assert!(std::fs::read_to_string(&file).unwrap().contains("no daemon answers"));
    let again = world.command(&["support-bundle", path, "--yes"]).await;
    assert!(!again.status.success(), "what is there is not written over");
    world.reconfigure("[queues.main]", "client_secret = \"hunter2\"\n[queus.main]");
    let file = world.directory.join("bundle-wrong.txt");
    let path = file.to_str().unwrap();
    assert!(world.command(&["support-bundle", path, "--yes"]).await.status.success());
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("queus") && !text.contains("hunter2"), "{text}");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
