//! Who does what: the printer, or we in the document; and in which format the document goes.
//!
//! Copies, pages and gray are the printer's where it can do them. Where it can not, they are done in the document,
//! refused or given up with a note, as the rules say.
//! Deliberately absent: the other settings (`mapping`), and doing it (`document`).

use super::{
    mapping::merge,
    ticket::{FORMAT, Ticket, Unmet, substitution},
};
use crate::model::{
    Capabilities, DocumentFormat, DocumentWork, JobConfiguration, TicketRules,
    capabilities::Resolution,
    configuration::{Orientation, Quality, Scaling},
    printer::Substitution,
    settings::Essentials,
    work::{Dots, Drawing, Fit, SheetBack, Sides, ranges_in_words},
};

/// Who does what.
pub(super) struct Plan {
    pub(super) work: DocumentWork,
    /// What was given up.
    pub(super) notes: Vec<Substitution>,
    /// The copies that the printer makes.
    pub(super) copies: Option<i32>,
    /// The printer's word for gray, where gray was asked.
    pub(super) gray_word: Option<&'static str>,
}

/// What must be done in the document.
#[derive(Clone, Debug, Default)]
struct Ours {
    pages: Vec<(i32, i32)>,
    copies: Option<i32>,
    gray: bool,
}

impl Ours {
    fn first(&self) -> Option<Unmet> {
        if let Some(copies) = self.copies {
            Some(Unmet::new("copies", copies.to_string()))
        } else if !self.pages.is_empty() {
            Some(Unmet::new("page-ranges", ranges_in_words(&self.pages)))
        } else {
            self.gray.then(|| Unmet::new("color-mode", "gray"))
        }
    }
}

pub(super) fn plan(
    wanted: &JobConfiguration,
    source: &DocumentFormat,
    can: &Capabilities,
    rules: &TicketRules,
) -> Result<Plan, Unmet> {
    let pages = asked_pages(wanted)?;
    let copies = wanted.copies.unwrap_or(1);
    if copies < 1 {
        return Err(Unmet::new("copies", copies.to_string()));
    }
    let gray_word = gray_word(wanted, can, rules);
    let mut ours = Ours {
        pages: if pages_at_printer(&pages, can) { Vec::new() } else { pages.clone() },
        copies: (copies > 1 && !copies_at_printer(copies, can)).then_some(copies),
        gray: wanted.is_gray() && (gray_word.is_none() || rules.gray_in_document),
    };
    let mut notes = give_up(&mut ours, gray_word, rules)?;
    if ours.copies.is_some() {
        // The printer would count the pages of all copies as one row.
        ours.pages.clone_from(&pages);
    }
    let sent = format(source, can, rules, &ours)?;
    let drawn = sent != *source && sent != DocumentFormat::Pdf || ours.gray;
    if ours.copies.is_some() && has_finishing(wanted) {
        // The sets would be fastened together.
        let beside = Some("finishings".to_owned());
        return Err(Unmet { beside, ..Unmet::new("copies", copies.to_string()) });
    }
    if drawn {
        // Who draws has pages and gray for nothing.
        notes.retain(|note| note.setting == "copies");
    }
    let work = DocumentWork {
        source: source.clone(),
        pages: if drawn { pages } else { ours.pages },
        copies: ours.copies.unwrap_or(1),
        pad: false,
        gray: ours.gray || drawn && wanted.is_gray(),
        drawing: drawn.then(|| drawing(wanted, &sent, can, ours.gray)),
        sent,
    };
    let copies = wanted.copies.filter(|_| work.copies == 1);
    Ok(Plan { work, notes, copies, gray_word })
}

fn asked_pages(wanted: &JobConfiguration) -> Result<Vec<(i32, i32)>, Unmet> {
    let Some(asked) = wanted.page_ranges.as_deref().filter(|ranges| !ranges.is_empty()) else {
        return Ok(Vec::new());
    };
    let pages = merge(asked);
    if pages.is_empty() { Err(Unmet::new("page-ranges", "of no page")) } else { Ok(pages) }
}

/// Whether the printer picks these pages.
pub(super) fn pages_at_printer(pages: &[(i32, i32)], can: &Capabilities) -> bool {
    let fits = |most: i32| i32::try_from(pages.len()).is_ok_and(|n| n <= most);
    pages.is_empty() || can.page_ranges && can.most_page_ranges.is_none_or(fits)
}

fn copies_at_printer(copies: i32, can: &Capabilities) -> bool {
    can.copies.is_some_and(|(_, most)| copies <= most)
}

