//! How to print: the configuration that the cloud keeps for a job, and a change of it.
//!
//! A change distinguishes "leave it", "set it" and "clear it", because a PATCH does.
//! Deliberately absent: Graph's and IPP's spellings of the values (`graph::convert`, `printer::ticket`).

/// What a change does to one member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Alter<T> {
    /// The member keeps its value.
    #[default]
    Keep,
    /// The member loses its value: `null` on the wire, and only on purpose.
    Clear,
    /// The member gets this value.
    Set(T),
}

impl<T: Clone + PartialEq> Alter<T> {
    fn apply(&self, current: Option<&T>) -> Option<T> {
        match self {
            Self::Keep => current.cloned(),
            Self::Clear => None,
            Self::Set(value) => Some(value.clone()),
        }
    }

    fn without(&self, current: Option<&T>) -> Self {
        if self.apply(current).as_ref() == current { Self::Keep } else { self.clone() }
    }
}

macro_rules! configuration {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        /// How to print. Every member may be absent: then the printer's default holds.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct JobConfiguration {
            $($(#[$doc])* pub $name: Option<$type>,)*
        }

        /// A change of a configuration: only the members that we alter.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct ConfigurationChange {
            $($(#[$doc])* pub $name: Alter<$type>,)*
        }

        impl ConfigurationChange {
            /// Whether nothing is altered.
            pub fn is_empty(&self) -> bool {
                $(self.$name == Alter::Keep)&&*
            }

            /// The configuration after this change.
            pub fn apply(&self, current: &JobConfiguration) -> JobConfiguration {
                JobConfiguration { $($name: self.$name.apply(current.$name.as_ref()),)* }
            }

            /// This change less the members that `current` already has as wanted.
            #[must_use]
            pub fn without(&self, current: &JobConfiguration) -> Self {
                Self { $($name: self.$name.without(current.$name.as_ref()),)* }
            }
        }
    };
}

configuration! {
    /// Sheets in order per copy (true), or all copies of a page together (false).
    collate: bool,
    /// Color, gray or the printer's choice.
    color_mode: ColorMode,
    /// How many copies, from 1.
    copies: i32,
    /// Dots per inch.
    dpi: i32,
    /// One or both sides, and which edge turns.
    duplex_mode: DuplexMode,
    /// Which edge of the sheet leads.
    feed_orientation: FeedOrientation,
    /// Staples, holes and folds, under the cloud's names.
    finishings: Vec<String>,
    /// Whether a PDF page is scaled to the sheet.
    fit_pdf_to_page: bool,
    /// The tray that the paper comes from.
    input_bin: String,
    /// Unprinted border, in micrometers.
    margin: Margin,
    /// The cloud's name of the paper size, such as `A4` or `North America Letter`.
    media_size: String,
    /// The kind of paper, such as `stationery`.
    media_type: String,
    /// Where the pages go when several share a side.
    multipage_layout: MultipageLayout,
    /// How the page lies.
    orientation: Orientation,
    /// The tray that the paper goes to.
    output_bin: String,
    /// The pages to print. Absent or empty: all.
    page_ranges: Vec<PageRange>,
    /// How many pages share a side.
    pages_per_sheet: i32,
    /// Draft, normal or best.
    quality: Quality,
    /// How a page is fitted to the sheet.
    scaling: Scaling,
}

/// Pages from `start` to `end`, both counted from 1 and both printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageRange {
    /// The first page.
    pub start: i64,
    /// The last page.
    pub end: i64,
}

impl ColorMode {
    /// Whether it prints without colors.
    pub fn is_gray(&self) -> bool {
        matches!(self, Self::Grayscale | Self::BlackAndWhite)
    }
}

impl JobConfiguration {
    /// Whether it prints without colors.
    pub fn is_gray(&self) -> bool {
        self.color_mode.as_ref().is_some_and(ColorMode::is_gray)
    }

    /// The sheets of paper that a document of so many pages becomes, where the printer's defaults are plain.
    pub fn sheets(&self, n_pages: u64) -> u64 {
        let ranges = self.page_ranges.as_deref().unwrap_or_default();
        let last = i64::try_from(n_pages).unwrap_or(i64::MAX);
        let in_range = |range: &PageRange| {
            range.end.min(last).saturating_sub(range.start).saturating_add(1).max(0)
        };
        let asked: i64 = ranges.iter().map(in_range).fold(0, i64::saturating_add);
        let printed = if ranges.is_empty() { n_pages } else { n_pages.min(asked.unsigned_abs()) };
        let count = |number: Option<i32>| number.map_or(1, |n| n.max(1).unsigned_abs().into());
        let sides = printed.div_ceil(count(self.pages_per_sheet));
        let both = matches!(self.duplex_mode, Some(DuplexMode::LongEdge | DuplexMode::ShortEdge));
        sides.div_ceil(if both { 2 } else { 1 }).saturating_mul(count(self.copies))
    }
}

