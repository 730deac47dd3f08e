//! `demo`: the whole story once, printed as a timeline.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{sync::watch, time::sleep};

use super::{Failed, config, run, sample, sandbox::World};
use crate::{
    daemon::{Shutdown, control::ask},
    model::settings::LogFormat,
    telemetry,
};

const PATIENCE: Duration = Duration::from_secs(40);
const REASON: &str = "This paper is kept for the exams. Please print it on Monday.";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The document to print; otherwise a small PDF of our own
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// Where everything goes; otherwise a new temporary directory
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// What the daemon logs beside the timeline
    #[arg(long, value_name = "FILTER", default_value = "error")]
    log: String,
}

/// Tells what happened, and when.
struct Timeline(Timestamp);

impl Timeline {
    fn tell(&self, who: &str, what: &str) {
        self.tell_at(Timestamp::now(), who, what);
    }

    fn tell_at(&self, at: Timestamp, who: &str, what: &str) {
        println!("{:>7.2} s  {who:<9} {what}", at.duration_since(self.0).as_secs_f64());
    }
}

/// Plays the story; an error means that it did not come out as it should.
pub(super) async fn run(arguments: Arguments) -> Result<(), Failed> {
    telemetry::start(&arguments.log, LogFormat::Text);
    let document = match &arguments.document {
        Some(file) => std::fs::read(file)
            .map_err(|error| Failed::run(format!("{}: {error}", file.display())))?,
        None => sample::pdf(&["Minutes of the board", "Second page"]),
    };
    let timeline = Timeline(Timestamp::now());
    let directory = run::fresh_directory(arguments.directory, "demo")?;
    let world = World::new(directory, None, &["lobby"]).await?;
    timeline.tell(
        "emulator",
        &format!("a small Universal Print at {}, a printer named lobby", world.emulator.graph),
    );

    let settings = config::read(&world.file)?;
    let (stop, shutdown) = Shutdown::new();
    let (_reload, reloads) = watch::channel(0);
    let daemon = tokio::spawn(run::run_with(settings, world.file.clone(), shutdown, reloads));
    let story = tokio::select! {
        story = play(&world, &timeline, document) => story,
        () = sleep(PATIENCE) => Err(Failed::run("the story did not end in 40 seconds; --log debug shows why")),
    };
    stop.send_modify(|n| *n += 1);
    let stopped = daemon.await.map_err(Failed::run)?;
    let printed = story?;
    stopped?;
    timeline.tell("daemon", "stopped; its journal stays");
    println!("\nThe printed file is {printed}");
    Ok(())
}

async fn play(world: &World, timeline: &Timeline, document: Vec<u8>) -> Result<String, Failed> {
    let octets = document.len();
    world.print("ada@contoso.example", "Minutes.pdf", "application/pdf", document.clone()).await?;
    timeline.tell(
        "ada",
        &format!("prints Minutes.pdf, {octets} bytes; the cloud stops it with a print task"),
    );
    let minutes = wait_for(world, "Minutes.pdf", "held").await?;
    timeline.tell("pullprint", &format!("claims the task; job {} waits for ada", minutes["job"]));

    world
        .print("grace@contoso.example", "Poster.pdf", "application/pdf", sample::pdf(&["Poster"]))
        .await?;
    let poster = wait_for(world, "Poster.pdf", "held").await?;
    timeline.tell("grace", &format!("prints Poster.pdf; job {} waits", poster["job"]));

    let set = json!({"color": "gray", "copies": 2, "sides": "long-edge"});
    let release = json!({"command": "release", "job": minutes["job"], "version": minutes["version"],
        "printer": "lobby", "set": set});
    ask(&world.socket, &release).await.map_err(Failed::run)?;
    timeline.tell("ada", "is at the printer: gray, two copies, both sides; releases it to lobby");
    let done = wait_for(world, "Minutes.pdf", "settled").await?;
    tell_story(timeline, &done);

    let abort = json!({"command": "abort", "job": poster["job"], "reason": REASON});
    ask(&world.socket, &abort).await.map_err(Failed::run)?;
    timeline.tell("admin", "aborts grace's poster with a reason");
    wait_for(world, "Poster.pdf", "settled").await?;
    check(world, timeline, &document).await
}

