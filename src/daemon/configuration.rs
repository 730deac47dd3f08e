//! The settings of a file, as the daemon needs them.
//!
//! It promises: what only their users know to be wrong with them is told together with the rest, at the start and at a
//! reload. Deliberately absent: everything that the table of keys says (`config`).

use std::path::Path;

use crate::{
    badge::uid::Chain,
    config::{self, Problem, Problems, Settings},
    model::station::ReaderSettings,
    telemetry,
};

/// Reads the settings of a file and of what stands beside it.
///
/// # Errors
///
/// Every problem with them, all at once.
pub fn read(file: &Path) -> Result<Settings, Problems> {
    let (settings, mut problems) = config::look_at(file)?;
    problems.extend(settings.readers.iter().filter_map(bad_steps));
    problems.extend(bad_filter(&settings.log.filter));
    if problems.is_empty() { Ok(settings) } else { Err(Problems(problems)) }
}

fn bad_steps(reader: &ReaderSettings) -> Option<Problem> {
    let why = Chain::parse(reader.steps.iter().map(String::as_str)).err()?;
    Some(Problem {
        key: format!("readers.{}.numbers", reader.name),
        value: format!("{:?}", reader.steps),
        why,
        hint: "`pullprint badge learn` finds the steps".to_owned(),
    })
}

fn bad_filter(filter: &str) -> Option<Problem> {
    let why = telemetry::check_filter(filter).err()?;
    Some(Problem {
        key: "log".to_owned(),
        value: format!("{filter:?}"),
        why,
        hint:
            "write error, warn, info, debug, or a filter such as \"info,pullprint::printer=debug\""
                .to_owned(),
    })
}
