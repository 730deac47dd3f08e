//! `check-config`.
//!
//! Deliberately absent: the judgement itself (`daemon::configuration`), but for what root alone can tell.

use std::{fs::Metadata, os::unix::fs::MetadataExt, path::Path};

use serde_json::{Value, json};

use super::Failed;
use crate::{
    config::{Problem, Problems, Settings, written},
    daemon::configuration,
    journal::lock::user_name,
};

/// The settings of a file; every problem with it is told at once.
pub(super) fn read(file: &Path) -> Result<Settings, Failed> {
    configuration::read(file).map_err(failed)
}

fn failed(problems: Problems) -> Failed {
    let n = problems.0.len();
    let things = if n == 1 { "one thing is" } else { "some things are" };
    Failed::config(format!("{things} wrong with the configuration:\n{problems}"))
}

/// The settings, as the service would read them.
fn look_at(file: &Path) -> Result<Settings, Problems> {
    let settings = configuration::read(file)?;
    let problems = unreadable(&settings, &written(file)?);
    if problems.is_empty() { Ok(settings) } else { Err(Problems(problems)) }
}

/// Files that root can read, and the user whose `state_dir` is can not. Nothing where the two are one.
fn unreadable(settings: &Settings, written: &[(String, Value)]) -> Vec<Problem> {
    let Ok(service) = std::fs::metadata(&settings.state_dir) else { return Vec::new() };
    if service.uid() == rustix::process::geteuid().as_raw() {
        return Vec::new();
    }
    let owner = user_name(service.uid());
    let problem = |(key, value): &(String, Value)| {
        let file = value.as_str().filter(|_| key.ends_with("_file"))?;
        // A credential of the service is no file yet.
        let about = std::fs::metadata(file).ok()?;
        (!may_read(&about, &service)).then(|| Problem {
            key: key.clone(),
            value: value.to_string(),
            why: format!("the user {owner}, whose state_dir is, can not read it"),
            hint: "let that user read it, or name it as a credential of the service".to_owned(),
        })
    };
    written.iter().filter_map(problem).collect()
}

/// Whether a file's mode lets its user or group read it, taken from another file of theirs.
fn may_read(file: &Metadata, theirs: &Metadata) -> bool {
    let bit = if file.uid() == theirs.uid() {
        0o400
    } else if file.gid() == theirs.gid() {
        0o040
    } else {
        0o004
    };
    file.mode() & bit != 0
}

/// Says what is wrong, or that nothing is.
pub(super) fn check(file: &Path, as_json: bool) -> Result<(), Failed> {
    if !as_json {
        let settings = look_at(file).map_err(failed)?;
        println!(
            "the configuration is good: {} queues, {} printers",
            settings.queues.len(),
            settings.printers.len()
        );
        for printer in &settings.printers {
            println!("printer {} at {}", printer.name, printer.contact.uri);
        }
        return Ok(());
    }
    let problems = look_at(file).err().map(|problems| problems.0).unwrap_or_default();
    let told = problems.iter().map(|problem| {
        json!({"key": problem.key, "value": problem.value, "why": problem.why, "try": problem.hint})
    });
    println!("{}", json!({"problems": told.collect::<Vec<_>>()}));
    if problems.is_empty() { Ok(()) } else { Err(Failed::config("the configuration is wrong")) }
}
