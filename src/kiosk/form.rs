//! The form of a job's settings: what a printer can do of it, and what a person chose.
//!
//! It promises: nothing is offered that the station's first printer can not do or that the queue forbids; what is not
//! touched stays as it was sent. Deliberately absent: markup.

use serde::Deserialize;

use super::desk::{JobView, PrinterView};
use crate::model::{
    Alter, ConfigurationChange, JobConfiguration,
    configuration::{ColorMode, DuplexMode, PageRange},
};

/// No document has more pages.
const MOST_PAGES: i64 = 99_999;

/// What the page of a job offers.
pub(super) struct Choices {
    pub(super) copies: i32,
    /// What is chosen now, where there is a choice: `color`, `gray`, or nothing for the printer's own.
    pub(super) color: Option<&'static str>,
    /// The same: `one-sided`, the word of `both`, or nothing.
    pub(super) sides: Option<String>,
    /// Which of the two ways of both sides is meant.
    pub(super) both: String,
    /// Whether the job was sent with pages chosen.
    pub(super) some_pages: bool,
}

impl Choices {
    pub(super) fn new(job: &JobView, printer: &PrinterView) -> Self {
        let JobConfiguration { copies, color_mode, duplex_mode, page_ranges, .. } =
            &job.configuration;
        let color = match color_mode {
            Some(mode) if mode.is_gray() => "gray",
            Some(ColorMode::Color) => "color",
            _ => "",
        };
        let both = duplex_mode.as_ref().filter(|mode| **mode == DuplexMode::ShortEdge);
        let sides = duplex_mode.as_ref().map_or("", DuplexMode::word);
        Self {
            copies: copies.unwrap_or(1),
            color: (printer.color && !job.stays_gray).then_some(color),
            sides: printer.both_sides.then(|| sides.to_owned()),
            both: both.unwrap_or(&DuplexMode::LongEdge).word().to_owned(),
            some_pages: page_ranges.as_ref().is_some_and(|ranges| !ranges.is_empty()),
        }
    }
}

/// What a person chose on that page.
#[derive(Deserialize)]
pub(super) struct SettingsForm {
    pub(super) version: u64,
    pub(super) printer: Option<String>,
    #[serde(default)]
    pub(super) reprint: String,
    copies: Option<i32>,
    #[serde(default)]
    color: String,
    #[serde(default)]
    sides: String,
    #[serde(default)]
    pages: String,
    from: Option<i64>,
    to: Option<i64>,
}

impl SettingsForm {
    /// The change of a job's settings; nothing where a number is none of ours.
    pub(super) fn change(&self, now: &JobConfiguration) -> Option<ConfigurationChange> {
        let copies = self.copies.or(now.copies).unwrap_or(1);
        let range = PageRange { start: self.from.unwrap_or(1), end: self.to.unwrap_or(1) };
        let some_pages = self.pages == "some";
        if !(1..=9_999).contains(&copies)
            || !is_known(&self.color, &self.sides)
            || some_pages
                && !(1 <= range.start && range.start <= range.end && range.end <= MOST_PAGES)
        {
            return None;
        }
        let change = ConfigurationChange {
            copies: Alter::Set(copies),
            color_mode: chosen(&self.color, ColorMode::from_word),
            duplex_mode: chosen(&self.sides, DuplexMode::from_word),
            page_ranges: if some_pages { Alter::Set(vec![range]) } else { Alter::Keep },
            ..ConfigurationChange::default()
        };
        // One copy is what a job without a number of copies is; gray is gray, however it is called.
        let one = copies == 1 && now.copies.is_none();
        let gray = self.color == "gray" && now.color_mode == Some(ColorMode::BlackAndWhite);
        Some(
            ConfigurationChange {
                copies: if one { Alter::Keep } else { change.copies.clone() },
                color_mode: if gray { Alter::Keep } else { change.color_mode.clone() },
                ..change
            }
            .without(now),
        )
    }
}

fn chosen<T>(word: &str, read: fn(&str) -> T) -> Alter<T> {
    if word.is_empty() { Alter::Keep } else { Alter::Set(read(word)) }
}

/// Whether a word is one of a page's.
fn is_known(color: &str, sides: &str) -> bool {
    ["", "color", "gray"].contains(&color)
        && ["", "one-sided", "long-edge", "short-edge"].contains(&sides)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> SettingsForm {
        SettingsForm {
            version: 1,
            printer: None,
            reprint: String::new(),
            copies: Some(1),
            color: String::new(),
            sides: String::new(),
            pages: String::new(),
            from: Some(2),
            to: Some(5),
        }
    }

    #[test]
    fn what_is_not_touched_changes_nothing() {
        let empty = ConfigurationChange::default();
        assert_eq!(form().change(&JobConfiguration::default()), Some(empty.clone()));
        let black =
            JobConfiguration { color_mode: Some(ColorMode::BlackAndWhite), ..Default::default() };
        let gray = SettingsForm { color: "gray".into(), ..form() };
        assert_eq!(gray.change(&black), Some(empty));
    }

    #[test]
    fn what_is_chosen_is_changed_and_nonsense_is_not_taken() {
        let now = JobConfiguration { copies: Some(3), ..Default::default() };
        let chosen = SettingsForm {
            color: "gray".into(),
            sides: "long-edge".into(),
            pages: "some".into(),
            ..form()
        };
        let change = chosen.change(&now).unwrap();
        assert_eq!(change.copies, Alter::Set(1));
        assert_eq!(change.color_mode, Alter::Set(ColorMode::Grayscale));
        assert_eq!(change.duplex_mode, Alter::Set(DuplexMode::LongEdge));
        assert_eq!(change.page_ranges, Alter::Set(vec![PageRange { start: 2, end: 5 }]));
        for bad in [
            SettingsForm { copies: Some(0), ..form() },
            SettingsForm { color: "sepia".into(), ..form() },
            SettingsForm { pages: "some".into(), to: Some(i64::MAX), ..form() },
            SettingsForm { pages: "some".into(), from: Some(5), to: Some(2), ..form() },
        ] {
            assert_eq!(bad.change(&now), None);
        }
    }
}
