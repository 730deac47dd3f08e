//! Cloud printers: registration, attributes, triggers, and the tenant's settings.

use std::time::Instant;

use hyper::body::Bytes;
use serde_json::{Value, json};

use super::{
    attributes,
    calls::Given,
    identity::id,
    odata::paged,
    render,
    routes::Context,
    world::{CloudPrinter, NOT_FOUND, Operation, Refusal, now},
};

/// Carries out a call of printers and of their registration.
pub(super) fn perform(
    context: &mut Context<'_>,
    method: &str,
    route: &[&str],
) -> Result<Given, Refusal> {
    let call = context.call;
    let printer_id = call.ids.get(2).cloned().unwrap_or_default();
    match (method, &route[1..]) {
        ("GET", ["printers"]) => Ok(list(context)),
        ("POST", ["printers", "create"]) => create(context),
        ("GET", ["operations", _]) => operation(context, &printer_id),
        ("GET", ["printers", _]) => shown(context, &printer_id),
        ("PATCH", ["printers", _]) => update(context, &printer_id),
        ("DELETE", ["printers", _]) => {
            context.world.printers.remove(&printer_id).ok_or(NOT_FOUND)?;
            context.world.shares.retain(|_, share| share.printer != printer_id);
            Ok(Given::done())
        }
        (method, ["printers", _, "tasktriggers", ..]) => triggers(context, &printer_id, method),
        _ => Err(NOT_FOUND),
    }
}

fn list(context: &Context<'_>) -> Given {
    let show = |(id, printer): (&String, &CloudPrinter)| {
        let mut body = render::printer(id, printer, context.world, "", "");
        if let Some(members) = body.as_object_mut() {
            // The list never has them, the page says.
            members.remove("defaults");
            members.remove("capabilities");
        }
        render::without_context(body)
    };
    let all: Vec<Value> = context.world.printers.iter().map(show).collect();
    paged(context.shared, context.call, "print/printers", &all)
}

fn shown(context: &Context<'_>, printer_id: &str) -> Result<Given, Refusal> {
    let printer = context.world.printers.get(printer_id).ok_or(NOT_FOUND)?;
    let (expand, select) = (context.call.option("$expand"), context.call.option("$select"));
    Ok(Given::ok(render::printer(printer_id, printer, context.world, expand, select)))
}

/// `POST /print/printers/create`: takes a while, and says where to ask.
fn create(context: &mut Context<'_>) -> Result<Given, Refusal> {
    const INCOMPLETE: Refusal = (
        400,
        "400",
        "Invalid Operation: displayName, manufacturer, model and certificateSigningRequest are required.",
    );
    let body = &context.call.body;
    let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).ok_or(INCOMPLETE);
    let request = &body["certificateSigningRequest"];
    let [content, key] = [&request["content"], &request["transportKey"]];
    check_request(content.as_str().unwrap_or_default(), key.as_str().unwrap_or_default())?;
    let printer = CloudPrinter {
        name: text("displayName")?.to_owned(),
        manufacturer: text("manufacturer")?.to_owned(),
        model: text("model")?.to_owned(),
        has_device: body["hasPhysicalDevice"].as_bool().unwrap_or(true),
        registered_by: context.caller.app.clone(),
        registered: now(context.shared.switches().clock_ahead),
        state: "unknown",
        ..CloudPrinter::default()
    };
    if printer.has_device && body["physicalDeviceId"].as_str().is_none() {
        return Err((400, "400", "Invalid Operation: physicalDeviceId is required."));
    }
    let operation = Operation {
        created: now(0),
        done: Instant::now() + context.shared.switches().registration_time,
        printer,
        printer_id: id(),
    };
    let key = id();
    context.world.operations.insert(key.clone(), operation);
    let address = format!("{}/v1.0/print/operations/{key}", context.shared.graph_origin);
    let given = Given::status(202, Value::Null).with("operation-location", address);
    Ok(given.with("retry-after", "1"))
}

/// A PKCS#10 request of an RSA key with 2,048 bits, and that key, both as PEM without its lines.
fn check_request(content: &str, transport_key: &str) -> Result<(), Refusal> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use x509_parser::{certification_request::X509CertificationRequest, prelude::FromDer};
    const BAD: Refusal =
        (400, "400", "Invalid Operation: The certificate signing request is not valid.");
    let read = |text: &str| STANDARD.decode(text).map_err(|_| BAD);
    let (content, key) = (read(content)?, read(transport_key)?);
    let (_, request) = X509CertificationRequest::from_der(&content).map_err(|_| BAD)?;
    let info = &request.certification_request_info.subject_pki;
    let is_rsa_2048 = info
        .parsed()
        .is_ok_and(|key| matches!(key, x509_parser::public_key::PublicKey::RSA(rsa) if rsa.key_size() == 2_048));
    if is_rsa_2048 && info.raw == key.as_slice() { Ok(()) } else { Err(BAD) }
}

fn operation(context: &mut Context<'_>, operation_id: &str) -> Result<Given, Refusal> {
    let world = &mut *context.world;
    let operation = world.operations.get(operation_id).ok_or(NOT_FOUND)?;
    let done = operation.done <= Instant::now();
    let state = if done { "succeeded" } else { "running" };
    let (created, printer_id) = (operation.created.clone(), operation.printer_id.clone());
    let mut body = json!({
        "@odata.context": "https://graph.print.example/v1.0/$metadata#print/operations/$entity",
        "@odata.type": "#microsoft.graph.printerCreateOperation",
        "id": operation_id,
        "createdDateTime": created,
        "status": {"state": state, "description": "The registration of the printer."},
    });
    if done {
        let printer = world.printers.get(&printer_id).ok_or(NOT_FOUND)?;
        body["certificate"] = "MIIC".into();
        body["printer"] =
            render::without_context(render::printer(&printer_id, printer, world, "", ""));
    } else {
        return Ok(Given::ok(body).with("retry-after", "1"));
    }
    Ok(Given::ok(body))
}

