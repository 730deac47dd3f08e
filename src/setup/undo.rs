//! Taking back what set-up made, in the order in which things hang on each other.
//!
//! Deliberately absent: anything that somebody else made; it is named and nothing is deleted.

use std::future::Future;

use super::{
    Became, MANUFACTURER, Setup, SetupError, Thing, Wishes, find_definition, find_printer, persist,
};
use crate::{
    graph::{GraphError, PrinterFacts, TriggerFacts},
    model::TaskDefinitionId,
};

impl Setup<'_> {
    /// Takes back what set-up made. What is not there any more is no error.
    ///
    /// # Errors
    ///
    /// [`SetupError`]; the next run goes on.
    pub async fn undo(&self, wishes: &Wishes) -> Result<(), SetupError> {
        let administrator = self.administrator;
        let found = persist("look for the virtual printer", async || {
            let all = administrator.list_printers().await?;
            Ok(find_printer(&all, wishes).cloned())
        })
        .await?;
        let definitions =
            persist("look for the task definition", || self.application.list_definitions()).await?;
        let definition = find_definition(&definitions, wishes.definition.as_ref());
        match found {
            Some(printer) => self.undo_printer(&printer, definition.map(|one| &one.id)).await?,
            None => {
                for thing in [Thing::Trigger, Thing::Share, Thing::Printer] {
                    (self.tell)(thing, Became::NotThere);
                }
            }
        }
        let became = match definition {
            Some(one) if self.is_needed(&one.id, wishes).await? => Became::Kept,
            Some(one) => {
                let delete = || gone_is_done(self.application.delete_definition(&one.id));
                persist("delete the task definition", delete).await?;
                Became::Deleted
            }
            None => Became::NotThere,
        };
        (self.tell)(Thing::Definition, became);
        Ok(())
    }

    /// Whether another queue of ours hangs on the definition, or may: one whose trigger does not show it.
    async fn is_needed(
        &self,
        definition: &TaskDefinitionId,
        wishes: &Wishes,
    ) -> Result<bool, SetupError> {
        let administrator = self.administrator;
        persist("look for other queues", async || {
            let all = administrator.list_printers().await?;
            let is_queue = |printer: &&PrinterFacts| {
                printer.manufacturer == MANUFACTURER || wishes.queues.contains(&printer.id)
            };
            for printer in all.iter().filter(is_queue) {
                let triggers = administrator.list_triggers(&printer.id).await?;
                let hangs = |trigger: &TriggerFacts| match &trigger.definition {
                    Some((bound, _)) => bound == definition.as_str(),
                    None => true,
                };
                if triggers.iter().any(hangs) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
        .await
    }

    async fn undo_printer(
        &self,
        printer: &PrinterFacts,
        definition: Option<&TaskDefinitionId>,
    ) -> Result<(), SetupError> {
        let (administrator, id) = (self.administrator, &printer.id);
        let triggers = persist("look for the trigger", || administrator.list_triggers(id)).await?;
        let is_ours = |trigger: &&TriggerFacts| match (&trigger.definition, definition) {
            (Some((bound, _)), Some(ours)) => bound == ours.as_str(),
            (Some(_), None) => false,
            (None, _) => true,
        };
        if let Some(other) = triggers.iter().find(|trigger| !is_ours(trigger)) {
            let name = other.definition.as_ref().map_or("unnamed", |(_, name)| name.as_str());
            return Err(SetupError::Person(format!(
                "the printer \"{}\" is bound to another application's task definition ({name}); nothing was deleted",
                printer.name
            )));
        }
        let mut became = Became::NotThere;
        for trigger in &triggers {
            let delete = || gone_is_done(administrator.delete_trigger(id, &trigger.id));
            persist("delete the trigger", delete).await?;
            became = Became::Deleted;
        }
        (self.tell)(Thing::Trigger, became);
        let shares = persist("look for the share", || administrator.list_shares_of(id)).await?;
        let became = if shares.is_empty() { Became::NotThere } else { Became::Deleted };
        for share in &shares {
            let delete = || gone_is_done(administrator.delete_share(share));
            persist("delete the share", delete).await?;
        }
        (self.tell)(Thing::Share, became);
        let delete = || gone_is_done(administrator.delete_printer(id));
        persist("delete the virtual printer", delete).await?;
        (self.tell)(Thing::Printer, Became::Deleted);
        Ok(())
    }
}

/// What is gone has been deleted, perhaps by our own call whose answer was lost.
async fn gone_is_done(
    call: impl Future<Output = Result<(), GraphError>>,
) -> Result<(), GraphError> {
    match call.await {
        Err(error) if error.is_gone() => Ok(()),
        other => other,
    }
}
