//! Who asks: a station's screen, and who is signed in there.
//!
//! It promises: a session that is over leads back to where badges are shown; only what a person does extends one.
//! Deliberately absent: what is asked.

use std::{collections::HashMap, sync::Arc, time::Instant};

use axum::{
    extract::{FromRequestParts, Path},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;

use super::{
    Kiosk,
    error::Problem,
    frame::Notice,
    guard::SESSION,
    words::{Words, asked_for},
};
use crate::model::{kiosk::Language, people::Person, station::StationSettings};

/// The cookie of a language that was chosen before anybody signed in.
pub(super) const LANGUAGE: &str = "pullprint-language";

/// A station's screen.
pub(super) struct Visitor {
    pub(super) kiosk: Arc<Kiosk>,
    pub(super) station: StationSettings,
    /// What it shows of its session.
    pub(super) token: Option<String>,
    /// Who is signed in with that.
    pub(super) person: Option<Person>,
    pub(super) language: Language,
    /// Whether a page asks by itself, and not a person.
    pub(super) by_itself: bool,
}

impl Visitor {
    /// The path of the station's pages.
    pub(super) fn base(&self) -> String {
        station_path("/stations", &self.station.name)
    }

    /// Whose session waits for a PIN.
    pub(super) fn locked(&self) -> Option<Person> {
        let token = self.token.as_deref()?;
        self.kiosk.sessions().locked(&self.station.name, token, Instant::now())
    }

    /// Back to the list, with what came of it.
    pub(super) fn to_list(&self, notice: &Notice) -> Response {
        Redirect::to(&format!("{}/jobs?{}", self.base(), notice.query())).into_response()
    }

    pub(super) fn words(&self) -> Words {
        Words { language: self.language, badge: self.kiosk.settings.badge_word }
    }
}

impl FromRequestParts<Arc<Kiosk>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, kiosk: &Arc<Kiosk>) -> Result<Self, Response> {
        let is_page = is_page(parts);
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, kiosk).await;
        let named = path.ok().and_then(|Path(mut names)| names.remove("station"));
        let station = kiosk.station(named.as_deref().unwrap_or_default());
        let station = station.map_err(|problem| match problem {
            // A person chooses another; a program reads why.
            _ if is_page => Redirect::to("/").into_response(),
            problem => problem.into_response(),
        })?;
        let cookies = CookieJar::from_headers(&parts.headers);
        let token = cookies.get(SESSION).map(|cookie| cookie.value().to_owned());
        let by_itself = parts.headers.contains_key("hx-request");
        let person = token.as_deref().and_then(|token| {
            let session = kiosk.sessions().look(&station.name, token, Instant::now());
            session.map(|(person, _)| person)
        });
        let chosen = cookies.get(LANGUAGE).and_then(|cookie| Language::from_code(cookie.value()));
        let liked = person.as_ref().and_then(|person| kiosk.liked_language(person));
        let language = liked.or(chosen).or_else(|| from_browser(&parts.headers));
        let language = language.unwrap_or(kiosk.settings.language);
        Ok(Self { kiosk: Arc::clone(kiosk), station, token, person, language, by_itself })
    }
}

fn from_browser(headers: &HeaderMap) -> Option<Language> {
    asked_for(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?)
}

pub(super) fn is_page(parts: &Parts) -> bool {
    parts.uri.path().starts_with("/stations/")
}

/// Somebody who is signed in at a station.
pub(super) struct SignedIn {
    pub(super) visitor: Visitor,
    pub(super) person: Person,
}

impl FromRequestParts<Arc<Kiosk>> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, kiosk: &Arc<Kiosk>) -> Result<Self, Response> {
        let is_page = is_page(parts);
        let visitor = Visitor::from_request_parts(parts, kiosk).await?;
        if !visitor.by_itself {
            let token = visitor.token.as_deref().unwrap_or_default();
            kiosk.sessions().touch(&visitor.station.name, token, Instant::now());
        }
        match visitor.person.clone() {
            Some(person) => Ok(Self { visitor, person }),
            None if is_page && !visitor.by_itself => {
                Err(Redirect::to(&format!("{}?notice=over", visitor.base())).into_response())
            }
            None if is_page => Err(StatusCode::UNAUTHORIZED.into_response()),
            None => Err(Problem::SignedOut.into_response()),
        }
    }
}

/// The path of a station, whatever its name has in it.
pub(super) fn station_path(below: &str, station: &str) -> String {
    let mut url = url::Url::parse("http://localhost").expect("it is a URL");
    url.set_path(below);
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.push(station);
    }
    url.path().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_encoded_in_its_address() {
        assert_eq!(station_path("/stations", "lobby"), "/stations/lobby");
        assert_eq!(station_path("/stations", "1st floor/é"), "/stations/1st%20floor%2F%C3%A9");
    }
}
