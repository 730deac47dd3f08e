//! The certificate signing request of a virtual printer: RSA with 2,048 bits, SHA-256, as Graph's "Create printer" wants.
//!
//! The key is dropped: the certificate is for a device that fetches jobs itself, and a virtual printer has none.

use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize};

/// A request and its public key, each PEM without its first and last line.
pub(super) struct Signed {
    pub(super) request: String,
    pub(super) transport_key: String,
}

pub(super) fn new(name: &str) -> Result<Signed, String> {
    let in_words = |error: rcgen::Error| format!("make the printer's signing request: {error}");
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(in_words)?;
    let mut params = CertificateParams::new(Vec::<String>::new()).map_err(in_words)?;
    params.distinguished_name.push(DnType::CommonName, name);
    let request = params.serialize_request(&key).map_err(in_words)?;
    Ok(Signed {
        request: STANDARD.encode(request.der()),
        transport_key: STANDARD.encode(key.subject_public_key_info()),
    })
}
