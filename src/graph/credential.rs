//! How the application proves who it is: a secret, a certificate, or the token of another issuer. All come as files,
//! read anew at each use, so that a rotated file needs no restart.
//!
//! Deliberately absent: the token that the proof is for (`token`).

use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde_json::json;
use zeroize::Zeroizing;

use super::token::TokenError;

/// How the application proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A client secret in a file.
    Secret(PathBuf),
    /// A certificate with its RSA key.
    Certificate(Certificate),
    /// A token of another issuer that the application trusts, in a file: workload identity federation.
    Federated(PathBuf),
}

/// The files of a certificate, and how it signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The file with the certificate: PEM, or PKCS#12 with its key.
    pub file: PathBuf,
    /// The file with the private key, for PEM; it may be the same.
    pub key: PathBuf,
    /// A file with the password, for PKCS#12.
    pub password: Option<PathBuf>,
    /// How an assertion is signed.
    pub signature: Signature,
}

/// How an assertion is signed, and how it names the certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signature {
    /// PS256, the certificate named by `x5t#S256`.
    #[default]
    Ps256,
    /// RS256, the certificate named by `x5t`: what older services take.
    Rs256,
}

/// The fields of a token request that prove who asks.
pub(super) type Proof = Vec<(&'static str, Zeroizing<String>)>;

/// A certificate and its key, as they came out of their files.
struct Pair {
    certificate: CertificateDer<'static>,
    key: EncodingKey,
}

impl Credential {
    /// The fields that prove it to `endpoint` at `now`.
    pub(super) fn proof(
        &self,
        endpoint: &str,
        client_id: &str,
        now: Timestamp,
    ) -> Result<Proof, TokenError> {
        const JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let asserted = |assertion| {
            vec![
                ("client_assertion_type", Zeroizing::new(JWT.to_owned())),
                ("client_assertion", assertion),
            ]
        };
        match self {
            Self::Secret(path) => Ok(vec![("client_secret", read_text(path)?)]),
            Self::Federated(path) => Ok(asserted(read_text(path)?)),
            Self::Certificate(certificate) => {
                Ok(asserted(Zeroizing::new(certificate.assertion(endpoint, client_id, now)?)))
            }
        }
    }

    /// When the certificate ends; nothing for the others, which do not say.
    ///
    /// # Errors
    ///
    /// [`TokenError::File`] if it does not read.
    pub fn ends(&self) -> Result<Option<Timestamp>, TokenError> {
        let Self::Certificate(files) = self else { return Ok(None) };
        let pair = files.read()?;
        let (_, certificate) = x509_parser::parse_x509_certificate(&pair.certificate)
            .map_err(|error| bad(&files.file, format!("no X.509 certificate: {error}")))?;
        Ok(Timestamp::from_second(certificate.validity().not_after.timestamp()).ok())
    }
}

impl Certificate {
    /// The signed assertion: Microsoft identity platform, "certificate credentials".
    fn assertion(
        &self,
        endpoint: &str,
        client_id: &str,
        now: Timestamp,
    ) -> Result<String, TokenError> {
        let pair = self.read()?;
        let print =
            |algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, &pair.certificate));
        let header = match self.signature {
            Signature::Ps256 => {
                Header { x5t_s256: Some(print(&digest::SHA256)), ..Header::new(Algorithm::PS256) }
            }
            Signature::Rs256 => Header {
                x5t: Some(print(&digest::SHA1_FOR_LEGACY_USE_ONLY)),
                ..Header::new(Algorithm::RS256)
            },
        };
        let claims = json!({
            "aud": endpoint,
            "iss": client_id,
            "sub": client_id,
            "jti": uuid::Uuid::new_v4().to_string(),
            "nbf": now.as_second(),
            "exp": now.as_second() + 600,
        });
        jsonwebtoken::encode(&header, &claims, &pair.key)
            .map_err(|error| bad(&self.key, format!("it does not sign: {error}")))
    }

    fn read(&self) -> Result<Pair, TokenError> {
        let bytes = read_file(&self.file)?;
        // A DER sequence: PKCS#12. PEM is text.
        if bytes.first() == Some(&0x30) { self.read_pkcs12(&bytes) } else { self.read_pem(&bytes) }
    }

    fn read_pem(&self, bytes: &[u8]) -> Result<Pair, TokenError> {
        let certificate = CertificateDer::from_pem_slice(bytes)
            .map_err(|error| bad(&self.file, format!("no PEM certificate in it: {error}")))?;
        let pem = read_file(&self.key)?;
        let key = EncodingKey::from_rsa_pem(pem_key(&pem)).map_err(|error| {
            bad(&self.key, format!("no unencrypted RSA private key in it: {error}"))
        })?;
        Ok(Pair { certificate, key })
    }

    fn read_pkcs12(&self, bytes: &[u8]) -> Result<Pair, TokenError> {
        let password = match &self.password {
            Some(path) => read_text(path)?,
            None => Zeroizing::new(String::new()),
        };
        let store = KeyStore::from_pkcs12(bytes, &password, Pkcs12ImportPolicy::Relaxed);
        let store = store.map_err(|error| {
            bad(&self.file, format!("it does not open as PKCS#12 with that password: {error}"))
        })?;
        let missing = || bad(&self.file, "no private key with its certificate in it".to_owned());
        let (_, chain) = store.private_key_chain().ok_or_else(missing)?;
        let certificate = chain.certs().first().ok_or_else(missing)?;
        let pem = pem_of("PRIVATE KEY", chain.key().as_der());
        let key = EncodingKey::from_rsa_pem(pem.as_bytes())
            .map_err(|error| bad(&self.file, format!("its key is not RSA: {error}")))?;
        Ok(Pair { certificate: certificate.as_der().to_vec().into(), key })
    }
}

fn bad(path: &Path, why: String) -> TokenError {
    TokenError::File { path: path.to_owned(), why }
}

fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, TokenError> {
    let bytes = std::fs::read(path).map_err(|error| bad(path, error.to_string()))?;
    Ok(Zeroizing::new(bytes))
}

fn read_text(path: &Path) -> Result<Zeroizing<String>, TokenError> {
    let bytes = read_file(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| bad(path, "it is not text".to_owned()))?;
    if text.trim().is_empty() {
        return Err(bad(path, "it is empty".to_owned()));
    }
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// The private key's part of a file that may begin with the certificate.
fn pem_key(pem: &[u8]) -> &[u8] {
    const MARKS: [&[u8]; 2] = [b"-----BEGIN PRIVATE KEY", b"-----BEGIN RSA PRIVATE KEY"];
    let starts_here = |i: &usize| MARKS.iter().any(|mark| pem[*i..].starts_with(mark));
    (0..pem.len()).find(starts_here).map_or(pem, |start| &pem[start..])
}

fn pem_of(label: &str, der: &[u8]) -> Zeroizing<String> {
    let text = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(der));
    let mut pem = Zeroizing::new(format!("-----BEGIN {label}-----\n"));
    for i in (0..text.len()).step_by(64) {
        pem.push_str(&text[i..text.len().min(i + 64)]);
        pem.push('\n');
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_found_behind_the_certificate() {
        let pem = b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\ny";
        assert!(pem_key(pem).starts_with(b"-----BEGIN PRIVATE KEY"));
    }

    #[test]
    fn an_empty_secret_is_said_before_anybody_is_asked() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let credential = Credential::Secret(file.path().to_owned());
        let error = credential.proof("e", "c", Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(error.to_string().contains("it is empty"), "{error}");
    }
}
