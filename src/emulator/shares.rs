//! Shares: people print to a share of a printer, never to the printer itself.

use serde_json::{Value, json};

use super::{
    calls::Given,
    identity::id,
    odata::paged,
    render,
    routes::Context,
    world::{NOT_FOUND, Refusal, Share},
};

/// Carries out a call of shares.
pub(super) fn perform(
    context: &mut Context<'_>,
    method: &str,
    route: &[&str],
) -> Result<Given, Refusal> {
    let call = context.call;
    let key = call.ids.get(2).cloned().unwrap_or_default();
    match (method, route) {
        ("GET", ["print", "shares"]) => Ok(list(context, None)),
        ("GET", ["print", "printers", _, "shares"]) => Ok(list(context, Some(&key))),
        ("GET", ["print", "printers", _, "shares", _]) => shown(context, &call.ids[4]),
        ("POST", ["print", "shares"]) => create(context),
        ("GET", ["print", "shares", _]) => shown(context, &key),
        ("PATCH", ["print", "shares", _]) => {
            let share = context.world.shares.get_mut(&key).ok_or(NOT_FOUND)?;
            if let Some(name) = call.body["displayName"].as_str() {
                name.clone_into(&mut share.name);
            }
            if let Some(all) = call.body["allowAllUsers"].as_bool() {
                share.all_users = all;
            }
            shown(context, &key)
        }
        ("DELETE", ["print", "shares", _]) => {
            context.world.shares.remove(&key).ok_or(NOT_FOUND)?;
            Ok(Given::done())
        }
        ("GET", ["print", "shares", _, "printer"]) => {
            let share = context.world.shares.get(&key).ok_or(NOT_FOUND)?;
            let printer = context.world.printers.get(&share.printer).ok_or(NOT_FOUND)?;
            Ok(Given::ok(render::printer(&share.printer, printer, context.world, "", "")))
        }
        ("GET", ["print", "shares", _, who @ ("allowedusers" | "allowedgroups")]) => {
            let share = context.world.shares.get(&key).ok_or(NOT_FOUND)?;
            let (all, tail) = match *who {
                "allowedusers" => (&share.people, "print/shares/allowedUsers"),
                _ => (&share.groups, "print/shares/allowedGroups"),
            };
            let all: Vec<Value> = all.iter().map(|id| json!({"id": id})).collect();
            Ok(paged(context.shared, call, tail, &all))
        }
        ("POST", ["print", "shares", _, who, "$ref"]) => {
            let named = call.body["@odata.id"].as_str().and_then(|url| url.rsplit('/').next());
            let named = named.ok_or((400, "400", "Invalid Operation: @odata.id is required."))?;
            let share = context.world.shares.get_mut(&key).ok_or(NOT_FOUND)?;
            let all = if *who == "allowedusers" { &mut share.people } else { &mut share.groups };
            all.insert(named.to_owned());
            Ok(Given::done())
        }
        _ => Err(NOT_FOUND),
    }
}

/// All shares that the caller may print to, or those of one printer.
fn list(context: &Context<'_>, printer: Option<&String>) -> Given {
    let reaches = |share: &Share| match &context.caller.person {
        Some(person) => {
            person.is_administrator || share.all_users || share.people.contains(&person.id)
        }
        None => true,
    };
    let shares = context.world.shares.iter();
    let shares = shares.filter(|(_, share)| printer.is_none_or(|id| share.printer == *id));
    let all: Vec<Value> = shares
        .filter(|(_, share)| reaches(share))
        .map(|(id, share)| render::without_context(render::share(id, share, context.world, "")))
        .collect();
    paged(context.shared, context.call, "print/shares", &all)
}

fn shown(context: &Context<'_>, key: &str) -> Result<Given, Refusal> {
    let share = context.world.shares.get(key).ok_or(NOT_FOUND)?;
    let expand = context.call.option("$expand");
    Ok(Given::ok(render::share(key, share, context.world, expand)))
}

/// One share a printer.
fn create(context: &mut Context<'_>) -> Result<Given, Refusal> {
    let body = &context.call.body;
    let bound = body["printer@odata.bind"].as_str().and_then(|url| url.rsplit('/').next());
    let (Some(name), Some(printer)) = (body["displayName"].as_str(), bound) else {
        let message = "Invalid Operation: displayName and printer@odata.bind are required.";
        return Err((400, "400", message));
    };
    if !context.world.printers.contains_key(printer) {
        return Err((400, "400", "Invalid Operation: The printer was not found."));
    }
    if context.world.share_of(printer).is_some() {
        return Err((409, "409", "Invalid Operation: The printer is shared already."));
    }
    let share = Share::new(printer, name, body["allowAllUsers"].as_bool().unwrap_or(false));
    let key = id();
    let shown = render::share(&key, &share, context.world, "");
    context.world.shares.insert(key, share);
    Ok(Given::status(201, shown))
}
