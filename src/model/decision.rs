//! What policy says of a job.
//!
//! Deliberately absent: the rules (`policy`) and what follows from the decision (`flow`).

use jiff::SignedDuration;

use super::{AbortReason, CloudPrinterId, PrinterContact, PrinterName, Reason, Reserve};

/// What shall become of a job, and on which terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to do with the job.
    pub verdict: Verdict,
    /// How long it may wait, counted from the cloud's `createdDateTime`: until the queue's limit, or until the cloud
    /// would lose its patience.
    pub hold_limit: SignedDuration,
    /// How a release is reported.
    pub after_release: AfterRelease,
    /// How long after its end is known what it was called and whose it was.
    pub retention: Retention,
    /// Why the job may not be sent to a printer by us at all, with a detail; absent if it may.
    pub barred: Option<(Reason, String)>,
    /// For a release at once: how its printer is dealt with.
    pub printer_contact: PrinterContact,
    /// For a release at once: the other printers of its pool.
    pub reserve: Reserve,
}

/// How long after a job's end something of it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Its title.
    pub title: SignedDuration,
    /// Its owner.
    pub owner: SignedDuration,
}

impl Default for Retention {
    fn default() -> Self {
        Self { title: SignedDuration::from_hours(24), owner: SignedDuration::from_hours(30 * 24) }
    }
}

/// What to do with a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Wait for its owner.
    Hold,
    /// Let it go to this printer at once.
    Release(PrinterName),
    /// Let the cloud move it to this cloud printer at once.
    Redirect(CloudPrinterId),
    /// End it.
    Abort(AbortReason),
}

/// How a release over IPP is reported: Universal Print has no call for "it was printed elsewhere".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterRelease {
    /// The task is completed; the cloud job goes on in its queue until the cloud removes it.
    Complete,
    /// The cloud job is aborted with a reason that says it was printed.
    Abort,
}
