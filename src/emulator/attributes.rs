//! The IPP attributes that are written to a virtual printer, and what Graph shows of them.
//!
//! The body is a printer-attributes group alone: no operation, no request id, and often no end tag.

use std::collections::BTreeSet;

use bytes::{BufMut, Bytes, BytesMut};
use ipp::{attribute::IppAttributeGroup, parser::IppParser, prelude::*};
use serde_json::{Map, Value, json};

/// What attributes say: Graph's `capabilities` and `defaults`, and the rest.
pub(super) struct Written {
    pub(super) names: BTreeSet<String>,
    pub(super) capabilities: Map<String, Value>,
    pub(super) defaults: Map<String, Value>,
    pub(super) accepts_jobs: Option<bool>,
    pub(super) state: Option<&'static str>,
    pub(super) name: Option<String>,
}

/// Reads the body; nothing if it is not such a group.
pub(super) fn read(body: &Bytes) -> Option<Written> {
    if body.first() != Some(&0x04) {
        return None;
    }
    let mut whole = BytesMut::from(&[2, 0, 0, 4, 0, 0, 0, 1][..]);
    whole.extend_from_slice(body);
    if body.last() != Some(&0x03) {
        whole.put_u8(0x03);
    }
    let cursor = std::io::Cursor::new(whole.freeze());
    let (_, attributes, _) = IppParser::new(cursor).parse_parts().ok()?;
    let group = attributes.first_of(DelimiterTag::PrinterAttributes)?;
    Some(Written {
        names: group.attributes().iter().map(|one| one.name().to_string()).collect(),
        capabilities: capabilities(group),
        defaults: defaults(group),
        accepts_jobs: first(group, "printer-is-accepting-jobs")
            .and_then(|value| value.as_boolean().copied()),
        state: match first(group, "printer-state") {
            Some(IppValue::Enum(3)) => Some("idle"),
            Some(IppValue::Enum(5)) => Some("stopped"),
            _ => None,
        },
        name: first(group, "printer-name").map(|value| value.to_string()),
    })
}

fn values(group: &IppAttributeGroup, name: &str) -> Vec<IppValue> {
    match group.get(name).map(IppAttribute::value) {
        Some(IppValue::Array(values)) => values.clone(),
        Some(value) => vec![value.clone()],
        None => Vec::new(),
    }
}

fn first(group: &IppAttributeGroup, name: &str) -> Option<IppValue> {
    values(group, name).into_iter().next()
}

/// IPP words and Graph's words for them.
const SIDES: &[(&str, &str)] = &[
    ("one-sided", "oneSided"),
    ("two-sided-long-edge", "flipOnLongEdge"),
    ("two-sided-short-edge", "flipOnShortEdge"),
];
const COLORS: &[(&str, &str)] = &[
    ("auto", "auto"),
    ("color", "color"),
    ("monochrome", "grayscale"),
    ("bi-level", "blackAndWhite"),
];
const SCALINGS: &[(&str, &str)] = &[
    ("auto", "auto"),
    ("auto-fit", "shrinkToFit"),
    ("fill", "fill"),
    ("fit", "fit"),
    ("none", "none"),
];
const QUALITIES: &[(i32, &str)] = &[(3, "low"), (4, "medium"), (5, "high")];
const ORIENTATIONS: &[(i32, &str)] =
    &[(3, "portrait"), (4, "landscape"), (5, "reverseLandscape"), (6, "reversePortrait")];
const FINISHINGS: &[(i32, &str)] = &[
    (3, "none"),
    (4, "staple"),
    (5, "punch"),
    (20, "stapleTopLeft"),
    (21, "stapleBottomLeft"),
    (22, "stapleTopRight"),
    (28, "stapleDualLeft"),
    (74, "punchDualLeft"),
];
const MEDIA: &[(&str, &str)] = &[
    ("iso_a3_297x420mm", "A3"),
    ("iso_a4_210x297mm", "A4"),
    ("iso_a5_148x210mm", "A5"),
    ("iso_a6_105x148mm", "A6"),
    ("jis_b4_257x364mm", "JIS B4"),
    ("jis_b5_182x257mm", "JIS B5"),
    ("na_letter_8.5x11in", "North America Letter"),
    ("na_legal_8.5x14in", "North America Legal"),
    ("na_ledger_11x17in", "North America Ledger"),
    ("na_executive_7.25x10.5in", "North America Executive"),
    ("na_invoice_5.5x8.5in", "North America Invoice"),
];

