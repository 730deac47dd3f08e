//! Text for strangers: who and where becomes a word that stays the same, so that a story can still be followed.
//!
//! It promises: no address of a person, no id, no network address, no host of an address or by its full name, and nothing
//! of four octets or more that it was told to hide is left, in whatever case; nor is what looks like a token, or stands
//! behind a word for secrets.
//! Deliberately absent: titles and names of people. They are not put in.

use std::{collections::HashMap, sync::LazyLock};

use regex::{Captures, Regex};

/// What is looked for, in this order: the word that it becomes, and how it looks.
static KINDS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let kind =
        |word, pattern: &str| (word, Regex::new(pattern).expect("the pattern is a constant"));
    vec![
        ("token", r"Bearer +[^\s\x22]+"),
        ("token", r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*"),
        ("ticket", r"[A-Za-z_-]*(?:[Aa]uth|[Tt]oken|[Ss]ecret|[Pp]asswor[dt]|[Aa]pi_?[Kk]ey)[A-Za-z_-]*[\x22']?(?:=|: +)[^\s&,;]+"),
        ("person", r"[^\s\x22<>(),;=:/]+(?:@|%40)[\w.-]+"),
        ("id", r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        ("id", r"\b[0-9a-fA-F]{32}\b"),
        ("address", r"\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%\w+)?\]"),
        ("address", r"\b(?:[0-9A-Fa-f]{1,4}:){4,7}[0-9A-Fa-f]{1,4}\b"),
        ("address", r"\b[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})*::(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})*)?"),
        ("address", r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b"),
    ]
    .into_iter()
    .map(|(word, pattern)| kind(word, pattern))
    .collect()
});
/// The host of an address.
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?:[^\s/\x22]+@)?(?P<host>[\w.-]+)")
        .expect("the pattern is a constant")
});
/// The full name of a host, without an address around it. Words of ours with a dot in them end otherwise.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:[a-z0-9_-]+\.)+(?:arpa|com|corp|de|edu|eu|example|gov|home|info|int|internal|intra|intranet|lan|local|localdomain|mil|net|org|private|uk|us)\b",
    )
    .expect("the pattern is a constant")
});
/// Hosts that everybody knows.
const KNOWN_HOSTS: [&str; 4] =
    ["microsoft.com", "microsoftonline.com", "microsoftonline.us", "microsoft.us"];

/// What is shorter could be a part of any word.
const SHORTEST: usize = 4;

/// Remembers what became what.
#[derive(Debug, Default)]
pub(super) struct Redactor {
    words: HashMap<String, String>,
    hidden: Vec<Regex>,
}

impl Redactor {
    /// One that hides these texts, wherever they stand.
    pub(super) fn hiding(mut hidden: Vec<String>) -> Self {
        hidden.retain(|text| text.len() >= SHORTEST && !is_known(text) && text != "localhost");
        // A longer one may have a shorter one in it.
        hidden.sort_by_key(|text| std::cmp::Reverse(text.len()));
        let pattern = |text: &String| Regex::new(&format!("(?i){}", regex::escape(text))).ok();
        Self { words: HashMap::new(), hidden: hidden.iter().filter_map(pattern).collect() }
    }

    /// The text without who and where.
    pub(super) fn redact(&mut self, text: &str) -> String {
        let hosts = HOST.replace_all(text, |found: &Captures<'_>| {
            let (scheme, host) = (&found["scheme"], &found["host"]);
            let is_number = host.chars().all(|c| c.is_ascii_digit() || c == '.');
            let host = if is_known(host) || is_number {
                host.to_owned()
            } else {
                self.word_for("host", host)
            };
            format!("{scheme}{host}")
        });
        let mut text = hosts.into_owned();
        for hidden in self.hidden.clone() {
            text = hidden
                .replace_all(&text, |found: &Captures<'_>| self.word_for("name", &found[0]))
                .into_owned();
        }
        for (word, pattern) in KINDS.iter() {
            text = pattern
                .replace_all(&text, |found: &Captures<'_>| self.word_for(word, &found[0]))
                .into_owned();
        }
        text = NAME
            .replace_all(&text, |found: &Captures<'_>| {
                let host = &found[0];
                if is_known(host) { host.to_owned() } else { self.word_for("host", host) }
            })
            .into_owned();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_and_where_become_words_that_stay_the_same() {
        let hidden = ["reader.contoso.example", "contoso.example", "Ada Lovelace", "vm"];
        let mut redactor = Redactor::hiding(hidden.map(str::to_owned).to_vec());
        let mut check = |text: &str, expect: &str| assert_eq!(redactor.redact(text), expect);
        check("by ada@fabrikam.example for Bob@fabrikam.example", "by person-1 for person-2");
        check("ADA@fabrikam.example again", "person-1 again");
        check("jörg@fabrikam.example ada%40fabrikam.example", "person-3 person-4");
        check("x_y.com#EXT#@z.onmicrosoft.com", "person-5");
        check("owner=Ada Lovelace", "owner=name-1");
        check("task 90de0220-1801-48d0-9935-085361beb41f", "task id-1");
        check("ipp://printer.contoso.example/ipp/print", "ipp://host-1/ipp/print");
        check("IPPS://drucker-müller.contoso.local", "IPPS://host-2");
        check("http://svc:p#ss!w0rd@proxy.contoso.local:3128", "http://host-3:3128");
        check("at 10.1.2.3 and ipps://10.1.2.3:631/", "at address-1 and ipps://address-1:631/");
        check("https://graph.microsoft.com/v1.0/print", "https://graph.microsoft.com/v1.0/print");
        check("https://evilmicrosoft.com/", "https://host-4/");
        check("https://[fe80::1]:443", "https://address-2:443");
        check("2001:db8:0:0:0:0:0:1 and fe80::1", "address-3 and address-4");
        check("dial reader.contoso.example:9000", "dial name-2:9000");
        check("the tenant contoso.example on vm", "the tenant name-3 on vm");
        check("not for NPI9876.corp.fabrikam.example, but", "not for host-5, but");
        check("Reader.Contoso.example", "name-2");
        check("Printer.ReadWrite.All in journal.sqlite", "Printer.ReadWrite.All in journal.sqlite");
        check("Bearer eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.abc", "token-1");
        check("password: hunter2", "ticket-1");
        check("?tempauthtoken=90de&x=1", "?ticket-2&x=1");
        check("pullprint::printer at 12:34:56", "pullprint::printer at 12:34:56");
        check(
            "2026-11-22T00:09:43.070001Z version 0.1.0",
            "2026-11-22T00:09:43.070001Z version 0.1.0",
        );
    }
}