/// `PATCH /print/printers/{id}`: JSON of a person or the application, IPP attributes of the application alone.
fn update(context: &mut Context<'_>, printer_id: &str) -> Result<Given, Refusal> {
    let (call, is_person) = (context.call, context.caller.person.is_some());
    let is_ipp = call.content_type.starts_with("application/ipp");
    let printer = context.world.printers.get_mut(printer_id).ok_or(NOT_FOUND)?;
    if !is_person && (printer.registered_by != context.caller.app || printer.has_device) {
        return Err((
            403,
            "Authorization_RequestDenied",
            "Only the application that registered a printer without a device may update it.",
        ));
    }
    if is_ipp {
        if is_person {
            return Err((403, "403", "IPP attributes are written by the application."));
        }
        write_attributes(printer, &call.raw)?;
        return Ok(Given::done());
    }
    let allowed: &[&str] = if is_person {
        &["defaults", "location", "displayName"]
    } else {
        &[
            "defaults",
            "capabilities",
            "displayName",
            "manufacturer",
            "model",
            "status",
            "isAcceptingJobs",
        ]
    };
    let members = call.body.as_object().cloned().unwrap_or_default();
    if members.is_empty() || members.keys().any(|name| !allowed.contains(&name.as_str())) {
        return Err((400, "400", "Invalid Operation: These members can not be updated."));
    }
    for (name, value) in members {
        change(printer, &name, value);
    }
    shown(context, printer_id)
}

fn change(printer: &mut CloudPrinter, name: &str, value: Value) {
    let text = value.as_str().unwrap_or_default().to_owned();
    match name {
        "displayName" => printer.name = text,
        "manufacturer" => printer.manufacturer = text,
        "model" => printer.model = text,
        "location" => printer.location = value,
        "isAcceptingJobs" => printer.accepts_jobs = value.as_bool(),
        "defaults" => printer.defaults.extend(value.as_object().cloned().unwrap_or_default()),
        "capabilities" => {
            printer.capabilities.extend(value.as_object().cloned().unwrap_or_default());
        }
        _ => {}
    }
}

fn write_attributes(printer: &mut CloudPrinter, body: &Bytes) -> Result<(), Refusal> {
    let written = attributes::read(body).ok_or((
        400,
        "400",
        "Invalid Operation: The printer attributes do not read.",
    ))?;
    printer.attributes.extend(written.names);
    printer.capabilities.extend(written.capabilities);
    printer.defaults.extend(written.defaults);
    printer.accepts_jobs = written.accepts_jobs.or(printer.accepts_jobs);
    if let Some(state) = written.state {
        printer.state = state;
    }
    if let Some(name) = written.name {
        printer.name = name;
    }
    Ok(())
}

fn triggers(context: &mut Context<'_>, printer_id: &str, method: &str) -> Result<Given, Refusal> {
    let call = context.call;
    let expand = call.option("$expand");
    let listed = context.shared.switches().trigger_list;
    let printer = context.world.printers.get_mut(printer_id).ok_or(NOT_FOUND)?;
    let with_id = |id: &String| printer.trigger.clone().filter(|trigger| trigger.id == *id);
    match (method, call.route.len()) {
        ("GET", 4) => {
            let all = printer.trigger.clone().filter(|_| listed);
            let all: Vec<Value> = all
                .iter()
                .map(|one| render::without_context(render::trigger(one, context.world, expand)))
                .collect();
            Ok(paged(context.shared, call, "print/printers/taskTriggers", &all))
        }
        ("POST", 4) => {
            let bound = call.body["definition@odata.bind"].as_str().unwrap_or_default();
            let definition = bound.rsplit('/').next().unwrap_or_default();
            if call.body["event"] != "jobStarted" {
                return Err((400, "400", "Invalid Operation: The event is not supported."));
            }
            context.world.add_trigger(printer_id, definition, &context.caller.app)?;
            let made = context.world.printers[printer_id].trigger.clone().ok_or(NOT_FOUND)?;
            Ok(Given::status(201, render::trigger(&made, context.world, "")))
        }
        ("GET", 5) => {
            let trigger = with_id(&call.ids[4]).ok_or(NOT_FOUND)?;
            Ok(Given::ok(render::trigger(&trigger, context.world, expand)))
        }
        ("DELETE", 5) => {
            with_id(&call.ids[4]).ok_or(NOT_FOUND)?;
            printer.trigger = None;
            Ok(Given::done())
        }
        _ => Err(NOT_FOUND),
    }
}

/// `GET` and `PATCH /print/settings`.
pub(super) fn settings(context: &mut Context<'_>, method: &str) -> Result<Given, Refusal> {
    if method == "PATCH" {
        let wanted = context.call.body["documentConversionEnabled"].as_bool();
        let message = "Invalid Operation: These members can not be updated.";
        context.world.converts_documents = wanted.ok_or((400, "400", message))?;
        return Ok(Given::done());
    }
    Ok(Given::ok(json!({
        "@odata.context": "https://graph.print.example/v1.0/$metadata#print/settings",
        "documentConversionEnabled": context.world.converts_documents,
        "printerDiscoverySettings": null,
    })))
}
