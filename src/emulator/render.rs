//! How things look on Graph's wire.
//!
//! When it is unkind, some members are missing, some words are unknown and some owners are empty, as in the cloud's own
//! samples; each such answer is marked as bent.

use serde_json::{Map, Value, json};

use super::{
    Shared,
    world::{CloudPrinter, Definition, Job, JobKey, Share, Task, Trigger, World},
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
    let mut body = json!({
        "@odata.context": context("print/printers/jobs/$entity"),
        "id": key.1,
        "createdDateTime": job.created,
        "createdBy": job.created_by,
        "status": job_status(job),
        "configuration": configuration(&job.configuration),
        "isFetchable": job.state == "pending",
        "redirectedTo": job.redirected_to.as_ref().map(|key| job_url(shared, key)),
        "redirectedFrom": job.redirected_from.as_ref().map(|key| job_url(shared, key)),
        "errorCode": null,
        "acknowledgedDateTime": null,
    });
    if expand.contains("documents") {
        body["documents"] = json!([document(job, shared.switches().titles)]);
    }
    if expand.contains("tasks") {
        let tasks = world.tasks.iter().filter(|(_, task)| task.job == *key);
        body["tasks"] = tasks.map(|(id, one)| task(shared, world, id, one, "", false)).collect();
    }
    let bent = bend_job(shared, &mut body);
    (body, bent)
}

/// A job's status.
pub(super) fn job_status(job: &Job) -> Value {
    let text = match job.state {
        "paused" => "The job is not a candidate for processing yet.",
        "aborted" => "The job was aborted.",
        "canceled" => "The job was canceled.",
        _ => "The job is being processed.",
    };
    let details: &[&str] = match job.state {
        "paused" if job.document.is_none() => &["uploadPending"],
        "completed" => &["completedSuccessfully"],
        _ => &[],
    };
    json!({"state": job.state, "description": text, "details": details, "isAcquiredByPrinter": false})
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

/// A job's document, with its name if the cloud shows names.
pub(super) fn document(job: &Job, titles: bool) -> Value {
    let here = job.document.as_ref();
    json!({
        "id": job.document_id,
        "displayName": if titles { job.title.as_str() } else { "" },
        "contentType": job.content_type,
        "size": here.map_or(0, bytes::Bytes::len),
        "uploadedDateTime": here.map(|_| &job.created),
        "downloadedDateTime": null,
    })
}

/// A task.
pub(super) fn task(
    shared: &Shared,
    world: &World,
    id: &str,
    task: &Task,
    expand: &str,
    with_context: bool,
) -> Value {
    let mut body = json!({
        "id": id,
        "parentUrl": job_url(shared, &task.job),
        "status": {"state": task.state, "description": task.description},
    });
    if with_context {
        body["@odata.context"] = context("print/taskDefinitions/tasks/$entity").into();
    }
    let bound = world.definitions.get(&task.definition).filter(|_| expand.contains("definition"));
    if let Some(bound) = bound {
        body["definition"] = without_context(definition(&task.definition, bound));
    }
    if expand.contains("trigger") {
        body["trigger"] = json!({"id": task.trigger, "event": "jobStarted"});
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

/// A printer; `capabilities` only where `select` names it.
pub(super) fn printer(
    id: &str,
    printer: &CloudPrinter,
    world: &World,
    expand: &str,
    select: &str,
) -> Value {
    let mut body = json!({
        "@odata.context": context("print/printers/$entity"),
        "id": id,
        "displayName": printer.name,
        "manufacturer": printer.manufacturer,
        "model": printer.model,
        "isAcceptingJobs": printer.accepts_jobs,
        "isShared": world.share_of(id).is_some(),
        "hasPhysicalDevice": printer.has_device,
        "registeredDateTime": printer.registered,
        "lastSeenDateTime": null,
        "location": printer.location,
        "defaults": defaults(printer),
        "capabilities": null,
        "status": {"state": printer.state, "details": [], "description": ""},
    });
    if expand.contains("connectors") {
        body["connectors"] = printer.connectors.iter().map(|name| connector(name)).collect();
    }
    if expand.contains("shares") {
        let shares = world.shares.iter().filter(|(_, share)| share.printer == id);
        body["shares"] =
            shares.map(|(id, one)| without_context(share(id, one, world, ""))).collect();
    }
    if expand.contains("taskTriggers") {
        let triggers = printer.trigger.iter();
        body["taskTriggers"] =
            triggers.map(|one| without_context(trigger(one, world, "definition"))).collect();
    }
    if select.contains("capabilities") {
        body["capabilities"] = capabilities(printer);
    }
    if !select.is_empty() {
        let named: Vec<&str> = select.split(',').map(str::trim).collect();
        if let Some(members) = body.as_object_mut() {
            members.retain(|name, _| {
                name.contains('@') || name == "id" || named.contains(&name.as_str())
            });
        }
    }
    body
}

fn connector(name: &str) -> Value {
    json!({"id": name, "displayName": name, "appVersion": "1", "operatingSystem": "Windows",
        "fullyQualifiedDomainName": "connector.contoso.example", "location": null,
        "registeredDateTime": "2026-01-05T08:00:00.0000000Z"})
}

fn defaults(printer: &CloudPrinter) -> Value {
    if printer.defaults.is_empty() { Value::Null } else { Value::Object(printer.defaults.clone()) }
}

fn capabilities(printer: &CloudPrinter) -> Value {
    if printer.capabilities.is_empty() {
        Value::Null
    } else {
        Value::Object(printer.capabilities.clone())
    }
}

/// A share, with its printer where that is expanded.
pub(super) fn share(id: &str, share: &Share, world: &World, expand: &str) -> Value {
    let of = world.printers.get(&share.printer);
    let mut body = json!({
        "@odata.context": context("print/shares/$entity"),
        "id": id,
        "displayName": share.name,
        "manufacturer": of.map(|printer| &printer.manufacturer),
        "model": of.map(|printer| &printer.model),
        "isAcceptingJobs": of.and_then(|printer| printer.accepts_jobs),
        "allowAllUsers": share.all_users,
        "createdDateTime": share.created,
        "status": {"state": of.map_or("unknown", |printer| printer.state), "details": [], "description": ""},
        "location": null,
        "defaults": of.map(defaults),
        "capabilities": null,
        "viewPoint": null,
    });
    if let Some(of) = of.filter(|_| expand.contains("printer")) {
        body["printer"] = without_context(printer(&share.printer, of, world, "", ""));
    }
    body
}

/// A trigger, with its definition where that is expanded and there still is one.
pub(super) fn trigger(trigger: &Trigger, world: &World, expand: &str) -> Value {
    let mut body = json!({"@odata.context": context("print/printers/taskTriggers/$entity"),
        "id": trigger.id, "event": "jobStarted"});
    let bound =
        world.definitions.get(&trigger.definition).filter(|_| expand.contains("definition"));
    if let Some(bound) = bound {
        body["definition"] = without_context(definition(&trigger.definition, bound));
    }
    body
}

/// The same, as an item of a list.
pub(super) fn without_context(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.remove("@odata.context");
    }
    body
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
