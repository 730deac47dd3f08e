//! An XPS package made plain: what Windows may write, as a converter surely reads it (ECMA-388).
//!
//! It promises: one fixed document with all pages in their order; each part in one piece, under a short name, its markup
//! in UTF-8; fonts without obfuscation; nothing that no page uses. What the converter would leave out in silence is told.
//! Deliberately absent: drawing.

use std::{
    collections::{BTreeSet, HashMap},
    io::{Read, Seek, Write},
};

use quick_xml::{Reader, events::Event};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    markup::{NO_IMAGE, Used, rewrite, value},
    package::{Package, damaged, resolve},
    resource::{Kind, plain_font},
};

const OXPS: &str = "http://schemas.openxps.org/oxps/v1.0";
const RELATIONSHIPS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
     <Relationship Id=\"R\" Type=\"http://schemas.openxps.org/oxps/v1.0/fixedrepresentation\" Target=\"/all.fdseq\"/>\
     </Relationships>";
const SEQUENCE: &str = "<FixedDocumentSequence xmlns=\"http://schemas.openxps.org/oxps/v1.0\">\
     <DocumentReference Source=\"/all.fdoc\"/></FixedDocumentSequence>";

/// What was made of a package.
pub(super) struct Plain {
    pub(super) n_pages: u64,
    /// What will be missing on paper, for people.
    pub(super) missing: Vec<String>,
}

/// Makes a package plain.
///
/// # Errors
///
/// A sentence about the document.
pub(super) fn make_plain(
    input: impl Read + Seek,
    output: impl Write + Seek,
) -> Result<Plain, String> {
    let mut package = Package::open(input)?;
    let pages = pages(&mut package)?;
    let mut making = Making {
        package,
        output: ZipWriter::new(output),
        placed: HashMap::new(),
        missing: BTreeSet::new(),
    };
    for (number, page) in (1..).zip(&pages) {
        let markup = making.package.markup(page)?;
        let markup = markup.ok_or_else(|| format!("it is damaged: page {number} is not in it"))?;
        let markup = making.plain_markup(&markup, page)?;
        making.write(&page_name(number), &markup, CompressionMethod::Deflated)?;
    }
    let (name, no_image) = NO_IMAGE;
    making.write(name, no_image, CompressionMethod::Stored)?;
    making.write_frame(pages.len())?;
    making.output.finish().map_err(written)?;
    Ok(Plain { n_pages: pages.len() as u64, missing: making.missing.into_iter().collect() })
}

/// The number of pages of all fixed documents.
///
/// # Errors
///
/// A sentence about the document.
pub(super) fn count_pages(input: impl Read + Seek) -> Result<usize, String> {
    Ok(pages(&mut Package::open(input)?)?.len())
}

/// The pages of all fixed documents, as names of their parts.
fn pages(package: &mut Package<impl Read + Seek>) -> Result<Vec<String>, String> {
    let relationships = elements(package, "_rels/.rels", "Relationship", &["Type", "Target"])?;
    let start = relationships.iter().find(|row| row[0].ends_with("/fixedrepresentation"));
    let start = start.ok_or("it is damaged: it names no pages")?;
    let sequence = resolve("", &start[1]);
    let mut pages = Vec::new();
    for document in elements(package, &sequence, "DocumentReference", &["Source"])? {
        let document = resolve(&sequence, &document[0]);
        for page in elements(package, &document, "PageContent", &["Source"])? {
            pages.push(resolve(&document, &page[0]));
        }
    }
    if pages.is_empty() {
        return Err("it has no pages".to_owned());
    }
    Ok(pages)
}

