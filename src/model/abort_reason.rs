//! Why a job was ended by the system, by policy or by an administrator: a code for programs, a sentence for its owner.
//!
//! Deliberately absent: when that is decided (`policy`, `flow`).

use jiff::SignedDuration;

/// Why a job was ended by the system, by policy or by an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AbortReason {
    /// Nobody released it within the hold limit.
    HoldExpired {
        /// The limit.
        limit: SignedDuration,
    },
    /// The queue refuses documents of this format.
    FormatRefused(String),
    /// No printer takes the document's format and nothing converts it.
    FormatNotTaken(String),
    /// The document has no bytes.
    EmptyDocument,
    /// The document's size was not what the cloud said, twice.
    SizeMismatch {
        /// Octets that the cloud announced.
        announced: u64,
        /// Octets that came.
        came: u64,
    },
    /// The document could not be converted.
    ConversionFailed(String),
    /// The document is larger than the limit of the configuration, given in octets.
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// An administrator said so, with these words.
    ByAdministrator(String),
    /// The job came out, and the queue reports releases as aborts.
    Released,
    /// A person canceled the job at the printer.
    CanceledAtPrinter,
    /// Its owner removed it at a kiosk, without a sign-in to the cloud there.
    RemovedByOwner,
}

/// Graph's limit on the reason of an abort, in characters.
pub const ABORT_REASON_LIMIT: usize = 255;

impl AbortReason {
    /// The code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::HoldExpired { .. } => "hold-expired",
            Self::FormatRefused(_) => "format-refused",
            Self::FormatNotTaken(_) => "format-not-taken",
            Self::EmptyDocument => "empty-document",
            Self::SizeMismatch { .. } => "size-mismatch",
            Self::ConversionFailed(_) => "conversion-failed",
            Self::TooLarge { .. } => "too-large",
            Self::ByAdministrator(_) => "by-administrator",
            Self::Released => "released",
            Self::CanceledAtPrinter => "canceled-at-printer",
            Self::RemovedByOwner => "removed-by-owner",
        }
    }

    /// Whether a person or a rule decided so; otherwise it failed for a technical reason.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::HoldExpired { .. }
            | Self::FormatRefused(_)
            | Self::TooLarge { .. }
            | Self::ByAdministrator(_)
            | Self::Released
            | Self::CanceledAtPrinter
            | Self::RemovedByOwner => true,
            Self::FormatNotTaken(_)
            | Self::EmptyDocument
            | Self::SizeMismatch { .. }
            | Self::ConversionFailed(_) => false,
        }
    }

    /// What the owner reads in the cloud: one sentence, at most 255 characters, no personal data.
    pub fn sentence(&self) -> String {
        let text = match self {
            Self::HoldExpired { limit } => {
                format!(
                    "This job was not released to its end within {}. If it is not at the printer, print it again.",
                    in_words(*limit)
                )
            }
            Self::FormatRefused(format) => {
                format!("This queue does not print documents of the type {format}.")
            }
            Self::FormatNotTaken(format) => {
                format!(
                    "No printer here can print a document of the type {format}. Please print it as PDF."
                )
            }
            Self::EmptyDocument => "The document is empty. Please print it again.".to_owned(),
            Self::SizeMismatch { announced, came } => format!(
                "The document arrived damaged: {came} bytes instead of {announced}. Please print it again."
            ),
            Self::ConversionFailed(why) => {
                format!(
                    "The document could not be converted for the printer: {why}. Please print it as PDF."
                )
            }
            Self::TooLarge { limit } => {
                format!(
                    "The document is larger than {} MiB, the limit of this queue.",
                    limit / (1024 * 1024)
                )
            }
            Self::ByAdministrator(words) => words.clone(),
            Self::Released => "Printed. The job was released at a printer.".to_owned(),
            Self::CanceledAtPrinter => "The job was canceled at the printer.".to_owned(),
            Self::RemovedByOwner => "You removed this job at a printer.".to_owned(),
        };
        text.chars().take(ABORT_REASON_LIMIT).collect()
    }
}

/// A limit as people say it.
fn in_words(limit: SignedDuration) -> String {
    match limit.as_secs() {
        seconds @ ..120 => format!("{seconds} seconds"),
        seconds @ 120..7_200 => format!("{} minutes", seconds / 60),
        seconds => format!("{} hours", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_said_in_the_unit_that_fits() {
        assert_eq!(in_words(SignedDuration::from_secs(12)), "12 seconds");
        assert_eq!(in_words(SignedDuration::from_hours(24)), "24 hours");
        assert_eq!(in_words(SignedDuration::from_mins(90)), "90 minutes");
    }

    #[test]
    fn an_abort_reason_is_cut_at_the_clouds_limit() {
        let long = AbortReason::ByAdministrator("ä".repeat(400));
        assert_eq!(long.sentence().chars().count(), ABORT_REASON_LIMIT);
    }
}
