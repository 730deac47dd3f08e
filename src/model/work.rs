//! What pullprint does to a document itself before a printer gets it.
//!
//! It is agreed on before the document is touched, and written down with the attempt. Its text is one line that people
//! read in `jobs show` and that reads back.
//! Deliberately absent: how it is done (`document`), and when it is needed (`printer::plan`).

use std::{fmt, str::FromStr};

use super::{DocumentFormat, capabilities::Resolution};

/// What is done to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentWork {
    /// What it is in the cloud.
    pub source: DocumentFormat,
    /// What the printer gets.
    pub sent: DocumentFormat,
    /// The pages that are kept, from 1, ascending and apart; empty: all of them.
    pub pages: Vec<(i32, i32)>,
    /// How often they follow each other in the document.
    pub copies: i32,
    /// Whether a copy begins on a new sheet although both sides are printed.
    pub pad: bool,
    /// Whether colors become gray.
    pub gray: bool,
    /// How it is drawn, where it is.
    pub drawing: Option<Drawing>,
}

/// How pages are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// The dots.
    pub resolution: Resolution,
    /// What a dot is.
    pub dots: Dots,
    /// The sheet in hundredths of a millimeter, upright; absent: each page's own size.
    pub sheet: Option<(i32, i32)>,
    /// How a page is fitted to the sheet.
    pub fit: Fit,
    /// Whether each page is turned by half a turn.
    pub upside_down: bool,
    /// How the two sides of a sheet go together.
    pub sides: Sides,
    /// How the printer wants the back of a sheet.
    pub back: SheetBack,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    )*};
}

words! {
    /// What a dot of a raster is, by the PWG's words (PWG 5102.4 section 4.3.2).
    Dots {
        /// Black or white.
        Black1 = "black_1",
        /// 256 grays.
        Gray8 = "sgray_8",
        /// Red, green and blue.
        Color8 = "srgb_8",
    }
    /// How a page is fitted to a sheet (PWG 5100.13 "print-scaling").
    Fit {
        /// Too large a page is made smaller; others stay as they are.
        Shrink = "shrink",
        /// The whole page, as large as it goes.
        Fit = "fit",
        /// The whole sheet, whatever is cut.
        Fill = "fill",
        /// The size stays, whatever is cut.
        None = "none",
    }
    /// How sides go together (RFC 8011 "sides").
    Sides {
        /// One side of each sheet.
        One = "one-sided",
        /// Both, turned at the long edge.
        LongEdge = "two-sided-long-edge",
        /// Both, turned at the short edge.
        ShortEdge = "two-sided-short-edge",
    }
    /// How a printer wants the back of a sheet (PWG 5102.4 "pwg-raster-document-sheet-back").
    SheetBack {
        /// As the front.
        Normal = "normal",
        /// Mirrored.
        Flipped = "flipped",
        /// Turned by half a turn, where the long edge turns the sheet.
        Rotated = "rotated",
        /// Turned by half a turn, where the short edge turns it.
        ManualTumble = "manual-tumble",
    }
}

impl DocumentWork {
    /// Nothing is done.
    pub fn none(source: &DocumentFormat) -> Self {
        Self {
            source: source.clone(),
            sent: source.clone(),
            pages: Vec::new(),
            copies: 1,
            pad: false,
            gray: false,
            drawing: None,
        }
    }

    /// Whether pages are kept, repeated or drawn.
    pub fn touches_pages(&self) -> bool {
        !self.pages.is_empty() || self.copies > 1 || self.drawing.is_some()
    }

    /// Whether the document goes as it is.
    pub fn is_none(&self) -> bool {
        *self == Self::none(&self.source)
    }
}

/// Ranges as people write them.
pub fn ranges_in_words(ranges: &[(i32, i32)]) -> String {
    let words: Vec<String> = ranges.iter().map(|(start, end)| format!("{start}-{end}")).collect();
    words.join(",")
}

