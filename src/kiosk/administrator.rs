//! The administrator's page: what waits, how printers are, what failed and why. English, as the commands are.
//!
//! It promises: nothing of it is there before its own secret was brought, and eight hours later. It shows whose jobs they
//! are and not what they are called. Deliberately absent: any order; those are commands.

use std::{net::SocketAddr, sync::Arc};

use askama::Template;
use axum::{
    Router,
    extract::{ConnectInfo, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form, cookie::Cookie};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    Kiosk, desk::Overview, error::Problem, frame::Frame, guard, list::clock, pages::page,
    throttle::Place,
};
use crate::model::kiosk::Language;

const COOKIE: &str = "pullprint-administrator";
const LASTS: SignedDuration = SignedDuration::from_hours(8);

pub(super) fn routes() -> Router<Arc<Kiosk>> {
    Router::new()
        .route("/admin", get(overview))
        .route("/admin/sign-in", post(sign_in))
        .route("/admin/sign-out", post(sign_out))
}

#[derive(Template)]
#[template(path = "admin.html")]
struct AdminPage {
    frame: Frame,
    all: Overview,
    /// When it was looked.
    at: String,
}

#[derive(Template)]
#[template(path = "admin-sign-in.html")]
struct SignInPage {
    frame: Frame,
    told: Option<&'static str>,
}

fn frame(kiosk: &Kiosk) -> Frame {
    let mut frame = Frame::outside(kiosk);
    frame.say.language = Language::English;
    frame
}

async fn overview(State(kiosk): State<Arc<Kiosk>>, cookies: CookieJar) -> Response {
    if !is_signed_in(&kiosk, &cookies) {
        return page(&SignInPage { frame: frame(&kiosk), told: None });
    }
    match kiosk.desk.overview().await {
        Ok(all) => {
            let at = clock(Timestamp::now());
            page(&AdminPage { frame: frame(&kiosk), all, at })
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

#[derive(Deserialize)]
struct SecretForm {
    secret: Zeroizing<String>,
}

async fn sign_in(
    State(kiosk): State<Arc<Kiosk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    cookies: CookieJar,
    Form(form): Form<SecretForm>,
) -> Response {
    let again = |told| page(&SignInPage { frame: frame(&kiosk), told: Some(told) });
    let Some(secret) = &kiosk.administrators_secret else {
        return again("Set kiosk.administrator_secret_file in the configuration first.");
    };
    let place = Place::Administrator(peer.ip());
    if kiosk.try_at(&place).is_err() {
        return again("Too many wrong tries. Wait a minute.");
    }
    if !secret.is(&form.secret) {
        return again("That is not the administrator's secret.");
    }
    kiosk.throttle().give_back(&place);
    let ends = (Timestamp::now() + LASTS).as_second().to_string();
    let value = format!("{ends}.{}", secret.sign(&ends));
    let cookie = guard::our_cookie(&kiosk, COOKIE, value, "/admin");
    (cookies.add(cookie), Redirect::to("/admin")).into_response()
}

async fn sign_out(cookies: CookieJar) -> Response {
    let cookie = Cookie::build((COOKIE, "")).path("/admin").build();
    (cookies.remove(cookie), Redirect::to("/admin")).into_response()
}

/// Whether the cookie names an end that we wrote, and that is to come.
fn is_signed_in(kiosk: &Kiosk, cookies: &CookieJar) -> bool {
    let Some(secret) = &kiosk.administrators_secret else { return false };
    let Some((ends, signature)) = cookies.get(COOKIE).and_then(|one| one.value().split_once('.'))
    else {
        return false;
    };
    let to_come = ends.parse().is_ok_and(|ends: i64| Timestamp::now().as_second() < ends);
    to_come && secret.signed(ends, signature)
}
