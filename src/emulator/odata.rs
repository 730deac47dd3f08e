//! Query options, filters and pages, as far as the cloud's pages say that it takes them.

use serde_json::Value;

use super::{
    Shared,
    calls::{Call, Given},
    render,
    world::Refusal,
};

const NO_OPTION: Refusal = (400, "400", "Invalid Operation: The query option is not supported.");
const NO_FILTER: Refusal = (400, "400", "Invalid Operation: The filter is not supported.");

/// Refuses the options that a call does not take.
pub(super) fn check_options(call: &Call) -> Result<(), Refusal> {
    let last = call.route.last().map(String::as_str).unwrap_or_default();
    let known: &[&str] = match last {
        "taskdefinitions" | "tasktriggers" => &["$expand", "$skiptoken"],
        "tasks" => &["$filter", "$expand", "$skiptoken"],
        "jobs" => &["$filter", "$expand", "$skiptoken", "$select", "$top", "$orderby"],
        "printers" | "shares" => {
            &["$filter", "$expand", "$skiptoken", "$select", "$top", "$orderby"]
        }
        "users" => &["$filter", "$select", "$count", "$top"],
        _ => &["$expand", "$select"],
    };
    let is_known = |name: &str| !name.starts_with('$') || known.contains(&name);
    if call.query.iter().all(|(name, _)| is_known(name)) { Ok(()) } else { Err(NO_OPTION) }
}

/// The text that `{member} eq '{text}'` names; nothing without a filter. Quotes in it are doubled.
pub(super) fn equals(call: &Call, member: &str) -> Result<Option<String>, Refusal> {
    let filter = call.option("$filter").trim();
    if filter.is_empty() {
        return Ok(None);
    }
    let literal = filter
        .strip_prefix(member)
        .and_then(|rest| rest.trim_start().strip_prefix("eq"))
        .and_then(|rest| rest.trim().strip_prefix('\'')?.strip_suffix('\''));
    let literal = literal.ok_or(NO_FILTER)?;
    let text = literal.replace("''", "\u{0}");
    if text.contains('\'') { Err(NO_FILTER) } else { Ok(Some(text.replace('\u{0}', "'"))) }
}

/// One page; when unkind some are empty and some show an item twice.
pub(super) fn paged(shared: &Shared, call: &Call, tail: &str, all: &[Value]) -> Given {
    let from = read_token(call.option("$skiptoken"));
    let size = shared.switches().page_size;
    let empty = from < all.len() && shared.faults.share(5);
    let until = if empty { from } else { (from + size).min(all.len()) };
    let mut values = all[from.min(until)..until].to_vec();
    if let Some(first) = values.first().cloned().filter(|_| shared.faults.share(10)) {
        values.push(first);
    }
    let next = (until < all.len()).then(|| {
        let mut link = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in call.query.iter().filter(|(name, _)| name != "$skiptoken") {
            link.append_pair(name, value);
        }
        let link = link.append_pair("$skiptoken", &write_token(until)).finish();
        format!("{}/v1.0/{}?{link}", shared.graph_origin, call.ids.join("/"))
    });
    Given::ok(render::page(tail, values, next))
}

/// A token that nobody reads but we.
fn write_token(until: usize) -> String {
    format!("x{:x}z", until * 7 + 3)
}

fn read_token(token: &str) -> usize {
    let digits = token.strip_prefix('x').and_then(|token| token.strip_suffix('z'));
    let number = digits.and_then(|digits| usize::from_str_radix(digits, 16).ok());
    number.and_then(|number| number.checked_sub(3)).map_or(0, |number| number / 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_to_where_it_was_made() {
        for until in [0, 1, 50, 12_345] {
            assert_eq!(read_token(&write_token(until)), until);
        }
        assert_eq!(read_token("17"), 0);
    }

    #[test]
    fn a_filter_is_read_with_its_doubled_quotes() {
        let call = |filter: &str| Call {
            method: "GET".into(),
            route: vec!["print".into(), "jobs".into()],
            ids: Vec::new(),
            query: vec![("$filter".into(), filter.into())],
            content_type: String::new(),
            eventual: false,
            raw: bytes::Bytes::new(),
            body: Value::Null,
        };
        let read = |filter: &str| equals(&call(filter), "createdBy/userPrincipalName");
        let name = |name: &str| format!("createdBy/userPrincipalName eq '{name}'");
        assert_eq!(
            read(&name("o''hara@contoso.example")),
            Ok(Some("o'hara@contoso.example".into()))
        );
        assert_eq!(read(&name("x_y.com#EXT#@z")), Ok(Some("x_y.com#EXT#@z".into())));
        assert_eq!(read(""), Ok(None));
        for bad in [name("o'hara"), "createdBy/id eq '1'".to_owned(), "eq".to_owned()] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }
}
