//! What a printer answers, whatever it is, decodes to a bounded message or to an error.
#![no_main]

use bytes::Bytes;
use ipp::{attribute::IppAttributes, value::IppValue};
use libfuzzer_sys::fuzz_target;

#[path = "../src/printer/decode.rs"]
#[allow(dead_code, reason = "its limits are its own")]
mod decode;

fuzz_target!(|answer: &[u8]| {
    if let Ok(message) = decode::decode(Bytes::copy_from_slice(answer)) {
        assert!(n_values(&message.attributes) <= decode::VALUE_LIMIT);
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
        IppValue::Keyword(text) | IppValue::MemberAttrName(text) => text.len(),
        IppValue::TextWithoutLanguage(text) => text.len(),
        IppValue::NameWithoutLanguage(text) => text.len(),
        IppValue::TextWithLanguage { language, text } => language.len() + text.len(),
        IppValue::NameWithLanguage { language, name } => language.len() + name.len(),
        IppValue::Charset(text) => text.len(),
        IppValue::NaturalLanguage(text) => text.len(),
        IppValue::Uri(text) | IppValue::UriScheme(text) => text.len(),
        IppValue::MimeMediaType(text) => text.len(),
        IppValue::Other { data, .. } | IppValue::NonUtf8 { data, .. } => data.len(),
        IppValue::OctetString(data) => data.len(),
        // These have a length that is fixed.
        IppValue::Integer(_)
        | IppValue::Enum(_)
        | IppValue::RangeOfInteger { .. }
        | IppValue::Boolean(_)
        | IppValue::DateTime(_)
        | IppValue::Resolution { .. }
        | IppValue::NoValue => 0,
    }
}
