//! The daemon: it wakes, asks the flow, writes the journal in one commit, and only then starts effects.
//!
//! It promises: the loop is the only writer; no effect starts before its intent is durable; a batch whose write failed
//! has started nothing. Deliberately absent: decisions (`flow`), wire formats (the edges).

mod access;
mod ahead;
mod badges;
pub mod change;
mod clock;
pub mod cloud;
pub mod cloud_health;
pub mod configuration;
pub mod control;
mod deeds;
mod delegates;
mod describe;
mod desk;
mod directory;
mod documents;
mod fold;
mod forgetting;
mod health;
mod job_span;
pub mod keys;
mod kill_point;
mod main_loop;
mod meter;
mod notes;
mod observe;
mod offers;
mod orphans;
mod overview;
mod owners;
pub mod page;
mod people_commands;
mod pins;
pub mod places;
mod poller;
mod pools;
mod presence;
mod printing;
mod queues;
mod reload;
mod runner;
mod slips;
mod stamp;
mod start;
mod stations;
mod tap;
mod told;

pub use control::ControlError;
pub use start::{RunError, Shutdown, run};

use badges::PeopleTurn;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Duration, timeout},
};

use crate::{
    flow::Event,
    model::{Answer, Command, JobNumber, PrintTask, Refusal},
};

/// Every reason for which the loop wakes, but for its timers and its end.
#[derive(Debug)]
enum Wake {
    /// The poller saw these tasks `processing`.
    TasksSeen(Vec<PrintTask>),
    /// Something happened to a job.
    Happened(JobNumber, Event),
    /// Somebody wants something of a job.
    Asked(Command, oneshot::Sender<Answer>),
    /// A person takes the task definition over from another daemon.
    TakeoverAsked(u32, oneshot::Sender<()>),
    /// Badges were given or taken, or somebody asked whose one is.
    PeopleChanged(PeopleTurn),
}

/// Asks the loop for something of a job. A full disk can hold it up: then whoever asked is told to try again, and what
/// the loop has not looked at by then is not done.
async fn ask(wakes: &mpsc::Sender<Wake>, command: Command, patience: Duration) -> Answer {
    let (place, answer) = oneshot::channel();
    if wakes.send(Wake::Asked(command, place)).await.is_err() {
        return Answer::Refused(Refusal::NotNow);
    }
    match timeout(patience, answer).await {
        Ok(Ok(answer)) => answer,
        _ => Answer::Refused(Refusal::NotNow),
    }
}
