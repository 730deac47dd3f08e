//! PINs and activation codes: digits that people type at a screen.
//!
//! It promises: a PIN is kept as argon2id with a salt of its own. Pure but for the system's random numbers.
//! Deliberately absent: how often one may be wrong (`kiosk`).

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::model::people::PinHash;

/// The digits of a PIN that we draw, and of an activation code.
pub const PIN_DIGITS: usize = 6;
/// A code stands alone, without a name: it has more.
pub const CODE_DIGITS: usize = 8;
/// How long a PIN may be: 4 to 12 digits.
const PIN_LENGTHS: std::ops::RangeInclusive<usize> = 4..=12;

/// That many random digits.
pub fn draw(n_digits: usize) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(String::new());
    while digits.len() < n_digits {
        let mut octet = [0];
        rand::fill(&mut octet).expect("the system has random numbers");
        // The last six values would make some digits likelier than others.
        if octet[0] < 250 {
            digits.push(char::from(b'0' + octet[0] % 10));
        }
    }
    digits
}

/// Whether a PIN may be one.
pub fn is_pin(pin: &str) -> bool {
    PIN_LENGTHS.contains(&pin.len()) && pin.bytes().all(|digit| digit.is_ascii_digit())
}

/// A PIN as it is kept. Takes some ten milliseconds on purpose.
///
/// # Errors
///
/// A sentence, if it can not be made.
pub fn hash(pin: &str) -> Result<PinHash, String> {
    let hash = Argon2::default().hash_password(pin.as_bytes());
    let hash: PasswordHash = hash.map_err(|error| format!("the PIN can not be kept: {error}"))?;
    Ok(PinHash::new(hash.to_string()))
}

/// Whether that is the PIN.
pub fn verify(pin: &str, hash: &PinHash) -> bool {
    let Ok(hash) = PasswordHash::new(hash.as_str()) else { return false };
    Argon2::default().verify_password(pin.as_bytes(), &hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_kept_with_a_salt_and_found_again() {
        let (one, other) = (hash("2580").unwrap(), hash("2580").unwrap());
        assert_ne!(one, other);
        assert!(one.as_str().starts_with("$argon2id$"), "{}", one.as_str());
        assert!(verify("2580", &one) && verify("2580", &other));
        assert!(!verify("2581", &one) && !verify("", &one));
        assert!(!verify("2580", &PinHash::new("nonsense")));
    }

    #[test]
    fn digits_are_drawn_evenly() {
        let drawn = draw(20_000);
        for digit in b'0'..=b'9' {
            let n = drawn.bytes().filter(|one| *one == digit).count();
            assert!((1_700..2_300).contains(&n), "{n} of {digit}");
        }
        assert!(is_pin(&draw(PIN_DIGITS)));
        for bad in ["", "123", "12a4", "1234567890123", "١٢٣٤"] {
            assert!(!is_pin(bad), "{bad}");
        }
    }
}
