//! Each setting as its attribute: sent as asked, sent otherwise and noted, or unmet.
//!
//! Deliberately absent: which settings there are to map (`ticket`).

use ipp::value::IppValue;

use super::{
    media::{self, MediaSize},
    ticket::{Ticket, Unmet},
};
use crate::model::{
    Capabilities, DocumentFormat, JobConfiguration,
    configuration::{ColorMode, DuplexMode, Orientation, PageRange, Quality},
};

impl Ticket {
    pub(super) fn copies(&mut self, copies: Option<i32>, can: &Capabilities) -> Result<(), Unmet> {
        let Some(copies) = copies else { return Ok(()) };
        let (least, most) = can.copies.unwrap_or((1, 1));
        if copies == 1 && can.copies.is_none() {
            return Ok(());
        }
        if copies < 1 || copies > most {
            return Err(Unmet { setting: "copies", asked: copies.to_string() });
        }
        self.send("copies", IppValue::Integer(copies.max(least)));
        Ok(())
    }

    pub(super) fn color(
        &mut self,
        mode: Option<&ColorMode>,
        can: &Capabilities,
    ) -> Result<(), Unmet> {
        let Some(mode) = mode else { return Ok(()) };
        let first_of = |words: &[&'static str]| {
            words.iter().copied().find(|word| can.color_modes.iter().any(|known| known == word))
        };
        let gray = ["monochrome", "auto-monochrome"];
        match mode {
            ColorMode::Color => match first_of(&["color", "auto"]) {
                Some(word) => self.keyword("print-color-mode", word),
                None => match first_of(&gray) {
                    Some(word) => {
                        self.keyword("print-color-mode", word);
                        self.note("color-mode", "color", "gray", "the printer has no color");
                    }
                    None => {
                        self.note("color-mode", "color", "", "the printer does not say what it can")
                    }
                },
            },
            ColorMode::Grayscale | ColorMode::BlackAndWhite => match first_of(&gray) {
                Some(word) => self.keyword("print-color-mode", word),
                None => {
                    return Err(Unmet { setting: "color-mode", asked: mode.word().to_owned() });
                }
            },
            ColorMode::Auto => match first_of(&["auto"]) {
                Some(word) => self.keyword("print-color-mode", word),
                None => self.note("color-mode", "auto", "", "the printer's default is used"),
            },
            ColorMode::Other(word) => self.note("color-mode", word, "", "unknown setting"),
        }
        Ok(())
    }

    pub(super) fn pages(
        &mut self,
        ranges: Option<&[PageRange]>,
        can: &Capabilities,
    ) -> Result<(), Unmet> {
        let Some(asked) = ranges.filter(|ranges| !ranges.is_empty()) else { return Ok(()) };
        let ranges = merge(asked);
        let words: Vec<String> =
            ranges.iter().map(|(start, end)| format!("{start}-{end}")).collect();
        let unmet = Unmet { setting: "page-ranges", asked: words.join(",") };
        if ranges.is_empty() || !can.page_ranges {
            return Err(unmet);
        }
        let values = ranges.into_iter().map(|(min, max)| IppValue::RangeOfInteger { min, max });
        self.send("page-ranges", IppValue::Array(values.collect()));
        Ok(())
    }

    pub(super) fn media(&mut self, name: Option<&str>, can: &Capabilities) -> Result<(), Unmet> {
        let Some(name) = name else { return Ok(()) };
        let unmet = || Unmet { setting: "media-size", asked: name.to_owned() };
        let sizes = media::sizes_of(name);
        let way = |size: &MediaSize| way_of(size, can).map(|way| (way, size.clone()));
        // A printer that lets us say the size exactly is told so, whatever it calls it.
        let ways: Vec<_> = sizes.iter().filter_map(way).collect();
        let exact = ways.iter().find(|(way, _)| *way == MediaWay::Size);
        match exact.or_else(|| ways.first()) {
            Some((MediaWay::Size, size)) => self.send("media-col", media_col(size)),
            Some((MediaWay::Name, size)) => self.keyword("media", &size.name),
            None => return Err(unmet()),
        }
        Ok(())
    }

    pub(super) fn sides(&mut self, mode: Option<&DuplexMode>, can: &Capabilities) {
        let word = match mode {
            None => return,
            Some(DuplexMode::OneSided) => "one-sided",
            Some(DuplexMode::LongEdge) => "two-sided-long-edge",
            Some(DuplexMode::ShortEdge) => "two-sided-short-edge",
            Some(DuplexMode::Other(word)) => {
                return self.note("duplex-mode", word, "", "unknown setting");
            }
        };
        if can.sides.iter().any(|known| known == word) {
            self.keyword("sides", word);
        } else if word != "one-sided" {
            let can_one = can.sides.iter().any(|known| known == "one-sided");
            let sent = if can_one { "one-sided" } else { "" };
            if can_one {
                self.keyword("sides", sent);
            }
            self.note("duplex-mode", word, sent, "the printer does not print both sides so");
        }
    }

