//! The commands as a person meets them: help, mistakes, exit codes, pipes.

use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{
    samples,
    world::{BINARY, World, new_directory},
};

/// Compares with a golden file; `PULLPRINT_BLESS=1` writes it anew.
fn golden(name: &str, text: &str) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("PULLPRINT_BLESS").is_some() {
        std::fs::create_dir_all(format!("{}/tests/golden", env!("CARGO_MANIFEST_DIR"))).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, text, "{path} differs; PULLPRINT_BLESS=1 writes it anew");
}

async fn run(arguments: &[&str]) -> std::process::Output {
    tokio::process::Command::new(BINARY).args(arguments).output().await.unwrap()
}

#[tokio::test]
async fn help_is_what_a_person_would_want() {
    for (name, arguments) in [
        ("help.txt", vec!["--help"]),
        ("help-jobs.txt", vec!["jobs", "--help"]),
        ("help-jobs-release.txt", vec!["jobs", "release", "--help"]),
        ("help-emulate.txt", vec!["emulate", "--help"]),
    ] {
        let output = run(&arguments).await;
        assert!(output.status.success());
        golden(name, &String::from_utf8(output.stdout).unwrap());
    }
    let version = run(&["--version"]).await;
    assert_eq!(
        String::from_utf8(version.stdout).unwrap(),
        format!("pullprint {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test]
async fn a_wrong_configuration_is_told_all_at_once_with_exit_code_2() {
    let directory = new_directory("wrong");
    let file = directory.join("pullprint.toml");
    std::fs::write(
        &file,
        "[cloud]\ntenat = \"x\"\nenvironment = \"custom\"\ngraph = \"gopher://x\"\n[printers.p]\nuri = \"lpd://x\"\n",
    )
    .unwrap();
    for command in ["run", "check-config"] {
        let output = run(&["--config", file.to_str().unwrap(), command]).await;
        assert_eq!(output.status.code(), Some(2), "{command}");
        let said = String::from_utf8(output.stderr).unwrap();
        for part in [
            "did you mean cloud.tenant?",
            "cloud.graph",
            "printers.p.uri",
            "cloud.client_id: it must be given",
        ] {
            assert!(said.contains(part), "{part} is not in {said}");
        }
    }
    let missing = run(&["--config", "/nonexistent.toml", "run"]).await;
    assert_eq!(missing.status.code(), Some(2));
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn a_good_configuration_is_said_to_be_good() {
    let world = World::calm("good").await;
    let output = world.command(&["check-config"]).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with(
            "the configuration is good: 1 queues, 1 printers\nprinter lobby at ipp://"
        ),
        "{said}"
    );
    let output = world.command(&["check-config", "--json"]).await;
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "{\"problems\":[]}\n");
}

#[tokio::test]
async fn a_second_daemon_names_the_first_and_exits_3() {
    let mut world = World::calm("second").await;
    world.start_daemon().await;
    let output = world.command(&["run"]).await;
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("is in use by process "), "{said}");
    world.jobs(&["list"]).await;
}

#[tokio::test]
async fn commands_without_a_daemon_and_about_no_job_say_what_to_do() {
    let mut world = World::calm("nobody").await;
    let output = world.command(&["jobs", "list"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("is `pullprint run` running"));
    world.start_daemon().await;
    let output = world.command(&["jobs", "show", "99"]).await;
    assert!(String::from_utf8(output.stderr).unwrap().contains("there is no such job"));
    let output =
        world.command(&["jobs", "abort", "1", "--reason", "ask ada@contoso.example"]).await;
    assert!(String::from_utf8(output.stderr).unwrap().contains("leave addresses"));
}

#[tokio::test]
async fn a_pipe_gets_plain_lines_and_release_waits_when_asked() {
    let mut world = World::calm("pipe").await;
    world.start_daemon().await;
    world.print("letter\twith a tab", "application/pdf", samples::pdf("letter", 100)).await;
    let job = world.wait_for("letter\twith a tab", "held").await;
    let output = world.command(&["jobs", "list"]).await;
    let line = String::from_utf8(output.stdout).unwrap();
    let cells: Vec<&str> = line.trim_end_matches('\n').split('\t').collect();
    assert_eq!(
        cells[..5],
        ["1", &job["version"].to_string(), "waiting", "ada@contoso.example", "letter with a tab"]
    );
    let output = world.command(&["jobs", "release", "1", "--to", "lobby", "--wait"]).await;
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.ends_with("completed\n"), "{said}");
    let output = world.command(&["jobs", "show", "1"]).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("document-accepted") && said.contains("state        completed"),
        "{said}"
    );
}

#[tokio::test]
async fn a_screen_says_how_it_is_and_whoever_watches_sees_what_happens() {
    let mut world = World::calm("status").await;
    world.start_daemon().await;
    let status = async || {
        let output = world.command(&["status"]).await;
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let calm = status().await;
    assert!(calm.contains("no job waits") && calm.contains("all is well"), "{calm}");
    let mood = async |state: &str, reasons: &str| {
        world.door("mood", &[("printer", "lobby"), ("state", state), ("reasons", reasons)]).await;
    };
    mood("5", "media-empty-error").await;
    let empty = status().await;
    assert!(empty.contains("printer lobby: ") && empty.contains("paper"), "{empty}");
    mood("3", "none").await;
    let mut watching = tokio::process::Command::new(BINARY)
        .args(["--config"])
        .arg(world.config_file())
        .args(["jobs", "watch"])
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    for title in ["letter", "minutes"] {
        world.print(title, "application/pdf", samples::pdf(title, 500)).await;
    }
    let letter = world.wait_for("letter", "held").await;
    world.wait_for("minutes", "held").await;
    let waits = status().await;
    assert!(waits.lines().any(|line| line.trim() == "waiting    2"), "{waits}");
    let listed = world.jobs(&["list", "--state", "held"]).await;
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 2);
    assert_eq!(world.jobs(&["list", "--state", "settled"]).await["jobs"], serde_json::json!([]));
    assert_eq!(world.jobs(&["list", "--state", "waiting"]).await, listed, "as people see it");
    let wrong = world.command(&["jobs", "list", "--state", "parked"]).await;
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said.contains("possible values: claimed, held"), "{said}");
    world.release(&letter, "lobby", &[]).await;
    world.wait_for("letter", "settled").await;
    let mut seen = Vec::new();
    while !seen.iter().any(|line: &String| line.ends_with("(letter): completed")) {
        let line = tokio::time::timeout(std::time::Duration::from_secs(30), lines.next_line());
        let line = line.await.unwrap_or_else(|_| panic!("it says more than {seen:?}"));
        seen.push(line.unwrap().unwrap());
    }
    // Who did it stands in the story, by the number of the user.
    let shown = world.jobs(&["show", &letter["job"].to_string()]).await;
    let uid = rustix::process::getuid().as_raw();
    assert!(shown.to_string().contains(&format!("to lobby by uid {uid}")), "{shown}");
}
