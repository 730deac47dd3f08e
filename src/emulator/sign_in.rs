//! The endpoints of sign-in: discovery, authorization code with PKCE, device code, refresh, and client credentials.
//!
//! Good enough for the official client libraries. A person signs in by choosing a name: there are no passwords.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::Instant,
};

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use hyper::Response;
use serde_json::{Value, json};

use super::{
    Shared,
    http::{Body, json as answer_json},
    identity::id,
    people::Person,
    sign_in_pages::{authorize, device_page, discovery, instances, issuer},
};

/// How often a client may ask whether a person has entered the code.
const DEVICE_INTERVAL: u64 = 1;

/// Sign-ins that are under way, and those that can be renewed.
#[derive(Default)]
pub(super) struct SignIns {
    pub(super) codes: Mutex<HashMap<String, Code>>,
    devices: Mutex<HashMap<String, Device>>,
    refresh: Mutex<HashMap<String, (String, String)>>,
}

/// An authorization code that was given out.
pub(super) struct Code {
    pub(super) person: Person,
    pub(super) scope: String,
    pub(super) nonce: String,
    pub(super) redirect: String,
    pub(super) challenge: String,
}

/// A device code that was given out.
struct Device {
    user_code: String,
    scope: String,
    decision: Decision,
    ends: Instant,
}

/// What the person made of a device code.
enum Decision {
    Pending,
    Approved(Person),
    Declined,
}

pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics while it is held")
}

/// A refusal in the form of the sign-in service.
pub(super) struct Refused {
    status: u16,
    error: &'static str,
    pub(super) number: u32,
    pub(super) text: String,
}

fn refused(status: u16, error: &'static str, number: u32, text: impl Into<String>) -> Refused {
    Refused { status, error, number, text: text.into() }
}

impl Refused {
    fn body(&self) -> Value {
        let now = jiff::Timestamp::now();
        json!({"error": self.error, "error_description": format!("AADSTS{}: {} Trace ID: {}", self.number, self.text, id()),
            "error_codes": [self.number], "timestamp": now.strftime("%F %TZ").to_string(),
            "trace_id": id(), "correlation_id": id()})
    }
}

/// The fields of a form or a query.
pub(super) struct Fields(pub(super) Vec<(String, String)>);

