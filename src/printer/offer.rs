//! What a printer can do as an offer to people, and an offer as the attributes of a virtual printer.
//!
//! The attributes are those of an IPP Everywhere printer (PWG 5100.14) that people's systems look for before they print;
//! what a virtual printer has none of, such as trays and supplies, is left out.
//! Deliberately absent: how the offers of several printers become one (`policy`), and sending (`graph`).

use bytes::{BufMut, Bytes, BytesMut};
use ipp::{attribute::IppAttribute, model::DelimiterTag, value::IppValue};

use super::{
    column::way_of,
    media::{self, MediaSize},
    message::attribute,
};
use crate::model::{
    Capabilities, Offer, OfferDefaults,
    configuration::{ColorMode, DuplexMode, Quality},
};

/// Formats that a release can send as they are.
const FORMATS: [&str; 3] = ["application/pdf", "image/pwg-raster", "image/jpeg"];
const SIDES: [(DuplexMode, &str); 3] = [
    (DuplexMode::OneSided, "one-sided"),
    (DuplexMode::LongEdge, "two-sided-long-edge"),
    (DuplexMode::ShortEdge, "two-sided-short-edge"),
];
const COLORS: [(ColorMode, &str); 3] =
    [(ColorMode::Auto, "auto"), (ColorMode::Color, "color"), (ColorMode::Grayscale, "monochrome")];
const QUALITIES: [(Quality, i32); 3] =
    [(Quality::Low, 3), (Quality::Medium, 4), (Quality::High, 5)];
/// The resolution of a virtual printer, in dots per inch.
const DPI: i32 = 600;
/// The unprinted border that a virtual printer tells, in hundredths of a millimeter.
const BORDER: i32 = 423;

/// What one printer can offer.
pub fn offer_of(can: &Capabilities) -> Offer {
    let has = |list: &[String], word: &str| list.iter().any(|known| known == word);
    let formats = FORMATS.into_iter().filter(|format| has(&can.formats, format));
    let sides = SIDES.into_iter().filter(|(_, word)| has(&can.sides, word));
    let colors = COLORS.into_iter().filter(|(_, word)| has(&can.color_modes, word));
    let qualities = QUALITIES.into_iter().filter(|(_, number)| can.qualities.contains(number));
    let papers = media::offerable().filter(|(_, size)| way_of(size, can).is_some());
    Offer {
        formats: formats.map(str::to_owned).collect(),
        sides: sides.map(|(mode, _)| mode).collect(),
        colors: colors.map(|(mode, _)| mode).collect(),
        qualities: qualities.map(|(quality, _)| quality).collect(),
        papers: papers.map(|(name, _)| name.to_owned()).collect(),
        most_copies: can.copies.map_or(1, |(_, most)| most),
        page_ranges: can.page_ranges,
        defaults: OfferDefaults::default(),
    }
}

/// The offer of a printer that nobody has described: plain documents on this paper.
pub fn plain_offer(defaults: &OfferDefaults) -> Offer {
    Offer {
        formats: vec![FORMATS[0].to_owned()],
        sides: SIDES.map(|(mode, _)| mode).to_vec(),
        colors: COLORS.map(|(mode, _)| mode).to_vec(),
        qualities: QUALITIES.map(|(quality, _)| quality).to_vec(),
        papers: defaults.paper.iter().cloned().collect(),
        most_copies: 999,
        page_ranges: true,
        defaults: defaults.clone(),
    }
}

/// Whether the cloud has a name for this paper that can be offered.
pub fn is_paper(name: &str) -> bool {
    media::offerable().any(|(known, _)| known == name)
}

/// The names of papers that can be offered.
pub fn papers() -> Vec<&'static str> {
    media::offerable().map(|(name, _)| name).collect()
}

/// A printer-attributes group alone, as Graph's "Update printer" wants it: no operation, and no end.
pub fn attributes_of(offer: &Offer, name: &str) -> Bytes {
    let mut group = BytesMut::new();
    group.put_u8(DelimiterTag::PrinterAttributes as u8);
    let all = [who(name), choices(offer), paper(offer), constants(offer)].concat();
    for one in &all {
        group.extend_from_slice(&one.to_bytes());
    }
    group.freeze()
}

fn keyword(word: &str) -> IppValue {
    IppValue::new_keyword(word).expect("our keywords are short")
}

fn keywords<'a>(words: impl IntoIterator<Item = &'a str>) -> IppValue {
    IppValue::Array(words.into_iter().map(keyword).collect())
}

fn mime(text: &str) -> IppValue {
    IppValue::new_mime_media_type(text).expect("MIME types are short")
}

fn enums(numbers: impl IntoIterator<Item = i32>) -> IppValue {
    IppValue::Array(numbers.into_iter().map(IppValue::Enum).collect())
}

fn text(text: &str) -> IppValue {
    IppValue::new_text_without_language(text).expect("our texts are short")
}

