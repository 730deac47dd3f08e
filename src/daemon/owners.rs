//! The jobs of one person, as fresh as the cloud can tell.
//!
//! It promises: identity is the object id. The UPN only finds jobs in the cloud; one that came back with another person
//! shows nobody's jobs but theirs, and one that changed hides none that the journal has.
//! Deliberately absent: who may ask for whom.

use tokio::{
    sync::mpsc,
    time::{Duration, Instant, sleep, timeout},
};

use super::{Wake, deeds::Deeds};
use crate::{
    graph::GraphError,
    journal::reader::JournalReader,
    model::{CloudJob, CloudJobState, CloudPrinterId, Owner, PrintTask, TaskDefinitionId},
};

/// How long the cloud may take, and then the reading of what is new.
const PATIENCE: Duration = Duration::from_secs(3);
const STEP: Duration = Duration::from_millis(50);

/// Asks the cloud for the person's jobs, and hands over those that the journal does not have. True if the cloud told
/// all; otherwise the journal is what there is.
pub(super) async fn refresh(
    deeds: &Deeds,
    reader: &JournalReader,
    wakes: &mpsc::Sender<Wake>,
    owner: &Owner,
) -> bool {
    let Ok(Ok(tasks)) = timeout(PATIENCE, unknown_tasks(deeds, reader, owner)).await else {
        return false;
    };
    if tasks.is_empty() {
        return true;
    }
    if wakes.send(Wake::TasksSeen(tasks.clone())).await.is_err() {
        return false;
    }
    // The jobs are read before they are shown: until then they have no owner.
    let begun = Instant::now();
    for task in &tasks {
        while !reader.was_read(&task.id).await.unwrap_or(false) {
            if begun.elapsed() >= PATIENCE {
                return false;
            }
            sleep(STEP).await;
        }
    }
    true
}

/// The tasks of jobs of this person that the journal does not know.
async fn unknown_tasks(
    deeds: &Deeds,
    reader: &JournalReader,
    owner: &Owner,
) -> Result<Vec<PrintTask>, GraphError> {
    let id = owner.id.as_deref().unwrap_or_default();
    let known = reader.of_owner(id, u32::MAX).await.unwrap_or_default();
    // A job that was printed under an older name is listed under that name.
    let mut names: Vec<String> = owner.upn.iter().cloned().collect();
    for job in &known {
        let upn = job.facts.owner.as_ref().and_then(|owner| owner.upn.clone());
        names.extend(upn.filter(|upn| !names.iter().any(|name| name.eq_ignore_ascii_case(upn))));
    }
    let settings = deeds.settings();
    let mut tasks = Vec::new();
    for queue in &settings.queues {
        for upn in &names {
            let jobs = list(deeds, &queue.source_printer, upn).await?;
            let theirs = |job: &CloudJob| {
                let printed_by = job.owner.as_ref().and_then(|owner| owner.id.as_deref());
                printed_by == Some(id) && job.state == CloudJobState::Paused
            };
            for job in jobs.iter().filter(|job| theirs(job)) {
                if !known.iter().any(|one| one.cloud_job == job.key) {
                    tasks.extend(our_tasks(deeds, &settings.cloud.task_definition, job).await?);
                }
            }
        }
    }
    Ok(tasks)
}

async fn list(
    deeds: &Deeds,
    queue: &CloudPrinterId,
    upn: &str,
) -> Result<Vec<CloudJob>, GraphError> {
    let _call = deeds.call().await;
    deeds.graph().list_jobs_of(queue, upn).await
}

/// The open tasks of a job that are of our definition: only they are ours to claim.
async fn our_tasks(
    deeds: &Deeds,
    definition: &TaskDefinitionId,
    job: &CloudJob,
) -> Result<Vec<PrintTask>, GraphError> {
    let _call = deeds.call().await;
    let mut ours = Vec::new();
    for task in deeds.graph().get_tasks_of_job(&job.key).await? {
        match deeds.graph().get_task(definition, &task.id).await {
            Ok(state) if !state.is_terminal() => ours.push(PrintTask { state, ..task }),
            Ok(_) => {}
            Err(error) if error.is_gone() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(ours)
}
