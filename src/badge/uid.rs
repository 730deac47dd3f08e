//! Numbers of badges: from what a reader says to what people have on their lists.
//!
//! Readers name the same card in many ways: hexadecimal or decimal, first octet first or last, with a facility before
//! it or without. A [`Chain`] of steps makes one of another; pure, and a number that does not fit a step has no result.
//! Deliberately absent: where numbers come from (readers), and whose they are (`people`).

use std::{fmt, str::FromStr};

use regex::Regex;

/// The longest number that is taken, in characters.
pub const LONGEST: usize = 128;

/// Steps that make a number of another.
#[derive(Clone, Debug, Default)]
pub struct Chain(Vec<Step>);

/// One step.
#[derive(Clone, Debug)]
enum Step {
    /// `hex-to-decimal`.
    HexToDecimal,
    /// `decimal-to-hex`: in whole octets.
    DecimalToHex,
    /// `reverse-bytes` of hexadecimal digits.
    ReverseBytes,
    /// `swap-nibbles` of hexadecimal digits.
    SwapNibbles,
    /// `unpack-ascii`: hexadecimal digits that are the codes of characters.
    UnpackAscii,
    /// `strip-prefix TEXT`; a number without it stays.
    StripPrefix(String),
    /// `strip-suffix TEXT`; a number without it stays.
    StripSuffix(String),
    /// `before TEXT`: what comes before a mark, as a checksum's.
    Before(String),
    /// `match REGEX`: what its one group captures.
    Match(Regex),
    /// `pad N`: zeros before, up to a length.
    Pad(usize),
    /// `trim-zeros`: no zeros before.
    TrimZeros,
    /// `first N` characters.
    First(usize),
    /// `last N` characters.
    Last(usize),
    /// `to-facility`: a decimal number of 32 bits as `FACILITY,NUMBER`, of the last 24 (Wiegand 26).
    ToFacility,
    /// `from-facility`: back to one decimal number of ten digits.
    FromFacility,
    /// `wiegand-26`: 26 raw bits in hexadecimal as `FACILITY,NUMBER`, their parity checked (H10301).
    Wiegand26,
    /// `facility N`: of `FACILITY,NUMBER` only those of one facility.
    Facility(u32),
    /// `add N` to a decimal number.
    Add(i64),
    /// `upper` case.
    Upper,
    /// `lower` case.
    Lower,
}

impl Chain {
    /// A chain of steps as they are written.
    ///
    /// # Errors
    ///
    /// A sentence about the first step that does not read.
    pub fn parse<'a>(steps: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        steps.into_iter().map(str::parse).collect::<Result<_, _>>().map(Self)
    }

    /// What becomes of a number; nothing if it does not fit.
    pub fn apply(&self, number: &str) -> Option<String> {
        let number = number.trim();
        let fits = !number.is_empty() && number.chars().count() <= LONGEST;
        let begin = fits.then(|| number.to_owned());
        self.0.iter().try_fold(begin?, |number, step| step.apply(&number))
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&steps.join(", "))
    }
}

impl Step {
    fn apply(&self, number: &str) -> Option<String> {
        Some(match self {
            Self::HexToDecimal => u128::from_str_radix(number, 16).ok()?.to_string(),
            Self::DecimalToHex => {
                let digits = format!("{:X}", number.parse::<u128>().ok()?);
                let length = digits.len().next_multiple_of(2);
                format!("{digits:0>length$}")
            }
            Self::ReverseBytes => hex_pairs(number)?.iter().rev().copied().collect(),
            Self::SwapNibbles => {
                hex_pairs(number)?.iter().flat_map(|pair| pair.chars().rev()).collect()
            }
            Self::UnpackAscii => {
                let octet = |pair: &&str| u8::from_str_radix(pair, 16).ok();
                let octets: Vec<u8> =
                    hex_pairs(number)?.iter().map(octet).collect::<Option<_>>()?;
                String::from_utf8(octets)
                    .ok()
                    .filter(|text| text.chars().all(|c| c.is_ascii_graphic()))?
            }
            Self::StripPrefix(prefix) => number.strip_prefix(prefix).unwrap_or(number).to_owned(),
            Self::StripSuffix(suffix) => number.strip_suffix(suffix).unwrap_or(number).to_owned(),
            Self::Before(mark) => number.split(mark).next()?.to_owned(),
            Self::Match(regex) => regex.captures(number)?.get(1)?.as_str().to_owned(),
            Self::Pad(length) => format!("{number:0>length$}"),
            Self::TrimZeros => match number.trim_start_matches('0') {
                "" => "0".to_owned(),
                trimmed => trimmed.to_owned(),
            },
            Self::First(length) => {
                let (end, last) = number.char_indices().nth(length - 1)?;
                number[..end + last.len_utf8()].to_owned()
            }
            Self::Last(length) => {
                let (start, _) = number.char_indices().nth_back(length - 1)?;
                number[start..].to_owned()
            }
            Self::ToFacility => {
                let whole: u32 = number.parse().ok()?;
                format!("{},{:05}", (whole >> 16) & 0xFF, whole & 0xFFFF)
            }
            Self::FromFacility => {
                let (facility, card) = facility_and_card(number)?;
                format!("{:010}", facility << 16 | card)
            }
            Self::Wiegand26 => wiegand_26(number)?,
            Self::Facility(wanted) => {
                let (facility, _) = facility_and_card(number)?;
                (facility == *wanted).then(|| number.to_owned())?
            }
            Self::Add(offset) => number.parse::<i64>().ok()?.checked_add(*offset)?.to_string(),
            Self::Upper => number.to_uppercase(),
            Self::Lower => number.to_lowercase(),
        })
        .filter(|number| !number.is_empty())
    }
}

