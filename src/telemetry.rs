//! The log, what is counted, and what the service manager hears.
//!
//! It promises one event a line on standard error, as text or JSON, or one entry of the system's journal with its fields.
//! Deliberately absent: who serves the metrics.

mod journald;
pub mod metrics;
pub mod notify;

use std::io::IsTerminal;

use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::model::settings::LogFormat;

/// Third parties whose errors come back to us, and are told by us, with an id that the runbook has.
const QUIET: [&str; 6] = ["h2", "hyper", "reqwest", "rustls", "sqlx", "tower"];

/// Starts logging. A filter that does not read falls back to `info`, a journal that is not there to text.
pub fn start(filter: &str, format: LogFormat) {
    let asked = |target: &&&str| !filter.contains(**target);
    let quiet =
        QUIET.iter().filter(asked).filter_map(|target| format!("{target}=off").parse().ok());
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = quiet.fold(filter, EnvFilter::add_directive);
    // A second start, as in tests of one process, keeps the first.
    let _ = Registry::default().with(layer(format)).with(filter).try_init();
}

/// Whether a filter reads.
///
/// # Errors
///
/// What is wrong with it.
pub fn check_filter(filter: &str) -> Result<(), String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    // A word alone that is no level is the name of a module to it, and silences all others.
    let is_level = |word: &str| LEVELS.contains(&word.to_ascii_lowercase().as_str());
    let words = filter.split(',').map(str::trim).filter(|word| !word.is_empty());
    match words.into_iter().find(|word| !word.contains(['=', ':', '[']) && !is_level(word)) {
        Some(word) => Err(format!("{word} is no level")),
        None => Ok(()),
    }
}

fn layer(format: LogFormat) -> Box<dyn Layer<Registry> + Send + Sync> {
    let to_journal = match format {
        LogFormat::SystemJournal => true,
        LogFormat::Auto => journald::is_standard_error(),
        LogFormat::Text | LogFormat::Json => false,
    };
    if let Some(journal) = to_journal.then(journald::SystemJournal::open).flatten() {
        return journal.boxed();
    }
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    match format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        _ => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_with_a_slip_of_the_pen_does_not_silence_the_log() {
        for good in ["info", "DEBUG", "info,pullprint::printer=debug"] {
            assert_eq!(check_filter(good), Ok(()), "{good}");
        }
        assert_eq!(check_filter("inof"), Err("inof is no level".to_owned()));
        assert!(check_filter("a=b=c").is_err());
    }
}
