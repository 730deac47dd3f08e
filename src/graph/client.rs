//! The calls, one method each, named after what Graph's pages call them.
//!
//! Deliberately absent: retries of whole calls, and the meaning of a refusal.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::{
    convert,
    error::GraphError,
    token::TokenSource,
    transport::{Answer, Body, Call, CloudSettings, Expect, Transport, chain, client_of},
};
use crate::{
    model::{
        AbortReason, CloudJob, CloudJobKey, CloudJobState, CloudPrinterId, ConfigurationChange,
        JobConfiguration, PrintTask, TaskDefinitionId, TaskId, TaskState,
    },
    telemetry::metrics::Metrics,
};

/// Universal Print, as this application sees it.
#[derive(Debug)]
pub struct GraphClient {
    pub(super) transport: Transport,
}

/// What a source printer says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePrinterFacts {
    /// Graph `printer.displayName`.
    pub name: String,
    /// Graph `printer.hasPhysicalDevice`; absent where the cloud left it out.
    pub has_physical_device: Option<bool>,
    /// Whether the printer has connectors; absent where the cloud would not say.
    pub has_connectors: Option<bool>,
}

/// A page of tasks. It may be empty although more follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskPage {
    /// The tasks that read.
    pub tasks: Vec<PrintTask>,
    /// Graph `@odata.nextLink`, to be followed as it is.
    pub next: Option<String>,
}

