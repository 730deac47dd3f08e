//! Drawn pages as a PDF: one picture a page, nothing else.
//!
//! For printers that take PDF alone and whose gray is not to be trusted.

use std::io::{self, Write};

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, content::Content, dictionary};

use crate::model::work::{Dots, Drawing};

/// Writes pictures as pages. They stay in memory, packed, until the file is finished.
pub(super) struct Pictures<'a, W: Write> {
    output: &'a mut W,
    drawing: &'a Drawing,
    pdf: Document,
    tree: ObjectId,
    kids: Vec<Object>,
    size: (u32, u32),
    dots: Vec<u8>,
}

impl<'a, W: Write> Pictures<'a, W> {
    pub(super) fn begin(output: &'a mut W, drawing: &'a Drawing) -> Self {
        let mut pdf = Document::with_version("1.5");
        let tree = pdf.new_object_id();
        Self { output, drawing, pdf, tree, kids: Vec::new(), size: (0, 0), dots: Vec::new() }
    }

    pub(super) fn begin_page(&mut self, width: u32, height: u32) {
        self.size = (width, height);
        self.dots.clear();
    }

    pub(super) fn line(&mut self, line: &[u8]) -> io::Result<()> {
        self.dots.write_all(line)
    }

    pub(super) fn end_page(&mut self) -> io::Result<()> {
        let (width, height) = self.size;
        let colors = if self.drawing.dots == Dots::Color8 { "DeviceRGB" } else { "DeviceGray" };
        let picture = dictionary! {
            "Type" => "XObject",
            "Subtype" => "Image",
            "Width" => i64::from(width),
            "Height" => i64::from(height),
            "ColorSpace" => colors,
            "BitsPerComponent" => 8,
        };
        let mut picture = Stream::new(picture, std::mem::take(&mut self.dots));
        picture.compress().map_err(io::Error::other)?;
        let picture = self.pdf.add_object(picture);
        let points = |dots: u32, dpi: i32| f64::from(dots) * 72.0 / f64::from(dpi.max(1));
        let (x, y) = (
            points(width, self.drawing.resolution.cross_feed),
            points(height, self.drawing.resolution.feed),
        );
        let draw = format!("q {x:.3} 0 0 {y:.3} 0 0 cm /P Do Q");
        let draw = Content::decode(draw.as_bytes()).and_then(|draw| draw.encode());
        let contents = Stream::new(Dictionary::new(), draw.map_err(io::Error::other)?);
        let contents = self.pdf.add_object(contents);
        #[allow(clippy::cast_possible_truncation, reason = "a page's size in points is small")]
        let page = dictionary! {
            "Type" => "Page",
            "Parent" => self.tree,
            "MediaBox" => vec![0.into(), 0.into(), Object::Real(x as f32), Object::Real(y as f32)],
            "Contents" => contents,
            "Resources" => dictionary! { "XObject" => dictionary! { "P" => picture } },
        };
        self.kids.push(Object::Reference(self.pdf.add_object(page)));
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        let count = i64::try_from(self.kids.len()).map_err(io::Error::other)?;
        let tree = dictionary! { "Type" => "Pages", "Kids" => self.kids, "Count" => count };
        self.pdf.objects.insert(self.tree, Object::Dictionary(tree));
        let catalog = dictionary! { "Type" => "Catalog", "Pages" => self.tree };
        let catalog = self.pdf.add_object(catalog);
        self.pdf.trailer.set("Root", catalog);
        self.pdf.save_to(self.output)?;
        self.output.flush()
    }
}