fn has_finishing(wanted: &JobConfiguration) -> bool {
    wanted.finishings.iter().flatten().any(|one| !one.eq_ignore_ascii_case("none"))
}

fn gray_word(
    wanted: &JobConfiguration,
    can: &Capabilities,
    rules: &TicketRules,
) -> Option<&'static str> {
    let words = ["monochrome", "auto-monochrome", "process-monochrome"];
    let allowed = if rules.process_monochrome { &words[..] } else { &words[..2] };
    let known = |word: &&str| can.color_modes.iter().any(|mode| mode == word);
    allowed.iter().copied().find(known).filter(|_| wanted.is_gray())
}

/// What the printer can not do is ours, or refused, or given up. Gray in the document is no matter of what the printer
/// says.
fn give_up(
    ours: &mut Ours,
    gray_word: Option<&str>,
    rules: &TicketRules,
) -> Result<Vec<Substitution>, Unmet> {
    let mut missing = ours.clone();
    missing.gray &= gray_word.is_none() && !rules.gray_in_document;
    let mut notes = Vec::new();
    match rules.essentials {
        Essentials::Ourselves => {}
        Essentials::Refuse => missing.first().map_or(Ok(()), Err)?,
        Essentials::Substitute => {
            let why = "the printer can not do it, and its rules say to print without";
            while let Some(Unmet { setting, asked, .. }) = missing.first() {
                let sent = if setting == "copies" { "1" } else { "" };
                notes.push(substitution(&setting, &asked, sent, why));
                match setting.as_str() {
                    "copies" => (missing.copies, ours.copies) = (None, None),
                    "page-ranges" => (missing.pages, ours.pages) = (Vec::new(), Vec::new()),
                    _ => (missing.gray, ours.gray) = (false, false),
                }
            }
        }
    }
    Ok(notes)
}

/// Whether a printer takes a format. One that names no formats is taken at its word at Send-Document.
pub fn takes(can: &Capabilities, format: &DocumentFormat) -> bool {
    can.formats.is_empty() || can.formats.iter().any(|known| known == format.mime())
}

fn is_xps(format: &DocumentFormat) -> bool {
    matches!(format, DocumentFormat::Oxps | DocumentFormat::Xps)
}

/// The format that the printer gets: the document as it is, else as PDF, else drawn.
fn format(
    source: &DocumentFormat,
    can: &Capabilities,
    rules: &TicketRules,
    ours: &Ours,
) -> Result<DocumentFormat, Unmet> {
    let unnamed = is_xps(source) && can.formats.is_empty();
    if ours.first().is_none() && takes(can, source) && !unnamed {
        return Ok(source.clone());
    }
    let unmet = || ours.first().unwrap_or_else(|| Unmet::new(FORMAT, source.mime()));
    if *source != DocumentFormat::Pdf && !(is_xps(source) && rules.converter) {
        return Err(if takes(can, source) { unmet() } else { Unmet::new(FORMAT, source.mime()) });
    }
    let pdf = takes(can, &DocumentFormat::Pdf).then_some(DocumentFormat::Pdf);
    let raster = raster_format(can);
    let found = if ours.gray { raster.or(pdf) } else { pdf.or(raster) };
    found.ok_or_else(|| Unmet::new(FORMAT, source.mime()))
}

/// The raster format that the printer takes and whose details it tells.
fn raster_format(can: &Capabilities) -> Option<DocumentFormat> {
    let named = |format: &DocumentFormat| can.formats.iter().any(|known| known == format.mime());
    let pwg = named(&DocumentFormat::PwgRaster) && !can.raster.types.is_empty();
    let urf = named(&DocumentFormat::Urf) && !can.raster.urf.is_empty();
    let pwg = pwg.then_some(DocumentFormat::PwgRaster);
    pwg.or_else(|| urf.then_some(DocumentFormat::Urf))
}