/// One segment of a path, encoded.
pub(super) fn segment(text: &str) -> String {
    const KEEP: &str = "-._~";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || KEEP.contains(char::from(byte));
        if plain {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

pub(super) fn job_path(key: &CloudJobKey) -> String {
    format!("/print/printers/{}/jobs/{}", segment(key.source_printer.as_str()), segment(&key.id))
}

fn task_path(definition: &TaskDefinitionId, task: &TaskId) -> String {
    format!(
        "/print/taskDefinitions/{}/tasks/{}",
        segment(definition.as_str()),
        segment(task.as_str())
    )
}

impl GraphClient {
    /// A client of one cloud for one application.
    ///
    /// # Errors
    ///
    /// A sentence, if the origin or the CA of the settings does not read.
    pub fn new(settings: &CloudSettings, tokens: TokenSource) -> Result<Self, String> {
        let graph =
            Url::parse(&settings.graph).map_err(|error| format!("{}: {error}", settings.graph))?;
        let http = client_of(settings).map_err(|error| chain(&error))?;
        Ok(Self { transport: Transport::new(http, graph, tokens) })
    }

    /// The same, its calls counted there.
    #[must_use]
    pub fn counted_in(mut self, metrics: Arc<Metrics>) -> Self {
        self.transport.count_in(metrics);
        self
    }

    /// The calls that the cloud refuses for want of a permission, with its words.
    pub fn refused(&self) -> Vec<(&'static str, String)> {
        self.transport.heard().refused()
    }

    /// Where the tokens come from.
    pub fn tokens(&self) -> &TokenSource {
        self.transport.tokens()
    }

    pub(super) async fn get(&self, name: &'static str, target: &str) -> Result<Answer, GraphError> {
        self.transport
            .call(Call {
                name,
                method: Method::GET,
                expect: Expect::Json,
                target,
                body: Body::Nothing,
            })
            .await
    }

    /// List the tasks of a definition: the first page, or the one that `next` of an earlier page names. With
    /// `processing_only` the cloud is asked to filter.
    ///
    /// # Errors
    ///
    /// [`GraphError`]; a filter that the cloud does not take is `Refused`.
    pub async fn list_tasks(
        &self,
        definition: &TaskDefinitionId,
        processing_only: bool,
        next: Option<&str>,
    ) -> Result<TaskPage, GraphError> {
        let filter = if processing_only { "?$filter=status/state%20eq%20'processing'" } else { "" };
        let first =
            format!("/print/taskDefinitions/{}/tasks{filter}", segment(definition.as_str()));
        let page = self.get("GET taskDefinitions/{}/tasks", next.unwrap_or(&first)).await?;
        let values = page.body["value"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(TaskPage {
            tasks: values.iter().filter_map(convert::read_task).collect(),
            next: page.body["@odata.nextLink"].as_str().map(str::to_owned),
        })
    }

    /// Get a definition's `createdBy.displayName`: where a daemon writes that it serves it.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn get_definition_creator(
        &self,
        definition: &TaskDefinitionId,
    ) -> Result<String, GraphError> {
        let target = format!("/print/taskDefinitions/{}", segment(definition.as_str()));
        let answer = self.get("GET taskDefinitions/{}", &target).await?;
        Ok(answer.body["createdBy"]["displayName"].as_str().unwrap_or_default().to_owned())
    }

    /// Update a definition's `createdBy.displayName`, the one member beside its name that an application may change.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn update_definition_creator(
        &self,
        definition: &TaskDefinitionId,
        creator: &str,
    ) -> Result<(), GraphError> {
        let target = format!("/print/taskDefinitions/{}", segment(definition.as_str()));
        let body = Body::Json(json!({"createdBy": {"displayName": creator}}));
        let call = Call {
            name: "PATCH taskDefinitions/{}",
            method: Method::PATCH,
            expect: Expect::Success,
            target: &target,
            body,
        };
        self.transport.call(call).await.map(drop)
    }

    /// Get a task's state.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn get_task(
        &self,
        definition: &TaskDefinitionId,
        task: &TaskId,
    ) -> Result<TaskState, GraphError> {
        let answer =
            self.get("GET taskDefinitions/{}/tasks/{}", &task_path(definition, task)).await?;
        Ok(convert::read_task_state(&answer.body))
    }

    /// Get a job with its document.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn get_job(&self, key: &CloudJobKey) -> Result<CloudJob, GraphError> {
        let target = format!("{}?$expand=documents", job_path(key));
        let answer = self.get("GET jobs/{}", &target).await?;
        Ok(convert::read_job(key, &answer.body))
    }

    /// List the jobs of a source printer that were printed under a UPN, with their documents, all pages.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn list_jobs_of(
        &self,
        printer: &CloudPrinterId,
        upn: &str,
    ) -> Result<Vec<CloudJob>, GraphError> {
        // A quotation mark in a literal is doubled (OData 4.01, ABNF).
        let literal = segment(&upn.replace('\'', "''"));
        let filter = format!("$filter=createdBy/userPrincipalName%20eq%20'{literal}'");
        let path = format!("/print/printers/{}/jobs", segment(printer.as_str()));
        let all = self.all("GET jobs", &format!("{path}?{filter}&$expand=documents")).await?;
        let key = |job: &Value| {
            let id = job["id"].as_str()?.to_owned();
            Some(CloudJobKey { source_printer: printer.clone(), id })
        };
        Ok(all.iter().filter_map(|job| Some(convert::read_job(&key(job)?, job))).collect())
    }

    /// Get the tasks of a job, of whichever definition.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn get_tasks_of_job(&self, key: &CloudJobKey) -> Result<Vec<PrintTask>, GraphError> {
        let answer = self.get("GET jobs/{}", &format!("{}?$expand=tasks", job_path(key))).await?;
        let tasks = answer.body["tasks"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(tasks.iter().filter_map(convert::read_task).collect())
    }

    /// Get a job's state, and whether it was redirected.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn get_job_state(
        &self,
        key: &CloudJobKey,
    ) -> Result<(CloudJobState, bool), GraphError> {
        let job = self.get_job(key).await?;
        Ok((job.state, job.redirected))
    }

    /// Get a printer, with its connectors where the cloud lists them for us.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn get_printer(&self, id: &CloudPrinterId) -> Result<SourcePrinterFacts, GraphError> {
        let target = format!("/print/printers/{}", segment(id.as_str()));
        let expanded = self.get("GET printers/{}", &format!("{target}?$expand=connectors")).await;
        let answer = match expanded {
            Err(GraphError::Status { status: 400 | 403 | 501, .. }) => {
                self.get("GET printers/{}", &target).await?
            }
            other => other?,
        };
        let connectors = answer.body["connectors"].as_array();
        Ok(SourcePrinterFacts {
            name: answer.body["displayName"].as_str().unwrap_or_default().to_owned(),
            has_physical_device: answer.body["hasPhysicalDevice"].as_bool(),
            has_connectors: connectors.map(|connectors| !connectors.is_empty()),
        })
    }

    /// Update a job's configuration: only the members that change. Answers with the whole configuration.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn update_job(
        &self,
        key: &CloudJobKey,
        change: &ConfigurationChange,
    ) -> Result<JobConfiguration, GraphError> {
        let body = Body::Json(json!({"configuration": convert::write_change(change)}));
        let target = job_path(key);
        let call = Call {
            name: "PATCH jobs/{}",
            method: Method::PATCH,
            expect: Expect::Json,
            target: &target,
            body,
        };
        let answer = self.transport.call(call).await?;
        Ok(convert::read_configuration(&answer.body["configuration"]))
    }

    /// Update a task: its end.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn update_task(
        &self,
        definition: &TaskDefinitionId,
        task: &TaskId,
        completed: bool,
    ) -> Result<(), GraphError> {
        let (state, description) = if completed {
            ("completed", "Released at a printer.")
        } else {
            ("aborted", "Not printed.")
        };
        let body: Value = json!({"status": {"state": state, "description": description}});
        let target = task_path(definition, task);
        let name = "PATCH taskDefinitions/{}/tasks/{}";
        let call = Call {
            name,
            method: Method::PATCH,
            expect: Expect::Success,
            target: &target,
            body: Body::Json(body),
        };
        self.transport.call(call).await.map(drop)
    }

    /// Abort a job; without a reason the body is empty.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn abort_job(
        &self,
        key: &CloudJobKey,
        reason: Option<&AbortReason>,
    ) -> Result<(), GraphError> {
        let body = reason.map(|reason| json!({"reason": reason.sentence()}));
        let body = body.map_or(Body::Nothing, Body::Json);
        let target = format!("{}/abort", job_path(key));
        let call = Call {
            name: "POST jobs/{}/abort",
            method: Method::POST,
            expect: Expect::Success,
            target: &target,
            body,
        };
        self.transport.call(call).await.map(drop)
    }

    /// Redirect a job to another cloud printer.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn redirect_job(
        &self,
        key: &CloudJobKey,
        destination: &CloudPrinterId,
        change: &ConfigurationChange,
    ) -> Result<(), GraphError> {
        let mut body = json!({"destinationPrinterId": destination.as_str()});
        if !change.is_empty() {
            body["configuration"] = convert::write_change(change);
        }
        let target = format!("{}/redirect", job_path(key));
        let call = Call {
            name: "POST jobs/{}/redirect",
            method: Method::POST,
            expect: Expect::Success,
            target: &target,
            body: Body::Json(body),
        };
        self.transport.call(call).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_id_stays_one_segment() {
        assert_eq!(segment("5182"), "5182");
        assert_eq!(segment("../a b?c#d"), "..%2Fa%20b%3Fc%23d");
    }
}
