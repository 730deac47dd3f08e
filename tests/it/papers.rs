//! The commands in the papers: each of ours is run, in the order of the papers, and does what a reader would expect.
//!
//! Those of other programs are looked at by name alone: they belong to the machine of the reader.

use std::path::Path;

use crate::{
    kiosk::with_kiosk,
    people::{person, print_as},
    stations::import,
    world::World,
};

const ADA: &str = "ada@contoso.example";
const BOB: &str = "bob@contoso.example";

/// Programs of others that the papers use.
const OTHERS: [&str; 11] = [
    "./tests/run",
    "apt",
    "cargo",
    "editor",
    "install",
    "journalctl",
    "mkdir",
    "runuser",
    "systemctl",
    "systemd-creds",
    "systemd/package",
];
/// Commands that have stories of their own in other files here, and what those are.
const ELSEWHERE: [(&str, &str); 7] = [
    ("setup", "setup.rs: signs in as an administrator"),
    ("run", "every test"),
    ("jobs cancel", "sign_in.rs: signs in as a person"),
    ("takeover", "two_daemons.rs: waits for the other daemon"),
    ("badge register", "stations.rs: a printed slip's code"),
    ("journal restore", "restore.rs: wants the daemon stopped"),
    ("printers trust", "printers.rs: a printer over TLS with another key"),
];

/// The commands of a paper: lines of its shell blocks, and what begins with our name between backquotes.
fn commands(paper: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut rest = paper;
    while let Some((_, behind)) = rest.split_once("```sh\n") {
        let (block, behind) = behind.split_once("```").expect("a block ends");
        commands.extend(block.lines().map(without_remark).filter(|line| !line.is_empty()));
        rest = behind;
    }
    let quoted =
        paper.split('`').filter(|text| text.starts_with("pullprint ") && !text.contains('\n'));
    commands.extend(quoted.map(str::to_owned));
    commands
}

fn without_remark(line: &str) -> String {
    line.split(" #").next().unwrap_or_default().trim().to_owned()
}

/// The words of a command, as a shell splits them.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// All that the papers say, as `a | b` too: one command each.
fn all_commands() -> Vec<(String, Vec<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|file| file.unwrap().path());
    let mut papers: Vec<_> =
        docs.filter(|file| file.extension().is_some_and(|end| end == "md")).collect();
    papers.sort();
    papers.splice(0..0, ["README.md", "CHANGELOG.md"].map(|name| root.join(name)));
    let mut all = Vec::new();
    for paper in papers {
        for command in commands(&std::fs::read_to_string(&paper).unwrap()) {
            let name = format!("{}: {command}", paper.file_name().unwrap().to_string_lossy());
            let words = words(&command);
            let alternatives = words.iter().filter(|word| *word == "|").count() + 1;
            for i in 0..alternatives {
                let at = words.iter().position(|word| word == "|").unwrap_or(words.len());
                let mut one: Vec<String> = words[..at].to_vec();
                if i > 0 {
                    one.last_mut().unwrap().clone_from(&words[at + 2 * i - 1]);
                }
                all.push((name.clone(), one));
            }
        }
    }
    all
}

/// The papers' names of things, as they are in this world; a new file has the number `n`.
fn here(world: &World, words: &[String], jobs: &[String; 2], n: usize) -> Vec<String> {
    let file = |name: &str| world.directory.join(name).display().to_string();
    words
        .iter()
        .map(|word| match word.as_str() {
            "17" => jobs[0].clone(),
            "18" => jobs[1].clone(),
            "NAME" => "lobby".to_owned(),
            "badges.csv" | "export.csv" | "support.txt" => file(word),
            word if word == "FILE" || word.starts_with("/var/backups/") => {
                file(&format!("backup-{n}.sqlite"))
            }
            other => other.to_owned(),
        })
        .collect()
}

#[tokio::test]
async fn every_command_in_the_papers_is_one_and_works() {
    let mut world = with_kiosk("papers", "").await;
    let mut jobs = [const { String::new() }; 2];
    for (job, title) in jobs.iter_mut().zip(["letter", "minutes"]) {
        print_as(&world, ADA, title).await;
        *job = world.wait_for(title, "held").await["job"].to_string();
    }
    let id = person(&world, ADA).await;
    for name in ["badges.csv", "export.csv"] {
        let list = format!("badge,id,upn\n2490285352,{id},{ADA}\n");
        std::fs::write(world.directory.join(name), list).unwrap();
    }
    import(&world, &[(70_002, BOB)]).await;
    let mut n_run = 0;
    for (name, words) in all_commands() {
        if words[0] != "pullprint" {
            assert!(OTHERS.contains(&words[0].as_str()), "{name}: whose is {}?", words[0]);
            continue;
        }
        let said = words[1..].join(" ");
        let mut arguments = here(&world, &words[1..], &jobs, n_run);
        let is_elsewhere = ELSEWHERE.iter().any(|(command, _)| said.starts_with(command));
        // A command that is named without what it is about.
        let is_named = [
            "jobs",
            "jobs release",
            "jobs show",
            "journal backup",
            "people import",
            "people pin",
            "people code",
            "people delegate",
            "people export",
            "people forget",
            "badge register",
            "badge whois",
            "badge revoke",
            "badge learn",
            "badge decode",
            "printers show",
            "printers test",
            "printers trust",
            "badge",
            "printers",
        ]
        .contains(&said.as_str());
        if is_elsewhere || is_named {
            arguments = said.split(' ').take(2).map(str::to_owned).collect();
            arguments.retain(|word| {
                word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
            });
            arguments.push("--help".to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = world.command(&arguments).await;
        let complained = String::from_utf8_lossy(&output.stderr).into_owned();
        // Something may be wrong with this world, and these say so.
        let may_fail = ["doctor", "health", "printers discover", "support-bundle"];
        let good = output.status.success()
            || (may_fail.iter().any(|one| said.starts_with(one))
                && output.status.code() == Some(1));
        assert!(good && !complained.contains("Usage:"), "{name}: {arguments:?}: {complained}");
        n_run += 1;
    }
    assert!(n_run > 60, "{n_run}");
    world.stop_daemon().await;
}
