//! The pages of sign-in, and what client libraries learn before: discovery, the choice of a person, a device's code.

use bytes::Bytes;
use hyper::Response;
use serde_json::{Value, json};

use super::{
    Shared,
    http::{Body, bytes},
    identity::id,
    sign_in::{Code, Fields, check_application, decide, held},
};

fn host(shared: &Shared) -> &str {
    shared.graph_origin.trim_start_matches("https://")
}

/// What a client library learns of this cloud.
pub(super) fn instances(shared: &Shared) -> Value {
    let host = host(shared);
    json!({"api-version": "1.1",
        "tenant_discovery_endpoint": format!("{}/{}/v2.0/.well-known/openid-configuration",
            shared.graph_origin, shared.identity.tenant),
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}]})
}

/// Who says who a person is.
pub(super) fn issuer(shared: &Shared) -> String {
    format!("{}/{}/v2.0", shared.graph_origin, shared.identity.tenant)
}

/// Where the endpoints of a tenant are.
pub(super) fn discovery(shared: &Shared, tenant: &str) -> Value {
    let at = |tail: &str| format!("{}/{tenant}/{tail}", shared.graph_origin);
    json!({
        "issuer": issuer(shared),
        "authorization_endpoint": at("oauth2/v2.0/authorize"),
        "token_endpoint": at("oauth2/v2.0/token"),
        "device_authorization_endpoint": at("oauth2/v2.0/devicecode"),
        "jwks_uri": at("discovery/v2.0/keys"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "tenant_region_scope": null,
        "cloud_instance_name": host(shared),
    })
}

/// `GET /{tenant}/oauth2/v2.0/authorize`: a page with the people to choose from; with a `login_hint`, that person.
pub(super) fn authorize(shared: &Shared, path: &str, query: &Fields) -> Response<Body> {
    let tenant = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if let Err(refused) = check_application(shared, tenant, query) {
        return page(&format!("AADSTS{}: {}", refused.number, refused.text));
    }
    let redirect = query.get("redirect_uri");
    let loopback = ["http://localhost", "http://127.0.0.1"];
    if !loopback.iter().any(|origin| redirect.starts_with(origin)) {
        return page("AADSTS50011: The redirect URI does not match the ones of the application.");
    }
    let state = query.get("state");
    let back = |pairs: &[(&str, &str)]| {
        let mut url = url::form_urlencoded::Serializer::new(String::new());
        url.extend_pairs(pairs).append_pair("state", state);
        let mut response = bytes(302, "text/plain", Bytes::new());
        let address = format!("{redirect}?{}", url.finish());
        if let Ok(address) = address.parse() {
            response.headers_mut().insert("location", address);
        }
        response
    };
    let switches = shared.switches();
    if !switches.browser {
        let why = "AADSTS53003: Access has been blocked by Conditional Access policies.";
        return back(&[("error", "access_denied"), ("error_description", why)]);
    }
    if query.get("response_type") != "code" || query.get("code_challenge_method") != "S256" {
        let why = "AADSTS9002325: Proof Key for Code Exchange is required.";
        return back(&[("error", "invalid_request"), ("error_description", why)]);
    }
    match query.get("login_hint") {
        "" => choose(shared, path, query),
        hint => {
            if let Err(name) = shared.identity.consented(query.get("scope")) {
                let why = format!("AADSTS65001: There is no consent to {name}.");
                return back(&[("error", "consent_required"), ("error_description", &why)]);
            }
            let code = id();
            held(&shared.sign_ins.codes).insert(
                code.clone(),
                Code {
                    person: shared.identity.people.person(hint),
                    scope: query.get("scope").to_owned(),
                    nonce: query.get("nonce").to_owned(),
                    redirect: redirect.to_owned(),
                    challenge: query.get("code_challenge").to_owned(),
                },
            );
            back(&[("code", &code)])
        }
    }
}

fn choose(shared: &Shared, path: &str, query: &Fields) -> Response<Body> {
    let mut text = String::from("Sign in as</p><ul>");
    for person in shared.identity.people.all() {
        let mut link = url::form_urlencoded::Serializer::new(String::new());
        link.extend_pairs(&query.0).append_pair("login_hint", &person.upn);
        let link = link.finish().replace('&', "&amp;");
        text.push_str(&format!("<li><a href=\"{path}?{link}\">{}</a></li>", escape(&person.upn)));
    }
    text.push_str("</ul><p>Nobody is asked for a password here.");
    page(&text)
}

fn page(text: &str) -> Response<Body> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Emulated sign-in</title>\
         <body style=\"font-family:sans-serif;max-width:40em;margin:3em auto\"><h1>Emulated sign-in</h1><p>{text}</p>"
    );
    bytes(200, "text/html; charset=utf-8", html)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// The page where a person enters the code; `user_code` and `user` in its address do it.
pub(super) fn device_page(shared: &Shared, query: &Fields) -> Response<Body> {
    let (code, user) = (query.get("user_code"), query.get("user"));
    if code.is_empty() {
        return page("<form>The code: <input name=\"user_code\"> <button>Next</button></form>");
    }
    if !user.is_empty() {
        let done = decide(shared, code, Some(user));
        return page(if done { "Signed in. Go back to the device." } else { "No such code." });
    }
    let mut links = String::new();
    for person in shared.identity.people.all() {
        let mut link = url::form_urlencoded::Serializer::new(String::new());
        link.append_pair("user_code", code).append_pair("user", &person.upn);
        let link = link.finish().replace('&', "&amp;");
        links.push_str(&format!("<li><a href=\"/device?{link}\">{}</a></li>", escape(&person.upn)));
    }
    page(&format!("Sign in as</p><ul>{links}</ul><p>"))
}
