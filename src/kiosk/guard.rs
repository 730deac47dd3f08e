//! The guard at the kiosk's door: what every request must be, and what every answer carries.
//!
//! It promises: a page of anybody else's can neither read nor order anything, whatever name it comes under; where the
//! kiosk has a secret, nothing but its own door is there without it. Deliberately absent: who is signed in (`session`).

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use aws_lc_rs::{constant_time, hmac};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::time::timeout;

use super::{Kiosk, error::Problem, session::Token, throttle::Place};
use crate::model::Refusal;

/// The cookie of a session, and that of a screen that brought the secret.
pub(super) const SESSION: &str = "pullprint-session";
const SCREEN: &str = "pullprint-screen";

/// How long a request may take, its body and all.
const REQUEST_TIME: Duration = Duration::from_secs(20);

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The kiosk's secret: what a screen is asked for, and what its cookie says from then on.
pub(super) struct Secret {
    key: hmac::Key,
    proof: String,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    pub(super) fn new(secret: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.trim().as_bytes());
        let proof = URL_SAFE_NO_PAD.encode(hmac::sign(&key, b"screen"));
        Self { key, proof }
    }

    /// Whether that is the secret.
    pub(super) fn is(&self, said: &str) -> bool {
        let said = hmac::Key::new(hmac::HMAC_SHA256, said.trim().as_bytes());
        let tag = hmac::sign(&said, b"secret");
        hmac::verify(&self.key, b"secret", tag.as_ref()).is_ok()
    }

    /// What proves later that we wrote a text.
    pub(super) fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, text.as_bytes()))
    }

    /// Whether we wrote that text.
    pub(super) fn signed(&self, text: &str, signature: &str) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        hmac::verify(&self.key, text.as_bytes(), &signature).is_ok()
    }

    fn proves(&self, cookie: &str) -> bool {
        constant_time::verify_slices_are_equal(self.proof.as_bytes(), cookie.as_bytes()).is_ok()
    }
}

/// Turns away what is not ours to answer, and dresses what is answered.
pub(super) async fn guard(
    State(kiosk): State<Arc<Kiosk>>,
    cookies: CookieJar,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let open = path == "/secret" || path.starts_with("/assets/");
    let mut response = if !is_ours(&kiosk, request.method(), request.headers()) {
        Problem::Foreign.into_response()
    } else if open || is_connected(&kiosk, &cookies) {
        // A request that does not come to its end holds a connection; events are an answer and go on.
        let answered = timeout(REQUEST_TIME, next.run(request)).await;
        answered.unwrap_or_else(|_| Problem::Refused(Refusal::NotNow).into_response())
    } else if request.method() == Method::GET && !path.starts_with("/api/") {
        Redirect::to("/secret").into_response()
    } else {
        Problem::NotConnected.into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Without any, a form of our own would come from nowhere.
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What is on a screen is for whoever stands there now.
    let no_store = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(no_store);
    response
}

fn is_connected(kiosk: &Kiosk, cookies: &CookieJar) -> bool {
    let Some(secret) = &kiosk.secret else { return true };
    cookies.get(SCREEN).is_some_and(|cookie| secret.proves(cookie.value()))
}

/// Whether a request came under a name of ours and, where it orders something, from a page of ours. A browser always
/// says where an order comes from; a program need not.
fn is_ours(kiosk: &Kiosk, method: &Method, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = text(header::HOST) else { return false };
    if !is_our_name(kiosk, host) {
        return false;
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let Ok(origin) = origin.to_str() else { return false };
        let scheme = if kiosk.settings.tls.is_some() { "https" } else { "http" };
        return origin.eq_ignore_ascii_case(&format!("{scheme}://{host}"));
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    // A page may be opened from anywhere; its own orders come with an origin.
    method.is_safe() || matches!(site, None | Some(b"same-origin" | b"none"))
}

/// A name that somebody else's domain can not have: an address, this machine, or what is configured.
fn is_our_name(kiosk: &Kiosk, host: &str) -> bool {
    // A URL may have more at that place than a name and a port.
    if !host.chars().all(|c| c.is_ascii_alphanumeric() || "-.:[]_".contains(c)) {
        return false;
    }
    let Ok(url) = url::Url::parse(&format!("http://{host}/")) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => {
            let mut names = kiosk.settings.host_names.iter();
            name == "localhost" || names.any(|known| known.eq_ignore_ascii_case(name))
        }
        Some(_) => true,
        None => false,
    }
}

/// Connects a screen that brings the secret: the cookie that it shows from then on.
pub(super) fn connect(
    kiosk: &Kiosk,
    peer: SocketAddr,
    said: &str,
) -> Result<Cookie<'static>, Problem> {
    let Some(secret) = &kiosk.secret else { return Err(Problem::NotConnected) };
    let place = Place::Secret(peer.ip());
    kiosk.try_at(&place)?;
    if !secret.is(said) {
        return Err(Problem::NotConnected);
    }
    kiosk.throttle().give_back(&place);
    let mut cookie = our_cookie(kiosk, SCREEN, secret.proof.clone(), "/");
    cookie.make_permanent();
    Ok(cookie)
}

/// The cookie of a session below a path.
pub(super) fn session_cookie(kiosk: &Kiosk, token: &Token, path: &str) -> Cookie<'static> {
    our_cookie(kiosk, SESSION, token.as_str().to_owned(), path)
}

/// A cookie that scripts do not see, and that pages of others do not send.
pub(super) fn our_cookie(
    kiosk: &Kiosk,
    name: &'static str,
    value: String,
    path: &str,
) -> Cookie<'static> {
    Cookie::build((name, value))
        .path(path.to_owned())
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(kiosk.settings.tls.is_some())
        .build()
}
