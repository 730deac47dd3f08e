//! Whether a page of a PDF is all there before it is drawn: a stream that ends too early draws as far as it goes, and a
//! field without a picture not at all, both without a word.
//!
//! It promises: of what is packed by Flate, which nearly all is, a cut is told for the page's content, its images and
//! forms; each stream is looked at once. Deliberately absent: other packings, fonts (the drawing tells of those),
//! patterns, and mending.

use std::{collections::HashSet, io};

use flate2::bufread::ZlibDecoder;
use hayro::hayro_syntax::{
    Filter,
    object::{Array, Dict, Name, ObjectIdentifier, Stream, dict::keys},
    page::Page,
};

/// Looks at pages.
#[derive(Default)]
pub(super) struct Intact {
    seen: HashSet<ObjectIdentifier>,
}

impl Intact {
    /// What is missing on a page, for people.
    pub(super) fn look_at(&mut self, page: &Page<'_>) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if contents(page.raw()).iter().any(|content| self.is_cut(content)) {
            missing.push("a page whose content is cut");
        }
        let mut named = vec![page.resources().x_objects.clone()];
        while let Some(names) = named.pop() {
            for shown in streams_of(&names) {
                if self.seen.contains(&shown.obj_id()) {
                    continue;
                }
                if self.is_cut(&shown) {
                    let kind = shown.dict().get::<Name<'_>>(keys::SUBTYPE);
                    let is_form = kind.is_some_and(|kind| kind.as_ref() == b"Form");
                    missing.push(if is_form {
                        "a part that is cut"
                    } else {
                        "an image that is cut"
                    });
                }
                let resources = shown.dict().get::<Dict<'_>>(keys::RESOURCES);
                named.extend(resources.and_then(|all| all.get(keys::XOBJECT)));
            }
        }
        if annotations(page.raw()).iter().any(has_no_picture) {
            missing.push("a form field or a note without a picture");
        }
        missing
    }

    fn is_cut(&mut self, stream: &Stream<'_>) -> bool {
        if !self.seen.insert(stream.obj_id()) {
            return false;
        }
        // Only the outermost filter sees the bytes as they are in the file.
        stream.filters().first() == Some(&Filter::FlateDecode) && !inflates(&stream.raw_data())
    }
}

fn inflates(bytes: &[u8]) -> bool {
    io::copy(&mut ZlibDecoder::new(bytes), &mut io::sink()).is_ok()
}

/// One stream, or several that are read as one (ISO 32000-1 section 7.8.2).
fn contents<'a>(page: &Dict<'a>) -> Vec<Stream<'a>> {
    match page.get::<Stream<'_>>(keys::CONTENTS) {
        Some(stream) => vec![stream],
        None => {
            let streams = page.get::<Array<'_>>(keys::CONTENTS);
            streams.map(|streams| streams.iter::<Stream<'_>>().collect()).unwrap_or_default()
        }
    }
}

/// The images and forms of a dictionary.
fn streams_of<'a>(named: &Dict<'a>) -> Vec<Stream<'a>> {
    let keys: Vec<Name<'_>> = named.keys().collect();
    keys.iter().filter_map(|key| named.get::<Stream<'_>>(key.as_ref())).collect()
}

fn annotations<'a>(page: &Dict<'a>) -> Vec<Dict<'a>> {
    let all = page.get::<Array<'_>>(keys::ANNOTS);
    all.map(|all| all.iter::<Dict<'_>>().collect()).unwrap_or_default()
}

/// Whether an annotation would be on paper and can not be drawn (ISO 32000-1 section 12.5.3).
fn has_no_picture(annotation: &Dict<'_>) -> bool {
    const HIDDEN: i32 = 2;
    const PRINT: i32 = 4;
    let flags: i32 = annotation.get(keys::F).unwrap_or(0);
    let kind = annotation.get::<Name<'_>>(keys::SUBTYPE);
    let is = |names: &[&[u8]]| kind.as_ref().is_some_and(|kind| names.contains(&kind.as_ref()));
    let printed = flags & PRINT != 0 && flags & HIDDEN == 0;
    // A field that nobody filled in has nothing to show.
    let filled = !is(&[b"Widget"]) || annotation.contains_key(keys::V);
    printed && filled && !is(&[b"Link", b"Popup"]) && !annotation.contains_key(keys::AP)
}

#[cfg(test)]
mod tests {
    use std::{io::Write, sync::Arc};

    use flate2::{Compression, write::ZlibEncoder};
    use hayro::hayro_syntax::Pdf;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn stream(head: &str, bytes: &[u8]) -> Vec<u8> {
        let head = format!("<< {head} /Filter /FlateDecode /Length {} >>\nstream\n", bytes.len());
        [head.as_bytes(), bytes, b"\nendstream"].concat()
    }

    /// What is missing on the one page of a PDF of these parts.
    fn missing(content: &[u8], image: &[u8], annotation: &str) -> Vec<&'static str> {
        let page =
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R /Annots [6 0 R] >>";
        let image = stream("/Subtype /Image /Width 8 /Height 8 /BitsPerComponent 8", image);
        let objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            // Resources that the page inherits.
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /XObject << /I 5 0 R >> >> >>"
                .to_vec(),
            page.as_bytes().to_vec(),
            stream("", content),
            image,
            annotation.as_bytes().to_vec(),
        ];
        let mut file = b"%PDF-1.5\n".to_vec();
        for (number, object) in (1..).zip(objects) {
            file.extend(format!("{number} 0 obj\n").into_bytes());
            file.extend(object);
            file.extend(b"\nendobj\n");
        }
        file.extend(b"trailer << /Size 7 /Root 1 0 R >>\n%%EOF\n");
        let pdf = Pdf::new(Arc::new(file)).unwrap();
        Intact::default().look_at(&pdf.pages()[0])
    }

    #[test]
    fn what_is_cut_or_has_no_picture_is_told() {
        let (content, image) = (packed(&b"0 0 9 9 re f ".repeat(99)), packed(&[7; 64]));
        let link = "<< /Type /Annot /Subtype /Link /F 4 >>";
        assert!(missing(&content, &image, link).is_empty());
        let cut = &content[..content.len() / 2];
        assert_eq!(missing(cut, &image, link), ["a page whose content is cut"]);
        let cut = &image[..image.len() - 5];
        assert_eq!(missing(&content, cut, link), ["an image that is cut"]);
        for (field, expect) in [
            ("<< /Type /Annot /Subtype /Widget /F 4 /V (filled) >>", 1),
            ("<< /Type /Annot /Subtype /Widget /F 4 >>", 0),
            ("<< /Type /Annot /Subtype /Widget /F 6 /V (hidden) >>", 0),
            ("<< /Type /Annot /Subtype /Square >>", 0),
        ] {
            assert_eq!(missing(&content, &image, field).len(), expect, "{field}");
        }
    }
}
