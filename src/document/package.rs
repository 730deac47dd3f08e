//! An XPS package: a ZIP archive of named parts, some of them in pieces (ECMA-388 section 9).
//!
//! It promises: a part is whole, or absent, or the package is damaged; names compare as the standard says, without
//! regard to letter case and percent-encoding.
//! Deliberately absent: what the parts mean (`plain`).

use std::{
    collections::HashMap,
    io::{Read, Seek},
};

use zip::ZipArchive;

/// More items than any printed document has.
const N_ITEMS: usize = 100_000;

/// A package that is open for reading.
pub(super) struct Package<R> {
    archive: ZipArchive<R>,
    /// The items that a part consists of, in order; nothing where pieces of it are missing.
    parts: HashMap<String, Option<Vec<usize>>>,
}

impl<R: Read + Seek> Package<R> {
    /// # Errors
    ///
    /// A sentence about the document.
    pub(super) fn open(input: R) -> Result<Self, String> {
        let archive = ZipArchive::new(input).map_err(damaged)?;
        if archive.len() > N_ITEMS {
            return Err(format!("it has {} parts: more than anything here takes", archive.len()));
        }
        let mut parts = HashMap::new();
        let mut pieces: HashMap<String, Vec<Piece>> = HashMap::new();
        for index in 0..archive.len() {
            let name = archive.name_for_index(index).transpose().map_err(damaged)?;
            let name = name.unwrap_or_default();
            match piece_of(&name) {
                Some((part, number, last)) => {
                    let piece = Piece { number, last, index };
                    pieces.entry(normal(part)).or_default().push(piece);
                }
                None => drop(parts.insert(normal(&name), Some(vec![index]))),
            }
        }
        parts.extend(pieces.into_iter().map(|(name, pieces)| (name, in_order(pieces))));
        Ok(Self { archive, parts })
    }

    /// The bytes of a part; nothing where there is none.
    ///
    /// # Errors
    ///
    /// A sentence about the document.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let Some(items) = self.parts.get(name) else { return Ok(None) };
        let items = items.as_ref().ok_or("it is damaged: pieces of a part are missing")?;
        let mut bytes = Vec::new();
        for index in items {
            let mut item = self.archive.by_index(*index).map_err(damaged)?;
            item.read_to_end(&mut bytes).map_err(damaged)?;
        }
        Ok(Some(bytes))
    }

    /// The text of a part of markup.
    ///
    /// # Errors
    ///
    /// A sentence about the document.
    pub(super) fn markup(&mut self, name: &str) -> Result<Option<String>, String> {
        self.part(name)?.map(|bytes| text(&bytes)).transpose()
    }
}

/// The normal name of the part that a reference in another part means.
pub(super) fn resolve(from: &str, reference: &str) -> String {
    let reference = reference.split(['?', '#']).next().unwrap_or_default();
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    match reference.strip_prefix('/') {
        Some(absolute) => normal(absolute),
        None => normal(&format!("{folder}/{reference}")),
    }
}