fn integers(numbers: &[i32]) -> IppValue {
    IppValue::Array(numbers.iter().copied().map(IppValue::Integer).collect())
}

/// Who the printer is, and that it takes jobs.
fn who(name: &str) -> Vec<IppAttribute> {
    let name: String = name.chars().take(60).collect();
    let named = IppValue::new_name_without_language(&*name).expect("it was cut to fit");
    vec![
        attribute("printer-name", named),
        attribute("printer-info", text(&name)),
        attribute("printer-make-and-model", text("pullprint pull-print queue")),
        attribute(
            "printer-device-id",
            text("MFG:pullprint;MDL:pull-print queue;CMD:PDF,PWGRaster;"),
        ),
        attribute("printer-state", IppValue::Enum(3)),
        attribute("printer-state-reasons", keywords(["none"])),
        attribute("printer-is-accepting-jobs", IppValue::Boolean(true)),
    ]
}

/// What can be chosen beside paper.
fn choices(offer: &Offer) -> Vec<IppAttribute> {
    let sides = SIDES.iter().filter(|(mode, _)| offer.sides.contains(mode));
    let colors = COLORS.iter().filter(|(mode, _)| offer.colors.contains(mode));
    let qualities = QUALITIES.iter().filter(|(quality, _)| offer.qualities.contains(quality));
    let (sides, colors): (Vec<&str>, Vec<&str>) =
        (sides.map(|(_, word)| *word).collect(), colors.map(|(_, word)| *word).collect());
    let default_side = SIDES.iter().find(|(mode, _)| Some(mode) == offer.defaults.sides.as_ref());
    let default_color = COLORS.iter().find(|(mode, _)| Some(mode) == offer.defaults.color.as_ref());
    let side = default_side.map_or("one-sided", |(_, word)| *word);
    let color = default_color.map(|(_, word)| *word).or_else(|| colors.first().copied());
    let mut all = vec![
        attribute("sides-supported", keywords(sides)),
        attribute("sides-default", keyword(side)),
        attribute("color-supported", IppValue::Boolean(offer.colors.contains(&ColorMode::Color))),
        attribute("print-color-mode-supported", keywords(colors.iter().copied())),
        attribute(
            "copies-supported",
            IppValue::RangeOfInteger { min: 1, max: offer.most_copies.max(1) },
        ),
        attribute("copies-default", IppValue::Integer(1)),
        attribute("page-ranges-supported", IppValue::Boolean(offer.page_ranges)),
        attribute(
            "document-format-supported",
            IppValue::Array(offer.formats.iter().map(|format| mime(format)).collect()),
        ),
    ];
    if let Some(format) = offer.formats.first() {
        all.push(attribute("document-format-default", mime(format)));
    }
    if let Some(color) = color {
        all.push(attribute("print-color-mode-default", keyword(color)));
    }
    let qualities: Vec<i32> = qualities.map(|(_, number)| *number).collect();
    if !qualities.is_empty() {
        let normal = if qualities.contains(&4) { 4 } else { qualities[0] };
        all.push(attribute("print-quality-default", IppValue::Enum(normal)));
        all.push(attribute("print-quality-supported", enums(qualities)));
    }
    all
}

/// The papers, by name and by size.
fn paper(offer: &Offer) -> Vec<IppAttribute> {
    let sizes: Vec<MediaSize> = media::offerable()
        .filter(|(name, _)| offer.papers.iter().any(|paper| paper == name))
        .map(|(_, size)| size)
        .collect();
    let default = offer.defaults.paper.as_deref();
    let default = media::offerable().find(|(name, _)| Some(*name) == default);
    let default = default.map(|(_, size)| size).or_else(|| sizes.first().cloned());
    let names = || sizes.iter().map(|size| size.name.as_str());
    let sized = || sizes.iter().map(size_of);
    let column = || sizes.iter().map(media_col);
    let mut all = vec![
        attribute("media-supported", keywords(names())),
        attribute("media-size-supported", IppValue::Array(sized().collect())),
        attribute("media-col-database", IppValue::Array(column().collect())),
        attribute(
            "media-col-supported",
            keywords([
                "media-size",
                "media-bottom-margin",
                "media-left-margin",
                "media-right-margin",
                "media-top-margin",
            ]),
        ),
    ];
    for side in ["bottom", "left", "right", "top"] {
        all.push(attribute(&format!("media-{side}-margin-supported"), integers(&[BORDER])));
    }
    if let Some(default) = default {
        all.push(attribute("media-default", keyword(&default.name)));
        all.push(attribute("media-ready", keywords([default.name.as_str()])));
        all.push(attribute("media-col-default", media_col(&default)));
        all.push(attribute("media-col-ready", IppValue::Array(vec![media_col(&default)])));
    }
    all
}

fn collection(members: Vec<(&str, IppValue)>) -> IppValue {
    let named = |(name, value): (&str, IppValue)| {
        (name.try_into().expect("our member names are short"), value)
    };
    IppValue::Collection(members.into_iter().map(named).collect())
}

