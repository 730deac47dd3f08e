//! The queues and the task definition, as the cloud last showed them.
//!
//! It promises: what keeps jobs from coming or from being released is told until it was seen to be mended.
//! Deliberately absent: the tasks themselves (`poller`), and who else serves the definition (`stamp`).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use super::deeds::Deeds;
use crate::{
    graph::GraphError,
    model::{CloudPrinterId, FailureClass},
};

/// What was seen.
#[derive(Default)]
pub(super) struct Seen {
    /// Whether a source printer has, or may have, a device; absent while nobody has looked.
    devices: Mutex<BTreeMap<CloudPrinterId, bool>>,
    /// The source printers that the cloud does not have.
    gone: Mutex<BTreeSet<CloudPrinterId>>,
    /// What the cloud said of a task definition that it does not have.
    definition_gone: Mutex<Option<String>>,
}

impl Deeds {
    /// What is known of a source printer's device.
    pub(super) fn device_of(&self, source_printer: &CloudPrinterId) -> Option<bool> {
        let devices = self.seen.devices.lock().expect("nothing panics while it is held");
        devices.get(source_printer).copied()
    }

    /// Asks the cloud whether a source printer has a device or a connector of its own. One that has, or may have,
    /// would print each job as well: its jobs are held and not released.
    pub(super) async fn look_at_device(&self, id: &CloudPrinterId) -> Result<bool, GraphError> {
        let facts = self.graph().get_printer(id).await;
        let is_gone = |error: &GraphError| error.failure().class == FailureClass::Gone;
        let mut gone = self.seen.gone.lock().expect("nothing panics while it is held");
        match &facts {
            Ok(_) => drop(gone.remove(id)),
            Err(error) if is_gone(error) => drop(gone.insert(id.clone())),
            Err(_) => {}
        }
        drop(gone);
        let facts = facts?;
        let device = facts.has_physical_device != Some(false) || facts.has_connectors == Some(true);
        let mut devices = self.seen.devices.lock().expect("nothing panics while it is held");
        devices.insert(id.clone(), device);
        Ok(device)
    }

    /// The tasks were listed, or the cloud says that the definition is not there.
    pub(super) fn definition_seen(&self, gone: Option<String>) {
        *self.seen.definition_gone.lock().expect("nothing panics while it is held") = gone;
    }

    /// Why no task is heard of.
    pub(super) fn definition_trouble(&self) -> Option<String> {
        let said = self.seen.definition_gone.lock().expect("nothing panics while it is held");
        let id = &self.settings().cloud.task_definition;
        said.as_ref().map(|said| {
            format!(
                "Universal Print has no task definition {id}, so no job comes ({said}): mend cloud.task_definition, or run \
                 `pullprint setup` and write what it says"
            )
        })
    }

    /// The queues of the configuration that the cloud does not have.
    pub(super) fn queues_gone(&self) -> Option<String> {
        let gone = self.seen.gone.lock().expect("nothing panics while it is held").clone();
        let gone = self.queues_among(|id| gone.contains(id))?;
        Some(format!(
            "Universal Print does not have the source printer of {gone}: mend queues.*.source_printer, or run \
             `pullprint setup` and write what it says"
        ))
    }

    /// The queues of the configuration whose jobs are held because another would print them as well.
    pub(super) fn queues_with_device(&self) -> Option<String> {
        let queues = self.queues_among(|id| self.device_of(id) == Some(true))?;
        Some(format!(
            "{queues} has, or may have, a device or connector of its own, which would print each job as well: its jobs are \
             held and not released; use a virtual printer without one"
        ))
    }

    fn queues_among(&self, is_meant: impl Fn(&CloudPrinterId) -> bool) -> Option<String> {
        let settings = self.settings();
        let queues = settings.queues.iter().map(|queue| &queue.source_printer);
        let meant: Vec<String> =
            queues.filter(|id| is_meant(id)).map(|id| format!("the queue {id}")).collect();
        (!meant.is_empty()).then(|| meant.join(", "))
    }
}