/// How pages are drawn for a format; the sheet, its sides and the fit are settled with the rest of the ticket.
fn drawing(
    wanted: &JobConfiguration,
    sent: &DocumentFormat,
    can: &Capabilities,
    gray: bool,
) -> Drawing {
    let urf = |word: &str| can.raster.urf.iter().any(|known| known == word);
    let (resolutions, has, back) = match sent {
        DocumentFormat::Urf => {
            let dots = [Dots::Gray8, Dots::Color8];
            let has = dots.into_iter().filter(|dots| match dots {
                Dots::Color8 => urf("SRGB24"),
                _ => urf("W8"),
            });
            (urf_resolutions(can), has.collect(), urf_back(can))
        }
        DocumentFormat::PwgRaster => {
            let known = |dots: &Dots| can.raster.types.iter().any(|one| one == dots.word());
            let has = Dots::ALL.iter().copied().filter(known).collect();
            (can.raster.resolutions.clone(), has, pwg_back(can))
        }
        _ => (Vec::new(), vec![Dots::Gray8, Dots::Color8], SheetBack::Normal),
    };
    Drawing {
        resolution: choose_resolution(wanted, &resolutions),
        dots: choose_dots(&has, gray || wanted.is_gray()),
        back,
        ..Drawing::default()
    }
}

fn choose_dots(has: &[Dots], gray: bool) -> Dots {
    let order = if gray {
        [Dots::Gray8, Dots::Color8, Dots::Black1]
    } else {
        [Dots::Color8, Dots::Gray8, Dots::Black1]
    };
    order.into_iter().find(|dots| has.contains(dots)).unwrap_or(Dots::Gray8)
}

/// The resolution that was asked or the nearest below it; else 300 dots an inch, 600 for high quality, or the nearest
/// above; else the best there is.
fn choose_resolution(wanted: &JobConfiguration, has: &[Resolution]) -> Resolution {
    let mut sorted = has.to_vec();
    sorted.sort_by_key(|one| (one.cross_feed != one.feed, one.feed, one.cross_feed));
    let square: Vec<Resolution> =
        sorted.iter().copied().filter(|one| one.cross_feed == one.feed).collect();
    let from = if square.is_empty() { &sorted } else { &square };
    if let Some(dpi) = wanted.dpi
        && let Some(found) = from.iter().rev().find(|one| one.feed <= dpi)
    {
        return *found;
    }
    let least = if wanted.quality == Some(Quality::High) { 600 } else { 300 };
    let found = from.iter().find(|one| one.feed >= least).or_else(|| from.last());
    found.copied().unwrap_or(Resolution { cross_feed: 300, feed: 300 })
}

/// "urf-supported" names its resolutions as `RS300-600`.
fn urf_resolutions(can: &Capabilities) -> Vec<Resolution> {
    let list = can.raster.urf.iter().find_map(|word| word.strip_prefix("RS")).unwrap_or_default();
    let square = |dpi: i32| Resolution { cross_feed: dpi, feed: dpi };
    list.split('-').filter_map(|dpi| dpi.parse().ok()).map(square).collect()
}

/// "urf-supported" names how the back of a sheet lies as `DM1` to `DM4`.
fn urf_back(can: &Capabilities) -> SheetBack {
    let is = |word: &str| can.raster.urf.iter().any(|known| known == word);
    let backs = [
        ("DM2", SheetBack::Flipped),
        ("DM3", SheetBack::Rotated),
        ("DM4", SheetBack::ManualTumble),
    ];
    backs.into_iter().find(|(word, _)| is(word)).map_or(SheetBack::Normal, |(_, back)| back)
}

fn pwg_back(can: &Capabilities) -> SheetBack {
    let told = can.raster.sheet_back.as_deref();
    let known = SheetBack::ALL.iter().find(|back| Some(back.word()) == told);
    known.copied().unwrap_or(SheetBack::Normal)
}

impl Ticket {
    /// What the rest of the ticket says about the pages that we draw or copy.
    pub(super) fn lay_out(&mut self, wanted: &JobConfiguration) {
        let word = self.sent("sides").map(ToString::to_string);
        let is = |sides: &&Sides| Some(sides.word()) == word.as_deref();
        let sides = Sides::ALL.iter().find(is).copied().unwrap_or(Sides::One);
        self.work.pad = self.work.copies > 1 && sides != Sides::One;
        let Some(drawing) = &mut self.work.drawing else { return };
        drawing.sides = sides;
        drawing.fit = match &wanted.scaling {
            Some(Scaling::Fill) => Fit::Fill,
            Some(Scaling::Fit) => Fit::Fit,
            Some(Scaling::None) => Fit::None,
            Some(_) => Fit::Shrink,
            None if wanted.fit_pdf_to_page == Some(true) => Fit::Fit,
            None => Fit::Shrink,
        };
        let reverse = [Orientation::ReverseLandscape, Orientation::ReversePortrait];
        drawing.upside_down =
            wanted.orientation.as_ref().is_some_and(|asked| reverse.contains(asked));
    }
}