impl fmt::Display for DocumentWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.source.mime(), self.sent.mime())?;
        if !self.pages.is_empty() {
            write!(f, " pages={}", ranges_in_words(&self.pages))?;
        }
        if self.copies != 1 {
            write!(f, " copies={}", self.copies)?;
        }
        if self.pad {
            write!(f, " pad=yes")?;
        }
        if self.gray {
            write!(f, " gray=yes")?;
        }
        let Some(drawing) = &self.drawing else { return Ok(()) };
        let Resolution { cross_feed, feed } = drawing.resolution;
        write!(f, " dpi={cross_feed}x{feed} dots={}", drawing.dots.word())?;
        if let Some((width, length)) = drawing.sheet {
            write!(f, " sheet={width}x{length}")?;
        }
        if drawing.upside_down {
            write!(f, " upside-down=yes")?;
        }
        let (fit, sides, back) = (drawing.fit, drawing.sides, drawing.back);
        write!(f, " fit={} sides={} back={}", fit.word(), sides.word(), back.word())
    }
}

/// The text is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotWork;

fn pair(text: &str, between: char) -> Result<(i32, i32), NotWork> {
    let (first, second) = text.split_once(between).ok_or(NotWork)?;
    Ok((first.parse().map_err(|_| NotWork)?, second.parse().map_err(|_| NotWork)?))
}

fn word_of<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str, text: &str) -> Result<T, NotWork> {
    all.iter().copied().find(|one| word(*one) == text).ok_or(NotWork)
}

impl FromStr for DocumentWork {
    type Err = NotWork;

    fn from_str(text: &str) -> Result<Self, NotWork> {
        let mut words = text.split(' ');
        let source = DocumentFormat::from_mime(words.next().ok_or(NotWork)?);
        if words.next() != Some("to") {
            return Err(NotWork);
        }
        let mut work = Self::none(&source);
        work.sent = DocumentFormat::from_mime(words.next().ok_or(NotWork)?);
        for word in words {
            let (name, value) = word.split_once('=').ok_or(NotWork)?;
            match name {
                "pages" => {
                    let ranges = value.split(',').map(|range| pair(range, '-'));
                    work.pages = ranges.collect::<Result<_, _>>()?;
                }
                "copies" => work.copies = value.parse().map_err(|_| NotWork)?,
                "pad" => work.pad = true,
                "gray" => work.gray = true,
                _ => work.drawing.get_or_insert_with(Drawing::default).read(name, value)?,
            }
        }
        Ok(work)
    }
}

impl Default for Drawing {
    fn default() -> Self {
        Self {
            resolution: Resolution { cross_feed: 300, feed: 300 },
            dots: Dots::Gray8,
            sheet: None,
            fit: Fit::Shrink,
            upside_down: false,
            sides: Sides::One,
            back: SheetBack::Normal,
        }
    }
}

impl Drawing {
    fn read(&mut self, name: &str, value: &str) -> Result<(), NotWork> {
        match name {
            "dpi" => {
                let (cross_feed, feed) = pair(value, 'x')?;
                self.resolution = Resolution { cross_feed, feed };
            }
            "dots" => self.dots = word_of(Dots::ALL, Dots::word, value)?,
            "sheet" => self.sheet = Some(pair(value, 'x')?),
            "fit" => self.fit = word_of(Fit::ALL, Fit::word, value)?,
            "upside-down" => self.upside_down = true,
            "sides" => self.sides = word_of(Sides::ALL, Sides::word, value)?,
            "back" => self.back = word_of(SheetBack::ALL, SheetBack::word, value)?,
            _ => return Err(NotWork),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_work_reads_back_from_its_line() {
        let plain = DocumentWork::none(&DocumentFormat::Pdf);
        let cut = DocumentWork {
            pages: vec![(2, 5), (9, 9)],
            copies: 3,
            pad: true,
            gray: true,
            ..plain.clone()
        };
        let mut all = vec![plain, cut.clone()];
        for (dots, fit) in Dots::ALL.iter().zip(Fit::ALL) {
            for (sides, back) in Sides::ALL.iter().zip(SheetBack::ALL) {
                let drawing = Drawing {
                    dots: *dots,
                    fit: *fit,
                    sides: *sides,
                    back: *back,
                    sheet: Some((21_000, 29_700)),
                    upside_down: true,
                    ..Drawing::default()
                };
                let sent = DocumentFormat::Urf;
                all.push(DocumentWork { sent, drawing: Some(drawing), ..cut.clone() });
            }
        }
        for work in all {
            assert_eq!(work.to_string().parse(), Ok(work.clone()), "{work}");
        }
    }

    #[test]
    fn what_is_no_work_is_none() {
        for text in ["", "application/pdf", "a to b dpi=300", "a to b colour=yes", "a to b pages=x"]
        {
            assert_eq!(text.parse::<DocumentWork>(), Err(NotWork), "{text}");
        }
    }
}