/// The attributes of each such element in a part; an absent one is empty.
fn elements<const N: usize>(
    package: &mut Package<impl Read + Seek>,
    part: &str,
    element: &str,
    attributes: &[&str; N],
) -> Result<Vec<[String; N]>, String> {
    let markup = package.markup(part)?;
    let markup = markup.ok_or_else(|| format!("it is damaged: /{part} is not in it"))?;
    let mut reader = Reader::from_str(&markup);
    let (mut rows, mut depth) = (Vec::new(), 0);
    loop {
        let event = reader.read_event().map_err(damaged)?;
        match &event {
            // Nobody here knows what a choice may require.
            Event::Start(choice) if choice.local_name().as_ref() == "Choice" => {
                reader.read_to_end(choice.name()).map_err(damaged)?;
                continue;
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        match event {
            Event::Eof if depth == 0 => return Ok(rows),
            Event::Eof => return Err(damaged("its markup ends too early")),
            Event::Start(found) | Event::Empty(found) if found.local_name().as_ref() == element => {
                let value = |name: &&str| {
                    let attribute = found.try_get_attribute(name).map_err(damaged)?;
                    attribute.map_or_else(|| Ok(String::new()), |attribute| value(&attribute))
                };
                let row: Result<Vec<String>, String> = attributes.iter().map(value).collect();
                rows.push(row?.try_into().expect("a value for each attribute"));
            }
            _ => {}
        }
    }
}

struct Making<R: Read + Seek, W: Write + Seek> {
    package: Package<R>,
    output: ZipWriter<W>,
    /// Where used parts went, by their name; a part that is not there went nowhere.
    placed: HashMap<String, Option<String>>,
    missing: BTreeSet<String>,
}

impl<R: Read + Seek, W: Write + Seek> Making<R, W> {
    /// Markup as the converter surely reads it.
    fn plain_markup(&mut self, markup: &str, part: &str) -> Result<Vec<u8>, String> {
        let mut lost = BTreeSet::new();
        let plain = rewrite(markup, &mut lost, &mut |used| self.place(part, used))?;
        self.missing.extend(lost);
        Ok(plain)
    }

    /// Where the plain package has what a page uses; nothing where it can not be used.
    fn place(&mut self, from: &str, used: &Used<'_>) -> Result<Option<String>, String> {
        let (Used::Image(reference)
        | Used::Font(reference)
        | Used::Profile(reference)
        | Used::Dictionary(reference)) = used;
        let part = resolve(from, reference);
        if let Some(placed) = self.placed.get(&part) {
            return Ok(placed.clone());
        }
        let placed = match used {
            Used::Image(_) => self.place_resource(Kind::Image, &part)?,
            Used::Font(_) => self.place_resource(Kind::Font, &part)?,
            Used::Profile(_) => self.place_profile(&part)?,
            Used::Dictionary(_) => Some(self.place_dictionary(&part)?),
        };
        self.placed.insert(part, placed.clone());
        Ok(placed)
    }

    /// Puts an image or a font into the plain package.
    fn place_resource(&mut self, kind: Kind, part: &str) -> Result<Option<String>, String> {
        let Some(mut bytes) = self.package.part(part)? else {
            self.missing.insert(format!("{} that it only names", kind.word()));
            return Ok(None);
        };
        let mut look = kind.look_at(&bytes);
        if kind == Kind::Font
            && look.is_err()
            && let Some(plain) = plain_font(part, bytes.clone())
        {
            look = kind.look_at(&plain);
            bytes = plain;
        }
        match look {
            Ok(extension) => {
                let name = format!("/used/{}.{extension}", self.placed.len());
                self.write(&name, &bytes, CompressionMethod::Stored)?;
                Ok(Some(name))
            }
            Err(flaw) => {
                self.missing.insert(format!("{} {flaw}", kind.word()));
                Ok(None)
            }
        }
    }

    /// Colors without their profile are made of the inks alone.
    fn place_profile(&mut self, part: &str) -> Result<Option<String>, String> {
        let Some(bytes) = self.package.part(part)? else { return Ok(None) };
        let name = format!("/used/{}.icc", self.placed.len());
        self.write(&name, &bytes, CompressionMethod::Stored)?;
        Ok(Some(name))
    }

    fn place_dictionary(&mut self, part: &str) -> Result<String, String> {
        let markup = self.package.markup(part)?;
        let markup = markup.ok_or_else(|| format!("it is damaged: /{part} is not in it"))?;
        // A dictionary that names itself finds itself placed.
        let name = format!("/used/{}.dict", self.placed.len());
        self.placed.insert(part.to_owned(), Some(name.clone()));
        let markup = self.plain_markup(&markup, part)?;
        self.write(&name, &markup, CompressionMethod::Deflated)?;
        Ok(name)
    }

    /// What holds the pages together.
    fn write_frame(&mut self, n_pages: usize) -> Result<(), String> {
        let pages =
            (1..=n_pages).map(|number| format!("<PageContent Source=\"/{}\"/>", page_name(number)));
        let document = format!(
            "<FixedDocument xmlns=\"{OXPS}\">{}</FixedDocument>",
            pages.collect::<String>()
        );
        let frame = [
            ("[Content_Types].xml", content_types()),
            ("_rels/.rels", RELATIONSHIPS.to_owned()),
            ("all.fdseq", SEQUENCE.to_owned()),
            ("all.fdoc", document),
        ];
        for (name, markup) in frame {
            self.write(name, markup.as_bytes(), CompressionMethod::Deflated)?;
        }
        Ok(())
    }

    fn write(&mut self, name: &str, bytes: &[u8], method: CompressionMethod) -> Result<(), String> {
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .compression_level((method == CompressionMethod::Deflated).then_some(1));
        self.output.start_file(name.trim_start_matches('/'), options).map_err(written)?;
        self.output.write_all(bytes).map_err(written)
    }
}

fn content_types() -> String {
    const TYPES: [(&str, &str); 10] = [
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("fdseq", "application/vnd.ms-package.xps-fixeddocumentsequence+xml"),
        ("fdoc", "application/vnd.ms-package.xps-fixeddocument+xml"),
        ("fpage", "application/vnd.ms-package.xps-fixedpage+xml"),
        ("dict", "application/vnd.ms-package.xps-resourcedictionary+xml"),
        ("png", "image/png"),
        ("jpg", "image/jpeg"),
        ("tif", "image/tiff"),
        ("ttf", "application/vnd.ms-opentype"),
        ("icc", "application/vnd.ms-color.iccprofile"),
    ];
    let row =
        |(extension, kind)| format!("<Default Extension=\"{extension}\" ContentType=\"{kind}\"/>");
    let rows: String = TYPES.into_iter().map(row).collect();
    format!(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">{rows}</Types>"
    )
}

fn page_name(number: usize) -> String {
    format!("pages/{number}.fpage")
}

fn written(error: impl std::fmt::Display) -> String {
    format!("write the document: {error}")
}
