//! How operations end: the errors with what may be done about them, and the ends that matter for paper.
//!
//! Status codes are read as numbers: the crate's enum lacks many (RFC 8011 section B.1).

use ipp::{attribute::IppAttribute, model::Operation};
use thiserror::Error;

use super::ticket::Ticket;
use crate::model::{
    Failure, FailureClass, ForgottenReport, PrinterJobRef, PrinterJobReport, Reason,
};

/// Why an operation did not succeed.
#[derive(Clone, Debug, Error)]
pub enum PrinterError {
    /// The printer did not get it.
    #[error("{operation:?}: the printer does not answer: {why}")]
    NotSent {
        /// The operation.
        operation: Operation,
        /// What the transport said.
        why: String,
    },
    /// The printer may have got it; its answer was lost or does not read.
    #[error("{operation:?}: the answer was lost: {why}")]
    Lost {
        /// The operation.
        operation: Operation,
        /// What is wrong.
        why: String,
    },
    /// The printer is not the one that is trusted.
    #[error("{operation:?}: the printer is not trusted: {why}")]
    Distrusted {
        /// The operation.
        operation: Operation,
        /// What is wrong.
        why: String,
    },
    /// The printer's HTTP server said no.
    #[error("{operation:?}: HTTP {status}")]
    Http {
        /// The operation.
        operation: Operation,
        /// The HTTP status.
        status: u16,
    },
    /// The printer said no.
    #[error("{operation:?}: {status:#06x} {message}")]
    Status {
        /// The operation.
        operation: Operation,
        /// IPP "status-code".
        status: u16,
        /// IPP "status-message", shortened.
        message: String,
        /// Attributes that the printer named unsupported.
        unsupported: Vec<IppAttribute>,
    },
}

impl PrinterError {
    /// The class and a short code.
    pub fn failure(&self) -> Failure {
        let retry = FailureClass::Retry { after: None };
        match self {
            Self::NotSent { operation, why } => {
                Failure::new(retry, format!("{operation:?}: no connection: {why}"))
            }
            Self::Lost { operation, why } => {
                Failure::new(retry, format!("{operation:?}: answer lost: {why}"))
            }
            Self::Distrusted { operation, why } => {
                Failure::new(FailureClass::Refused, format!("{operation:?}: not trusted: {why}"))
            }
            Self::Http { operation, status } => {
                let class =
                    if matches!(status, 429 | 500..=599) { retry } else { FailureClass::Refused };
                Failure::new(class, format!("{operation:?}: HTTP {status}"))
            }
            Self::Status { operation, status, .. } => {
                let class = match status {
                    0x0406 | 0x0407 => FailureClass::Gone,
                    0x0405 | 0x0500 | 0x0502 | 0x0504..=0x0507 | 0x050b => retry,
                    _ => FailureClass::Refused,
                };
                Failure::new(class, format!("{operation:?}: {status:#06x}"))
            }
        }
    }

    /// What the printer named unsupported.
    pub(super) fn unsupported(&self) -> &[IppAttribute] {
        match self {
            Self::Status { unsupported, .. } => unsupported,
            _ => &[],
        }
    }

    /// Whether the operation may have been carried out although it failed.
    pub(super) fn is_doubtful(&self) -> bool {
        match self {
            Self::NotSent { .. } | Self::Distrusted { .. } => false,
            Self::Lost { .. } => true,
            Self::Http { status, .. } => *status >= 500 && *status != 503,
            Self::Status { status, .. } => matches!(status, 0x0405 | 0x0500 | 0x0504),
        }
    }

    /// Why the printer does not take a job, where it surely did not, and whether asking again is of no use.
    pub fn unwilling(&self) -> Willing {
        let (reason, lasting) = match self {
            Self::NotSent { .. } | Self::Lost { .. } => (Reason::PrinterUnreachable, false),
            Self::Distrusted { why, .. } => {
                let (reason, detail) = (Reason::PrinterDistrusted, why.clone());
                return Willing::No { reason, detail, lasting: true };
            }
            Self::Http { status: 401 | 403, .. } | Self::Status { status: 0x0401..=0x0403, .. } => {
                (Reason::PrinterLogin, true)
            }
            Self::Http { status: 429 | 500..=599, .. }
            | Self::Status { status: 0x0502 | 0x0505 | 0x0507 | 0x050b, .. } => {
                (Reason::PrinterBusy, false)
            }
            Self::Http { .. } => (Reason::PrinterRefused, true),
            Self::Status { status: 0x0405 | 0x0500 | 0x0504, .. } => (Reason::PrinterBusy, false),
            Self::Status { .. } => (Reason::PrinterRefused, true),
        };
        Willing::No { reason, detail: self.failure().code, lasting }
    }
}

/// Whether a printer takes a job.
#[derive(Debug)]
pub enum Willing {
    /// It does, with this ticket.
    Yes(Box<Ticket>),
    /// It does not.
    No {
        /// Why.
        reason: Reason,
        /// Its code or keyword.
        detail: String,
        /// Whether asking again later is of no use.
        lasting: bool,
    },
}

/// How a Create-Job ended.
#[derive(Debug)]
pub enum CreateEnd {
    /// The job is there.
    Created(PrinterJobRef),
    /// It surely is not, and why.
    Refused(Willing),
    /// Nobody knows.
    Doubtful(String),
}

/// How a Send-Document ended.
#[derive(Debug)]
pub enum SendEnd {
    /// All bytes were accepted.
    Accepted,
    /// No byte of the document left.
    NothingSent(Failure),
    /// The printer said that it does not take it.
    Refused(Failure),
    /// Nobody knows.
    Doubtful(String),
}

/// How a Cancel-Job ended, when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelEnd {
    /// The printer cancels it.
    Accepted,
    /// It had ended, or is not there.
    NothingToCancel,
}

/// What a printer says of a printer job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there.
    Seen(PrinterJobReport),
    /// It is not, or the id belongs to another job now.
    Forgotten(ForgottenReport),
}
