//! Settings as attributes: what was asked, what the printer has, and what is sent and noted.

use super::{
    finishing,
    mapping::{self, merge},
    samples::{asked, check, check_by, line, printer, size, words},
    ticket::ticket,
};
use crate::model::{
    Capabilities, DocumentFormat, JobConfiguration, TicketRules,
    capabilities::ReadyMedia,
    configuration::{
        ColorMode, DuplexMode, FeedOrientation, Margin, MultipageLayout, Orientation, PageRange,
        Quality, Scaling,
    },
    settings::{Essentials, Others},
};

#[test]
fn every_choice_of_every_setting_has_its_attribute() {
    let none = asked();
    for (mode, sent) in [
        (ColorMode::Color, "color"),
        (ColorMode::Auto, "auto"),
        (ColorMode::Grayscale, "monochrome"),
        (ColorMode::BlackAndWhite, "monochrome"),
    ] {
        let wanted = JobConfiguration { color_mode: Some(mode), ..none.clone() };
        check(&wanted, &printer(), &format!("print-color-mode={sent}"));
    }
    for mode in DuplexMode::ALL {
        let sent = mapping::of(mapping::SIDES, mode).unwrap();
        let wanted = JobConfiguration { duplex_mode: Some(mode.clone()), ..none.clone() };
        check(&wanted, &printer(), &format!("sides={sent}"));
    }
    for quality in Quality::ALL {
        let sent = mapping::of(mapping::QUALITIES, quality).unwrap();
        let wanted = JobConfiguration { quality: Some(quality.clone()), ..none.clone() };
        check(&wanted, &printer(), &format!("print-quality={sent}"));
    }
    for scaling in Scaling::ALL {
        let sent = mapping::of(mapping::SCALINGS, scaling).unwrap();
        let wanted = JobConfiguration { scaling: Some(scaling.clone()), ..none.clone() };
        check(&wanted, &printer(), &format!("print-scaling={sent}"));
    }
    for feed in FeedOrientation::ALL {
        let sent = mapping::of(mapping::FEEDS, feed).unwrap();
        let wanted = JobConfiguration { feed_orientation: Some(feed.clone()), ..none.clone() };
        check(&wanted, &printer(), &format!("feed-orientation={sent}"));
    }
    for layout in MultipageLayout::ALL {
        let sent = mapping::of(mapping::LAYOUTS, layout).unwrap();
        let wanted = JobConfiguration {
            pages_per_sheet: Some(4),
            multipage_layout: Some(layout.clone()),
            ..none.clone()
        };
        let expect = format!("number-up=4 presentation-direction-number-up={sent}");
        check(&wanted, &printer(), &expect);
    }
    for orientation in Orientation::ALL {
        let number = mapping::of(mapping::ORIENTATIONS, orientation).unwrap();
        let wanted = JobConfiguration { orientation: Some(orientation.clone()), ..none.clone() };
        let word = orientation.word();
        check(&wanted, &printer(), &format!("orientation:{word}->"));
        let can = Capabilities { formats: words(&["image/jpeg"]), ..printer() };
        let rules = TicketRules::default();
        let sent = line(&wanted, &DocumentFormat::Jpeg, &can, &rules);
        assert_eq!(sent, format!("orientation-requested={number}"));
    }
    for (name, number) in finishing::NAMES {
        let wanted = JobConfiguration { finishings: Some(words(&[name])), ..none.clone() };
        check(&wanted, &printer(), &format!("finishings={number}"));
        assert_eq!(finishing::name_of(*number), Some(*name));
        assert_eq!(finishing::number_of(&name.to_ascii_uppercase()), Some(*number));
    }
    for number in [2, 4, 6, 9, 16] {
        let wanted = JobConfiguration { pages_per_sheet: Some(number), ..none.clone() };
        check(&wanted, &printer(), &format!("number-up={number}"));
    }
}

