//! A pool: several printers as one destination.
//!
//! Deliberately absent: when a release is passed on from one to the next (`flow::pool`).

use super::{PrinterContact, PrinterName};

/// A pool as the administrator wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// What we call it: people release to it as to a printer.
    pub name: PrinterName,
    /// Its printers.
    pub members: Vec<PrinterName>,
    /// Which of them is asked first.
    pub choice: PoolChoice,
}

/// Which printer of a pool is asked first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PoolChoice {
    /// The first that has nothing to do, in the order of the list.
    #[default]
    FirstFree,
    /// Each in its turn.
    RoundRobin,
}

/// A printer of a pool, and how it is dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What we call it.
    pub printer: PrinterName,
    /// How it is dealt with.
    pub contact: PrinterContact,
}

/// The other printers of the pool that a release goes to; none where it goes to one printer alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reserve {
    /// The pool.
    pub pool: Option<PrinterName>,
    /// In the order in which they are asked.
    pub members: Vec<Member>,
    /// How many printers of this round could not take it.
    pub passed: usize,
}

impl Reserve {
    /// Whether a printer is left that was not asked in this round.
    pub fn has_more(&self) -> bool {
        self.passed < self.members.len()
    }
}
