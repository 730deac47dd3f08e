//! How a state is kept in a record: each phase with what it needs.
//!
//! Deliberately absent: the job around it (`record`).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    configuration::ChangeRecord,
    record::{read_reasons, write_reasons},
    record_document::DocumentRecord,
    record_ending::{EndingRecord, OutcomeRecord},
};
use crate::{
    flow::{
        Actor, Attempt, Destination, Following, Leave, Phase, Preparation, Printing, Releasing,
        ReportStep, Reporting, State,
    },
    model::{
        CloudPrinterId, Member, PrinterContact, PrinterJobId, PrinterJobRef, PrinterName, Reserve,
    },
};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StateRecord {
    Claimed,
    Held,
    Releasing {
        attempt: Box<AttemptRecord>,
        phase: PhaseRecord,
        leave: Option<LeaveRecord>,
    },
    Printing {
        attempt: Box<AttemptRecord>,
        printer_job: PrinterJobRecord,
        document: DocumentRecord,
        trouble: bool,
        cancel: Option<OutcomeRecord>,
        canceled: bool,
    },
    Following {
        attempt: Box<AttemptRecord>,
        since: Timestamp,
    },
    Reporting {
        outcome: OutcomeRecord,
        closing: bool,
        in_doubt: bool,
        refusals: u32,
        since: Timestamp,
    },
    Settled(EndingRecord),
}

