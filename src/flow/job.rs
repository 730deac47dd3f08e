//! A job as we know it: what the cloud told, what policy decided, its state, its timers and its open effects.
//!
//! Deliberately absent: what a state needs (`state`), and transitions.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    effect::{Effect, EffectId},
    event::DocumentFacts,
    state::{Attempt, Phase, Preparation, State},
    timer::Timer,
};
use crate::model::{
    AfterRelease, Agreement, CloudDocument, CloudJobKey, DocumentFormat, JobConfiguration,
    JobNumber, Owner, PrinterJobRef, Reason, Reasons, Retention, TaskId, Verdict,
};

/// A claimed job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Our short number of it.
    pub number: JobNumber,
    /// Counts the journal's writes of this job; the journal refuses a write on another one than was read.
    pub revision: u64,
    /// Counts the changes that a person can see; a release names the one that the person saw.
    pub version: u64,
    /// Its key in the cloud.
    pub cloud_job: CloudJobKey,
    /// The print task that blocks it.
    pub task: TaskId,
    /// When we claimed it.
    pub claimed: Timestamp,
    /// What the cloud told of it.
    pub facts: Facts,
    /// What policy decided; absent until the job was read.
    pub terms: Option<Terms>,
    /// Where it is.
    pub state: State,
    /// Why it is there.
    pub reasons: Reasons,
    /// When something happens by itself.
    pub timers: BTreeMap<Timer, Timestamp>,
    /// Effects that were started and have not ended.
    pub open: BTreeMap<EffectId, Effect>,
    /// The next effect's id.
    pub next_effect: EffectId,
    /// What was agreed with the printer of the last attempt that came so far.
    pub agreement: Option<Agreement>,
    /// The document of the present release, as it goes to the printer.
    pub document: Option<DocumentFacts>,
    /// Whether paper of it may be out. Once set it stays: no later release can take that back.
    pub may_have_printed: bool,
    /// Whether its owner is to be forgotten: it waits for nobody, and nothing of them is known once it has ended.
    pub owner_forgotten: bool,
    /// Whether its bytes are here; they do not outlive the process.
    pub spooled: bool,
    /// Attempts so far, over all releases: each has its own token at the printer.
    pub attempts: u32,
    /// Failures in a row, for the back-off.
    pub tries: u32,
    /// Since when things go wrong without a break.
    pub struggling_since: Option<Timestamp>,
    /// Since when the cloud says that the job is gone.
    pub suspect_since: Option<Timestamp>,
    /// When the cloud last said that the job is paused.
    pub paused_seen: Option<Timestamp>,
}

impl Job {
    /// A job that was just claimed: nothing is known of it but its task.
    pub fn claim(now: Timestamp, number: JobNumber, task: TaskId, cloud_job: CloudJobKey) -> Self {
        Self {
            number,
            revision: 0,
            version: 0,
            cloud_job,
            task,
            claimed: now,
            facts: Facts::default(),
            terms: None,
            state: State::Claimed,
            reasons: Reasons::default(),
            timers: BTreeMap::new(),
            open: BTreeMap::new(),
            next_effect: EffectId(1),
            agreement: None,
            document: None,
            may_have_printed: false,
            owner_forgotten: false,
            spooled: false,
            attempts: 0,
            tries: 0,
            struggling_since: None,
            suspect_since: None,
            paused_seen: None,
        }
    }

    /// The earliest timer.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.timers.values().min().copied()
    }

    /// The attempt that is being made, where there is one.
    pub fn attempt(&self) -> Option<&Attempt> {
        match &self.state {
            State::Releasing(releasing) => Some(&releasing.attempt),
            State::Printing(printing) => Some(&printing.attempt),
            State::Following(following) => Some(&following.attempt),
            _ => None,
        }
    }

    /// What the present attempt is called at its printer: installation and era, job, attempt.
    pub fn token(&self) -> String {
        let (prefix, attempt) = self.attempt().map_or(("", 0), |attempt| {
            (attempt.printer_contact.token_prefix.as_str(), attempt.number)
        });
        format!("{prefix}-{}-{attempt}", self.number)
    }

    /// The job at the printer, where there is one.
    pub fn printer_job(&self) -> Option<&PrinterJobRef> {
        match &self.state {
            State::Releasing(releasing) => releasing.phase.printer_job(),
            State::Printing(printing) => Some(&printing.printer_job),
            _ => None,
        }
    }

    /// What the document is, as far as it is known: by its bytes once they were here, else by its label.
    pub fn source_format(&self) -> DocumentFormat {
        if let State::Releasing(releasing) = &self.state
            && let Phase::Preparing(Preparation { document: Some(document), .. }) = &releasing.phase
        {
            return document.work.source.clone();
        }
        let label =
            self.facts.document.as_ref().and_then(|document| document.content_type.as_deref());
        label.map_or(DocumentFormat::Pdf, DocumentFormat::from_mime)
    }

    /// How often the printer prints the document.
    pub fn copies_at_printer(&self) -> i32 {
        let Some(agreement) = &self.agreement else { return 1 };
        let sent = agreement.sent.iter().find(|(name, _)| name == "copies");
        sent.and_then(|(_, copies)| copies.parse().ok()).unwrap_or(1)
    }

    /// The configuration to print with: the cloud's, with the change of this release.
    pub fn wanted_configuration(&self) -> JobConfiguration {
        self.attempt().map_or_else(
            || self.facts.configuration.clone(),
            |attempt| attempt.change.apply(&self.facts.configuration),
        )
    }
}

/// What the cloud told of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whose it is.
    pub owner: Option<Owner>,
    /// Graph `createdDateTime`.
    pub created: Option<Timestamp>,
    /// How to print.
    pub configuration: JobConfiguration,
    /// Whether it was sent in gray, whatever it was changed to since.
    pub sent_gray: bool,
    /// What to print.
    pub document: Option<CloudDocument>,
}

/// What policy decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Hold, or release at once.
    pub verdict: Verdict,
    /// When the hold ends.
    pub hold_until: Timestamp,
    /// How long it may last, from the cloud's time of creation.
    pub hold_limit: SignedDuration,
    /// How a release is reported.
    pub after_release: AfterRelease,
    /// How long after its end is known what it was called and whose it was.
    pub retention: Retention,
    /// Why a release over IPP is not allowed; absent if it is.
    pub barred: Option<Reason>,
}
