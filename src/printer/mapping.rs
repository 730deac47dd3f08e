//! Each setting as its attribute: sent as asked, or sent otherwise or left out and noted.
//!
//! Deliberately absent: paper (`column`), staples and holes (`finishing`), and which settings there are (`ticket`).

use ipp::value::IppValue;

use super::{message::keyword_or_name, plan::pages_at_printer, ticket::Ticket};
use crate::model::{
    Capabilities, JobConfiguration,
    capabilities::Resolution,
    configuration::{
        ColorMode, DuplexMode, FeedOrientation, MultipageLayout, Orientation, PageRange, Quality,
        Scaling,
    },
};

const UNKNOWN: &str = "unknown setting";
const MISSING: &str = "the printer does not have it";

/// IPP "print-scaling" (PWG 5100.13).
pub(super) const SCALINGS: &[(Scaling, &str)] = &[
    (Scaling::Auto, "auto"),
    (Scaling::ShrinkToFit, "auto-fit"),
    (Scaling::Fill, "fill"),
    (Scaling::Fit, "fit"),
    (Scaling::None, "none"),
];

/// IPP "presentation-direction-number-up" (PWG 5100.3): the corner of the first page, and which way the pages run.
pub(super) const LAYOUTS: &[(MultipageLayout, &str)] = &[
    (MultipageLayout::ClockwiseFromTopLeft, "toright-tobottom"),
    (MultipageLayout::CounterclockwiseFromTopLeft, "tobottom-toright"),
    (MultipageLayout::CounterclockwiseFromTopRight, "toleft-tobottom"),
    (MultipageLayout::ClockwiseFromTopRight, "tobottom-toleft"),
    (MultipageLayout::CounterclockwiseFromBottomLeft, "toright-totop"),
    (MultipageLayout::ClockwiseFromBottomLeft, "totop-toright"),
    (MultipageLayout::CounterclockwiseFromBottomRight, "totop-toleft"),
    (MultipageLayout::ClockwiseFromBottomRight, "toleft-totop"),
];

/// IPP "feed-orientation" (PWG 5100.11).
pub(super) const FEEDS: &[(FeedOrientation, &str)] = &[
    (FeedOrientation::LongEdgeFirst, "long-edge-first"),
    (FeedOrientation::ShortEdgeFirst, "short-edge-first"),
];

/// IPP "sides".
pub(super) const SIDES: &[(DuplexMode, &str)] = &[
    (DuplexMode::OneSided, "one-sided"),
    (DuplexMode::LongEdge, "two-sided-long-edge"),
    (DuplexMode::ShortEdge, "two-sided-short-edge"),
];

/// IPP "print-quality".
pub(super) const QUALITIES: &[(Quality, i32)] =
    &[(Quality::Low, 3), (Quality::Medium, 4), (Quality::High, 5)];

/// IPP "orientation-requested".
pub(super) const ORIENTATIONS: &[(Orientation, i32)] = &[
    (Orientation::Portrait, 3),
    (Orientation::Landscape, 4),
    (Orientation::ReverseLandscape, 5),
    (Orientation::ReversePortrait, 6),
];

/// IPP's value of a choice; nothing for a word that we do not know.
pub(super) fn of<T: PartialEq, V: Copy>(table: &[(T, V)], choice: &T) -> Option<V> {
    table.iter().find(|(known, _)| known == choice).map(|(_, value)| *value)
}

pub(super) fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|known| known == word)
}

/// The printer's own spelling of a word, whatever its case, blanks and hyphens.
pub(super) fn spelled<'a>(list: &'a [String], asked: &str) -> Option<&'a str> {
    let bare = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    };
    let exact = list.iter().find(|known| *known == asked);
    exact.or_else(|| list.iter().find(|known| bare(known) == bare(asked))).map(String::as_str)
}

impl Ticket {
    /// The copies that the printer makes.
    pub(super) fn copies(&mut self, copies: Option<i32>, can: &Capabilities) {
        if let (Some(copies), Some((least, most))) = (copies, can.copies)
            && copies <= most
        {
            self.send("copies", IppValue::Integer(copies.max(least)));
        }
    }

