//! `check-config`.

use std::path::Path;

use serde_json::json;

use super::Failed;
use crate::{
    badge::uid::Chain,
    config::{self, Problem, Problems, Settings},
    model::station::ReaderSettings,
    telemetry,
};

/// The settings of a file; every problem with it is told at once.
pub(super) fn read(file: &Path) -> Result<Settings, Failed> {
    look_at(file).map_err(|problems| {
        let n = problems.0.len();
        let things = if n == 1 { "one thing is" } else { "some things are" };
        Failed::config(format!("{things} wrong with the configuration:\n{problems}"))
    })
}

/// The settings, and what only their users know to be wrong with them.
pub(super) fn look_at(file: &Path) -> Result<Settings, Problems> {
    let (settings, mut problems) = config::look_at(file)?;
    let steps = |reader: &ReaderSettings| {
        let why = Chain::parse(reader.steps.iter().map(String::as_str)).err()?;
        Some(Problem {
            key: format!("readers.{}.numbers", reader.name),
            value: format!("{:?}", reader.steps),
            why,
            hint: "`pullprint badge learn` finds the steps".to_owned(),
        })
    };
    problems.extend(settings.readers.iter().filter_map(steps));
    if let Err(why) = telemetry::check_filter(&settings.log.filter) {
        problems.push(Problem {
            key: "log".to_owned(),
            value: format!("{:?}", settings.log.filter),
            why,
            hint: "write error, warn, info, debug, or a filter such as \"info,pullprint::printer=debug\""
                .to_owned(),
        });
    }
    if problems.is_empty() { Ok(settings) } else { Err(Problems(problems)) }
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
    let problems = look_at(file).err().map(|problems| problems.0).unwrap_or_default();
    let told = problems.iter().map(|problem| {
        json!({"key": problem.key, "value": problem.value, "why": problem.why, "try": problem.hint})
    });
    println!("{}", json!({"problems": told.collect::<Vec<_>>()}));
    if problems.is_empty() { Ok(()) } else { Err(Failed::config("the configuration is wrong")) }
}
