//! A meter of each queue against the limits that Universal Print publishes for a printer, so that a warning comes before
//! the wall: 100 jobs in ten minutes, and 50 that are being submitted at the same time.
//!
//! It counts jobs by the cloud's time of their creation, as they are read. What is being submitted can not be seen; jobs
//! that were created within the same ten seconds stand for it. Deliberately absent: holding anybody back.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
};

use jiff::{SignedDuration, Timestamp};

use crate::model::{CloudPrinterId, JobNumber};

/// The published limits (estimates, for jobs of 2 MB or more).
const IN_TEN_MINUTES: usize = 100;
const AT_ONCE: usize = 50;

const WINDOW: SignedDuration = SignedDuration::from_mins(10);
const INSTANT: SignedDuration = SignedDuration::from_secs(10);

/// How full a queue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) queue: CloudPrinterId,
    /// Jobs of the last ten minutes.
    pub(super) lately: usize,
    /// The most of them within ten seconds.
    pub(super) at_once: usize,
}

impl Load {
    /// A warning from eight tenths of a limit on.
    pub(super) fn warning(&self) -> Option<String> {
        let near = |n: usize, limit: usize| n * 10 >= limit * 8;
        let (n, limit, what) = if near(self.lately, IN_TEN_MINUTES) {
            (self.lately, IN_TEN_MINUTES, "in ten minutes")
        } else if near(self.at_once, AT_ONCE) {
            (self.at_once, AT_ONCE, "at once")
        } else {
            return None;
        };
        Some(format!(
            "the queue {} had {n} jobs {what}, and Universal Print takes about {limit}: make a second queue with \
             `pullprint setup --name` and a table of its own, and give it to a part of the people",
            self.queue
        ))
    }
}

/// The jobs of the last minutes, by queue.
#[derive(Debug, Default)]
pub(super) struct Meter(Mutex<HashMap<CloudPrinterId, BTreeMap<JobNumber, Timestamp>>>);

impl Meter {
    /// A job was read; once is enough, and more often changes nothing.
    pub(super) fn note(&self, queue: &CloudPrinterId, job: JobNumber, created: Timestamp) {
        let mut all = self.0.lock().expect("nothing panics while it is held");
        all.entry(queue.clone()).or_default().insert(job, created);
    }

    /// How full each queue is at `now`, by the cloud's clock.
    pub(super) fn loads(&self, now: Timestamp) -> Vec<Load> {
        let mut all = self.0.lock().expect("nothing panics while it is held");
        let load = |(queue, jobs): (&CloudPrinterId, &mut BTreeMap<JobNumber, Timestamp>)| {
            jobs.retain(|_, created| now.duration_since(*created) <= WINDOW);
            let mut times: Vec<Timestamp> = jobs.values().copied().collect();
            times.sort_unstable();
            let within = |first: &Timestamp| {
                let window = times.iter().filter(|at| **at >= *first);
                window.filter(|at| at.duration_since(*first) < INSTANT).count()
            };
            let at_once = times.iter().map(within).max().unwrap_or(0);
            Load { queue: queue.clone(), lately: times.len(), at_once }
        };
        let mut loads: Vec<Load> = all.iter_mut().map(load).collect();
        loads.sort_by(|a, b| a.queue.cmp(&b.queue));
        loads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(n: i64, seconds_apart: i64) -> Load {
        let meter = Meter::default();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let queue = CloudPrinterId::new("q");
        for i in 0..n {
            let created = now - SignedDuration::from_secs(i * seconds_apart);
            meter.note(&queue, JobNumber(i), created);
            meter.note(&queue, JobNumber(i), created);
        }
        meter.loads(now).remove(0)
    }

    #[test]
    fn a_queue_is_warned_of_before_the_wall() {
        assert_eq!(load(30, 15).warning(), None);
        let full = load(200, 6);
        assert_eq!((full.lately, full.at_once), (101, 2), "ten minutes, six seconds apart");
        assert!(full.warning().unwrap().contains("101 jobs in ten minutes"));
        let burst = load(45, 0);
        assert!(burst.warning().unwrap().contains("45 jobs at once"), "{burst:?}");
    }
}
