//! Attributes of an answer to our types.
//!
//! An attribute that is absent, out of band or of another syntax counts as absent.
//! Deliberately absent: what follows from a value.

use ipp::{
    attribute::{IppAttributeGroup, IppAttributes},
    model::DelimiterTag,
    value::IppValue,
};

use crate::model::{
    Capabilities, PrinterHealth, PrinterJobReport, PrinterJobState, printer::SupportedSize,
};

/// The attributes that [`read_capabilities`] reads.
pub(super) const CAPABILITIES: &[&str] = &[
    "operations-supported",
    "document-format-supported",
    "copies-supported",
    "sides-supported",
    "print-color-mode-supported",
    "print-quality-supported",
    "orientation-requested-supported",
    "page-ranges-supported",
    "multiple-document-handling-supported",
    "sheet-collate-supported",
    "media-supported",
    "media-col-supported",
    "media-size-supported",
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "printer-up-time",
    "printer-impressions-completed",
];

/// The changing part of them, which [`read_health`] reads.
pub(super) const HEALTH: &[&str] = &[
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "printer-up-time",
    "printer-impressions-completed",
];

fn values(group: &IppAttributeGroup, name: &str) -> Vec<IppValue> {
    match group.get(name).map(ipp::attribute::IppAttribute::value) {
        Some(IppValue::Array(values)) => values.clone(),
        Some(value) => vec![value.clone()],
        None => Vec::new(),
    }
}

fn as_word(value: &IppValue) -> Option<String> {
    match value {
        IppValue::Keyword(word)
        | IppValue::NameWithoutLanguage(word)
        | IppValue::MimeMediaType(word) => Some(word.as_str().to_owned()),
        IppValue::NameWithLanguage { name, .. } => Some(name.as_str().to_owned()),
        IppValue::Uri(uri) => Some(uri.as_str().to_owned()),
        _ => None,
    }
}

fn as_int(value: &IppValue) -> Option<i32> {
    match value {
        IppValue::Integer(number) | IppValue::Enum(number) => Some(*number),
        _ => None,
    }
}

fn as_range(value: &IppValue) -> Option<(i32, i32)> {
    match value {
        IppValue::RangeOfInteger { min, max } => Some((*min, *max)),
        other => as_int(other).map(|number| (number, number)),
    }
}

/// The words of a 1setOf keyword, name or uri.
pub(super) fn words(group: &IppAttributeGroup, name: &str) -> Vec<String> {
    values(group, name).iter().filter_map(as_word).collect()
}

/// The one word of an attribute.
pub(super) fn word(group: &IppAttributeGroup, name: &str) -> Option<String> {
    values(group, name).first().and_then(as_word)
}

fn ints(group: &IppAttributeGroup, name: &str) -> Vec<i32> {
    values(group, name).iter().filter_map(as_int).collect()
}

/// The one number of an attribute.
pub(super) fn int(group: &IppAttributeGroup, name: &str) -> Option<i32> {
    ints(group, name).first().copied()
}

fn flag(group: &IppAttributeGroup, name: &str) -> Option<bool> {
    values(group, name).first().and_then(|value| value.as_boolean().copied())
}

/// The first group of that kind; an empty one where there is none.
pub(super) fn group(attributes: &IppAttributes, tag: DelimiterTag) -> IppAttributeGroup {
    let mut found = IppAttributeGroup::new(tag);
    if let Some(group) = attributes.first_of(tag) {
        found.attributes_mut().extend(group.attributes().iter().cloned());
    }
    found
}

/// The names of a group's attributes: what a printer calls unsupported.
pub(super) fn names(attributes: &IppAttributes, tag: DelimiterTag) -> Vec<String> {
    let groups = attributes.groups_of(tag);
    groups
        .flat_map(IppAttributeGroup::attributes)
        .map(|attribute| attribute.name().as_str().to_owned())
        .collect()
}

/// A printer's capabilities.
pub(super) fn read_capabilities(group: &IppAttributeGroup) -> Capabilities {
    let formats = words(group, "document-format-supported");
    Capabilities {
        operations: ints(group, "operations-supported"),
        formats: formats.into_iter().map(|format| format.to_ascii_lowercase()).collect(),
        copies: values(group, "copies-supported").first().and_then(as_range),
        sides: words(group, "sides-supported"),
        color_modes: words(group, "print-color-mode-supported"),
        qualities: ints(group, "print-quality-supported"),
        orientations: ints(group, "orientation-requested-supported"),
        page_ranges: flag(group, "page-ranges-supported").unwrap_or(false),
        document_handling: words(group, "multiple-document-handling-supported"),
        sheet_collate: words(group, "sheet-collate-supported"),
        media: words(group, "media-supported"),
        media_col_members: words(group, "media-col-supported"),
        media_sizes: values(group, "media-size-supported").iter().filter_map(read_size).collect(),
        health: read_health(group),
    }
}

fn read_size(value: &IppValue) -> Option<SupportedSize> {
    let members = value.as_collection()?;
    let side = |name: &str| members.get(name).and_then(as_range);
    Some(SupportedSize { x: side("x-dimension")?, y: side("y-dimension")? })
}

/// How a printer is.
pub(super) fn read_health(group: &IppAttributeGroup) -> PrinterHealth {
    PrinterHealth {
        state: int(group, "printer-state"),
        reasons: reasons(group, "printer-state-reasons"),
        accepting: flag(group, "printer-is-accepting-jobs").unwrap_or(true),
        up_time: int(group, "printer-up-time"),
        impressions: int(group, "printer-impressions-completed"),
    }
}

fn reasons(group: &IppAttributeGroup, name: &str) -> Vec<String> {
    words(group, name).into_iter().filter(|reason| reason != "none").collect()
}

/// A printer job's state; nothing if the answer has none.
pub(super) fn read_report(group: &IppAttributeGroup) -> Option<PrinterJobReport> {
    let state = match int(group, "job-state")? {
        3 => PrinterJobState::Pending,
        4 => PrinterJobState::PendingHeld,
        5 => PrinterJobState::Processing,
        6 => PrinterJobState::ProcessingStopped,
        7 => PrinterJobState::Canceled,
        8 => PrinterJobState::Aborted,
        9 => PrinterJobState::Completed,
        _ => return None,
    };
    Some(PrinterJobReport {
        state,
        reasons: reasons(group, "job-state-reasons"),
        k_octets: int(group, "job-k-octets-processed"),
        impressions: int(group, "job-impressions-completed"),
    })
}
