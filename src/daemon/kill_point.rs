//! Kill points: named places where a crash test lets the process die, as by a power cut.
//!
//! `PULLPRINT_KILL_AT` names one, as `POINT` or, for one job alone, as `JOB:POINT`. In a build without debug assertions
//! nothing of this is left.

use crate::model::JobNumber;

/// Dies here if this is the point that was named.
#[cfg(debug_assertions)]
pub(super) fn pass(job: JobNumber, point: impl FnOnce() -> String) {
    use std::sync::OnceLock;
    static NAMED: OnceLock<Option<String>> = OnceLock::new();
    let Some(named) = NAMED.get_or_init(|| std::env::var("PULLPRINT_KILL_AT").ok()) else { return };
    let point = point();
    if point == *named || format!("{job}:{point}") == *named {
        // Nothing is flushed and no destructor runs.
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub(super) fn pass(_job: JobNumber, _point: impl FnOnce() -> String) {}
