//! Sign-in: a CA, the token endpoint for client credentials, and what a token allows.
//!
//! Deliberately absent: sign-in of people over the wire. The control door makes their tokens.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use hyper::Response;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, RsaKeySize,
};
use serde_json::{Value, json};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{self, ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

use super::http::{Body, json as answer_json};

/// The application permissions that the emulated application has.
const ROLES: [&str; 5] = [
    "PrintTaskDefinition.ReadWrite.All",
    "PrintJob.Read.All",
    "PrintJob.Manage.All",
    "PrintJob.ReadWrite.All",
    "Printer.Read.All",
];

/// Who is who.
pub(super) struct Identity {
    pub(super) ca_pem: String,
    pub(super) tenant: String,
    pub(super) client_id: String,
    pub(super) secret: String,
    pub(super) certificate_pem: String,
    certificate_key: Vec<u8>,
    leaf: KeyPair,
    leaf_der: Vec<u8>,
    signing: Vec<u8>,
    revoked: Mutex<HashSet<String>>,
}

/// Who a token speaks for.
pub(super) struct Caller {
    /// The application's id.
    pub(super) app: String,
    /// Application permissions; empty for a person.
    pub(super) roles: Vec<String>,
    /// The person's UPN, for a delegated token.
    pub(super) upn: Option<String>,
}

impl Identity {
    pub(super) fn new() -> Result<Self, rcgen::Error> {
        let mut ca = CertificateParams::new(Vec::<String>::new())?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.distinguished_name.push(DnType::CommonName, "pullprint emulator, not a real CA");
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;
        let leaf = KeyPair::generate()?;
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let leaf_der = CertificateParams::new(names)?.signed_by(&leaf, &ca)?.der().to_vec();
        let application = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
        let certificate =
            CertificateParams::new(vec!["application".to_owned()])?.self_signed(&application)?;
        Ok(Self {
            ca_pem: ca.pem(),
            tenant: id(),
            client_id: id(),
            secret: id(),
            certificate_pem: format!("{}{}", certificate.pem(), application.serialize_pem()),
            certificate_key: rsa_public_key(certificate.der()),
            leaf,
            leaf_der,
            signing: id().into_bytes(),
            revoked: Mutex::default(),
        })
    }

    /// TLS with the leaf of our CA.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, rustls::Error> {
        let key = PrivateKeyDer::Pkcs8(self.leaf.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![self.leaf_der.clone().into()], key)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// `POST /{tenant}/oauth2/v2.0/token`.
    pub(super) fn token(&self, tenant: &str, form: &Bytes, lifetime: u64) -> Response<Body> {
        let refuse = |status, error: &str, number: u32, text: &str| {
            answer_json(
                status,
                &json!({"error": error, "error_description": format!("AADSTS{number}: {text}"),
                    "error_codes": [number], "trace_id": id(), "correlation_id": id()}),
            )
        };
        let form: Vec<(String, String)> = url::form_urlencoded::parse(form).into_owned().collect();
        let field = |name: &str| {
            form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
        };
        if tenant != self.tenant {
            return refuse(400, "invalid_request", 90_002, "Tenant not found.");
        }
        if field("client_id") != self.client_id {
            return refuse(400, "unauthorized_client", 700_016, "Application was not found.");
        }
        if field("grant_type") != "client_credentials" || !field("scope").ends_with("/.default") {
            return refuse(
                400,
                "invalid_scope",
                70_011,
                "The provided value for scope is not valid.",
            );
        }
        let proved = match field("client_assertion") {
            "" => field("client_secret") == self.secret,
            assertion => self.verify(assertion),
        };
        if !proved {
            return refuse(
                401,
                "invalid_client",
                7_000_215,
                "Invalid client secret or assertion provided.",
            );
        }
        let token = self.issue(json!({"roles": ROLES}), lifetime);
        answer_json(
            200,
            &json!({"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}),
        )
    }

    /// A token of a person, signed in with the same application.
    pub(super) fn delegated(&self, upn: &str) -> String {
        let scopes = "PrintJob.ReadWrite.All PrintJob.Create Printer.ReadWrite.All";
        self.issue(json!({"scp": scopes, "upn": upn, "oid": upn}), 3_599)
    }

    fn issue(&self, mut claims: Value, lifetime: u64) -> String {
        claims["aud"] = "https://graph.microsoft.com".into();
        claims["appid"] = self.client_id.as_str().into();
        claims["tid"] = self.tenant.as_str().into();
        claims["jti"] = id().into();
        claims["exp"] = (now() + lifetime).into();
        let key = EncodingKey::from_secret(&self.signing);
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
            .expect("HS256 signs any claims")
    }

    fn verify(&self, assertion: &str) -> bool {
        let mut validation = Validation::new(Algorithm::PS256);
        validation.algorithms = vec![Algorithm::PS256, Algorithm::RS256];
        validation.validate_aud = false;
        validation.validate_nbf = true;
        let key = DecodingKey::from_rsa_der(&self.certificate_key);
        let claims = jsonwebtoken::decode::<Value>(assertion, &key, &validation);
        claims.is_ok_and(|token| {
            token.claims["iss"] == self.client_id.as_str() && token.claims["aud"].is_string()
        })
    }

    /// Who the `Authorization` header speaks for; nobody if it is missing, over or revoked.
    pub(super) fn caller(&self, authorization: Option<&str>) -> Option<Caller> {
        let token = authorization?.strip_prefix("Bearer ")?;
        if self.revoked().contains(token) {
            return None;
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_aud = false;
        validation.leeway = 0;
        let key = DecodingKey::from_secret(&self.signing);
        let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).ok()?.claims;
        let roles = claims["roles"].as_array().cloned().unwrap_or_default();
        Some(Caller {
            app: claims["appid"].as_str()?.to_owned(),
            roles: roles.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            upn: claims["upn"].as_str().map(str::to_owned),
        })
    }

    /// The token ends before its time.
    pub(super) fn revoke(&self, authorization: Option<&str>) {
        if let Some(token) = authorization.and_then(|text| text.strip_prefix("Bearer ")) {
            self.revoked().insert(token.to_owned());
        }
    }

    fn revoked(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.revoked.lock().expect("nothing panics while it is held")
    }
}

/// The public key of a certificate, as PKCS#1.
fn rsa_public_key(der: &[u8]) -> Vec<u8> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).expect("we have just made it");
    certificate.public_key().subject_public_key.data.to_vec()
}

/// A new opaque id.
pub(super) fn id() -> String {
    uuid::Uuid::new_v4().to_string()
}

fn now() -> u64 {
    jiff::Timestamp::now().as_second().unsigned_abs()
}
