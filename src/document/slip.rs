//! A slip for a badge that nobody knows: a code in large digits, and what to do with it.
//!
//! Deliberately absent: the words (the kiosk's), and sending it.

use super::page::{has_all, pdf_of, text};

/// The left and the upper edge of the text, in points.
const CORNER: (f32, f32) = (60.0, 760.0);
/// How many characters a line of the hint has.
const LINE: usize = 68;

/// What stands on a slip.
#[derive(Clone, Debug)]
pub struct Slip {
    /// What it is.
    pub title: String,
    /// What to type.
    pub code: String,
    /// What to do with it.
    pub hint: String,
    /// Where and when it was printed.
    pub printed: String,
}

impl Slip {
    /// Whether the font has all of its words.
    pub fn can_be_printed(&self) -> bool {
        [&self.title, &self.hint, &self.printed].into_iter().all(|words| has_all(words))
    }

    /// A PDF of one page.
    pub fn page(&self) -> Vec<u8> {
        let (left, top) = CORNER;
        let mut draw = text(20, CORNER, &self.title);
        draw.push_str(&text(48, (left, top - 70.0), &spaced(&self.code)));
        let mut y = top - 110.0;
        for line in wrapped(&self.hint) {
            draw.push_str(&text(13, (left, y), &line));
            y -= 18.0;
        }
        draw.push_str(&text(9, (left, y - 10.0), &self.printed));
        pdf_of(vec![draw])
    }
}

/// Digits in groups of four.
fn spaced(code: &str) -> String {
    let digits: Vec<char> = code.chars().collect();
    digits.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// Lines of whole words.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always one");
        if line.is_empty() {
            word.clone_into(line);
        } else if line.chars().count() + 1 + word.chars().count() <= LINE {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_a_page_with_its_code() {
        let slip = Slip {
            title: "This badge is new here".to_owned(),
            code: "12345678".to_owned(),
            hint: "word ".repeat(40),
            printed: "lobby".to_owned(),
        };
        let file = slip.page();
        assert_eq!(lopdf::Document::load_mem(&file).unwrap().get_pages().len(), 1);
        let text = String::from_utf8_lossy(&file);
        assert!(text.contains("(1234-5678)"));
        assert_eq!(text.matches("Tj").count(), 3 + 4);
        assert!(slip.can_be_printed());
    }
}
