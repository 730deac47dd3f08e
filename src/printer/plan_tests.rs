//! Who does what: the printer, we in the document, or nobody.

use super::samples::{asked, check, check_by, line, plain, printer, words};
use crate::model::{
    Capabilities, DocumentFormat, JobConfiguration, TicketRules,
    capabilities::{Constraint, ConstraintValue},
    configuration::{ColorMode, DuplexMode, Orientation, PageRange, Quality, Scaling},
    settings::Essentials,
};

#[test]
fn copies_and_pages_that_the_printer_can_not_do_are_done_in_the_document() {
    let pdf = "application/pdf to application/pdf";
    let two = JobConfiguration { copies: Some(2), ..asked() };
    check(&two, &plain(), &format!("[{pdf} copies=2]"));
    let few = Capabilities { copies: Some((1, 1)), ..printer() };
    let duplex = JobConfiguration { duplex_mode: Some(DuplexMode::LongEdge), ..two.clone() };
    check(&duplex, &few, &format!("sides=two-sided-long-edge [{pdf} copies=2 pad=yes]"));
    check(&JobConfiguration { copies: Some(1), ..asked() }, &plain(), "");
    check(&JobConfiguration { copies: Some(0), ..asked() }, &printer(), "unmet copies 0");
    let stapled = JobConfiguration { finishings: Some(words(&["staple"])), ..two.clone() };
    check(&stapled, &few, "unmet copies 2 together with finishings");
    let range = |start, end| PageRange { start, end };
    let pages =
        |ranges: &[PageRange]| JobConfiguration { page_ranges: Some(ranges.to_vec()), ..asked() };
    let some = pages(&[range(7, 9), range(2, 5)]);
    check(&some, &printer(), "page-ranges=2-5,7-9");
    check(&some, &plain(), &format!("[{pdf} pages=2-5,7-9]"));
    let both = JobConfiguration { copies: Some(15), ..some.clone() };
    let nine = Capabilities { copies: Some((1, 9)), ..printer() };
    check(&both, &nine, &format!("[{pdf} pages=2-5,7-9 copies=15]"));
    let one_range = Capabilities { most_page_ranges: Some(1), ..printer() };
    check(&some, &one_range, &format!("[{pdf} pages=2-5,7-9]"));
    check(&pages(&[range(5, 2)]), &printer(), "unmet page-ranges of no page");
    let refuse = TicketRules { essentials: Essentials::Refuse, ..TicketRules::default() };
    check_by(&refuse, &two, &plain(), "unmet copies 2");
    check_by(&refuse, &some, &plain(), "unmet page-ranges 2-5,7-9");
    let substitute = TicketRules { essentials: Essentials::Substitute, ..TicketRules::default() };
    check_by(&substitute, &two, &plain(), "copies:2->1");
    check_by(&substitute, &some, &plain(), "page-ranges:2-5,7-9->");
}

#[test]
fn gray_is_gray() {
    let gray = JobConfiguration { color_mode: Some(ColorMode::Grayscale), ..asked() };
    let modes = |list: &[&str]| Capabilities { color_modes: words(list), ..printer() };
    let drawn = "[application/pdf to image/pwg-raster gray=yes dpi=300x300 dots=sgray_8 \
        fit=shrink sides=one-sided back=rotated]";
    check(&gray, &modes(&["color", "auto-monochrome"]), "print-color-mode=auto-monochrome");
    check(&gray, &modes(&["color", "process-monochrome"]), drawn);
    let allowed = TicketRules { process_monochrome: true, ..TicketRules::default() };
    let process = modes(&["color", "process-monochrome"]);
    check_by(&allowed, &gray, &process, "print-color-mode=process-monochrome");
    let in_document = TicketRules { gray_in_document: true, ..TicketRules::default() };
    let expect = format!("print-color-mode=monochrome {drawn}");
    check_by(&in_document, &gray, &printer(), &expect);
    let as_pictures = "[application/pdf to application/pdf gray=yes dpi=300x300 dots=sgray_8 \
        fit=shrink sides=one-sided back=normal]";
    check(&gray, &plain(), as_pictures);
    let refuse = TicketRules { essentials: Essentials::Refuse, ..TicketRules::default() };
    check_by(&refuse, &gray, &plain(), "unmet color-mode gray");
    let no_converter = line(&gray, &DocumentFormat::Jpeg, &plain(), &TicketRules::default());
    assert_eq!(no_converter, "unmet document-format image/jpeg");
    let jpeg = Capabilities { formats: words(&["image/jpeg"]), ..plain() };
    let not_ours = line(&gray, &DocumentFormat::Jpeg, &jpeg, &TicketRules::default());
    assert_eq!(not_ours, "unmet color-mode gray");
}

