//! Graph's routes: who may do what, and what it does to the world.

use std::time::Instant;

use serde_json::{Map, Value};

use super::{
    Shared,
    calls::{Call, Given},
    identity::{Caller, id},
    render,
    world::{JobKey, NOT_FOUND, Refusal, World},
};

/// Any one of these application permissions.
fn require(caller: &Caller, any_of: &[&str]) -> Result<(), Refusal> {
    if caller.roles.iter().any(|role| any_of.contains(&role.as_str())) {
        Ok(())
    } else {
        Err((
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        ))
    }
}

/// A person's token.
fn require_person(caller: &Caller) -> Result<&str, Refusal> {
    caller.upn.as_deref().ok_or((
        403,
        "Authorization_RequestDenied",
        "Only a signed-in person may do this.",
    ))
}

/// A person sees and cancels their own jobs.
fn require_owner(upn: &str, world: &World, key: &JobKey) -> Result<(), Refusal> {
    let job = world.jobs.get(key).ok_or(NOT_FOUND)?;
    let owner = job.created_by["userPrincipalName"].as_str().unwrap_or_default();
    if owner.eq_ignore_ascii_case(upn) {
        Ok(())
    } else {
        Err((403, "Authorization_RequestDenied", "The job is another person's."))
    }
}

const TASKS: &[&str] = &["PrintTaskDefinition.ReadWrite.All"];
const READ_JOBS: &[&str] =
    &["PrintJob.ReadBasic.All", "PrintJob.Read.All", "PrintJob.ReadWrite.All"];
const READ_CONTENT: &[&str] = &["PrintJob.Read.All", "PrintJob.ReadWrite.All"];
const CHANGE_JOBS: &[&str] =
    &["PrintJob.ReadWriteBasic.All", "PrintJob.ReadWrite.All", "PrintJob.Manage.All"];
const REDIRECT: &[&str] = &["PrintJob.Manage.All"];
const READ_PRINTERS: &[&str] = &["Printer.Read.All", "Printer.ReadWrite.All"];

/// Carries out a call.
pub(super) fn perform(shared: &Shared, caller: &Caller, call: &Call) -> Result<Given, Refusal> {
    let mut world = shared.world.lock().expect("nothing panics while it is held");
    let route: Vec<&str> = call.route.iter().map(String::as_str).collect();
    let written = |i: usize| call.ids[i].clone();
    match (call.method.as_str(), route.as_slice()) {
        (method, ["print", "taskdefinitions", rest @ ..]) => {
            require(caller, TASKS)?;
            definitions(shared, &mut world, caller, call, method, rest)
        }
        ("GET", ["print", "printers", _]) => {
            require(caller, READ_PRINTERS)?;
            let printer = world.printers.get(&written(2)).ok_or(NOT_FOUND)?;
            Ok(Given::ok(render::printer(&written(2), printer, call.option("$expand"))))
        }
        (method, ["print", "printers", _, "tasktriggers", ..]) => {
            triggers(&mut world, caller, call, method)
        }
        ("GET", ["print", "printers", _, "jobs"]) => {
            require(caller, READ_JOBS)?;
            list_jobs(shared, &world, call)
        }
        (method, ["print", "printers", _, "jobs", _, rest @ ..]) => {
            let key = (written(2), written(4));
            job(shared, &mut world, caller, call, &key, method, rest)
        }
        _ => Err(NOT_FOUND),
    }
}

