//! How things look on Graph's wire.
//!
//! When it is unkind, some members are missing, some words are unknown and some owners are empty, as in the cloud's own
//! samples; each such answer is marked as bent.

use serde_json::{Map, Value, json};

use super::{
    Shared,
    world::{CloudPrinter, Definition, Job, JobKey, Task, World},
};

/// An inner host, as real answers name one: nothing may be derived from it.
fn context(tail: &str) -> String {
    format!("https://graph.print.example/v1.0/$metadata#{tail}")
}

fn job_url(shared: &Shared, key: &JobKey) -> String {
    format!("{}/v1.0/print/printers/{}/jobs/{}", shared.graph_origin, key.0, key.1)
}

/// The members of a configuration, absent ones as null.
fn configuration(set: &Map<String, Value>) -> Value {
    const MEMBERS: [&str; 19] = [
        "collate",
        "colorMode",
        "copies",
        "dpi",
        "duplexMode",
        "feedOrientation",
        "finishings",
        "fitPdfToPage",
        "inputBin",
        "margin",
        "mediaSize",
        "mediaType",
        "multipageLayout",
        "orientation",
        "outputBin",
        "pageRanges",
        "pagesPerSheet",
        "quality",
        "scaling",
    ];
    let mut members: Map<String, Value> =
        MEMBERS.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    members.extend(set.clone());
    Value::Object(members)
}

/// A job; the second value says whether it was bent.
pub(super) fn job(
    shared: &Shared,
    world: &World,
    key: &JobKey,
    job: &Job,
    expand: &str,
) -> (Value, Option<&'static str>) {
    let text = match job.state {
        "paused" => "The job is not a candidate for processing yet.",
        "aborted" => "The job was aborted.",
        "canceled" => "The job was canceled.",
        _ => "The job is being processed.",
    };
    let mut body = json!({
        "@odata.context": context("print/printers/jobs/$entity"),
        "id": key.1,
        "createdDateTime": job.created,
        "createdBy": job.created_by,
        "status": {"state": job.state, "description": text, "details": [], "isAcquiredByPrinter": false},
        "configuration": configuration(&job.configuration),
        "isFetchable": job.state == "pending",
        "redirectedTo": job.redirected_to.as_ref().map(|key| job_url(shared, key)),
        "redirectedFrom": job.redirected_from.as_ref().map(|key| job_url(shared, key)),
        "errorCode": null,
        "acknowledgedDateTime": null,
    });
    if expand.contains("documents") {
        body["documents"] = json!([document(job)]);
    }
    if expand.contains("tasks") {
        let tasks = world.tasks.iter().filter(|(_, task)| task.job == *key);
        body["tasks"] = tasks.map(|(id, one)| task(shared, id, one, false)).collect();
    }
    let bent = bend_job(shared, &mut body);
    (body, bent)
}

fn bend_job(shared: &Shared, body: &mut Value) -> Option<&'static str> {
    if shared.faults.share(4) {
        body["createdBy"] = json!({});
        return Some("empty-owner");
    }
    if shared.faults.share(4) {
        if let Some(status) = body["status"].as_object_mut() {
            status.remove("details");
            status.remove("isAcquiredByPrinter");
        }
        return Some("missing-members");
    }
    if shared.faults.share(4) {
        body["status"]["details"] = json!(["meditating"]);
        body["configuration"]["scaling"] = "elastic".into();
        body["x-new"] = json!({"answer": 42});
        return Some("unknown-members");
    }
    None
}

pub(super) fn document(job: &Job) -> Value {
    json!({
        "id": job.document_id,
        "displayName": job.title,
        "contentType": job.content_type,
        "size": job.document.len(),
        "uploadedDateTime": job.created,
        "downloadedDateTime": null,
    })
}

pub(super) fn task(shared: &Shared, id: &str, task: &Task, with_context: bool) -> Value {
    let mut body = json!({
        "id": id,
        "parentUrl": job_url(shared, &task.job),
        "status": {"state": task.state, "description": task.description},
    });
    if with_context {
        body["@odata.context"] = context("print/taskDefinitions/tasks/$entity").into();
    }
    body
}

pub(super) fn definition(id: &str, definition: &Definition) -> Value {
    json!({
        "@odata.context": context("print/taskDefinitions/$entity"),
        "id": id,
        "displayName": definition.name,
        "createdBy": {
            "appId": definition.app, "displayName": definition.created_by,
            "servicePrincipalId": null, "servicePrincipalName": null,
        },
    })
}

pub(super) fn printer(id: &str, printer: &CloudPrinter, expand: &str) -> Value {
    let mut body = json!({
        "@odata.context": context("print/printers/$entity"),
        "id": id,
        "displayName": printer.name,
        "manufacturer": "Emulated",
        "model": "Virtual",
        "isAcceptingJobs": true,
        "isShared": true,
        "hasPhysicalDevice": printer.has_device,
        "registeredDateTime": "2026-01-05T08:00:00.0000000Z",
        "lastSeenDateTime": null,
        "location": null,
        "defaults": null,
        "capabilities": null,
        "status": {"state": "idle", "details": [], "description": ""},
    });
    if expand.contains("connectors") {
        let connector = |name: &String| {
            json!({"id": name, "displayName": name, "appVersion": "1", "operatingSystem": "Windows",
                "fullyQualifiedDomainName": "connector.contoso.example", "location": null,
                "registeredDateTime": "2026-01-05T08:00:00.0000000Z"})
        };
        body["connectors"] = printer.connectors.iter().map(connector).collect();
    }
    body
}

pub(super) fn trigger(id: &str) -> Value {
    json!({"@odata.context": context("print/printers/taskTriggers/$entity"), "id": id, "event": "jobStarted"})
}

/// A page of a list.
pub(super) fn page(tail: &str, values: Vec<Value>, next: Option<String>) -> Value {
    let mut body = json!({"@odata.context": context(tail), "value": values});
    if let Some(next) = next {
        body["@odata.nextLink"] = next.into();
    }
    body
}

/// An error.
pub(super) fn error(code: &str, message: &str, request: &str) -> Value {
    json!({"error": {"code": code, "message": message, "innerError": {
        "date": "2026-11-21T00:00:00", "request-id": request, "client-request-id": request,
    }}})
}
