//! Whose list a signed-in person works on: their own, or that of somebody whom they collect for.
//!
//! It promises: nobody else's. Deliberately absent: what a list shows, and what a delegate may do (`flow`).

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    Kiosk,
    error::Problem,
    frame::Notice,
    visitor::{SignedIn, Visitor, is_page, station_path},
};
use crate::model::{Asker, Refusal, people::Person};

/// Somebody who is signed in, at a list.
pub(super) struct Collector {
    pub(super) visitor: Visitor,
    /// Who is signed in.
    pub(super) person: Person,
    /// Whose list it is.
    pub(super) owner: Person,
}

impl Collector {
    /// Whether it is somebody else's list.
    pub(super) fn is_delegate(&self) -> bool {
        self.person.id != self.owner.id
    }

    /// The path of the list's pages.
    pub(super) fn base(&self) -> String {
        let base = self.visitor.base();
        if self.is_delegate() {
            station_path(&format!("{base}/people"), &self.owner.id)
        } else {
            base
        }
    }

    /// Back to the list, with what came of it.
    pub(super) fn to_list(&self, notice: &Notice) -> Response {
        Redirect::to(&format!("{}/jobs?{}", self.base(), notice.query())).into_response()
    }

    pub(super) fn asker(&self) -> Asker {
        let owner = self.owner.id.clone();
        if self.is_delegate() {
            Asker::Delegate { id: self.person.id.clone(), owner }
        } else {
            Asker::Owner(owner)
        }
    }
}

impl FromRequestParts<Arc<Kiosk>> for Collector {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, kiosk: &Arc<Kiosk>) -> Result<Self, Response> {
        let is_page = is_page(parts);
        let SignedIn { visitor, person } = SignedIn::from_request_parts(parts, kiosk).await?;
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, kiosk).await;
        let Some(named) = path.ok().and_then(|Path(mut names)| names.remove("person")) else {
            let owner = person.clone();
            return Ok(Self { visitor, person, owner });
        };
        let owners = kiosk.desk.owners_of(&person).await;
        let owner = owners.map(|owners| owners.into_iter().find(|owner| owner.id == named));
        match owner {
            Ok(Some(owner)) => Ok(Self { visitor, person, owner }),
            Ok(None) if is_page => Err(visitor.to_list(&Notice::of("owners-alone"))),
            Err(_) if is_page => Err(visitor.to_list(&Notice::of("not-now"))),
            Ok(None) => Err(Problem::Refused(Refusal::NoSuchJob).into_response()),
            Err(not_now) => Err(Problem::from(not_now).into_response()),
        }
    }
}
