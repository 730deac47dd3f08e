//! The settings that commands take, once for all of them.

use clap::{Args, builder::PossibleValuesParser};
use serde_json::{Map, Value};

use crate::model::configuration::{ColorMode, DuplexMode, Quality};

/// Settings to change.
#[derive(Debug, Args)]
pub(super) struct Change {
    /// How many copies
    #[arg(long)]
    copies: Option<i32>,
    /// What color
    #[arg(long, value_parser = words(ColorMode::ALL, ColorMode::word))]
    color: Option<String>,
    /// Which sides
    #[arg(long, value_parser = words(DuplexMode::ALL, DuplexMode::word))]
    sides: Option<String>,
    /// How good
    #[arg(long, value_parser = words(Quality::ALL, Quality::word))]
    quality: Option<String>,
    /// The paper's name, such as A4
    #[arg(long)]
    paper: Option<String>,
    /// The pages, such as 2-5,8
    #[arg(long)]
    pages: Option<String>,
}

/// The words that a setting has.
fn words<T>(all: &'static [T], word: fn(&'static T) -> &'static str) -> PossibleValuesParser {
    all.iter().map(word).collect::<Vec<_>>().into()
}

impl Change {
    /// Those that were given, as the daemon reads them.
    pub(super) fn as_set(&self) -> Value {
        let mut set = Map::new();
        if let Some(copies) = self.copies {
            set.insert("copies".to_owned(), copies.into());
        }
        let words = [
            ("color", &self.color),
            ("sides", &self.sides),
            ("quality", &self.quality),
            ("paper", &self.paper),
            ("pages", &self.pages),
        ];
        for (name, word) in words {
            if let Some(word) = word {
                set.insert(name.to_owned(), word.as_str().into());
            }
        }
        Value::Object(set)
    }
}
