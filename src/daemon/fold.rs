//! Folding: wakes become changed jobs of one batch, in order, each on the state that the one before left.
//!
//! Deliberately absent: writing the batch, and starting its effects (`main_loop`).

use std::collections::{BTreeMap, btree_map::Entry as MapEntry};

use tracing::{debug, warn};

use super::{
    Wake,
    job_span::job_span,
    main_loop::{MainLoop, SharedSettings},
};
use crate::{
    flow::{self, Actor, Destination, Event, Job, Now, ReleaseOrder},
    journal::{Entry, Journal, JournalError},
    model::{
        Answer, Asker, Command, JobNumber, Owner, PrintTask, PrinterContact, PrinterName, Refusal,
        Reserve, TaskId,
    },
    policy,
};

/// A job in the batch: as it was read, as it will be, and what happened.
pub(super) struct Folded {
    pub(super) before: Option<Job>,
    pub(super) after: Job,
    pub(super) entries: Vec<Entry>,
}

/// A batch on its way to the journal.
#[derive(Default)]
pub(super) struct Fold {
    pub(super) jobs: BTreeMap<JobNumber, Folded>,
    tasks: BTreeMap<TaskId, JobNumber>,
    pub(super) answers: Vec<Answer>,
}

impl<J: Journal> MainLoop<J> {
    /// Folds a wake into the batch.
    pub(super) async fn fold(&mut self, fold: &mut Fold, wake: &Wake) -> Result<(), JournalError> {
        match wake {
            Wake::TasksSeen(tasks) => self.fold_tasks(fold, tasks).await,
            Wake::Happened(job, event) => {
                let (now, settings) = (self.now(), self.runner.settings());
                if let Some(job) = self.load(fold, *job).await? {
                    happen(now, &settings, job, event);
                }
                Ok(())
            }
            // A takeover is about all jobs: the loop has seen to it before this batch.
            Wake::TakeoverAsked(..) => Ok(()),
            // People are no jobs: the loop has written them before this batch.
            Wake::PeopleChanged(_) => Ok(()),
            // Whoever asked has gone, and was told to try again: it is not done behind their back.
            Wake::Asked(_, place) if place.is_closed() => {
                fold.answers.push(Answer::Refused(Refusal::NotNow));
                Ok(())
            }
            Wake::Asked(command, _) => {
                let answer = self.fold_command(fold, command).await?;
                fold.answers.push(answer);
                Ok(())
            }
        }
    }