impl PageRange {
    /// Ranges as people write them: `2-5,8`.
    pub fn read_list(text: &str) -> Option<Vec<Self>> {
        let range = |word: &str| {
            let (start, end) = word.split_once('-').unwrap_or((word, word));
            let (start, end) = (start.trim().parse().ok()?, end.trim().parse().ok()?);
            (1 <= start && start <= end).then_some(Self { start, end })
        };
        text.split(',').map(|word| range(word.trim())).collect()
    }

    /// The same, written again.
    pub fn write_list(ranges: &[Self]) -> String {
        let word = |range: &Self| match range {
            Self { start, end } if start == end => start.to_string(),
            Self { start, end } => format!("{start}-{end}"),
        };
        ranges.iter().map(word).collect::<Vec<_>>().join(", ")
    }
}

/// Unprinted borders in micrometers; an absent side is the printer's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Margin {
    /// The upper border.
    pub top: Option<i32>,
    /// The lower border.
    pub bottom: Option<i32>,
    /// The left border.
    pub left: Option<i32>,
    /// The right border.
    pub right: Option<i32>,
}

macro_rules! choice {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        ///
        /// `Other` keeps a word that we do not know, as it was written.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each variant is its word")]
        pub enum $name { $($variant,)* Other(String) }

        impl $name {
            /// All the known choices.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Our word for the choice, as commands take and journals keep it.
            pub fn word(&self) -> &str {
                match self { $(Self::$variant => $word,)* Self::Other(word) => word }
            }

            /// The choice of that word; an unknown one is kept as `Other`.
            pub fn from_word(word: &str) -> Self {
                match word { $($word => Self::$variant,)* _ => Self::Other(word.to_owned()) }
            }
        }
    )*};
}

choice! {
    /// Color or not.
    ColorMode { BlackAndWhite = "black-and-white", Grayscale = "gray", Color = "color", Auto = "auto", }
    /// One side or both.
    DuplexMode { OneSided = "one-sided", LongEdge = "long-edge", ShortEdge = "short-edge", }
    /// How fine to print.
    Quality { Low = "low", Medium = "medium", High = "high", }
    /// How the page lies on the sheet.
    Orientation {
        Portrait = "portrait", Landscape = "landscape",
        ReverseLandscape = "reverse-landscape", ReversePortrait = "reverse-portrait",
    }
    /// Which edge of the sheet leads.
    FeedOrientation { LongEdgeFirst = "long-edge-first", ShortEdgeFirst = "short-edge-first", }
    /// How a page is fitted to the sheet.
    Scaling { Auto = "auto", ShrinkToFit = "shrink-to-fit", Fill = "fill", Fit = "fit", None = "none", }
    /// The corner where the first page stands, and which way the pages run.
    MultipageLayout {
        ClockwiseFromTopLeft = "clockwise-from-top-left",
        CounterclockwiseFromTopLeft = "counterclockwise-from-top-left",
        CounterclockwiseFromTopRight = "counterclockwise-from-top-right",
        ClockwiseFromTopRight = "clockwise-from-top-right",
        CounterclockwiseFromBottomLeft = "counterclockwise-from-bottom-left",
        ClockwiseFromBottomLeft = "clockwise-from-bottom-left",
        CounterclockwiseFromBottomRight = "counterclockwise-from-bottom-right",
        ClockwiseFromBottomRight = "clockwise-from-bottom-right",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_leaves_the_other_members_alone() {
        let current =
            JobConfiguration { copies: Some(2), collate: Some(true), ..Default::default() };
        let change = ConfigurationChange { copies: Alter::Set(1), ..Default::default() };
        let after = change.apply(&current);
        assert_eq!((after.copies, after.collate), (Some(1), Some(true)));
    }

    #[test]
    fn a_change_to_what_is_already_there_is_empty() {
        let current = JobConfiguration { copies: Some(2), ..Default::default() };
        let change = ConfigurationChange {
            copies: Alter::Set(2),
            media_size: Alter::Clear,
            ..Default::default()
        };
        assert!(!change.is_empty());
        assert!(change.without(&current).is_empty());
    }

    #[test]
    fn sheets_are_counted_as_they_are_printed() {
        let plain = JobConfiguration::default();
        let both = JobConfiguration { duplex_mode: Some(DuplexMode::LongEdge), ..plain.clone() };
        let four = JobConfiguration { pages_per_sheet: Some(4), ..both.clone() };
        let ranges = PageRange::read_list("2-3, 9-20");
        let some = JobConfiguration { page_ranges: ranges, copies: Some(3), ..plain.clone() };
        let sheets = [plain, both, four, some].map(|configuration| configuration.sheets(9));
        assert_eq!(sheets, [9, 5, 2, 9]);
        let odd = JobConfiguration { copies: Some(-1), ..JobConfiguration::default() };
        assert_eq!(odd.sheets(u64::MAX), u64::MAX);
    }

    #[test]
    fn every_word_of_a_choice_reads_back() {
        for mode in ColorMode::ALL {
            assert_eq!(ColorMode::from_word(mode.word()), *mode);
        }
        assert_eq!(ColorMode::from_word("sepia"), ColorMode::Other("sepia".into()));
    }
}
