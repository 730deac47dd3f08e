//! The log, and what the service manager hears.
//!
//! It promises one line an event on standard error, as text or JSON.
//! Deliberately absent: who serves the metrics.

pub mod metrics;
pub mod notify;

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging. A filter that does not read falls back to `info`.
pub fn start(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A second start, as in tests of one process, keeps the first.
    let _ = if json {
        log.json().flatten_event(true).try_init()
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
}