/// Hexadecimal digits, two by two.
fn hex_pairs(number: &str) -> Option<Vec<&str>> {
    let fits =
        number.len().is_multiple_of(2) && number.bytes().all(|digit| digit.is_ascii_hexdigit());
    fits.then(|| (0..number.len()).step_by(2).map(|i| &number[i..i + 2]).collect())
}

fn facility_and_card(number: &str) -> Option<(u32, u32)> {
    let (facility, card) = number.split_once(',')?;
    let (facility, card) = (facility.parse().ok()?, card.parse().ok()?);
    (facility <= 0xFF && card <= 0xFFFF).then_some((facility, card))
}

/// Even parity over the first 13 bits, a facility of 8, a number of 16, odd parity over the last 13.
fn wiegand_26(number: &str) -> Option<String> {
    let raw = u32::from_str_radix(number, 16).ok().filter(|raw| *raw < 1 << 26)?;
    let (first, last) = (raw >> 13, raw & 0x1FFF);
    let holds = first.count_ones() % 2 == 0 && last.count_ones() % 2 == 1;
    holds.then(|| format!("{},{:05}", (raw >> 17) & 0xFF, (raw >> 1) & 0xFFFF))
}

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, argument) = text.trim().split_once(' ').unwrap_or_else(|| (text.trim(), ""));
        let argument = argument.trim();
        let needs = |what: &str| format!("{word} needs {what} behind it");
        let length = || {
            let length = argument.parse().ok().filter(|length| (1..=LONGEST).contains(length));
            length.ok_or_else(|| needs("a length"))
        };
        let mark = || {
            let mark = (!argument.is_empty()).then(|| argument.to_owned());
            mark.ok_or_else(|| needs("a text"))
        };
        Ok(match word {
            "hex-to-decimal" => Self::HexToDecimal,
            "decimal-to-hex" => Self::DecimalToHex,
            "reverse-bytes" => Self::ReverseBytes,
            "swap-nibbles" => Self::SwapNibbles,
            "unpack-ascii" => Self::UnpackAscii,
            "strip-prefix" => Self::StripPrefix(mark()?),
            "strip-suffix" => Self::StripSuffix(mark()?),
            "before" => Self::Before(mark()?),
            "match" => Self::Match(one_group(&mark()?)?),
            "pad" => Self::Pad(length()?),
            "trim-zeros" => Self::TrimZeros,
            "first" => Self::First(length()?),
            "last" => Self::Last(length()?),
            "to-facility" => Self::ToFacility,
            "from-facility" => Self::FromFacility,
            "wiegand-26" => Self::Wiegand26,
            "facility" => Self::Facility(argument.parse().map_err(|_| needs("a number"))?),
            "add" => Self::Add(argument.parse().map_err(|_| needs("a number"))?),
            "upper" => Self::Upper,
            "lower" => Self::Lower,
            _ => return Err(format!("there is no step {word}; there are: {WORDS}")),
        })
    }
}

const WORDS: &str = "hex-to-decimal, decimal-to-hex, reverse-bytes, swap-nibbles, unpack-ascii, strip-prefix, \
     strip-suffix, before, match, pad, trim-zeros, first, last, to-facility, from-facility, wiegand-26, facility, add, \
     upper, lower";

