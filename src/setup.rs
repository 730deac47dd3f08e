//! Set-up: the definition, the virtual printer with its attributes, its share and its trigger, made where they are missing.
//!
//! It promises: what is there is found and not made again, also after an answer that was lost; what somebody else made
//! is named and left alone; `undo` takes back what set-up makes and nothing else.
//! Things are known again by what they are: a definition of this application by its name, a printer by its manufacturer
//! and its name, a trigger by its definition. Deliberately absent: talking to people (`cli`), and any file of its own.

mod request;
pub mod script;
mod undo;

use std::{future::Future, time::Duration};

use tokio::time::sleep;

use crate::{
    graph::{GraphClient, GraphError, NewPrinter, PrinterFacts, TriggerFacts},
    model::{CloudPrinterId, FailureClass, Offer, TaskDefinitionId},
    policy::offer::differences,
    printer::offer::attributes_of,
};

/// The definition's name, by which it is known again.
pub const DEFINITION: &str = "pullprint";
/// The manufacturer of each virtual printer that set-up makes.
pub const MANUFACTURER: &str = "pullprint";
const MODEL: &str = "pull-print queue";
/// How often a step is tried.
const TRIES: u32 = 6;

/// What shall be there at the end.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// The queue's name, as people see it.
    pub name: String,
    /// The groups that may print to it; none: everybody.
    pub groups: Vec<String>,
    /// What people can choose.
    pub offer: Offer,
    /// The definition of an earlier set-up, from the configuration.
    pub definition: Option<TaskDefinitionId>,
}

/// What is there at the end.
#[derive(Clone, Debug)]
pub struct Made {
    /// The task definition.
    pub definition: TaskDefinitionId,
    /// The virtual printer.
    pub source_printer: CloudPrinterId,
}

/// Why set-up stopped. What was made stays, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The cloud did not do it.
    #[error("{step}: {source}")]
    Cloud {
        /// What was being done.
        step: &'static str,
        /// What the cloud said.
        source: GraphError,
    },
    /// Somebody has to do something first.
    #[error("{0}")]
    Person(String),
}

/// One thing of the set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// The task definition.
    Definition,
    /// The virtual printer.
    Printer,
    /// What it offers.
    Offer,
    /// Its share.
    Share,
    /// Its trigger.
    Trigger,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// It was there.
    Found,
    /// It was made, or made right.
    Made,
    /// It is there, and the cloud does not list it.
    Unlisted,
    /// It was deleted.
    Deleted,
    /// It was not there to be deleted.
    NotThere,
}

/// The two sides of a set-up: the application itself, and the administrator who signed in with it.
pub struct Setup<'a> {
    /// The application's client.
    pub application: &'a GraphClient,
    /// The administrator's client.
    pub administrator: &'a GraphClient,
    /// Is told of each thing as it is there.
    pub tell: &'a (dyn Fn(Thing, Became) + Sync),
}

impl std::fmt::Debug for Setup<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup").finish_non_exhaustive()
    }
}

/// Tries a step again while the cloud may take it later. A step looks before it makes, so that one whose answer was
/// lost is found.
async fn persist<T, F: Future<Output = Result<T, GraphError>>>(
    step: &'static str,
    mut attempt: impl FnMut() -> F,
) -> Result<T, SetupError> {
    for tried in 1.. {
        match attempt().await {
            Ok(value) => return Ok(value),
            Err(source) => match source.failure().class {
                FailureClass::Retry { after } if tried < TRIES => {
                    sleep(after.unwrap_or_else(|| Duration::from_millis(500 << tried))).await;
                }
                _ => return Err(SetupError::Cloud { step, source }),
            },
        }
    }
    unreachable!("the loop ends by returning")
}

/// The definition of this application alone: what can be made without an administrator.
///
/// # Errors
///
/// [`SetupError`].
pub async fn find_or_make_definition(
    application: &GraphClient,
) -> Result<TaskDefinitionId, SetupError> {
    Ok(definition(application, None).await?.0)
}

