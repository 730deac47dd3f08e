//! `check-config`.

use std::path::Path;

use serde_json::json;

use super::Failed;
use crate::{config::Settings, daemon::configuration};

/// The settings of a file; every problem with it is told at once.
pub(super) fn read(file: &Path) -> Result<Settings, Failed> {
    configuration::read(file).map_err(|problems| {
        let n = problems.0.len();
        let things = if n == 1 { "one thing is" } else { "some things are" };
        Failed::config(format!("{things} wrong with the configuration:\n{problems}"))
    })
}

/// Says what is wrong, or that nothing is.
pub(super) fn check(file: &Path, as_json: bool) -> Result<(), Failed> {
    if !as_json {
        let settings = read(file)?;
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
    let problems = configuration::read(file).err().map(|problems| problems.0).unwrap_or_default();
    let told = problems.iter().map(|problem| {
        json!({"key": problem.key, "value": problem.value, "why": problem.why, "try": problem.hint})
    });
    println!("{}", json!({"problems": told.collect::<Vec<_>>()}));
    if problems.is_empty() { Ok(()) } else { Err(Failed::config("the configuration is wrong")) }
}
