//! Why a call to the cloud did not do what it was asked to.
//!
//! Everything for the log: the call, the status, the cloud's code and `request-id`. Never a token, a body, or an
//! address with its query. Deliberately absent: what to do about it (the class says, the flow decides).

use std::time::Duration;

use thiserror::Error;

use super::{refusal::told, token::TokenError};
use crate::model::{Failure, FailureClass};

/// A failed call.
#[derive(Debug, Error)]
pub enum GraphError {
    /// The call never left, or no connection was made.
    #[error("{call}: no connection to the cloud: {why}")]
    Connect {
        /// Method and path template.
        call: &'static str,
        /// What the transport said.
        why: String,
    },
    /// The call may have arrived; its answer was lost or cut.
    #[error("{call}: the answer was lost: {why} (client-request-id {request})")]
    Lost {
        /// Method and path template.
        call: &'static str,
        /// What the transport said.
        why: String,
        /// Our id of the request.
        request: String,
    },
    /// The cloud answered with an error.
    #[error("{call}: {status} {code} {message} (request-id {request}){}", told(call, *status))]
    Status {
        /// Method and path template.
        call: &'static str,
        /// The HTTP status.
        status: u16,
        /// Graph `error.code`.
        code: String,
        /// Graph `error.message`, shortened.
        message: Box<str>,
        /// The cloud's id of the request.
        request: String,
        /// The cloud's `Retry-After`.
        after: Option<Duration>,
        /// For a 401: the claims that a token must be asked for with, as JSON.
        claims: Option<Box<str>>,
    },
    /// What the call began did not come to its end.
    #[error("{call}: {why}")]
    NotDone {
        /// Method and path template.
        call: &'static str,
        /// What the cloud said of it.
        why: String,
    },
    /// The call was not made: the cloud wants it later.
    #[error("{call}: Universal Print asked to wait {} s more", .after.as_secs() + 1)]
    Waiting {
        /// Method and path template.
        call: &'static str,
        /// How long.
        after: Duration,
    },
    /// The cloud answered something that does not read.
    #[error("{call}: unreadable answer: {why} (request-id {request})")]
    Unreadable {
        /// Method and path template.
        call: &'static str,
        /// What is wrong with it.
        why: String,
        /// The cloud's id of the request.
        request: String,
    },
    /// There is no token.
    #[error("{call}: {source}")]
    Token {
        /// Method and path template.
        call: &'static str,
        /// Why not.
        source: TokenError,
    },
}

impl GraphError {
    /// Whether the call may have been carried out although it failed.
    pub fn is_doubtful(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::Token { .. } | Self::Waiting { .. } => false,
            Self::Lost { .. } | Self::Unreadable { .. } | Self::NotDone { .. } => true,
            Self::Status { status, .. } => *status >= 500 || *status == 408,
        }
    }

    /// The class and a short code: status and request id, no message of the cloud's.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Status { call, status, code, request, after, .. } => {
                let code = format!("{call}: {status} {code}, request-id {request}");
                // A gateway answers for somebody who does not.
                let silent = matches!(status, 502..=504) && after.is_none();
                Failure { silent, ..Failure::new(class(*status, *after), code) }
            }
            Self::Token { call, source } => {
                let class = match source {
                    // A person has to sign in again: no wait helps.
                    TokenError::Person(_) => FailureClass::Refused,
                    _ => FailureClass::Retry { after: source.after() },
                };
                let silent = matches!(source, TokenError::Transport(_));
                let code = format!("{call}: {}", source.code());
                Failure { silent, ..Failure::new(class, code) }
            }
            Self::Waiting { call, after } => Failure::new(
                FailureClass::Retry { after: Some(*after) },
                format!("{call}: asked to wait"),
            ),
            Self::NotDone { call, .. } => {
                Failure::new(FailureClass::Refused, format!("{call}: not done"))
            }
            Self::Connect { call, .. } => Failure::silence(format!("{call}: no connection")),
            Self::Lost { call, request, .. } => {
                Failure::silence(format!("{call}: answer lost, client-request-id {request}"))
            }
            Self::Unreadable { call, request, .. } => {
                Failure::retry(format!("{call}: answer unreadable, request-id {request}"))
            }
        }
    }

    /// Whether the cloud says that it is not there.
    pub fn is_gone(&self) -> bool {
        self.failure().class == FailureClass::Gone
    }
}

/// What can be done about a status: Graph errors page, and the retry rules of its throttling page.
fn class(status: u16, after: Option<Duration>) -> FailureClass {
    match status {
        404 | 410 => FailureClass::Gone,
        401 | 408 | 423 | 429 | 500..=599 => FailureClass::Retry { after },
        _ => FailureClass::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> GraphError {
        let (code, message, request) = ("c".into(), "Ada's secret".into(), "r".into());
        GraphError::Status {
            call: "GET job",
            status,
            code,
            message,
            request,
            after: None,
            claims: None,
        }
    }

    #[test]
    fn a_status_has_its_class_and_the_message_of_the_cloud_stays_out_of_the_journal() {
        for (code, class) in [
            (404, FailureClass::Gone),
            (410, FailureClass::Gone),
            (429, FailureClass::Retry { after: None }),
            (503, FailureClass::Retry { after: None }),
            (400, FailureClass::Refused),
            (403, FailureClass::Refused),
            (409, FailureClass::Refused),
        ] {
            let failure = status(code).failure();
            assert_eq!(failure.class, class, "{code}");
            assert!(!failure.code.contains("Ada"));
        }
    }

    #[test]
    fn only_an_answer_that_says_no_proves_that_nothing_was_done() {
        assert!(status(500).is_doubtful());
        assert!(!status(429).is_doubtful());
        assert!(!status(400).is_doubtful());
        assert!(
            GraphError::Lost { call: "x", why: String::new(), request: String::new() }
                .is_doubtful()
        );
        assert!(!GraphError::Connect { call: "x", why: String::new() }.is_doubtful());
    }
}
