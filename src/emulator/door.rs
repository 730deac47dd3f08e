//! The control door: what people do, what shall go wrong, and what has happened. Not part of Graph.
//!
//! - `POST /print?user=&title=&type=&queue=` with the document as body prints it; header `x-configuration` holds a
//!   configuration as JSON. `user=nobody` prints without an owner, `without=id` with an owner who has a UPN alone.
//! - `POST /cancel?job=` is the owner's cancel. `POST /token?user=` gives a person's token.
//! - `POST /person?user=&administrator=` makes a person, `POST /rename?user=&to=` gives one another UPN.
//! - `POST /permission?name=&of=application|people&granted=yes|no` grants or takes a permission.
//! - `POST /sign-in?code=&user=` enters a device's code, without a user it is declined.
//! - `POST /fault?printer=&kind=&times=&bytes=` orders a fault of a printer; without a printer, `kind=&times=&number=` one
//!   of the cloud. `POST /switch?name=&position=` turns a switch.
//! - `POST /mood?printer=&state=3|5&reasons=KEYWORD,...&accepting=yes|no&asleep=MILLISECONDS` changes how a printer is;
//!   one that sleeps answers nothing until so long after it was asked first.
//! - `POST /device?device=` gives the virtual printer a device, or takes it. `POST /foreign-trigger?printer=` puts
//!   another application's trigger on a printer. `POST /delete?kind=definition|printer|share|trigger&id=` deletes.
//! - `GET /jobs`, `GET /prints`, `GET /exchanges`, `GET /tenant` tell.

use std::{sync::Arc, time::Duration};

use http_body_util::BodyExt;
use hyper::{Request, body::Incoming};
use serde_json::{Value, json};

use super::{
    Shared,
    faults::{CloudFault, PrinterFault},
    http::{Answer, json as answer_json, query},
    identity::id,
    printer::Mood,
    sign_in,
    world::{Definition, Printout, Trigger, nobody},
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
        ("POST", "/token") => token(&shared, &option("user")),
        ("POST", "/person" | "/rename") => Ok(people(&shared, parts.uri.path(), &option)),
        ("POST", "/permission") => {
            let to_application = option("of") != "people";
            shared.identity.grant(&option("name"), to_application, option("granted") != "no");
            Ok(json!({}))
        }
        ("POST", "/sign-in") => {
            let user = Some(option("user")).filter(|user| !user.is_empty());
            let known = sign_in::decide(&shared, &option("code"), user.as_deref());
            known.then(|| json!({})).ok_or("there is no such code")
        }
        ("POST", "/switch") => {
            let mut switches = shared.switches.lock().expect("nothing panics while it is held");
            let turned = switches.turn(&option("name"), &option("position"));
            turned.map(|()| json!({})).ok_or("there is no such switch or position")
        }
        ("POST", "/foreign-trigger") => foreign_trigger(&shared, &option("printer")),
        ("POST", "/delete") => delete(&shared, &option("kind"), &option("id")),
        ("GET", "/tenant") => Ok(tenant(&shared)),
        ("POST", "/fault") if option("printer").is_empty() => cloud_fault(&shared, &option),
        ("POST", "/fault") => fault(&shared, &option),
        ("POST", "/mood") => mood(&shared, &option),
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
    let switches = shared.switches();
    let mut created_by = match text("user", "ada@contoso.example").as_str() {
        "nobody" => nobody(),
        upn => shared.identity.people.person(upn).identity(),
    };
    if option("without") == "id" {
        created_by["id"] = json!("");
    }
    let printout = Printout {
        printer: printer.clone(),
        created_by,
        title: option("title"),
        content_type: text("type", "application/pdf"),
        configuration: configuration.as_object().cloned().unwrap_or_default(),
        document,
        hidden: Duration::from_millis(hidden),
        late: Duration::from_millis(late),
        clock_ahead: switches.clock_ahead,
    };
    let (job, task) = world.print(printout, &switches).ok_or("there is no such queue")?;
    Ok(json!({"printer": printer, "job": job, "task": task}))
}

fn cancel(shared: &Shared, job: &str) -> Result<Value, &'static str> {
    let mut world = shared.world.lock().expect("nothing panics while it is held");
    let key = world.jobs.keys().find(|key| key.1 == job).cloned().ok_or("there is no such job")?;
    world.cancel(&key, &shared.switches()).map_err(|(_, _, message)| message)?;
    Ok(json!({}))
}

