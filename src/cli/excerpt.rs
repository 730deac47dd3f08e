//! The configuration for strangers: its keys, numbers and words of its own; whatever else is written is not shown.
//!
//! It promises: values of keys that the reference does not know are not shown; of the others only switches, numbers,
//! durations and sizes where such are meant, the words that the reference has, names of tables, and the form of an
//! address. Deliberately absent: judgement of what is wrong with it.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;
use serde_json::Value;

use crate::config::keys::{Key, keys};

/// Paths of printers that name nobody.
const PATHS: [&str; 4] = ["", "ipp", "ipp/print", "ipp/printer"];
/// A number with a unit: a duration or a size.
static AMOUNT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[0-9]+ ?[A-Za-z]{0,3}$").expect("the pattern is a constant"));

/// What may be shown of a configuration, a line a key, and the texts that may not, wherever else they stand.
pub(super) fn excerpt(written: &[(String, Value)]) -> (String, Vec<String>) {
    let mut words = words();
    let known = written.iter().filter(|(path, _)| key_of(path).is_some());
    words.extend(known.filter_map(|(path, _)| path.split('.').nth(1)).map(str::to_owned));
    let mut hidden = Vec::new();
    let lines = written.iter().map(|(path, value)| {
        let key = key_of(path);
        let takes_amounts = key.is_some_and(takes_amounts);
        let value = value_of(value, takes_amounts, &words, &mut hidden);
        let value = if key.is_some() { value } else { "***".into() };
        format!("{path} = {value}\n")
    });
    (lines.collect::<Vec<_>>().concat(), hidden)
}

/// The key of the reference that a path is of; a table that has a name of its own stands there as `*`.
fn key_of(path: &str) -> Option<&'static Key> {
    let is_same = |(known, part): (&str, &str)| known == "*" || known == part;
    let fits = |key: &&Key| {
        key.path.split('.').count() == path.split('.').count()
            && key.path.split('.').zip(path.split('.')).all(is_same)
    };
    keys().find(fits)
}

/// Whether numbers, durations or sizes are meant there.
fn takes_amounts(key: &Key) -> bool {
    let example = key.default.unwrap_or(key.example);
    // Digits in quotation marks are a text.
    let is_text = example.starts_with('"') && !example.contains(char::is_alphabetic);
    !is_text && AMOUNT.is_match(example.trim_matches('"'))
}

fn value_of(
    value: &Value,
    takes_amounts: bool,
    words: &BTreeSet<String>,
    hidden: &mut Vec<String>,
) -> Value {
    match value {
        Value::Bool(_) => value.clone(),
        Value::Number(_) if takes_amounts => value.clone(),
        Value::String(text) if takes_amounts && AMOUNT.is_match(text) => value.clone(),
        Value::String(text) => shown_of(text, words, hidden).into(),
        Value::Array(items) => {
            items.iter().map(|item| value_of(item, takes_amounts, words, hidden)).collect()
        }
        Value::Number(_) | Value::Object(_) | Value::Null => "***".into(),
    }
}

fn shown_of(value: &str, words: &BTreeSet<String>, hidden: &mut Vec<String>) -> String {
    if words.contains(value) {
        return value.to_owned();
    }
    let Some((scheme, rest)) = value.split_once("://") else {
        hidden.push(value.to_owned());
        hidden.push(value.rsplit_once(':').map_or("", |(host, _)| host).to_owned());
        return "***".to_owned();
    };
    let rest = rest.rsplit('@').next().unwrap_or(rest);
    let (place, path) = rest.split_once('/').map_or((rest, ""), |(place, path)| (place, path));
    let (host, port) = place.rsplit_once(':').map_or((place, ""), |(host, port)| (host, port));
    hidden.push(host.to_owned());
    let path = if PATHS.contains(&path) { path } else { "***" };
    format!("{scheme}://***{}{port}/{path}", if port.is_empty() { "" } else { ":" })
}

/// The words that the reference has in quotation marks.
fn words() -> BTreeSet<String> {
    let texts = keys().flat_map(|key| [key.doc, key.default.unwrap_or_default()]);
    let quoted = texts.flat_map(|text| text.split('"').skip(1).step_by(2));
    let is_word = |word: &&str| {
        word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    quoted.filter(is_word).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_number_word_or_form_of_an_address_is_not_shown() {
        let written = [
            ("cloud.tenant", json!("contoso.example")),
            ("cloud.client_secret", json!("two\n\"lines\" of hunter2")),
            ("cloud.client_secrets", json!("87654321")),
            ("cloud.password", json!(87_654_321)),
            ("cloudx.hunter2", json!("hunter2")),
            ("printers.lobby.account", json!("73312211")),
            ("printers.lobby.other_settings", json!([{"a": "hunter2"}])),
            ("printers.attic.uri", json!("ipp://printer/x/ada?key=hunter2")),
            ("cloud.poll_interval", json!("5s")),
            ("printers.lobby.uri", json!("ipps://ada:pw@printer.contoso.example:631/ipp/print")),
            ("printers.lobby.jobs_at_once", json!(4)),
            ("printers.pool.members", json!(["lobby", "nobody's"])),
            ("queues.main.offer", json!("union")),
            ("readers.r.dial", json!("reader:9000")),
        ];
        let (shown, hidden) = excerpt(&written.map(|(path, value)| (path.to_owned(), value)));
        let expect = [
            "cloud.tenant = \"***\"",
            "cloud.client_secret = \"***\"",
            "cloud.client_secrets = \"***\"",
            "cloud.password = \"***\"",
            "cloudx.hunter2 = \"***\"",
            "printers.lobby.account = \"***\"",
            "printers.lobby.other_settings = [\"***\"]",
            "printers.attic.uri = \"ipp://***/***\"",
            "cloud.poll_interval = \"5s\"",
            "printers.lobby.uri = \"ipps://***:631/ipp/print\"",
            "printers.lobby.jobs_at_once = 4",
            "printers.pool.members = [\"lobby\",\"***\"]",
            "queues.main.offer = \"union\"",
            "readers.r.dial = \"***\"",
        ];
        assert_eq!(shown.lines().collect::<Vec<_>>(), expect);
        for text in ["contoso.example", "printer.contoso.example", "reader:9000", "reader"] {
            assert!(hidden.iter().any(|one| one == text), "{text}: {hidden:?}");
        }
    }
}
