//! Paper sizes: the cloud's names, the PWG's names (PWG 5101.1) and their dimensions.
//!
//! Deliberately absent: trays, types and what a printer has loaded.

/// A paper size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaSize {
    /// PWG self-describing name.
    pub name: String,
    /// Width and length in hundredths of a millimeter.
    pub size: (i32, i32),
}

/// Two sizes closer than this are the same paper, in hundredths of a millimeter.
const TOLERANCE: i32 = 50;

/// The cloud's documented names, with the PWG names that they may mean, best first.
const NAMES: &[(&str, &[&str])] = &[
    ("A3", &["iso_a3_297x420mm"]),
    ("A4", &["iso_a4_210x297mm"]),
    ("A5", &["iso_a5_148x210mm"]),
    ("A6", &["iso_a6_105x148mm"]),
    ("JIS B4", &["jis_b4_257x364mm"]),
    ("JIS B5", &["jis_b5_182x257mm"]),
    ("JPN Hagaki", &["jpn_hagaki_100x148mm"]),
    ("North America 5x7in", &["na_5x7_5x7in"]),
    ("North America Executive", &["na_executive_7.25x10.5in"]),
    ("North America Goverment Letter", &["na_govt-letter_8x10in"]),
    ("North America Government Letter", &["na_govt-letter_8x10in"]),
    ("North America Index 3x5in", &["na_index-3x5_3x5in"]),
    ("North America Index 4x8in", &["custom_index-4x8_4x8in", "na_index-4x6_4x6in"]),
    ("North America Index 5x8in", &["na_index-5x8_5x8in"]),
    ("North America Invoice", &["na_invoice_5.5x8.5in"]),
    ("North America Ledger", &["na_ledger_11x17in"]),
    ("North America Legal", &["na_legal_8.5x14in"]),
    ("North America Letter", &["na_letter_8.5x11in"]),
    ("Photo l 3.5x5in", &["oe_photo-l_3.5x5in"]),
    (
        "Business Card",
        &["om_business-card_55x85mm", "om_business-card_55x91mm", "oe_business-card_2x3.5in"],
    ),
    ("Photo", &["na_index-4x6_4x6in", "oe_photo-l_3.5x5in", "na_5x7_5x7in"]),
    ("Letter", &["na_letter_8.5x11in"]),
    ("Legal", &["na_legal_8.5x14in"]),
];

const PWG_CLASSES: [&str; 7] = ["iso_", "na_", "jis_", "jpn_", "om_", "oe_", "custom_"];

/// The sizes that a name of the cloud may mean, best first; none if we do not know it.
pub fn sizes_of(name: &str) -> Vec<MediaSize> {
    let lower = name.trim().to_ascii_lowercase();
    if let Some((_, pwg)) = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(&lower)) {
        return pwg.iter().filter_map(|name| parse_pwg(name)).collect();
    }
    if PWG_CLASSES.iter().any(|class| lower.starts_with(class)) {
        return parse_pwg(&lower).into_iter().collect();
    }
    iso(&lower).into_iter().collect()
}

/// Sizes that go by their ISO name alone, in millimeters (ISO 216 and 269).
const ISO: [(&str, u32, u32); 20] = [
    ("a0", 841, 1189),
    ("a1", 594, 841),
    ("a2", 420, 594),
    ("a7", 74, 105),
    ("a8", 52, 74),
    ("a9", 37, 52),
    ("a10", 26, 37),
    ("b0", 1000, 1414),
    ("b1", 707, 1000),
    ("b2", 500, 707),
    ("b3", 353, 500),
    ("b4", 250, 353),
    ("b5", 176, 250),
    ("b6", 125, 176),
    ("c3", 324, 458),
    ("c4", 229, 324),
    ("c5", 162, 229),
    ("c6", 114, 162),
    ("dl", 110, 220),
    ("c7", 81, 114),
];

/// `ISO B4`, `C5` or `Envelope DL`. A bare `B4` is ISO's.
fn iso(lower: &str) -> Option<MediaSize> {
    let bare =
        ["iso ", "envelope ", "north america "].iter().find_map(|word| lower.strip_prefix(word));
    let bare = bare.unwrap_or(lower);
    let envelope = match bare {
        "number 10" | "#10" | "com10" => Some("na_number-10_4.125x9.5in"),
        "monarch" => Some("na_monarch_3.875x7.5in"),
        _ => None,
    };
    if let Some(name) = envelope {
        return parse_pwg(name);
    }
    let (name, width, length) = ISO.iter().find(|(known, ..)| *known == bare)?;
    parse_pwg(&format!("iso_{name}_{width}x{length}mm"))
}

