//! What a reader of badges sends, whatever it is, becomes short lines of plain characters or is ignored; no step of a
//! chain panics at one.
#![no_main]

use std::sync::OnceLock;

use badge::{
    lines::Lines,
    uid::{Chain, LONGEST},
    wedge::Keys,
};
use libfuzzer_sys::fuzz_target;
use model::station::Layout;

#[path = "../src/badge"]
#[allow(dead_code, reason = "not all of it is fuzzed")]
mod badge {
    pub mod lines;
    pub mod uid;
    pub mod wedge;
}

#[path = "../src/model"]
#[allow(dead_code, reason = "only layouts of keys are needed")]
mod model {
    pub type PrinterName = String;
    pub mod station;
}

const STEPS: [&[&str]; 8] = [
    &["strip-prefix rfid:", "reverse-bytes", "hex-to-decimal", "pad 10", "last 8"],
    &["unpack-ascii", "decimal-to-hex", "swap-nibbles", "lower"],
    &["to-facility", "facility 13", "from-facility", "trim-zeros", "add -1"],
    &["wiegand-26", "before ,", "first 3"],
    &["match ^0*(.+)$", "upper", "strip-suffix F"],
    &["hex-to-decimal", "to-facility", "from-facility"],
    &["decimal-to-hex", "reverse-bytes", "wiegand-26"],
    &["first 1"],
];

fuzz_target!(|bytes: &[u8]| {
    static CHAINS: OnceLock<Vec<Chain>> = OnceLock::new();
    let chains = CHAINS.get_or_init(|| {
        STEPS.iter().map(|steps| Chain::parse(steps.iter().copied()).expect("they read")).collect()
    });
    let Some((size, bytes)) = bytes.split_first() else { return };
    let layout = if size % 2 == 0 { Layout::Us } else { Layout::German };
    let (mut keys, mut typed, mut sent) = (Keys::new(layout), Lines::default(), Lines::default());
    for chunk in bytes.chunks(usize::from(*size).max(1)) {
        for line in sent.see(chunk).into_iter().chain(typed.see(&keys.see(chunk))) {
            assert!(
                line.len() <= LONGEST && line.bytes().all(|byte| (b' '..=b'~').contains(&byte))
            );
            for chain in chains {
                assert!(chain.apply(&line).is_none_or(|number| !number.is_empty()));
            }
        }
    }
    sent.lull();
    typed.lull();
});
