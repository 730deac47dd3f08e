//! TLS to one printer: whom to trust, and who we are.
//!
//! Trust is the system's roots with a CA of the configuration, or one public key: a given one, or the one that was seen
//! first. A key that changed ends every call with an alarm, and nothing is sent.
//! Deliberately absent: where a first key is kept (`daemon`), and certificates of version 1, which rustls refuses.

use std::{fmt, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{
        CryptoProvider, aws_lc_rs::default_provider, verify_tls12_signature, verify_tls13_signature,
    },
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};

/// The SHA-256 of a printer's public key (its `SubjectPublicKeyInfo`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyPrint(pub [u8; 32]);

impl KeyPrint {
    /// Reads `sha256:` and 64 hexadecimal digits; colons between them do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.strip_prefix("sha256:")?.chars().filter(|c| *c != ':').collect();
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        let mut print = [0; 32];
        for (i, octet) in print.iter_mut().enumerate() {
            *octet = u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).ok()?;
        }
        Some(Self(print))
    }

    fn of(certificate: &CertificateDer<'_>) -> Result<Self, Error> {
        let certificate = ParsedCertificate::try_from(certificate)?;
        let key = digest(&SHA256, &certificate.subject_public_key_info());
        Ok(Self(key.as_ref().try_into().expect("a SHA-256 has 32 octets")))
    }
}

impl fmt::Display for KeyPrint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:")?;
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for KeyPrint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Keeps the key that a printer showed first.
pub trait KeyKeeper: fmt::Debug + Send + Sync {
    /// The key that is trusted; nothing before the first.
    ///
    /// # Errors
    ///
    /// A sentence, if there is one and it does not read: then nobody is trusted.
    fn key(&self) -> Result<Option<KeyPrint>, String>;
    /// This is the first: it is kept, unless somebody only looks.
    ///
    /// # Errors
    ///
    /// A sentence, if it can not be kept: then it is not trusted.
    fn learn(&self, key: KeyPrint) -> Result<(), String>;
}

impl KeyKeeper for KeyPrint {
    fn key(&self) -> Result<Option<KeyPrint>, String> {
        Ok(Some(*self))
    }

    fn learn(&self, _: KeyPrint) -> Result<(), String> {
        Ok(())
    }
}

/// A printer showed another key than the trusted one.
#[derive(Debug)]
pub(super) struct KeyChanged {
    trusted: KeyPrint,
    shown: KeyPrint,
}

impl fmt::Display for KeyChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it shows the key {}, and {} is trusted", self.shown, self.trusted)
    }
}

impl std::error::Error for KeyChanged {}

/// Who we are to the printer: certificates and their key.
#[derive(Debug)]
pub struct ClientIdentity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl ClientIdentity {
    /// Reads a PEM file with the certificate, what stands above it, and the key.
    ///
    /// # Errors
    ///
    /// A sentence.
    pub fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let chain = chain.map_err(|error| format!("its certificates do not read: {error}"))?;
        if chain.is_empty() {
            return Err("it has no certificate".to_owned());
        }
        let key = PrivateKeyDer::from_pem_slice(pem);
        let key = key.map_err(|error| format!("its private key does not read: {error}"))?;
        Ok(Self { chain, key })
    }
}

/// The configuration of TLS for a printer that is trusted by its key.
///
/// # Errors
///
/// A sentence, if the client's certificate and key do not belong together.
pub(super) fn pinned(
    keeper: Arc<dyn KeyKeeper>,
    identity: Option<&ClientIdentity>,
) -> Result<ClientConfig, String> {
    let provider = Arc::new(default_provider());
    let verifier = ByKey { keeper, provider: Arc::clone(&provider) };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match identity {
        None => Ok(builder.with_no_client_auth()),
        Some(ClientIdentity { chain, key }) => builder
            .with_client_auth_cert(chain.clone(), key.clone_key())
            .map_err(|error| format!("certificate_file: {error}")),
    }
}

/// Trusts a key and not a name or a chain.
#[derive(Debug)]
struct ByKey {
    keeper: Arc<dyn KeyKeeper>,
    provider: Arc<CryptoProvider>,
}

impl ByKey {
    /// The printer has proved that the key is its own: a first one is kept.
    fn proved(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        if self.keeper.key().map_err(Error::General)?.is_some() {
            return Ok(());
        }
        self.keeper.learn(KeyPrint::of(certificate)?).map_err(Error::General)
    }
}

impl ServerCertVerifier for ByKey {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = KeyPrint::of(end_entity)?;
        match self.keeper.key().map_err(Error::General)? {
            Some(trusted) if trusted != shown => {
                let changed = OtherError(Arc::new(KeyChanged { trusted, shown }));
                Err(Error::InvalidCertificate(CertificateError::Other(changed)))
            }
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        let valid = verify_tls12_signature(message, certificate, signed, known)?;
        self.proved(certificate).map(|()| valid)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        let valid = verify_tls13_signature(message, certificate, signed, known)?;
        self.proved(certificate).map(|()| valid)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Why TLS does not trust the printer, if that is what an error is about.
pub(super) fn distrust(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let Error::InvalidCertificate(why) = tls_error(error)? else { return None };
    Some(match why {
        CertificateError::Other(other) => other.0.to_string(),
        CertificateError::UnknownIssuer => "its certificate is of an unknown issuer".to_owned(),
        why => why.to_string(),
    })
}

/// The error of TLS beneath an error: an error of input or output hides the one that it is made of.
fn tls_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Error> {
    if let Some(tls) = error.downcast_ref::<Error>() {
        return Some(tls);
    }
    let hidden = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let hidden = hidden.and_then(|hidden| tls_error(hidden));
    hidden.or_else(|| error.source().and_then(tls_error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_print_reads_back_and_anything_else_does_not() {
        let print = KeyPrint([0xab; 32]);
        assert_eq!(KeyPrint::parse(&print.to_string()), Some(print));
        let colons = format!("sha256:{}", ["AB"; 32].join(":"));
        assert_eq!(KeyPrint::parse(&colons), Some(print));
        for text in ["", "sha256:", "sha256:abc", "md5:00", "sha256:zz"] {
            assert_eq!(KeyPrint::parse(text), None, "{text}");
        }
    }
}
