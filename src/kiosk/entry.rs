//! The way in and out: a screen's secret, a badge's ticket, a PIN, a new badge, the language.
//!
//! It promises: whoever is wrong too often waits, at that station and for that person alone. Deliberately absent: what is
//! behind the way in (`pages`).

use std::{sync::Arc, time::Instant};

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form, cookie::Cookie};
use serde::Deserialize;

use super::{
    Kiosk,
    error::Problem,
    frame::Frame,
    guard,
    pages::page,
    session::Token,
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
        .route("/stations/{station}/heard", post(heard))
        .route("/stations/{station}/session", post(begin))
        .route("/stations/{station}/session/extend", post(extend))
        .route("/stations/{station}/session/end", post(end))
        .route("/stations/{station}/pin", get(ask_pin).post(check_pin))
        .route("/stations/{station}/sign-in", get(ask_name).post(sign_in))
        .route("/stations/{station}/register", get(ask_code).post(check_code))
        .route("/stations/{station}/register/again", get(ask_again))
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
    secret: String,
}

async fn connect(
    State(kiosk): State<Arc<Kiosk>>,
    cookies: CookieJar,
    Form(form): Form<SecretForm>,
) -> Response {
    let frame = Frame::outside(&kiosk);
    match guard::connect(&kiosk, &form.secret) {
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
struct TicketForm {
    ticket: String,
}

/// The badge's ticket becomes a session.
async fn begin(visitor: Visitor, cookies: CookieJar, Form(form): Form<TicketForm>) -> Response {
    let (kiosk, station) = (&visitor.kiosk, &visitor.station.name);
    let locked = kiosk.settings.pin == PinRule::WithBadge;
    let token = kiosk.sessions().redeem(station, &form.ticket, locked, Instant::now());
    let Some(token) = token else { return StatusCode::UNAUTHORIZED.into_response() };
    kiosk.taken_up(station);
    let base = visitor.base();
    let cookie = guard::session_cookie(kiosk, &token, &base);
    let go = [("hx-redirect", format!("{base}/{}", if locked { "pin" } else { "jobs" }))];
    (cookies.add(cookie), go, StatusCode::NO_CONTENT).into_response()
}

/// A page shows what the reader said.
async fn heard(visitor: Visitor) -> StatusCode {
    visitor.kiosk.taken_up(&visitor.station.name);
    StatusCode::NO_CONTENT
}

async fn extend(_: SignedIn) -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn end(visitor: Visitor) -> Redirect {
    if let Some(token) = &visitor.token {
        visitor.kiosk.sessions().end(&visitor.station.name, token, Instant::now());
    }
    visitor.kiosk.registrations().forget(&visitor.station.name);
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
    /// Where what is typed goes, below the station.
    action: &'static str,
    /// Whether a name is wanted as well.
    user: bool,
}

/// What was typed.
#[derive(Deserialize)]
struct TypedForm {
    #[serde(default)]
    user: String,
    digits: String,
}

fn pin_page(visitor: &Visitor, told: Option<&str>) -> Response {
    let say = visitor.words();
    page(&TypePage {
        frame: Frame::new(visitor),
        title: say.say("pin-title"),
        hint: say.say("pin-hint"),
        label: say.say("pin"),
        told: told.map(|key| say.say(key)),
        action: "pin",
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
        action: "sign-in",
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

fn code_page(visitor: &Visitor, told: Option<&str>) -> Response {
    let say = visitor.words();
    page(&TypePage {
        frame: Frame::new(visitor),
        title: say.say("register-title"),
        hint: say.say("register-hint"),
        label: say.say("register-code"),
        told: told.map(|key| say.say(key)),
        action: "register",
        user: false,
    })
}

async fn ask_code(visitor: Visitor) -> Response {
    let (kiosk, station) = (&visitor.kiosk, &visitor.station.name);
    if kiosk.registrations().wants_code(station, Instant::now()) {
        code_page(&visitor, None)
    } else {
        Redirect::to(&visitor.base()).into_response()
    }
}

/// A person's code: their badge is wanted once more.
async fn check_code(visitor: Visitor, Form(form): Form<TypedForm>) -> Response {
    let (kiosk, station, now) = (&visitor.kiosk, &visitor.station.name, Instant::now());
    if !kiosk.registrations().wants_code(station, now) {
        return Redirect::to(&visitor.base()).into_response();
    }
    match kiosk.person_of_code(station, &form.digits).await {
        Ok(person) => {
            kiosk.registrations().typed(station, person, &form.digits, now);
            Redirect::to(&format!("{}/register/again", visitor.base())).into_response()
        }
        Err(problem) => code_page(&visitor, Some(wrong(&problem, "register-wrong"))),
    }
}

#[derive(Template)]
#[template(path = "again.html")]
struct AgainPage {
    frame: Frame,
}

async fn ask_again(visitor: Visitor) -> Response {
    page(&AgainPage { frame: Frame::new(&visitor) })
}

impl Kiosk {
    /// Whether that is the person's PIN. Who is wrong too often at a station waits there, and only as that person.
    pub(super) async fn check_pin(
        &self,
        station: &str,
        person: &Person,
        pin: &str,
    ) -> Result<(), Problem> {
        let place = format!("pin {station} {}", person.id);
        self.throttle().admit(&place, Instant::now()).map_err(Problem::TooMany)?;
        if self.desk.is_pin_of(person, pin).await? {
            return Ok(());
        }
        self.throttle().note_failure(&place, Instant::now());
        Err(Problem::WrongPin)
    }

    /// Who has that UPN and that PIN. That nobody has the UPN is not told.
    pub(super) async fn person_with_pin(
        &self,
        station: &str,
        upn: &str,
        pin: &str,
    ) -> Result<Person, Problem> {
        if self.settings.pin != PinRule::OrBadge {
            return Err(Problem::WrongPin);
        }
        let place = format!("names {station}");
        self.throttle().admit(&place, Instant::now()).map_err(Problem::TooMany)?;
        let nobody = || Person { id: String::new(), upn: None, name: None };
        let person = self.desk.person_named(upn.trim()).await?.unwrap_or_else(nobody);
        let checked = self.check_pin(station, &person, pin).await;
        if checked.is_err() {
            self.throttle().note_failure(&place, Instant::now());
        }
        checked.map(|()| person)
    }

    async fn person_of_code(&self, station: &str, code: &str) -> Result<Person, Problem> {
        let place = format!("code {station}");
        self.throttle().admit(&place, Instant::now()).map_err(Problem::TooMany)?;
        let person = self.desk.person_of_code(code).await?;
        person.ok_or_else(|| {
            self.throttle().note_failure(&place, Instant::now());
            Problem::WrongPin
        })
    }
}
