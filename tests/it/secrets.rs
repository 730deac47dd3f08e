//! What must never be seen, looked for in all that a world wrote, its metrics too: the secrets and passwords that its
//! configuration names, the key of its badges, badges that were imported, PINs and codes that were drawn, tokens and
//! addresses that the cloud gave.
//!
//! Each world looks at its end; so does each command at what it said.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Mutex,
    time::Duration,
};

use crate::world::has_program;

/// The query of the address of a document, and the beginning of a token's three parts.
const ADDRESS: &str = "tempauthtoken=";
const TOKEN: &str = "eyJ";

/// What a test has planted.
#[derive(Default)]
pub(crate) struct Planted(Mutex<BTreeSet<String>>);

impl Planted {
    /// Learns from a command what must be seen nowhere else: the badges of a list, a PIN or a code that it drew.
    pub(crate) fn learn(&self, arguments: &[&str], output: &Output) {
        let mut planted = self.0.lock().unwrap();
        if arguments.contains(&"import") {
            let list = arguments.last().and_then(|file| std::fs::read_to_string(file).ok());
            let list = list.unwrap_or_default();
            let numbers =
                list.lines().skip(1).filter_map(|line| line.split([',', ';', '\t']).next());
            planted.extend(numbers.filter(|number| number.len() >= 5).map(str::to_owned));
        }
        let draws = ["pin", "code"].iter().any(|name| arguments.contains(name));
        if draws && output.status.success() {
            planted.extend(drawn(&String::from_utf8_lossy(&output.stdout)));
        }
    }

    /// Nothing that was planted is in the world's logs, metrics, journals, backups and bundles.
    pub(crate) fn look_at_files(&self, directory: &Path) {
        let key = std::fs::read(directory.join("state/badge-key")).unwrap_or_default();
        let mut secrets = never_seen(directory);
        for number in self.0.lock().unwrap().iter() {
            secrets.push(number.clone());
            let number = number.parse::<u64>();
            secrets.extend(number.iter().flat_map(|n| [format!("{n:X}"), format!("{n:x}")]));
        }
        for file in written(directory) {
            let Ok(octets) = std::fs::read(&file) else { continue };
            let has_key = !key.is_empty() && octets.windows(key.len()).any(|some| some == key);
            assert!(!has_key, "the key of the badges is in {}", file.display());
            let text = String::from_utf8_lossy(&octets).into_owned() + &rows(&file);
            for secret in &secrets {
                assert!(!has(&text, secret), "{secret} is in {}", file.display());
            }
        }
    }
}

/// No secret of the world is in files that stand elsewhere.
pub(crate) fn look_at_others(directory: &Path, files: &[PathBuf]) {
    for file in files {
        let octets = std::fs::read(file).unwrap();
        let text = String::from_utf8_lossy(&octets).into_owned() + &rows(file);
        for secret in never_seen(directory) {
            assert!(!has(&text, &secret), "{secret} is in {}", file.display());
        }
    }
}

/// What a command said has no token, no address of a document and no secret of the world's.
pub(crate) fn look_at_output(directory: &Path, arguments: &[&str], output: &Output) {
    for said in [&output.stdout, &output.stderr] {
        let said = String::from_utf8_lossy(said);
        if let Some(secret) = never_seen(directory).into_iter().find(|one| has(&said, one)) {
            panic!("{arguments:?} says {secret}: {said}");
        }
    }
}

/// The secrets of each world.
fn never_seen(directory: &Path) -> Vec<String> {
    let mut secrets = vec![ADDRESS.to_owned(), TOKEN.to_owned()];
    let text = std::fs::read_to_string(directory.join("pullprint.toml")).unwrap_or_default();
    for key in ["secret_file = \"", "password_file = \"", "login_file = \""] {
        let files = text.split(key).skip(1);
        for file in files.filter_map(|rest| rest.split('"').next()) {
            // A credential of the service is a file of the world's.
            let file = file.strip_prefix("credential:").unwrap_or(file);
            let secret = std::fs::read_to_string(directory.join(file)).unwrap_or_default();
            let secret = secret.trim().rsplit(':').next().unwrap_or_default().to_owned();
            secrets.extend(Some(secret).filter(|secret| !secret.is_empty()));
        }
    }
    let key = std::fs::read(directory.join("state/badge-key")).unwrap_or_default();
    if !key.is_empty() {
        let in_digits = |digits: fn(&u8) -> String| key.iter().map(digits).collect::<String>();
        secrets.push(in_digits(|octet| format!("{octet:02x}")));
        secrets.push(in_digits(|octet| format!("{octet:02X}")));
    }
    secrets
}

