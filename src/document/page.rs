//! Pages of our own as PDF: plain text and what is drawn around it.
//!
//! Deliberately absent: what stands on them (`test_page`, `slip`), and scripts that Helvetica has not.

use lopdf::{Dictionary, Document, Object, Stream, dictionary};

/// A4 in points.
const PAGE: (f32, f32) = (595.0, 842.0);

/// A PDF of pages with these contents (ISO 32000-1 section 7.8.2), Helvetica as the font `F`.
pub(super) fn pdf_of(contents: Vec<String>) -> Vec<u8> {
    let mut pdf = Document::with_version("1.5");
    let tree = pdf.new_object_id();
    let font = pdf.add_object(dictionary! {
        "Type" => "Font",
        "Subtype" => "Type1",
        "BaseFont" => "Helvetica",
        "Encoding" => "WinAnsiEncoding",
    });
    let mut kids: Vec<Object> = Vec::new();
    for contents in contents {
        let contents = pdf.add_object(Stream::new(Dictionary::new(), contents.into_bytes()));
        let page = dictionary! {
            "Type" => "Page",
            "Parent" => tree,
            "MediaBox" => vec![0.into(), 0.into(), PAGE.0.into(), PAGE.1.into()],
            "Contents" => contents,
            "Resources" => dictionary! { "Font" => dictionary! { "F" => font } },
        };
        kids.push(pdf.add_object(page).into());
    }
    let count = i64::try_from(kids.len()).unwrap_or(1);
    let root = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
    pdf.objects.insert(tree, Object::Dictionary(root));
    let catalog = pdf.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    pdf.trailer.set("Root", catalog);
    let mut file = Vec::new();
    pdf.save_to(&mut file).expect("memory takes what is written");
    file
}

/// A line of text, its left end at `x` and `y` in points from the lower left corner.
pub(super) fn text(size: u8, (x, y): (f32, f32), line: &str) -> String {
    format!("BT /F {size} Tf {x} {y} Td ({}) Tj ET\n", escaped(line))
}

/// Whether the font has all of it.
pub(super) fn has_all(text: &str) -> bool {
    text.chars().all(|c| code(c).is_some())
}

/// A text in a PDF string: what the font has not is a question mark.
fn escaped(line: &str) -> String {
    let one = |c: char| match c {
        '(' | ')' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        other => code(other).map_or_else(|| "?".to_owned(), |code| format!("\\{code:03o}")),
    };
    line.chars().map(one).collect::<Vec<_>>().concat()
}

/// The code of a character in `WinAnsiEncoding` (ISO 32000-1 annex D.2), as far as texts here use it.
fn code(c: char) -> Option<u8> {
    match c {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(c)).ok(),
        '€' => Some(0x80),
        '…' => Some(0x85),
        '‘' => Some(0x91),
        '’' => Some(0x92),
        '“' => Some(0x93),
        '”' => Some(0x94),
        '„' => Some(0x84),
        '–' => Some(0x96),
        '—' => Some(0x97),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_as_the_font_has_it() {
        assert_eq!(escaped("(a\\b) Größe l’œil"), "\\(a\\\\b\\) Gr\\366\\337e l\\222?il");
        assert!(has_all("Größe") && !has_all("Печать"));
    }
}
