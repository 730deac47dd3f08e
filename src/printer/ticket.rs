//! The ticket: a configuration as IPP Job Template attributes, filtered by what the printer can do.
//!
//! It promises: each setting is sent as asked, or the difference is a [`Substitution`], or, for what must never be
//! dropped in silence (copies, pages, gray, paper size), the ticket is [`Unmet`].
//! Deliberately absent: finishings, trays, margins, resolution, number-up and scaling. They are recorded as not sent.

use ipp::{attribute::IppAttribute, value::IppValue};

use super::media::{self, MediaSize};
use crate::model::{
    Capabilities, DocumentFormat, JobConfiguration, Substitution,
    configuration::{ColorMode, DuplexMode, Orientation, PageRange, Quality},
};

/// The attributes to send, and what is not as asked.
#[derive(Clone, Debug, Default)]
pub struct Ticket {
    /// Job Template attributes, RFC 8011 section 5.2 and PWG 5100 extensions.
    pub attributes: Vec<IppAttribute>,
    /// What is not printed as asked.
    pub substitutions: Vec<Substitution>,
}

/// A setting that may not be dropped and that the printer can not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// The setting, by our name.
    pub setting: &'static str,
    /// What was asked.
    pub asked: String,
}

impl std::fmt::Display for Unmet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.setting, self.asked)
    }
}

/// The ticket of a configuration for a printer.
///
/// # Errors
///
/// [`Unmet`] names the first setting that the printer can not do and that must not be dropped.
pub fn ticket(
    wanted: &JobConfiguration,
    can: &Capabilities,
    format: &DocumentFormat,
) -> Result<Ticket, Unmet> {
    let mut ticket = Ticket::default();
    ticket.copies(wanted.copies, can)?;
    ticket.color(wanted.color_mode.as_ref(), can)?;
    ticket.pages(wanted.page_ranges.as_deref(), can)?;
    ticket.media(wanted.media_size.as_deref(), can)?;
    ticket.sides(wanted.duplex_mode.as_ref(), can);
    ticket.collate(wanted, can);
    ticket.quality(wanted.quality.as_ref(), can);
    ticket.orientation(wanted.orientation.as_ref(), can, format);
    ticket.not_yet(wanted);
    Ok(ticket)
}

/// The setting of ours that an attribute carries, and whether it may be dropped.
pub(super) fn setting_of(attribute: &str) -> Option<(&'static str, bool)> {
    Some(match attribute {
        "copies" => ("copies", false),
        "print-color-mode" => ("color-mode", false),
        "page-ranges" => ("page-ranges", false),
        "media" | "media-col" => ("media-size", false),
        "sides" => ("duplex-mode", true),
        "multiple-document-handling" | "sheet-collate" => ("collate", true),
        "print-quality" => ("quality", true),
        "orientation-requested" => ("orientation", true),
        _ => return None,
    })
}

impl Ticket {
    fn send(&mut self, name: &str, value: IppValue) {
        let attribute =
            IppAttribute::with_name(name, value).expect("our attribute names are short");
        self.attributes.push(attribute);
    }

    fn keyword(&mut self, name: &str, word: &str) {
        let value = IppValue::new_keyword(word).expect("our keywords are short");
        self.send(name, value);
    }

    fn note(&mut self, setting: &str, asked: &str, sent: &str, why: &str) {
        self.substitutions.push(Substitution {
            setting: setting.to_owned(),
            asked: asked.to_owned(),
            sent: sent.to_owned(),
            why: why.to_owned(),
        });
    }

    /// The printer named an attribute unsupported: it is dropped, if that is allowed.
    pub(super) fn drop_unsupported(&mut self, attribute: &str) -> Result<bool, Unmet> {
        let Some(at) = self.attributes.iter().position(|sent| sent.name().as_str() == attribute)
        else {
            return Ok(false);
        };
        let asked = self.attributes[at].value().to_string();
        match setting_of(attribute) {
            Some((setting, false)) => return Err(Unmet { setting, asked }),
            Some((setting, true)) => self.note(setting, &asked, "", "the printer refused it"),
            None => self.note(attribute, &asked, "", "the printer refused it"),
        }
        self.attributes.remove(at);
        Ok(true)
    }

