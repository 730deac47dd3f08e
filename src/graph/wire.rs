//! Graph's spellings: each enum member and its word of ours, by name and never by number.
//!
//! Deliberately absent: the shapes around them (`convert`).

use crate::model::configuration::{
    ColorMode, DuplexMode, FeedOrientation, MultipageLayout, Orientation, Quality, Scaling,
};
use crate::model::{CloudJobState, TaskState};

macro_rules! spellings {
    ($($(#[$doc:meta])* $table:ident, $read:ident, $write:ident: $type:ident { $($variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        pub(super) fn $read(word: &str) -> $type {
            $(if word.eq_ignore_ascii_case($word) { return $type::$variant; })*
            $type::Other(word.to_owned())
        }

        $(#[$doc])*
        pub(super) fn $write(choice: &$type) -> &str {
            match choice { $($type::$variant => $word,)* $type::Other(word) => word }
        }
    )*};
}

spellings! {
    /// Graph `printColorMode`.
    COLOR_MODES, read_color_mode, write_color_mode: ColorMode {
        BlackAndWhite = "blackAndWhite", Grayscale = "grayscale", Color = "color", Auto = "auto",
    }
    /// Graph `printDuplexMode`.
    DUPLEX_MODES, read_duplex_mode, write_duplex_mode: DuplexMode {
        OneSided = "oneSided", LongEdge = "flipOnLongEdge", ShortEdge = "flipOnShortEdge",
    }
    /// Graph `printQuality`.
    QUALITIES, read_quality, write_quality: Quality { Low = "low", Medium = "medium", High = "high", }
    /// Graph `printOrientation`.
    ORIENTATIONS, read_orientation, write_orientation: Orientation {
        Portrait = "portrait", Landscape = "landscape",
        ReverseLandscape = "reverseLandscape", ReversePortrait = "reversePortrait",
    }
    /// Graph `printerFeedOrientation`.
    FEED_ORIENTATIONS, read_feed_orientation, write_feed_orientation: FeedOrientation {
        LongEdgeFirst = "longEdgeFirst", ShortEdgeFirst = "shortEdgeFirst",
    }
    /// Graph `printScaling`.
    SCALINGS, read_scaling, write_scaling: Scaling {
        Auto = "auto", ShrinkToFit = "shrinkToFit", Fill = "fill", Fit = "fit", None = "none",
    }
    /// Graph `printMultipageLayout`.
    LAYOUTS, read_layout, write_layout: MultipageLayout {
        ClockwiseFromTopLeft = "clockwiseFromTopLeft",
        CounterclockwiseFromTopLeft = "counterclockwiseFromTopLeft",
        CounterclockwiseFromTopRight = "counterclockwiseFromTopRight",
        ClockwiseFromTopRight = "clockwiseFromTopRight",
        CounterclockwiseFromBottomLeft = "counterclockwiseFromBottomLeft",
        ClockwiseFromBottomLeft = "clockwiseFromBottomLeft",
        CounterclockwiseFromBottomRight = "counterclockwiseFromBottomRight",
        ClockwiseFromBottomRight = "clockwiseFromBottomRight",
    }
}

/// Graph `printJobProcessingState`.
pub(super) fn read_job_state(word: &str) -> CloudJobState {
    match word {
        "unknown" => CloudJobState::Unknown,
        "pending" => CloudJobState::Pending,
        "processing" => CloudJobState::Processing,
        "paused" => CloudJobState::Paused,
        "stopped" => CloudJobState::Stopped,
        "completed" => CloudJobState::Completed,
        "canceled" => CloudJobState::Canceled,
        "aborted" => CloudJobState::Aborted,
        _ => CloudJobState::Other,
    }
}

/// Graph `printTaskProcessingState`.
pub(super) fn read_task_state(word: &str) -> TaskState {
    match word {
        "pending" => TaskState::Pending,
        "processing" => TaskState::Processing,
        "completed" => TaskState::Completed,
        "aborted" => TaskState::Aborted,
        _ => TaskState::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_choice_reads_back_from_graph() {
        for mode in ColorMode::ALL {
            assert_eq!(read_color_mode(write_color_mode(mode)), *mode);
        }
        for mode in DuplexMode::ALL {
            assert_eq!(read_duplex_mode(write_duplex_mode(mode)), *mode);
        }
        for quality in Quality::ALL {
            assert_eq!(read_quality(write_quality(quality)), *quality);
        }
        for orientation in Orientation::ALL {
            assert_eq!(read_orientation(write_orientation(orientation)), *orientation);
        }
        for orientation in FeedOrientation::ALL {
            assert_eq!(read_feed_orientation(write_feed_orientation(orientation)), *orientation);
        }
        for scaling in Scaling::ALL {
            assert_eq!(read_scaling(write_scaling(scaling)), *scaling);
        }
        for layout in MultipageLayout::ALL {
            assert_eq!(read_layout(write_layout(layout)), *layout);
        }
    }

    #[test]
    fn an_unknown_member_is_kept_and_an_old_spelling_is_understood() {
        assert_eq!(read_color_mode("sepia"), ColorMode::Other("sepia".into()));
        let old = read_layout("counterClockwiseFromTopLeft");
        assert_eq!(old, MultipageLayout::CounterclockwiseFromTopLeft);
    }
}