async fn definition(
    application: &GraphClient,
    known: Option<&TaskDefinitionId>,
) -> Result<(TaskDefinitionId, bool), SetupError> {
    persist("look for the task definition", async || {
        let all = application.list_definitions().await?;
        let ours = all.iter().find(|one| Some(&one.id) == known);
        let ours = ours.or_else(|| all.iter().find(|one| one.name == DEFINITION));
        match ours {
            Some(found) => Ok((found.id.clone(), false)),
            None => Ok((application.create_definition(DEFINITION).await?, true)),
        }
    })
    .await
}

impl Setup<'_> {
    /// Makes what is missing.
    ///
    /// # Errors
    ///
    /// [`SetupError`]; the next run goes on.
    pub async fn make(&self, wishes: &Wishes) -> Result<Made, SetupError> {
        let (definition, is_new) = self.definition(wishes).await?;
        let source_printer = self.printer(wishes).await?;
        self.offer(wishes, &source_printer).await?;
        self.share(wishes, &source_printer).await?;
        self.trigger(&source_printer, &definition, is_new).await?;
        Ok(Made { definition, source_printer })
    }

    /// The definition, and whether it was made just now.
    async fn definition(&self, wishes: &Wishes) -> Result<(TaskDefinitionId, bool), SetupError> {
        let (id, made) = definition(self.application, wishes.definition.as_ref()).await?;
        (self.tell)(Thing::Definition, if made { Became::Made } else { Became::Found });
        Ok((id, made))
    }

    async fn printer(&self, wishes: &Wishes) -> Result<CloudPrinterId, SetupError> {
        let administrator = self.administrator;
        let (found, taken) = persist("look for the virtual printer", async || {
            let all = administrator.list_printers().await?;
            Ok((find_printer(&all, wishes).cloned(), find_other(&all, wishes).cloned()))
        })
        .await?;
        if let Some(other) = taken.filter(|_| found.is_none()) {
            return Err(SetupError::Person(format!(
                "there is a printer named \"{}\" that pullprint did not make (manufacturer \"{}\"); choose another \
                 name with --name",
                other.name, other.manufacturer
            )));
        }
        if let Some(found) = found {
            if found.has_device == Some(true) {
                return Err(SetupError::Person(format!(
                    "the printer \"{}\" has a device of its own, which would print each job as well; choose another \
                     name with --name",
                    found.name
                )));
            }
            (self.tell)(Thing::Printer, Became::Found);
            return Ok(found.id);
        }
        let signed = request::new(&wishes.name).map_err(SetupError::Person)?;
        let new = NewPrinter {
            name: wishes.name.clone(),
            manufacturer: MANUFACTURER.to_owned(),
            model: MODEL.to_owned(),
            request: signed.request,
            transport_key: signed.transport_key,
        };
        let id = persist("register the virtual printer", async || {
            let all = administrator.list_printers().await?;
            match find_printer(&all, wishes) {
                Some(found) => Ok(found.id.clone()),
                None => administrator.create_printer(&new).await,
            }
        })
        .await?;
        (self.tell)(Thing::Printer, Became::Made);
        Ok(id)
    }

    async fn offer(&self, wishes: &Wishes, id: &CloudPrinterId) -> Result<(), SetupError> {
        let application = self.application;
        let became = persist("write what the queue offers", async || {
            let cloud = application.get_printer_offer(id).await?;
            if cloud.is_some_and(|cloud| differences(&wishes.offer, &cloud).is_empty()) {
                return Ok(Became::Found);
            }
            let attributes = attributes_of(&wishes.offer, &wishes.name);
            application.update_printer_attributes(id, attributes).await?;
            Ok(Became::Made)
        });
        (self.tell)(Thing::Offer, became.await?);
        Ok(())
    }

    async fn share(&self, wishes: &Wishes, id: &CloudPrinterId) -> Result<(), SetupError> {
        let administrator = self.administrator;
        let (share, became) = persist("share the printer", async || {
            let shares = administrator.list_shares_of(id).await?;
            match shares.into_iter().next() {
                Some(share) => Ok((share, Became::Found)),
                None => {
                    let everybody = wishes.groups.is_empty();
                    let share = administrator.create_share(id, &wishes.name, everybody).await?;
                    Ok((share, Became::Made))
                }
            }
        })
        .await?;
        for group in wishes.groups.iter().filter(|_| became == Became::Made) {
            persist("let a group print", || administrator.allow_group(&share, group)).await?;
        }
        (self.tell)(Thing::Share, became);
        Ok(())
    }

    async fn trigger(
        &self,
        printer: &CloudPrinterId,
        definition: &TaskDefinitionId,
        definition_is_new: bool,
    ) -> Result<(), SetupError> {
        let administrator = self.administrator;
        let became = persist("bind the printer to the definition", async || {
            let all = administrator.list_triggers(printer).await?;
            match judge(&all, definition, definition_is_new) {
                Bound::Here => Ok(Ok(Became::Found)),
                Bound::Elsewhere(name) => Ok(Err(name)),
                Bound::Dead(trigger) => {
                    administrator.delete_trigger(printer, &trigger).await?;
                    administrator.create_trigger(printer, definition).await?;
                    Ok(Ok(Became::Made))
                }
                Bound::Not => match administrator.create_trigger(printer, definition).await {
                    Ok(()) => Ok(Ok(Became::Made)),
                    Err(error) if is_there_already(&error) => Ok(Ok(Became::Unlisted)),
                    Err(error) => Err(error),
                },
            }
        });
        match became.await? {
            Ok(became) => {
                (self.tell)(Thing::Trigger, became);
                Ok(())
            }
            Err(name) => Err(SetupError::Person(format!(
                "the printer is bound to another application's task definition ({name}), and a printer can have one \
                 trigger only; have that product's trigger removed, or choose another name with --name"
            ))),
        }
    }
}

