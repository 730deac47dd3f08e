//! Pages of a PDF drawn as dots, in bands, so that memory does not grow with the page.
//!
//! What can not be drawn is said: a font, an image or a page's content that does not read is a warning, never a blank in
//! silence. Deliberately absent: the files that the lines go to (`raster`).

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{
        InterpreterSettings, InterpreterWarning, font::FontQuery, util::TransformExt,
    },
    hayro_syntax::{
        DecryptionError, LoadPdfError, Pdf,
        object::{Dict, dict::keys},
        page::Page,
    },
    kurbo::Affine,
    render_into,
    vello_cpu::{
        Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit,
        color::palette::css::WHITE,
    },
};

use super::{
    cut::order,
    intact::Intact,
    pictures::Pictures,
    raster::{self, Raster},
    sheet::Sheet,
};
use crate::model::{
    DocumentFormat, DocumentWork,
    work::{Dots, Drawing},
};

/// Draws the pages of a PDF. The result is what is missing.
///
/// # Errors
///
/// A sentence about the document.
pub(super) fn draw(
    document: Arc<Vec<u8>>,
    work: &DocumentWork,
    drawing: &Drawing,
    output: &mut impl Write,
) -> Result<Vec<String>, String> {
    let pdf = Pdf::new(document).map_err(|error| in_words(error).to_owned())?;
    let pages = pdf.pages();
    let order = order(work, pages.len())?;
    if let Some(count) = promised_pages(&pdf).filter(|count| *count > pages.len()) {
        return Err(format!("it is damaged: {} of its {count} pages read", pages.len()));
    }
    let missing = Arc::new(Missing::default());
    let mut brush = Brush::new(&missing);
    let cache = RenderCache::new();
    let mut intact = Intact::default();
    let mut sink = Sink::begin(output, work, drawing, order.len()).map_err(written)?;
    let mut last = None;
    for (i, page) in order.iter().enumerate() {
        let drawn = page.and_then(|page| pages.get(page)).or(last).ok_or("it has no pages")?;
        last = Some(drawn);
        let blank = page.is_none();
        let sheet = Sheet::of(drawn, drawing, i % 2 == 1)?;
        missing.look_at(drawn);
        intact.look_at(drawn).into_iter().for_each(|what| missing.note(what));
        sink.begin_page(&sheet).map_err(written)?;
        let mut dots = DotLine::new(drawing.dots, work.gray, sheet.width);
        for top in (0..sheet.height).step_by(sheet.band() as usize) {
            let rows = sheet.band().min(sheet.height - top);
            let band = brush.band((!blank).then_some(drawn), &cache, &sheet, top, rows)?;
            for line in band.chunks(4 * sheet.width as usize) {
                sink.line(dots.of(line)).map_err(written)?;
            }
        }
        sink.end_page().map_err(written)?;
    }
    sink.finish().map_err(written)?;
    Ok(missing.in_words())
}

/// How many pages the root of the page tree promises.
fn promised_pages(pdf: &Pdf) -> Option<usize> {
    let catalog: Dict<'_> = pdf.xref().get(pdf.xref().root_id())?;
    let root: Dict<'_> = catalog.get(keys::PAGES)?;
    usize::try_from(root.get::<i32>(keys::COUNT)?).ok()
}

fn written(error: io::Error) -> String {
    format!("write the document: {error}")
}

fn in_words(error: LoadPdfError) -> &'static str {
    match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => "it needs a password",
        LoadPdfError::Decryption(_) => "it is encrypted in a way that is not known here",
        LoadPdfError::Invalid => "it is damaged: it does not read as PDF",
    }
}

/// Draws bands.
struct Brush {
    interpreter: InterpreterSettings,
    context: RenderContext,
    resources: Resources,
    pixels: Pixmap,
}

impl Brush {
    fn new(missing: &Arc<Missing>) -> Self {
        let (warned, asked) = (Arc::clone(missing), Arc::clone(missing));
        let fonts = InterpreterSettings::default().font_resolver;
        let interpreter = InterpreterSettings {
            warning_sink: Arc::new(move |warning| warned.warned(warning)),
            font_resolver: Arc::new(move |query| {
                if let FontQuery::Fallback(font) = query
                    && font.character_collection.is_some()
                {
                    asked.note("a font for East Asian text that is not in the document");
                }
                fonts(query)
            }),
            ..InterpreterSettings::default()
        };
        Self {
            interpreter,
            context: RenderContext::new(1, 1),
            resources: Resources::new(),
            pixels: Pixmap::new(1, 1),
        }
    }

    /// The lines from `top` on, as red, green, blue and a filler for each dot.
    fn band<'a>(
        &mut self,
        page: Option<&'a Page<'a>>,
        cache: &RenderCache<'a>,
        sheet: &Sheet,
        top: u32,
        rows: u32,
    ) -> Result<&[u8], String> {
        let small = |dots: u32| u16::try_from(dots).map_err(|_| "a page is too large".to_owned());
        let (width, rows) = (small(sheet.width)?, small(rows)?);
        self.context.reset_and_resize(width, rows);
        self.pixels.resize(width, rows);
        if let Some(page) = page {
            let down = Affine::translate((0.0, -f64::from(top)));
            let transform = down * sheet.place * page.initial_transform(true).to_kurbo();
            let settings = RenderSettings::default();
            render_into(page, cache, &self.interpreter, &settings, &mut self.context, transform);
        }
        self.context.flush();
        let settings = RasterizerSettings {
            target_init: TargetInit::Clear(WHITE),
            ..RasterizerSettings::default()
        };
        self.context.render_with(&mut self.pixels, &mut self.resources, settings);
        Ok(self.pixels.data_as_u8_slice())
    }
}

