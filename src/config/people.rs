//! Where the numbers of badges are, beside what was given here.

use super::{
    raw::Reader,
    tables::{seconds, signed},
};
use crate::model::people::DirectorySettings;

/// The attributes that Active Directory's extension attributes become.
const EXTENSIONS: &str = "onPremisesExtensionAttributes/";

pub(super) fn directory(reader: &mut Reader) -> Option<DirectorySettings> {
    let memory = signed(seconds(reader, "people.directory_memory"));
    let interval = seconds(reader, "people.directory_interval");
    let attribute = reader.optional_text("people.directory_attribute")?;
    let name = attribute.strip_prefix(EXTENSIONS).unwrap_or(&attribute);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let known = ["id", "userPrincipalName", "mail", "displayName"].contains(&name);
    if memory < signed(interval) {
        let (key, value) = ("people.directory_memory", format!("{}s", memory.as_secs()));
        let why = "it is shorter than directory_interval";
        reader.problem(key, &value.into(), why, "write a longer one");
    }
    if known {
        let value = attribute.as_str().into();
        let why = "everybody knows that of others";
        let hint = "name the attribute that has the number of the badge";
        reader.problem("people.directory_attribute", &value, why, hint);
    }
    if name.is_empty() || !name.chars().all(is_name) {
        let hint = "write one as employeeId, onPremisesExtensionAttributes/extensionAttribute5 or extension_(id)_badge";
        let value = attribute.as_str().into();
        reader.problem("people.directory_attribute", &value, "it is no attribute", hint);
    }
    Some(DirectorySettings { attribute, interval, memory })
}