/// The printer that an earlier set-up made: ours of that name.
fn find_printer<'a>(all: &'a [PrinterFacts], wishes: &Wishes) -> Option<&'a PrinterFacts> {
    all.iter().find(|one| one.manufacturer == MANUFACTURER && one.name == wishes.name)
}

/// A printer of that name that is not ours.
fn find_other<'a>(all: &'a [PrinterFacts], wishes: &Wishes) -> Option<&'a PrinterFacts> {
    all.iter().find(|one| one.name == wishes.name && one.manufacturer != MANUFACTURER)
}

/// What a printer's trigger is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Bound {
    /// Our definition.
    Here,
    /// Another one, by its name.
    Elsewhere(String),
    /// A definition that is gone; the trigger's id.
    Dead(String),
    /// Nothing is listed.
    Not,
}

/// A definition that was made just now can not be the one of an older trigger.
fn judge(all: &[TriggerFacts], ours: &TaskDefinitionId, definition_is_new: bool) -> Bound {
    let Some(trigger) = all.first() else { return Bound::Not };
    match &trigger.definition {
        Some((id, _)) if id == ours.as_str() => Bound::Here,
        Some((id, name)) => {
            Bound::Elsewhere(if name.is_empty() { id.clone() } else { format!("\"{name}\"") })
        }
        None if definition_is_new => Bound::Dead(trigger.id.clone()),
        // The cloud does not say; the printer is ours, so its trigger is taken for ours.
        None => Bound::Here,
    }
}

/// The cloud's way to say that a printer has a trigger, also where it lists none.
fn is_there_already(error: &GraphError) -> bool {
    let GraphError::Status { status: 400, message, .. } = error else { return false };
    message.contains("already created") || message.contains("Multiple task triggers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_is_ours_anothers_dead_or_missing() {
        let ours = TaskDefinitionId::new("d-1");
        let trigger = |definition: Option<(&str, &str)>| {
            let definition = definition.map(|(id, name)| (id.to_owned(), name.to_owned()));
            [TriggerFacts { id: "t".into(), definition }]
        };
        for (triggers, is_new, bound) in [
            (vec![], false, Bound::Not),
            (trigger(Some(("d-1", "pullprint"))).to_vec(), false, Bound::Here),
            (trigger(Some(("d-2", "X"))).to_vec(), false, Bound::Elsewhere("\"X\"".into())),
            (trigger(Some(("d-2", ""))).to_vec(), true, Bound::Elsewhere("d-2".into())),
            (trigger(None).to_vec(), true, Bound::Dead("t".into())),
            (trigger(None).to_vec(), false, Bound::Here),
        ] {
            assert_eq!(judge(&triggers, &ours, is_new), bound);
        }
    }
}