#[test]
fn an_unknown_word_is_noted_whatever_the_setting() {
    let x = || "sepia".to_owned();
    let wanted = JobConfiguration {
        color_mode: Some(ColorMode::Other(x())),
        duplex_mode: Some(DuplexMode::Other(x())),
        quality: Some(Quality::Other(x())),
        scaling: Some(Scaling::Other(x())),
        feed_orientation: Some(FeedOrientation::Other(x())),
        orientation: Some(Orientation::Other(x())),
        finishings: Some(vec![x()]),
        media_type: Some(x()),
        input_bin: Some(x()),
        output_bin: Some(x()),
        ..asked()
    };
    let notes = ticket(&wanted, &DocumentFormat::Pdf, &printer(), &TicketRules::default());
    let ticket = notes.unwrap();
    assert!(ticket.attributes.is_empty(), "{:?}", ticket.attributes);
    assert_eq!(ticket.substitutions.len(), 10, "{:?}", ticket.substitutions);
}

#[test]
fn numbers_and_flags_are_sent_as_asked() {
    check(&JobConfiguration { copies: Some(2), ..asked() }, &printer(), "copies=2");
    let collated = JobConfiguration { collate: Some(true), ..asked() };
    let expect = "multiple-document-handling=separate-documents-collated-copies";
    check(&collated, &printer(), expect);
    let sheets = Capabilities {
        document_handling: Vec::new(),
        sheet_collate: words(&["uncollated"]),
        ..printer()
    };
    let uncollated = JobConfiguration { collate: Some(false), ..asked() };
    check(&uncollated, &sheets, "sheet-collate=uncollated");
    let dpi = |dpi| JobConfiguration { dpi: Some(dpi), ..asked() };
    check(&dpi(600), &printer(), "printer-resolution=600x600dpi");
    check(&dpi(1200), &printer(), "printer-resolution=600x600dpi dpi:1200->600x600");
    check(&dpi(150), &printer(), "dpi:150->");
    let fit = JobConfiguration { fit_pdf_to_page: Some(true), ..asked() };
    check(&fit, &printer(), "print-scaling=fit");
    check(&JobConfiguration { fit_pdf_to_page: Some(false), ..asked() }, &printer(), "");
    let both = JobConfiguration { scaling: Some(Scaling::None), ..fit };
    check(&both, &printer(), "print-scaling=none");
    check(&JobConfiguration { pages_per_sheet: Some(1), ..asked() }, &printer(), "");
    let bin = |bin: &str| JobConfiguration { output_bin: Some(bin.into()), ..asked() };
    check(&bin("Top"), &printer(), "output-bin=top");
    check(&bin("mailbox-1"), &printer(), "output-bin=Mailbox 1");
    check(&bin("auto"), &printer(), "");
    check(&bin("left"), &printer(), "output-bin:left->");
}

#[test]
fn paper_goes_by_size_or_else_by_name() {
    let paper = |name: &str| JobConfiguration { media_size: Some(name.into()), ..asked() };
    let a4 = "media-col={media-size={x-dimension=21000 y-dimension=29700}}";
    check(&paper("A4"), &printer(), a4);
    let mut by_name = printer();
    by_name.media.members.clear();
    check(&paper("A4"), &by_name, "media=iso_a4_210x297mm");
    by_name.media.members = words(&["media-size-name"]);
    check(&paper("A4"), &by_name, "media-col={media-size-name=iso_a4_210x297mm}");
    check(&paper("A5"), &printer(), "unmet media-size A5");
    check(&paper("Papyrus"), &printer(), "unmet media-size Papyrus");
    let mut lying = printer();
    lying.media.sizes = vec![size(29_700, 21_000)];
    let a4_lying = "media-col={media-size={x-dimension=29700 y-dimension=21000}}";
    check(&paper("A4"), &lying, a4_lying);
    let substitute = TicketRules { essentials: Essentials::Substitute, ..TicketRules::default() };
    let expect = "print-scaling=fit media-size:A5->the printer's default";
    check_by(&substitute, &paper("A5"), &printer(), expect);
}

