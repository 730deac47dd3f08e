//! What a queue offers people to choose from, and what they get unless they choose.
//!
//! Only settings that a release can honor are in it. Trays are not: a queue with several printers has none of its own.
//! Deliberately absent: how several printers become one offer (`policy`), and both spellings of it (the edges).

use super::configuration::{ColorMode, DuplexMode, Quality};

/// What can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// MIME types of documents.
    pub formats: Vec<String>,
    /// One side or both.
    pub sides: Vec<DuplexMode>,
    /// Color or not.
    pub colors: Vec<ColorMode>,
    /// How fine.
    pub qualities: Vec<Quality>,
    /// Paper sizes under the cloud's names.
    pub papers: Vec<String>,
    /// How many copies at the most.
    pub most_copies: i32,
    /// Whether pages can be picked.
    pub page_ranges: bool,
    /// What people get who choose nothing.
    pub defaults: OfferDefaults,
}

/// What people get who choose nothing: the cheapest policy there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferDefaults {
    /// One side or both.
    pub sides: Option<DuplexMode>,
    /// Color or not.
    pub color: Option<ColorMode>,
    /// The paper, under the cloud's name.
    pub paper: Option<String>,
}

/// How the offers of several printers become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OfferRule {
    /// What any of them can do. What the printer at hand can not do is substituted or refused at its release.
    #[default]
    Union,
    /// What all of them can do.
    Intersection,
}
