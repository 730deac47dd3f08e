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

use super::{Failed, config, output, redact::Redactor};
use crate::{
    config::{layers_of, load},
    daemon::control,
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
    /// As JSON: the file and its text; nothing is asked
    #[arg(long)]
    json: bool,
}

/// Makes the text, shows it, and writes it with consent.
pub(super) async fn perform(arguments: Arguments, file: &Path) -> Result<(), Failed> {
    let text = Redactor::knowing(hosts(file)).redact(&gather(file).await);
    if arguments.json {
        println!("{}", json!({"file": arguments.output.display().to_string(), "text": text}));
    } else {
        println!("{text}");
    }
    let output = arguments.output.display();
    let question = format!("Type yes to write this to {output}:");
    let is_asked = !arguments.yes && !arguments.json;
    if is_asked && !output::consents(&question, "say --yes to write it")? {
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

/// Hosts that the configuration names, and this one.
fn hosts(file: &Path) -> Vec<String> {
    const NAMES: [&str; 7] = ["tenant", "authority", "graph", "proxy", "uri", "dial", "listen"];
    let mut hosts = vec![rustix::system::uname().nodename().to_string_lossy().into_owned()];
    for line in written(file).unwrap_or_default().lines() {
        for name in NAMES {
            let begins = format!("{name} = \"");
            let values = line.split(&begins).skip(1);
            hosts.extend(values.filter_map(|rest| Some(host_of(rest.split('"').next()?))));
        }
    }
    hosts
}

/// The host of an address with or without a scheme and a port.
fn host_of(address: &str) -> String {
    let behind_scheme = address.rsplit("://").next().unwrap_or(address);
    let behind_login = behind_scheme.rsplit('@').next().unwrap_or(behind_scheme);
    let host = behind_login.split(['/', ':']).next().unwrap_or_default();
    // A number is no name: network addresses are found by their looks.
    if host.chars().any(char::is_alphabetic) { host.to_owned() } else { String::new() }
}

/// All of it, as it is.
async fn gather(file: &Path) -> String {
    let mut text = String::new();
    section(&mut text, "program", &program());
    section(&mut text, "configuration", &configuration(file));
    let jobs = match ask(file, &json!({"command": "status"})).await {
        Ok(status) => {
            section(&mut text, "status", &pretty(&status));
            jobs(file).await
        }
        Err(why) => why,
    };
    section(&mut text, "jobs", &jobs);
    section(&mut text, "log", &log().await);
    text
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

/// The lines of the files without comments, and what is wrong with them.
fn configuration(file: &Path) -> String {
    let lines = match written(file) {
        Ok(text) => text,
        Err(why) => return why,
    };
    match config::read(file) {
        Ok(_) => lines,
        Err(failed) => format!("{lines}\n{}", failed.sentence),
    }
}

/// The file and its pieces, as far as they are no comments.
fn written(file: &Path) -> Result<String, String> {
    let mut text = String::new();
    for file in layers_of(file) {
        let layer = std::fs::read_to_string(&file);
        let layer = layer.map_err(|error| format!("{}: {error}", file.display()))?;
        let is_said = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        text.push_str(&format!("# {}\n", file.display()));
        text.push_str(&layer.lines().filter(is_said).collect::<Vec<_>>().join("\n"));
        text.push('\n');
    }
    Ok(text)
}

/// The newest jobs, and the stories of those that are not settled.
async fn jobs(file: &Path) -> String {
    let listed = match ask(file, &json!({"command": "list", "all": true, "limit": MOST_JOBS})).await
    {
        Ok(listed) => listed,
        Err(why) => return why,
    };
    let mut jobs = listed["jobs"].as_array().cloned().unwrap_or_default();
    jobs.sort_by_key(|job| job["state"] == "settled");
    let mut text = String::new();
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
