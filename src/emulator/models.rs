//! Models of printers: what each says that it can do, and whether a ticket fits that.

use fastrand::Rng;
use ipp::{attribute::IppAttribute, value::IppValue};

use super::ipp_server::{enums, keyword, keywords, mime, size};

/// A model: its attributes.
pub(super) struct Model(Vec<(&'static str, IppValue)>);

type Media = (&'static str, i32, i32);

const A3: Media = ("iso_a3_297x420mm", 29_700, 42_000);
const A4: Media = ("iso_a4_210x297mm", 21_000, 29_700);
const A5: Media = ("iso_a5_148x210mm", 14_800, 21_000);
const LETTER: Media = ("na_letter_8.5x11in", 21_590, 27_940);

const ALL_SIDES: [&str; 3] = ["one-sided", "two-sided-long-edge", "two-sided-short-edge"];
const ALL_COLORS: [&str; 3] = ["auto", "color", "monochrome"];
const COLLATE: [&str; 2] =
    ["separate-documents-collated-copies", "separate-documents-uncollated-copies"];

/// The model of that name: `office`, `mono`, `finisher`, `raster`, or `random:SEED` for one with any mixture of abilities.
pub(super) fn find(name: &str) -> Option<Model> {
    match name {
        "office" => Some(plain(&ALL_SIDES, &ALL_COLORS, &[A4, A3, LETTER], &[3])),
        "mono" => Some(plain(&["one-sided"], &["monochrome"], &[A4], &[3])),
        "raster" => Some(raster()),
        "finisher" => Some(plain(&ALL_SIDES, &ALL_COLORS, &[A4, A3], &[3, 4, 5, 20, 28])),
        other => Some(random(other.strip_prefix("random:")?.parse().ok()?)),
    }
}

fn plain(sides: &[&str], colors: &[&str], media: &[Media], finishings: &[i32]) -> Model {
    let names: Vec<&str> = media.iter().map(|(name, ..)| *name).collect();
    let sizes = media.iter().map(|(_, width, length)| size(*width, *length));
    let formats = ["application/pdf", "image/pwg-raster", "image/jpeg"].map(mime);
    Model(vec![
        ("document-format-supported", IppValue::Array(formats.into())),
        ("copies-supported", IppValue::RangeOfInteger { min: 1, max: 999 }),
        ("sides-supported", keywords(sides)),
        ("sides-default", keyword("one-sided")),
        ("print-color-mode-supported", keywords(colors)),
        ("print-quality-supported", enums(&[3, 4, 5])),
        ("orientation-requested-supported", enums(&[3, 4, 5, 6])),
        ("page-ranges-supported", IppValue::Boolean(true)),
        ("finishings-supported", enums(finishings)),
        ("multiple-document-handling-supported", keywords(&COLLATE)),
        ("media-supported", keywords(&names)),
        ("media-default", keyword(names[0])),
        ("media-col-supported", keywords(&["media-size"])),
        ("media-size-supported", IppValue::Array(sizes.collect())),
    ])
}

/// It takes PWG Raster alone, in gray.
fn raster() -> Model {
    let Model(mut all) = plain(&ALL_SIDES, &["monochrome"], &[A4], &[3]);
    let dots = IppValue::Resolution { cross_feed: 150, feed: 150, units: 3 };
    all.retain(|(name, _)| *name != "document-format-supported");
    all.push(("document-format-supported", IppValue::Array(vec![mime("image/pwg-raster")])));
    all.push(("pwg-raster-document-type-supported", keywords(&["sgray_8"])));
    all.push(("pwg-raster-document-resolution-supported", IppValue::Array(vec![dots])));
    Model(all)
}

/// A mixture: each attribute is there or not, with some of its values.
fn random(seed: u64) -> Model {
    let mut rng = Rng::with_seed(seed);
    let mut all: Vec<(&'static str, IppValue)> = Vec::new();
    let rng = &mut rng;
    let formats = [
        &["application/pdf"][..],
        &["application/pdf", "image/pwg-raster"],
        &["application/pdf", "image/urf", "image/jpeg"],
        &["image/pwg-raster"],
    ];
    let formats = formats[rng.usize(..formats.len())].iter().map(|format| mime(format)).collect();
    all.push(("document-format-supported", IppValue::Array(formats)));
    words(rng, &mut all, "sides-supported", &ALL_SIDES);
    let colors = ["auto", "color", "monochrome", "auto-monochrome", "process-monochrome"];
    words(rng, &mut all, "print-color-mode-supported", &colors);
    words(rng, &mut all, "multiple-document-handling-supported", &COLLATE);
    words(rng, &mut all, "print-scaling-supported", &["auto", "auto-fit", "fill", "fit", "none"]);
    words(rng, &mut all, "output-bin-supported", &["face-down", "top", "mailbox-1"]);
    words(rng, &mut all, "feed-orientation-supported", &["long-edge-first", "short-edge-first"]);
    let layouts = ["toright-tobottom", "tobottom-toright", "toleft-tobottom", "toleft-totop"];
    words(rng, &mut all, "presentation-direction-number-up-supported", &layouts);
    numbers(rng, &mut all, "print-quality-supported", &[3, 4, 5]);
    numbers(rng, &mut all, "orientation-requested-supported", &[3, 4, 5, 6]);
    numbers(rng, &mut all, "finishings-supported", &[3, 4, 5, 20, 22, 28, 74, 93]);
    if rng.bool() {
        all.push(("copies-supported", IppValue::RangeOfInteger { min: 1, max: rng.i32(1..20) }));
    }
    all.push(("page-ranges-supported", IppValue::Boolean(rng.bool())));
    if rng.bool() {
        all.push(("number-up-supported", IppValue::RangeOfInteger { min: 1, max: rng.i32(1..5) }));
    }
    let dots = |dpi: i32| IppValue::Resolution { cross_feed: dpi, feed: dpi, units: 3 };
    let resolutions = [150, 300, 600].into_iter().filter(|_| rng.bool()).map(dots).collect();
    all.push(("printer-resolution-supported", IppValue::Array(resolutions)));
    let raster = if rng.bool() { &["sgray_8", "srgb_8"][..] } else { &["sgray_8"] };
    all.push(("pwg-raster-document-type-supported", keywords(raster)));
    all.push(("pwg-raster-document-resolution-supported", IppValue::Array(vec![dots(150)])));
    all.push(("urf-supported", keywords(&["V1.5", "W8", "SRGB24", "RS150", "DM1"])));
    paper(rng, &mut all);
    constraint(rng, &mut all);
    // An empty set can not be written: a printer leaves such an attribute out.
    all.retain(|(_, value)| !matches!(value, IppValue::Array(values) if values.is_empty()));
    Model(all)
}

fn some<T: Copy>(rng: &mut Rng, from: &[T]) -> Vec<T> {
    from.iter().copied().filter(|_| rng.u8(..3) > 0).collect()
}

fn words(
    rng: &mut Rng,
    all: &mut Vec<(&'static str, IppValue)>,
    name: &'static str,
    from: &[&str],
) {
    all.push((name, keywords(&some(rng, from))));
}

fn numbers(
    rng: &mut Rng,
    all: &mut Vec<(&'static str, IppValue)>,
    name: &'static str,
    from: &[i32],
) {
    all.push((name, enums(&some(rng, from))));
}

fn paper(rng: &mut Rng, all: &mut Vec<(&'static str, IppValue)>) {
    let media = [vec![A4], some(rng, &[A3, A5, LETTER])].concat();
    let names: Vec<&str> = media.iter().map(|(name, ..)| *name).collect();
    all.push(("media-supported", keywords(&names)));
    all.push(("media-default", keyword(names[0])));
    if rng.u8(..4) == 0 {
        return;
    }
    let members = ["media-type", "media-source", "media-top-margin", "media-left-margin"];
    let members = [vec!["media-size"], some(rng, &members)].concat();
    all.push(("media-col-supported", keywords(&members)));
    let sizes = media.iter().map(|(_, width, length)| size(*width, *length));
    all.push(("media-size-supported", IppValue::Array(sizes.collect())));
    words(rng, all, "media-type-supported", &["stationery", "labels", "cardstock"]);
    words(rng, all, "media-source-supported", &["auto", "tray-1", "tray-2", "manual"]);
    let margins =
        |list: &[i32]| IppValue::Array(list.iter().copied().map(IppValue::Integer).collect());
    all.push(("media-top-margin-supported", margins(&some(rng, &[0, 300, 423]))));
    all.push(("media-left-margin-supported", margins(&some(rng, &[0, 300, 423]))));
}

/// Two settings that do not go together.
fn constraint(rng: &mut Rng, all: &mut Vec<(&'static str, IppValue)>) {
    if rng.bool() {
        return;
    }
    let named = |name: &str| name.try_into().expect("it is short");
    let finishings = [4, 5, 20, 28][rng.usize(..4)];
    let members = [
        (named("resolver-name"), keyword("r1")),
        (named("finishings"), IppValue::Enum(finishings)),
        (named("sides"), keyword("two-sided-long-edge")),
    ];
    let constraint = IppValue::Collection(members.into_iter().collect());
    all.push(("job-constraints-supported", IppValue::Array(vec![constraint])));
}

impl Model {
    /// What it says that it can do, as IPP attributes.
    pub(super) fn attributes(&self) -> Vec<(&'static str, IppValue)> {
        self.0.clone()
    }

    /// The attributes of a ticket that it does not have, or not so (RFC 8011 section 4.1.7).
    pub(super) fn unsupported<'a>(
        &self,
        ticket: impl Iterator<Item = &'a IppAttribute>,
    ) -> Vec<IppAttribute> {
        ticket.filter(|one| !self.supports(one.name().as_str(), one.value())).cloned().collect()
    }

    fn supports(&self, name: &str, value: &IppValue) -> bool {
        let list = match name {
            "media-col" => return self.has_media_col(value),
            "page-ranges" => return self.get(name) == Some(&IppValue::Boolean(true)),
            _ => self.get(name),
        };
        each(value).all(|value| list.is_some_and(|list| each(list).any(|one| covers(one, value))))
    }

    fn has_media_col(&self, value: &IppValue) -> bool {
        let Some(members) = value.as_collection() else { return false };
        let known = |name: &str| {
            let known = self.get("media-col");
            known.is_some_and(|known| each(known).any(|one| one.to_string() == name))
        };
        members
            .iter()
            .all(|(name, value)| known(name.as_str()) && self.supports(name.as_str(), value))
    }

    /// The value of NAME-supported.
    fn get(&self, name: &str) -> Option<&IppValue> {
        let supported = format!("{name}-supported");
        self.0.iter().find(|(known, _)| *known == supported).map(|(_, value)| value)
    }
}

fn each(value: &IppValue) -> impl Iterator<Item = &IppValue> {
    match value {
        IppValue::Array(values) => values.iter(),
        value => std::slice::from_ref(value).iter(),
    }
}

fn covers(supported: &IppValue, value: &IppValue) -> bool {
    match (supported, value) {
        (IppValue::RangeOfInteger { min, max }, IppValue::Integer(number)) => {
            (min..=max).contains(&number)
        }
        (supported, value) => supported == value,
    }
}