/// The journal's own words for what happened at printer and cloud.
fn tell_story(timeline: &Timeline, job: &Value) {
    for entry in job["story"].as_array().into_iter().flatten() {
        let detail = entry["detail"].as_str().unwrap_or_default();
        let line = match entry["what"].as_str().unwrap_or_default() {
            "configuration-updated" => "the cloud has the changed configuration".to_owned(),
            "document-ready" => format!("the document is here, whole: {detail}"),
            "printer-ready" => "the printer is willing".to_owned(),
            "printer-job-created" => {
                format!("the printer has made a job: {detail}; written down before a byte is sent")
            }
            "document-accepted" => "the printer has all bytes".to_owned(),
            "printer-job-seen" => format!("the printer says: {detail}"),
            "done" => "the cloud knows: the task is completed".to_owned(),
            _ => continue,
        };
        let at = entry["at"].as_str().and_then(|at| at.parse().ok()).unwrap_or_else(Timestamp::now);
        timeline.tell_at(at, "pullprint", &line);
    }
}

/// Waits until the job of that title is in that state; its version is the one that is shown then.
async fn wait_for(world: &World, title: &str, state: &str) -> Result<Value, Failed> {
    loop {
        let list = ask(&world.socket, &json!({"command": "list", "all": true})).await;
        let jobs = list.ok().and_then(|list| list["jobs"].as_array().cloned()).unwrap_or_default();
        if let Some(job) = jobs.iter().find(|job| job["title"] == title && job["state"] == state) {
            let shown = ask(&world.socket, &json!({"command": "show", "job": job["job"]})).await;
            return shown.map(|shown| shown["job"].clone()).map_err(Failed::run);
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// The cloud and the printer have what the story says, byte for byte.
async fn check(world: &World, timeline: &Timeline, document: &[u8]) -> Result<String, Failed> {
    let jobs = world.tell("jobs").await?;
    let of = |title: &str| {
        jobs.as_array().into_iter().flatten().find(|job| job["title"] == title).cloned()
    };
    let (minutes, poster) =
        (of("Minutes.pdf").unwrap_or_default(), of("Poster.pdf").unwrap_or_default());
    expect("the cloud's task of Minutes.pdf", &minutes["tasks"][0]["state"], &json!("completed"))?;
    expect("the cloud's color mode", &minutes["configuration"]["colorMode"], &json!("grayscale"))?;
    expect("the reason in the cloud", &poster["abort_reason"], &json!(REASON))?;
    timeline.tell("cloud", &format!("Poster.pdf is aborted: \"{REASON}\""));

    let prints = world.tell("prints").await?;
    expect("the number of prints", &json!(prints.as_array().map(Vec::len)), &json!(1))?;
    let print = &prints[0];
    expect("the printer's copies", &print["ticket"]["copies"], &json!("2"))?;
    expect("the printer's color mode", &print["ticket"]["print-color-mode"], &json!("monochrome"))?;
    expect("the printer's sides", &print["ticket"]["sides"], &json!("two-sided-long-edge"))?;
    let file = print["file"].as_str().unwrap_or_default().to_owned();
    let printed = std::fs::read(&file).map_err(|error| Failed::run(format!("{file}: {error}")))?;
    if printed != document {
        return Err(Failed::run(format!("{file} is not the document")));
    }
    timeline
        .tell("printer", "one print: 2 copies, monochrome, two-sided; byte for byte the document");
    Ok(file)
}

fn expect(what: &str, found: &Value, wanted: &Value) -> Result<(), Failed> {
    if found == wanted {
        Ok(())
    } else {
        Err(Failed::run(format!("{what} is {found}, not {wanted}")))
    }
}