/// Graph's words of an attribute of keywords; words that Graph does not know stay as they are.
fn words(group: &IppAttributeGroup, name: &str, table: &[(&str, &str)]) -> Value {
    let word = |value: &IppValue| {
        let ipp = value.to_string();
        let graph = table.iter().find(|(word, _)| *word == ipp).map(|(_, graph)| *graph);
        graph.map_or(ipp, str::to_owned)
    };
    values(group, name).iter().map(word).collect::<Vec<_>>().into()
}

fn enums(group: &IppAttributeGroup, name: &str, table: &[(i32, &str)]) -> Value {
    let word = |value: &IppValue| {
        let number = match value {
            IppValue::Enum(number) | IppValue::Integer(number) => *number,
            _ => return None,
        };
        table.iter().find(|(one, _)| *one == number).map(|(_, graph)| *graph)
    };
    values(group, name).iter().filter_map(word).collect::<Vec<_>>().into()
}

fn numbers(group: &IppAttributeGroup, name: &str) -> Value {
    let number = |value: &IppValue| value.as_integer().copied();
    values(group, name).iter().filter_map(number).collect::<Vec<_>>().into()
}

fn range(group: &IppAttributeGroup, name: &str) -> Value {
    match first(group, name) {
        Some(IppValue::RangeOfInteger { min, max }) => json!({"start": min, "end": max}),
        _ => Value::Null,
    }
}

fn resolutions(group: &IppAttributeGroup, name: &str) -> Value {
    let dpi = |value: &IppValue| match value {
        IppValue::Resolution { cross_feed, .. } => Some(*cross_feed),
        _ => None,
    };
    values(group, name).iter().filter_map(dpi).collect::<Vec<_>>().into()
}

fn capabilities(group: &IppAttributeGroup) -> Map<String, Value> {
    let colors = words(group, "print-color-mode-supported", COLORS);
    let color = colors.as_array().is_some_and(|all| all.iter().any(|word| word == "color"));
    let flag = |name: &str| first(group, name).and_then(|value| value.as_boolean().copied());
    let scalings = words(group, "print-scaling-supported", SCALINGS);
    let all = [
        ("contentTypes", words(group, "document-format-supported", &[])),
        ("copiesPerJob", range(group, "copies-supported")),
        ("duplexModes", words(group, "sides-supported", SIDES)),
        ("isColorPrintingSupported", color.into()),
        ("colorModes", colors),
        ("qualities", enums(group, "print-quality-supported", QUALITIES)),
        ("orientations", enums(group, "orientation-requested-supported", ORIENTATIONS)),
        ("finishings", enums(group, "finishings-supported", FINISHINGS)),
        ("mediaSizes", words(group, "media-supported", MEDIA)),
        ("mediaTypes", words(group, "media-type-supported", &[])),
        ("inputBins", words(group, "media-source-supported", &[])),
        ("outputBins", words(group, "output-bin-supported", &[])),
        ("pagesPerSheet", numbers(group, "number-up-supported")),
        ("isPageRangeSupported", flag("page-ranges-supported").unwrap_or(false).into()),
        ("dpis", resolutions(group, "printer-resolution-supported")),
        ("scalings", scalings),
    ];
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn defaults(group: &IppAttributeGroup) -> Map<String, Value> {
    let one = |value: Value| value.get(0).cloned().unwrap_or(Value::Null);
    let all = [
        ("duplexMode", one(words(group, "sides-default", SIDES))),
        ("colorMode", one(words(group, "print-color-mode-default", COLORS))),
        ("mediaSize", one(words(group, "media-default", MEDIA))),
        ("quality", one(enums(group, "print-quality-default", QUALITIES))),
        ("contentType", one(words(group, "document-format-default", &[]))),
        ("copiesPerJob", one(numbers(group, "copies-default"))),
    ];
    all.into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
