//! The kiosk: how screens are served, and what they speak.
//!
//! Deliberately absent: what they show (`kiosk`).

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::people::PinRule;

/// How screens are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KioskSettings {
    /// Where.
    pub listen: SocketAddr,
    /// The files of the certificate and of its key; absent: no TLS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The file with what a screen is asked for once.
    pub secret_file: Option<PathBuf>,
    /// The file with what an administrator is asked for; absent: there is no such page.
    pub administrator_secret_file: Option<PathBuf>,
    /// Names under which screens come, beside localhost and addresses.
    pub host_names: Vec<String>,
    /// How long a session lasts after the last touch.
    pub session: Duration,
    /// Whether only the first letters of titles are shown.
    pub mask_titles: bool,
    /// What people call what they show.
    pub badge_word: BadgeWord,
    /// Whether screens sound.
    pub sound: bool,
    /// What people type.
    pub pin: PinRule,
    /// Whether an unknown badge may be registered by a code.
    pub registers: bool,
    /// What is spoken where nothing else is asked for.
    pub language: Language,
}

/// What people call what they show to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadgeWord {
    /// A badge.
    Badge,
    /// A card.
    Card,
}

/// A language of the kiosk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "a language is its name")]
pub enum Language {
    #[default]
    English,
    German,
    French,
    Spanish,
    Chinese,
    Russian,
}

impl Language {
    /// All of them, each with its code (BCP 47) and its own name.
    pub const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::English, "en", "English"),
        (Self::German, "de", "Deutsch"),
        (Self::French, "fr", "Français"),
        (Self::Spanish, "es", "Español"),
        (Self::Chinese, "zh", "中文"),
        (Self::Russian, "ru", "Русский"),
    ];

    /// Its code, such as `en`.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(one, ..)| *one == self).expect("the table has every language").1
    }

    /// The language of a code; its region does not count.
    pub fn from_code(code: &str) -> Option<Self> {
        let main = code.split(['-', '_']).next().unwrap_or(code);
        let found = Self::ALL.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(main));
        found.map(|(language, ..)| *language)
    }
}
