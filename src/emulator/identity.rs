//! Who is who: a CA, the application and its credentials, the permissions it was granted, and tokens.
//!
//! Deliberately absent: the endpoints of sign-in (`sign_in`).

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Mutex},
};

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

use super::people::{People, Person};

/// The application permissions that the emulated application has at first.
const ROLES: [&str; 7] = [
    "PrintTaskDefinition.ReadWrite.All",
    "PrintJob.Read.All",
    "PrintJob.Manage.All",
    "PrintJob.ReadWrite.All",
    "Printer.Read.All",
    "Printer.ReadWrite.All",
    "User.ReadBasic.All",
];

/// The permissions that it has at first on behalf of people.
const SCOPES: [&str; 9] = [
    "PrintJob.Create",
    "PrintJob.ReadBasic",
    "PrintJob.ReadWriteBasic",
    "PrintJob.ReadWrite.All",
    "Printer.Create",
    "Printer.ReadWrite.All",
    "Printer.FullControl.All",
    "PrinterShare.ReadWrite.All",
    "PrintSettings.ReadWrite.All",
];

/// The directory role "Printer Administrator".
const PRINTER_ADMINISTRATOR: &str = "644ef478-e28f-4e28-b9dc-3fdde9aa0b1f";

/// Who is who.
pub(super) struct Identity {
    pub(super) ca_pem: String,
    pub(super) tenant: String,
    pub(super) client_id: String,
    pub(super) secret: String,
    pub(super) certificate_pem: String,
    /// A token of another issuer that the application trusts: workload identity federation.
    pub(super) federated_token: String,
    pub(super) people: People,
    certificate_key: Vec<u8>,
    leaf: KeyPair,
    leaf_der: Vec<u8>,
    signing: Vec<u8>,
    roles: Mutex<BTreeSet<String>>,
    scopes: Mutex<BTreeSet<String>>,
    revoked: Mutex<HashSet<String>>,
    /// What a token must have been asked for with, once that was demanded.
    demanded: Mutex<Option<String>>,
}

/// Who a token speaks for.
#[derive(Clone)]
pub(super) struct Caller {
    /// The application's id.
    pub(super) app: String,
    /// Application permissions, or those on behalf of the person.
    pub(super) permissions: Vec<String>,
    /// The signed-in person; absent for the application itself.
    pub(super) person: Option<Person>,
}

