//! Pages are counted before and after a conversion: a converter that leaves some out says nothing of it.
//!
//! A count that can not be made is no count, never zero. Deliberately absent: parsing. Marks are counted.

use std::io::{Read, Seek};

/// The longest part that is read for its marks.
const PART_LIMIT: u64 = 16 * 1024 * 1024;
/// How an XPS or OpenXPS fixed document names each page (ECMA-388 section 10.2).
const PAGE_CONTENT: &[u8] = b"<PageContent";
/// How a PDF page begins; a node of the page tree has an `s` behind it.
const PDF_PAGE: &[u8] = b"/Type /Page";

/// The pages of all fixed documents of an XPS or OpenXPS package; nothing where they can not be counted.
pub fn xps_pages(package: impl Read + Seek) -> Option<u64> {
    let mut archive = zip::ZipArchive::new(package).ok()?;
    let mut n_pages = 0;
    for i in 0..archive.len() {
        let part = archive.by_index(i).ok()?;
        let name = part.name().ok()?.to_ascii_lowercase();
        // A part in pieces may have a mark across two of them.
        if name.contains(".piece") {
            return None;
        }
        if name.rsplit('.').next() != Some("fdoc") {
            continue;
        }
        let mut text = Vec::new();
        part.take(PART_LIMIT).read_to_end(&mut text).ok()?;
        if text.len() as u64 == PART_LIMIT {
            return None;
        }
        let marks = text.windows(PAGE_CONTENT.len() + 1).filter(|at| at.starts_with(PAGE_CONTENT));
        n_pages += marks.filter(|at| !at.ends_with(b".")).count() as u64;
    }
    (n_pages > 0).then_some(n_pages)
}

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

    #[test]
    fn what_is_no_package_has_no_count() {
        assert_eq!(xps_pages(std::io::Cursor::new(b"PK\x03\x04 not really")), None);
    }
}