/// The cloud's name of a PWG name, where it has one.
pub fn cloud_name_of(pwg: &str) -> Option<&'static str> {
    NAMES.iter().find(|(_, names)| names[0] == pwg).map(|(name, _)| *name)
}

/// The cloud's names that mean one paper each, with its size: what can be offered.
pub(super) fn offerable() -> impl Iterator<Item = (&'static str, MediaSize)> {
    // The last two are other spellings, and "Photo" and "Business Card" are several papers.
    let single =
        NAMES.iter().filter(|(_, pwg)| pwg.len() == 1).take_while(|(name, _)| *name != "Letter");
    let single = single.filter(|(name, _)| *name != "North America Government Letter");
    single.filter_map(|(name, pwg)| Some((*name, parse_pwg(pwg[0])?)))
}

/// A PWG self-describing name with its dimensions: `class_name_WxHunit`.
fn parse_pwg(name: &str) -> Option<MediaSize> {
    let (_, dimensions) = name.rsplit_once('_')?;
    let (digits, scale) = match (dimensions.strip_suffix("in"), dimensions.strip_suffix("mm")) {
        (Some(digits), _) => (digits, 2540.0),
        (_, Some(digits)) => (digits, 100.0),
        _ => return None,
    };
    let (width, length) = digits.split_once('x')?;
    let hundredths = |text: &str| {
        let value: f64 = text.parse().ok()?;
        #[allow(
            clippy::cast_possible_truncation,
            reason = "bounded on the same line; truncated as CUPS does"
        )]
        (0.0..10_000.0).contains(&value).then_some((value * scale + 1e-6) as i32)
    };
    Some(MediaSize { name: name.to_owned(), size: (hundredths(width)?, hundredths(length)?) })
}

/// Whether two dimensions are the same paper.
pub fn close(a: i32, b: i32) -> bool {
    (a - b).abs() <= TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_name_has_its_dimensions() {
        for (name, pwg) in NAMES {
            assert_eq!(sizes_of(name).len(), pwg.len(), "{name}");
        }
        for (name, size) in [
            ("A4", (21_000, 29_700)),
            ("North America Letter", (21_590, 27_940)),
            ("North America Executive", (18_415, 26_670)),
            ("na_number-10_4.125x9.5in", (10_477, 24_130)),
            ("iso_dl_110x220mm", (11_000, 22_000)),
        ] {
            assert_eq!(sizes_of(name)[0].size, size, "{name}");
        }
    }

    #[test]
    fn names_seen_in_the_wild_have_their_dimensions() {
        for (name, size) in [
            ("ISO B4", (25_000, 35_300)),
            ("b5", (17_600, 25_000)),
            ("Envelope DL", (11_000, 22_000)),
            ("C5", (16_200, 22_900)),
            ("A0", (84_100, 118_900)),
            ("Envelope #10", (10_477, 24_130)),
            ("custom_label_50.5x100mm", (5_050, 10_000)),
        ] {
            assert_eq!(sizes_of(name)[0].size, size, "{name}");
        }
    }

    #[test]
    fn each_name_of_the_cloud_leads_to_a_pwg_name_and_back() {
        for (name, pwg) in NAMES {
            let back = cloud_name_of(pwg[0]).unwrap();
            assert_eq!(sizes_of(back)[0], sizes_of(name)[0], "{name}");
        }
        assert_eq!(cloud_name_of("iso_a4_210x297mm"), Some("A4"));
        assert_eq!(cloud_name_of("na_letter_8.5x11in"), Some("North America Letter"));
    }

    #[test]
    fn what_can_be_offered_means_one_paper() {
        let names: Vec<&str> = offerable().map(|(name, _)| name).collect();
        assert!(names.contains(&"A4") && names.contains(&"North America Letter"), "{names:?}");
        for not in ["Photo", "Letter", "North America Government Letter"] {
            assert!(!names.contains(&not), "{not}");
        }
    }

    #[test]
    fn a_name_that_says_nothing_is_unknown() {
        for name in ["", "Papyrus", "na_letter", "iso_a4_axbmm", "custom_x_1e999x1mm"] {
            assert_eq!(sizes_of(name), [], "{name}");
        }
    }
}
