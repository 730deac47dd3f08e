//! The stamp: who serves the task definition.
//!
//! A claim exists only in our journal, so a second box with the same configuration would print everything twice. Each
//! start of a daemon writes its installation, a number of its own and its host into the definition, and reads them again;
//! a foreign stamp stops releases. A copy of a journal has the installation, and not the number of a start that came
//! after it was made.
//! This narrows the race and does not fence it. Deliberately absent: taking over unasked.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use tracing::info;

use crate::{
    graph::{GraphClient, GraphError},
    journal::{Installation, Origin, Unwatched},
    model::TaskDefinitionId,
};

const MARK: &str = "pullprint ";
/// In place of a holder's name.
const JUST_TAKEN: &str = "taken over just now; the other one has yet to see it";

/// What is known of the stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// Nobody has looked yet.
    Nothing,
    /// It is ours.
    Ours,
    /// It is another's.
    Foreign(String),
}

/// Our stamp, and what stands in the definition.
#[derive(Debug)]
pub(super) struct Stamp {
    ours: String,
    /// What stamps of this installation begin with.
    installation: String,
    /// What may stand there from earlier starts: those that the journal knows; any, after a restore.
    earlier: Option<Vec<String>>,
    /// Whether no other life of this journal can be going on: it was neither restored nor copied nor has it taken over,
    /// or that was seen through.
    alone: bool,
    seen: Mutex<Seen>,
    /// One looks at a time: a second would take the first one's stamp for another's.
    looking: tokio::sync::Mutex<()>,
    /// After a takeover the other daemon may release until it has looked.
    quiet_until: Mutex<Option<Instant>>,
}

impl Stamp {
    /// The stamp of a start; the last of the journal's is its own.
    pub(super) fn new(installation: &Installation, host: &str) -> Self {
        let mut known: Vec<String> =
            installation.stamps.split_whitespace().map(str::to_owned).collect();
        let own = known.pop().unwrap_or_default();
        let id = format!("{MARK}{}", installation.id);
        Self {
            ours: format!("{id}-{own} on {host}"),
            installation: id,
            earlier: (installation.origin != Origin::Restored).then_some(known),
            // A start in the quiet time of the one before it has to be quiet as well.
            alone: installation.origin == Origin::Here
                && installation.unwatched != Unwatched::StillGoing,
            seen: Mutex::new(Seen::Nothing),
            looking: tokio::sync::Mutex::default(),
            quiet_until: Mutex::default(),
        }
    }

    /// Whether a stamp is that of an earlier start of ours.
    fn is_earlier(&self, stamp: &str) -> bool {
        let Some(rest) = stamp.strip_prefix(&self.installation) else { return false };
        let number = rest.strip_prefix('-').and_then(|rest| rest.split(' ').next());
        match (&self.earlier, number) {
            (Some(known), Some(number)) => known.iter().any(|one| one == number),
            _ => true,
        }
    }

    fn seen(&self) -> Seen {
        self.seen.lock().expect("nothing panics while it is held").clone()
    }

    fn see(&self, now: Seen) {
        let mut seen = self.seen.lock().expect("nothing panics while it is held");
        if *seen == now {
            return;
        }
        match &now {
            Seen::Foreign(holder) if holder.starts_with(&self.installation) => info!(
                "the task definition is served by \"{holder}\", which has a copy of our journal: nothing is released \
                here; stop one of them, then `pullprint takeover`"
            ),
            Seen::Foreign(holder) => info!(
                "the task definition is served by \"{holder}\" and not by us, \"{}\": \
                nothing is released here; stop the other one, then `pullprint takeover`",
                self.ours
            ),
            _ => info!("the task definition is stamped by us, \"{}\"", self.ours),
        }
        *seen = now;
    }

    /// Our number, once it stands in the definition: no earlier one of ours does.
    pub(super) fn standing(&self) -> Option<&str> {
        let number = self.ours.strip_prefix(&self.installation)?.strip_prefix('-')?;
        (self.seen() == Seen::Ours).then(|| number.split(' ').next().unwrap_or_default())
    }

    /// Whether the definition is ours since so short a time that another daemon may not have seen it.
    pub(super) fn is_just_taken(&self) -> bool {
        self.seen() == Seen::Ours && self.is_quiet()
    }

