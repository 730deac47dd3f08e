//! The ticket: a configuration as IPP Job Template attributes, filtered by what the printer can do.
//!
//! It promises: each setting is sent as asked, or the difference is a [`Substitution`], or, for what must never be
//! dropped in silence (copies, pages, gray, paper size), the ticket is [`Unmet`].
//! Deliberately absent: finishings, trays, margins, resolution, number-up and scaling. They are recorded as not sent.

use ipp::{attribute::IppAttribute, value::IppValue};

use crate::model::{Capabilities, DocumentFormat, JobConfiguration, Substitution};

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
    pub(super) fn send(&mut self, name: &str, value: IppValue) {
        let attribute =
            IppAttribute::with_name(name, value).expect("our attribute names are short");
        self.attributes.push(attribute);
    }

    pub(super) fn keyword(&mut self, name: &str, word: &str) {
        let value = IppValue::new_keyword(word).expect("our keywords are short");
        self.send(name, value);
    }

    pub(super) fn note(&mut self, setting: &str, asked: &str, sent: &str, why: &str) {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{
            configuration::{ColorMode, DuplexMode, PageRange, Quality},
            printer::SupportedSize,
        },
        printer::mapping::merge,
    };

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
