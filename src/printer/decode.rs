//! Our decoder of IPP answers: bounded, lossless and without recursion (RFC 8010 section 3).
//!
//! Printers are not trusted: a value that lies about its length, endless attributes, or collections nested without end
//! are an error in bounded memory. Values that do not fit the crate's types are kept as raw bytes.
//! Deliberately absent: encoding (the `ipp` crate does it), and the meaning of attributes.

use std::collections::BTreeMap;

use bytes::{Buf, Bytes};
use ipp::{
    attribute::{IppAttribute, IppAttributeGroup, IppAttributes},
    model::{DelimiterTag, IppVersion},
    request::IppRequestResponse,
    value::{IppLanguage, IppName, IppTextValue, IppValue},
};
use thiserror::Error;

/// The longest answer, in octets.
pub const ANSWER_LIMIT: usize = 4 * 1024 * 1024;
/// The deepest nesting of collections.
const DEPTH_LIMIT: usize = 8;
/// The most values, those inside collections included.
pub const VALUE_LIMIT: usize = 10_000;

const BEGIN_COLLECTION: u8 = 0x34;
const TEXT_WITH_LANGUAGE: u8 = 0x35;
const NAME_WITH_LANGUAGE: u8 = 0x36;
const END_COLLECTION: u8 = 0x37;
const MEMBER_NAME: u8 = 0x4a;
const END_OF_ATTRIBUTES: u8 = 0x03;
const FIRST_VALUE_TAG: u8 = 0x10;

/// A decoded answer. What follows its attributes is dropped: answers to our operations carry no data.
#[derive(Debug)]
pub struct Message {
    /// The version that the printer answered in.
    pub version: IppVersion,
    /// The status code, as a number: the crate's enum lacks many.
    pub status: u16,
    /// The id of the request that this answers.
    pub request_id: i32,
    /// The attributes, group by group, in order.
    pub attributes: IppAttributes,
}

/// Why bytes are not an IPP answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The answer ends in the middle of something.
    #[error("the answer is cut")]
    Cut,
    /// The answer is longer than the limit.
    #[error("the answer is longer than {ANSWER_LIMIT} octets")]
    TooLong,
    /// Collections nest deeper than the limit.
    #[error("collections nest deeper than {DEPTH_LIMIT}")]
    TooDeep,
    /// There are more values than the limit.
    #[error("the answer has more than {VALUE_LIMIT} values")]
    TooMany,
    /// A value or member stands where none can stand.
    #[error("a value stands where none can stand")]
    Misplaced,
    /// An attribute's name is not a name.
    #[error("an attribute's name is not a name")]
    BadName,
}

/// An open collection: its members so far, and where it goes when it ends.
struct Open {
    /// The attribute's name; empty for a member or a further value.
    name: Bytes,
    members: BTreeMap<IppName, Vec<IppValue>>,
    member: Option<IppName>,
}

/// Decodes an answer.
///
/// # Errors
///
/// [`DecodeError`]; memory stays within a small multiple of the input.
pub fn decode(mut input: Bytes) -> Result<Message, DecodeError> {
    if input.len() > ANSWER_LIMIT {
        return Err(DecodeError::TooLong);
    }
    if input.len() < 8 {
        return Err(DecodeError::Cut);
    }
    let (version, status, request_id) = (input.get_u16(), input.get_u16(), input.get_i32());
    let attributes = Decoder::default().run(input)?;
    Ok(Message { version: IppVersion(version), status, request_id, attributes })
}

#[derive(Default)]
struct Decoder {
    groups: Vec<Group>,
    open: Vec<Open>,
    n_values: usize,
}

/// A group and its attributes, each with its values.
struct Group {
    tag: Option<DelimiterTag>,
    attributes: Vec<(IppName, Vec<IppValue>)>,
}

impl Decoder {
    fn run(mut self, mut input: Bytes) -> Result<IppAttributes, DecodeError> {
        loop {
            let tag = input.try_get_u8().map_err(|_| DecodeError::Cut)?;
            if tag < FIRST_VALUE_TAG {
                if !self.open.is_empty() {
                    return Err(DecodeError::Misplaced);
                }
                if tag == END_OF_ATTRIBUTES {
                    return Ok(finish(self.groups));
                }
                self.groups.push(Group { tag: group_tag(tag), attributes: Vec::new() });
                continue;
            }
            let name = take(&mut input)?;
            let value = take(&mut input)?;
            self.value(tag, name, value)?;
        }
    }