    pub(super) fn collate(&mut self, wanted: &JobConfiguration, can: &Capabilities) {
        let Some(collate) = wanted.collate else { return };
        let (handling, sheets) = if collate {
            ("separate-documents-collated-copies", "collated")
        } else {
            ("separate-documents-uncollated-copies", "uncollated")
        };
        if can.document_handling.iter().any(|known| known == handling) {
            self.keyword("multiple-document-handling", handling);
        } else if can.sheet_collate.iter().any(|known| known == sheets) {
            self.keyword("sheet-collate", sheets);
        } else if wanted.copies.is_some_and(|copies| copies > 1) {
            self.note("collate", &collate.to_string(), "", "the printer does not let us choose");
        }
    }

    pub(super) fn quality(&mut self, quality: Option<&Quality>, can: &Capabilities) {
        let Some(quality) = quality else { return };
        let number = match quality {
            Quality::Low => 3,
            Quality::Medium => 4,
            Quality::High => 5,
            Quality::Other(word) => return self.note("quality", word, "", "unknown setting"),
        };
        if can.qualities.contains(&number) {
            self.send("print-quality", IppValue::Enum(number));
        } else {
            self.note("quality", quality.word(), "", "the printer does not have it");
        }
    }

    /// A PDF says itself how its pages lie, and many printers turn it once too often.
    pub(super) fn orientation(
        &mut self,
        orientation: Option<&Orientation>,
        can: &Capabilities,
        format: &DocumentFormat,
    ) {
        let Some(orientation) = orientation else { return };
        let number = match orientation {
            Orientation::Portrait => 3,
            Orientation::Landscape => 4,
            Orientation::ReverseLandscape => 5,
            Orientation::ReversePortrait => 6,
            Orientation::Other(word) => {
                return self.note("orientation", word, "", "unknown setting");
            }
        };
        if *format == DocumentFormat::Pdf {
            self.note(
                "orientation",
                orientation.word(),
                "",
                "the pages of a PDF say it themselves",
            );
        } else if can.orientations.contains(&number) {
            self.send("orientation-requested", IppValue::Enum(number));
        } else {
            self.note("orientation", orientation.word(), "", "the printer does not have it");
        }
    }

    /// Settings that are not mapped yet are said, not dropped in silence. A default asks for nothing.
    pub(super) fn not_yet(&mut self, wanted: &JobConfiguration) {
        let text = |value: &Option<String>| value.clone();
        let finishings =
            wanted.finishings.as_ref().filter(|list| list.iter().any(|one| one != "none"));
        let rows = [
            ("dpi", wanted.dpi.map(|dpi| dpi.to_string())),
            (
                "feed-orientation",
                wanted.feed_orientation.as_ref().map(|value| value.word().to_owned()),
            ),
            ("finishings", finishings.map(|list| list.join(","))),
            (
                "fit-pdf-to-page",
                wanted.fit_pdf_to_page.filter(|fit| *fit).map(|fit| fit.to_string()),
            ),
            ("input-bin", text(&wanted.input_bin)),
            ("margin", wanted.margin.map(|_| "set".to_owned())),
            ("media-type", text(&wanted.media_type)),
            (
                "multipage-layout",
                wanted.multipage_layout.as_ref().map(|value| value.word().to_owned()),
            ),
            ("output-bin", text(&wanted.output_bin)),
            ("pages-per-sheet", wanted.pages_per_sheet.filter(|n| *n > 1).map(|n| n.to_string())),
            ("scaling", wanted.scaling.as_ref().map(|value| value.word().to_owned())),
        ];
        for (setting, asked) in rows {
            if let Some(asked) = asked {
                self.note(setting, &asked, "", "pullprint does not send this setting yet");
            }
        }
    }
}

/// How a paper is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaWay {
    /// By its dimensions, in a "media-col".
    Size,
    /// By its PWG name, as "media".
    Name,
}

/// How a printer can be asked for a paper; nothing if it does not have it.
pub(super) fn way_of(size: &MediaSize, can: &Capabilities) -> Option<MediaWay> {
    let has_col = can.media_col_members.iter().any(|member| member == "media-size");
    if has_col && has_size(can, size) {
        Some(MediaWay::Size)
    } else {
        can.media.contains(&size.name).then_some(MediaWay::Name)
    }
}

fn has_size(can: &Capabilities, size: &MediaSize) -> bool {
    let fits = |(least, most): (i32, i32), side: i32| {
        (least..=most).contains(&side) || media::close(least, side) || media::close(most, side)
    };
    can.media_sizes.iter().any(|known| fits(known.x, size.size.0) && fits(known.y, size.size.1))
}

/// IPP "media-col" with its "media-size" (PWG 5100.7).
fn media_col(size: &MediaSize) -> IppValue {
    let member = |name: &str| name.try_into().expect("our member names are short");
    let dimensions = [
        (member("x-dimension"), IppValue::Integer(size.size.0)),
        (member("y-dimension"), IppValue::Integer(size.size.1)),
    ];
    let media_size = IppValue::Collection(dimensions.into_iter().collect());
    IppValue::Collection([(member("media-size"), media_size)].into_iter().collect())
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