/// Why a token is not taken.
pub(super) enum NoCaller {
    /// It is missing, over or not ours.
    NoToken,
    /// It must be asked for with these claims.
    Claims(String),
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
        let mut params = CertificateParams::new(names)?;
        // Python's libraries insist on the key identifier of the issuer.
        params.use_authority_key_identifier_extension = true;
        let leaf_der = params.signed_by(&leaf, &ca)?.der().to_vec();
        let application = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
        let certificate =
            CertificateParams::new(vec!["application".to_owned()])?.self_signed(&application)?;
        let (client_id, signing) = (id(), id().into_bytes());
        Ok(Self {
            ca_pem: ca.pem(),
            tenant: id(),
            federated_token: federated(&signing, &client_id),
            client_id,
            secret: id(),
            certificate_pem: format!("{}{}", certificate.pem(), application.serialize_pem()),
            people: People::new(),
            certificate_key: rsa_public_key(certificate.der()),
            leaf,
            leaf_der,
            signing,
            roles: Mutex::new(ROLES.map(str::to_owned).into()),
            scopes: Mutex::new(SCOPES.map(str::to_owned).into()),
            revoked: Mutex::default(),
            demanded: Mutex::default(),
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

    /// Whether a client's assertion proves that it is the application: signed with its certificate, or given out by
    /// the issuer that it trusts. The error is the number and the text of the service's answer.
    pub(super) fn verify_assertion(&self, assertion: &str) -> Result<(), (u32, &'static str)> {
        const OUTSIDE: (u32, &str) =
            (700_024, "Client assertion is not within its valid time range.");
        if assertion == self.federated_token {
            return Ok(());
        }
        let mut validation = Validation::new(Algorithm::PS256);
        validation.algorithms = vec![Algorithm::PS256, Algorithm::RS256];
        validation.validate_aud = false;
        validation.validate_nbf = true;
        let key = DecodingKey::from_rsa_der(&self.certificate_key);
        match jsonwebtoken::decode::<Value>(assertion, &key, &validation) {
            Ok(token)
                if token.claims["iss"] == self.client_id.as_str()
                    && token.claims["aud"].is_string() =>
            {
                Ok(())
            }
            Err(error) if is_about_time(&error) => Err(OUTSIDE),
            _ => Err((700_027, "Client assertion failed signature validation.")),
        }
    }

    /// Grants or takes a permission: of the application itself, or on behalf of people.
    pub(super) fn grant(&self, permission: &str, to_application: bool, granted: bool) {
        let all = if to_application { &self.roles } else { &self.scopes };
        let mut all = all.lock().expect("nothing panics while it is held");
        if granted {
            all.insert(permission.to_owned());
        } else {
            all.remove(permission);
        }
    }

    /// The permissions on behalf of people among the asked ones; an error names one without consent.
    pub(super) fn consented(&self, asked: &str) -> Result<String, String> {
        let scopes = self.scopes.lock().expect("nothing panics while it is held");
        let mut given = Vec::new();
        for scope in asked.split_whitespace() {
            let name = scope.rsplit('/').next().unwrap_or_default();
            match name {
                ".default" => given.extend(scopes.iter().cloned()),
                "openid" | "profile" | "offline_access" | "email" | "User.Read" => {}
                name if scopes.contains(name) => given.push(name.to_owned()),
                name => return Err(name.to_owned()),
            }
        }
        Ok(given.join(" "))
    }

    /// A token of the application itself.
    pub(super) fn application_token(&self, lifetime: u64, claims: &str) -> String {
        let roles = self.roles.lock().expect("nothing panics while it is held").clone();
        self.issue(json!({"roles": roles, "asked_with": claims}), lifetime)
    }

    /// A token of a person, signed in with the application.
    pub(super) fn delegated(
        &self,
        person: &Person,
        scopes: &str,
        lifetime: u64,
        claims: &str,
    ) -> String {
        let wids = if person.is_administrator { vec![PRINTER_ADMINISTRATOR] } else { vec![] };
        self.issue(
            json!({"scp": scopes, "upn": person.upn, "oid": person.id, "wids": wids, "asked_with": claims}),
            lifetime,
        )
    }

    /// What an identity token says of a person.
    pub(super) fn id_token(&self, person: &Person, issuer: &str, nonce: &str) -> String {
        let claims = json!({"iss": issuer, "sub": person.id, "oid": person.id, "name": person.name,
            "preferred_username": person.upn, "nonce": nonce, "iat": now(), "nbf": now(), "ver": "2.0"});
        self.sign(claims, &self.client_id, 3_599)
    }

    fn issue(&self, mut claims: Value, lifetime: u64) -> String {
        claims["appid"] = self.client_id.as_str().into();
        self.sign(claims, "https://graph.microsoft.com", lifetime)
    }

    fn sign(&self, mut claims: Value, audience: &str, lifetime: u64) -> String {
        claims["aud"] = audience.into();
        claims["tid"] = self.tenant.as_str().into();
        claims["jti"] = id().into();
        claims["exp"] = (now() + lifetime).into();
        encode(&self.signing, &claims)
    }

    /// Who the `Authorization` header speaks for.
    pub(super) fn caller(&self, authorization: Option<&str>) -> Result<Caller, NoCaller> {
        let token = authorization.and_then(|text| text.strip_prefix("Bearer "));
        let token = token.filter(|token| !self.revoked().contains(*token));
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_aud = false;
        validation.leeway = 0;
        let key = DecodingKey::from_secret(&self.signing);
        let claims = token.and_then(|token| {
            Some(jsonwebtoken::decode::<Value>(token, &key, &validation).ok()?.claims)
        });
        let claims = claims.ok_or(NoCaller::NoToken)?;
        let demanded = self.demanded.lock().expect("nothing panics while it is held").clone();
        if let Some(demanded) = demanded.filter(|demanded| claims["asked_with"] != **demanded) {
            return Err(NoCaller::Claims(demanded));
        }
        let roles = claims["roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let scopes = claims["scp"].as_str().unwrap_or_default().split_whitespace();
        Ok(Caller {
            app: claims["appid"].as_str().ok_or(NoCaller::NoToken)?.to_owned(),
            permissions: roles.chain(scopes).map(str::to_owned).collect(),
            person: claims["oid"].as_str().and_then(|id| self.people.by_id(id)),
        })
    }

    /// From now on a token must have been asked for with these claims, as JSON.
    pub(super) fn demand(&self, claims: &str) {
        *self.demanded.lock().expect("nothing panics while it is held") = Some(claims.to_owned());
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

fn is_about_time(error: &jsonwebtoken::errors::Error) -> bool {
    use jsonwebtoken::errors::ErrorKind::{ExpiredSignature, ImmatureSignature};
    matches!(error.kind(), ExpiredSignature | ImmatureSignature)
}

fn encode(key: &[u8], claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(key))
        .expect("HS256 signs any claims")
}

/// A token as another issuer gives it to a workload.
fn federated(key: &[u8], application: &str) -> String {
    let claims = json!({"iss": "https://issuer.contoso.example", "sub": application,
        "aud": "api://AzureADTokenExchange", "exp": now() + 86_400});
    encode(key, &claims)
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