impl Fields {
    fn new(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

/// The answer of a path of the sign-in service; nothing if it is none of its paths.
pub(super) fn answer(
    shared: &Shared,
    method: &str,
    path: &str,
    query: &str,
    form: &Bytes,
) -> Option<Response<Body>> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (query, form) = (Fields::new(query.as_bytes()), Fields::new(form));
    let answer = match (method, parts.as_slice()) {
        ("GET", ["common", "discovery", "instance"]) => answer_json(200, &instances(shared)),
        ("GET", [tenant, "v2.0", ".well-known", "openid-configuration"]) => {
            answer_json(200, &discovery(shared, tenant))
        }
        ("GET", [_, "discovery", "v2.0", "keys"]) => answer_json(200, &json!({"keys": []})),
        ("GET", [_, "oauth2", "v2.0", "authorize"]) => authorize(shared, path, &query),
        ("POST", [tenant, "oauth2", "v2.0", "devicecode"]) => {
            in_form(device_code(shared, tenant, &form))
        }
        ("POST", [tenant, "oauth2", "v2.0", "token"]) => in_form(token(shared, tenant, &form)),
        ("GET", ["device"]) => device_page(shared, &query),
        _ => return None,
    };
    Some(answer)
}

fn in_form(result: Result<Value, Refused>) -> Response<Body> {
    match result {
        Ok(body) => answer_json(200, &body),
        Err(refused) => answer_json(refused.status, &refused.body()),
    }
}

pub(super) fn check_application(
    shared: &Shared,
    tenant: &str,
    fields: &Fields,
) -> Result<(), Refused> {
    let ours = [shared.identity.tenant.as_str(), "contoso.example", "organizations", "common"];
    if !ours.contains(&tenant) {
        return Err(refused(
            400,
            "invalid_request",
            90_002,
            format!("Tenant '{tenant}' not found."),
        ));
    }
    if fields.get("client_id") == shared.identity.client_id {
        return Ok(());
    }
    Err(refused(400, "unauthorized_client", 700_016, "Application was not found in the directory."))
}

/// `POST /{tenant}/oauth2/v2.0/devicecode`.
fn device_code(shared: &Shared, tenant: &str, form: &Fields) -> Result<Value, Refused> {
    check_application(shared, tenant, form)?;
    let (device_code, user_code) = (id(), id()[..8].to_uppercase());
    let life = shared.switches().code_life;
    let uri = format!("{}/device", shared.graph_origin);
    let message =
        format!("To sign in, open the page {uri} and enter the code {user_code} to authenticate.");
    held(&shared.sign_ins.devices).insert(
        device_code.clone(),
        Device {
            user_code: user_code.clone(),
            scope: form.get("scope").to_owned(),
            decision: Decision::Pending,
            ends: Instant::now() + life,
        },
    );
    Ok(json!({"device_code": device_code, "user_code": user_code, "verification_uri": uri,
        "expires_in": life.as_secs(), "interval": DEVICE_INTERVAL, "message": message}))
}

/// A person enters a device's code: as somebody, or declines. False if there is no such code.
pub(super) fn decide(shared: &Shared, user_code: &str, user: Option<&str>) -> bool {
    let mut devices = held(&shared.sign_ins.devices);
    let device = devices.values_mut().find(|device| device.user_code == user_code);
    let Some(device) = device else { return false };
    device.decision = match user {
        Some(upn) => Decision::Approved(shared.identity.people.person(upn)),
        None => Decision::Declined,
    };
    true
}

/// `POST /{tenant}/oauth2/v2.0/token`.
fn token(shared: &Shared, tenant: &str, form: &Fields) -> Result<Value, Refused> {
    check_application(shared, tenant, form)?;
    match form.get("grant_type") {
        "client_credentials" => application(shared, form),
        "authorization_code" => from_code(shared, form),
        "refresh_token" => from_refresh(shared, form),
        "urn:ietf:params:oauth:grant-type:device_code" => from_device(shared, form),
        _ => Err(refused(400, "unsupported_grant_type", 70_003, "The grant is not supported.")),
    }
}

fn application(shared: &Shared, form: &Fields) -> Result<Value, Refused> {
    if !form.get("scope").ends_with("/.default") {
        let text = "The provided value for scope is not valid.";
        return Err(refused(400, "invalid_scope", 70_011, text));
    }
    prove(shared, form)?;
    let lifetime = shared.switches().token_life.as_secs();
    let token = shared.identity.application_token(lifetime, form.get("claims"));
    Ok(
        json!({"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}),
    )
}

/// The application proves that it is itself.
fn prove(shared: &Shared, form: &Fields) -> Result<(), Refused> {
    match (form.get("client_assertion"), form.get("client_secret")) {
        ("", "") => {
            let text = "The request must contain 'client_assertion' or 'client_secret'.";
            Err(refused(401, "invalid_client", 7_000_218, text))
        }
        ("", secret) if secret != shared.identity.secret => {
            Err(refused(401, "invalid_client", 7_000_215, "Invalid client secret provided."))
        }
        ("", _) if shared.switches().secret == "expired" => {
            Err(refused(401, "invalid_client", 7_000_222, "The client secret keys are expired."))
        }
        ("", _) => Ok(()),
        (assertion, _) => shared
            .identity
            .verify_assertion(assertion)
            .map_err(|(number, text)| refused(401, "invalid_client", number, text)),
    }
}

/// A person's sign-in needs no proof of a public client.
fn prove_public(shared: &Shared, form: &Fields) -> Result<(), Refused> {
    let bare = form.get("client_assertion").is_empty() && form.get("client_secret").is_empty();
    if bare && shared.switches().public_client { Ok(()) } else { prove(shared, form) }
}

fn from_code(shared: &Shared, form: &Fields) -> Result<Value, Refused> {
    prove_public(shared, form)?;
    let code = held(&shared.sign_ins.codes).remove(form.get("code"));
    let over = || refused(400, "invalid_grant", 70_008, "The authorization code is over.");
    let code = code.filter(|code| code.redirect == form.get("redirect_uri")).ok_or_else(over)?;
    let verifier = form.get("code_verifier").as_bytes();
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier));
    if challenge != code.challenge {
        return Err(refused(400, "invalid_grant", 501_481, "The code verifier does not match."));
    }
    signed_in(shared, &code.person, &code.scope, &code.nonce, form)
}

fn from_device(shared: &Shared, form: &Fields) -> Result<Value, Refused> {
    prove_public(shared, form)?;
    let pending = |error, text: &str| refused(400, error, 70_016, text);
    let mut devices = held(&shared.sign_ins.devices);
    let device = devices.get(form.get("device_code"));
    let device =
        device.ok_or_else(|| pending("bad_verification_code", "The code is not known."))?;
    if device.ends < Instant::now() {
        return Err(pending("expired_token", "The code is over."));
    }
    let person = match &device.decision {
        Decision::Pending => {
            let text = "The person has not entered the code yet.";
            return Err(pending("authorization_pending", text));
        }
        Decision::Declined => {
            return Err(pending("authorization_declined", "The person declined."));
        }
        Decision::Approved(person) => person.clone(),
    };
    if !shared.switches().device_code {
        let text = "Access has been blocked by Conditional Access policies.";
        return Err(refused(400, "invalid_grant", 53_003, text));
    }
    let scope = device.scope.clone();
    devices.remove(form.get("device_code"));
    signed_in(shared, &person, &scope, "", form)
}

fn from_refresh(shared: &Shared, form: &Fields) -> Result<Value, Refused> {
    prove_public(shared, form)?;
    let known = held(&shared.sign_ins.refresh).remove(form.get("refresh_token"));
    let over = || refused(400, "invalid_grant", 700_082, "The refresh token is over.");
    let (person, scope) = known.ok_or_else(over)?;
    let person = shared.identity.people.by_id(&person).ok_or_else(over)?;
    let asked = form.get("scope");
    signed_in(shared, &person, if asked.is_empty() { &scope } else { asked }, "", form)
}

fn signed_in(
    shared: &Shared,
    person: &Person,
    scope: &str,
    nonce: &str,
    form: &Fields,
) -> Result<Value, Refused> {
    let given = shared.identity.consented(scope).map_err(|name| {
        refused(400, "invalid_grant", 65_001, format!("There is no consent to {name}."))
    })?;
    let lifetime = shared.switches().token_life.as_secs();
    let mut body = json!({"token_type": "Bearer", "scope": given, "expires_in": lifetime,
        "ext_expires_in": lifetime, "access_token": shared.identity.delegated(person, &given, lifetime, form.get("claims"))});
    let asks = |word: &str| scope.split_whitespace().any(|scope| scope == word);
    if asks("offline_access") {
        let refresh = id();
        held(&shared.sign_ins.refresh)
            .insert(refresh.clone(), (person.id.clone(), scope.to_owned()));
        body["refresh_token"] = refresh.into();
    }
    if asks("openid") {
        body["id_token"] = shared.identity.id_token(person, &issuer(shared), nonce).into();
        let (id, tenant) = (&person.id, &shared.identity.tenant);
        let info = json!({"uid": id, "utid": tenant}).to_string();
        body["client_info"] = URL_SAFE_NO_PAD.encode(info).into();
    }
    Ok(body)
}
