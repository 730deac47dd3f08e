//! The calls of set-up: definitions by the application, printers, shares and triggers by a signed-in administrator.
//!
//! Deliberately absent: which of them are needed (`setup`), and the registration of a printer (`registration`).

use bytes::Bytes;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    client::{GraphClient, job_path, segment},
    error::GraphError,
    offer::read_offer,
    transport::{Answer, Body, Call, Expect},
};
use crate::model::{CloudJobKey, CloudPrinterId, Offer, TaskDefinitionId};

/// How many pages of a list are read.
const MOST_PAGES: u32 = 1_000;

/// A task definition of this application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionFacts {
    /// Graph `printTaskDefinition.id`.
    pub id: TaskDefinitionId,
    /// Graph `printTaskDefinition.displayName`.
    pub name: String,
}

/// A printer as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterFacts {
    /// Graph `printer.id`.
    pub id: CloudPrinterId,
    /// Graph `printer.displayName`.
    pub name: String,
    /// Graph `printer.manufacturer`.
    pub manufacturer: String,
    /// Graph `printer.hasPhysicalDevice`.
    pub has_device: Option<bool>,
}

/// A trigger of a printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerFacts {
    /// Graph `printTaskTrigger.id`.
    pub id: String,
    /// The id and the name of its definition, where the cloud shows it.
    pub definition: Option<(String, String)>,
}

impl GraphClient {
    /// Makes a call.
    pub(super) async fn send(
        &self,
        name: &'static str,
        method: Method,
        target: &str,
        body: Body,
        expect: Expect,
    ) -> Result<Answer, GraphError> {
        self.transport.call(Call { name, method, expect, target, body }).await
    }

    /// All items of a list, page by page.
    pub(super) async fn all(
        &self,
        name: &'static str,
        target: &str,
    ) -> Result<Vec<Value>, GraphError> {
        let (mut items, mut next) = (Vec::new(), Some(target.to_owned()));
        for _ in 0..MOST_PAGES {
            let Some(target) = next.take() else { break };
            let page = self.send(name, Method::GET, &target, Body::Nothing, Expect::Json).await?;
            items.extend(page.body["value"].as_array().cloned().unwrap_or_default());
            next = page.body["@odata.nextLink"].as_str().map(str::to_owned);
        }
        Ok(items)
    }

