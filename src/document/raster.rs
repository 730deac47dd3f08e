//! Raster files: PWG Raster (PWG 5102.4) and Apple's URF, line by line, and gray or colored pages as a PDF of pictures.
//!
//! Both raster formats pack lines in the same way: a count of equal lines, then runs of equal or different dots.
//! Deliberately absent: where lines come from (`draw`).

use std::io::{self, Write};

use crate::model::{
    DocumentFormat,
    capabilities::Resolution,
    work::{Dots, Drawing, SheetBack, Sides},
};

/// The most lines that one count stands for, and the most dots of one run.
const MOST_LINES: u16 = 256;
const MOST_DOTS: usize = 128;
/// The size of a PWG page header, in octets.
const PWG_HEADER: usize = 1796;

/// A page that begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// In dots.
    pub(super) width: u32,
    /// In lines.
    pub(super) height: u32,
    /// Whether it is the back of a sheet.
    pub(super) back: bool,
}

/// Writes pages of lines.
pub(super) struct Raster<'a, W: Write> {
    out: &'a mut W,
    urf: bool,
    drawing: &'a Drawing,
    n_pages: u32,
    line: Vec<u8>,
    count: u16,
}

impl<'a, W: Write> Raster<'a, W> {
    /// Begins a file of that many pages.
    pub(super) fn begin(
        out: &'a mut W,
        format: &DocumentFormat,
        drawing: &'a Drawing,
        n_pages: u32,
    ) -> io::Result<Self> {
        let urf = *format == DocumentFormat::Urf;
        if urf {
            out.write_all(b"UNIRAST\0")?;
            out.write_all(&n_pages.to_be_bytes())?;
        } else {
            out.write_all(b"RaS2")?;
        }
        Ok(Self { out, urf, drawing, n_pages, line: Vec::new(), count: 0 })
    }

    pub(super) fn begin_page(&mut self, page: Page) -> io::Result<()> {
        let header = if self.urf {
            urf_header(self.drawing, page)
        } else {
            pwg_header(self.drawing, page, self.n_pages)
        };
        self.out.write_all(&header)
    }

    /// A line of dots, packed as the format wants them.
    pub(super) fn line(&mut self, line: &[u8]) -> io::Result<()> {
        if self.count > 0 && self.count < MOST_LINES && self.line == line {
            self.count += 1;
            return Ok(());
        }
        self.flush_line()?;
        self.line.clear();
        self.line.extend_from_slice(line);
        self.count = 1;
        Ok(())
    }

    pub(super) fn end_page(&mut self) -> io::Result<()> {
        self.flush_line()?;
        self.count = 0;
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<()> {
        self.out.flush()
    }

    fn flush_line(&mut self) -> io::Result<()> {
        if self.count > 0 {
            let repeats = u8::try_from(self.count - 1).unwrap_or(u8::MAX);
            self.out.write_all(&[repeats])?;
            pack(self.out, &self.line, octets_a_dot(self.drawing.dots))?;
        }
        Ok(())
    }
}

/// The octets that a run counts in.
fn octets_a_dot(dots: Dots) -> usize {
    if dots == Dots::Color8 { 3 } else { 1 }
}

/// Runs of equal dots (a count less one, then the dot) and of different ones (257 less their number, then the dots).
fn pack(out: &mut impl Write, line: &[u8], octets: usize) -> io::Result<()> {
    let dots: Vec<&[u8]> = line.chunks(octets).collect();
    let mut at = 0;
    while at < dots.len() {
        let window = &dots[at..dots.len().min(at + MOST_DOTS)];
        let equal = window.iter().take_while(|dot| **dot == window[0]).count();
        if equal > 1 || window.len() == 1 {
            out.write_all(&[u8::try_from(equal - 1).unwrap_or(0)])?;
            out.write_all(window[0])?;
            at += equal;
            continue;
        }
        // A pair of equal dots ends the run: it is shorter as a run of its own.
        let pair = window.windows(2).position(|pair| pair[0] == pair[1]);
        let different = pair.unwrap_or(window.len()).max(1);
        if different == 1 {
            out.write_all(&[0])?;
        } else {
            out.write_all(&[u8::try_from(257 - different).unwrap_or(0)])?;
        }
        out.write_all(&line[at * octets..(at + different) * octets])?;
        at += different;
    }
    Ok(())
}

struct Header(Vec<u8>);

impl Header {
    fn put(&mut self, at: usize, number: u32) {
        self.0[at..at + 4].copy_from_slice(&number.to_be_bytes());
    }