    async fn load<'f>(
        &mut self,
        fold: &'f mut Fold,
        number: JobNumber,
    ) -> Result<Option<&'f mut Folded>, JournalError> {
        match fold.jobs.entry(number) {
            MapEntry::Occupied(known) => Ok(Some(known.into_mut())),
            MapEntry::Vacant(place) => {
                let Some(job) = self.journal.load(number).await? else { return Ok(None) };
                let folded = Folded { before: Some(job.clone()), after: job, entries: Vec::new() };
                Ok(Some(place.insert(folded)))
            }
        }
    }

    async fn fold_tasks(
        &mut self,
        fold: &mut Fold,
        tasks: &[PrintTask],
    ) -> Result<(), JournalError> {
        let ids: Vec<TaskId> = tasks.iter().map(|task| task.id.clone()).collect();
        let known = self.journal.known(&ids).await?;
        let (now, settings) = (self.now(), self.runner.settings());
        for task in tasks {
            if fold.tasks.contains_key(&task.id) {
                continue;
            }
            if let Some(known) = known.get(&task.id) {
                if known.settled
                    && let Some(job) = self.load(fold, known.job).await?
                {
                    happen(now, &settings, job, &Event::TaskSeen);
                }
                continue;
            }
            self.last_number = JobNumber(self.last_number.0 + 1);
            let number = self.last_number;
            let job = Job::claim(now.at, number, task.id.clone(), task.cloud_job.clone());
            let mut folded = Folded { before: None, after: job, entries: Vec::new() };
            happen(now, &settings, &mut folded, &Event::TaskSeen);
            fold.tasks.insert(task.id.clone(), number);
            fold.jobs.insert(number, folded);
        }
        Ok(())
    }

    async fn fold_command(
        &mut self,
        fold: &mut Fold,
        command: &Command,
    ) -> Result<Answer, JournalError> {
        let settings = self.runner.settings();
        if let (Command::Release { .. }, Some((reason, detail))) =
            (command, self.runner.other_daemon())
        {
            return Ok(Answer::Refused(Refusal::Barred(reason, detail)));
        }
        let now = self.now();
        let Some(job) = self.load(fold, command.job()).await? else {
            return Ok(Answer::Refused(Refusal::NoSuchJob));
        };
        let event = match command {
            Command::Release { printer, change, version, reprint, by, .. } => {
                let owner = job.after.facts.owner.as_ref();
                let Some((destination, printer_contact, reserve)) =
                    self.destination(&settings, printer, owner)
                else {
                    return Ok(Answer::Refused(Refusal::NoSuchPrinter(printer.clone())));
                };
                Event::Released(Box::new(ReleaseOrder {
                    destination,
                    change: change.clone(),
                    by: Actor::Person,
                    asker: Some(by.clone()),
                    offline: may_go_offline(&settings, &job.after),
                    version: *version,
                    reprint: *reprint,
                    printer_contact,
                    reserve,
                }))
            }
            Command::Look { .. } => Event::LookAsked,
            Command::Abort { reason, by, .. } => {
                Event::AbortAsked { reason: reason.clone(), by: by.clone() }
            }
        };
        if let Err(refusal) = flow::admit(&job.after, command) {
            return Ok(Answer::Refused(refusal));
        }
        if !may_change(&settings, &job.after, command) {
            return Ok(Answer::Refused(Refusal::NotYourChange));
        }
        happen(now, &settings, job, &event);
        Ok(Answer::Accepted)
    }
}

impl<J: Journal> MainLoop<J> {
    /// Where a release to a printer or a pool of that name goes, and how that printer is dealt with.
    fn destination(
        &self,
        settings: &SharedSettings,
        name: &PrinterName,
        owner: Option<&Owner>,
    ) -> Option<(Destination, PrinterContact, Reserve)> {
        if let Some((first, reserve)) = self.runner.line_up(name, owner) {
            return Some((Destination::Printer(first.printer), first.contact, reserve));
        }
        let printer = settings.cloud_printer(name)?;
        let destination = Destination::CloudPrinter(printer.id.clone());
        Some((destination, PrinterContact::default(), Reserve::default()))
    }
}

/// Whether the queue lets a job go although the cloud does not answer.
fn may_go_offline(settings: &SharedSettings, job: &Job) -> bool {
    settings.queue(&job.cloud_job.source_printer).is_some_and(|queue| queue.release_offline)
}

/// Whether the queue's rules let the owner change the settings as they ask.
fn may_change(settings: &SharedSettings, job: &Job, command: &Command) -> bool {
    let Command::Release { change, by: Asker::Owner(_), .. } = command else { return true };
    settings
        .queue(&job.cloud_job.source_printer)
        .is_none_or(|queue| policy::may_change(queue, job.facts.sent_gray, change))
}

/// Folds an event into a job of the batch. An illegal one is journaled and changes nothing.
fn happen(now: Now, settings: &SharedSettings, job: &mut Folded, event: &Event) {
    let _span = job_span(&job.after, &settings.log).entered();
    match flow::step(now, &job.after, event) {
        Ok(step) => {
            let same = step.job == job.after;
            debug!(event = event.word(), detail = %event.detail(), same, "happened");
            job.after = step.job;
            // A timer or a sighting without consequence is not worth a write.
            if same && !matches!(event, Event::Ended { .. }) {
                return;
            }
            job.entries.push(Entry { kind: event.word().to_owned(), detail: event.detail() });
        }
        Err(illegal) => {
            warn!(id = "illegal-event", "{illegal}");
            let detail = format!("{} in {}", illegal.event, illegal.state);
            if let Event::Ended { effect, .. } = event {
                job.after = flow::without_effect(now, &job.after, *effect);
            }
            job.entries.push(Entry { kind: "illegal-event".to_owned(), detail });
        }
    }
}
