//! The way in and out: a screen's secret, a badge's pass, a PIN, a new badge, the language.
//!
//! It promises: whoever is wrong too often waits at that station; with a PIN behind a badge, as that person alone.
//! Deliberately absent: what is behind the way in (`pages`).

use std::{net::SocketAddr, sync::Arc, time::Instant};

use askama::Template;
use axum::{
    Router,
    extract::{ConnectInfo, Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form, cookie::Cookie};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    Kiosk,
    error::Problem,
    frame::Frame,
    guard,
    pages::page,
    session::Token,
    throttle::Place,
    visitor::{LANGUAGE, SignedIn, Visitor},
};
use crate::model::{
    kiosk::Language,
    people::{Person, PinRule},
};

pub(super) fn routes() -> Router<Arc<Kiosk>> {
    Router::new()
        .route("/secret", get(secret).post(connect))
        .route("/stations/{station}/language", post(language))
        .route("/stations/{station}/acknowledge", post(acknowledge))
        .route("/stations/{station}/session", post(begin))
        .route("/stations/{station}/session/extend", post(extend))
        .route("/stations/{station}/session/end", post(end))
        .route("/stations/{station}/pin", get(ask_pin).post(check_pin))
        .route("/stations/{station}/sign-in", get(ask_name).post(sign_in))
        .route("/stations/{station}/register/{id}", get(ask_code).post(check_code))
        .route("/stations/{station}/register/{id}/again", get(ask_again))
        .route("/stations/{station}/register/{id}/end", post(end_registration))
}

#[derive(Template)]
#[template(path = "secret.html")]
struct SecretPage {
    frame: Frame,
    told: Option<String>,
}

async fn secret(State(kiosk): State<Arc<Kiosk>>) -> Response {
    page(&SecretPage { frame: Frame::outside(&kiosk), told: None })
}

#[derive(Deserialize)]
struct SecretForm {
    secret: Zeroizing<String>,
}

async fn connect(
    State(kiosk): State<Arc<Kiosk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    cookies: CookieJar,
    Form(form): Form<SecretForm>,
) -> Response {
    let frame = Frame::outside(&kiosk);
    match guard::connect(&kiosk, peer, &form.secret) {
        Ok(cookie) => (cookies.add(cookie), Redirect::to("/")).into_response(),
        Err(problem) => {
            let waits = matches!(problem, Problem::TooMany(_));
            let key = if waits { "secret-wait" } else { "secret-wrong" };
            let told = Some(frame.say.say(key));
            page(&SecretPage { frame, told })
        }
    }
}

#[derive(Deserialize)]
struct PassForm {
    pass: String,
}

/// The badge's pass becomes a session.
async fn begin(visitor: Visitor, cookies: CookieJar, Form(form): Form<PassForm>) -> Response {
    let (kiosk, station) = (&visitor.kiosk, &visitor.station.name);
    let locked = kiosk.settings.pin == PinRule::WithBadge;
    let token = kiosk.sessions().redeem(station, &form.pass, locked, Instant::now());
    let Some(token) = token else { return StatusCode::UNAUTHORIZED.into_response() };
    kiosk.acknowledge(station);
    let base = visitor.base();
    let cookie = guard::session_cookie(kiosk, &token, &base);
    let go = [("hx-redirect", format!("{base}/{}", if locked { "pin" } else { "jobs" }))];
    (cookies.add(cookie), go, StatusCode::NO_CONTENT).into_response()
}

/// A page shows what the reader said.
async fn acknowledge(visitor: Visitor) -> StatusCode {
    visitor.kiosk.acknowledge(&visitor.station.name);
    StatusCode::NO_CONTENT
}

async fn extend(_: SignedIn) -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn end(visitor: Visitor) -> Redirect {
    if let Some(token) = &visitor.token {
        visitor.kiosk.sessions().end(&visitor.station.name, token, Instant::now());
    }
    Redirect::to(&visitor.base())
}

#[derive(Deserialize)]
struct LanguageForm {
    language: String,
    back: Option<String>,
}

