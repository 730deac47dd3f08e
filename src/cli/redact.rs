//! Text for strangers: who and where becomes a word that stays the same, so that a story can still be followed.
//!
//! It promises: no address of a person, no id, no host and no network address of the text is left; what looks like a
//! token or an address with a ticket is left out whole.
//! Deliberately absent: titles and names of people. They are not put in.

use std::{collections::HashMap, sync::LazyLock};

use regex::{Captures, Regex};

/// What is looked for, in this order: the word that it becomes, and how it looks.
static KINDS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let kind =
        |word, pattern: &str| (word, Regex::new(pattern).expect("the pattern is a constant"));
    vec![
        ("token", r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*"),
        ("ticket", r"[A-Za-z]*(?:auth|token|sig|secret|password)[A-Za-z]*=[^\s&\x22]+"),
        ("person", r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+"),
        ("id", r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        ("address", r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b"),
        ("address", r"\[[0-9A-Fa-f:]*::?[0-9A-Fa-f:]+\]"),
    ]
    .into_iter()
    .map(|(word, pattern)| kind(word, pattern))
    .collect()
});
/// The host of an address.
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<host>[A-Za-z0-9.-]+)")
        .expect("the pattern is a constant")
});
/// Hosts that everybody knows.
const KNOWN_HOSTS: [&str; 4] =
    ["microsoft.com", "microsoftonline.com", "microsoftonline.us", "microsoft.us"];

/// Remembers what became what.
#[derive(Debug, Default)]
pub(super) struct Redactor(HashMap<String, String>);

impl Redactor {
    /// The text without who and where.
    pub(super) fn redact(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (word, pattern) in KINDS.iter() {
            text = pattern
                .replace_all(&text, |found: &Captures<'_>| self.word_for(word, &found[0]))
                .into_owned();
        }
        let hosts = HOST.replace_all(&text, |found: &Captures<'_>| {
            let (scheme, host) = (&found["scheme"], &found["host"]);
            let is_known = KNOWN_HOSTS.iter().any(|known| host.ends_with(known))
                || host.starts_with("address-");
            if is_known {
                found[0].to_owned()
            } else {
                format!("{scheme}{}", self.word_for("host", host))
            }
        });
        hosts.into_owned()
    }

    fn word_for(&mut self, word: &str, found: &str) -> String {
        let n_known = self.0.values().filter(|known| known.starts_with(word)).count();
        let new = || format!("{word}-{}", n_known + 1);
        self.0.entry(found.to_ascii_lowercase()).or_insert_with(new).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_and_where_become_words_that_stay_the_same() {
        let mut redactor = Redactor::default();
        let mut check = |text: &str, expect: &str| assert_eq!(redactor.redact(text), expect);
        check("by ada@contoso.example for Bob@contoso.example", "by person-1 for person-2");
        check("ADA@contoso.example again", "person-1 again");
        check("task 90de0220-1801-48d0-9935-085361beb41f", "task id-1");
        check("ipp://printer.contoso.example/ipp/print", "ipp://host-1/ipp/print");
        check("at 10.1.2.3 and ipps://10.1.2.3:631/", "at address-1 and ipps://address-1:631/");
        check("https://graph.microsoft.com/v1.0/print", "https://graph.microsoft.com/v1.0/print");
        check("https://[fe80::1]:443", "https://address-2:443");
        check("Bearer eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.abc", "Bearer token-1");
        check("?tempauthtoken=90de&x=1", "?ticket-1&x=1");
        check(
            "2026-11-22T00:09:43.070001Z version 0.1.0",
            "2026-11-22T00:09:43.070001Z version 0.1.0",
        );
    }
}