    fn text(&mut self, at: usize, text: &str) {
        self.0[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
}

fn bits(dots: Dots) -> (u32, u32) {
    match dots {
        Dots::Black1 => (1, 1),
        Dots::Gray8 => (8, 8),
        Dots::Color8 => (8, 24),
    }
}

fn dots_an_inch(resolution: Resolution) -> (u32, u32) {
    (resolution.cross_feed.unsigned_abs(), resolution.feed.unsigned_abs())
}

/// PWG 5102.4 section 4.3.
fn pwg_header(drawing: &Drawing, page: Page, n_pages: u32) -> Vec<u8> {
    const MIRRORED: u32 = u32::MAX;
    let mut header = Header(vec![0; PWG_HEADER]);
    let (x, y) = dots_an_inch(drawing.resolution);
    let (bits_a_color, bits_a_dot) = bits(drawing.dots);
    let points = |dots: u32, dpi: u32| (dots * 72 + dpi / 2) / dpi.max(1);
    header.text(0, "PwgRaster");
    header.put(272, u32::from(drawing.sides != Sides::One));
    header.put(276, x);
    header.put(280, y);
    header.put(340, 1);
    header.put(352, points(page.width, x));
    header.put(356, points(page.height, y));
    header.put(368, u32::from(drawing.sides == Sides::ShortEdge));
    header.put(372, page.width);
    header.put(376, page.height);
    header.put(384, bits_a_color);
    header.put(388, bits_a_dot);
    header.put(392, (page.width * bits_a_dot).div_ceil(8));
    header.put(
        400,
        match drawing.dots {
            Dots::Black1 => 3,
            Dots::Gray8 => 18,
            Dots::Color8 => 19,
        },
    );
    header.put(420, if drawing.dots == Dots::Color8 { 3 } else { 1 });
    header.put(452, n_pages);
    let (mirrored_x, mirrored_y) =
        if page.back { back_of(drawing.sides, drawing.back) } else { (false, false) };
    header.put(456, if mirrored_x { MIRRORED } else { 1 });
    header.put(460, if mirrored_y { MIRRORED } else { 1 });
    header.0
}

/// Apple's: dots, color, sides, resolution and size, in 32 octets.
fn urf_header(drawing: &Drawing, page: Page) -> Vec<u8> {
    const NORMAL_QUALITY: u8 = 4;
    let mut header = Header(vec![0; 32]);
    let (_, bits_a_dot) = bits(drawing.dots);
    header.0[0] = u8::try_from(bits_a_dot).unwrap_or(8);
    header.0[1] = u8::from(drawing.dots == Dots::Color8);
    header.0[2] = match drawing.sides {
        Sides::One => 1,
        Sides::ShortEdge => 2,
        Sides::LongEdge => 3,
    };
    header.0[3] = NORMAL_QUALITY;
    header.put(12, page.width);
    header.put(16, page.height);
    header.put(20, dots_an_inch(drawing.resolution).1);
    header.0
}

/// Whether the back of a sheet is mirrored across and along the feed (PWG 5102.4 table 7).
pub(super) fn back_of(sides: Sides, back: SheetBack) -> (bool, bool) {
    match (back, sides) {
        (_, Sides::One) | (SheetBack::Normal, _) => (false, false),
        (SheetBack::Flipped, Sides::LongEdge) => (false, true),
        (SheetBack::Flipped, Sides::ShortEdge) => (true, false),
        (SheetBack::Rotated, Sides::LongEdge) | (SheetBack::ManualTumble, Sides::ShortEdge) => {
            (true, true)
        }
        (SheetBack::Rotated, Sides::ShortEdge) | (SheetBack::ManualTumble, Sides::LongEdge) => {
            (false, false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &[u8], octets: usize, expect: &[u8]) {
        let mut packed = Vec::new();
        pack(&mut packed, line, octets).unwrap();
        assert_eq!(packed, expect, "{line:?}");
        assert_eq!(unpack(&packed, octets), line);
    }

    fn unpack(mut packed: &[u8], octets: usize) -> Vec<u8> {
        let mut line = Vec::new();
        while let [count, rest @ ..] = packed {
            let count = usize::from(*count);
            if count < 128 {
                (0..=count).for_each(|_| line.extend_from_slice(&rest[..octets]));
                packed = &rest[octets..];
            } else {
                let n = (257 - count) * octets;
                line.extend_from_slice(&rest[..n]);
                packed = &rest[n..];
            }
        }
        line
    }

    #[test]
    fn lines_are_packed_in_runs_and_read_back() {
        check(&[7, 7, 7, 7], 1, &[3, 7]);
        check(&[1, 2, 3, 3, 3], 1, &[255, 1, 2, 2, 3]);
        check(&[1], 1, &[0, 1]);
        check(&[9, 5, 5], 1, &[0, 9, 1, 5]);
        check(&[1, 1, 1, 2, 2, 2, 2, 2, 2], 3, &[0, 1, 1, 1, 1, 2, 2, 2]);
        check(&[0; 300], 1, &[127, 0, 127, 0, 43, 0]);
        let noise: Vec<u8> = (0..400).map(|i: u32| (i * 7 % 251).to_le_bytes()[0]).collect();
        let mut packed = Vec::new();
        pack(&mut packed, &noise, 1).unwrap();
        assert_eq!(unpack(&packed, 1), noise);
    }

    #[test]
    fn equal_lines_are_counted_up_to_the_most() {
        let (drawing, mut out) = (Drawing::default(), Vec::new());
        let mut raster = Raster::begin(&mut out, &DocumentFormat::PwgRaster, &drawing, 1).unwrap();
        raster.begin_page(Page { width: 2, height: 300, back: false }).unwrap();
        (0..300).for_each(|_| raster.line(&[5, 5]).unwrap());
        raster.end_page().unwrap();
        assert_eq!(out[4 + PWG_HEADER..], [255, 1, 5, 43, 1, 5]);
    }
}
