//! What a printer can do, as it told: Get-Printer-Attributes, RFC 8011 section 4.2.5.
//!
//! Every field names the IPP attribute that it mirrors. What a printer does not tell is empty or absent, and counts as
//! "can not". Deliberately absent: how the printer is (`printer`), and what follows for a job.

use super::PrinterHealth;

/// What a printer told of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Which device it is.
    pub identity: PrinterIdentity,
    /// IPP "operations-supported".
    pub operations: Vec<i32>,
    /// IPP "document-format-supported", lower case.
    pub formats: Vec<String>,
    /// IPP "copies-supported".
    pub copies: Option<(i32, i32)>,
    /// IPP "sides-supported".
    pub sides: Vec<String>,
    /// IPP "print-color-mode-supported" (PWG 5100.13).
    pub color_modes: Vec<String>,
    /// IPP "print-quality-supported".
    pub qualities: Vec<i32>,
    /// IPP "orientation-requested-supported".
    pub orientations: Vec<i32>,
    /// IPP "feed-orientation-supported" (PWG 5100.11).
    pub feed_orientations: Vec<String>,
    /// IPP "page-ranges-supported".
    pub page_ranges: bool,
    /// IPP "max-page-ranges-supported" (PWG 5100.13).
    pub most_page_ranges: Option<i32>,
    /// IPP "multiple-document-handling-supported".
    pub document_handling: Vec<String>,
    /// IPP "sheet-collate-supported" (RFC 3381).
    pub sheet_collate: Vec<String>,
    /// IPP "printer-resolution-supported".
    pub resolutions: Vec<Resolution>,
    /// IPP "print-scaling-supported" (PWG 5100.13).
    pub scalings: Vec<String>,
    /// IPP "number-up-supported": single numbers and ranges.
    pub numbers_up: Vec<(i32, i32)>,
    /// IPP "presentation-direction-number-up-supported" (PWG 5100.3).
    pub layouts: Vec<String>,
    /// IPP "finishings-supported" (PWG 5100.1).
    pub finishings: Vec<i32>,
    /// IPP "output-bin-supported" (PWG 5100.2).
    pub output_bins: Vec<String>,
    /// Paper.
    pub media: MediaCapabilities,
    /// Raster formats.
    pub raster: RasterCapabilities,
    /// IPP "job-constraints-supported" (PWG 5100.13).
    pub constraints: Vec<Constraint>,
    /// IPP "job-account-id-supported" (PWG 5100.3).
    pub account_id: bool,
    /// IPP "job-accounting-user-id-supported" (PWG 5100.3).
    pub accounting_user_id: bool,
    /// How the printer is.
    pub health: PrinterHealth,
}

impl Capabilities {
    /// Whether it prints in color.
    pub fn prints_color(&self) -> bool {
        self.color_modes.iter().any(|mode| mode == "color")
    }

    /// Whether it prints on both sides.
    pub fn prints_both_sides(&self) -> bool {
        self.sides.iter().any(|sides| sides == "two-sided-long-edge")
    }
}

/// Which device a printer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrinterIdentity {
    /// IPP "printer-uuid" (PWG 5100.13).
    pub uuid: Option<String>,
    /// IPP "printer-make-and-model".
    pub model: Option<String>,
    /// IPP "printer-location".
    pub location: Option<String>,
    /// IPP "printer-config-change-time" in seconds of "printer-up-time" (RFC 3995).
    pub configured: Option<i32>,
}

/// A printer's paper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaCapabilities {
    /// IPP "media-supported".
    pub names: Vec<String>,
    /// IPP "media-col-supported": the members that a "media-col" may have.
    pub members: Vec<String>,
    /// IPP "media-size-supported".
    pub sizes: Vec<SupportedSize>,
    /// IPP "media-type-supported".
    pub types: Vec<String>,
    /// IPP "media-source-supported".
    pub sources: Vec<String>,
    /// IPP "media-top-margin-supported" in hundredths of a millimeter: the legal values.
    pub top: Vec<i32>,
    /// IPP "media-bottom-margin-supported".
    pub bottom: Vec<i32>,
    /// IPP "media-left-margin-supported".
    pub left: Vec<i32>,
    /// IPP "media-right-margin-supported".
    pub right: Vec<i32>,
}

/// A paper size in hundredths of a millimeter, each side a range (equal ends for a fixed size).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportedSize {
    /// "x-dimension".
    pub x: (i32, i32),
    /// "y-dimension".
    pub y: (i32, i32),
}

/// What a tray holds: a member of IPP "media-col-ready" (PWG 5100.7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadyMedia {
    /// "media-size", in hundredths of a millimeter.
    pub size: Option<(i32, i32)>,
    /// "media-source".
    pub source: Option<String>,
    /// "media-type".
    pub media_type: Option<String>,
}

/// Dots per inch, across and along the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resolution {
    /// Across the feed.
    pub cross_feed: i32,
    /// Along it.
    pub feed: i32,
}

/// The raster formats of a printer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RasterCapabilities {
    /// IPP "pwg-raster-document-resolution-supported" (PWG 5102.4).
    pub resolutions: Vec<Resolution>,
    /// IPP "pwg-raster-document-type-supported".
    pub types: Vec<String>,
    /// IPP "pwg-raster-document-sheet-back".
    pub sheet_back: Option<String>,
    /// IPP "urf-supported", Apple's: such as `W8`, `SRGB24`, `RS300-600`, `DM3`.
    pub urf: Vec<String>,
}

/// Settings that do not go together: a job that has one of the values of each member can not be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// Each Job Template attribute, or member of a collection such as `media-col.media-type`, with its values.
    pub members: Vec<(String, Vec<ConstraintValue>)>,
}

/// A value of a constraint's member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstraintValue {
    /// A keyword or a name.
    Word(String),
    /// A number, or the numbers from one to another.
    Numbers(i32, i32),
}
