//! The parts that requests are made of, and what an answer says of its operation.

use bytes::Bytes;
use ipp::{
    attribute::IppAttribute,
    model::{DelimiterTag, Operation},
    value::IppValue,
};

use super::{
    attributes,
    decode::{Message, decode},
    ends::PrinterError,
    transport::TransportError,
};

/// An attribute of that name.
pub(super) fn attribute(name: &str, value: IppValue) -> IppAttribute {
    IppAttribute::with_name(name, value).expect("our attribute names are short")
}

/// A name; one that is too long for IPP is cut (RFC 8011 section 5.1.3: 255 octets).
pub(super) fn name_attribute(name: &str, value: &str) -> IppAttribute {
    attribute(name, name_value(value))
}

fn name_value(value: &str) -> IppValue {
    let mut end = value.len().min(200);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    IppValue::new_name_without_language(&value[..end]).expect("it was cut to fit")
}

/// A vendor's word: a keyword where it looks like one, else a name (RFC 8011 section 5.1.4).
pub(super) fn keyword_or_name(word: &str) -> IppValue {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
    let keyword = Some(word).filter(|word| word.chars().all(plain));
    let keyword = keyword.and_then(|word| IppValue::new_keyword(word).ok());
    keyword.unwrap_or_else(|| name_value(word))
}

pub(super) fn keywords(name: &str, words: &[&str]) -> IppAttribute {
    let keyword = |word: &&str| IppValue::new_keyword(*word).expect("our keywords are short");
    attribute(name, IppValue::Array(words.iter().map(keyword).collect()))
}

pub(super) fn read_answer(
    operation: Operation,
    answer: Result<Bytes, TransportError>,
) -> Result<Message, PrinterError> {
    let bytes = answer.map_err(|error| match error {
        TransportError::NotSent(why) => PrinterError::NotSent { operation, why },
        TransportError::Lost(why) => PrinterError::Lost { operation, why },
        TransportError::Http(status) => PrinterError::Http { operation, status },
        TransportError::Distrusted(why) => PrinterError::Distrusted { operation, why },
    })?;
    let message =
        decode(bytes).map_err(|error| PrinterError::Lost { operation, why: error.to_string() })?;
    if message.status < 0x0100 {
        return Ok(message);
    }
    let group = attributes::group(&message.attributes, DelimiterTag::OperationAttributes);
    let text = group.get("status-message").map(|one| one.value().to_string()).unwrap_or_default();
    Err(PrinterError::Status {
        operation,
        status: message.status,
        message: text.chars().take(200).collect(),
        unsupported: attributes::unsupported(&message.attributes),
    })
}
