//! The pages of a PDF are counted after a conversion: a converter that leaves some out says nothing of it.
//!
//! A count that can not be made is no count, never zero. Deliberately absent: parsing. Marks are counted.

/// How a PDF page begins; a node of the page tree has an `s` behind it.
const PDF_PAGE: &[u8] = b"/Type /Page";

/// Counts the pages of a PDF as its bytes go by.
#[derive(Debug, Default)]
pub struct PdfPages {
    tail: Vec<u8>,
    n_pages: u64,
}

impl PdfPages {
    /// The next bytes.
    pub fn see(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        let length = PDF_PAGE.len() + 1;
        let marks =
            self.tail.windows(length).filter(|at| at.starts_with(PDF_PAGE) && !at.ends_with(b"s"));
        self.n_pages += marks.count() as u64;
        let kept = self.tail.len().saturating_sub(length - 1);
        self.tail.drain(..kept);
    }

    /// The pages that were seen; nothing where they are hidden in object streams.
    pub fn count(&self) -> Option<u64> {
        (self.n_pages > 0).then_some(self.n_pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_pdf_are_counted_across_chunks_and_the_tree_is_not_one() {
        let text = b"<< /Type /Pages /Kids >> << /Type /Page /Parent >> << /Type /Page\n>>";
        for size in [1, 7, text.len()] {
            let mut pages = PdfPages::default();
            text.chunks(size).for_each(|chunk| pages.see(chunk));
            assert_eq!(pages.count(), Some(2), "{size}");
        }
        assert_eq!(PdfPages::default().count(), None);
    }
}
