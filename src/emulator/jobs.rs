//! Jobs and their documents: people see and cancel their own, the application changes, aborts and redirects.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::{
    calls::Given,
    identity::id,
    odata::{self, paged},
    people::Person,
    render,
    routes::Context,
    world::{Job, JobKey, NOT_FOUND, Refusal},
};

const ANOTHERS: Refusal =
    (403, "Authorization_RequestDenied", "The job is another person's, and the role is missing.");

/// Carries out a call below `jobs` of a printer.
pub(super) fn perform(
    context: &mut Context<'_>,
    printer: &str,
    method: &str,
    rest: &[&str],
) -> Result<Given, Refusal> {
    let [job, rest @ ..] = rest else {
        return match method {
            "GET" => list(context, printer),
            _ => create(context, printer),
        };
    };
    let key = (printer.to_owned(), (*job).to_owned());
    one(context, &key, method, rest)
}

fn one(
    context: &mut Context<'_>,
    key: &JobKey,
    method: &str,
    rest: &[&str],
) -> Result<Given, Refusal> {
    let switches = context.shared.switches();
    let (app, body) = (context.caller.app.clone(), &context.call.body);
    if context.world.job(key)?.is_kept(&switches) {
        require_owner(context, key)?;
    } else {
        return Err(NOT_FOUND);
    }
    match (method, rest) {
        ("GET", []) => shown(context, key),
        ("PATCH", []) => {
            context.world.update(key, &app, only_configuration(body)?, &switches)?;
            shown(context, key)
        }
        ("POST", ["start"]) => {
            let late = Duration::ZERO;
            context.world.start(key, &switches, late)?;
            let job = context.world.job(key)?;
            let mut body = render::job_status(job);
            body["@odata.context"] =
                "https://graph.print.example/v1.0/$metadata#microsoft.graph.printJobStatus".into();
            Ok(Given::ok(body))
        }
        ("POST", ["abort"]) => {
            let reason = body["reason"].as_str().map(str::to_owned);
            context.world.abort(key, &app, reason, &switches)?;
            Ok(Given::done())
        }
        ("POST", ["redirect"]) => {
            let destination = body["destinationPrinterId"].as_str().unwrap_or_default();
            let change = body["configuration"].as_object().cloned().unwrap_or_default();
            let moved = context.world.redirect(key, &app, destination, &change, &switches)?;
            shown(context, &moved)
        }
        ("POST", ["cancel"]) => {
            context.world.cancel(key, &switches)?;
            Ok(Given::done())
        }
        ("GET", ["documents", _]) => {
            Ok(Given::ok(render::document(context.world.job(key)?, switches.titles)))
        }
        ("GET", ["documents", _, "$value"]) => {
            let ticket = id();
            let over = Instant::now() + switches.download_life;
            context.world.downloads.insert(ticket.clone(), (key.clone(), over));
            let origin = &context.shared.storage_origin;
            let location = format!("{origin}/downloads/{ticket}?tempauthtoken={}", id());
            Ok(Given::status(302, Value::Null).with("location", location))
        }
        _ => Err(NOT_FOUND),
    }
}

/// The one member that an update may have.
fn only_configuration(body: &Value) -> Result<&Map<String, Value>, Refusal> {
    const OTHER: Refusal =
        (400, "400", "Invalid Operation: Only the configuration may be changed.");
    let members = body.as_object().ok_or(OTHER)?;
    if members.keys().any(|name| name != "configuration") {
        return Err(OTHER);
    }
    body["configuration"].as_object().ok_or(OTHER)
}

/// A person reaches their own jobs, an administrator all.
fn require_owner(context: &mut Context<'_>, key: &JobKey) -> Result<(), Refusal> {
    let caller = context.caller;
    let job = context.world.job(key)?;
    match &caller.person {
        Some(person) if !sees(person, job) => Err(ANOTHERS),
        _ => Ok(()),
    }
}

fn sees(person: &Person, job: &Job) -> bool {
    person.is_administrator || job.is_of(person)
}

fn shown(context: &Context<'_>, key: &JobKey) -> Result<Given, Refusal> {
    let job = context.world.jobs.get(key).ok_or(NOT_FOUND)?;
    if job.hidden_until > Instant::now() {
        return Ok(Given {
            bent: Some("hidden"),
            ..Given::status(404, render::error("UnknownError", "", &id()))
        });
    }
    let expand = context.call.option("$expand");
    let (body, bent) = render::job(context.shared, context.world, key, job, expand);
    Ok(Given { bent, ..Given::ok(body) })
}

fn list(context: &mut Context<'_>, printer: &str) -> Result<Given, Refusal> {
    let (shared, call) = (context.shared, context.call);
    if !context.world.printers.contains_key(printer) {
        return Err(NOT_FOUND);
    }
    let upn = odata::equals(call, "createdBy/userPrincipalName")?;
    let is_theirs = |job: &Job| {
        let theirs = job.created_by["userPrincipalName"].as_str().unwrap_or_default();
        upn.as_ref().is_none_or(|upn| upn.eq_ignore_ascii_case(theirs))
    };
    let reaches = |job: &Job| match &context.caller.person {
        Some(person) => sees(person, job),
        None => true,
    };
    let switches = shared.switches();
    let (mut bent, mut all) = (None, Vec::new());
    for (key, job) in &context.world.jobs {
        if key.0 == printer && is_theirs(job) && reaches(job) && job.is_kept(&switches) {
            let expand = call.option("$expand");
            let (body, crooked) = render::job(shared, context.world, key, job, expand);
            bent = bent.or(crooked);
            all.push(render::without_context(body));
        }
    }
    Ok(Given { bent, ..paged(shared, call, "print/printers/jobs", &all) })
}

/// A person's new job, without its document.
fn create(context: &mut Context<'_>, printer: &str) -> Result<Given, Refusal> {
    let person = context.caller.person.as_ref().ok_or(ANOTHERS)?;
    if !context.world.printers.contains_key(printer) {
        return Err(NOT_FOUND);
    }
    let configuration = context.call.body["configuration"].as_object().cloned();
    let ahead = context.shared.switches().clock_ahead;
    let job = Job::new(person.identity(), configuration.unwrap_or_default(), ahead);
    let key = (printer.to_owned(), context.world.new_job_id());
    context.world.jobs.insert(key.clone(), job);
    let job = &context.world.jobs[&key];
    let (body, bent) = render::job(context.shared, context.world, &key, job, "documents");
    Ok(Given { bent, ..Given::status(201, body) })
}