/// A person's language is remembered for them; one that is chosen before a sign-in, for whoever comes next.
async fn language(
    visitor: Visitor,
    cookies: CookieJar,
    Form(form): Form<LanguageForm>,
) -> Response {
    let base = visitor.base();
    let Some(language) = Language::from_code(&form.language) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    // Only a page of this station is gone back to.
    let plain = |back: &String| back.chars().all(|c| c.is_ascii_alphanumeric() || c == '/');
    let back = form.back.filter(plain).map_or_else(String::new, |back| format!("/{back}"));
    let go = Redirect::to(&format!("{base}{back}"));
    if let Some(person) = &visitor.person {
        visitor.kiosk.like_language(person, language);
        return go.into_response();
    }
    let cookie = Cookie::build((LANGUAGE, language.code())).path(base).http_only(true);
    let cookie = cookie.same_site(axum_extra::extract::cookie::SameSite::Strict).build();
    (cookies.add(cookie), go).into_response()
}

#[derive(Template)]
#[template(path = "type.html")]
struct TypePage {
    frame: Frame,
    title: String,
    hint: String,
    label: String,
    told: Option<String>,
    /// Where what is typed goes, below the station; and where a person goes who leaves.
    action: String,
    leave: String,
    /// Whether a name is wanted as well.
    user: bool,
}

/// What was typed.
#[derive(Deserialize)]
struct TypedForm {
    #[serde(default)]
    user: String,
    digits: Zeroizing<String>,
}

fn pin_page(visitor: &Visitor, told: Option<&str>) -> Response {
    let say = visitor.words();
    page(&TypePage {
        frame: Frame::new(visitor),
        title: say.say("pin-title"),
        hint: say.say("pin-hint"),
        label: say.say("pin"),
        told: told.map(|key| say.say(key)),
        action: "pin".to_owned(),
        leave: "session/end".to_owned(),
        user: false,
    })
}

async fn ask_pin(visitor: Visitor) -> Response {
    match visitor.locked() {
        Some(_) => pin_page(&visitor, None),
        None => Redirect::to(&visitor.base()).into_response(),
    }
}

/// After a badge, its PIN.
async fn check_pin(visitor: Visitor, cookies: CookieJar, Form(form): Form<TypedForm>) -> Response {
    let Some(person) = visitor.locked() else {
        return Redirect::to(&visitor.base()).into_response();
    };
    match visitor.kiosk.check_pin(&visitor.station.name, &person, &form.digits).await {
        Ok(()) => {
            let token = visitor.token.as_deref().unwrap_or_default();
            let now = Instant::now();
            let open = visitor.kiosk.sessions().unlock(&visitor.station.name, token, now);
            enter(&visitor, cookies, open)
        }
        Err(problem) => pin_page(&visitor, Some(wrong(&problem, "pin-wrong"))),
    }
}

