//! Our name and password at a printer: HTTP Basic and Digest (RFC 7617 and 7616), over TLS alone.
//!
//! The printer asks once; afterwards each request brings its answer along, so that no document is sent in vain.

use std::sync::{Mutex, MutexGuard};

use http::HeaderMap;
use http_auth::{PasswordClient, PasswordParams};
use secrecy::{ExposeSecret, SecretString};

/// A name and a password.
pub struct Login {
    user: String,
    password: SecretString,
    challenge: Mutex<Option<PasswordClient>>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Login {
    /// A login that no printer has asked for yet.
    pub fn new(user: &str, password: SecretString) -> Self {
        Self { user: user.to_owned(), password, challenge: Mutex::default() }
    }

    fn challenge(&self) -> MutexGuard<'_, Option<PasswordClient>> {
        self.challenge.lock().expect("nothing panics while it is held")
    }

    /// The value of "Authorization" for a POST to the path; nothing before the printer asked.
    pub(super) fn answer(&self, path: &str) -> Option<String> {
        let parameters = PasswordParams {
            username: &self.user,
            password: self.password.expose_secret(),
            uri: path,
            method: "POST",
            body: None,
        };
        self.challenge().as_mut()?.respond(&parameters).ok()
    }

    /// The printer asks who we are. True if that is new: then the request is worth another try.
    pub(super) fn asked(&self, headers: &HeaderMap, answered: bool) -> bool {
        let mut builder = PasswordClient::builder();
        for value in headers.get_all(http::header::WWW_AUTHENTICATE) {
            let Ok(text) = value.to_str() else { continue };
            builder = builder.challenges(text);
        }
        let stale = headers.get_all(http::header::WWW_AUTHENTICATE).iter().any(|value| {
            value.to_str().is_ok_and(|text| text.to_ascii_lowercase().contains("stale=true"))
        });
        match builder.build() {
            Ok(challenge) => {
                *self.challenge() = Some(challenge);
                !answered || stale
            }
            Err(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::WWW_AUTHENTICATE, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_printer_that_asks_is_answered_in_its_way() {
        let login = Login::new("kiosk", SecretString::from("open sesame"));
        assert_eq!(login.answer("/ipp/print"), None);
        assert!(login.asked(&headers("Basic realm=\"printer\""), false));
        let basic = login.answer("/ipp/print").unwrap();
        assert_eq!(basic, "Basic a2lvc2s6b3BlbiBzZXNhbWU=");
        assert!(!login.asked(&headers("Basic realm=\"printer\""), true), "it was refused");
        let digest =
            "Digest realm=\"p\", qop=\"auth\", algorithm=SHA-256, nonce=\"n1\", opaque=\"o\"";
        assert!(login.asked(&headers(digest), false));
        let answer = login.answer("/ipp/print").unwrap();
        assert!(answer.starts_with("Digest username=\"kiosk\""), "{answer}");
        assert!(answer.contains("nc=00000001") && !answer.contains("sesame"), "{answer}");
        assert!(login.answer("/ipp/print").unwrap().contains("nc=00000002"));
        assert!(login.asked(&headers(&digest.replace("n1\"", "n2\", stale=true")), true));
    }

    #[test]
    fn a_way_that_we_do_not_know_is_no_question() {
        let login = Login::new("kiosk", SecretString::from("open sesame"));
        assert!(!login.asked(&headers("Negotiate"), false));
        assert_eq!(format!("{login:?}"), "Login { user: \"kiosk\", .. }");
    }
}
