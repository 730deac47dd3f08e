//! `status`: one screen of what waits, what is under way, and what is wrong; `jobs watch`: what happens, as it happens.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    Failed,
    jobs::{Client, state, text, title},
    output,
};

/// How often to look, while somebody watches.
const LOOK_EACH: Duration = Duration::from_millis(500);
/// How many of the newest jobs are looked at, settled ones too: some end between two looks.
const NEWEST: u32 = 100;

/// Says how it is. What is wrong is no failure of the command: `health` is the one for programs that mind.
pub(super) async fn status(client: &Client) -> Result<(), Failed> {
    let answer = client.ask(&json!({"command": "status"})).await?;
    if client.json {
        println!("{answer}");
        return Ok(());
    }
    println!("pullprint {}, started {}", text(&answer["version"]), text(&answer["started"]));
    let counts = answer["counts"].as_object().cloned().unwrap_or_default();
    if counts.is_empty() {
        println!("no job waits");
    }
    for (state, count) in &counts {
        println!("  {:<10} {count}", word_of(state));
    }
    for job in answer["moving"].as_array().into_iter().flatten() {
        println!("  job {} to {}: {}", text(&job["job"]), text(&job["printer"]), state(job));
    }
    let troubles = answer["troubles"].as_array().cloned().unwrap_or_default();
    let printers = answer["printers"].as_array().cloned().unwrap_or_default();
    let is_down =
        |printer: &&Value| ["trouble", "unreachable"].contains(&text(&printer["state"]).as_str());
    let down: Vec<&Value> = printers.iter().filter(is_down).collect();
    if troubles.is_empty() && down.is_empty() {
        println!("{}", output::good("all is well"));
        return Ok(());
    }
    println!("wrong now:");
    for printer in down {
        println!(
            "  {}: {}",
            output::bad(&format!("printer {}", text(&printer["printer"]))),
            of_printer(printer)
        );
    }
    for trouble in &troubles {
        println!("  {}: {}", output::bad(&text(&trouble["code"])), text(&trouble["sentence"]));
    }
    println!(
        "the runbook (docs/runbook.md, beside the README) has each under its word; `pullprint doctor` looks at the cloud, \
         the queues and the printers, each with what to do"
    );
    Ok(())
}

/// Why nothing comes out there.
fn of_printer(printer: &Value) -> String {
    match (text(&printer["state"]).as_str(), text(&printer["says"])) {
        ("unreachable", _) => "it does not answer".to_owned(),
        (_, says) if says.is_empty() => "it is stopped and does not say why".to_owned(),
        (_, says) => says,
    }
}

/// The word that people see.
fn word_of(state: &str) -> &str {
    match state {
        "held" => "waiting",
        "reporting" => "telling Universal Print",
        other => other,
    }
}

/// Says each change of a job, until Ctrl-C.
pub(super) async fn watch(client: &Client) -> Result<(), Failed> {
    let mut known: BTreeMap<i64, Value> = BTreeMap::new();
    let mut first = true;
    loop {
        let now = jobs(client).await?;
        for (number, job) in &now {
            let is_new = known.get(number).is_none_or(|before| line(before) != line(job));
            if is_new && !first {
                tell(client, job);
            }
        }
        // One that is old and has ended is listed no more.
        let ended = known
            .iter()
            .filter(|(number, job)| job["state"] != "settled" && !now.contains_key(number));
        for (number, _) in ended {
            let answer = client.ask(&json!({"command": "show", "job": number})).await?;
            tell(client, &answer["job"]);
        }
        (known, first) = (now, false);
        sleep(LOOK_EACH).await;
    }
}

/// The newest jobs, whatever became of them, and those that are not settled.
async fn jobs(client: &Client) -> Result<BTreeMap<i64, Value>, Failed> {
    let mut all = BTreeMap::new();
    for request in
        [json!({"command": "list", "all": true, "limit": NEWEST}), json!({"command": "list"})]
    {
        let answer = client.ask(&request).await?;
        let jobs = answer["jobs"].as_array().cloned().unwrap_or_default();
        all.extend(jobs.into_iter().filter_map(|job| Some((job["job"].as_i64()?, job))));
    }
    Ok(all)
}

fn line(job: &Value) -> String {
    let printer = text(&job["printer"]);
    let at = if printer.is_empty() { printer } else { format!(" at {printer}") };
    format!("job {} ({}){at}: {}", text(&job["job"]), title(job), state(job))
}

fn tell(client: &Client, job: &Value) {
    if client.json {
        println!("{job}");
    } else {
        println!("{}  {}", jiff::Zoned::now().strftime("%H:%M:%S"), line(job));
    }
}