fn one_group(text: &str) -> Result<Regex, String> {
    let regex = Regex::new(text).map_err(|error| format!("match {text}: {error}"))?;
    let groups = regex.captures_len() - 1;
    if groups == 1 {
        Ok(regex)
    } else {
        Err(format!("match {text}: it needs one group, and has {groups}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HexToDecimal => f.write_str("hex-to-decimal"),
            Self::DecimalToHex => f.write_str("decimal-to-hex"),
            Self::ReverseBytes => f.write_str("reverse-bytes"),
            Self::SwapNibbles => f.write_str("swap-nibbles"),
            Self::UnpackAscii => f.write_str("unpack-ascii"),
            Self::StripPrefix(text) => write!(f, "strip-prefix {text}"),
            Self::StripSuffix(text) => write!(f, "strip-suffix {text}"),
            Self::Before(text) => write!(f, "before {text}"),
            Self::Match(regex) => write!(f, "match {regex}"),
            Self::Pad(length) => write!(f, "pad {length}"),
            Self::TrimZeros => f.write_str("trim-zeros"),
            Self::First(length) => write!(f, "first {length}"),
            Self::Last(length) => write!(f, "last {length}"),
            Self::ToFacility => f.write_str("to-facility"),
            Self::FromFacility => f.write_str("from-facility"),
            Self::Wiegand26 => f.write_str("wiegand-26"),
            Self::Facility(facility) => write!(f, "facility {facility}"),
            Self::Add(offset) => write!(f, "add {offset}"),
            Self::Upper => f.write_str("upper"),
            Self::Lower => f.write_str("lower"),
        }
    }
}

/// Whether a reader said a UID that a card of ISO 14443-A draws anew at each time: four octets of which the first is 08.
/// Only where the reader says UIDs as they are does that octet prove anything.
pub fn is_random(said: &str) -> bool {
    let digits = said.rsplit(|c: char| !c.is_ascii_hexdigit()).find(|part| !part.is_empty());
    digits.is_some_and(|digits| digits.len() == 8 && digits.starts_with("08"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(steps: &[&str], number: &str, expect: &str) {
        let chain = Chain::parse(steps.iter().copied()).unwrap();
        assert_eq!(chain.apply(number).unwrap_or_default(), expect, "{chain} of {number}");
    }

    #[test]
    fn known_cards_have_their_known_numbers() {
        check(&["hex-to-decimal"], "946EBD28", "2490285352");
        check(&["decimal-to-hex"], "2490285352", "946EBD28");
        check(&["unpack-ascii"], "3934364542443238", "946EBD28");
        check(&["hex-to-decimal"], "bc88e3d9", "3163087833");
        check(&["reverse-bytes", "hex-to-decimal"], "bc88e3d9", "3655567548");
        check(&["to-facility"], "0013961168", "213,02000");
        check(&["from-facility"], "213,02000", "0013961168");
        check(&["wiegand-26"], "21A6616", "13,13067");
    }

    #[test]
    fn parity_that_does_not_hold_is_no_number() {
        for raw in ["21A6617", "01A6616", "61A6616", "21A66", ""] {
            check(&["wiegand-26"], raw, "");
        }
    }

    #[test]
    fn steps_cut_fill_and_choose() {
        check(&["strip-prefix rfid:", "before ="], "rfid:5235092385=8", "5235092385");
        check(&["match ^A(\\d+)B$"], "A0042B", "0042");
        check(&["match ^A(\\d+)B$"], "C0042B", "");
        check(&["trim-zeros"], "00042", "42");
        check(&["trim-zeros"], "000", "0");
        check(&["pad 10"], "42", "0000000042");
        check(&["last 4"], "123456", "3456");
        check(&["first 4"], "12", "");
        check(&["swap-nibbles"], "12AB", "21BA");
        check(&["facility 213"], "213,02000", "213,02000");
        check(&["facility 13"], "213,02000", "");
        check(&["add -5"], "42", "37");
        check(&["lower"], " 0AbC ", "0abc");
        check(&["strip-suffix ;"], "42;", "42");
    }

    #[test]
    fn what_does_not_fit_a_step_has_no_result() {
        let long = "9".repeat(LONGEST + 1);
        for (step, numbers) in [
            ("hex-to-decimal", &["zz", "é", "-1", &"F".repeat(33)][..]),
            ("decimal-to-hex", &["4A", "", "-1"]),
            ("reverse-bytes", &["ABC", "zz", "é0"]),
            ("swap-nibbles", &["ABC", "zz"]),
            ("unpack-ascii", &["00FF", "FFFF", "3"]),
            ("to-facility", &["4294967296", "x"]),
            ("from-facility", &["256,1", "1,65536", "1", "x,y"]),
            ("last 4", &["123", "é23"]),
            ("add 1", &["x", "9223372036854775807"]),
            ("upper", &["", "   ", &long]),
        ] {
            let chain = Chain::parse([step]).unwrap();
            for number in numbers {
                assert_eq!(chain.apply(number), None, "{step} of {number}");
            }
        }
    }

    #[test]
    fn each_step_reads_as_it_is_written() {
        for word in WORDS.split(", ") {
            let step = match word {
                "match" => "match ^(.)$".to_owned(),
                "facility" | "add" | "pad" | "first" | "last" => format!("{word} 3"),
                "strip-prefix" | "strip-suffix" | "before" => format!("{word} x"),
                word => word.to_owned(),
            };
            assert_eq!(Chain::parse([step.as_str()]).unwrap().to_string(), step);
        }
    }

    #[test]
    fn a_chain_that_does_not_read_says_why() {
        for (step, expect) in [
            ("to-decimal", "there is no step to-decimal; there are: hex-to-decimal"),
            ("pad", "pad needs a length behind it"),
            ("match (a", "match (a: regex parse error"),
            ("match a", "match a: it needs one group, and has 0"),
            ("facility x", "facility needs a number behind it"),
        ] {
            let why = Chain::parse([step]).unwrap_err();
            assert!(why.starts_with(expect), "{why}");
        }
    }

    #[test]
    fn a_uid_that_is_random_anew_is_known_by_its_first_octet() {
        for said in ["0812ABCD", "rfid:08FFFFFF", "UID 08000000\r"] {
            assert!(is_random(said), "{said}");
        }
        for said in ["04812ABCDE1234", "946EBD28", "80812ABC", "08", ""] {
            assert!(!is_random(said), "{said}");
        }
    }
}
