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

/// Third parties whose errors come back to us, and are told by us.
const QUIET: [&str; 1] = ["rustls_platform_verifier=off"];

/// Starts logging. A filter that does not read falls back to `info`, a journal that is not there to text.
pub fn start(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // What it says of a certificate stands in the error of the call, with what was called.
    let filter =
        QUIET.iter().filter_map(|one| one.parse().ok()).fold(filter, EnvFilter::add_directive);
    // A second start, as in tests of one process, keeps the first.
    let _ = Registry::default().with(layer(format)).with(filter).try_init();
}

/// Whether a filter reads.
///
/// # Errors
///
/// What is wrong with it.
pub fn check_filter(filter: &str) -> Result<(), String> {
    EnvFilter::try_new(filter).map(drop).map_err(|error| error.to_string())
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
