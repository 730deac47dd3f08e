//! How a configuration and a change of it are kept in a record.
//!
//! Deliberately absent: Graph's spellings. A record keeps our words, so a change of the wire never touches it.

use serde::{Deserialize, Deserializer, Serialize};

use crate::model::configuration::{
    Alter, ColorMode, ConfigurationChange, DuplexMode, FeedOrientation, JobConfiguration, Margin,
    MultipageLayout, Orientation, PageRange, Quality, Scaling,
};

macro_rules! members {
    ($($name:ident: $record:ty, $write:expr, $read:expr;)*) => {
        #[derive(Serialize, Deserialize, Default)]
        #[serde(default)]
        pub(super) struct ConfigurationRecord {
            $(#[serde(skip_serializing_if = "Option::is_none")] $name: Option<$record>,)*
        }

        impl From<&JobConfiguration> for ConfigurationRecord {
            fn from(configuration: &JobConfiguration) -> Self {
                Self { $($name: configuration.$name.as_ref().map($write),)* }
            }
        }

        impl From<ConfigurationRecord> for JobConfiguration {
            fn from(record: ConfigurationRecord) -> Self {
                Self { $($name: record.$name.map($read),)* }
            }
        }

        /// An absent member keeps its value; `null` clears it.
        #[derive(Serialize, Deserialize, Default)]
        #[serde(default)]
        pub(super) struct ChangeRecord {
            $(
                #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
                $name: Option<Option<$record>>,
            )*
        }

        impl From<&ConfigurationChange> for ChangeRecord {
            fn from(change: &ConfigurationChange) -> Self {
                Self {
                    $($name: match &change.$name {
                        Alter::Keep => None,
                        Alter::Clear => Some(None),
                        Alter::Set(value) => Some(Some($write(value))),
                    },)*
                }
            }
        }

        impl From<ChangeRecord> for ConfigurationChange {
            fn from(record: ChangeRecord) -> Self {
                Self {
                    $($name: match record.$name {
                        None => Alter::Keep,
                        Some(None) => Alter::Clear,
                        Some(Some(value)) => Alter::Set($read(value)),
                    },)*
                }
            }
        }
    };
}

#[allow(clippy::option_option, reason = "absent, null and set are three things in a change")]
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

type Sides = [Option<i32>; 4];

fn write_margin(margin: &Margin) -> Sides {
    [margin.top, margin.bottom, margin.left, margin.right]
}

fn read_margin([top, bottom, left, right]: Sides) -> Margin {
    Margin { top, bottom, left, right }
}

#[allow(clippy::ptr_arg, reason = "it is used where a function of the member's type is wanted")]
fn write_ranges(ranges: &Vec<PageRange>) -> Vec<(i64, i64)> {
    ranges.iter().map(|range| (range.start, range.end)).collect()
}

fn read_ranges(ranges: Vec<(i64, i64)>) -> Vec<PageRange> {
    ranges.into_iter().map(|(start, end)| PageRange { start, end }).collect()
}

members! {
    collate: bool, |v: &bool| *v, |v| v;
    color_mode: String, |v: &ColorMode| v.word().to_owned(), |v: String| ColorMode::from_word(&v);
    copies: i32, |v: &i32| *v, |v| v;
    dpi: i32, |v: &i32| *v, |v| v;
    duplex_mode: String, |v: &DuplexMode| v.word().to_owned(), |v: String| DuplexMode::from_word(&v);
    feed_orientation: String, |v: &FeedOrientation| v.word().to_owned(), |v: String| FeedOrientation::from_word(&v);
    finishings: Vec<String>, |v: &Vec<String>| v.clone(), |v| v;
    fit_pdf_to_page: bool, |v: &bool| *v, |v| v;
    input_bin: String, |v: &String| v.clone(), |v| v;
    margin: Sides, write_margin, read_margin;
    media_size: String, |v: &String| v.clone(), |v| v;
    media_type: String, |v: &String| v.clone(), |v| v;
    multipage_layout: String, |v: &MultipageLayout| v.word().to_owned(), |v: String| MultipageLayout::from_word(&v);
    orientation: String, |v: &Orientation| v.word().to_owned(), |v: String| Orientation::from_word(&v);
    output_bin: String, |v: &String| v.clone(), |v| v;
    page_ranges: Vec<(i64, i64)>, write_ranges, read_ranges;
    pages_per_sheet: i32, |v: &i32| *v, |v| v;
    quality: String, |v: &Quality| v.word().to_owned(), |v: String| Quality::from_word(&v);
    scaling: String, |v: &Scaling| v.word().to_owned(), |v: String| Scaling::from_word(&v);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_reads_back_with_keep_clear_and_set_apart() {
        let change = ConfigurationChange {
            copies: Alter::Set(2),
            media_size: Alter::Clear,
            margin: Alter::Set(Margin { top: Some(0), ..Default::default() }),
            ..Default::default()
        };
        let text = serde_json::to_string(&ChangeRecord::from(&change)).unwrap();
        assert_eq!(text, r#"{"copies":2,"margin":[0,null,null,null],"media_size":null}"#);
        let back: ChangeRecord = serde_json::from_str(&text).unwrap();
        assert_eq!(ConfigurationChange::from(back), change);
    }
}
