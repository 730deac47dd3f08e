//! The configuration for strangers: its tables, keys, numbers and words of its own; whatever else is written is not shown.
//!
//! It promises: of a value in quotation marks only durations, sizes, the words that the reference knows, names of tables,
//! and the form of an address stay.
//! Deliberately absent: comments.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::{Captures, Regex};

use crate::config::keys::keys;

static QUOTED: LazyLock<Regex> = LazyLock::new(|| constant(r#""(?P<a>[^"]*)"|'(?P<b>[^']*)'"#));
/// A number with a unit: a duration or a size.
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| constant(r"^[0-9]+ ?[A-Za-z]{0,3}$"));
/// A name that a table has: `[printers.lobby]`.
static NAME: LazyLock<Regex> = LazyLock::new(|| constant(r#"^\[[a-z]+\."?(?P<name>[^\]"]+)"?\]"#));

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

/// What may be shown of a configuration, and the texts that may not, wherever else they stand.
pub(super) fn excerpt(text: &str) -> (String, Vec<String>) {
    let is_said = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let lines: Vec<&str> = text.lines().filter(is_said).collect();
    let mut words = words();
    words.extend(
        lines.iter().filter_map(|line| Some(NAME.captures(line.trim())?["name"].to_owned())),
    );
    let mut hidden = Vec::new();
    let mut shown = String::new();
    for line in lines {
        if line.trim_start().starts_with('[') {
            shown.push_str(line);
        } else {
            let line = without_remark(line);
            shown.push_str(&QUOTED.replace_all(line, |found: &Captures<'_>| {
                let value =
                    found.name("a").or_else(|| found.name("b")).map_or("", |value| value.as_str());
                format!("\"{}\"", shown_of(value, &words, &mut hidden))
            }));
        }
        shown.push('\n');
    }
    (shown, hidden)
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

/// A line without the remark behind it; a `#` in quotation marks is none.
fn without_remark(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' | '\'' => quoted = !quoted,
            '#' if !quoted => return line[..at].trim_end(),
            _ => {}
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_word_or_form_of_an_address_is_not_shown() {
        let (shown, hidden) = excerpt(
            "# ours\n[cloud]\ntenant = \"contoso.example\"\nclient_secret = 'hunter2'\npoll_interval = \"5s\" # often\n\
             [printers.lobby]\nuri = \"ipps://ada:pw@printer.contoso.example:631/ipp/print\"\njobs_at_once = 4\n\
             [queues.main]\nrelease_to = \"lobby\"\noffer = \"union\"\n[readers.r]\ndial = \"reader:9000\"\n",
        );
        assert_eq!(
            shown,
            "[cloud]\ntenant = \"***\"\nclient_secret = \"***\"\npoll_interval = \"5s\"\n[printers.lobby]\n\
             uri = \"ipps://***:631/ipp/print\"\njobs_at_once = 4\n[queues.main]\nrelease_to = \"lobby\"\n\
             offer = \"union\"\n[readers.r]\ndial = \"***\"\n"
        );
        for text in
            ["contoso.example", "hunter2", "printer.contoso.example", "reader:9000", "reader"]
        {
            assert!(hidden.iter().any(|one| one == text), "{text}: {hidden:?}");
        }
    }
}
