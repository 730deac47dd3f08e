//! `jobs`: asks the running daemon over its socket.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{
    Args, Subcommand,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    Failed, cancel::cancel, change::Change, config, output, sign_in::SignInArguments, status,
};
use crate::{daemon::control::ask, flow::State};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The daemon's socket; otherwise the one of the configuration
    #[arg(long, global = true, value_name = "PATH", env = "PULLPRINT_SOCKET")]
    socket: Option<PathBuf>,
    /// As JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// What a job can be in; the word that people see for one of them will do as well.
fn states() -> impl TypedValueParser<Value = String> {
    let value = |word| match word {
        "held" => PossibleValue::new(word).alias("waiting"),
        word => PossibleValue::new(word),
    };
    let as_journaled = |word: String| if word == "waiting" { "held".to_owned() } else { word };
    PossibleValuesParser::new(State::WORDS.map(value)).map(as_journaled)
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the jobs that are not settled
    List {
        /// The settled ones too
        #[arg(long)]
        all: bool,
        /// Only those in this state: claimed, held (or waiting), releasing, printing, reporting or settled
        #[arg(long, value_name = "STATE", conflicts_with_all = ["all", "owner"], value_parser = states())]
        state: Option<String>,
        /// Those of one person, by the object id in the directory, after the cloud was asked for new ones
        #[arg(long, value_name = "ID", conflicts_with = "all")]
        owner: Option<String>,
        /// That person's user principal name: what the cloud is asked with
        #[arg(long, value_name = "UPN", requires = "owner")]
        upn: Option<String>,
    },
    /// Say what happens to jobs as it happens, until Ctrl-C
    Watch,
    /// Show one job with its story
    Show {
        /// Its number
        job: i64,
    },
    /// Let a held job go to a printer
    Release(Release),
    /// Cancel a job in the cloud on behalf of the person who signs in: their own, or any for a Printer Administrator
    Cancel {
        /// Its number
        job: i64,
        /// Another person's job: sign in as a Printer Administrator
        #[arg(long)]
        any: bool,
        #[command(flatten)]
        sign_in: SignInArguments,
    },
    /// End a job with a reason that its owner will read
    Abort {
        /// Its number
        job: i64,
        /// Why, in at most 255 characters and without names or addresses
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

#[derive(Debug, Args)]
struct Release {
    /// The job's number
    job: i64,
    /// The printer's name in the configuration
    #[arg(long, value_name = "PRINTER")]
    to: String,
    /// The version that you saw; otherwise the one that is shown now
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    #[command(flatten)]
    change: Change,
    /// You have looked at the printer: print it although paper may already be out
    #[arg(long)]
    reprint: bool,
    /// Wait until the job is settled or held again
    #[arg(long)]
    wait: bool,
}

/// Carries out a `jobs` command.
pub(super) async fn perform(arguments: Arguments, file: &Path) -> Result<(), Failed> {
    let client = Client { socket: socket_of(arguments.socket, file)?, json: arguments.json };
    match arguments.command {
        Command::List { all, state, owner: None, .. } => {
            client.list(&json!({"all": all, "state": state})).await
        }
        Command::List { owner: Some(id), upn, .. } => {
            client.list(&json!({"owner": {"id": id, "upn": upn}})).await
        }
        Command::Watch => status::watch(&client).await,
        Command::Show { job } => client.show(job).await,
        Command::Release(release) => client.release(release).await,
        Command::Cancel { job, any, sign_in } => {
            let settings = config::read(file)?;
            cancel(&client, job, any, &sign_in, &settings.cloud).await
        }
        Command::Abort { job, reason } => {
            let answer =
                client.ask(&json!({"command": "abort", "job": job, "reason": reason})).await?;
            client.say(&answer, &format!("job {job} will be aborted; its owner reads the reason"));
            Ok(())
        }
    }
}

/// Says how it is, on one screen.
pub(super) async fn tell_status(
    socket: Option<PathBuf>,
    json: bool,
    file: &Path,
) -> Result<(), Failed> {
    status::status(&Client { socket: socket_of(socket, file)?, json }).await
}

/// Moves the task definition's stamp to the daemon here.
pub(super) async fn take_over(
    socket: Option<PathBuf>,
    json: bool,
    file: &Path,
) -> Result<(), Failed> {
    let client = Client { socket: socket_of(socket, file)?, json };
    if !json {
        println!("taking over; the other daemon is given cloud.stamp_interval to see it");
    }
    let answer = client.ask(&json!({"command": "takeover"})).await?;
    if json {
        println!("{answer}");
    } else {
        println!("this daemon serves the task definition now");
    }
    Ok(())
}

/// Says what is wrong now; that is a failure.
pub(super) async fn health(socket: Option<PathBuf>, json: bool, file: &Path) -> Result<(), Failed> {
    let client = Client { socket: socket_of(socket, file)?, json };
    let answer = client.ask(&json!({"command": "health"})).await?;
    let troubles = answer["troubles"].as_array().cloned().unwrap_or_default();
    if json {
        println!("{answer}");
    } else {
        for trouble in &troubles {
            println!("{}", output::bad(trouble["sentence"].as_str().unwrap_or_default()));
        }
    }
    match troubles.len() {
        0 if json => Ok(()),
        0 => {
            println!("{}", output::good("all is well"));
            Ok(())
        }
        1 => Err(Failed::run("one thing is wrong")),
        n => Err(Failed::run(format!("{n} things are wrong"))),
    }
}

fn socket_of(named: Option<PathBuf>, file: &Path) -> Result<PathBuf, Failed> {
    match named {
        Some(socket) => Ok(socket),
        None => Ok(config::read(file)?.control.socket),
    }
}

/// Who asks the daemon.
pub(super) struct Client {
    socket: PathBuf,
    pub(super) json: bool,
}

impl Client {
    pub(super) async fn ask(&self, request: &Value) -> Result<Value, Failed> {
        ask(&self.socket, request).await.map_err(Failed::run)
    }

    pub(super) fn say(&self, answer: &Value, sentence: &str) {
        if self.json {
            println!("{answer}");
        } else {
            println!("{sentence}");
        }
    }

    async fn list(&self, which: &Value) -> Result<(), Failed> {
        let mut request = which.clone();
        request["command"] = "list".into();
        let answer = self.ask(&request).await?;
        if self.json {
            println!("{answer}");
            return Ok(());
        }
        let jobs = answer["jobs"].as_array().cloned().unwrap_or_default();
        let rows: Vec<Vec<String>> = jobs.iter().map(row).collect();
        output::table(&["job", "version", "state", "owner", "title", "printer", "why"], &rows);
        Ok(())
    }

    async fn show(&self, job: i64) -> Result<(), Failed> {
        let answer = self.ask(&json!({"command": "show", "job": job})).await?;
        if self.json {
            println!("{answer}");
        } else {
            show(&answer["job"]);
        }
        Ok(())
    }

    async fn release(&self, release: Release) -> Result<(), Failed> {
        let job = release.job;
        let shown = self.ask(&json!({"command": "show", "job": job})).await?;
        let version =
            release.version.or_else(|| shown["job"]["version"].as_u64()).unwrap_or_default();
        if !self.json {
            println!(
                "job {job} at version {version}: {}, {}",
                title(&shown["job"]),
                state(&shown["job"])
            );
        }
        let request = json!({"command": "release", "job": job, "version": version, "printer": release.to,
            "set": release.change.as_set(), "reprint": release.reprint});
        let answer = self.ask(&request).await?;
        if release.wait {
            return self.follow(job).await;
        }
        self.say(&answer, &format!("released to {}", release.to));
        Ok(())
    }

    /// Shows the way of a job until it is settled or held again.
    async fn follow(&self, job: i64) -> Result<(), Failed> {
        let spinner = ProgressBar::new_spinner();
        spinner.enable_steady_tick(Duration::from_millis(100));
        let mut last = String::new();
        loop {
            let answer = self.ask(&json!({"command": "show", "job": job})).await?;
            let now = state(&answer["job"]);
            if now != last {
                last.clone_from(&now);
                spinner.set_message(now.clone());
                if !output::is_terminal() && !self.json {
                    println!("{now}");
                }
            }
            match answer["job"]["state"].as_str() {
                Some("settled") => {
                    spinner.finish_and_clear();
                    // In a pipe it was said already.
                    if output::is_terminal() || self.json {
                        self.say(&answer, &now);
                    }
                    return Ok(());
                }
                Some("held") => {
                    spinner.finish_and_clear();
                    return Err(Failed::run(format!("the job waits again: {now}")));
                }
                _ => sleep(Duration::from_millis(200)).await,
            }
        }
    }
}

pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        other => other.to_string(),
    }
}

