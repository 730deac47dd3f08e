//! Pages as gray dots: read from PWG Raster and PGM, and compared.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "dots and shares of a page are small"
)]

/// A page; 255 is white.
pub(crate) struct Gray {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) dots: Vec<u8>,
}

impl Gray {
    /// The share of the page that is dark.
    pub(crate) fn ink(&self) -> f64 {
        self.dots.iter().filter(|dot| **dot < 128).count() as f64 / self.dots.len() as f64
    }
}

/// A binary PGM of 8 bits.
pub(crate) fn read_pgm(file: &[u8]) -> Gray {
    let mut fields = file.splitn(4, u8::is_ascii_whitespace);
    assert_eq!(fields.next(), Some(&b"P5"[..]));
    let mut number =
        || std::str::from_utf8(fields.next().unwrap()).unwrap().parse::<usize>().unwrap();
    let (width, height) = (number(), number());
    let rest = fields.next().unwrap();
    let dots = rest.strip_prefix(b"255\n").unwrap().to_vec();
    assert_eq!(dots.len(), width * height);
    Gray { width, height, dots }
}

/// The pages of a PWG Raster of 8 bits of gray or 24 of color (PWG 5102.4), read by the book.
pub(crate) fn read_pwg(file: &[u8]) -> Vec<Gray> {
    let mut rest = file.strip_prefix(b"RaS2").expect("the sync word");
    let mut pages = Vec::new();
    while !rest.is_empty() {
        let (header, data) = rest.split_at(1796);
        assert!(header.starts_with(b"PwgRaster\0"));
        let number =
            |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().unwrap()) as usize;
        let (width, height, octets) = (number(372), number(376), number(388) / 8);
        assert_eq!(number(392), width * octets, "octets a line");
        rest = data;
        let mut dots = Vec::with_capacity(width * height * octets);
        while dots.len() < width * height * octets {
            let repeats = usize::from(rest[0]) + 1;
            let (line, after) = read_line(&rest[1..], width * octets, octets);
            rest = after;
            (0..repeats).for_each(|_| dots.extend_from_slice(&line));
        }
        assert_eq!(dots.len(), width * height * octets);
        let gray = dots.chunks_exact(octets).map(|dot| {
            let sum: u32 = dot.iter().map(|part| u32::from(*part)).sum();
            (sum / dot.len() as u32) as u8
        });
        pages.push(Gray { width, height, dots: gray.collect() });
    }
    pages
}

fn read_line(mut data: &[u8], length: usize, octets: usize) -> (Vec<u8>, &[u8]) {
    let mut line = Vec::with_capacity(length);
    while line.len() < length {
        let count = usize::from(data[0]);
        data = &data[1..];
        if count < 128 {
            (0..=count).for_each(|_| line.extend_from_slice(&data[..octets]));
            data = &data[octets..];
        } else {
            let n = (257 - count) * octets;
            line.extend_from_slice(&data[..n]);
            data = &data[n..];
        }
    }
    assert_eq!(line.len(), length);
    (line, data)
}

/// The share of dots that differ by more than 32 of 255 after a blur of 1.5 dots. A blur of both is a blur of their
/// difference. Pages may differ in size by a dot or two, for roundings differ.
pub(crate) fn share_that_differs(a: &Gray, b: &Gray) -> f64 {
    assert!(a.width.abs_diff(b.width) <= 2 && a.height.abs_diff(b.height) <= 2);
    let (width, height) = (a.width.min(b.width), a.height.min(b.height));
    let mut difference = Vec::with_capacity(width * height);
    for (ours, theirs) in a.dots.chunks(a.width).zip(b.dots.chunks(b.width)).take(height) {
        if ours[..width] == theirs[..width] {
            difference.resize(difference.len() + width, 0);
        } else {
            let pairs = ours[..width].iter().zip(&theirs[..width]);
            difference.extend(pairs.map(|(ours, theirs)| i16::from(*ours) - i16::from(*theirs)));
        }
    }
    let across = blurred(&difference, width);
    let along = blurred(&turned(&across, width, height), height);
    let differ = along.iter().filter(|dot| dot.abs() > 32).count();
    differ as f64 / (width * height) as f64
}

/// A Gauss blur with a deviation of 1.5 dots along each line.
fn blurred(dots: &[i16], width: usize) -> Vec<i16> {
    const WEIGHTS: [i32; 9] = [8, 37, 111, 216, 280, 216, 111, 37, 8];
    const TOTAL: i32 = 1024;
    let mut out = Vec::with_capacity(dots.len());
    for line in dots.chunks_exact(width) {
        let mut sums = vec![0_i32; width];
        for (x, dot) in line.iter().enumerate().filter(|(_, dot)| **dot != 0) {
            for (i, weight) in WEIGHTS.iter().enumerate() {
                if let Some(sum) = (x + i).checked_sub(4).and_then(|x| sums.get_mut(x)) {
                    *sum += i32::from(*dot) * weight;
                }
            }
        }
        out.extend(sums.iter().map(|sum| (sum / TOTAL) as i16));
    }
    out
}

fn turned(dots: &[i16], width: usize, height: usize) -> Vec<i16> {
    let mut out = vec![0; dots.len()];
    for (y, line) in dots.chunks_exact(width).enumerate() {
        for (x, dot) in line.iter().enumerate().filter(|(_, dot)| **dot != 0) {
            out[x * height + y] = *dot;
        }
    }
    out
}
