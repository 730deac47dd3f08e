//! Text for strangers: who and where becomes a word that stays the same, so that a story can still be followed.
//!
//! It promises: no address of a person, no id, no network address, no host of an address and no host that it was told of
//! is left; what looks like a token, or is written under a name for secrets, is left out whole.
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
        ("person", r"[^\s\x22'<>(),;=:/]+@[\w.-]+"),
        ("id", r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        ("address", r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b"),
        ("address", r"\[[0-9A-Fa-f:]*::?[0-9A-Fa-f:]+\]"),
        ("address", r"\b(?:[0-9A-Fa-f]{1,4}:){4,7}[0-9A-Fa-f]{1,4}\b"),
        ("address", r"\b[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})*::(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})*)?"),
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
/// A value that is written under a name for secrets.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<key>[A-Za-z_.-]*(?:secret|password|token|credential)[A-Za-z_-]*\s*=\s*)[\x22'](?P<value>[^\x22']*)[\x22']")
        .expect("the pattern is a constant")
});
/// Hosts that everybody knows.
const KNOWN_HOSTS: [&str; 4] =
    ["microsoft.com", "microsoftonline.com", "microsoftonline.us", "microsoft.us"];

/// Remembers what became what.
#[derive(Debug, Default)]
pub(super) struct Redactor {
    words: HashMap<String, String>,
    hosts: Vec<String>,
}

impl Redactor {
    /// One that knows these hosts, wherever they stand.
    pub(super) fn knowing(mut hosts: Vec<String>) -> Self {
        hosts.retain(|host| !host.is_empty() && !is_known(host) && host != "localhost");
        // A longer name may have a shorter one in it.
        hosts.sort_by_key(|host| std::cmp::Reverse(host.len()));
        Self { words: HashMap::new(), hosts }
    }

    /// The text without who and where.
    pub(super) fn redact(&mut self, text: &str) -> String {
        let mut text = SECRET.replace_all(text, without_secret).into_owned();
        for (word, pattern) in KINDS.iter() {
            text = pattern
                .replace_all(&text, |found: &Captures<'_>| self.word_for(word, &found[0]))
                .into_owned();
        }
        let hosts = HOST.replace_all(&text, |found: &Captures<'_>| {
            let (scheme, host) = (&found["scheme"], &found["host"]);
            if is_known(host) || host.starts_with("address-") {
                found[0].to_owned()
            } else {
                format!("{scheme}{}", self.word_for("host", host))
            }
        });
        let mut text = hosts.into_owned();
        for host in self.hosts.clone() {
            if text.contains(&host) {
                text = text.replace(&host, &self.word_for("host", &host));
            }
        }
        text
    }

    fn word_for(&mut self, word: &str, found: &str) -> String {
        let n_known = self.words.values().filter(|known| known.starts_with(word)).count();
        let new = || format!("{word}-{}", n_known + 1);
        self.words.entry(found.to_ascii_lowercase()).or_insert_with(new).clone()
    }
}

fn is_known(host: &str) -> bool {
    KNOWN_HOSTS.iter().any(|known| {
        host == *known || host.strip_suffix(known).is_some_and(|before| before.ends_with('.'))
    })
}

/// A file's name may stay: it is not the secret.
fn without_secret(found: &Captures<'_>) -> String {
    let (key, value) = (&found["key"], &found["value"]);
    if value.starts_with('/') || value.starts_with("credential:") {
        return found[0].to_owned();
    }
    format!("{key}\"***\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_and_where_become_words_that_stay_the_same() {
        let hosts = ["reader.contoso.example", "contoso.example"].map(str::to_owned);
        let mut redactor = Redactor::knowing(hosts.to_vec());
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
