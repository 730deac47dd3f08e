//! Graph's routes: each to the file that knows its noun.
//!
//! Permissions and query options were checked before (`permissions`, `odata`).

use super::{
    Shared,
    calls::{Call, Given},
    definitions,
    identity::Caller,
    jobs, printers, shares, uploads, users,
    world::{NOT_FOUND, Refusal, World},
};

/// A call with all that it needs to be carried out.
pub(super) struct Context<'a> {
    pub(super) shared: &'a Shared,
    pub(super) world: &'a mut World,
    pub(super) caller: &'a Caller,
    pub(super) call: &'a Call,
}

/// Carries out a call.
pub(super) fn perform(shared: &Shared, caller: &Caller, call: &Call) -> Result<Given, Refusal> {
    let mut world = shared.world.lock().expect("nothing panics while it is held");
    let world = &mut *world;
    world.print_redirected(&shared.switches());
    world.finish_registrations();
    let route: Vec<&str> = call.route.iter().map(String::as_str).collect();
    let id = |i: usize| call.ids[i].as_str();
    let mut context = Context { shared, world, caller, call };
    match (call.method.as_str(), route.as_slice()) {
        (method, ["print", "taskdefinitions", rest @ ..]) => {
            definitions::perform(&mut context, method, rest)
        }
        (_, ["print", "printers", _, "jobs", _, "documents", _, "createuploadsession"]) => {
            uploads::open(&mut context, &(id(2).to_owned(), id(4).to_owned()))
        }
        (method, ["print", "printers", _, "jobs", rest @ ..]) => {
            jobs::perform(&mut context, id(2), method, rest)
        }
        (method, ["print", "shares", _, "jobs", rest @ ..]) => {
            let share = context.world.shares.get(id(2)).ok_or(NOT_FOUND)?;
            let printer = share.printer.clone();
            if let [job, "documents", _, "createuploadsession"] = rest {
                return uploads::open(&mut context, &(printer, (*job).to_owned()));
            }
            jobs::perform(&mut context, &printer, method, rest)
        }
        (method, ["print", "printers", _, "shares", ..] | ["print", "shares", ..]) => {
            shares::perform(&mut context, method, &route)
        }
        ("GET", ["users", ..]) => users::perform(shared, call),
        (method, ["print", "settings"]) => printers::settings(&mut context, method),
        (method, ["print", "printers" | "operations", ..]) => {
            printers::perform(&mut context, method, &route)
        }
        _ => Err(NOT_FOUND),
    }
}
