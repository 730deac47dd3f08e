//! What every page has around it: the words, the station, who is signed in, and what was just done.
//!
//! Deliberately absent: what a page is about.

use serde::Deserialize;

use super::{Kiosk, visitor::Visitor, words::Words};
use crate::model::{PrinterName, kiosk::Language, people::Person};

/// Around a page.
pub(super) struct Frame {
    pub(super) say: Words,
    /// The path of the station's pages.
    pub(super) base: String,
    /// How long the session lasts without a touch, in seconds.
    pub(super) seconds: u64,
    pub(super) sound: bool,
    /// The station's first printer.
    pub(super) printer: String,
    pub(super) has_neighbors: bool,
    /// What was just done, and whether that is `good` or `bad`.
    pub(super) notice: Option<NoticePart>,
    pub(super) languages: [(Language, &'static str, &'static str); 6],
    person: Option<Person>,
}

impl Frame {
    pub(super) fn new(visitor: &Visitor) -> Self {
        let printers = &visitor.station.printers;
        Self {
            base: visitor.base(),
            printer: printers.first().map_or_else(String::new, PrinterName::to_string),
            has_neighbors: printers.len() > 1,
            person: visitor.person.clone(),
            ..Self::of(&visitor.kiosk, visitor.words())
        }
    }

    /// Around a page of no station.
    pub(super) fn outside(kiosk: &Kiosk) -> Self {
        let say = Words { language: kiosk.settings.language, badge: kiosk.settings.badge_word };
        Self::of(kiosk, say)
    }

    fn of(kiosk: &Kiosk, say: Words) -> Self {
        Self {
            say,
            base: String::new(),
            seconds: kiosk.settings.session.as_secs(),
            sound: kiosk.settings.sound,
            printer: String::new(),
            has_neighbors: false,
            notice: None,
            languages: Language::ALL,
            person: None,
        }
    }

    pub(super) fn with_notice(mut self, notice: &Notice) -> Self {
        self.notice = notice.in_words(self.say);
        self
    }

    /// A greeting, by the name that the person has.
    pub(super) fn hello(&self) -> String {
        let person = self.person.as_ref();
        match person.and_then(|person| person.name.as_deref().or(person.upn.as_deref())) {
            Some(name) => self.say.with("hello", "name", name),
            None => self.say.say("hello-nobody"),
        }
    }
}

/// What was just done, as a page says it.
pub(super) struct NoticePart {
    /// `good` or `bad`.
    pub(super) tone: &'static str,
    /// It goes as soon as the list comes anew, which says it better.
    pub(super) passing: bool,
    pub(super) words: String,
}

/// What was just done: a code that travels in the address, so that a page that is loaded again does nothing again.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Notice {
    pub(super) notice: Option<String>,
    printer: Option<String>,
}

impl Notice {
    pub(super) fn of(code: &str) -> Self {
        Self { notice: Some(code.to_owned()), printer: None }
    }

    pub(super) fn at(code: &str, printer: Option<&str>) -> Self {
        Self { printer: printer.map(str::to_owned), ..Self::of(code) }
    }

    /// As it stands in an address.
    pub(super) fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.notice.iter().map(|code| ("notice", code)));
        query.extend_pairs(self.printer.iter().map(|printer| ("printer", printer)));
        query.finish()
    }

    fn in_words(&self, say: Words) -> Option<NoticePart> {
        /// What a notice may say that went wrong; each has a text `notice-…`.
        const BAD: [&str; 9] = [
            "changed",
            "may-have-printed",
            "not-waiting",
            "barred",
            "must-stay-gray",
            "owners-alone",
            "no-such-printer",
            "not-now",
            "nothing",
        ];
        match self.notice.as_deref()? {
            "released" => {
                let printer = self.printer.as_deref().unwrap_or_default();
                let words = say.with("notice-released", "printer", printer);
                Some(NoticePart { tone: "good", passing: true, words })
            }
            "removed" => {
                let words = say.say("notice-removed");
                Some(NoticePart { tone: "good", passing: false, words })
            }
            code if BAD.contains(&code) => {
                let words = say.say(&format!("notice-{code}"));
                Some(NoticePart { tone: "bad", passing: false, words })
            }
            _ => None,
        }
    }
}
