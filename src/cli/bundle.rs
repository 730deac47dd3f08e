//! `support-bundle`: what somebody who helps has to know, in one text, without who and where.
//!
//! It promises: the text is shown before it is written, to a file that was not there. Titles of jobs, their owners, and
//! names of people are not in it; those of queues, printers and stations are.
//! Deliberately absent: documents, the journal itself, and any sending.

use std::{
    fmt::Write as _,
    fs::OpenOptions,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use clap::Args;
use serde_json::{Value, json};
use tokio::process::Command;

use super::{Failed, excerpt::excerpt, output, redact::Redactor};
use crate::{
    config::{load, written},
    daemon::{configuration, control},
};

/// How many jobs are in it, the newest first.
const MOST_JOBS: usize = 100;
/// How many of them tell their story: those that are not settled come first.
const MOST_STORIES: usize = 20;
/// How many lines of the log.
const LOG_LINES: &str = "1000";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file to write
    #[arg(default_value = "pullprint-support.txt")]
    output: std::path::PathBuf,
    /// Do not ask before it is written
    #[arg(long)]
    yes: bool,
    /// As JSON: the file and its text; without --yes nothing is written
    #[arg(long)]
    json: bool,
}

/// Makes the text, shows it, and writes it with consent.
pub(super) async fn perform(arguments: Arguments, file: &Path) -> Result<(), Failed> {
    let (text, hidden) = gather(file).await;
    let text = Redactor::hiding(hidden).redact(&text);
    if arguments.json {
        println!("{}", json!({"file": arguments.output.display().to_string(), "text": text}));
    } else {
        println!("{text}");
    }
    let output = arguments.output.display();
    let question = format!("Type yes to write this to {output}:");
    if arguments.json && !arguments.yes {
        return Ok(());
    }
    if !arguments.yes && !output::consents(&question, "say --yes to write it")? {
        return Err(Failed::run("nothing was written"));
    }
    write_new(&arguments.output, &text)
        .map_err(|error| Failed::run(format!("write {output}: {error}")))?;
    if !arguments.json {
        println!("written to {output}: read it once more before you send it");
    }
    Ok(())
}

/// A file that nobody else reads, and that was not there.
fn write_new(file: &Path, text: &str) -> io::Result<()> {
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    new.write_all(text.as_bytes())
}

/// All of it, and what is to be hidden wherever it stands: names of this configuration, of this host, and of owners.
async fn gather(file: &Path) -> (String, Vec<String>) {
    let mut text = String::new();
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    section(&mut text, "program", &program());
    let (configuration, mut hidden) = excerpt(&written(file).unwrap_or_default());
    hidden.push(host);
    section(&mut text, "configuration", &format!("{configuration}{}", problems(file)));
    let jobs = match ask(file, &json!({"command": "status"})).await {
        Ok(status) => {
            section(&mut text, "status", &pretty(&status));
            jobs(file, &mut hidden).await
        }
        Err(why) => why,
    };
    section(&mut text, "jobs", &jobs);
    section(&mut text, "log", &log().await);
    (text, hidden)
}

fn section(text: &mut String, name: &str, content: &str) {
    // A string takes what is written.
    let _ = writeln!(text, "== {name}\n{}\n", content.trim_end());
}

fn program() -> String {
    let features = if cfg!(feature = "pcsc") { "with pcsc" } else { "without pcsc" };
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let release = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let kernel = rustix::system::uname();
    format!(
        "pullprint {} {features}\n{}\n{} {} {}",
        env!("CARGO_PKG_VERSION"),
        release.unwrap_or("an unknown system").trim_matches('"'),
        kernel.sysname().to_string_lossy(),
        kernel.release().to_string_lossy(),
        kernel.machine().to_string_lossy(),
    )
}

/// What is wrong with the configuration, without what is written there.
fn problems(file: &Path) -> String {
    let problems = configuration::read(file).err().map(|problems| problems.0).unwrap_or_default();
    let lines = problems.iter().map(|one| format!("{}: {}; {}", one.key, one.why, one.hint));
    lines.collect::<Vec<_>>().join("\n")
}

/// The newest jobs, and the stories of those that are not settled.
async fn jobs(file: &Path, hidden: &mut Vec<String>) -> String {
    let listed = match ask(file, &json!({"command": "list", "all": true, "limit": MOST_JOBS})).await
    {
        Ok(listed) => listed,
        Err(why) => return why,
    };
    let mut jobs = listed["jobs"].as_array().cloned().unwrap_or_default();
    jobs.sort_by_key(|job| job["state"] == "settled");
    let mut text = String::new();
    hidden.extend(jobs.iter().filter_map(|job| job["owner"].as_str()).map(str::to_owned));
    // What an administrator wrote to somebody is theirs.
    let written = jobs.iter().filter(|job| job["abort_code"] == "by-administrator");
    hidden.extend(written.filter_map(|job| job["abort_reason"].as_str()).map(str::to_owned));
    for (i, job) in jobs.iter_mut().enumerate() {
        if i < MOST_STORIES
            && let Ok(shown) = ask(file, &json!({"command": "show", "job": job["job"]})).await
        {
            *job = shown["job"].clone();
        }
        text.push_str(&format!("{}\n", pretty(&without_people(job.take()))));
    }
    text
}

/// A job without its title and its owner.
fn without_people(mut job: Value) -> Value {
    if let Some(job) = job.as_object_mut() {
        job.remove("title");
        job.remove("owner");
    }
    job
}

async fn log() -> String {
    let arguments = [
        "--unit",
        "pullprint.service",
        "--lines",
        LOG_LINES,
        "--no-pager",
        "--no-hostname",
        "--output",
        "short-iso",
    ];
    let output = Command::new("journalctl").args(arguments).output().await;
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => format!("journalctl: {error}"),
    }
}

async fn ask(file: &Path, request: &Value) -> Result<Value, String> {
    let settings = load(file).map_err(|_| "the configuration is wrong".to_owned())?;
    control::ask(&settings.control.socket, request).await.map_err(|error| error.to_string())
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
