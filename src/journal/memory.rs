//! The journal in memory, for tests. It keeps the whole contract but durability; it has no installation, and so no time
//! that it did not watch.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::{Batch, Entry, Journal, JournalError, KnownTask};
use crate::{
    flow::{Job, State},
    model::{JobNumber, TaskId},
};

/// Jobs and entries, in maps.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    jobs: BTreeMap<JobNumber, Job>,
    entries: Vec<(JobNumber, Timestamp, Entry)>,
}

impl Journal for MemoryJournal {
    async fn load(&mut self, job: JobNumber) -> Result<Option<Job>, JournalError> {
        Ok(self.jobs.get(&job).cloned())
    }

    async fn commit(&mut self, batch: &Batch) -> Result<(), JournalError> {
        for write in &batch.writes {
            let number = write.after.number;
            let held = self.jobs.get(&number).map(|job| job.revision);
            let taken =
                held.is_none() && self.jobs.values().any(|job| job.task == write.after.task);
            if held != write.before.as_ref().map(|job| job.revision) || taken {
                return Err(JournalError::Conflict(number));
            }
        }
        for write in &batch.writes {
            let number = write.after.number;
            self.jobs.insert(number, write.after.clone());
            self.entries
                .extend(write.entries.iter().map(|entry| (number, batch.at, entry.clone())));
        }
        let daemon = JobNumber(0);
        self.entries.extend(batch.notes.iter().map(|note| (daemon, batch.at, note.clone())));
        Ok(())
    }

    async fn due(&mut self, now: Timestamp, limit: u32) -> Result<Vec<JobNumber>, JournalError> {
        let mut due: Vec<_> = self
            .jobs
            .values()
            .filter_map(|job| Some((job.deadline()?, job.number)))
            .filter(|(at, _)| *at <= now)
            .collect();
        due.sort();
        Ok(due.into_iter().map(|(_, number)| number).take(limit as usize).collect())
    }

    async fn next_deadline(&mut self) -> Result<Option<Timestamp>, JournalError> {
        Ok(self.jobs.values().filter_map(Job::deadline).min())
    }

    async fn unfinished(&mut self) -> Result<Vec<JobNumber>, JournalError> {
        let unfinished =
            |job: &&Job| !job.open.is_empty() || matches!(job.state, State::Releasing(_));
        Ok(self.jobs.values().filter(unfinished).map(|job| job.number).collect())
    }

    async fn open_jobs(
        &mut self,
        after: JobNumber,
        limit: u32,
    ) -> Result<Vec<JobNumber>, JournalError> {
        let open = self.jobs.values().filter(|job| !matches!(job.state, State::Settled(_)));
        let behind = open.map(|job| job.number).filter(|number| *number > after);
        Ok(behind.take(limit as usize).collect())
    }

    async fn known(
        &mut self,
        tasks: &[TaskId],
    ) -> Result<HashMap<TaskId, KnownTask>, JournalError> {
        let of = |job: &Job| KnownTask {
            job: job.number,
            settled: matches!(job.state, State::Settled(_)),
        };
        let known = self.jobs.values().filter(|job| tasks.contains(&job.task));
        Ok(known.map(|job| (job.task.clone(), of(job))).collect())
    }

    async fn last(&mut self) -> Result<(JobNumber, Option<Timestamp>), JournalError> {
        let number = self.jobs.keys().next_back().copied().unwrap_or(JobNumber(0));
        Ok((number, self.entries.last().map(|(_, at, _)| *at)))
    }
}