    pub(super) fn color(
        &mut self,
        mode: Option<&ColorMode>,
        gray_word: Option<&str>,
        can: &Capabilities,
    ) {
        let Some(mode) = mode else { return };
        let first_of =
            |words: &[&'static str]| words.iter().copied().find(|word| has(&can.color_modes, word));
        match mode {
            ColorMode::Color => match first_of(&["color", "auto"]) {
                Some(word) => self.keyword("print-color-mode", word),
                None => match first_of(&["monochrome", "auto-monochrome"]) {
                    Some(word) => {
                        self.keyword("print-color-mode", word);
                        self.note("color-mode", "color", "gray", "the printer has no color");
                    }
                    None => {
                        self.note("color-mode", "color", "", "the printer does not say what it can")
                    }
                },
            },
            // Without a word for gray it was settled in the plan.
            ColorMode::Grayscale | ColorMode::BlackAndWhite => {
                if let Some(word) = gray_word {
                    self.keyword("print-color-mode", word);
                }
            }
            ColorMode::Auto => match first_of(&["auto"]) {
                Some(word) => self.keyword("print-color-mode", word),
                None => self.note("color-mode", "auto", "", "the printer's default is used"),
            },
            ColorMode::Other(word) => self.note("color-mode", word, "", UNKNOWN),
        }
    }

    /// The pages that the printer picks: none where the document has them alone.
    pub(super) fn pages(&mut self, ranges: Option<&[PageRange]>, can: &Capabilities) {
        let ranges = merge(ranges.unwrap_or_default());
        let ours = self.work.drawing.is_some() || !self.work.pages.is_empty();
        if ranges.is_empty() || ours || !pages_at_printer(&ranges, can) {
            return;
        }
        let values = ranges.into_iter().map(|(min, max)| IppValue::RangeOfInteger { min, max });
        self.send("page-ranges", IppValue::Array(values.collect()));
    }

    pub(super) fn sides(&mut self, mode: Option<&DuplexMode>, can: &Capabilities) {
        let Some(mode) = mode else { return };
        let Some(word) = of(SIDES, mode) else {
            return self.note("duplex-mode", mode.word(), "", UNKNOWN);
        };
        if has(&can.sides, word) {
            self.keyword("sides", word);
        } else if word != "one-sided" {
            let sent = if has(&can.sides, "one-sided") { "one-sided" } else { "" };
            if !sent.is_empty() {
                self.keyword("sides", sent);
            }
            self.note("duplex-mode", word, sent, "the printer does not print both sides so");
        }
    }

    pub(super) fn collate(&mut self, wanted: &JobConfiguration, can: &Capabilities) {
        let Some(collate) = wanted.collate else { return };
        if self.work.copies > 1 {
            if !collate {
                self.note("collate", "false", "true", "the copies follow each other");
            }
            return;
        }
        let (handling, sheets) = if collate {
            ("separate-documents-collated-copies", "collated")
        } else {
            ("separate-documents-uncollated-copies", "uncollated")
        };
        if has(&can.document_handling, handling) {
            self.keyword("multiple-document-handling", handling);
        } else if has(&can.sheet_collate, sheets) {
            self.keyword("sheet-collate", sheets);
        } else if wanted.copies.is_some_and(|copies| copies > 1) {
            self.note("collate", &collate.to_string(), "", "the printer does not let us choose");
        }
    }

    pub(super) fn quality(&mut self, quality: Option<&Quality>, can: &Capabilities) {
        let Some(quality) = quality else { return };
        match of(QUALITIES, quality) {
            None => self.note("quality", quality.word(), "", UNKNOWN),
            Some(number) if can.qualities.contains(&number) => {
                self.send("print-quality", IppValue::Enum(number))
            }
            Some(_) => self.note("quality", quality.word(), "", MISSING),
        }
    }

    /// The resolution that was asked, or the nearest below it.
    pub(super) fn resolution(&mut self, dpi: Option<i32>, can: &Capabilities) {
        let Some(dpi) = dpi else { return };
        let fits = |one: &&Resolution| one.cross_feed <= dpi && one.feed <= dpi;
        let nearest =
            can.resolutions.iter().filter(fits).max_by_key(|one| (one.feed, one.cross_feed));
        let asked = dpi.to_string();
        let Some(Resolution { cross_feed, feed }) = nearest.copied() else {
            return self.note("dpi", &asked, "", MISSING);
        };
        self.send("printer-resolution", IppValue::Resolution { cross_feed, feed, units: 3 });
        if (cross_feed, feed) != (dpi, dpi) {
            self.note("dpi", &asked, &format!("{cross_feed}x{feed}"), "the nearest below it");
        }
    }

    /// A PDF says itself how its pages lie, and many printers turn it once too often.
    pub(super) fn orientation(&mut self, orientation: Option<&Orientation>, can: &Capabilities) {
        let Some(orientation) = orientation else { return };
        let word = orientation.word();
        match of(ORIENTATIONS, orientation) {
            None => self.note("orientation", word, "", UNKNOWN),
            Some(_) if self.work.sent == crate::model::DocumentFormat::Pdf => {
                self.note("orientation", word, "", "the pages of a PDF say it themselves")
            }
            Some(number) if can.orientations.contains(&number) => {
                self.send("orientation-requested", IppValue::Enum(number))
            }
            Some(_) => self.note("orientation", word, "", MISSING),
        }
    }

    pub(super) fn feed_orientation(&mut self, feed: Option<&FeedOrientation>, can: &Capabilities) {
        let Some(feed) = feed else { return };
        match of(FEEDS, feed) {
            None => self.note("feed-orientation", feed.word(), "", UNKNOWN),
            Some(word) if has(&can.feed_orientations, word) => {
                self.keyword("feed-orientation", word)
            }
            Some(_) => self.note("feed-orientation", feed.word(), "", MISSING),
        }
    }

    pub(super) fn output_bin(&mut self, bin: Option<&str>, can: &Capabilities) {
        let Some(bin) = bin else { return };
        match spelled(&can.output_bins, bin) {
            Some(word) => self.send("output-bin", keyword_or_name(word)),
            None if bin.eq_ignore_ascii_case("auto") => {}
            None => self.note("output-bin", bin, "", MISSING),
        }
    }

    /// How a page is fitted to the sheet. Where both settings are given, `scaling` wins.
    pub(super) fn scaling(&mut self, wanted: &JobConfiguration, can: &Capabilities) {
        let fit = wanted.fit_pdf_to_page == Some(true)
            && self.work.sent == crate::model::DocumentFormat::Pdf;
        let (setting, asked, word) = match &wanted.scaling {
            Some(scaling) => ("scaling", scaling.word(), of(SCALINGS, scaling)),
            None if fit => ("fit-pdf-to-page", "true", Some("fit")),
            None => return,
        };
        match word {
            None => self.note(setting, asked, "", UNKNOWN),
            Some(word) if has(&can.scalings, word) && self.sent("print-scaling").is_none() => {
                self.keyword("print-scaling", word)
            }
            Some(_) => self.note(setting, asked, "", MISSING),
        }
    }

    /// Several pages on a side, and which way they run. One page on a side asks for nothing.
    pub(super) fn number_up(&mut self, wanted: &JobConfiguration, can: &Capabilities) {
        let Some(number) = wanted.pages_per_sheet.filter(|number| *number != 1) else { return };
        let known = |(least, most): &(i32, i32)| (*least..=*most).contains(&number);
        if !can.numbers_up.iter().any(known) {
            return self.note("pages-per-sheet", &number.to_string(), "1", MISSING);
        }
        self.send("number-up", IppValue::Integer(number));
        let Some(layout) = &wanted.multipage_layout else { return };
        match of(LAYOUTS, layout) {
            None => self.note("multipage-layout", layout.word(), "", UNKNOWN),
            Some(word) if has(&can.layouts, word) => {
                self.keyword("presentation-direction-number-up", word)
            }
            Some(_) => self.note("multipage-layout", layout.word(), "", MISSING),
        }
    }
}

/// Ranges as IPP wants them: from 1, ascending, apart from each other (RFC 8011 section 5.2.7).
pub(super) fn merge(ranges: &[PageRange]) -> Vec<(i32, i32)> {
    let page = |number: i64| i32::try_from(number.max(1)).unwrap_or(i32::MAX);
    let mut sorted: Vec<(i32, i32)> = ranges
        .iter()
        .filter(|range| range.end >= range.start && range.end >= 1)
        .map(|range| (page(range.start), page(range.end)))
        .collect();
    sorted.sort_unstable();
    let mut merged: Vec<(i32, i32)> = Vec::new();
    for (start, end) in sorted {
        match merged.last_mut() {
            Some((_, last)) if start <= last.saturating_add(1) => *last = end.max(*last),
            _ => merged.push((start, end)),
        }
    }
    merged
}
