//! What the cloud says of a job and of the task that stops it.
//!
//! Deliberately absent: our own state of a job (`flow::state`).

use jiff::Timestamp;

use super::{CloudJobKey, DocumentId, JobConfiguration, Owner, TaskId};

/// A print task: the cloud's stop sign on a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintTask {
    /// Graph `printTask.id`.
    pub id: TaskId,
    /// The job that it stops, from the path tail of Graph `printTask.parentUrl`.
    pub cloud_job: CloudJobKey,
    /// Graph `printTask.status.state`.
    pub state: TaskState,
}

/// Graph `printTaskProcessingState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the cloud's own words")]
pub enum TaskState {
    Pending,
    Processing,
    Completed,
    Aborted,
    /// A word that we do not know. It is taken for an open task.
    Other,
}

impl TaskState {
    /// Whether the cloud no longer waits for us.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Aborted)
    }
}

/// A cloud job, as one GET shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudJob {
    /// Printer and job id.
    pub key: CloudJobKey,
    /// Graph `printJob.createdDateTime`, by the cloud's clock. Absent where the cloud left it out.
    pub created: Option<Timestamp>,
    /// Graph `printJob.createdBy`; absent where all of it is empty.
    pub owner: Option<Owner>,
    /// Graph `printJob.status.state`.
    pub state: CloudJobState,
    /// Whether Graph `printJob.redirectedTo` names another job: the proof of a redirect.
    pub redirected: bool,
    /// That job, where its address reads.
    pub redirected_to: Option<CloudJobKey>,
    /// Graph `printJob.configuration`.
    pub configuration: JobConfiguration,
    /// Graph `printJob.documents[0]`; absent where the list is missing or empty.
    pub document: Option<CloudDocument>,
}

/// The document of a cloud job. A job has exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudDocument {
    /// Graph `printDocument.id`.
    pub id: DocumentId,
    /// Graph `printDocument.displayName`: what people call the job. Often empty.
    pub title: Option<String>,
    /// Graph `printDocument.contentType`: a label, not a proof.
    pub content_type: Option<String>,
    /// Graph `printDocument.size`, in octets.
    pub octets: Option<u64>,
}

/// Graph `printJobProcessingState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the cloud's own words")]
pub enum CloudJobState {
    Unknown,
    Pending,
    Processing,
    Paused,
    Stopped,
    Completed,
    Canceled,
    Aborted,
    /// A word that we do not know.
    Other,
}

impl CloudJobState {
    /// Whether the job has ended in the cloud. `stopped` has not.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Aborted)
    }
}