    fn value(&mut self, tag: u8, name: Bytes, value: Bytes) -> Result<(), DecodeError> {
        self.n_values += 1;
        if self.n_values > VALUE_LIMIT {
            return Err(DecodeError::TooMany);
        }
        match tag {
            BEGIN_COLLECTION => {
                if self.open.len() == DEPTH_LIMIT {
                    return Err(DecodeError::TooDeep);
                }
                self.open.push(Open { name, members: BTreeMap::new(), member: None });
                Ok(())
            }
            MEMBER_NAME => {
                let collection = self.open.last_mut().ok_or(DecodeError::Misplaced)?;
                collection.member = Some(read_name(&value)?);
                Ok(())
            }
            END_COLLECTION => {
                let Open { name, members, .. } = self.open.pop().ok_or(DecodeError::Misplaced)?;
                let members =
                    members.into_iter().map(|(name, values)| (name, one_or_array(values)));
                self.deliver(&name, IppValue::Collection(members.collect()))
            }
            _ => self.deliver(&name, read_value(tag, value)),
        }
    }

    /// A whole value goes to the open collection's member, to a new attribute, or to the last attribute.
    fn deliver(&mut self, name: &Bytes, value: IppValue) -> Result<(), DecodeError> {
        if let Some(collection) = self.open.last_mut() {
            let member = collection.member.clone().ok_or(DecodeError::Misplaced)?;
            collection.members.entry(member).or_default().push(value);
            return Ok(());
        }
        let group = self.groups.last_mut().ok_or(DecodeError::Misplaced)?;
        if name.is_empty() {
            group.attributes.last_mut().ok_or(DecodeError::Misplaced)?.1.push(value);
        } else {
            group.attributes.push((read_name(name)?, vec![value]));
        }
        Ok(())
    }
}

fn finish(groups: Vec<Group>) -> IppAttributes {
    let mut attributes = IppAttributes::new();
    for group in groups {
        let Some(tag) = group.tag else { continue };
        let mut known = IppAttributeGroup::new(tag);
        for (name, values) in group.attributes {
            known.attributes_mut().push(IppAttribute::new(name, one_or_array(values)));
        }
        attributes.groups_mut().push(known);
    }
    attributes
}

/// The kind of a group; nothing for one that we do not know.
fn group_tag(tag: u8) -> Option<DelimiterTag> {
    Some(match tag {
        0x01 => DelimiterTag::OperationAttributes,
        0x02 => DelimiterTag::JobAttributes,
        0x04 => DelimiterTag::PrinterAttributes,
        0x05 => DelimiterTag::UnsupportedAttributes,
        0x06 => DelimiterTag::SubscriptionAttributes,
        0x07 => DelimiterTag::EventNotificationAttributes,
        0x08 => DelimiterTag::ResourceAttributes,
        0x09 => DelimiterTag::DocumentAttributes,
        0x0a => DelimiterTag::SystemAttributes,
        _ => return None,
    })
}

fn one_or_array(mut values: Vec<IppValue>) -> IppValue {
    if values.len() == 1 { values.remove(0) } else { IppValue::Array(values) }
}

fn take(input: &mut Bytes) -> Result<Bytes, DecodeError> {
    let length = usize::from(input.try_get_u16().map_err(|_| DecodeError::Cut)?);
    if input.len() < length {
        return Err(DecodeError::Cut);
    }
    Ok(input.split_to(length))
}

fn read_name(bytes: &Bytes) -> Result<IppName, DecodeError> {
    let text = std::str::from_utf8(bytes).map_err(|_| DecodeError::BadName)?;
    IppName::new(text).map_err(|_| DecodeError::BadName)
}

/// A value of a simple syntax; one that breaks its syntax's rules is kept as raw bytes.
fn read_value(tag: u8, data: Bytes) -> IppValue {
    let raw = IppValue::Other { tag, data: data.clone() };
    match tag {
        TEXT_WITH_LANGUAGE | NAME_WITH_LANGUAGE => read_with_language(tag, data).unwrap_or(raw),
        _ => IppValue::parse(tag, data).unwrap_or(raw),
    }
}

fn read_with_language(tag: u8, mut data: Bytes) -> Option<IppValue> {
    let language = take(&mut data).ok()?;
    let text = take(&mut data).ok()?;
    let language = IppLanguage::new(std::str::from_utf8(&language).ok()?).ok()?;
    let text = std::str::from_utf8(&text).ok()?;
    if tag == TEXT_WITH_LANGUAGE {
        Some(IppValue::TextWithLanguage { language, text: IppTextValue::new(text).ok()? })
    } else {
        Some(IppValue::NameWithLanguage { language, name: IppName::new(text).ok()? })
    }
}

