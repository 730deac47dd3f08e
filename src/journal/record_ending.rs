//! How an end is kept in a record: what became of the job, and what the cloud is told.

use serde::{Deserialize, Serialize};

use super::record::AbortRecord;
use crate::{flow::Outcome, model::Ending};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EndingRecord {
    Completed,
    Aborted(AbortRecord),
    Canceled,
    Redirected,
    Withdrawn,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OutcomeRecord {
    Printed,
    Aborted(AbortRecord),
    Canceled,
    Withdrawn(EndingRecord),
}

impl From<&Ending> for EndingRecord {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::Completed => Self::Completed,
            Ending::Aborted(reason) => Self::Aborted(reason.into()),
            Ending::Canceled => Self::Canceled,
            Ending::Redirected => Self::Redirected,
            Ending::Withdrawn => Self::Withdrawn,
        }
    }
}

impl From<EndingRecord> for Ending {
    fn from(record: EndingRecord) -> Self {
        match record {
            EndingRecord::Completed => Self::Completed,
            EndingRecord::Aborted(reason) => Self::Aborted(reason.into()),
            EndingRecord::Canceled => Self::Canceled,
            EndingRecord::Redirected => Self::Redirected,
            EndingRecord::Withdrawn => Self::Withdrawn,
        }
    }
}

impl From<&Outcome> for OutcomeRecord {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Printed => Self::Printed,
            Outcome::Aborted(reason) => Self::Aborted(reason.into()),
            Outcome::Canceled => Self::Canceled,
            Outcome::Withdrawn(ending) => Self::Withdrawn(ending.into()),
        }
    }
}

impl From<OutcomeRecord> for Outcome {
    fn from(record: OutcomeRecord) -> Self {
        match record {
            OutcomeRecord::Printed => Self::Printed,
            OutcomeRecord::Aborted(reason) => Self::Aborted(reason.into()),
            OutcomeRecord::Canceled => Self::Canceled,
            OutcomeRecord::Withdrawn(ending) => Self::Withdrawn(ending.into()),
        }
    }
}
