//! Attributes of an answer to our types.
//!
//! An attribute that is absent, out of band or of another syntax counts as absent.
//! Deliberately absent: what follows from a value.

use ipp::{
    attribute::{IppAttribute, IppAttributeGroup, IppAttributes},
    model::DelimiterTag,
    value::IppValue,
};

use super::words::{needs_help, waits_at_panel};
use crate::model::{
    Capabilities, PrinterHealth, PrinterJobReport, PrinterJobState,
    capabilities::{
        Constraint, ConstraintValue, MediaCapabilities, PrinterIdentity, RasterCapabilities,
        ReadyMedia, Resolution, SupportedSize,
    },
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
    "feed-orientation-supported",
    "page-ranges-supported",
    "max-page-ranges-supported",
    "multiple-document-handling-supported",
    "sheet-collate-supported",
    "printer-resolution-supported",
    "print-scaling-supported",
    "number-up-supported",
    "presentation-direction-number-up-supported",
    "finishings-supported",
    "output-bin-supported",
    "media-supported",
    "media-col-supported",
    "media-size-supported",
    "media-type-supported",
    "media-source-supported",
    "media-top-margin-supported",
    "media-bottom-margin-supported",
    "media-left-margin-supported",
    "media-right-margin-supported",
    "pwg-raster-document-resolution-supported",
    "pwg-raster-document-type-supported",
    "pwg-raster-document-sheet-back",
    "urf-supported",
    "job-constraints-supported",
    "job-account-id-supported",
    "job-accounting-user-id-supported",
    "printer-uuid",
    "printer-make-and-model",
    "printer-location",
];

/// What changes by itself, which [`read_health`] reads.
pub(super) const HEALTH: &[&str] = &[
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "printer-up-time",
    "printer-impressions-completed",
    "printer-config-change-time",
    "media-col-ready",
    "marker-colors",
    "marker-levels",
];

fn values(group: &IppAttributeGroup, name: &str) -> Vec<IppValue> {
    group.get(name).map(|one| each(one.value()).to_vec()).unwrap_or_default()
}

