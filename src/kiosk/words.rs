//! What people read, in six languages.
//!
//! It promises: a text that a language lacks is there in English; a test sees that none lacks any. Deliberately absent:
//! words for programs and for the log.

use std::{borrow::Cow, collections::HashMap};

use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, static_loader};

use crate::model::{
    AbortReason, Reason,
    kiosk::{BadgeWord, Language},
    printer::Standing,
};

static_loader! {
    static TEXTS = {
        locales: "./src/kiosk/ui/locales",
        fallback_language: "en",
        // Marks that keep directions of script apart would be seen as boxes by programs, and no language here needs them.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The words of a language, and of a site.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Which language.
    pub language: Language,
    /// What people call what they show.
    pub badge: BadgeWord,
}

impl Words {
    /// A text without anything to fill in.
    pub(super) fn say(self, key: &str) -> String {
        self.fill(key, HashMap::new())
    }

    /// A text with a word in it.
    pub(super) fn with(self, key: &str, name: &'static str, word: &str) -> String {
        self.fill(key, HashMap::from([(Cow::from(name), FluentValue::from(word.to_owned()))]))
    }

    /// A text with a number in it.
    pub(super) fn count(self, key: &str, count: usize) -> String {
        self.fill(key, HashMap::from([(Cow::from("count"), FluentValue::from(count))]))
    }

    fn fill(self, key: &str, mut with: HashMap<Cow<'static, str>, FluentValue<'static>>) -> String {
        let what = match self.badge {
            BadgeWord::Badge => "badge",
            BadgeWord::Card => "card",
        };
        with.insert(Cow::from("what"), FluentValue::from(what));
        TEXTS.lookup_complete(&identifier(self.language), key, Some(&with))
    }

    /// The title of a slip for an unknown badge, and what to do with it.
    pub fn slip(self) -> [String; 2] {
        [self.say("slip-title"), self.say("slip-hint")]
    }

    /// How far a print has come.
    pub(super) fn printing(self, printer: &str, sheets: Option<i32>) -> String {
        let name = (Cow::from("printer"), FluentValue::from(printer.to_owned()));
        match sheets.filter(|sheets| *sheets > 0) {
            None => self.fill("stage-printing", HashMap::from([name])),
            Some(sheets) => {
                let count = (Cow::from("count"), FluentValue::from(sheets));
                self.fill("stage-printing-sheets", HashMap::from([name, count]))
            }
        }
    }

    /// Why a job is where it is.
    pub(super) fn reason(self, reason: Reason) -> String {
        match reason {
            Reason::MayHavePrinted => self.say("may-have-printed-hint"),
            other => self.say(&format!("reason-{}", other.code())),
        }
    }

    /// Why a job was ended.
    pub(super) fn abort(self, reason: &AbortReason) -> String {
        match reason {
            AbortReason::ByAdministrator(words) => {
                self.with("abort-by-administrator", "words", words)
            }
            other => self.say(&format!("abort-{}", other.code())),
        }
    }

    /// How a printer is.
    pub(super) fn standing(self, standing: &Standing) -> String {
        self.say(match standing {
            Standing::Ready => "printer-ready",
            Standing::Busy => "printer-busy",
            Standing::Trouble(keywords) => {
                keywords.iter().find_map(|one| trouble(one)).unwrap_or("printer-help")
            }
            Standing::Unreachable => "printer-unreachable",
            Standing::Unknown => "printer-unknown",
        })
    }
}

fn identifier(language: Language) -> LanguageIdentifier {
    language.code().parse().expect("a code is an identifier")
}

/// What a keyword of IPP "printer-state-reasons" means to somebody who stands there.
fn trouble(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "media-empty" | "media-needed" | "input-tray-missing" => "printer-paper",
        "media-jam" => "printer-jam",
        "toner-empty" | "marker-supply-empty" | "developer-empty" => "printer-toner",
        "door-open" | "cover-open" | "interlock-open" => "printer-door",
        "output-area-full" => "printer-full",
        "paused" | "moving-to-paused" => "printer-paused",
        _ => return None,
    })
}

/// The first language that a browser asks for and that we have (RFC 9110 section 12.5.4).
pub(super) fn asked_for(accept_language: &str) -> Option<Language> {
    let wish = |part: &str| {
        let mut words = part.split(';').map(str::trim);
        let language = Language::from_code(words.next()?)?;
        let weight = words.find_map(|word| word.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
        (weight > 0.0).then_some((weight, language))
    };
    let mut wishes: Vec<(f64, Language)> = accept_language.split(',').filter_map(wish).collect();
    // The sort is stable: among equals the first one named.
    wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
    wishes.first().map(|(_, language)| *language)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const FILES: [(&str, &str); 6] = [
        ("en", include_str!("ui/locales/en.ftl")),
        ("de", include_str!("ui/locales/de.ftl")),
        ("fr", include_str!("ui/locales/fr.ftl")),
        ("es", include_str!("ui/locales/es.ftl")),
        ("zh", include_str!("ui/locales/zh.ftl")),
        ("ru", include_str!("ui/locales/ru.ftl")),
    ];

    fn keys(file: &str) -> BTreeSet<&str> {
        let begins = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
        file.lines().filter(begins).filter_map(|line| Some(line.split_once(" =")?.0)).collect()
    }

    fn words(language: Language) -> Words {
        Words { language, badge: BadgeWord::Badge }
    }

    #[test]
    fn every_language_has_every_text() {
        let english = keys(FILES[0].1);
        assert!(english.len() > 100);
        for (code, file) in FILES {
            assert_eq!(keys(file), english, "{code}");
        }
    }

    #[test]
    fn every_reason_has_a_text_in_every_language() {
        for (language, ..) in Language::ALL {
            let words = words(language);
            for reason in Reason::all() {
                let said = words.reason(reason);
                assert!(!said.contains("Unknown") && !said.contains("reason-"), "{said}");
            }
        }
        assert!(words(Language::German).say("no-such-text").starts_with("Unknown localization"));
    }

    #[test]
    fn numbers_and_the_word_for_a_badge_bend_a_text() {
        let english = words(Language::English);
        assert_eq!(english.printing("lobby", Some(1)), "Printing at lobby: one sheet so far");
        assert_eq!(english.printing("lobby", Some(3)), "Printing at lobby: 3 sheets so far");
        assert_eq!(english.printing("lobby", None), "Printing at lobby");
        assert_eq!(english.say("idle-title"), "Hold your badge to the reader");
        let card = Words { badge: BadgeWord::Card, ..english };
        assert_eq!(card.say("idle-title"), "Hold your card to the reader");
        let russian = words(Language::Russian);
        let without_number =
            |count| russian.count("said-copies", count).replace(|c: char| c.is_ascii_digit(), "");
        let three: BTreeSet<String> = [1, 3, 5].map(without_number).into();
        assert_eq!(three.len(), 3, "{three:?}");
    }

    #[test]
    fn a_browser_gets_the_language_that_it_likes_best() {
        let check = |header: &str, expect| assert_eq!(asked_for(header), expect, "{header}");
        check("de-CH,de;q=0.9,en;q=0.8", Some(Language::German));
        check("it, fr;q=0.5, ru;q=0.7", Some(Language::Russian));
        check("zh-Hant-TW", Some(Language::Chinese));
        check("en;q=0", None);
        check("tlh", None);
        check("", None);
    }
}