#[test]
fn tray_kind_and_borders_are_sent_where_the_printer_has_them() {
    let a4 = JobConfiguration { media_size: Some("A4".into()), ..asked() };
    let dimensions = "media-size={x-dimension=21000 y-dimension=29700}";
    let labels = JobConfiguration {
        media_type: Some("Labels".into()),
        input_bin: Some("Tray 2".into()),
        ..a4.clone()
    };
    let expect = format!("media-col={{{dimensions} media-source=tray-2 media-type=labels}}");
    check(&labels, &printer(), &expect);
    let mut loaded = printer();
    let in_tray = |size, source: &str| ReadyMedia {
        size: Some(size),
        source: Some(source.into()),
        media_type: None,
    };
    loaded.health.media_ready =
        vec![in_tray((21_000, 29_700), "tray-1"), in_tray((29_700, 42_000), "tray-2")];
    let expect = format!("media-col={{{dimensions} media-type=labels}} input-bin:Tray 2->");
    check(&labels, &loaded, &expect);
    let thick = JobConfiguration { media_type: Some("com.vendor thick".into()), ..asked() };
    check(&thick, &printer(), "media-col={media-type=com.vendor Thick}");
    let margin = Margin { top: Some(4_000), left: Some(4_230), bottom: Some(1), right: None };
    let expect = "media-col={media-left-margin=423 media-top-margin=423} \
        margin:top 4000 µm->top 4230 µm margin:bottom 1 µm->";
    check(&JobConfiguration { margin: Some(margin), ..asked() }, &printer(), expect);
    let borderless = Margin { top: Some(0), left: Some(0), ..Margin::default() };
    let expect = "media-col={media-left-margin=423 media-top-margin=0} \
        margin:left 0 µm->left 4230 µm";
    check(&JobConfiguration { margin: Some(borderless), ..asked() }, &printer(), expect);
    let mut by_name = printer();
    by_name.media.members.clear();
    let expect = "media=iso_a4_210x297mm media-type:Labels-> input-bin:Tray 2->";
    check(&labels, &by_name, expect);
}

#[test]
fn what_the_printer_does_not_have_is_noted_with_its_stand_in() {
    let duplex = JobConfiguration { duplex_mode: Some(DuplexMode::ShortEdge), ..asked() };
    let simplex = Capabilities { sides: words(&["one-sided"]), ..printer() };
    check(&duplex, &simplex, "sides=one-sided duplex-mode:two-sided-short-edge->one-sided");
    let color = JobConfiguration { color_mode: Some(ColorMode::Color), ..asked() };
    let mono = Capabilities { color_modes: words(&["monochrome"]), ..printer() };
    check(&color, &mono, "print-color-mode=monochrome color-mode:color->gray");
    let finish = |names: &[&str]| JobConfiguration { finishings: Some(words(names)), ..asked() };
    let can = |numbers: &[i32]| Capabilities { finishings: numbers.to_vec(), ..printer() };
    let corner = finish(&["stapleTopLeft"]);
    check(&corner, &can(&[3, 4]), "finishings=4 finishings:stapleTopLeft->staple");
    check(&corner, &can(&[3]), "finishings:stapleTopLeft->");
    check(&finish(&["staple"]), &can(&[3, 20]), "finishings=20 finishings:staple->stapleTopLeft");
    check(&finish(&["staple", "punch", "staple"]), &can(&[4, 5]), "finishings=4,5");
    check(&finish(&["none"]), &can(&[4]), "");
    let up = JobConfiguration { pages_per_sheet: Some(3), ..asked() };
    check(&up, &printer(), "pages-per-sheet:3->1");
    let refuse = TicketRules { others: Others::Refuse, ..TicketRules::default() };
    check_by(&refuse, &duplex, &simplex, "unmet duplex-mode two-sided-short-edge");
    let lying = JobConfiguration { orientation: Some(Orientation::Landscape), ..asked() };
    check_by(&refuse, &lying, &printer(), "orientation:landscape->");
}

#[test]
fn ranges_are_sorted_merged_and_clamped() {
    let range = |start, end| PageRange { start, end };
    let ranges = [range(7, 9), range(-3, 2), range(3, 4), range(5, 1), range(8, i64::MAX)];
    assert_eq!(merge(&ranges), [(1, 4), (7, i32::MAX)]);
}