fn as_word(value: &IppValue) -> Option<String> {
    match value {
        IppValue::Keyword(word)
        | IppValue::NameWithoutLanguage(word)
        | IppValue::MimeMediaType(word) => Some(word.as_str().to_owned()),
        IppValue::TextWithoutLanguage(text) => Some(text.to_string()),
        IppValue::NameWithLanguage { name, .. } => Some(name.as_str().to_owned()),
        IppValue::TextWithLanguage { text, .. } => Some(text.to_string()),
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

/// All values of a value.
fn each(value: &IppValue) -> &[IppValue] {
    match value {
        IppValue::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}

/// The words among the values.
pub(super) fn words_of(value: &IppValue) -> Vec<String> {
    each(value).iter().filter_map(as_word).collect()
}

/// The numbers among the values.
pub(super) fn numbers_of(value: &IppValue) -> Vec<i32> {
    each(value).iter().filter_map(as_int).collect()
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

/// What a printer calls unsupported.
pub(super) fn unsupported(attributes: &IppAttributes) -> Vec<IppAttribute> {
    let groups = attributes.groups_of(DelimiterTag::UnsupportedAttributes);
    groups.flat_map(IppAttributeGroup::attributes).cloned().collect()
}

/// A printer's capabilities.
pub(super) fn read_capabilities(group: &IppAttributeGroup) -> Capabilities {
    let formats = words(group, "document-format-supported");
    Capabilities {
        identity: PrinterIdentity {
            uuid: word(group, "printer-uuid"),
            model: word(group, "printer-make-and-model"),
            location: word(group, "printer-location"),
            configured: configured(group),
        },
        operations: ints(group, "operations-supported"),
        formats: formats.into_iter().map(|format| format.to_ascii_lowercase()).collect(),
        copies: values(group, "copies-supported").first().and_then(as_range),
        sides: words(group, "sides-supported"),
        color_modes: words(group, "print-color-mode-supported"),
        qualities: ints(group, "print-quality-supported"),
        orientations: ints(group, "orientation-requested-supported"),
        feed_orientations: words(group, "feed-orientation-supported"),
        page_ranges: flag(group, "page-ranges-supported").unwrap_or(false),
        most_page_ranges: int(group, "max-page-ranges-supported"),
        document_handling: words(group, "multiple-document-handling-supported"),
        sheet_collate: words(group, "sheet-collate-supported"),
        resolutions: resolutions(group, "printer-resolution-supported"),
        scalings: words(group, "print-scaling-supported"),
        numbers_up: values(group, "number-up-supported").iter().filter_map(as_range).collect(),
        layouts: words(group, "presentation-direction-number-up-supported"),
        finishings: ints(group, "finishings-supported"),
        output_bins: words(group, "output-bin-supported"),
        media: read_media(group),
        raster: read_raster(group),
        constraints: read_constraints(group),
        account_id: flag(group, "job-account-id-supported").unwrap_or(false),
        accounting_user_id: flag(group, "job-accounting-user-id-supported").unwrap_or(false),
        health: read_health(group),
    }
}

fn read_media(group: &IppAttributeGroup) -> MediaCapabilities {
    let margin = |side: &str| ints(group, &format!("media-{side}-margin-supported"));
    MediaCapabilities {
        names: words(group, "media-supported"),
        members: words(group, "media-col-supported"),
        sizes: values(group, "media-size-supported").iter().filter_map(read_size).collect(),
        types: words(group, "media-type-supported"),
        sources: words(group, "media-source-supported"),
        top: margin("top"),
        bottom: margin("bottom"),
        left: margin("left"),
        right: margin("right"),
    }
}

fn read_raster(group: &IppAttributeGroup) -> RasterCapabilities {
    RasterCapabilities {
        resolutions: resolutions(group, "pwg-raster-document-resolution-supported"),
        types: words(group, "pwg-raster-document-type-supported"),
        sheet_back: word(group, "pwg-raster-document-sheet-back"),
        urf: words(group, "urf-supported"),
    }
}

fn read_size(value: &IppValue) -> Option<SupportedSize> {
    let members = value.as_collection()?;
    let side = |name: &str| members.get(name).and_then(as_range);
    Some(SupportedSize { x: side("x-dimension")?, y: side("y-dimension")? })
}

/// Resolutions in dots per inch; those per centimeter (units 4) are reckoned over.
fn resolutions(group: &IppAttributeGroup, name: &str) -> Vec<Resolution> {
    let read = |value: &IppValue| {
        let IppValue::Resolution { cross_feed, feed, units } = value else { return None };
        let inch = |dots: i32| if *units == 4 { dots.saturating_mul(254) / 100 } else { dots };
        let resolution = Resolution { cross_feed: inch(*cross_feed), feed: inch(*feed) };
        (resolution.cross_feed > 0 && resolution.feed > 0).then_some(resolution)
    };
    values(group, name).iter().filter_map(read).collect()
}

fn read_constraints(group: &IppAttributeGroup) -> Vec<Constraint> {
    let read = |value: &IppValue| {
        let mut members = Vec::new();
        flatten("", value, &mut members);
        members.retain(|(name, _)| name != "resolver-name");
        (!members.is_empty()).then_some(Constraint { members })
    };
    values(group, "job-constraints-supported").iter().filter_map(read).collect()
}

/// A collection's members by their paths, such as `media-col.media-size.x-dimension`, each with its values.
pub(super) fn flatten(
    path: &str,
    value: &IppValue,
    into: &mut Vec<(String, Vec<ConstraintValue>)>,
) {
    match value {
        IppValue::Collection(members) => {
            for (name, member) in members {
                let dot = if path.is_empty() { "" } else { "." };
                flatten(&format!("{path}{dot}{name}"), member, into);
            }
        }
        IppValue::Array(values) if values.iter().any(|one| one.as_collection().is_some()) => {
            for one in values {
                flatten(path, one, into);
            }
        }
        IppValue::Array(values) => {
            into.push((path.to_owned(), values.iter().filter_map(comparable).collect()));
        }
        value => into.push((path.to_owned(), comparable(value).into_iter().collect())),
    }
}

fn comparable(value: &IppValue) -> Option<ConstraintValue> {
    as_range(value)
        .map(|(least, most)| ConstraintValue::Numbers(least, most))
        .or_else(|| as_word(value).map(ConstraintValue::Word))
        .or_else(|| value.as_boolean().map(|flag| ConstraintValue::Word(flag.to_string())))
}

/// IPP "printer-config-change-time": when what a printer can do changed last.
pub(super) fn configured(group: &IppAttributeGroup) -> Option<i32> {
    int(group, "printer-config-change-time")
}

/// How a printer is.
pub(super) fn read_health(group: &IppAttributeGroup) -> PrinterHealth {
    PrinterHealth {
        state: int(group, "printer-state"),
        reasons: reasons(group, "printer-state-reasons"),
        accepting: flag(group, "printer-is-accepting-jobs").unwrap_or(true),
        up_time: int(group, "printer-up-time"),
        impressions: int(group, "printer-impressions-completed"),
        media_ready: values(group, "media-col-ready").iter().filter_map(read_ready).collect(),
        inks: words(group, "marker-colors").into_iter().zip(ints(group, "marker-levels")).collect(),
    }
}

fn read_ready(value: &IppValue) -> Option<ReadyMedia> {
    let members = value.as_collection()?;
    let word = |name: &str| members.get(name).and_then(as_word);
    let size = members.get("media-size").and_then(read_size);
    Some(ReadyMedia {
        size: size.map(|size| (size.x.1, size.y.1)),
        source: word("media-source"),
        media_type: word("media-type"),
    })
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
    let reasons = reasons(group, "job-state-reasons");
    let stands = state == PrinterJobState::ProcessingStopped || needs_help(&reasons);
    Some(PrinterJobReport {
        state,
        k_octets: int(group, "job-k-octets-processed"),
        impressions: int(group, "job-impressions-completed"),
        sheets: int(group, "job-media-sheets-completed"),
        trouble: stands.then(|| reasons.join(", ")),
        waits_at_panel: waits_at_panel(&reasons)
            .filter(|_| !state.is_terminal())
            .map(str::to_owned),
        reasons,
    })
}
