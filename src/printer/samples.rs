//! A printer that has everything, and tickets as lines: what the tables of tests are made of.

use super::{finishing, mapping, ticket::ticket};
use crate::model::{
    Capabilities, DocumentFormat, JobConfiguration, PrinterHealth, TicketRules,
    capabilities::{MediaCapabilities, RasterCapabilities, Resolution, SupportedSize},
};

pub(super) fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

pub(super) fn asked() -> JobConfiguration {
    JobConfiguration::default()
}

pub(super) fn size(x: i32, y: i32) -> SupportedSize {
    SupportedSize { x: (x, x), y: (y, y) }
}

/// A printer that has everything.
pub(super) fn printer() -> Capabilities {
    Capabilities {
        formats: words(&["application/pdf", "image/pwg-raster", "image/urf"]),
        copies: Some((1, 99)),
        sides: words(&["one-sided", "two-sided-long-edge", "two-sided-short-edge"]),
        color_modes: words(&["auto", "color", "monochrome"]),
        qualities: vec![3, 4, 5],
        orientations: vec![3, 4, 5, 6],
        feed_orientations: words(&["long-edge-first", "short-edge-first"]),
        page_ranges: true,
        document_handling: words(&[
            "separate-documents-collated-copies",
            "separate-documents-uncollated-copies",
        ]),
        resolutions: [300, 600].map(|dpi| Resolution { cross_feed: dpi, feed: dpi }).to_vec(),
        scalings: mapping::SCALINGS.iter().map(|(_, word)| (*word).to_owned()).collect(),
        numbers_up: vec![(1, 2), (4, 4), (6, 6), (9, 9), (16, 16)],
        layouts: mapping::LAYOUTS.iter().map(|(_, word)| (*word).to_owned()).collect(),
        finishings: finishing::NAMES.iter().map(|(_, number)| *number).collect(),
        output_bins: words(&["top", "face-down", "Mailbox 1"]),
        media: MediaCapabilities {
            names: words(&["iso_a4_210x297mm", "na_letter_8.5x11in"]),
            members: words(&[
                "media-size",
                "media-type",
                "media-source",
                "media-top-margin",
                "media-left-margin",
            ]),
            sizes: vec![size(21_000, 29_700), size(29_700, 42_000)],
            types: words(&["stationery", "labels", "com.vendor Thick"]),
            sources: words(&["auto", "tray-1", "tray-2"]),
            top: vec![0, 300, 423],
            left: vec![423],
            ..MediaCapabilities::default()
        },
        raster: RasterCapabilities {
            resolutions: [300, 600].map(|dpi| Resolution { cross_feed: dpi, feed: dpi }).to_vec(),
            types: words(&["black_1", "sgray_8", "srgb_8"]),
            sheet_back: Some("rotated".into()),
            urf: words(&["V1.5", "W8", "SRGB24", "DM3", "RS300-600"]),
        },
        health: PrinterHealth { accepting: true, ..PrinterHealth::default() },
        ..Capabilities::default()
    }
}

/// A printer that says nothing of itself but that it takes PDF.
pub(super) fn plain() -> Capabilities {
    Capabilities { formats: words(&["application/pdf"]), ..Capabilities::default() }
}

/// What a ticket says, in one line: attributes, then notes as `setting:asked->sent`, then our work.
pub(super) fn line(
    wanted: &JobConfiguration,
    source: &DocumentFormat,
    can: &Capabilities,
    rules: &TicketRules,
) -> String {
    match ticket(wanted, source, can, rules) {
        Err(unmet) => format!("unmet {unmet}"),
        Ok(ticket) => {
            let agreement = ticket.agreement();
            let sent = agreement.sent.iter().map(|(name, value)| format!("{name}={value}"));
            let notes = &agreement.substitutions;
            let notes =
                notes.iter().map(|one| format!("{}:{}->{}", one.setting, one.asked, one.sent));
            let work = Some(format!("[{}]", agreement.work)).filter(|_| !agreement.work.is_none());
            sent.chain(notes).chain(work).collect::<Vec<_>>().join(" ")
        }
    }
}

#[track_caller]
pub(super) fn check(wanted: &JobConfiguration, can: &Capabilities, expect: &str) {
    assert_eq!(line(wanted, &DocumentFormat::Pdf, can, &TicketRules::default()), expect);
}

#[track_caller]
pub(super) fn check_by(
    rules: &TicketRules,
    wanted: &JobConfiguration,
    can: &Capabilities,
    expect: &str,
) {
    assert_eq!(line(wanted, &DocumentFormat::Pdf, can, rules), expect);
}
