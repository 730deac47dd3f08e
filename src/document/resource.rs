//! What pages of an XPS package use: images and fonts, looked at before a converter sees them.
//!
//! It promises: an image or a font that the converter would leave out without a word is told.
//! Deliberately absent: decoding. Headers, checksums and tables are looked at.

use read_fonts::{FontRef, TableProvider, types::Tag};

/// What a page uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Image,
    Font,
}

impl Kind {
    /// For people.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Image => "an image",
            Self::Font => "a font",
        }
    }

    /// The extension that fits the bytes, or what is wrong with them.
    pub(super) fn look_at(self, bytes: &[u8]) -> Result<&'static str, &'static str> {
        match self {
            Self::Image => look_at_image(bytes),
            Self::Font => look_at_font(bytes),
        }
    }
}

const DAMAGED: &str = "that does not read";

fn look_at_image(bytes: &[u8]) -> Result<&'static str, &'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', chunks @ ..] => {
            whole_png(chunks).then_some("png").ok_or(DAMAGED)
        }
        [0xFF, 0xD8, segments @ ..] => match jpeg_components(segments) {
            Some(1 | 3) => Ok("jpg"),
            Some(4) => Err("in printing colors"),
            _ => Err(DAMAGED),
        },
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Ok("tif"),
        [b'I', b'I', 0xBC, ..] => Err("in the format JPEG XR"),
        _ => Err("in a format that is not known here"),
    }
}

/// Whether each chunk that counts has its checksum, to the last one (PNG section 5.3).
fn whole_png(mut chunks: &[u8]) -> bool {
    let number = |at: &[u8]| Some(u32::from_be_bytes(at.get(..4)?.try_into().ok()?));
    let mut next = || {
        let length = number(chunks)? as usize;
        let body = chunks.get(4..length.checked_add(8)?)?;
        let checksum = number(chunks.get(length + 8..)?)?;
        chunks = &chunks[length + 12..];
        // A small first letter says that an image is whole without it.
        let needed = body.first().is_some_and(u8::is_ascii_uppercase);
        (!needed || crc32fast::hash(body) == checksum).then(|| body.starts_with(b"IEND"))
    };
    loop {
        match next() {
            Some(false) => {}
            end => return end == Some(true),
        }
    }
}

/// The colors of a dot, of an image that has its end (ITU-T T.81 annex B).
fn jpeg_components(mut segments: &[u8]) -> Option<u8> {
    let mut components = None;
    loop {
        let [0xFF, marker, rest @ ..] = segments else { return None };
        let length = usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
        match marker {
            0xFF => {
                segments = &segments[1..];
                continue;
            }
            0xDA => break,
            0xC4 | 0xC8 | 0xCC => {}
            0xC0..=0xCF => components = rest.get(7).copied(),
            _ => {}
        }
        segments = rest.get(length..)?;
    }
    segments.windows(2).any(|end| end == [0xFF, 0xD9]).then_some(components?)
}

fn look_at_font(bytes: &[u8]) -> Result<&'static str, &'static str> {
    let collection = bytes.starts_with(b"ttcf");
    let font = if collection { FontRef::from_index(bytes, 0) } else { FontRef::new(bytes) };
    let font = font.map_err(|_| DAMAGED)?;
    let outlines = [["glyf", "loca"], ["CFF ", "CFF "]];
    let has = |table: &str| {
        Tag::new_checked(table.as_bytes()).is_ok_and(|tag| font.table_data(tag).is_some())
    };
    let drawn = outlines.iter().any(|tables| tables.iter().all(|table| has(table)));
    let reads =
        font.head().is_ok() && font.maxp().is_ok() && font.hhea().is_ok() && font.hmtx().is_ok();
    (drawn && reads).then_some("ttf").ok_or(DAMAGED)
}

/// How long a GUID is in text.
const GUID_LENGTH: usize = 36;

/// Undoes the obfuscation of a font: the first 32 octets are mixed with the GUID that its part is named by, last octet
/// first (ECMA-388 section 9.1.7.3). Nothing if the name is not a GUID.
pub(super) fn plain_font(part: &str, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let name = part.rsplit('/').next()?;
    let (stem, _) = name.rsplit_once('.')?;
    // Some writers put a word before it.
    let stem = stem.trim_end_matches('}');
    let guid = stem.get(stem.len().checked_sub(GUID_LENGTH)?..)?;
    let guid = uuid::Uuid::parse_str(guid).ok()?;
    for (octet, key) in bytes.iter_mut().take(32).zip(guid.as_bytes().iter().rev().cycle()) {
        *octet ^= key;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_known_by_their_bytes() {
        let jpeg = |components: u8| {
            let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xC0, 0, 8, 8, 0, 1, 0, 1, components];
            bytes.extend([0xFF, 0xDA, 0, 2, 0xFF, 0xD9]);
            bytes
        };
        assert_eq!(look_at_image(&jpeg(3)), Ok("jpg"));
        assert_eq!(look_at_image(&jpeg(4)), Err("in printing colors"));
        assert_eq!(look_at_image(&jpeg(3)[..14]), Err(DAMAGED));
        assert_eq!(look_at_image(b"II\xBC\x01\0\0"), Err("in the format JPEG XR"));
        assert_eq!(look_at_image(b"GIF89a"), Err("in a format that is not known here"));
        assert_eq!(look_at_image(super::super::markup::NO_IMAGE.1), Ok("png"));
        let mut png = super::super::markup::NO_IMAGE.1.to_vec();
        png[45] ^= 1;
        assert_eq!(look_at_image(&png), Err(DAMAGED));
    }

    #[test]
    fn a_font_gets_its_first_octets_back() {
        let part = "resources/font_00112233-4455-6677-8899-aabbccddeeff.odttf";
        let mut mixed: Vec<u8> = (0..16).map(|i: u8| 0xFF - i * 0x11).collect();
        mixed.extend(mixed.clone());
        mixed.push(7);
        let plain = plain_font(part, mixed).unwrap();
        assert_eq!(plain, [vec![0; 32], vec![7]].concat());
        assert_eq!(plain_font("resources/arial.odttf", vec![0; 40]), None);
        assert_eq!(look_at_font(b"nothing"), Err(DAMAGED));
    }
}