fn definitions(
    shared: &Shared,
    world: &mut World,
    caller: &Caller,
    call: &Call,
    method: &str,
    rest: &[&str],
) -> Result<Given, Refusal> {
    let ours = |world: &World, id: &String| {
        world.definitions.get(id).is_some_and(|one| one.app == caller.app)
    };
    if !rest.is_empty() && !ours(world, &call.ids[2]) {
        return Err(NOT_FOUND);
    }
    match (method, rest) {
        ("GET", []) => {
            let all = world.definitions.iter().filter(|(_, one)| one.app == caller.app);
            let all = all.map(|(id, one)| without_context(render::definition(id, one))).collect();
            Ok(Given::ok(render::page("print/taskDefinitions", all, None)))
        }
        ("POST", []) => {
            let name = call.body["displayName"].as_str().unwrap_or_default().to_owned();
            let created_by =
                call.body["createdBy"]["displayName"].as_str().unwrap_or_default().to_owned();
            let new = super::world::Definition { name, app: caller.app.clone(), created_by };
            let key = id();
            let body = render::definition(&key, &new);
            world.definitions.insert(key, new);
            Ok(Given::status(201, body))
        }
        ("GET", [_]) => {
            Ok(Given::ok(render::definition(&call.ids[2], &world.definitions[&call.ids[2]])))
        }
        ("PATCH", [_]) => {
            let definition = world.definitions.get_mut(&call.ids[2]).ok_or(NOT_FOUND)?;
            if let Some(name) = call.body["displayName"].as_str() {
                name.clone_into(&mut definition.name);
            }
            if let Some(name) = call.body["createdBy"]["displayName"].as_str() {
                name.clone_into(&mut definition.created_by);
            }
            Ok(Given::ok(render::definition(&call.ids[2], definition)))
        }
        ("DELETE", [_]) => {
            world.definitions.remove(&call.ids[2]);
            Ok(Given::status(204, Value::Null))
        }
        ("GET", [_, "tasks"]) => list_tasks(shared, world, call),
        ("GET", [_, "tasks", _]) => {
            let task = world.tasks.get(&call.ids[4]).ok_or(NOT_FOUND)?;
            Ok(Given::ok(render::task(shared, &call.ids[4], task, true)))
        }
        ("PATCH", [_, "tasks", _]) => {
            let status = &call.body["status"];
            let state = status["state"].as_str().unwrap_or_default();
            world.report(&call.ids[4], state, status["description"].as_str())?;
            Ok(Given::ok(render::task(shared, &call.ids[4], &world.tasks[&call.ids[4]], true)))
        }
        _ => Err(NOT_FOUND),
    }
}

fn without_context(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.remove("@odata.context");
    }
    body
}

fn list_tasks(shared: &Shared, world: &World, call: &Call) -> Result<Given, Refusal> {
    let known = ["$filter", "$expand", "$skiptoken"];
    if call.query.iter().any(|(name, _)| !known.contains(&name.as_str())) {
        return Err((400, "400", "Invalid Operation: The query option is not supported."));
    }
    let wanted = match call.option("$filter") {
        "" => None,
        "status/state eq 'processing'" if shared.faults.takes_filters() => Some("processing"),
        _ => return Err((400, "400", "Invalid Operation: The filter is not supported.")),
    };
    let now = Instant::now();
    let all: Vec<Value> = world
        .tasks
        .iter()
        .filter(|(_, task)| {
            task.definition == call.ids[2] && wanted.is_none_or(|state| task.state == state)
        })
        .filter(|(_, task)| task.late_until <= now)
        .map(|(id, task)| render::task(shared, id, task, false))
        .collect();
    Ok(paged(shared, call, "print/taskDefinitions/tasks", &all))
}

fn list_jobs(shared: &Shared, world: &World, call: &Call) -> Result<Given, Refusal> {
    let filter = call.option("$filter");
    let upn = match filter {
        "" => None,
        filter => {
            let literal = filter
                .strip_prefix("createdBy/userPrincipalName eq '")
                .and_then(|f| f.strip_suffix('\''));
            let literal =
                literal.ok_or((400, "400", "Invalid Operation: The filter is not supported."))?;
            Some(literal.replace("''", "'").to_lowercase())
        }
    };
    let is_theirs = |owner: &Value| {
        let theirs = owner["userPrincipalName"].as_str().unwrap_or_default().to_lowercase();
        upn.as_ref().is_none_or(|upn| *upn == theirs)
    };
    let mut bent = None;
    let mut all = Vec::new();
    for (key, job) in
        world.jobs.iter().filter(|(key, job)| key.0 == call.ids[2] && is_theirs(&job.created_by))
    {
        let (body, crooked) = render::job(shared, world, key, job, call.option("$expand"));
        bent = bent.or(crooked);
        all.push(without_context(body));
    }
    Ok(Given { bent, ..paged(shared, call, "print/printers/jobs", &all) })
}

/// One page; when unkind some are empty and some show an item twice.
fn paged(shared: &Shared, call: &Call, tail: &str, all: &[Value]) -> Given {
    let from: usize = call.option("$skiptoken").parse().unwrap_or(0);
    let empty = from < all.len() && shared.faults.share(5);
    let until = if empty { from } else { (from + shared.page_size).min(all.len()) };
    let mut values = all[from.min(until)..until].to_vec();
    if let Some(first) = values.first().cloned().filter(|_| shared.faults.share(10)) {
        values.push(first);
    }
    let next = (until < all.len()).then(|| {
        let mut link = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in call.query.iter().filter(|(name, _)| name != "$skiptoken") {
            link.append_pair(name, value);
        }
        let link = link.append_pair("$skiptoken", &until.to_string()).finish();
        format!("{}/v1.0/{}?{link}", shared.graph_origin, call.ids.join("/"))
    });
    Given::ok(render::page(tail, values, next))
}

