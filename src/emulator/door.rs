//! The control door: what people do, what shall go wrong, and what has happened. Not part of Graph.
//!
//! - `POST /print?user=&title=&type=&queue=` with the document as body prints it; header `x-configuration` holds a
//!   configuration as JSON.
//! - `POST /cancel?job=` is the owner's cancel. `POST /token?user=` gives a person's token.
//! - `POST /fault?printer=&kind=&times=&bytes=` orders a fault of a printer; without a printer, `kind=&times=&number=` one
//!   of the cloud. `POST /filter` makes the cloud refuse filters on tasks.
//! - `POST /device?device=` gives the virtual printer a device, or takes it.
//! - `GET /jobs`, `GET /prints`, `GET /exchanges` tell.

use std::{sync::Arc, time::Duration};

use http_body_util::BodyExt;
use hyper::{Request, body::Incoming};
use serde_json::{Value, json};

use super::{
    Shared,
    faults::{CloudFault, PrinterFault},
    http::{Answer, json as answer_json, query},
    world::{Printout, person},
};

/// Answers at the control door.
pub(super) async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    let options = query(&request);
    let option = |name: &str| {
        options
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    let (parts, body) = request.into_parts();
    let result = match (parts.method.as_str(), parts.uri.path()) {
        ("POST", "/print") => {
            let configuration =
                parts.headers.get("x-configuration").and_then(|text| text.to_str().ok());
            let configuration: Value =
                configuration.map_or_else(|| Ok(json!({})), serde_json::from_str)?;
            let document = body.collect().await?.to_bytes();
            print(&shared, &option, &configuration, document)
        }
        ("POST", "/cancel") => cancel(&shared, &option("job")),
        ("POST", "/token") => {
            Ok(json!({"access_token": shared.identity.delegated(&option("user"))}))
        }
        ("POST", "/fault") if option("printer").is_empty() => cloud_fault(&shared, &option),
        ("POST", "/fault") => fault(&shared, &option),
        ("POST", "/filter") => {
            shared.faults.refuse_filters();
            Ok(json!({}))
        }
        ("POST", "/device") => {
            let mut world = shared.world.lock().expect("nothing panics while it is held");
            let id = world.virtual_printer_id();
            if let Some(printer) = world.printers.get_mut(&id) {
                printer.has_device = option("device") == "true";
            }
            Ok(json!({}))
        }
        ("GET", "/jobs") => Ok(jobs(&shared)),
        ("GET", "/prints") => Ok(prints(&shared)),
        ("GET", "/exchanges") => Ok(shared.recorder.history()),
        _ => Err("the control door has no such thing"),
    };
    Ok(match result {
        Ok(body) => answer_json(200, &body),
        Err(why) => answer_json(400, &json!({"error": why})),
    })
}

fn print(
    shared: &Shared,
    option: &impl Fn(&str) -> String,
    configuration: &Value,
    document: bytes::Bytes,
) -> Result<Value, &'static str> {
    let text = |name: &str, default: &str| {
        Some(option(name)).filter(|text| !text.is_empty()).unwrap_or_else(|| default.to_owned())
    };
    let mut world = shared.world.lock().expect("nothing panics while it is held");
    let printer = text("queue", &world.virtual_printer_id());
    // A job that hides for a moment, and a task that a list shows late.
    let hidden = if shared.faults.share(3) { 800 } else { 0 };
    let late = if shared.faults.share(10) { shared.faults.below(2_000) } else { 0 };
    let printout = Printout {
        printer: printer.clone(),
        created_by: person(&text("user", "ada@contoso.example")),
        title: option("title"),
        content_type: text("type", "application/pdf"),
        configuration: configuration.as_object().cloned().unwrap_or_default(),
        document,
        hidden: Duration::from_millis(hidden),
        late: Duration::from_millis(late),
    };
    let (job, task) = world.print(printout).ok_or("there is no such queue")?;
    Ok(json!({"printer": printer, "job": job, "task": task}))
}

fn cancel(shared: &Shared, job: &str) -> Result<Value, &'static str> {
    let mut world = shared.world.lock().expect("nothing panics while it is held");
    let key = world.jobs.keys().find(|key| key.1 == job).cloned().ok_or("there is no such job")?;
    world.cancel(&key).map_err(|(_, _, message)| message)?;
    Ok(json!({}))
}

fn fault(shared: &Shared, option: &impl Fn(&str) -> String) -> Result<Value, &'static str> {
    let printer = shared.printers.iter().find(|printer| printer.name == option("printer"));
    let printer = printer.ok_or("there is no such printer")?;
    let fault = PrinterFault::from_word(&option("kind"), option("bytes").parse().unwrap_or(0));
    let fault = fault.ok_or("there is no such fault")?;
    for _ in 0..option("times").parse().unwrap_or(1) {
        printer.order_fault(fault);
    }
    Ok(json!({}))
}

fn cloud_fault(shared: &Shared, option: &impl Fn(&str) -> String) -> Result<Value, &'static str> {
    let fault = CloudFault::from_word(&option("kind"), option("number").parse().unwrap_or(0));
    let fault = fault.ok_or("there is no such fault of the cloud")?;
    for _ in 0..option("times").parse().unwrap_or(1) {
        shared.faults.order(fault);
    }
    Ok(json!({}))
}

fn jobs(shared: &Shared) -> Value {
    let world = shared.world.lock().expect("nothing panics while it is held");
    let tasks_of = |key: &super::world::JobKey| -> Vec<Value> {
        let tasks = world.tasks.iter().filter(|(_, task)| task.job == *key);
        tasks.map(|(id, task)| json!({"id": id, "state": task.state})).collect()
    };
    let told = world.jobs.iter().map(|(key, job)| {
        json!({"printer": key.0, "job": key.1, "title": job.title, "state": job.state,
            "configuration": job.configuration, "abort_reason": job.abort_reason, "tasks": tasks_of(key)})
    });
    told.collect()
}

fn prints(shared: &Shared) -> Value {
    shared.printers.iter().flat_map(|printer| printer.prints()).collect()
}