fn size_of(size: &MediaSize) -> IppValue {
    collection(vec![
        ("x-dimension", IppValue::Integer(size.size.0)),
        ("y-dimension", IppValue::Integer(size.size.1)),
    ])
}

fn media_col(size: &MediaSize) -> IppValue {
    collection(vec![
        ("media-size", size_of(size)),
        ("media-bottom-margin", IppValue::Integer(BORDER)),
        ("media-left-margin", IppValue::Integer(BORDER)),
        ("media-right-margin", IppValue::Integer(BORDER)),
        ("media-top-margin", IppValue::Integer(BORDER)),
    ])
}

/// What is the same for every queue.
fn constants(offer: &Offer) -> Vec<IppAttribute> {
    let charset = || IppValue::new_charset("utf-8").expect("it is short");
    let language = || IppValue::new_natural_language("en").expect("it is short");
    let resolution = || IppValue::Resolution { cross_feed: DPI, feed: DPI, units: 3 };
    let raster: &[&str] = if offer.colors.contains(&ColorMode::Color) {
        &["sgray_8", "srgb_8"]
    } else {
        &["sgray_8"]
    };
    vec![
        attribute("charset-configured", charset()),
        attribute("charset-supported", IppValue::Array(vec![charset()])),
        attribute("natural-language-configured", language()),
        attribute("generated-natural-language-supported", IppValue::Array(vec![language()])),
        attribute("ipp-versions-supported", keywords(["1.1", "2.0"])),
        attribute("operations-supported", enums([2, 4, 5, 6, 8, 9, 10, 11])),
        attribute("compression-supported", keywords(["none"])),
        attribute("pdl-override-supported", keyword("attempted")),
        attribute(
            "job-creation-attributes-supported",
            keywords([
                "copies",
                "media",
                "media-col",
                "orientation-requested",
                "page-ranges",
                "print-color-mode",
                "print-quality",
                "sides",
            ]),
        ),
        attribute("orientation-requested-supported", enums([3, 4, 5, 6])),
        attribute("orientation-requested-default", IppValue::Enum(3)),
        attribute("finishings-supported", enums([3])),
        attribute("finishings-default", enums([3])),
        attribute("output-bin-supported", keywords(["face-down"])),
        attribute("output-bin-default", keyword("face-down")),
        attribute(
            "multiple-document-handling-supported",
            keywords(["separate-documents-collated-copies"]),
        ),
        attribute("printer-resolution-supported", IppValue::Array(vec![resolution()])),
        attribute("printer-resolution-default", resolution()),
        attribute("pwg-raster-document-resolution-supported", IppValue::Array(vec![resolution()])),
        attribute("pwg-raster-document-type-supported", keywords(raster.iter().copied())),
        attribute("pwg-raster-document-sheet-back", keyword("normal")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::capabilities::{MediaCapabilities, SupportedSize},
        printer::decode::decode,
    };

    fn can() -> Capabilities {
        Capabilities {
            formats: vec!["application/pdf".into(), "application/vnd.hp-pcl".into()],
            copies: Some((1, 99)),
            sides: vec!["one-sided".into(), "two-sided-long-edge".into()],
            color_modes: vec!["monochrome".into()],
            qualities: vec![4],
            media: MediaCapabilities {
                names: vec!["iso_a4_210x297mm".into()],
                members: vec!["media-size".into()],
                sizes: vec![SupportedSize { x: (29_700, 29_700), y: (42_000, 42_000) }],
                ..MediaCapabilities::default()
            },
            ..Capabilities::default()
        }
    }

    #[test]
    fn a_printer_offers_what_a_release_can_honor() {
        let offer = offer_of(&can());
        assert_eq!(offer.formats, ["application/pdf"]);
        assert_eq!(offer.sides, [DuplexMode::OneSided, DuplexMode::LongEdge]);
        assert_eq!(offer.colors, [ColorMode::Grayscale]);
        assert_eq!(offer.papers, ["A3", "A4"], "one by its size, one by its name");
        assert_eq!((offer.most_copies, offer.page_ranges), (99, false));
    }

    #[test]
    fn the_attributes_are_one_group_without_an_operation_and_read_back() {
        let offer = offer_of(&can());
        let group = attributes_of(&offer, "Pull print");
        assert_eq!(group[0], 0x04);
        let mut whole = BytesMut::from(&[2, 0, 0, 0, 0, 0, 0, 1][..]);
        whole.extend_from_slice(&group);
        whole.put_u8(0x03);
        let message = decode(whole.freeze()).unwrap();
        let read = message.attributes.first_of(DelimiterTag::PrinterAttributes).unwrap();
        let again = offer_of(&super::super::attributes::read_capabilities(read));
        assert_eq!(again, offer);
    }

    #[test]
    fn a_paper_is_one_that_the_cloud_names() {
        assert!(is_paper("A4") && is_paper("North America Letter"));
        assert!(!is_paper("Papyrus"));
        assert!(papers().len() > 10);
    }
}