/// The text for somebody who was wrong.
fn wrong(problem: &Problem, otherwise: &'static str) -> &'static str {
    match problem {
        Problem::TooMany(_) => "wrong-too-often",
        Problem::Refused(_) => "notice-not-now",
        _ => otherwise,
    }
}

/// To the list, with the session's cookie.
fn enter(visitor: &Visitor, cookies: CookieJar, token: Option<Token>) -> Response {
    let base = visitor.base();
    let Some(token) = token else { return Redirect::to(&base).into_response() };
    let cookie = guard::session_cookie(&visitor.kiosk, &token, &base);
    (cookies.add(cookie), Redirect::to(&format!("{base}/jobs"))).into_response()
}

fn name_page(visitor: &Visitor, told: Option<&str>) -> Response {
    let say = visitor.words();
    page(&TypePage {
        frame: Frame::new(visitor),
        title: say.say("sign-in"),
        hint: say.say("sign-in-hint"),
        label: say.say("pin"),
        told: told.map(|key| say.say(key)),
        action: "sign-in".to_owned(),
        leave: "session/end".to_owned(),
        user: true,
    })
}

async fn ask_name(visitor: Visitor) -> Response {
    if visitor.kiosk.settings.pin == PinRule::OrBadge {
        name_page(&visitor, None)
    } else {
        Redirect::to(&visitor.base()).into_response()
    }
}

/// Without a badge: a name and its PIN.
async fn sign_in(visitor: Visitor, cookies: CookieJar, Form(form): Form<TypedForm>) -> Response {
    let (kiosk, station) = (&visitor.kiosk, &visitor.station.name);
    match kiosk.person_with_pin(station, &form.user, &form.digits).await {
        Ok(person) => {
            let token = kiosk.sessions().begin(station, person, Instant::now());
            enter(&visitor, cookies, Some(token))
        }
        Err(problem) => name_page(&visitor, Some(wrong(&problem, "sign-in-wrong"))),
    }
}

fn code_page(visitor: &Visitor, id: u64, told: Option<&str>) -> Response {
    let say = visitor.words();
    page(&TypePage {
        frame: Frame::new(visitor),
        title: say.say("register-title"),
        hint: say.say("register-hint"),
        label: say.say("register-code"),
        told: told.map(|key| say.say(key)),
        action: format!("register/{id}"),
        leave: format!("register/{id}/end"),
        user: false,
    })
}

async fn ask_code(visitor: Visitor, Path((_, id)): Path<(String, u64)>) -> Response {
    let (kiosk, station) = (&visitor.kiosk, &visitor.station.name);
    if kiosk.registrations().wants_code(station, id, Instant::now()) {
        code_page(&visitor, id, None)
    } else {
        Redirect::to(&visitor.base()).into_response()
    }
}

/// A person's code: their badge is wanted once more.
async fn check_code(
    visitor: Visitor,
    Path((_, id)): Path<(String, u64)>,
    Form(form): Form<TypedForm>,
) -> Response {
    let (kiosk, station, base) = (&visitor.kiosk, &visitor.station.name, visitor.base());
    if !kiosk.registrations().wants_code(station, id, Instant::now()) {
        return Redirect::to(&base).into_response();
    }
    match kiosk.person_of_code(station, &form.digits).await {
        Ok(person) => {
            let now = Instant::now();
            kiosk.registrations().typed(station, id, person, &form.digits, now);
            Redirect::to(&format!("{base}/register/{id}/again")).into_response()
        }
        Err(problem) => code_page(&visitor, id, Some(wrong(&problem, "register-wrong"))),
    }
}

#[derive(Template)]
#[template(path = "again.html")]
struct AgainPage {
    frame: Frame,
    leave: String,
}

async fn ask_again(visitor: Visitor, Path((_, id)): Path<(String, u64)>) -> Response {
    let (kiosk, station) = (&visitor.kiosk, &visitor.station.name);
    if kiosk.registrations().wants_badge(station, id, Instant::now()) {
        let leave = format!("register/{id}/end");
        page(&AgainPage { frame: Frame::new(&visitor), leave })
    } else {
        Redirect::to(&visitor.base()).into_response()
    }
}

async fn end_registration(visitor: Visitor, Path((_, id)): Path<(String, u64)>) -> Redirect {
    visitor.kiosk.registrations().end(&visitor.station.name, id);
    Redirect::to(&visitor.base())
}

impl Kiosk {
    /// Takes a try at a place.
    pub(super) fn try_at(&self, place: &Place) -> Result<(), Problem> {
        self.throttle().take(place, Instant::now()).map_err(Problem::TooMany)
    }

    /// Whether that is the person's PIN. Who is wrong too often at a station waits there, and only as that person.
    pub(super) async fn check_pin(
        &self,
        station: &str,
        person: &Person,
        pin: &str,
    ) -> Result<(), Problem> {
        let place = Place::Pin(station.to_owned(), person.id.clone());
        let everywhere = Place::Person(person.id.clone());
        self.try_at(&place)?;
        self.slow_throttle().take(&everywhere, Instant::now()).map_err(Problem::TooMany)?;
        if !self.desk.is_pin_of(person, pin).await? {
            return Err(Problem::WrongPin);
        }
        self.throttle().give_back(&place);
        self.slow_throttle().give_back(&everywhere);
        Ok(())
    }

    /// Who has that UPN and that PIN. That nobody has the UPN is not told.
    pub(super) async fn person_with_pin(
        &self,
        station: &str,
        upn: &str,
        pin: &str,
    ) -> Result<Person, Problem> {
        if self.settings.pin != PinRule::OrBadge {
            return Err(Problem::NoSuchWayIn);
        }
        let place = Place::Name(station.to_owned());
        self.try_at(&place)?;
        let nobody = || Person { id: String::new(), upn: None, name: None };
        let person = self.desk.person_named(upn.trim()).await?.unwrap_or_else(nobody);
        self.check_pin(station, &person, pin).await?;
        self.throttle().give_back(&place);
        Ok(person)
    }

    async fn person_of_code(&self, station: &str, code: &str) -> Result<Person, Problem> {
        let place = Place::Code(station.to_owned());
        self.try_at(&place)?;
        let person = self.desk.person_of_code(code).await?.ok_or(Problem::WrongPin)?;
        self.throttle().give_back(&place);
        Ok(person)
    }
}
