//! The stamp: who serves the task definition.
//!
//! A claim exists only in our journal, so a second box with the same configuration would print everything twice. Each
//! daemon writes its installation and host into the definition and reads them again; a foreign stamp stops releases.
//! This narrows the race and does not fence it. Deliberately absent: taking over unasked.

use std::sync::Mutex;

use tracing::{error, info};

use crate::{
    graph::{GraphClient, GraphError},
    model::TaskDefinitionId,
};

const MARK: &str = "pullprint ";

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
    seen: Mutex<Seen>,
}

impl Stamp {
    pub(super) fn new(installation: &str, host: &str) -> Self {
        Self { ours: format!("{MARK}{installation} on {host}"), seen: Mutex::new(Seen::Nothing) }
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
            Seen::Foreign(holder) => error!(
                "the task definition is served by \"{holder}\" and not by us, \"{}\": \
                nothing is released here; stop the other one, then `pullprint takeover`",
                self.ours
            ),
            _ => info!("the task definition is stamped by us, \"{}\"", self.ours),
        }
        *seen = now;
    }

    /// Who else serves the definition, as far as is known.
    pub(super) fn foreign(&self) -> Option<String> {
        match self.seen() {
            Seen::Foreign(holder) => Some(holder),
            Seen::Nothing | Seen::Ours => None,
        }
    }

    /// Whether it was last seen to be ours.
    pub(super) fn is_ours(&self) -> bool {
        self.seen() == Seen::Ours
    }

    /// Whether anybody has looked since the start.
    pub(super) fn is_known(&self) -> bool {
        self.seen() != Seen::Nothing
    }

    /// Reads the stamp; a definition without one gets ours, which is then read once more.
    pub(super) async fn check(
        &self,
        graph: &GraphClient,
        definition: &TaskDefinitionId,
    ) -> Result<(), GraphError> {
        let mut found = graph.get_definition_creator(definition).await?;
        if !found.starts_with(MARK) {
            graph.update_definition_creator(definition, &self.ours).await?;
            found = graph.get_definition_creator(definition).await?;
        }
        self.see(if found == self.ours { Seen::Ours } else { Seen::Foreign(found) });
        Ok(())
    }

    /// Writes our stamp over another's: a person has said so.
    pub(super) async fn take_over(
        &self,
        graph: &GraphClient,
        definition: &TaskDefinitionId,
    ) -> Result<(), GraphError> {
        graph.update_definition_creator(definition, &self.ours).await?;
        self.check(graph, definition).await
    }
}