    fn copies(&mut self, copies: Option<i32>, can: &Capabilities) -> Result<(), Unmet> {
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

    fn color(&mut self, mode: Option<&ColorMode>, can: &Capabilities) -> Result<(), Unmet> {
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

    fn pages(&mut self, ranges: Option<&[PageRange]>, can: &Capabilities) -> Result<(), Unmet> {
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

    fn media(&mut self, name: Option<&str>, can: &Capabilities) -> Result<(), Unmet> {
        let Some(name) = name else { return Ok(()) };
        let unmet = || Unmet { setting: "media-size", asked: name.to_owned() };
        let sizes = media::sizes_of(name);
        let by_size = sizes.iter().find(|size| has_size(can, size));
        let by_name = sizes.iter().find(|size| can.media.contains(&size.name));
        let has_col = can.media_col_members.iter().any(|member| member == "media-size");
        match (by_size, by_name) {
            (Some(size), _) if has_col => self.send("media-col", media_col(size)),
            (_, Some(size)) => self.keyword("media", &size.name),
            _ => return Err(unmet()),
        }
        Ok(())
    }

    fn sides(&mut self, mode: Option<&DuplexMode>, can: &Capabilities) {
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
            if can.sides.iter().any(|known| known == "one-sided") {
                self.keyword("sides", "one-sided");
            }
            self.note("duplex-mode", word, "one-sided", "the printer does not print both sides so");
        }
    }

    fn collate(&mut self, wanted: &JobConfiguration, can: &Capabilities) {
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

    fn quality(&mut self, quality: Option<&Quality>, can: &Capabilities) {
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
    fn orientation(
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
    fn not_yet(&mut self, wanted: &JobConfiguration) {
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
fn merge(ranges: &[PageRange]) -> Vec<(i32, i32)> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::printer::SupportedSize;

    fn printer() -> Capabilities {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        Capabilities {
            copies: Some((1, 99)),
            sides: words(&["one-sided", "two-sided-long-edge"]),
            color_modes: words(&["color", "monochrome"]),
            qualities: vec![4, 5],
            page_ranges: true,
            document_handling: words(&["separate-documents-collated-copies"]),
            media: words(&["iso_a4_210x297mm"]),
            media_col_members: words(&["media-size"]),
            media_sizes: vec![SupportedSize { x: (21_000, 21_000), y: (29_700, 29_700) }],
            ..Capabilities::default()
        }
    }

    #[track_caller]
    fn check(wanted: &JobConfiguration, can: &Capabilities, expect: &str) {
        let text = match ticket(wanted, can, &DocumentFormat::Pdf) {
            Err(unmet) => format!("unmet {unmet}"),
            Ok(ticket) => {
                let sent = ticket
                    .attributes
                    .iter()
                    .map(|sent| format!("{}={}", sent.name(), sent.value()));
                let noted = ticket
                    .substitutions
                    .iter()
                    .map(|s| format!("{}:{}->{}", s.setting, s.asked, s.sent));
                sent.chain(noted).collect::<Vec<_>>().join(" ")
            }
        };
        assert_eq!(text, expect);
    }

    fn asked() -> JobConfiguration {
        JobConfiguration::default()
    }

    #[test]
    fn a_setting_is_sent_as_asked_where_the_printer_can() {
        check(&JobConfiguration { copies: Some(2), ..asked() }, &printer(), "copies=2");
        let gray = JobConfiguration { color_mode: Some(ColorMode::Grayscale), ..asked() };
        check(&gray, &printer(), "print-color-mode=monochrome");
        let duplex = JobConfiguration { duplex_mode: Some(DuplexMode::LongEdge), ..asked() };
        check(&duplex, &printer(), "sides=two-sided-long-edge");
        let high = JobConfiguration { quality: Some(Quality::High), ..asked() };
        check(&high, &printer(), "print-quality=5");
        let collated = JobConfiguration { collate: Some(true), ..asked() };
        check(
            &collated,
            &printer(),
            "multiple-document-handling=separate-documents-collated-copies",
        );
    }

    #[test]
    fn what_must_not_be_dropped_is_unmet() {
        let plain = Capabilities::default();
        check(&JobConfiguration { copies: Some(2), ..asked() }, &plain, "unmet copies 2");
        check(&JobConfiguration { copies: Some(1), ..asked() }, &plain, "");
        let gray = JobConfiguration { color_mode: Some(ColorMode::BlackAndWhite), ..asked() };
        check(&gray, &plain, "unmet color-mode black-and-white");
        let pages =
            JobConfiguration { page_ranges: Some(vec![PageRange { start: 2, end: 5 }]), ..asked() };
        check(&pages, &plain, "unmet page-ranges 2-5");
        let paper = JobConfiguration { media_size: Some("A3".into()), ..asked() };
        check(&paper, &printer(), "unmet media-size A3");
    }

    #[test]
    fn a_substitution_says_what_was_asked_and_what_was_sent() {
        let duplex = JobConfiguration { duplex_mode: Some(DuplexMode::ShortEdge), ..asked() };
        check(&duplex, &printer(), "sides=one-sided duplex-mode:two-sided-short-edge->one-sided");
        let color = JobConfiguration { color_mode: Some(ColorMode::Color), ..asked() };
        let mono =
            Capabilities { color_modes: vec!["monochrome".into()], ..Capabilities::default() };
        check(&color, &mono, "print-color-mode=monochrome color-mode:color->gray");
        let stapled = JobConfiguration { finishings: Some(vec!["staple".into()]), ..asked() };
        check(&stapled, &printer(), "finishings:staple->");
    }

    #[test]
    fn paper_goes_by_size_or_else_by_name() {
        let a4 = JobConfiguration { media_size: Some("A4".into()), ..asked() };
        let by_name = Capabilities { media_col_members: Vec::new(), ..printer() };
        check(&a4, &by_name, "media=iso_a4_210x297mm");
        let sent = ticket(&a4, &printer(), &DocumentFormat::Pdf).unwrap().attributes;
        assert_eq!(sent[0].name().as_str(), "media-col");
    }

    #[test]
    fn ranges_are_sorted_merged_and_clamped() {
        let range = |start, end| PageRange { start, end };
        let ranges = [range(7, 9), range(-3, 2), range(3, 4), range(5, 1), range(8, i64::MAX)];
        assert_eq!(merge(&ranges), [(1, 4), (7, i32::MAX)]);
    }
}