    /// Who else serves the definition, as far as is known; or did until just now.
    pub(super) fn foreign(&self) -> Option<String> {
        match self.seen() {
            Seen::Ours if self.is_quiet() => Some(JUST_TAKEN.to_owned()),
            Seen::Foreign(holder) => Some(holder),
            Seen::Nothing | Seen::Ours => None,
        }
    }

    /// Whether it was last seen to be ours, and nobody else can still hold it for theirs.
    pub(super) fn is_ours(&self) -> bool {
        self.seen() == Seen::Ours && !self.is_quiet()
    }

    fn is_quiet(&self) -> bool {
        let until = *self.quiet_until.lock().expect("nothing panics while it is held");
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Nothing is released here until another daemon must have seen our stamp: it looks at the first poll after that time.
    fn be_quiet(&self, quiet: Duration) {
        let until = Instant::now() + quiet + quiet / 4;
        *self.quiet_until.lock().expect("nothing panics while it is held") = Some(until);
    }

    /// Whether anybody has looked since the start.
    pub(super) fn is_known(&self) -> bool {
        self.seen() != Seen::Nothing
    }

    /// Reads the stamp; `quiet` is how often each daemon does so. A definition without one, or with that of an earlier
    /// start, gets ours, which is then read once more.
    pub(super) async fn check(
        &self,
        graph: &GraphClient,
        definition: &TaskDefinitionId,
        quiet: Duration,
    ) -> Result<(), GraphError> {
        let _turn = self.looking.lock().await;
        let mut found = graph.get_definition_creator(definition).await?;
        if !found.starts_with(MARK) || self.seen() == Seen::Nothing && self.is_earlier(&found) {
            if !self.alone && found.starts_with(MARK) {
                self.be_quiet(quiet);
            }
            graph.update_definition_creator(definition, &self.ours).await?;
            found = graph.get_definition_creator(definition).await?;
        }
        self.see(if found == self.ours { Seen::Ours } else { Seen::Foreign(found) });
        Ok(())
    }

    /// Writes our stamp over another's: a person has said so. Until the other one has looked, `quiet`, nothing is
    /// released here either.
    pub(super) async fn take_over(
        &self,
        graph: &GraphClient,
        definition: &TaskDefinitionId,
        quiet: Duration,
    ) -> Result<(), GraphError> {
        // Before the call: its answer may be lost, and the next look will find our stamp.
        self.be_quiet(quiet);
        graph.update_definition_creator(definition, &self.ours).await?;
        self.be_quiet(quiet);
        self.check(graph, definition, quiet).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(stamps: &str, origin: Origin) -> Stamp {
        stamp_of(stamps, origin, Unwatched::Never)
    }

    fn stamp_of(stamps: &str, origin: Origin, unwatched: Unwatched) -> Stamp {
        let (id, stamps) = ("0123abcd".to_owned(), stamps.to_owned());
        Stamp::new(&Installation { id, era: 0, stamps, unwatched, origin }, "box")
    }

    #[test]
    fn a_start_in_the_quiet_time_of_another_is_not_alone() {
        assert!(stamp_of("a b", Origin::Here, Unwatched::Never).alone);
        assert!(!stamp_of("a b", Origin::Here, Unwatched::StillGoing).alone);
        assert!(!stamp_of("a b", Origin::Copied, Unwatched::Never).alone);
    }

    #[test]
    fn an_earlier_start_is_ours_and_a_copy_of_the_journal_is_not() {
        let ours = stamp("aaaaaaaa bbbbbbbb", Origin::Here);
        assert_eq!(ours.ours, "pullprint 0123abcd-bbbbbbbb on box");
        assert!(ours.is_earlier("pullprint 0123abcd-aaaaaaaa on box"));
        assert!(!ours.is_earlier("pullprint 0123abcd-cccccccc on box"), "a copy has started since");
        assert!(!ours.is_earlier("pullprint 99999999-aaaaaaaa on box"));
        let restored = stamp("aaaaaaaa bbbbbbbb", Origin::Restored);
        assert!(
            restored.is_earlier("pullprint 0123abcd-cccccccc on box"),
            "the life that was lost"
        );
    }
}
