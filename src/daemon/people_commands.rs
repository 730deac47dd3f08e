//! What the control socket answers about people: badges, codes and PINs.
//!
//! Deliberately absent: who may ask (whoever may open the socket).

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{badges::Badges, deeds::Deeds, forgetting::Forgetting};
use crate::{
    model::people::{Delegation, Person},
    people::import::Row,
};

/// The commands.
pub(super) const NAMES: [&str; 11] = [
    "give-badges",
    "whois",
    "revoke-badge",
    "register-badge",
    "give-code",
    "set-pin",
    "name-delegate",
    "end-delegation",
    "delegations",
    "export-person",
    "forget-person",
];

/// Answers a request; nothing if it is none of these commands.
pub(super) async fn answer(
    badges: &Arc<Badges>,
    deeds: &Deeds,
    forgetting: &Forgetting,
    command: &str,
    request: &Value,
    uid: u32,
) -> Option<Result<Value, String>> {
    Some(match command {
        "give-badges" => give(badges, deeds, request, uid).await,
        "whois" => whois(badges, request, uid).await,
        "revoke-badge" => revoke(badges, request, uid).await,
        "register-badge" => register(badges, deeds, request, uid).await,
        "give-code" => give_code(badges, deeds, request, uid).await,
        "set-pin" => set_pin(badges, deeds, request, uid).await,
        "name-delegate" => name_delegate(badges, deeds, request, uid).await,
        "end-delegation" => end_delegation(badges, request, uid).await,
        "delegations" => delegations(badges).await,
        "export-person" => export(forgetting, request, uid).await,
        "forget-person" => forget(forgetting, request, uid).await,
        _ => return None,
    })
}

async fn give(
    badges: &Arc<Badges>,
    deeds: &Deeds,
    request: &Value,
    uid: u32,
) -> Result<Value, String> {
    let rows = request["badges"].as_array().into_iter().flatten().map(read_badge);
    let rows: Vec<Row> = rows.collect::<Result<_, _>>()?;
    badges.give(deeds, &rows, uid).await?;
    Ok(json!({"given": rows.len()}))
}

async fn whois(badges: &Arc<Badges>, request: &Value, uid: u32) -> Result<Value, String> {
    let person = badges.whois(badge_of(request)?, uid).await?;
    let person =
        person.map(|person| json!({"id": person.id, "upn": person.upn, "name": person.name}));
    Ok(json!({"person": person}))
}

async fn revoke(badges: &Arc<Badges>, request: &Value, uid: u32) -> Result<Value, String> {
    Ok(json!({"revoked": badges.revoke(badge_of(request)?, uid).await?}))
}

async fn register(
    badges: &Arc<Badges>,
    deeds: &Deeds,
    request: &Value,
    uid: u32,
) -> Result<Value, String> {
    let code = request["code"].as_str().ok_or("name the code of a slip")?;
    badges.give_by_slip(deeds, code, &read_person(&request["person"])?, uid).await?;
    Ok(json!({"registered": true}))
}

async fn give_code(
    badges: &Arc<Badges>,
    deeds: &Deeds,
    request: &Value,
    uid: u32,
) -> Result<Value, String> {
    let code = badges.issue_code(deeds, &read_person(&request["person"])?, uid).await?;
    Ok(json!({"code": code}))
}

async fn set_pin(
    badges: &Arc<Badges>,
    deeds: &Deeds,
    request: &Value,
    uid: u32,
) -> Result<Value, String> {
    let (row, clear) = (read_person(&request["person"])?, request["clear"] == true);
    let pin = badges.set_pin(deeds, &row, clear, uid).await?;
    Ok(json!({"pin": pin}))
}

async fn name_delegate(
    badges: &Arc<Badges>,
    deeds: &Deeds,
    request: &Value,
    uid: u32,
) -> Result<Value, String> {
    let [owner, delegate] = read_delegation(request)?;
    let ends = read_end(&request["ends"])?;
    badges.name_delegate(deeds, [&owner, &delegate], ends, uid).await?;
    Ok(json!({"named": true}))
}

async fn end_delegation(badges: &Arc<Badges>, request: &Value, uid: u32) -> Result<Value, String> {
    let [owner, delegate] = read_delegation(request)?;
    Ok(json!({"ended": badges.end_delegation([&owner, &delegate], uid).await?}))
}

async fn delegations(badges: &Arc<Badges>) -> Result<Value, String> {
    let person = |one: &Person| json!({"id": one.id, "upn": one.upn, "name": one.name});
    let told = badges.journal.delegations(Timestamp::now()).await;
    let told = told.map_err(|error| error.to_string())?;
    let row = |one: &Delegation| {
        json!({"owner": person(&one.owner), "delegate": person(&one.delegate),
            "ends": one.ends.map(|ends| ends.to_string())})
    };
    Ok(json!({"delegations": told.iter().map(row).collect::<Vec<_>>()}))
}

async fn export(forgetting: &Forgetting, request: &Value, uid: u32) -> Result<Value, String> {
    forgetting.export(name_of(request)?, uid).await
}

async fn forget(forgetting: &Forgetting, request: &Value, uid: u32) -> Result<Value, String> {
    forgetting.forget(name_of(request)?, request["consent"] == true, uid).await
}

/// Whom a request is about: the UPN, or the object id.
fn name_of(request: &Value) -> Result<&str, String> {
    let named = request["person"].as_str().filter(|named| !named.trim().is_empty());
    named.ok_or_else(|| "name a person".to_owned())
}

fn read_delegation(request: &Value) -> Result<[Row; 2], String> {
    Ok([read_person(&request["owner"])?, read_person(&request["delegate"])?])
}

fn read_end(ends: &Value) -> Result<Option<Timestamp>, String> {
    let ends = ends.as_str().filter(|text| !text.is_empty());
    ends.map(|ends| ends.parse().map_err(|_| "an end does not read".to_owned())).transpose()
}

fn badge_of(request: &Value) -> Result<&str, String> {
    request["badge"]
        .as_str()
        .filter(|number| !number.is_empty())
        .ok_or_else(|| "name a badge".to_owned())
}

fn read_badge(row: &Value) -> Result<Row, String> {
    let text = |name: &str| row[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(Row {
        number: text("badge").ok_or("a badge has no number")?,
        id: text("id").map(|id| normal_id(&id)),
        upn: text("upn"),
        name: text("name"),
        ends: read_end(&row["ends"])?,
    })
}

/// A person, by the object id or by the UPN.
fn read_person(named: &Value) -> Result<Row, String> {
    let named = named.as_str().map(str::trim).filter(|named| !named.is_empty());
    let named = named.ok_or("name a person")?.to_owned();
    let is_id = uuid::Uuid::parse_str(&named).is_ok();
    if !is_id && !named.contains('@') {
        return Err(format!("{named}: name the person's UPN, or the object id"));
    }
    let (upn, id) = if is_id { (None, Some(normal_id(&named))) } else { (Some(named), None) };
    Ok(Row { number: String::new(), id, upn, name: None, ends: None })
}

/// An object id as the cloud writes it; whatever else stands there stays.
pub(super) fn normal_id(id: &str) -> String {
    uuid::Uuid::parse_str(id).map_or_else(|_| id.to_owned(), |id| id.to_string())
}