/// A PIN or a code that a command drew, as it says it.
fn drawn(said: &str) -> Vec<String> {
    let is_drawn =
        |word: &&str| word.len() >= 6 && word.chars().all(|c| c.is_ascii_digit() || c == '-');
    let words = said.split(|c: char| !c.is_ascii_digit() && c != '-');
    words.filter(is_drawn).map(str::to_owned).collect()
}

/// The rows of a journal, each value apart: in the file itself texts stand back to back.
fn rows(file: &Path) -> String {
    if file.extension().is_none_or(|extension| extension != "sqlite") || !has_program("sqlite3") {
        return String::new();
    }
    let dump = Command::new("sqlite3").arg("-readonly").arg(file).arg(".dump").output().unwrap();
    String::from_utf8_lossy(&dump.stdout).into_owned()
}

/// What monitoring is told by the daemon of this world, if it still runs.
pub(crate) fn metrics(directory: &Path) -> Option<String> {
    const PATIENCE: Duration = Duration::from_secs(5);
    let log = std::fs::read_to_string(directory.join("daemon.log")).ok()?;
    let line = log.lines().rfind(|line| line.contains("monitoring is answered"))?;
    let address = line.rsplit_once("address=")?.1.trim().trim_matches('"');
    let address: SocketAddr = address.parse().ok()?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text)
}

/// Keeps what monitoring is told beside the logs.
pub(crate) fn keep_metrics(directory: &Path) {
    if let Some(text) = metrics(directory) {
        std::fs::write(directory.join("metrics.log"), text).unwrap();
    }
}

/// Whether a text has a secret, not as a part of another word or number.
fn has(text: &str, secret: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(secret).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + secret.len()..]);
        let begins = !is_word(before.chars().next_back());
        // A token goes on; whatever else is a secret ends.
        let ends = secret == TOKEN || secret == ADDRESS || !is_word(after.chars().next());
        begins && ends
    })
}

/// What the daemon wrote, and what was made of it.
fn written(directory: &Path) -> Vec<PathBuf> {
    let is_ours = |file: &Path| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let is_log = name.ends_with(".log") && name != "emulator.log";
        is_log || name.contains(".sqlite") || name.contains("bundle")
    };
    let mut found = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if is_ours(&path) {
                found.push(path);
            }
        }
    }
    found
}

/// The events of a log; some have more than one line.
fn events(log: &str) -> Vec<String> {
    let mut events: Vec<String> = Vec::new();
    for line in log.lines() {
        let first = line.split(' ').next().unwrap_or_default();
        let is_time = first.len() == 27 && first.ends_with('Z');
        match events.last_mut() {
            Some(event) if !is_time => event.push_str(line),
            _ => events.push(line.to_owned()),
        }
    }
    events
}

/// Every warning and error of a log has an id that stands in the runbook.
pub(crate) fn look_for_ids(log: &str) {
    let runbook = include_str!("../../docs/runbook.md");
    for line in events(log) {
        let level = line.split_whitespace().nth(1).unwrap_or_default();
        if level != "WARN" && level != "ERROR" {
            continue;
        }
        let id = line.split("id=\"").nth(1).and_then(|rest| rest.split('"').next());
        let is_known = id.is_some_and(|id| runbook.contains(&format!("\n### {id}\n")));
        assert!(is_known, "no id of the runbook in: {line}");
    }
}

#[test]
fn a_secret_is_found_where_it_stands_alone() {
    assert!(has("badge=70001 shown", "70001") && has("\"70001\"", "70001"));
    assert!(!has("2026-11-22T00:09:43.700012Z", "70001") && !has("port 170001", "70001"));
    assert!(has("Bearer eyJhbGciOi", TOKEN) && has("?tempauthtoken=abc", ADDRESS));
    assert_eq!(drawn("the PIN of ada is 482915\n"), ["482915"]);
}

#[test]
fn a_secret_in_a_row_of_a_journal_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("journal.sqlite");
    let rows = "CREATE TABLE entry (kind TEXT, detail TEXT); INSERT INTO entry VALUES ('pin-given', '482915 by uid 0')";
    assert!(Command::new("sqlite3").arg(&file).arg(rows).status().unwrap().success());
    assert!(has(&self::rows(&file), "482915"));
}

#[test]
#[should_panic(expected = "482915 is in")]
fn a_world_with_a_secret_in_its_metrics_fails() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("metrics.log"), "pullprint_jobs{state=\"482915\"} 1")
        .unwrap();
    let planted = Planted(Mutex::new(BTreeSet::from(["482915".to_owned()])));
    planted.look_at_files(directory.path());
}
