//! Task definitions and their tasks: an application sees those that it made itself.

use std::time::Instant;

use serde_json::Value;

use super::{
    calls::Given,
    identity::id,
    odata::{self, paged},
    render,
    routes::Context,
    rules::is_terminal,
    world::{Definition, NOT_FOUND, Refusal, Task},
};

/// Carries out a call below `print/taskDefinitions`.
pub(super) fn perform(
    context: &mut Context<'_>,
    method: &str,
    rest: &[&str],
) -> Result<Given, Refusal> {
    let call = context.call;
    if rest.is_empty() {
        return collection(context, method);
    }
    let app = &context.caller.app;
    let definition_id = &call.ids[2];
    let definition = context.world.definitions.get_mut(definition_id);
    let definition = definition.filter(|one| one.app == *app).ok_or(NOT_FOUND)?;
    match (method, rest) {
        ("GET", [_]) => Ok(Given::ok(render::definition(definition_id, definition))),
        ("PATCH", [_]) => {
            rename(definition, &call.body);
            let body = render::definition(definition_id, definition);
            Ok(match context.shared.switches().definition_update {
                204 => Given::done(),
                _ => Given::ok(body),
            })
        }
        ("DELETE", [_]) => {
            context.world.definitions.remove(definition_id);
            Ok(Given::done())
        }
        ("GET", [_, "tasks"]) => list_tasks(context),
        ("GET", [_, "tasks", _]) => shown(context, &call.ids[4]),
        ("PATCH", [_, "tasks", _]) => {
            let status = &call.body["status"];
            let state = status["state"].as_str().unwrap_or_default();
            let switches = context.shared.switches();
            find(context, &call.ids[4])?;
            context.world.report(&call.ids[4], state, status["description"].as_str(), &switches)?;
            shown(context, &call.ids[4])
        }
        _ => Err(NOT_FOUND),
    }
}

fn collection(context: &mut Context<'_>, method: &str) -> Result<Given, Refusal> {
    let (app, body) = (&context.caller.app, &context.call.body);
    if method == "GET" {
        let all = context.world.definitions.iter().filter(|(_, one)| one.app == *app);
        let all: Vec<Value> =
            all.map(|(id, one)| render::without_context(render::definition(id, one))).collect();
        return Ok(paged(context.shared, context.call, "print/taskDefinitions", &all));
    }
    let name = body["displayName"].as_str().filter(|name| !name.is_empty());
    let name = name.ok_or((400, "400", "Invalid Operation: displayName is required."))?;
    let created_by = body["createdBy"]["displayName"].as_str().unwrap_or_default().to_owned();
    let new = Definition { name: name.to_owned(), app: app.clone(), created_by };
    let key = id();
    let body = render::definition(&key, &new);
    context.world.definitions.insert(key, new);
    Ok(Given::status(201, body))
}

fn rename(definition: &mut Definition, body: &Value) {
    if let Some(name) = body["displayName"].as_str() {
        name.clone_into(&mut definition.name);
    }
    if let Some(name) = body["createdBy"]["displayName"].as_str() {
        name.clone_into(&mut definition.created_by);
    }
}

fn find<'a>(context: &'a Context<'_>, task: &str) -> Result<&'a Task, Refusal> {
    let found = context.world.tasks.get(task);
    let found = found.filter(|task| task.definition == context.call.ids[2]);
    found.filter(|task| is_kept(context, task)).ok_or(NOT_FOUND)
}

fn shown(context: &Context<'_>, task: &str) -> Result<Given, Refusal> {
    let found = find(context, task)?;
    let expand = context.call.option("$expand");
    Ok(Given::ok(render::task(context.shared, context.world, task, found, expand, true)))
}

fn is_kept(context: &Context<'_>, task: &Task) -> bool {
    let switches = context.shared.switches();
    let ended = |ended: Instant| ended.elapsed() <= switches.keep_ended;
    let job = context.world.jobs.get(&task.job);
    task.ended.is_none_or(ended)
        && (is_terminal(task.state) || job.is_none_or(|job| job.is_kept(&switches)))
}

fn list_tasks(context: &mut Context<'_>) -> Result<Given, Refusal> {
    let (shared, call) = (context.shared, context.call);
    let wanted = odata::equals(call, "status/state")?;
    if wanted.is_some() && !shared.switches().task_filter {
        return Err((400, "400", "Invalid Operation: The filter is not supported."));
    }
    let now = Instant::now();
    let all: Vec<Value> = context
        .world
        .tasks
        .iter()
        .filter(|(_, task)| task.definition == call.ids[2] && task.late_until <= now)
        .filter(|(_, task)| wanted.as_ref().is_none_or(|state| task.state == state))
        .filter(|(_, task)| is_kept(context, task))
        .map(|(id, task)| {
            render::task(shared, context.world, id, task, call.option("$expand"), false)
        })
        .collect();
    Ok(paged(shared, call, "print/taskDefinitions/tasks", &all))
}
