//! The settings that commands take, once for all of them.

use clap::Args;
use serde_json::{Map, Value};

/// Settings to change.
#[derive(Debug, Args)]
pub(super) struct Change {
    /// How many copies
    #[arg(long)]
    copies: Option<i32>,
    /// color, gray, black-and-white or auto
    #[arg(long)]
    color: Option<String>,
    /// one-sided, long-edge or short-edge
    #[arg(long)]
    sides: Option<String>,
    /// low, medium or high
    #[arg(long)]
    quality: Option<String>,
    /// The paper's name, such as A4
    #[arg(long)]
    paper: Option<String>,
    /// The pages, such as 2-5,8
    #[arg(long)]
    pages: Option<String>,
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
