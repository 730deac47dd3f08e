//! What a printer answers, whatever it is, decodes to a bounded message or to an error.
#![no_main]

use bytes::Bytes;
use ipp::{attribute::IppAttributes, value::IppValue};
use libfuzzer_sys::fuzz_target;

#[path = "../src/printer/decode.rs"]
#[allow(dead_code, reason = "its limits are its own")]
mod decode;

/// The most values that the decoder promises.
const MOST_VALUES: usize = 10_000;

fuzz_target!(|answer: &[u8]| {
    if let Ok(message) = decode::decode(Bytes::copy_from_slice(answer)) {
        assert!(n_values(&message.attributes) <= MOST_VALUES);
        assert!(n_octets(&message.attributes) <= answer.len());
    }
});

fn values(attributes: &IppAttributes) -> impl Iterator<Item = &IppValue> {
    let groups = attributes.groups().iter();
    groups.flat_map(|group| group.attributes().iter().map(|attribute| attribute.value()))
}

fn n_values(attributes: &IppAttributes) -> usize {
    values(attributes).map(count).sum()
}

fn count(value: &IppValue) -> usize {
    match value {
        IppValue::Array(values) => values.iter().map(count).sum(),
        IppValue::Collection(members) => 1 + members.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

/// The octets of names and texts: none is made up.
fn n_octets(attributes: &IppAttributes) -> usize {
    values(attributes).map(octets).sum()
}

fn octets(value: &IppValue) -> usize {
    match value {
        IppValue::Array(values) => values.iter().map(octets).sum(),
        IppValue::Collection(members) => members.values().map(octets).sum(),
        IppValue::Keyword(text) => text.as_str().len(),
        IppValue::Other { data, .. } => data.len(),
        _ => 0,
    }
}
