//! Why a call did not do what it was asked to, in the four classes that a decision needs.
//!
//! Deliberately absent: the edges' own errors. They keep everything for the log; this keeps what `flow` decides by.

use std::{fmt, time::Duration};

/// The class of a failure, with a short code of ids and numbers (never personal data) for the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What can be done about it.
    pub class: FailureClass,
    /// Such as `PATCH task: 503, request-id 6f0c...` or `Create-Job: 0x0507`.
    pub code: String,
    /// Whether the other side said nothing at all.
    pub silent: bool,
}

/// What can be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// It may go well later; not before `after`, if the other side named a time.
    Retry {
        /// How long the other side asked us to wait.
        after: Option<Duration>,
    },
    /// The other side understood and said no.
    Refused,
    /// What was asked about is not there.
    Gone,
    /// The answer makes no sense, or the thing itself is bad.
    Broken,
}

impl Failure {
    /// A failure that may heal by itself.
    pub fn retry(code: impl Into<String>) -> Self {
        Self::new(FailureClass::Retry { after: None }, code)
    }

    /// The same, because nothing was answered.
    pub fn silence(code: impl Into<String>) -> Self {
        Self { silent: true, ..Self::retry(code) }
    }

    /// A failure of the given class.
    pub fn new(class: FailureClass, code: impl Into<String>) -> Self {
        Self { class, code: code.into(), silent: false }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)
    }
}
