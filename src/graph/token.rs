//! The application's token: OAuth 2.0 client credentials, cached and renewed early.
//!
//! With a secret from a file, or with a certificate: an assertion signed with PS256 that names the certificate by
//! `x5t#S256`. Secrets are read anew at each renewal, so that a rotated file needs no restart.
//! Deliberately absent: sign-in of people.

use std::{path::PathBuf, time::Duration};

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use thiserror::Error;
use tokio::{sync::Mutex, time::Instant};
use zeroize::Zeroizing;

use super::transport::{chain, parse_retry_after, read_bounded};

/// How the application proves who it is.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A client secret in a file.
    Secret(PathBuf),
    /// A certificate and its RSA key, both PEM, in one file or two.
    Certificate {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the private key.
        key: PathBuf,
    },
}

/// Why there is no token.
#[derive(Debug, Error)]
pub enum TokenError {
    /// A file of the credential can not be used.
    #[error("sign in: {path}: {why}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The sign-in service was not reached or its answer was lost.
    #[error("sign in: no answer from the sign-in service: {0}")]
    Transport(String),
    /// The sign-in service said no.
    #[error("sign in: {status} {error}: {description}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The OAuth error.
        error: String,
        /// The first line of the description, which begins with an `AADSTS` number.
        description: String,
        /// Its `Retry-After`.
        after: Option<Duration>,
    },
}

impl TokenError {
    /// How long to wait, if the service said so.
    pub fn after(&self) -> Option<Duration> {
        match self {
            Self::Refused { after, .. } => *after,
            _ => None,
        }
    }

    /// A short code for the journal.
    pub fn code(&self) -> String {
        match self {
            Self::File { .. } => "sign-in: credential file".to_owned(),
            Self::Transport(_) => "sign-in: no answer".to_owned(),
            Self::Refused { status, error, .. } => format!("sign-in: {status} {error}"),
        }
    }
}

struct Token {
    value: SecretString,
    renew_at: Instant,
    ends_at: Instant,
}

/// Gives the bearer token of the application.
pub struct TokenSource {
    http: reqwest::Client,
    endpoint: String,
    client_id: String,
    scope: String,
    credential: Credential,
    token: Mutex<Option<Token>>,
}

