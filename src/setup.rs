//! Set-up: the definition, the virtual printer with its attributes, its share and its trigger, made where they are missing.
//!
//! It promises: what is there is found and not made again, also after an answer that was lost; what somebody else made
//! is named and left alone; `undo` takes back what set-up makes and nothing else.
//! Things are known again by what they are: a definition of this application by its name, a printer by its manufacturer
//! and its name, a trigger by its definition. Deliberately absent: talking to people (`cli`), and any file of its own.

mod request;
pub mod script;
mod trigger;
mod undo;

use std::{future::Future, time::Duration};

use serde::Serialize;
use tokio::time::sleep;

use trigger::{Bound, is_there_already, judge};

use crate::{
    graph::{DefinitionFacts, GraphClient, GraphError, NewPrinter, PrinterFacts},
    model::{CloudPrinterId, FailureClass, Offer, TaskDefinitionId},
    printer::offer::attributes_of,
};

/// The definition's name, by which it is known again.
pub const DEFINITION: &str = "pullprint";
/// The manufacturer of each virtual printer that set-up makes.
pub const MANUFACTURER: &str = "pullprint";
const MODEL: &str = "pull-print queue";
/// How often a step is tried.
const TRIES: u32 = 6;
/// How often, and how soon again, a registration is looked for whose answer was lost.
const LOOKS: u32 = 30;
const LOOK_PAUSE: Duration = Duration::from_secs(2);

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
    /// The source printers of the configuration: queues that may hang on the definition, whoever made them.
    pub queues: Vec<CloudPrinterId>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Became {
    /// It was there.
    Found,
    /// It is there, and what it belongs to can not be seen.
    Unsure,
    /// It is needed by another queue, and stays.
    Kept,
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

/// The definition of an earlier set-up: the one of the configuration, or ours by its name.
fn find_definition<'a>(
    all: &'a [DefinitionFacts],
    known: Option<&TaskDefinitionId>,
) -> Option<&'a DefinitionFacts> {
    let configured = all.iter().find(|one| Some(&one.id) == known);
    configured.or_else(|| all.iter().find(|one| one.name == DEFINITION))
}

/// The definition, and what became of it.
async fn definition(
    application: &GraphClient,
    known: Option<&TaskDefinitionId>,
) -> Result<(TaskDefinitionId, Became), SetupError> {
    persist("look for the task definition", async || {
        let all = application.list_definitions().await?;
        match find_definition(&all, known) {
            Some(found) => Ok((found.id.clone(), Became::Found)),
            None => Ok((application.create_definition(DEFINITION).await?, Became::Made)),
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
        let (definition, became) = definition(self.application, wishes.definition.as_ref()).await?;
        (self.tell)(Thing::Definition, became);
        // The one of the configuration is gone: a trigger that was bound to it stops nothing any more.
        let lost = wishes.definition.as_ref().is_some_and(|known| *known != definition);
        let source_printer = self.printer(wishes).await?;
        self.offer(wishes, &source_printer).await?;
        self.share(wishes, &source_printer).await?;
        self.trigger(&source_printer, &definition, lost).await?;
        Ok(Made { definition, source_printer })
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
        let id = self.register(&new, wishes).await?;
        (self.tell)(Thing::Printer, Became::Made);
        Ok(id)
    }

    /// Registers the printer. A registration whose answer was lost is looked for before another one begins: it is listed
    /// only when it is done.
    async fn register(
        &self,
        new: &NewPrinter,
        wishes: &Wishes,
    ) -> Result<CloudPrinterId, SetupError> {
        let administrator = self.administrator;
        persist("register the virtual printer", async || {
            let lost = match administrator.create_printer(new).await {
                Err(error @ (GraphError::Lost { .. } | GraphError::Unreadable { .. })) => error,
                Err(error @ GraphError::Status { status: 500..=599, .. }) => error,
                other => return other,
            };
            for _ in 0..LOOKS {
                sleep(LOOK_PAUSE).await;
                let all = administrator.list_printers().await.unwrap_or_default();
                if let Some(found) = find_printer(&all, wishes) {
                    return Ok(found.id.clone());
                }
            }
            Err(lost)
        })
        .await
    }

    async fn offer(&self, wishes: &Wishes, id: &CloudPrinterId) -> Result<(), SetupError> {
        let application = self.application;
        let became = persist("write what the queue offers", async || {
            // What is offered already is the daemon's to change: it knows the queue's rule and all of its printers.
            if application.get_printer_offer(id).await?.is_some() {
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
        let missing = persist("look who may print", async || {
            let have = match wishes.groups.as_slice() {
                [] => Vec::new(),
                _ => administrator.list_groups_of(&share).await?,
            };
            Ok(wishes.groups.iter().filter(|group| !have.contains(group)).collect::<Vec<_>>())
        })
        .await?;
        let became = if missing.is_empty() { became } else { Became::Made };
        for group in missing {
            persist("let a group print", || administrator.allow_group(&share, group)).await?;
        }
        (self.tell)(Thing::Share, became);
        Ok(())
    }

    async fn trigger(
        &self,
        printer: &CloudPrinterId,
        definition: &TaskDefinitionId,
        lost: bool,
    ) -> Result<(), SetupError> {
        let administrator = self.administrator;
        let became = persist("bind the printer to the definition", async || {
            let all = administrator.list_triggers(printer).await?;
            match judge(&all, definition, lost) {
                Bound::Here => Ok(Ok(Became::Found)),
                Bound::Somewhere => Ok(Ok(Became::Unsure)),
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
