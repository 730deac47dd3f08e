//! Numbers of badges as keyed hashes (HMAC-SHA256).
//!
//! A badge's number is short: without the key its hash could be guessed in a minute. Pure.
//! Deliberately absent: where the key is (`daemon::badges`).

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::model::people::BadgeHash;

/// The fewest octets of a key.
pub const KEY_LENGTH: usize = 32;

/// The key of the hashes.
pub struct BadgeKey(hmac::Key);

impl std::fmt::Debug for BadgeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BadgeKey(..)")
    }
}

impl BadgeKey {
    /// The key of these octets.
    ///
    /// # Errors
    ///
    /// A sentence, if they are too few for a key.
    pub fn new(octets: &[u8]) -> Result<Self, String> {
        if octets.len() < KEY_LENGTH {
            return Err(format!("it has {} octets; a key has {KEY_LENGTH} or more", octets.len()));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, octets)))
    }

    /// What entries call a person who was forgotten, or of long ago: the same always, and without the key nobody.
    pub fn pseudonym(&self, id: &str) -> String {
        let hash = self.hash(&format!("person {id}"));
        format!("person-{}", &hash.as_str()[..16])
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
    fn each_key_has_hashes_of_its_own() {
        let key = |octet: u8| BadgeKey::new(&[octet; KEY_LENGTH]).unwrap();
        let hash = key(1).hash("946EBD28");
        assert_eq!(key(1).hash(" 946ebd28"), hash);
        assert_ne!(key(1).hash("946EBD29"), hash);
        assert_ne!(key(2).hash("946EBD28"), hash);
        assert_eq!(format!("{hash:?}"), "BadgeHash(..)");
        assert!(BadgeKey::new(b"short").is_err());
        assert_eq!(key(1).pseudonym("AB"), key(1).pseudonym("ab"));
        assert_ne!(key(1).pseudonym("ab"), key(2).pseudonym("ab"));
        assert_ne!(key(1).pseudonym("ab"), format!("person-{}", &key(1).hash("ab").as_str()[..16]));
    }
}