/// A request as it goes over the wire, less its document.
pub(super) fn encode(request: &IppRequestResponse) -> Bytes {
    request.to_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Vec<u8> {
        vec![2, 0, 0, 0, 0, 0, 0, 1]
    }

    fn attribute(tag: u8, name: &str, value: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag];
        for part in [name.as_bytes(), value] {
            bytes.extend_from_slice(&u16::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    fn message(parts: &[Vec<u8>]) -> Bytes {
        let mut bytes = header();
        bytes.push(4);
        bytes.extend(parts.concat());
        bytes.push(3);
        bytes.into()
    }

    fn first_value(parts: &[Vec<u8>]) -> IppValue {
        let message = decode(message(parts)).unwrap();
        message.attributes.groups()[0].attributes()[0].value().clone()
    }

    #[test]
    fn a_member_with_several_values_keeps_them_all() {
        let value = first_value(&[
            attribute(BEGIN_COLLECTION, "c", b""),
            attribute(MEMBER_NAME, "", b"a"),
            attribute(0x44, "", b"x"),
            attribute(0x44, "", b"y"),
            attribute(MEMBER_NAME, "", b"b"),
            attribute(0x21, "", &7_i32.to_be_bytes()),
            attribute(END_COLLECTION, "", b""),
        ]);
        let IppValue::Collection(members) = value else { panic!("{value:?}") };
        assert_eq!(members.len(), 2);
        assert_eq!(members["a"].as_array().unwrap().len(), 2);
        assert_eq!(members["b"], IppValue::Integer(7));
    }

    #[test]
    fn a_text_that_lies_about_its_length_is_kept_raw() {
        let lie = [0, 2, b'e', b'n', 0xff, 0xff, b'x'];
        let value = first_value(&[attribute(TEXT_WITH_LANGUAGE, "t", &lie)]);
        assert!(matches!(value, IppValue::Other { tag: TEXT_WITH_LANGUAGE, .. }), "{value:?}");
    }

    #[test]
    fn a_value_that_is_too_long_for_its_syntax_costs_nobody_the_answer() {
        let value = first_value(&[attribute(0x44, "k", &[b'x'; 300])]);
        assert!(matches!(value, IppValue::Other { tag: 0x44, .. }), "{value:?}");
    }

    #[test]
    fn hostile_answers_are_errors_in_bounded_memory() {
        let nested: Vec<_> = (0..5_000)
            .flat_map(|_| [attribute(BEGIN_COLLECTION, "c", b""), attribute(MEMBER_NAME, "", b"m")])
            .collect();
        assert_eq!(decode(message(&nested)).unwrap_err(), DecodeError::TooDeep);
        let endless: Vec<_> = (0..20_000).map(|_| attribute(0x21, "n", &[0, 0, 0, 1])).collect();
        assert_eq!(decode(message(&endless)).unwrap_err(), DecodeError::TooMany);
        assert_eq!(decode(vec![0; ANSWER_LIMIT + 1].into()).unwrap_err(), DecodeError::TooLong);
        assert_eq!(decode(header().into()).unwrap_err(), DecodeError::Cut);
        let orphan = message(&[attribute(END_COLLECTION, "", b"")]);
        assert_eq!(decode(orphan).unwrap_err(), DecodeError::Misplaced);
    }

    #[test]
    fn every_cut_and_every_flipped_byte_is_an_answer_or_an_error_and_never_a_panic() {
        let whole = message(&[
            attribute(0x47, "attributes-charset", b"utf-8"),
            attribute(BEGIN_COLLECTION, "media-col", b""),
            attribute(MEMBER_NAME, "", b"x"),
            attribute(0x33, "", &[0, 0, 0, 1, 0, 0, 0, 9]),
            attribute(END_COLLECTION, "", b""),
            attribute(NAME_WITH_LANGUAGE, "n", &[0, 2, b'e', b'n', 0, 1, b'x']),
            attribute(0x31, "date", &[7, 0xea, 11, 21, 1, 2, 3, 4, b'+', 0, 0]),
        ]);
        for cut in 0..whole.len() {
            assert!(decode(whole.slice(..cut)).is_err(), "{cut}");
        }
        for at in 0..whole.len() {
            for flip in [0x01, 0x7f, 0xff] {
                let mut bent = whole.to_vec();
                bent[at] ^= flip;
                let _ = decode(bent.into());
            }
        }
    }

    #[test]
    fn what_the_crate_encodes_we_decode() {
        let mut request =
            IppRequestResponse::new(IppVersion::v2_0(), ipp::model::Operation::GetJobs, None)
                .unwrap();
        let tag = DelimiterTag::OperationAttributes;
        let wanted = IppAttribute::with_name("limit", IppValue::Integer(3)).unwrap();
        request.attributes_mut().add(tag, wanted);
        let message = decode(request.to_bytes()).unwrap();
        let group = message.attributes.first_of(tag).unwrap();
        assert_eq!(group.get("limit").unwrap().value(), &IppValue::Integer(3));
    }
}
