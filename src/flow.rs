//! The decision: what happened goes in, the next state and the effects to run come out.
//!
//! [`step`] is a pure function of the clock's reading, the job and the event. It never awaits, logs, reads a
//! clock, makes a random number or knows JSON, so a whole day of a job can be played in a test in microseconds.
//!
//! It promises:
//!
//! - Each effect that it starts stands in the job's open effects, so that the journal has the intent before the deed.
//! - An ask-first effect whose end is unknown is never started again: its lookup is, and what the lookup finds decides.
//! - Between a Send-Document and the proof of what came of it there is no second Send-Document.
//! - A job that is not settled has an open effect, a timer, or waits in `Held` for a person.
//! - A pair of state and event that makes no sense is an [`IllegalEvent`] and changes nothing.
//!
//! Deliberately absent: policy (it enters as a [`Decision`](crate::model::Decision) inside an event), the
//! runner of effects (`daemon::runner`), and the storage of states (`journal`).

mod claim;
mod dispatch;
mod doubt;
pub mod effect;
pub mod event;
mod evidence;
#[cfg(test)]
mod fake_world;
mod forgetting;
mod interruption;
pub mod job;
mod offline;
mod patience;
mod pool;
mod printing;
mod redirect;
mod release;
mod report;
#[cfg(test)]
mod sample_jobs;
#[cfg(test)]
pub(crate) mod samples;
mod sending;
#[cfg(test)]
mod simulation;
pub mod state;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
pub mod timer;
#[cfg(test)]
mod trouble_tests;
mod turn;

pub use effect::{Class, Effect, EffectId};
pub use event::{CloudLook, DocumentFacts, End, Event, IllegalEvent, Look, Reading, ReleaseOrder};
pub use job::{Facts, Job, Terms};
pub use release::admit;
pub use state::{
    Actor, Attempt, Destination, Following, Leave, Outcome, Phase, Preparation, Printing,
    Releasing, ReportStep, Reporting, State,
};
pub use timer::Timer;

use turn::Turn;

/// The clock's reading, and whether it can be believed.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The time.
    pub at: jiff::Timestamp,
    /// Whether the clock agrees with the cloud's. Until it does, no deadline aborts a job.
    pub trusted: bool,
}

/// What follows from an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The job as it is now.
    pub job: Job,
    /// The effects to start once the journal has them. They stand in `job.open` too.
    pub started: Vec<EffectId>,
}

/// Folds one event into a job.
///
/// # Errors
///
/// [`IllegalEvent`] if the event makes no sense in the job's state; then nothing has changed.
pub fn step(now: Now, job: &Job, event: &Event) -> Result<Step, IllegalEvent> {
    let mut turn = Turn::new(now, job.clone());
    match event {
        Event::TaskSeen => turn.task_seen(),
        Event::LookAsked => turn.look_asked(),
        Event::Released(order) => turn.released(order)?,
        Event::AbortAsked { reason, .. } => turn.abort_asked(reason)?,
        Event::TimerFired(timer) => turn.timer_fired(*timer),
        Event::Ended { effect, end } => turn.ended(*effect, end)?,
        Event::Resumed => turn.resumed(),
        Event::ClockJumped(by) => turn.clock_jumped_by(*by),
        Event::Unwatched => turn.unwatched(),
        Event::OwnerForgotten => turn.owner_forgotten(),
    }
    Ok(turn.finish(job))
}

/// A job whose effect has ended in a way that makes no sense: the effect is over, and a retry is due, so that the job
/// does not wait for a worker that is gone.
pub fn without_effect(now: Now, job: &Job, effect: EffectId) -> Job {
    let mut turn = Turn::new(now, job.clone());
    if turn.job.open.remove(&effect).is_some() {
        turn.retry(None);
    }
    turn.finish(job).job
}
