//! The settings that a person changes at a release, as commands write them.
//!
//! Deliberately absent: whether the printer can do them (`printer::ticket`).

use serde_json::Value;

use crate::model::{
    Alter, ConfigurationChange,
    configuration::{ColorMode, DuplexMode, PageRange, Quality},
};

/// Settings that a person changes at a release.
///
/// # Errors
///
/// A sentence that names the setting and what it may be.
pub fn read_change(set: &Value) -> Result<ConfigurationChange, String> {
    let mut change = ConfigurationChange::default();
    if set.is_null() {
        return Ok(change);
    }
    let set = set.as_object().ok_or("set: an object of settings")?;
    for (name, value) in set {
        let word = value.as_str().unwrap_or_default();
        match name.as_str() {
            "copies" => {
                let copies = value
                    .as_i64()
                    .and_then(|n| i32::try_from(n).ok())
                    .filter(|n| (1..=9_999).contains(n));
                change.copies = Alter::Set(copies.ok_or("copies: a number from 1 to 9999")?);
            }
            "color" => {
                change.color_mode =
                    Alter::Set(known(ColorMode::ALL, ColorMode::word, "color", word)?)
            }
            "sides" => {
                change.duplex_mode =
                    Alter::Set(known(DuplexMode::ALL, DuplexMode::word, "sides", word)?)
            }
            "quality" => {
                change.quality = Alter::Set(known(Quality::ALL, Quality::word, "quality", word)?)
            }
            "pages" => {
                let ranges = PageRange::read_list(word).ok_or("pages: ranges such as 2-5,8")?;
                change.page_ranges = Alter::Set(ranges);
            }
            "paper" if !word.is_empty() => change.media_size = Alter::Set(word.to_owned()),
            other => {
                return Err(format!(
                    "{other} is not a setting: copies, color, sides, quality, paper, pages"
                ));
            }
        }
    }
    Ok(change)
}

fn known<T: Clone>(
    all: &[T],
    word_of: fn(&T) -> &str,
    name: &str,
    word: &str,
) -> Result<T, String> {
    let words = || all.iter().map(word_of).collect::<Vec<_>>().join(", ");
    all.iter()
        .find(|one| word_of(one) == word)
        .cloned()
        .ok_or_else(|| format!("{name}: one of {}", words()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_read_or_are_named_with_their_words() {
        let change =
            read_change(&json!({"copies": 2, "color": "gray", "sides": "long-edge"})).unwrap();
        assert_eq!(change.copies, Alter::Set(2));
        assert_eq!(change.color_mode, Alter::Set(ColorMode::Grayscale));
        let error = read_change(&json!({"color": "sepia"})).unwrap_err();
        assert_eq!(error, "color: one of black-and-white, gray, color, auto");
        let pages = read_change(&json!({"pages": "2-5, 8"})).unwrap();
        let ranges = [PageRange { start: 2, end: 5 }, PageRange { start: 8, end: 8 }];
        assert_eq!(pages.page_ranges, Alter::Set(ranges.to_vec()));
        assert!(read_change(&json!({"pages": "5-2"})).is_err());
        assert!(read_change(&json!({"copies": 0})).is_err());
        assert!(read_change(&json!({"staple": true})).is_err());
    }
}