#[derive(Serialize, Deserialize)]
pub(super) struct AttemptRecord {
    number: u32,
    repeats: u32,
    printer: Option<String>,
    cloud_printer: Option<String>,
    change: ChangeRecord,
    by_person: bool,
    #[serde(default)]
    offline: bool,
    printer_contact: PrinterContactRecord,
    #[serde(default)]
    reserve: Vec<(String, PrinterContactRecord)>,
    #[serde(default)]
    passed: usize,
    #[serde(default)]
    pool: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct PrinterContactRecord {
    uri: String,
    user_name: String,
    token_prefix: String,
    hold_unconfirmed: bool,
    wake_seconds: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PhaseRecord {
    Preparing {
        document: Option<DocumentRecord>,
        configured: bool,
        printer: bool,
        disagreements: u32,
        wrong_size_before: bool,
        #[serde(default)]
        unanswered: Option<Timestamp>,
    },
    Creating,
    Seeking,
    Clearing(PrinterJobRecord),
    Sending(PrinterJobRecord),
    Inspecting {
        printer_job: PrinterJobRecord,
        refused: bool,
        canceled: bool,
    },
    Redirecting,
    Tracing(Timestamp),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LeaveRecord {
    Hold(BTreeMap<String, String>),
    Report(OutcomeRecord),
}

#[derive(Serialize, Deserialize)]
pub(super) struct PrinterJobRecord {
    id: i32,
    uuid: Option<String>,
    created: Timestamp,
    up_time: Option<i32>,
    impressions: Option<i32>,
}

impl From<&State> for StateRecord {
    fn from(state: &State) -> Self {
        match state {
            State::Claimed => Self::Claimed,
            State::Held => Self::Held,
            State::Releasing(releasing) => Self::Releasing {
                attempt: Box::new((&releasing.attempt).into()),
                phase: (&releasing.phase).into(),
                leave: releasing.leave.as_ref().map(Into::into),
            },
            State::Printing(printing) => Self::Printing {
                attempt: Box::new((&printing.attempt).into()),
                printer_job: (&printing.printer_job).into(),
                document: (&printing.document).into(),
                trouble: printing.trouble,
                cancel: printing.cancel.as_ref().map(Into::into),
                canceled: printing.canceled,
            },
            State::Following(following) => Self::Following {
                attempt: Box::new((&following.attempt).into()),
                since: following.since,
            },
            State::Reporting(reporting) => Self::Reporting {
                outcome: (&reporting.outcome).into(),
                closing: reporting.step == ReportStep::Closing,
                in_doubt: reporting.in_doubt,
                refusals: reporting.refusals,
                since: reporting.since,
            },
            State::Settled(ending) => Self::Settled(ending.into()),
        }
    }
}

impl From<StateRecord> for State {
    fn from(record: StateRecord) -> Self {
        match record {
            StateRecord::Claimed => Self::Claimed,
            StateRecord::Held => Self::Held,
            StateRecord::Releasing { attempt, phase, leave } => {
                Self::Releasing(Box::new(Releasing {
                    attempt: (*attempt).into(),
                    phase: phase.into(),
                    leave: leave.map(Into::into),
                }))
            }
            StateRecord::Printing { attempt, printer_job, document, trouble, cancel, canceled } => {
                Self::Printing(Box::new(Printing {
                    attempt: (*attempt).into(),
                    printer_job: printer_job.into(),
                    document: document.into(),
                    trouble,
                    cancel: cancel.map(Into::into),
                    canceled,
                }))
            }
            StateRecord::Following { attempt, since } => {
                Self::Following(Box::new(Following { attempt: (*attempt).into(), since }))
            }
            StateRecord::Reporting { outcome, closing, in_doubt, refusals, since } => {
                Self::Reporting(Reporting {
                    outcome: outcome.into(),
                    step: if closing { ReportStep::Closing } else { ReportStep::Aborting },
                    in_doubt,
                    refusals,
                    since,
                })
            }
            StateRecord::Settled(ending) => Self::Settled(ending.into()),
        }
    }
}

impl From<&Attempt> for AttemptRecord {
    fn from(attempt: &Attempt) -> Self {
        let (printer, cloud_printer) = match &attempt.destination {
            Destination::Printer(printer) => (Some(printer.to_string()), None),
            Destination::CloudPrinter(printer) => (None, Some(printer.to_string())),
        };
        Self {
            number: attempt.number,
            repeats: attempt.repeats,
            printer,
            cloud_printer,
            change: (&attempt.change).into(),
            by_person: attempt.by == Actor::Person,
            offline: attempt.offline,
            printer_contact: (&attempt.printer_contact).into(),
            reserve: attempt
                .reserve
                .members
                .iter()
                .map(|member| (member.printer.to_string(), (&member.contact).into()))
                .collect(),
            passed: attempt.reserve.passed,
            pool: attempt.reserve.pool.as_ref().map(ToString::to_string),
        }
    }
}

impl From<AttemptRecord> for Attempt {
    fn from(record: AttemptRecord) -> Self {
        let destination = match record.cloud_printer {
            Some(printer) => Destination::CloudPrinter(CloudPrinterId::new(printer)),
            None => Destination::Printer(PrinterName::new(record.printer.unwrap_or_default())),
        };
        Self {
            number: record.number,
            repeats: record.repeats,
            destination,
            change: record.change.into(),
            by: if record.by_person { Actor::Person } else { Actor::Policy },
            offline: record.offline,
            printer_contact: record.printer_contact.into(),
            reserve: Reserve {
                pool: record.pool.map(PrinterName::new),
                members: record
                    .reserve
                    .into_iter()
                    .map(|(printer, contact)| Member {
                        printer: PrinterName::new(printer),
                        contact: contact.into(),
                    })
                    .collect(),
                passed: record.passed,
            },
        }
    }
}

impl From<&PrinterContact> for PrinterContactRecord {
    fn from(terms: &PrinterContact) -> Self {
        Self {
            uri: terms.uri.clone(),
            user_name: terms.user_name.clone(),
            token_prefix: terms.token_prefix.clone(),
            hold_unconfirmed: terms.hold_unconfirmed,
            wake_seconds: terms.wake_for.as_secs(),
        }
    }
}

impl From<PrinterContactRecord> for PrinterContact {
    fn from(record: PrinterContactRecord) -> Self {
        Self {
            uri: record.uri,
            user_name: record.user_name,
            token_prefix: record.token_prefix,
            hold_unconfirmed: record.hold_unconfirmed,
            wake_for: SignedDuration::from_secs(record.wake_seconds),
        }
    }
}

impl From<&Phase> for PhaseRecord {
    fn from(phase: &Phase) -> Self {
        match phase {
            Phase::Preparing(preparation) => Self::Preparing {
                document: preparation.document.as_ref().map(Into::into),
                configured: preparation.configured,
                printer: preparation.printer,
                disagreements: preparation.disagreements,
                wrong_size_before: preparation.wrong_size_before,
                unanswered: preparation.unanswered,
            },
            Phase::Creating => Self::Creating,
            Phase::Seeking => Self::Seeking,
            Phase::Clearing(printer_job) => Self::Clearing(printer_job.into()),
            Phase::Sending(printer_job) => Self::Sending(printer_job.into()),
            Phase::Inspecting { printer_job, refused, canceled } => Self::Inspecting {
                printer_job: printer_job.into(),
                refused: *refused,
                canceled: *canceled,
            },
            Phase::Redirecting => Self::Redirecting,
            Phase::Tracing(since) => Self::Tracing(*since),
        }
    }
}

impl From<PhaseRecord> for Phase {
    fn from(record: PhaseRecord) -> Self {
        match record {
            PhaseRecord::Preparing {
                document,
                configured,
                printer,
                disagreements,
                wrong_size_before,
                unanswered,
            } => Self::Preparing(Preparation {
                document: document.map(Into::into),
                configured,
                printer,
                disagreements,
                wrong_size_before,
                unanswered,
            }),
            PhaseRecord::Creating => Self::Creating,
            PhaseRecord::Seeking => Self::Seeking,
            PhaseRecord::Clearing(printer_job) => Self::Clearing(printer_job.into()),
            PhaseRecord::Sending(printer_job) => Self::Sending(printer_job.into()),
            PhaseRecord::Inspecting { printer_job, refused, canceled } => {
                Self::Inspecting { printer_job: printer_job.into(), refused, canceled }
            }
            PhaseRecord::Redirecting => Self::Redirecting,
            PhaseRecord::Tracing(since) => Self::Tracing(since),
        }
    }
}

impl From<&Leave> for LeaveRecord {
    fn from(leave: &Leave) -> Self {
        match leave {
            Leave::Hold(reasons) => Self::Hold(write_reasons(reasons)),
            Leave::Report(outcome) => Self::Report(outcome.into()),
        }
    }
}

impl From<LeaveRecord> for Leave {
    fn from(record: LeaveRecord) -> Self {
        match record {
            LeaveRecord::Hold(reasons) => Self::Hold(read_reasons(reasons)),
            LeaveRecord::Report(outcome) => Self::Report(outcome.into()),
        }
    }
}

impl From<&PrinterJobRef> for PrinterJobRecord {
    fn from(job: &PrinterJobRef) -> Self {
        Self {
            id: job.id.0,
            uuid: job.uuid.clone(),
            created: job.created,
            up_time: job.up_time,
            impressions: job.impressions,
        }
    }
}

impl From<PrinterJobRecord> for PrinterJobRef {
    fn from(record: PrinterJobRecord) -> Self {
        Self {
            id: PrinterJobId(record.id),
            uuid: record.uuid,
            created: record.created,
            up_time: record.up_time,
            impressions: record.impressions,
        }
    }
}
