//! Pages of a PDF kept and repeated, everything on them left as it is.
//!
//! Deliberately absent: drawing (`draw`), and any other format.

use std::io::Write;

use lopdf::{Dictionary, Document, Error, Object, ObjectId, Stream, dictionary};

use crate::model::DocumentWork;

/// What a page has from its ancestors where it does not say it itself (ISO 32000-1 section 7.7.3.4).
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];
/// What is said of a document that only a password opens.
const NEEDS_PASSWORD: &str = "it needs a password";
/// How deep a page tree may be.
const DEPTH: usize = 64;
/// How many pages a result may have.
const MOST_PAGES: usize = 100_000;

/// Writes the document with the pages that are kept, as often as asked.
///
/// # Errors
///
/// A sentence about the document.
pub(super) fn cut(
    document: &[u8],
    work: &DocumentWork,
    output: &mut impl Write,
) -> Result<(), String> {
    let (mut pdf, all) = load(document)?;
    let order = order(work, all.len())?;
    let tree = pdf.new_object_id();
    let mut kids = Vec::new();
    let mut blank = None;
    for page in order {
        let page = match page {
            Some(page) => page_of(&pdf, all[page], tree).map_err(in_words)?,
            None => blank.clone().unwrap_or_default(),
        };
        if blank.is_none() {
            blank = Some(blank_like(&page, &mut pdf));
        }
        kids.push(Object::Reference(pdf.add_object(page)));
    }
    let count = i64::try_from(kids.len()).map_err(|error| error.to_string())?;
    let root = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
    pdf.objects.insert(tree, Object::Dictionary(root));
    let catalog = pdf.catalog_mut().map_err(in_words)?;
    catalog.set("Pages", tree);
    // They lead to pages that are gone.
    for gone in
        [&b"Outlines"[..], b"Dests", b"Names", b"OpenAction", b"PageLabels", b"StructTreeRoot"]
    {
        catalog.remove(gone);
    }
    pdf.prune_objects();
    pdf.save_to(output).map_err(|error| format!("write the document: {error}"))?;
    output.flush().map_err(|error| format!("write the document: {error}"))
}

/// The number of pages of a PDF.
///
/// # Errors
///
/// A sentence about the document.
pub(super) fn count_pages(document: &[u8]) -> Result<usize, String> {
    load(document).map(|(_, pages)| pages.len())
}

/// A PDF and its pages, which are all there.
fn load(document: &[u8]) -> Result<(Document, Vec<ObjectId>), String> {
    let pdf = Document::load_mem(document).map_err(in_words)?;
    if pdf.trailer.has(b"Encrypt") {
        return Err(NEEDS_PASSWORD.to_owned());
    }
    let all: Vec<ObjectId> = pdf.get_pages().into_values().collect();
    match promised_pages(&pdf).filter(|count| *count > all.len()) {
        Some(count) => Err(format!("it is damaged: {} of its {count} pages read", all.len())),
        None => Ok((pdf, all)),
    }
}

/// How many pages the root of the page tree promises.
fn promised_pages(pdf: &Document) -> Option<usize> {
    let root = pdf.catalog().ok()?.get(b"Pages").and_then(Object::as_reference).ok()?;
    let count = pdf.get_dictionary(root).ok()?.get(b"Count").and_then(Object::as_i64).ok()?;
    usize::try_from(count).ok()
}

fn in_words(error: Error) -> String {
    match error {
        Error::InvalidPassword | Error::Decryption(_) => NEEDS_PASSWORD.to_owned(),
        error => format!("it is damaged: {error}"),
    }
}

/// The pages of the result by their numbers from 0; nothing for a blank one.
///
/// # Errors
///
/// A sentence, if no page is left or there are too many.
pub(super) fn order(work: &DocumentWork, n_pages: usize) -> Result<Vec<Option<usize>>, String> {
    let kept = |number: i32| {
        work.pages.is_empty()
            || work.pages.iter().any(|(start, end)| (*start..=*end).contains(&number))
    };
    let number = |page: usize| i32::try_from(page + 1).unwrap_or(i32::MAX);
    let mut once: Vec<Option<usize>> =
        (0..n_pages).filter(|page| kept(number(*page))).map(Some).collect();
    if once.is_empty() {
        return Err(match n_pages {
            0 => "it has no pages".to_owned(),
            n => format!("it has {n} pages, and none of them was asked for"),
        });
    }
    let copies = usize::try_from(work.copies).unwrap_or(1).max(1);
    if once.len().saturating_mul(copies) > MOST_PAGES {
        return Err(format!("{copies} copies of {} pages are too many", once.len()));
    }
    if work.pad && copies > 1 && once.len() % 2 == 1 {
        once.push(None);
    }
    let mut order = once.repeat(copies);
    if order.last() == Some(&None) {
        order.pop();
    }
    Ok(order)
}

/// A page that stands by itself: what it inherits is its own.
fn page_of(pdf: &Document, id: ObjectId, tree: ObjectId) -> Result<Dictionary, Error> {
    let mut page = pdf.get_dictionary(id)?.clone();
    let mut parent = page.get(b"Parent").and_then(Object::as_reference).ok();
    for _ in 0..DEPTH {
        let Some(node) = parent.and_then(|id| pdf.get_dictionary(id).ok()) else { break };
        for key in INHERITED {
            if let (false, Ok(value)) = (page.has(key), node.get(key)) {
                page.set(key, value.clone());
            }
        }
        parent = node.get(b"Parent").and_then(Object::as_reference).ok();
    }
    page.set("Parent", tree);
    Ok(page)
}

/// An empty page of the same size.
fn blank_like(page: &Dictionary, pdf: &mut Document) -> Dictionary {
    let mut blank = Dictionary::new();
    for key in [&b"Type"[..], b"Parent", b"MediaBox", b"CropBox", b"Rotate"] {
        if let Ok(value) = page.get(key) {
            blank.set(key, value.clone());
        }
    }
    let empty = pdf.add_object(Stream::new(Dictionary::new(), Vec::new()));
    blank.set("Contents", empty);
    blank.set("Resources", Dictionary::new());
    blank
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DocumentFormat;

    #[test]
    fn pages_are_kept_in_order_and_copies_begin_on_a_new_sheet() {
        let none = DocumentWork::none(&DocumentFormat::Pdf);
        let check = |work: &DocumentWork, n_pages, expect: &str| {
            let text = match order(work, n_pages) {
                Ok(order) => {
                    let word =
                        |page: &Option<usize>| page.map_or("-".into(), |page| page.to_string());
                    order.iter().map(word).collect::<Vec<_>>().join(" ")
                }
                Err(why) => why,
            };
            assert_eq!(text, expect, "{work}");
        };
        check(&none, 3, "0 1 2");
        check(&DocumentWork { pages: vec![(2, 3), (5, 9)], ..none.clone() }, 6, "1 2 4 5");
        check(&DocumentWork { copies: 2, ..none.clone() }, 3, "0 1 2 0 1 2");
        check(&DocumentWork { copies: 2, pad: true, ..none.clone() }, 3, "0 1 2 - 0 1 2");
        check(&DocumentWork { copies: 2, pad: true, ..none.clone() }, 2, "0 1 0 1");
        let far = DocumentWork { pages: vec![(8, 9)], ..none.clone() };
        check(&far, 3, "it has 3 pages, and none of them was asked for");
        check(&none, 0, "it has no pages");
        let many = DocumentWork { copies: 1_000_000, ..none };
        check(&many, 3, "1000000 copies of 3 pages are too many");
    }
}
