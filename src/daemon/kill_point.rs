//! Kill points: named places where a crash test lets the process die, as by a power cut.
//!
//! `PULLPRINT_KILL_AT` names one, as `POINT` or, for one job alone, as `JOB:POINT`. At that of `PULLPRINT_STICK_AT`
//! whoever passes stays for ever. In a build without debug assertions
//! nothing of this is left.

use crate::model::JobNumber;

/// Dies, or stays, here if this is the point that was named.
#[cfg(debug_assertions)]
pub(super) fn pass(job: JobNumber, point: impl FnOnce() -> String) {
    use std::sync::OnceLock;
    static NAMED: OnceLock<[Option<String>; 2]> = OnceLock::new();
    let named = NAMED.get_or_init(|| {
        ["PULLPRINT_KILL_AT", "PULLPRINT_STICK_AT"].map(|name| std::env::var(name).ok())
    });
    if named.iter().all(Option::is_none) {
        return;
    }
    let (point, of_job) = (point(), |point: &str| format!("{job}:{point}"));
    let [dies, stays] = named.each_ref().map(|named| {
        named.as_ref().is_some_and(|named| *named == point || *named == of_job(&point))
    });
    if stays {
        loop {
            std::thread::park();
        }
    }
    if dies {
        // Nothing is flushed and no destructor runs.
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub(super) fn pass(_job: JobNumber, _point: impl FnOnce() -> String) {}
