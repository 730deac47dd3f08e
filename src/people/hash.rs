//! Numbers of badges as keyed hashes (HMAC-SHA256).
//!
//! A badge's number is short: without the key its hash could be guessed in a minute. The key is a file of its own, made
//! at the first start, and belongs into the backup beside the journal.

use std::{
    fs::OpenOptions,
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use aws_lc_rs::{hmac, rand};
use zeroize::Zeroizing;

use crate::model::people::BadgeHash;

const KEY_LENGTH: usize = 32;

/// The key of the hashes.
pub struct BadgeKey(hmac::Key);

impl std::fmt::Debug for BadgeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BadgeKey(..)")
    }
}

impl BadgeKey {
    /// The key in a file; a new one where there is no file yet.
    ///
    /// # Errors
    ///
    /// The system's, or that the file does not hold a key.
    pub fn open(file: &Path) -> io::Result<Self> {
        let mut key = Zeroizing::new(Vec::new());
        match OpenOptions::new().read(true).open(file) {
            Ok(mut file) => drop(file.read_to_end(&mut key)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                key.resize(KEY_LENGTH, 0);
                rand::fill(&mut key).map_err(io::Error::other)?;
                let mut new =
                    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
                new.write_all(&key)?;
                new.sync_all()?;
            }
            Err(error) => return Err(error),
        }
        if key.len() < KEY_LENGTH {
            let why = format!("it has {} octets; a key has {KEY_LENGTH} or more", key.len());
            return Err(io::Error::other(why));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The hash of a number. Letter case and blanks around it make no difference.
    pub fn hash(&self, number: &str) -> BadgeHash {
        let number = Zeroizing::new(number.trim().to_ascii_uppercase());
        let tag = hmac::sign(&self.0, number.as_bytes());
        let digits: Vec<String> = tag.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
        BadgeHash::new(digits.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_its_hashes_are_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let key = |name: &str| BadgeKey::open(&folder.path().join(name)).unwrap();
        let hash = key("one").hash("946EBD28");
        assert_eq!(key("one").hash(" 946ebd28"), hash);
        assert_ne!(key("one").hash("946EBD29"), hash);
        assert_ne!(key("two").hash("946EBD28"), hash);
        assert_eq!(format!("{hash:?}"), "BadgeHash(..)");
        std::fs::write(folder.path().join("short"), "x").unwrap();
        assert!(BadgeKey::open(&folder.path().join("short")).is_err());
    }
}
