//! What goes wrong before the daemon is asked, or in its answer: a code for programs, a sentence for people.
//!
//! Deliberately absent: what pages make of it.

use std::time::Duration;

use axum::{
    Json,
    extract::rejection::JsonRejection,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::desk::NotNow;
use crate::model::Refusal;

/// Why a request is not answered as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// There is no such station, or it has no screen.
    NoSuchStation,
    /// Nobody is signed in there with that session.
    SignedOut,
    /// The screen has not brought the kiosk's secret.
    NotConnected,
    /// It comes from a page of somebody else's.
    Foreign,
    /// Nobody knows the badge.
    UnknownBadge,
    /// The pass of a badge is over.
    PassOver,
    /// A name and a PIN are no way in here.
    NoSuchWayIn,
    /// It is not their PIN, nor a code.
    WrongPin,
    /// A PIN is wanted with the badge.
    PinWanted,
    /// Too many were wrong; after that time there may be another.
    TooMany(Duration),
    /// The request does not read.
    Unreadable(StatusCode, String),
    /// The daemon refused it.
    Refused(Refusal),
}

/// A problem as programs read it.
#[derive(Serialize, ToSchema)]
pub(super) struct ProblemBody {
    /// A stable code, such as `changed` or `may-have-printed`.
    #[schema(example = "changed")]
    code: &'static str,
    /// What happened, in English.
    #[schema(example = "the job changed since you looked")]
    sentence: String,
}

impl Problem {
    /// The code for programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::NoSuchStation => "no-such-station",
            Self::SignedOut => "signed-out",
            Self::NotConnected => "not-connected",
            Self::Foreign => "foreign",
            Self::UnknownBadge => "unknown-badge",
            Self::PassOver => "pass-over",
            Self::NoSuchWayIn => "no-such-way-in",
            Self::WrongPin => "wrong-pin",
            Self::PinWanted => "pin-wanted",
            Self::TooMany(_) => "too-many",
            Self::Unreadable(..) => "unreadable",
            Self::Refused(refusal) => refusal_code(refusal),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchStation => StatusCode::NOT_FOUND,
            Self::SignedOut | Self::NotConnected => StatusCode::UNAUTHORIZED,
            Self::Foreign
            | Self::UnknownBadge
            | Self::PassOver
            | Self::NoSuchWayIn
            | Self::WrongPin
            | Self::PinWanted => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unreadable(status, _) => *status,
            Self::Refused(Refusal::NoSuchJob) => StatusCode::NOT_FOUND,
            Self::Refused(Refusal::NoSuchPrinter(_)) => StatusCode::BAD_REQUEST,
            Self::Refused(Refusal::NotYourChange | Refusal::OwnersAlone) => StatusCode::FORBIDDEN,
            Self::Refused(Refusal::NotNow) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused(_) => StatusCode::CONFLICT,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::NoSuchStation => "there is no station of that name with a screen".to_owned(),
            Self::SignedOut => "nobody is signed in with that session; show a badge".to_owned(),
            Self::NotConnected => "bring the kiosk's secret first".to_owned(),
            Self::Foreign => "this comes from another page, or under a name that is not the kiosk's".to_owned(),
            Self::UnknownBadge => "nobody has that badge".to_owned(),
            Self::PassOver => "that pass is over; show the badge again".to_owned(),
            Self::NoSuchWayIn => "a name and a PIN are no way in here; see people.pin".to_owned(),
            Self::WrongPin => "that is not the PIN of that person".to_owned(),
            Self::PinWanted => "name the PIN beside the badge".to_owned(),
            Self::TooMany(wait) => format!("too many wrong tries; wait {} s", wait.as_secs() + 1),
            Self::Unreadable(_, why) => why.clone(),
            Self::Refused(Refusal::NoSuchJob) => "you have no such job".to_owned(),
            Self::Refused(Refusal::MayHavePrinted) => {
                "paper of this job may already be out; look at the printer, then name it with \"reprint\"".to_owned()
            }
            Self::Refused(refusal) => refusal.sentence(),
        }
    }
}

fn refusal_code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NoSuchJob => "no-such-job",
        Refusal::NoSuchPrinter(_) => "no-such-printer",
        Refusal::NotHeld(_) => "not-waiting",
        Refusal::Changed(_) => "changed",
        Refusal::MayHavePrinted => "may-have-printed",
        Refusal::NotYourChange => "must-stay-gray",
        Refusal::OwnersAlone => "owners-alone",
        Refusal::Barred(..) => "barred",
        Refusal::NotNow => "not-now",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody { code: self.code(), sentence: self.sentence() };
        let mut response = (self.status(), Json(body)).into_response();
        if let Self::TooMany(wait) = self {
            let seconds = HeaderValue::from(wait.as_secs() + 1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

impl Problem {
    /// A request that does not read, and why.
    pub(super) fn unreadable(why: impl Into<String>) -> Self {
        Self::Unreadable(StatusCode::BAD_REQUEST, why.into())
    }
}

impl From<NotNow> for Problem {
    fn from(_: NotNow) -> Self {
        Self::Refused(Refusal::NotNow)
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::Unreadable(rejection.status(), rejection.body_text())
    }
}