pub(super) fn title(job: &Value) -> String {
    let title = text(&job["title"]);
    if title.is_empty() { "(no title)".to_owned() } else { title }
}

/// The words that people see for a state.
pub(super) fn state(job: &Value) -> String {
    let word = match (text(&job["state"]).as_str(), text(&job["ending"]).as_str()) {
        ("held", _) => "waiting".to_owned(),
        ("releasing", _) if job["doubtful"] == true => "checking with the printer".to_owned(),
        (_, "aborted") if job["refused"] == true => "refused".to_owned(),
        (_, "aborted") => "failed".to_owned(),
        ("reporting", _) => "telling Universal Print".to_owned(),
        (_, "withdrawn") => "removed in the cloud".to_owned(),
        ("settled", ending) => ending.to_owned(),
        ("printing", _) if job["sheets"].as_i64() > Some(0) => {
            format!("printing, sheets out: {}", job["sheets"])
        }
        (state, _) => state.to_owned(),
    };
    let why = why(job);
    if why.is_empty() { word } else { format!("{word}: {why}") }
}

fn why(job: &Value) -> String {
    let reasons = job["reasons"].as_array().cloned().unwrap_or_default();
    let in_words = |reason: &Value| match text(&reason["detail"]) {
        detail if detail.is_empty() => text(&reason["sentence"]),
        detail => format!("{} ({detail})", text(&reason["sentence"])),
    };
    let abort = text(&job["abort_reason"]);
    let all = reasons.iter().map(in_words).chain(Some(abort).filter(|abort| !abort.is_empty()));
    all.collect::<Vec<_>>().join("; ")
}

