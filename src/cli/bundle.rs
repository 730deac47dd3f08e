//! `support-bundle`: what somebody who helps has to know, in one text, without who and where.
//!
//! It promises: the text is shown before it is written, and holds nothing else. Titles, names and owners are not in it.
//! Deliberately absent: documents, the journal itself, and any sending.

use std::{fmt::Write, io::IsTerminal, path::Path};

use clap::Args;
use serde_json::{Value, json};
use tokio::process::Command;

use super::{Failed, config, redact::Redactor};
use crate::{config::load, daemon::control};

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
    let text = Redactor::default().redact(&gather(file).await);
    if arguments.json {
        println!("{}", json!({"file": arguments.output.display().to_string(), "text": text}));
    } else {
        println!("{text}");
    }
    let output = arguments.output.display();
    if !arguments.yes && !arguments.json && !consents(&output.to_string())? {
        return Err(Failed::run("nothing was written"));
    }
    std::fs::write(&arguments.output, text)
        .map_err(|error| Failed::run(format!("write {output}: {error}")))?;
    if !arguments.json {
        println!("written to {output}: read it once more before you send it");
    }
    Ok(())
}

fn consents(output: &str) -> Result<bool, Failed> {
    if !std::io::stdin().is_terminal() {
        return Err(Failed::run("say --yes to write it"));
    }
    eprintln!("Type yes to write this to {output}:");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(Failed::run)?;
    Ok(line.trim() == "yes")
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

/// The lines of the file without comments, and what is wrong with them.
fn configuration(file: &Path) -> String {
    let mut text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return format!("{}: {error}", file.display()),
    };
    let pieces = std::fs::read_dir(file.with_file_name("conf.d")).into_iter().flatten().flatten();
    for piece in pieces
        .map(|piece| piece.path())
        .filter(|piece| piece.extension().is_some_and(|end| end == "toml"))
    {
        text.push_str(&format!("\n# {}\n", piece.display()));
        text.push_str(&std::fs::read_to_string(piece).unwrap_or_default());
    }
    let lines =
        text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let lines = lines.collect::<Vec<_>>().join("\n");
    match config::read(file) {
        Ok(_) => lines,
        Err(failed) => format!("{lines}\n{}", failed.sentence),
    }
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
