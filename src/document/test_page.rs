//! A page to try a printer with: text, a ruler, grays and colors, and what was asked of the printer.
//!
//! Deliberately absent: sending it.

use super::page::{pdf_of, text};

/// The left and the upper edge of the text.
const CORNER: (f32, f32) = (60.0, 770.0);
/// Points a centimeter.
const CENTIMETER: f32 = 28.35;

/// A PDF of so many pages, each with these lines and its number.
pub fn test_page(lines: &[String], n_pages: usize) -> Vec<u8> {
    pdf_of((1..=n_pages).map(|page| contents(lines, page, n_pages)).collect())
}

fn contents(lines: &[String], page: usize, n_pages: usize) -> String {
    let (left, top) = CORNER;
    let mut draw = text(20, CORNER, &format!("pullprint test page {page} of {n_pages}"));
    for (i, line) in lines.iter().enumerate() {
        #[allow(clippy::cast_precision_loss, reason = "a page has few lines")]
        let y = top - 30.0 - 15.0 * i as f32;
        draw.push_str(&text(10, (left, y), line));
    }
    draw.push_str(&grays());
    draw.push_str(&colors());
    draw.push_str(&ruler());
    draw
}

/// Eleven fields from black to white.
fn grays() -> String {
    let field = |i: u8| {
        let (level, x) = (f32::from(i) / 10.0, CORNER.0 + 40.0 * f32::from(i));
        format!("{level} g {x} 230 40 30 re f\n")
    };
    (0..=10).map(field).collect::<Vec<_>>().concat() + "0 g\n"
}

/// Red, green, blue, cyan, magenta and yellow.
fn colors() -> String {
    let fields = ["1 0 0", "0 1 0", "0 0 1", "0 1 1", "1 0 1", "1 1 0"];
    let field = |(i, color): (u8, &str)| {
        let x = CORNER.0 + 70.0 * f32::from(i);
        format!("{color} rg {x} 180 60 30 re f\n")
    };
    (0..).zip(fields).map(field).collect::<Vec<_>>().concat() + "0 g\n"
}

/// Ten centimeters: whoever measures others sees that the page was scaled.
fn ruler() -> String {
    let mark = |i: u8| {
        let x = CORNER.0 + CENTIMETER * f32::from(i);
        format!("{x} 130 m {x} 145 l S BT /F 8 Tf {x} 118 Td ({i}) Tj ET\n")
    };
    let end = CORNER.0 + 10.0 * CENTIMETER;
    let line = format!("{} 130 m {end} 130 l S\n", CORNER.0);
    line + &(0..=10).map(mark).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_page_is_a_pdf_with_its_pages() {
        let file = test_page(&["sides two-sided (long edge) \\ Größe".to_owned()], 2);
        let pdf = lopdf::Document::load_mem(&file).unwrap();
        assert_eq!(pdf.get_pages().len(), 2);
        let text = String::from_utf8_lossy(&file);
        assert!(text.contains("(sides two-sided \\(long edge\\) \\\\ Gr\\366\\337e)"));
    }
}