#[test]
fn a_document_goes_in_the_format_that_the_printer_takes() {
    let rules = TicketRules { converter: true, ..TicketRules::default() };
    let formats = |list: &[&str]| Capabilities { formats: words(list), ..printer() };
    let check = |source, can: &Capabilities, expect: &str| {
        assert_eq!(line(&asked(), &source, can, &rules), expect);
    };
    check(DocumentFormat::Pdf, &printer(), "");
    check(DocumentFormat::Oxps, &printer(), "[application/oxps to application/pdf]");
    check(DocumentFormat::Oxps, &formats(&["application/oxps"]), "");
    let layout = "fit=shrink sides=one-sided back=rotated]";
    let pwg = format!("to image/pwg-raster dpi=300x300 dots=srgb_8 {layout}");
    let raster = formats(&["image/pwg-raster", "image/urf"]);
    check(DocumentFormat::Pdf, &raster, &format!("[application/pdf {pwg}"));
    check(DocumentFormat::Xps, &raster, &format!("[application/vnd.ms-xpsdocument {pwg}"));
    let urf = format!("[application/pdf to image/urf dpi=300x300 dots=srgb_8 {layout}");
    check(DocumentFormat::Pdf, &formats(&["image/urf"]), &urf);
    check(DocumentFormat::PwgRaster, &raster, "");
    check(DocumentFormat::PostScript, &raster, "unmet document-format application/postscript");
    let nameless = Capabilities { formats: Vec::new(), ..printer() };
    check(DocumentFormat::PostScript, &nameless, "");
    check(DocumentFormat::Oxps, &nameless, "[application/oxps to application/pdf]");
    let none = line(&asked(), &DocumentFormat::Oxps, &printer(), &TicketRules::default());
    assert_eq!(none, "unmet document-format application/oxps");
}

#[test]
fn what_is_drawn_has_pages_sheet_and_sides_from_the_settings() {
    let wanted = JobConfiguration {
        copies: Some(3),
        color_mode: Some(ColorMode::Grayscale),
        duplex_mode: Some(DuplexMode::ShortEdge),
        media_size: Some("A4".into()),
        page_ranges: Some(vec![PageRange { start: 2, end: 3 }]),
        orientation: Some(Orientation::ReversePortrait),
        quality: Some(Quality::High),
        scaling: Some(Scaling::Fill),
        ..asked()
    };
    let can = Capabilities { formats: words(&["image/pwg-raster"]), ..printer() };
    let expect = "copies=3 print-color-mode=monochrome \
        media-col={media-size={x-dimension=21000 y-dimension=29700}} sides=two-sided-short-edge \
        print-quality=5 [application/pdf to image/pwg-raster pages=2-3 gray=yes dpi=600x600 \
        dots=sgray_8 sheet=21000x29700 upside-down=yes fit=fill sides=two-sided-short-edge \
        back=rotated]";
    check(&wanted, &can, expect);
}

#[test]
fn settings_that_do_not_go_together_are_resolved_or_refused_by_name() {
    let word = |word: &str| ConstraintValue::Word(word.into());
    let constraint = |members: &[(&str, ConstraintValue)]| Constraint {
        members: members
            .iter()
            .map(|(name, value)| ((*name).into(), vec![value.clone()]))
            .collect(),
    };
    let can = |constraint| Capabilities { constraints: vec![constraint], ..printer() };
    let labels = ("media-col.media-type", word("labels"));
    let wanted = JobConfiguration {
        duplex_mode: Some(DuplexMode::LongEdge),
        media_type: Some("labels".into()),
        media_size: Some("A4".into()),
        copies: Some(2),
        ..asked()
    };
    let a4 = "media-col={media-size={x-dimension=21000 y-dimension=29700}";
    let duplex = can(constraint(&[labels.clone(), ("sides", word("two-sided-long-edge"))]));
    let expect = format!("copies=2 sides=two-sided-long-edge {a4}}} media-type:labels->");
    check(&wanted, &duplex, &expect);
    let other = can(constraint(&[labels, ("sides", word("two-sided-short-edge"))]));
    let expect = format!("copies=2 {a4} media-type=labels}} sides=two-sided-long-edge");
    check(&wanted, &other, &expect);
    let length = ("media-col.media-size.y-dimension", ConstraintValue::Numbers(29_000, 30_000));
    let hard = can(constraint(&[("copies", ConstraintValue::Numbers(2, 9)), length]));
    let expect = "unmet copies 2 together with media-size {x-dimension=21000 y-dimension=29700}";
    check(&wanted, &hard, expect);
}