fn row(job: &Value) -> Vec<String> {
    let [state_word, ending, doubtful, refused] =
        ["state", "ending", "doubtful", "refused"].map(|name| &job[name]);
    let plain =
        json!({"state": state_word, "ending": ending, "doubtful": doubtful, "refused": refused});
    vec![
        text(&job["job"]),
        text(&job["version"]),
        state(&plain),
        text(&job["owner"]),
        text(&job["title"]),
        text(&job["printer"]),
        why(job),
    ]
}

fn show(job: &Value) {
    println!("job {}, version {}: {}", text(&job["job"]), text(&job["version"]), title(job));
    let lines = [
        ("state", state(job)),
        ("owner", text(&job["owner"])),
        ("size", text(&job["octets"])),
        ("printer", text(&job["printer"])),
        ("printer job", text(&job["printer_job"])),
        ("queue", text(&job["source_printer"])),
        ("cloud job", text(&job["cloud_job"])),
        ("task", text(&job["task"])),
        ("created", text(&job["created"])),
        ("waits until", text(&job["hold_until"])),
    ];
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        println!("  {name:<12} {value}");
    }
    let sent = job["sent"].as_object().into_iter().flatten();
    let sent: Vec<String> = sent.map(|(name, value)| format!("{name}={}", text(value))).collect();
    for (name, value) in [("sent", sent.join(" ")), ("done here", text(&job["done_here"]))] {
        if !value.is_empty() {
            println!("  {name:<12} {value}");
        }
    }
    for one in job["substitutions"].as_array().into_iter().flatten() {
        let sent = text(&one["sent"]);
        let sent = if sent.is_empty() { "nothing".to_owned() } else { sent };
        println!(
            "  not as asked {}: {} was asked, {sent} was sent: {}",
            text(&one["setting"]),
            text(&one["asked"]),
            text(&one["why"])
        );
    }
    for entry in job["story"].as_array().into_iter().flatten() {
        println!("  {}  {} {}", text(&entry["at"]), text(&entry["what"]), text(&entry["detail"]));
    }
}
