//! What is counted, for Prometheus. `docs/metrics.md` has the table.
//!
//! It promises: labels are words of ours, names of calls, of printers as the configuration has them, and status numbers;
//! never a person, a title or an id.
//! Deliberately absent: who serves the text, and what is looked up for it at that moment.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicI64, AtomicU64},
    },
    time::{Duration, Instant},
};

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::model::JobNumber;

type Labels = Vec<(&'static str, String)>;
type Counters = Family<Labels, Counter<u64, AtomicU64>>;
type Gauges = Family<Labels, Gauge<i64, AtomicI64>>;
type Histograms = Family<Labels, Histogram>;

/// Bounds in seconds of what takes milliseconds to minutes.
const SECONDS: [f64; 14] =
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];
/// How many releases are timed at once: what is forgotten is not timed.
const MOST_TIMED: usize = 10_000;

/// All that is counted.
#[derive(Debug)]
pub struct Metrics {
    /// Held while what is so at a moment is written down and read.
    registry: Mutex<Registry>,
    jobs: Gauges,
    oldest_held: Gauge<i64, AtomicI64>,
    troubles: Gauges,
    printers: Gauges,
    releases: Counter<u64, AtomicU64>,
    settled: Counters,
    calls: Counters,
    call_seconds: Histograms,
    commit_seconds: Histogram,
    release_seconds: Histogram,
    /// When the jobs were released whose documents have not begun to leave.
    released: Mutex<HashMap<JobNumber, Instant>>,
}

/// What is so while it is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment<'a> {
    /// How many jobs are in each state.
    pub jobs: &'a [(String, usize)],
    /// The age of the oldest that waits.
    pub oldest: Duration,
    /// What is wrong, by code.
    pub troubles: &'a [&'a str],
    /// The printers by name, each with the word of its state.
    pub printers: &'a [(&'a str, &'a str)],
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("pullprint");
        let histogram = || Histogram::new(SECONDS);
        let metrics = Self {
            registry: Mutex::default(),
            jobs: Gauges::default(),
            oldest_held: Gauge::default(),
            troubles: Gauges::default(),
            printers: Gauges::default(),
            releases: Counter::default(),
            settled: Counters::default(),
            calls: Counters::default(),
            call_seconds: Histograms::new_with_constructor(histogram),
            commit_seconds: histogram(),
            release_seconds: histogram(),
            released: Mutex::default(),
        };
        registry.register("jobs", "Jobs that are not settled, by state", metrics.jobs.clone());
        registry.register(
            "oldest_held_job_seconds",
            "Age of the oldest job that waits, by the cloud's time of its creation; 0 if none waits",
            metrics.oldest_held.clone(),
        );
        registry.register("troubles", "What is wrong now, by code", metrics.troubles.clone());
        registry.register(
            "printers",
            "Printers of the configuration, 1 at the state that each is in",
            metrics.printers.clone(),
        );
        registry.register("releases", "Releases that began", metrics.releases.clone());
        registry.register(
            "settled",
            "Jobs that ended, by ending and reason",
            metrics.settled.clone(),
        );
        registry.register(
            "cloud_calls",
            "Calls of Graph, by call and status",
            metrics.calls.clone(),
        );
        registry.register(
            "cloud_call_seconds",
            "How long calls of Graph took to be answered",
            metrics.call_seconds.clone(),
        );
        registry.register(
            "journal_commit_seconds",
            "How long commits of the journal took",
            metrics.commit_seconds.clone(),
        );
        registry.register(
            "release_to_document_seconds",
            "From a release to the moment at which its document begins to leave for the printer",
            metrics.release_seconds.clone(),
        );
        Self { registry: Mutex::new(registry), ..metrics }
    }
}

impl Metrics {
    /// A release of a job began.
    pub fn released(&self, job: JobNumber) {
        self.releases.inc();
        let mut released = self.released.lock().expect("nothing panics while it is held");
        if released.len() < MOST_TIMED {
            released.insert(job, Instant::now());
        }
    }

    /// The document of a job begins to leave.
    pub fn leaves(&self, job: JobNumber) {
        let mut released = self.released.lock().expect("nothing panics while it is held");
        if let Some(at) = released.remove(&job) {
            self.release_seconds.observe(at.elapsed().as_secs_f64());
        }
    }

    /// A job has ended; the reason is the word of an abort, or empty.
    pub fn settled(&self, job: JobNumber, ending: &'static str, reason: &str) {
        self.released.lock().expect("nothing panics while it is held").remove(&job);
        let labels = vec![("ending", ending.to_owned()), ("reason", reason.to_owned())];
        self.settled.get_or_create(&labels).inc();
    }

    /// A call of Graph was answered with that status after so long; 0 for none.
    pub fn called(&self, call: &'static str, status: u16, took: Duration) {
        let name = vec![("call", call.to_owned())];
        self.call_seconds.get_or_create(&name).observe(took.as_secs_f64());
        let labels = vec![("call", call.to_owned()), ("status", status.to_string())];
        self.calls.get_or_create(&labels).inc();
    }

    /// A commit of the journal took so long.
    pub fn committed(&self, took: Duration) {
        self.commit_seconds.observe(took.as_secs_f64());
    }

    /// The text, with what is so at this moment.
    pub fn text(&self, moment: &Moment<'_>) -> String {
        let registry = self.registry.lock().expect("nothing panics while it is held");
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.jobs.clear();
        for (state, n) in moment.jobs {
            let n = i64::try_from(*n).unwrap_or(i64::MAX);
            self.jobs.get_or_create(&vec![("state", state.clone())]).set(n);
        }
        self.oldest_held.set(whole(moment.oldest.as_secs()));
        self.troubles.clear();
        for code in moment.troubles {
            self.troubles.get_or_create(&vec![("trouble", (*code).to_owned())]).set(1);
        }
        self.printers.clear();
        for (name, state) in moment.printers {
            let labels = vec![("printer", (*name).to_owned()), ("state", (*state).to_owned())];
            self.printers.get_or_create(&labels).set(1);
        }
        let mut text = String::new();
        encode(&mut text, &registry).expect("memory takes what is written");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_in_the_text() {
        let metrics = Metrics::default();
        metrics.released(JobNumber(1));
        metrics.leaves(JobNumber(1));
        metrics.settled(JobNumber(1), "completed", "");
        metrics.called("GET jobs/{}", 429, Duration::from_millis(3));
        let held = [("held".to_owned(), 2)];
        let text = metrics.text(&Moment {
            jobs: &held,
            oldest: Duration::from_secs(90),
            troubles: &["cloud-silent"],
            printers: &[("lobby", "ready")],
        });
        for line in [
            "pullprint_jobs{state=\"held\"} 2",
            "pullprint_oldest_held_job_seconds 90",
            "pullprint_troubles{trouble=\"cloud-silent\"} 1",
            "pullprint_printers{printer=\"lobby\",state=\"ready\"} 1",
            "pullprint_releases_total 1",
            "pullprint_settled_total{ending=\"completed\",reason=\"\"} 1",
            "pullprint_cloud_calls_total{call=\"GET jobs/{}\",status=\"429\"} 1",
            "pullprint_release_to_document_seconds_count 1",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} is not in {text}");
        }
        let text = metrics.text(&Moment::default());
        assert!(!text.contains("state=") && !text.contains("cloud-silent"), "{text}");
    }
}