impl std::fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSource").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl TokenSource {
    /// A source for one application. `authority` is the sign-in origin, `scope` the Graph origin's `/.default`.
    pub fn new(
        http: reqwest::Client,
        authority: &str,
        tenant: &str,
        client_id: &str,
        graph: &str,
        credential: Credential,
    ) -> Self {
        Self {
            http,
            endpoint: format!("{authority}/{tenant}/oauth2/v2.0/token"),
            client_id: client_id.to_owned(),
            scope: format!("{graph}/.default"),
            credential,
            token: Mutex::new(None),
        }
    }

    /// A token that is good for the next call.
    ///
    /// # Errors
    ///
    /// [`TokenError`]; while an older token is still good, it is used instead.
    pub async fn token(&self) -> Result<SecretString, TokenError> {
        let mut held = self.token.lock().await;
        let now = Instant::now();
        if let Some(token) = held.as_ref().filter(|token| now < token.renew_at) {
            return Ok(token.value.clone());
        }
        match (self.renew().await, held.as_ref().filter(|token| now < token.ends_at)) {
            (Ok(token), _) => Ok(held.insert(token).value.clone()),
            (Err(_), Some(token)) => Ok(token.value.clone()),
            (Err(error), None) => Err(error),
        }
    }

    /// The cloud did not take this token: the next call gets a new one.
    pub async fn forget(&self, refused: &SecretString) {
        let mut held = self.token.lock().await;
        held.take_if(|token| token.value.expose_secret() == refused.expose_secret());
    }

    async fn renew(&self) -> Result<Token, TokenError> {
        let asked_at = Instant::now();
        let form = self.form(Timestamp::now())?;
        let answer = self
            .http
            .post(&self.endpoint)
            .form(&form)
            .send()
            .await
            .map_err(|error| TokenError::Transport(chain(&error.without_url())))?;
        let (status, after) = (answer.status().as_u16(), parse_retry_after(answer.headers()));
        let body = read_bounded(answer, 256 * 1024).await.map_err(TokenError::Transport)?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let (value, lifetime) = (Zeroizing::new(text("access_token")), body["expires_in"].as_u64());
        match lifetime {
            Some(lifetime) if status == 200 && !value.is_empty() => {
                let (renew_at, ends_at) = renewal(asked_at, Duration::from_secs(lifetime));
                Ok(Token { value: SecretString::from(value.as_str()), renew_at, ends_at })
            }
            _ => {
                let description = text("error_description");
                let description = description.lines().next().unwrap_or_default().to_owned();
                Err(TokenError::Refused { status, error: text("error"), description, after })
            }
        }
    }

    fn form(&self, now: Timestamp) -> Result<Vec<(&'static str, Zeroizing<String>)>, TokenError> {
        let plain = |text: &str| Zeroizing::new(text.to_owned());
        let mut form = vec![
            ("client_id", plain(&self.client_id)),
            ("scope", plain(&self.scope)),
            ("grant_type", plain("client_credentials")),
        ];
        match &self.credential {
            Credential::Secret(path) => {
                let secret = read_file(path)?;
                let secret = std::str::from_utf8(&secret).map_err(|_| TokenError::File {
                    path: path.clone(),
                    why: "it is not text".into(),
                })?;
                form.push(("client_secret", plain(secret.trim())));
            }
            Credential::Certificate { certificate, key } => {
                let assertion = assertion(&self.endpoint, &self.client_id, certificate, key, now)?;
                form.push((
                    "client_assertion_type",
                    plain("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ));
                form.push(("client_assertion", Zeroizing::new(assertion)));
            }
        }
        Ok(form)
    }
}

/// When a token that was asked for at `asked_at` is renewed, and when it ends. A quarter of its life is left for
/// the renewal, at most five minutes.
fn renewal(asked_at: Instant, lifetime: Duration) -> (Instant, Instant) {
    let early = (lifetime / 4).min(Duration::from_mins(5));
    (asked_at + lifetime.saturating_sub(early), asked_at + lifetime)
}

fn read_file(path: &PathBuf) -> Result<Zeroizing<Vec<u8>>, TokenError> {
    let bytes = std::fs::read(path)
        .map_err(|error| TokenError::File { path: path.clone(), why: error.to_string() })?;
    Ok(Zeroizing::new(bytes))
}

/// The signed assertion of a certificate: Microsoft identity platform, "certificate credentials".
fn assertion(
    endpoint: &str,
    client_id: &str,
    certificate: &PathBuf,
    key: &PathBuf,
    now: Timestamp,
) -> Result<String, TokenError> {
    let bad = |path: &PathBuf, why: String| TokenError::File { path: path.clone(), why };
    let der = CertificateDer::from_pem_slice(&read_file(certificate)?)
        .map_err(|error| bad(certificate, format!("no PEM certificate in it: {error}")))?;
    let key_pem = read_file(key)?;
    let signing = EncodingKey::from_rsa_pem(pem_key(&key_pem))
        .map_err(|error| bad(key, format!("no RSA private key in it: {error}")))?;
    let mut header = Header::new(Algorithm::PS256);
    header.x5t_s256 = Some(URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &der)));
    let claims = json!({
        "aud": endpoint,
        "iss": client_id,
        "sub": client_id,
        "jti": uuid::Uuid::new_v4().to_string(),
        "nbf": now.as_second(),
        "exp": now.as_second() + 600,
    });
    jsonwebtoken::encode(&header, &claims, &signing)
        .map_err(|error| bad(key, format!("it does not sign: {error}")))
}

/// The private key's part of a file that may begin with the certificate.
fn pem_key(pem: &[u8]) -> &[u8] {
    const MARKS: [&[u8]; 2] = [b"-----BEGIN PRIVATE KEY", b"-----BEGIN RSA PRIVATE KEY"];
    let starts_here = |i: &usize| MARKS.iter().any(|mark| pem[*i..].starts_with(mark));
    (0..pem.len()).find(starts_here).map_or(pem, |start| &pem[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        let asked = Instant::now();
        for (lifetime, early) in [(3599, 300), (60, 15), (4, 1), (0, 0)] {
            let (renew_at, ends_at) = renewal(asked, Duration::from_secs(lifetime));
            assert_eq!(ends_at - renew_at, Duration::from_secs(early), "{lifetime}");
            assert!(renew_at >= asked);
        }
    }

    #[test]
    fn the_key_is_found_behind_the_certificate() {
        let pem = b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\ny";
        assert!(pem_key(pem).starts_with(b"-----BEGIN PRIVATE KEY"));
    }
}