fn triggers(
    world: &mut World,
    caller: &Caller,
    call: &Call,
    method: &str,
) -> Result<Given, Refusal> {
    require_person(caller)?;
    let printer_id = call.ids[2].clone();
    let printer = world.printers.get_mut(&printer_id).ok_or(NOT_FOUND)?;
    match (method, call.route.len()) {
        ("GET", 4) => {
            let all = printer
                .trigger
                .iter()
                .map(|(id, _)| without_context(render::trigger(id)))
                .collect();
            Ok(Given::ok(render::page("print/printers/taskTriggers", all, None)))
        }
        ("POST", 4) => {
            let bound = call.body["definition@odata.bind"].as_str().unwrap_or_default();
            let definition = bound.rsplit('/').next().unwrap_or_default();
            let trigger = world.add_trigger(&printer_id, definition, &caller.app)?;
            Ok(Given::status(201, render::trigger(&trigger)))
        }
        ("GET" | "DELETE", 5) => {
            let (id, _) =
                printer.trigger.clone().filter(|(id, _)| *id == call.ids[4]).ok_or(NOT_FOUND)?;
            if method == "DELETE" {
                printer.trigger = None;
                return Ok(Given::status(204, Value::Null));
            }
            Ok(Given::ok(render::trigger(&id)))
        }
        _ => Err(NOT_FOUND),
    }
}

fn job(
    shared: &Shared,
    world: &mut World,
    caller: &Caller,
    call: &Call,
    key: &JobKey,
    method: &str,
    rest: &[&str],
) -> Result<Given, Refusal> {
    let change = |body: &Value| body["configuration"].as_object().cloned().unwrap_or_else(Map::new);
    match (method, rest) {
        ("GET", []) => {
            match &caller.upn {
                Some(upn) => require_owner(upn, world, key)?,
                None => require(caller, READ_JOBS)?,
            }
            shown(shared, world, key, call)
        }
        ("PATCH", []) => {
            require(caller, CHANGE_JOBS)?;
            if call
                .body
                .as_object()
                .is_none_or(|body| body.keys().any(|name| name != "configuration"))
            {
                return Err((
                    400,
                    "400",
                    "Invalid Operation: Only the configuration may be changed.",
                ));
            }
            world.update(key, &caller.app, &change(&call.body))?;
            shown(shared, world, key, call)
        }
        ("POST", ["abort"]) => {
            require(caller, CHANGE_JOBS)?;
            let reason = call.body["reason"].as_str().map(str::to_owned);
            world.abort(key, &caller.app, reason)?;
            Ok(Given::status(204, Value::Null))
        }
        ("POST", ["redirect"]) => {
            require(caller, REDIRECT)?;
            let destination = call.body["destinationPrinterId"].as_str().unwrap_or_default();
            let moved = world.redirect(key, &caller.app, destination, &change(&call.body))?;
            shown(shared, world, &moved, call)
        }
        ("POST", ["cancel"]) => {
            require_owner(require_person(caller)?, world, key)?;
            world.cancel(key)?;
            Ok(Given::status(204, Value::Null))
        }
        ("GET", ["documents", _]) => {
            require(caller, READ_CONTENT)?;
            Ok(Given::ok(render::document(world.job(key)?)))
        }
        ("GET", ["documents", _, "$value"]) => {
            require(caller, READ_CONTENT)?;
            world.job(key)?;
            let ticket = id();
            world.downloads.insert(ticket.clone(), key.clone());
            let location =
                format!("{}/downloads/{ticket}?tempauthtoken={}", shared.storage_origin, id());
            Ok(Given { location: Some(location), ..Given::status(302, Value::Null) })
        }
        _ => Err(NOT_FOUND),
    }
}

fn shown(shared: &Shared, world: &World, key: &JobKey, call: &Call) -> Result<Given, Refusal> {
    let job = world.jobs.get(key).ok_or(NOT_FOUND)?;
    if job.hidden_until > Instant::now() {
        return Ok(Given {
            bent: Some("hidden"),
            ..Given::status(404, render::error("UnknownError", "", &id()))
        });
    }
    let (body, bent) = render::job(shared, world, key, job, call.option("$expand"));
    Ok(Given { bent, ..Given::ok(body) })
}
