//! The configuration for strangers: its keys, numbers and words of its own; whatever else is written is not shown.
//!
//! It promises: of texts only durations, sizes, the words that the reference knows, names of tables, and the form of an
//! address stay.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;
use serde_json::Value;

use crate::config::keys::keys;

/// A number with a unit: a duration or a size.
static AMOUNT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[0-9]+ ?[A-Za-z]{0,3}$").expect("the pattern is a constant"));

/// What may be shown of a configuration, a line a key, and the texts that may not, wherever else they stand.
pub(super) fn excerpt(written: &[(String, Value)]) -> (String, Vec<String>) {
    let mut words = words();
    words.extend(written.iter().filter_map(|(path, _)| path.split('.').nth(1)).map(str::to_owned));
    let mut hidden = Vec::new();
    let lines = written.iter().map(|(path, value)| {
        let value = value_of(value, &words, &mut hidden);
        format!("{path} = {value}\n")
    });
    (lines.collect::<Vec<_>>().concat(), hidden)
}

fn value_of(value: &Value, words: &BTreeSet<String>, hidden: &mut Vec<String>) -> Value {
    match value {
        Value::String(text) => shown_of(text, words, hidden).into(),
        Value::Array(items) => items.iter().map(|item| value_of(item, words, hidden)).collect(),
        other => other.clone(),
    }
}

fn shown_of(value: &str, words: &BTreeSet<String>, hidden: &mut Vec<String>) -> String {
    if AMOUNT.is_match(value) || words.contains(value) {
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
