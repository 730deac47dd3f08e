//! `people export` and `people forget`: what is known of somebody, and its end.
//!
//! Deliberately absent: any export to a file; a shell's `>` names one.

use std::{io::IsTerminal, path::Path};

use serde_json::{Value, json};

use super::{Failed, people::ask};

/// All that is known of a person, as JSON for people to read.
pub(super) async fn export(person: &str, file: &Path) -> Result<(Value, String), Failed> {
    let known = ask(file, &json!({"command": "export-person", "person": person})).await?;
    let text = serde_json::to_string_pretty(&known).map_err(Failed::run)?;
    Ok((known, text))
}

/// Forgets a person. Jobs of theirs that wait are aborted, which takes consent.
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
        line.push_str(&format!("; {n_jobs} jobs that waited are aborted"));
    }
    if let Some(n_jobs) = answer["under_way"].as_u64().filter(|n_jobs| *n_jobs > 0) {
        line.push_str(&format!("; {n_jobs} jobs are under way, and forgotten when they end"));
    }
    line.push_str(
        "\nBackups that were made before still have all of it: keep them no longer than you must.",
    );
    Ok((answer, line))
}

fn ask_for_consent(person: &str, waiting: &[Value]) -> Result<(), Failed> {
    let titles: Vec<String> = waiting
        .iter()
        .map(|job| {
            format!("  {} {}", job["job"], job["title"].as_str().unwrap_or("without a title"))
        })
        .collect();
    let sentence = format!(
        "{} jobs of {person} wait and would be aborted:\n{}",
        waiting.len(),
        titles.join("\n")
    );
    if !std::io::stdin().is_terminal() {
        return Err(Failed::run(format!("{sentence}\nsay --yes, or let them be collected first")));
    }
    eprintln!("{sentence}\nType yes to abort them and to forget {person}:");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(Failed::run)?;
    if line.trim() == "yes" { Ok(()) } else { Err(Failed::run("nobody was forgotten")) }
}
