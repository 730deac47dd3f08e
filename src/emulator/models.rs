//! Models of printers: what each says that it can do.

use ipp::value::IppValue;

use super::ipp_server::{enums, keyword, keywords, mime, size};

/// A model.
pub(super) struct Model {
    name: &'static str,
    sides: &'static [&'static str],
    colors: &'static [&'static str],
    /// PWG names, and their dimensions in hundredths of a millimeter.
    media: &'static [(&'static str, i32, i32)],
    /// IPP "finishings-supported".
    finishings: &'static [i32],
    formats: &'static [&'static str],
}

const A4: (&str, i32, i32) = ("iso_a4_210x297mm", 21_000, 29_700);
const A3: (&str, i32, i32) = ("iso_a3_297x420mm", 29_700, 42_000);
const LETTER: (&str, i32, i32) = ("na_letter_8.5x11in", 21_590, 27_940);
const ALL_SIDES: &[&str] = &["one-sided", "two-sided-long-edge", "two-sided-short-edge"];
const FORMATS: &[&str] = &["application/pdf", "image/pwg-raster", "image/jpeg"];

const MODELS: &[Model] = &[
    Model {
        name: "office",
        sides: ALL_SIDES,
        colors: &["auto", "color", "monochrome"],
        media: &[A4, A3, LETTER],
        finishings: &[3],
        formats: FORMATS,
    },
    Model {
        name: "mono",
        sides: &["one-sided"],
        colors: &["monochrome"],
        media: &[A4],
        finishings: &[3],
        formats: FORMATS,
    },
    Model {
        name: "finisher",
        sides: ALL_SIDES,
        colors: &["auto", "color", "monochrome"],
        media: &[A4, A3],
        finishings: &[3, 4, 5, 20, 28],
        formats: FORMATS,
    },
];

/// The model of that name.
pub(super) fn find(name: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.name == name)
}

impl Model {
    /// What it says that it can do, as IPP attributes.
    pub(super) fn attributes(&self) -> Vec<(&'static str, IppValue)> {
        let media: Vec<&str> = self.media.iter().map(|(name, ..)| *name).collect();
        let sizes = self.media.iter().map(|(_, width, length)| size(*width, *length));
        let formats = self.formats.iter().map(|format| mime(format)).collect();
        vec![
            ("document-format-supported", IppValue::Array(formats)),
            ("copies-supported", IppValue::RangeOfInteger { min: 1, max: 999 }),
            ("sides-supported", keywords(self.sides)),
            ("sides-default", keyword("one-sided")),
            ("print-color-mode-supported", keywords(self.colors)),
            ("print-quality-supported", enums(&[3, 4, 5])),
            ("orientation-requested-supported", enums(&[3, 4, 5, 6])),
            ("page-ranges-supported", IppValue::Boolean(true)),
            ("finishings-supported", enums(self.finishings)),
            (
                "multiple-document-handling-supported",
                keywords(&[
                    "separate-documents-collated-copies",
                    "separate-documents-uncollated-copies",
                ]),
            ),
            ("media-supported", keywords(&media)),
            ("media-default", keyword(media[0])),
            ("media-col-supported", keywords(&["media-size"])),
            ("media-size-supported", IppValue::Array(sizes.collect())),
        ]
    }
}