    /// List the task definitions of this application.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn list_definitions(&self) -> Result<Vec<DefinitionFacts>, GraphError> {
        let all = self.all("GET taskDefinitions", "/print/taskDefinitions").await?;
        let facts = |one: &Value| {
            Some(DefinitionFacts {
                id: TaskDefinitionId::new(one["id"].as_str()?),
                name: text(one, "displayName"),
            })
        };
        Ok(all.iter().filter_map(facts).collect())
    }

    /// Create a task definition.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn create_definition(&self, name: &str) -> Result<TaskDefinitionId, GraphError> {
        const CALL: &str = "POST taskDefinitions";
        let body = Body::Json(json!({"displayName": name}));
        let answer =
            self.send(CALL, Method::POST, "/print/taskDefinitions", body, Expect::Json).await?;
        Ok(TaskDefinitionId::new(id_of(CALL, &answer)?))
    }

    /// Delete a task definition.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn delete_definition(&self, id: &TaskDefinitionId) -> Result<(), GraphError> {
        self.delete(
            "DELETE taskDefinitions/{}",
            &format!("/print/taskDefinitions/{}", segment(id.as_str())),
        )
        .await
    }

    /// List all printers: a Printer Administrator's call.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn list_printers(&self) -> Result<Vec<PrinterFacts>, GraphError> {
        let all = self.all("GET printers", "/print/printers").await?;
        let facts = |one: &Value| {
            Some(PrinterFacts {
                id: CloudPrinterId::new(one["id"].as_str()?),
                name: text(one, "displayName"),
                manufacturer: text(one, "manufacturer"),
                has_device: one["hasPhysicalDevice"].as_bool(),
            })
        };
        Ok(all.iter().filter_map(facts).collect())
    }

    /// Update a printer's IPP attributes: a printer-attributes group, by the application that registered it.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn update_printer_attributes(
        &self,
        id: &CloudPrinterId,
        attributes: Bytes,
    ) -> Result<(), GraphError> {
        let target = format!("/print/printers/{}", segment(id.as_str()));
        let body = Body::Attributes(attributes);
        self.send("PATCH printers/{}", Method::PATCH, &target, body, Expect::Success)
            .await
            .map(drop)
    }

    /// Get what a printer offers people, as the cloud has it; nothing if nobody has told it yet.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn get_printer_offer(
        &self,
        id: &CloudPrinterId,
    ) -> Result<Option<Offer>, GraphError> {
        let select = "$select=id,displayName,capabilities,defaults";
        let target = format!("/print/printers/{}?{select}", segment(id.as_str()));
        let answer =
            self.send("GET printers/{}", Method::GET, &target, Body::Nothing, Expect::Json).await?;
        Ok(read_offer(&answer.body["capabilities"], &answer.body["defaults"]))
    }

    /// Delete a printer.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn delete_printer(&self, id: &CloudPrinterId) -> Result<(), GraphError> {
        self.delete("DELETE printers/{}", &format!("/print/printers/{}", segment(id.as_str())))
            .await
    }

    /// List the ids of a printer's shares.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn list_shares_of(&self, id: &CloudPrinterId) -> Result<Vec<String>, GraphError> {
        let target = format!("/print/printers/{}/shares", segment(id.as_str()));
        let all = self.all("GET printers/{}/shares", &target).await?;
        Ok(all.iter().filter_map(|one| one["id"].as_str().map(str::to_owned)).collect())
    }

    /// Create a share of a printer, for everybody or for nobody yet.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn create_share(
        &self,
        printer: &CloudPrinterId,
        name: &str,
        everybody: bool,
    ) -> Result<String, GraphError> {
        const CALL: &str = "POST shares";
        let bound =
            self.transport.address(&format!("/print/printers/{}", segment(printer.as_str())));
        let body =
            json!({"displayName": name, "allowAllUsers": everybody, "printer@odata.bind": bound});
        let answer =
            self.send(CALL, Method::POST, "/print/shares", Body::Json(body), Expect::Json).await?;
        id_of(CALL, &answer)
    }

    /// List the ids of the groups that may print to a share.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn list_groups_of(&self, share: &str) -> Result<Vec<String>, GraphError> {
        let target = format!("/print/shares/{}/allowedGroups", segment(share));
        let all = self.all("GET shares/{}/allowedGroups", &target).await?;
        Ok(all.iter().filter_map(|one| one["id"].as_str().map(str::to_owned)).collect())
    }

    /// Allow a group to print to a share.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn allow_group(&self, share: &str, group: &str) -> Result<(), GraphError> {
        let target = format!("/print/shares/{}/allowedGroups/$ref", segment(share));
        let group = self.transport.address(&format!("/groups/{}", segment(group)));
        let body = Body::Json(json!({"@odata.id": group}));
        self.send("POST shares/{}/allowedGroups", Method::POST, &target, body, Expect::Success)
            .await
            .map(drop)
    }

    /// Delete a share.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn delete_share(&self, share: &str) -> Result<(), GraphError> {
        self.delete("DELETE shares/{}", &format!("/print/shares/{}", segment(share))).await
    }

    /// List a printer's triggers, with their definitions where the cloud shows them.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn list_triggers(
        &self,
        printer: &CloudPrinterId,
    ) -> Result<Vec<TriggerFacts>, GraphError> {
        const CALL: &str = "GET printers/{}/taskTriggers";
        let target = format!("/print/printers/{}/taskTriggers", segment(printer.as_str()));
        let expanded = self.all(CALL, &format!("{target}?$expand=definition")).await;
        let all = match expanded {
            Err(GraphError::Status { status: 400, .. }) => self.all(CALL, &target).await?,
            other => other?,
        };
        let facts = |one: &Value| {
            let definition = &one["definition"];
            Some(TriggerFacts {
                id: one["id"].as_str()?.to_owned(),
                definition: definition["id"]
                    .as_str()
                    .map(|id| (id.to_owned(), text(definition, "displayName"))),
            })
        };
        Ok(all.iter().filter_map(facts).collect())
    }

    /// Create the trigger that stops each job of a printer with a task of a definition.
    ///
    /// # Errors
    ///
    /// [`GraphError`]; a 400 may mean that there is one which is not listed.
    pub async fn create_trigger(
        &self,
        printer: &CloudPrinterId,
        definition: &TaskDefinitionId,
    ) -> Result<(), GraphError> {
        const CALL: &str = "POST printers/{}/taskTriggers";
        let bound = format!("/print/taskDefinitions/{}", segment(definition.as_str()));
        let bound = self.transport.address(&bound);
        let body = json!({"event": "jobStarted", "definition@odata.bind": bound});
        let target = format!("/print/printers/{}/taskTriggers", segment(printer.as_str()));
        self.send(CALL, Method::POST, &target, Body::Json(body), Expect::Success).await.map(drop)
    }

    /// Delete a trigger.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn delete_trigger(
        &self,
        printer: &CloudPrinterId,
        trigger: &str,
    ) -> Result<(), GraphError> {
        let target = format!(
            "/print/printers/{}/taskTriggers/{}",
            segment(printer.as_str()),
            segment(trigger)
        );
        self.delete("DELETE printers/{}/taskTriggers/{}", &target).await
    }

    /// Cancel a job on behalf of the signed-in person.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn cancel_job(&self, key: &CloudJobKey) -> Result<(), GraphError> {
        let target = format!("{}/cancel", job_path(key));
        self.send("POST jobs/{}/cancel", Method::POST, &target, Body::Nothing, Expect::Success)
            .await
            .map(drop)
    }

    async fn delete(&self, name: &'static str, target: &str) -> Result<(), GraphError> {
        self.send(name, Method::DELETE, target, Body::Nothing, Expect::Success).await.map(drop)
    }
}

pub(super) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn id_of(call: &'static str, answer: &Answer) -> Result<String, GraphError> {
    let id = answer.body["id"].as_str().filter(|id| !id.is_empty());
    id.map(str::to_owned).ok_or_else(|| unreadable(call, "it has no id", answer))
}

pub(super) fn unreadable(call: &'static str, why: &str, answer: &Answer) -> GraphError {
    GraphError::Unreadable { call, why: why.to_owned(), request: answer.request.clone() }
}