/// A name as parts are looked up: decoded, lower case, without steps up and down.
fn normal(name: &str) -> String {
    let decoded = percent_decoded(&name.replace('\\', "/")).to_lowercase();
    let mut steps = Vec::new();
    for step in decoded.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

fn percent_decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = std::str::from_utf8(behind.get(..2).unwrap_or_default());
        let code = code.ok().and_then(|code| u8::from_str_radix(code, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

struct Piece {
    number: usize,
    last: bool,
    index: usize,
}

/// The part, the number, and whether it is the last, of an item that is a piece.
fn piece_of(name: &str) -> Option<(&str, usize, bool)> {
    let (part, piece) = name.rsplit_once("/[")?;
    let (number, kind) = piece.split_once(']')?;
    let last = match kind.to_ascii_lowercase().as_str() {
        ".piece" => false,
        ".last.piece" => true,
        _ => return None,
    };
    let plain = number == "0" || !number.starts_with(['0', '+']);
    Some((part, number.parse().ok().filter(|_| plain)?, last))
}

/// Pieces that make a whole: each number once, and only the last one says so.
fn in_order(mut pieces: Vec<Piece>) -> Option<Vec<usize>> {
    pieces.sort_by_key(|piece| piece.number);
    let end = pieces.len() - 1;
    let fits = |(i, piece): (usize, &Piece)| piece.number == i && piece.last == (i == end);
    pieces.iter().enumerate().all(fits).then(|| pieces.iter().map(|piece| piece.index).collect())
}

/// Markup is UTF-8 or UTF-16 (ECMA-388 section 9.3.1).
fn text(bytes: &[u8]) -> Result<String, String> {
    let units = |of: fn([u8; 2]) -> u16, skipped: usize| {
        let units: Vec<u16> =
            bytes[skipped..].chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect();
        String::from_utf16(&units).map_err(damaged)
    };
    match bytes {
        [0xFF, 0xFE, ..] => units(u16::from_le_bytes, 2),
        [0xFE, 0xFF, ..] => units(u16::from_be_bytes, 2),
        [b'<', 0, ..] => units(u16::from_le_bytes, 0),
        [0, b'<', ..] => units(u16::from_be_bytes, 0),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).map_err(damaged),
        bytes => String::from_utf8(bytes.to_vec()).map_err(damaged),
    }
}

/// In words.
pub(super) fn damaged(error: impl std::fmt::Display) -> String {
    format!("it is damaged: {error}")
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn part(items: &[(&str, &str)], name: &str) -> Result<Option<String>, String> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in items {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        Package::open(archive.finish().unwrap())?.markup(name)
    }

    #[test]
    fn pieces_become_a_part_in_their_order() {
        let items = [
            ("Pages/1.fpage/[1].piece", "b"),
            ("Pages/1.fpage/[0].piece", "a"),
            ("pages/1.FPAGE/[2].last.piece", "c"),
        ];
        assert_eq!(part(&items, "pages/1.fpage"), Ok(Some("abc".to_owned())));
        assert_eq!(part(&items, "pages/2.fpage"), Ok(None));
    }

    #[test]
    fn pieces_that_make_no_whole_are_damage() {
        let damaged = Err("it is damaged: pieces of a part are missing".to_owned());
        for items in [
            &[("p/[0].piece", "a"), ("p/[1].piece", "b")][..],
            &[("p/[0].piece", "a"), ("p/[2].last.piece", "c")],
            &[("p/[0].last.piece", "a"), ("p/[1].last.piece", "b")],
            &[("p/[0].piece", "a"), ("P/[0].last.piece", "b")],
        ] {
            assert_eq!(part(items, "p"), damaged);
        }
    }

    #[test]
    fn references_are_resolved_as_uris_are() {
        assert_eq!(
            resolve("documents/1/pages/1.fpage", "../Resources/A%20b.PNG"),
            "documents/1/resources/a b.png"
        );
        assert_eq!(resolve("documents/1/pages/1.fpage", "/Fonts/F.odttf#1"), "fonts/f.odttf");
        assert_eq!(resolve("seq.fdseq", "Docs/1.fdoc"), "docs/1.fdoc");
    }

    #[test]
    fn markup_is_read_in_all_its_encodings() {
        let wide = |of: fn(u16) -> [u8; 2]| {
            [0xFEFF].into_iter().chain("<ä/>".encode_utf16()).flat_map(of).collect::<Vec<u8>>()
        };
        for bytes in [
            "<ä/>".as_bytes().to_vec(),
            "\u{FEFF}<ä/>".as_bytes().to_vec(),
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
        ] {
            assert_eq!(text(&bytes), Ok("<ä/>".to_owned()));
        }
        assert!(text(b"\xFF\xFE\x00\xD8").is_err());
    }
}
