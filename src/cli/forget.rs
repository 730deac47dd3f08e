//! `people export` and `people forget`: what is known of somebody, and its end.
//!
//! Deliberately absent: any export to a file; a shell's `>` names one.

use std::path::Path;

use serde_json::{Value, json};

use super::{Failed, output, people::ask};

/// All that is known of a person, as JSON for people to read.
pub(super) async fn export(person: &str, file: &Path) -> Result<(Value, String), Failed> {
    let known = ask(file, &json!({"command": "export-person", "person": person})).await?;
    let text = serde_json::to_string_pretty(&known).map_err(Failed::run)?;
    Ok((known, text))
}

/// Forgets a person, which takes consent. Jobs of theirs that wait are aborted.
pub(super) async fn forget(
    person: &str,
    consent: bool,
    file: &Path,
) -> Result<(Value, String), Failed> {
    let request =
        |consent: bool| json!({"command": "forget-person", "person": person, "consent": consent});
    let mut answer = ask(file, &request(consent)).await?;
    if let Some(waiting) = answer["waiting"].as_array() {
        ask_for_consent(person, waiting)?;
        answer = ask(file, &request(true)).await?;
    }
    let pseudonym = answer["pseudonym"].as_str().unwrap_or_default();
    let mut line = format!("{person} is forgotten; the journal says {pseudonym}");
    if let Some(n_jobs) = answer["aborted"].as_u64().filter(|n_jobs| *n_jobs > 0) {
        line.push_str(&format!("; {n_jobs} that waited aborted"));
    }
    if let Some(n_jobs) = answer["under_way"].as_u64().filter(|n_jobs| *n_jobs > 0) {
        line.push_str(&format!("; {n_jobs} under way, to be forgotten when they end"));
    }
    line.push_str(
        "\nBackups that were made before, and journals that a restore has replaced in the state directory, still have all of \
         it: keep them no longer than you must.",
    );
    Ok((answer, line))
}

fn ask_for_consent(person: &str, waiting: &[Value]) -> Result<(), Failed> {
    let title = |job: &Value| job["title"].as_str().unwrap_or("without a title").to_owned();
    let titles: Vec<String> =
        waiting.iter().map(|job| format!("  {} {}", job["job"], title(job))).collect();
    let what = format!(
        "what is known of {person} (badges, PIN, delegations, whose jobs were theirs) would be gone for good"
    );
    let (sentence, or) = if waiting.is_empty() {
        (what, "")
    } else {
        let jobs = waiting_jobs(person, waiting.len());
        (
            format!("{what}; {jobs} would be aborted:\n{}", titles.join("\n")),
            ", or let them be collected first",
        )
    };
    let question = format!("{sentence}\nType yes to forget {person}:");
    let otherwise = format!("{sentence}\nsay --yes{or}");
    if output::consents(&question, &otherwise)? {
        Ok(())
    } else {
        Err(Failed::run("nobody was forgotten"))
    }
}

fn waiting_jobs(person: &str, n_jobs: usize) -> String {
    if n_jobs == 1 {
        format!("one job of {person} waits and")
    } else {
        format!("{n_jobs} jobs of {person} wait and")
    }
}