/// A token of a person with all that the application may ask for.
fn token(shared: &Shared, user: &str) -> Result<Value, &'static str> {
    let person = shared.identity.people.person(user);
    let scopes = shared.identity.consented(".default").map_err(|_| "there is no consent")?;
    let lifetime = shared.switches().token_life.as_secs();
    Ok(json!({"access_token": shared.identity.delegated(&person, &scopes, lifetime, "")}))
}

fn people(shared: &Shared, path: &str, option: &impl Fn(&str) -> String) -> Value {
    let (people, user) = (&shared.identity.people, option("user"));
    if path == "/rename" {
        people.rename(&user, &option("to"));
        return people.person(&option("to")).identity();
    }
    if !option("administrator").is_empty() {
        people.make_administrator(&user, option("administrator") == "yes");
    }
    if !option("attribute").is_empty() {
        let is_blocked = option("blocked") == "yes";
        people.describe(&user, &option("attribute"), &option("value"), is_blocked);
    }
    people.person(&user).identity()
}

/// Another application's definition, and its trigger on a printer in place of whatever is there.
fn foreign_trigger(shared: &Shared, printer: &str) -> Result<Value, &'static str> {
    let mut world = shared.world.lock().expect("nothing panics while it is held");
    let definition = id();
    let name = "Another vendor's release".to_owned();
    world.definitions.insert(
        definition.clone(),
        Definition { name, app: id(), created_by: "Another vendor".into() },
    );
    let printer = world.printers.get_mut(printer).ok_or("there is no such printer")?;
    printer.trigger = Some(Trigger { id: id(), definition });
    Ok(json!({}))
}

/// Somebody deletes something in the portal.
fn delete(shared: &Shared, kind: &str, id: &str) -> Result<Value, &'static str> {
    let mut world = shared.world.lock().expect("nothing panics while it is held");
    let found = match kind {
        "definition" => world.definitions.remove(id).is_some(),
        "printer" => {
            world.shares.retain(|_, share| share.printer != id);
            world.printers.remove(id).is_some()
        }
        "share" => world.shares.remove(id).is_some(),
        "trigger" => {
            let of = world.printers.values_mut();
            let mut of = of.filter(|one| one.trigger.as_ref().is_some_and(|one| one.id == id));
            of.next().map(|printer| printer.trigger = None).is_some()
        }
        _ => false,
    };
    found.then(|| json!({})).ok_or("there is no such thing")
}

fn tenant(shared: &Shared) -> Value {
    let world = shared.world.lock().expect("nothing panics while it is held");
    let definitions = world.definitions.iter();
    let printers = world.printers.iter();
    let shares = world.shares.iter();
    json!({
        "definitions": definitions.map(|(id, one)| json!({"id": id, "name": one.name, "app": one.app,
            "created_by": one.created_by})).collect::<Vec<_>>(),
        "printers": printers.map(|(id, one)| json!({"id": id, "name": one.name, "has_device": one.has_device,
            "accepts_jobs": one.accepts_jobs, "state": one.state, "trigger": one.trigger.as_ref().map(|one| &one.id),
            "triggers_definition": one.trigger.as_ref().map(|one| &one.definition),
            "attributes": one.attributes, "capabilities": one.capabilities, "defaults": one.defaults}))
            .collect::<Vec<_>>(),
        "shares": shares.map(|(id, one)| json!({"id": id, "name": one.name, "printer": one.printer,
            "all_users": one.all_users, "people": one.people, "groups": one.groups})).collect::<Vec<_>>(),
    })
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

fn mood(shared: &Shared, option: &impl Fn(&str) -> String) -> Result<Value, &'static str> {
    let name = option("printer");
    let printer = shared.printers.iter().find(|printer| printer.name == name);
    let reasons = option("reasons");
    let reasons = reasons.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let asleep = option("asleep").parse().ok().map(Duration::from_millis);
    let stopped = option("state") == "5";
    let accepting = option("accepting") != "no";
    let mood = Mood { stopped, reasons, accepting, asleep, asked: None };
    printer.ok_or("there is no such printer")?.change_mood(mood);
    Ok(json!({}))
}