/// Turns lines of red, green and blue into dots.
struct DotLine {
    dots: Dots,
    gray: bool,
    line: Vec<u8>,
    /// The dots that the line was made of: most lines are like the one before.
    made_of: Vec<u8>,
    /// What black and white could not show, handed on to the dots below and beside, in sixteenths.
    errors: Vec<i32>,
}

impl DotLine {
    fn new(dots: Dots, gray: bool, width: u32) -> Self {
        let errors = vec![0; width as usize + 2];
        Self { dots, gray, line: Vec::new(), made_of: Vec::new(), errors }
    }

    fn of(&mut self, pixels: &[u8]) -> &[u8] {
        if self.dots != Dots::Black1 && self.made_of == pixels {
            return &self.line;
        }
        self.made_of.clear();
        self.made_of.extend_from_slice(pixels);
        self.line.clear();
        let pixels = pixels.chunks_exact(4);
        match self.dots {
            Dots::Gray8 => self.line.extend(pixels.map(luma)),
            Dots::Color8 if self.gray => {
                pixels.for_each(|pixel| self.line.extend([luma(pixel); 3]))
            }
            Dots::Color8 => pixels.for_each(|pixel| self.line.extend_from_slice(&pixel[..3])),
            Dots::Black1 => {
                let grays: Vec<u8> = pixels.map(luma).collect();
                self.spread(&grays);
            }
        }
        &self.line
    }

    /// Floyd and Steinberg's way: each dot's error goes to its neighbors that are still to come.
    fn spread(&mut self, grays: &[u8]) {
        self.line.resize(grays.len().div_ceil(8), 0);
        let mut below = vec![0; self.errors.len()];
        let mut beside = 0;
        for (i, gray) in grays.iter().enumerate() {
            let wanted = i32::from(*gray) * 16 + self.errors[i + 1] + beside;
            let black = wanted < 128 * 16;
            let error = (wanted - if black { 0 } else { 255 * 16 }) / 16;
            if black {
                self.line[i / 8] |= 0x80 >> (i % 8);
            }
            beside = error * 7;
            below[i] += error * 3;
            below[i + 1] += error * 5;
            below[i + 2] += error;
        }
        self.errors = below;
    }
}

/// How bright a dot is (ITU-R BT.601).
fn luma(pixel: &[u8]) -> u8 {
    let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    u8::try_from((red * 299 + green * 587 + blue * 114 + 500) / 1000).unwrap_or(u8::MAX)
}

/// Where the lines go.
enum Sink<'a, W: Write> {
    Raster(Raster<'a, W>),
    Pictures(Pictures<'a, W>),
}

impl<'a, W: Write> Sink<'a, W> {
    fn begin(
        output: &'a mut W,
        work: &DocumentWork,
        drawing: &'a Drawing,
        n_pages: usize,
    ) -> io::Result<Self> {
        if work.sent == DocumentFormat::Pdf {
            return Ok(Self::Pictures(Pictures::begin(output, drawing)));
        }
        let n_pages = u32::try_from(n_pages).unwrap_or(0);
        Raster::begin(output, &work.sent, drawing, n_pages).map(Self::Raster)
    }

    fn begin_page(&mut self, sheet: &Sheet) -> io::Result<()> {
        let Sheet { width, height, back, .. } = *sheet;
        match self {
            Self::Raster(raster) => raster.begin_page(raster::Page { width, height, back }),
            Self::Pictures(pictures) => {
                pictures.begin_page(width, height);
                Ok(())
            }
        }
    }

    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        match self {
            Self::Raster(raster) => raster.line(line),
            Self::Pictures(pictures) => pictures.line(line),
        }
    }

    fn end_page(&mut self) -> io::Result<()> {
        match self {
            Self::Raster(raster) => raster.end_page(),
            Self::Pictures(pictures) => pictures.end_page(),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Raster(raster) => raster.finish(),
            Self::Pictures(pictures) => pictures.finish(),
        }
    }
}

/// What could not be drawn, and how often.
#[derive(Default)]
struct Missing(Mutex<BTreeMap<&'static str, u32>>);

impl Missing {
    fn note(&self, what: &'static str) {
        let mut noted = self.0.lock().expect("nothing panics while it is held");
        *noted.entry(what).or_default() += 1;
    }

    fn warned(&self, warning: InterpreterWarning) {
        self.note(match warning {
            InterpreterWarning::UnsupportedFont => "a font that does not read",
            InterpreterWarning::ImageDecodeFailure => "an image that does not read",
            InterpreterWarning::UnresolvedAnnotationAppearance => "a note that does not read",
            _ => "something that is not known here",
        });
    }

    /// A page whose content does not read would be blank.
    fn look_at(&self, page: &Page<'_>) {
        if page.page_stream().is_none() && page.raw().contains_key(keys::CONTENTS) {
            self.note("a page whose content does not read");
        }
    }

    fn in_words(&self) -> Vec<String> {
        let noted = self.0.lock().expect("nothing panics while it is held");
        noted.keys().map(|what| (*what).to_owned()).collect()
    }
}
