//! The directory's side of people: one by name, or those with an attribute, as advanced queries find them.

use serde_json::{Value, json};

use super::{
    Shared,
    calls::{Call, Given},
    odata,
    people::Person,
    world::{NOT_FOUND, Refusal},
};

const UNSUPPORTED: Refusal = (
    400,
    "Request_UnsupportedQuery",
    "Unsupported or invalid query filter clause specified for the property.",
);

/// Answers a GET below `/users`.
pub(super) fn perform(shared: &Shared, call: &Call) -> Result<Given, Refusal> {
    let people = &shared.identity.people;
    if let [_, name] = &call.ids[..] {
        return Ok(Given::ok(render(&people.known(name).ok_or(NOT_FOUND)?)));
    }
    let attribute = call.option("$filter").split_whitespace().next().unwrap_or_default();
    let is_filtered = attribute == "employeeId"
        || attribute.starts_with("onPremisesExtensionAttributes/extensionAttribute")
        || attribute.starts_with("extension_");
    // Most attributes are found in an index that may be late, by whoever says that this is good enough.
    if !is_filtered || !call.eventual || call.option("$count") != "true" {
        return Err(UNSUPPORTED);
    }
    let value = odata::equals(call, attribute)?;
    let has_it = |person: &Person| person.attributes.get(attribute) == value.as_ref();
    let found: Vec<Value> = people.all().iter().filter(|one| has_it(one)).map(render).collect();
    Ok(Given::ok(json!({"@odata.count": found.len(), "value": found})))
}

fn render(person: &Person) -> Value {
    json!({"id": person.id, "displayName": person.name, "userPrincipalName": person.upn,
        "accountEnabled": !person.is_blocked})
}
