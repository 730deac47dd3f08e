//! The settings of a file, as the daemon needs them.
//!
//! It promises: what only their users know to be wrong with them is told together with the rest, at the start and at a
//! reload. Deliberately absent: everything that the table of keys says (`config`).

use std::path::Path;

use super::places::client_that_looks;
use crate::{
    badge::uid::Chain,
    config::{self, Problem, Problems, Settings, is_of_another_process},
    model::{PrinterSettings, settings::PrinterAccess, station::ReaderSettings},
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
    let bad = bad_printers(&settings, &problems);
    problems.extend(bad);
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

/// What is wrong with the files of printers of whose tables nothing was told.
fn bad_printers(settings: &Settings, told: &[Problem]) -> Vec<Problem> {
    let is_told = |printer: &&PrinterSettings| {
        let table = format!("printers.{}.", printer.name);
        told.iter().any(|problem| problem.key.starts_with(&table))
    };
    let silent = settings.printers.iter().filter(|printer| !is_told(printer));
    silent.filter_map(|printer| bad_printer(printer, &settings.state_dir)).collect()
}

/// What is wrong with the files that a printer's table names.
fn bad_printer(printer: &PrinterSettings, state_dir: &Path) -> Option<Problem> {
    let PrinterAccess { ca_file, certificate_file, login, .. } = &printer.access;
    let password_file = login.as_ref().map(|(_, file)| file);
    let files = [ca_file.as_ref(), certificate_file.as_ref(), password_file];
    let mut files = files.into_iter().flatten().peekable();
    // A client costs some milliseconds, and each command reads the settings.
    if files.peek().is_none() || files.any(is_of_another_process) {
        return None;
    }
    Some(Problem {
        key: format!("printers.{}", printer.name),
        value: String::new(),
        why: client_that_looks(printer, state_dir).err()?,
        hint: "mend its password_file, ca_file or certificate_file".to_owned(),
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
