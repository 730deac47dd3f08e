//! The text for somebody who helps.

use std::os::unix::fs::PermissionsExt;

use crate::{
    people::{person, print_as},
    world::World,
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
