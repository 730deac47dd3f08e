//! Staples, holes and folds: the cloud's names and IPP "finishings" (PWG 5100.1 section 4).
//!
//! Numbers are the PWG's, never the cloud's, which counts differently.
//! Deliberately absent: "finishings-col", which may not stand beside "finishings".

use ipp::value::IppValue;

use super::ticket::Ticket;
use crate::model::Capabilities;

const NONE: i32 = 3;
const STAPLE: i32 = 4;
const PUNCH: i32 = 5;

/// The cloud's names, in its own spelling, and the PWG's numbers.
pub(super) const NAMES: &[(&str, i32)] = &[
    ("none", NONE),
    ("staple", STAPLE),
    ("punch", PUNCH),
    ("cover", 6),
    ("bind", 7),
    ("saddleStitch", 8),
    ("stitchEdge", 9),
    ("fold", 10),
    ("trim", 11),
    ("bale", 12),
    ("bookletMaker", 13),
    ("coat", 15),
    ("laminate", 16),
    ("stapleTopLeft", 20),
    ("stapleBottomLeft", 21),
    ("stapleTopRight", 22),
    ("stapleBottomRight", 23),
    ("stitchLeftEdge", 24),
    ("stitchTopEdge", 25),
    ("stitchRightEdge", 26),
    ("stitchBottomEdge", 27),
    ("stapleDualLeft", 28),
    ("stapleDualTop", 29),
    ("stapleDualRight", 30),
    ("stapleDualBottom", 31),
    ("stapleTripleLeft", 32),
    ("stapleTripleTop", 33),
    ("stapleTripleRight", 34),
    ("stapleTripleBottom", 35),
    ("bindLeft", 50),
    ("bindTop", 51),
    ("bindRight", 52),
    ("bindBottom", 53),
    ("trimAfterPages", 60),
    ("trimAfterDocuments", 61),
    ("trimAfterCopies", 62),
    ("trimAfterJob", 63),
    ("punchTopLeft", 70),
    ("punchBottomLeft", 71),
    ("punchTopRight", 72),
    ("punchBottomRight", 73),
    ("punchDualLeft", 74),
    ("punchDualTop", 75),
    ("punchDualRight", 76),
    ("punchDualBottom", 77),
    ("punchTripleLeft", 78),
    ("punchTripleTop", 79),
    ("punchTripleRight", 80),
    ("punchTripleBottom", 81),
    ("punchQuadLeft", 82),
    ("punchQuadTop", 83),
    ("punchQuadRight", 84),
    ("punchQuadBottom", 85),
    ("foldAccordion", 90),
    ("foldDoubleGate", 91),
    ("foldGate", 92),
    ("foldHalf", 93),
    ("foldHalfZ", 94),
    ("foldLeftGate", 95),
    ("foldLetter", 96),
    ("foldParallel", 97),
    ("foldPoster", 98),
    ("foldRightGate", 99),
    ("foldZ", 100),
    ("foldEngineeringZ", 101),
];

/// The PWG's number of a name of the cloud's, whatever its letters' case.
pub(super) fn number_of(name: &str) -> Option<i32> {
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, number)| *number)
}

/// The cloud's name of a number.
pub fn name_of(number: i32) -> Option<&'static str> {
    NAMES.iter().find(|(_, known)| *known == number).map(|(name, _)| *name)
}

/// What stands in for a finishing that a printer does not have: the plain one for a place, and a place for the plain one.
fn stand_ins(number: i32) -> Vec<i32> {
    match number {
        24..=27 => vec![9, STAPLE],
        20..=35 => vec![STAPLE],
        70..=85 => vec![PUNCH],
        90..=101 => vec![10],
        50..=53 => vec![7],
        60..=63 => vec![11],
        STAPLE => (20..=23).collect(),
        PUNCH => vec![74, 76, 70, 72],
        _ => Vec::new(),
    }
}

impl Ticket {
    pub(super) fn finishings(&mut self, asked: Option<&[String]>, can: &Capabilities) {
        let Some(asked) = asked else { return };
        let mut numbers: Vec<i32> = Vec::new();
        for name in asked {
            match number_of(name) {
                None => self.note("finishings", name, "", "unknown setting"),
                Some(NONE) => {}
                Some(number) => {
                    let has = |number: &i32| can.finishings.contains(number);
                    let found = Some(number).filter(has);
                    let sent = found.or_else(|| stand_ins(number).into_iter().find(has));
                    let named = sent.and_then(name_of).unwrap_or_default();
                    if sent != Some(number) {
                        self.note("finishings", name, named, "the printer does not have it");
                    }
                    numbers.extend(sent.filter(|sent| !numbers.contains(sent)));
                }
            }
        }
        let nothing_asked =
            !asked.is_empty() && asked.iter().all(|name| number_of(name) == Some(NONE));
        if nothing_asked && can.finishings.contains(&NONE) {
            numbers.push(NONE);
        }
        if !numbers.is_empty() {
            self.send(
                "finishings",
                IppValue::Array(numbers.into_iter().map(IppValue::Enum).collect()),
            );
        }
    }
}
