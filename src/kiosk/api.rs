//! The kiosk for programs: the same as the pages, as JSON. `docs/kiosk-api.json` is made of this file.
//!
//! It promises: the paths below `/api/v1` keep their meaning; a field may be added. Deliberately absent: how a program
//! comes by a badge's number.

use std::{convert::Infallible, sync::Arc, time::Instant};

use axum::{
    Json,
    extract::{FromRequest, Path, Request, State},
    http::StatusCode,
    response::sse::{Event, Sse},
};
use axum_extra::extract::CookieJar;
use futures_util::{Stream, future::join_all};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::security::{ApiKey, ApiKeyValue, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use zeroize::Zeroizing;

use super::{
    Kiosk, TapNews,
    bodies::{ChangeBody, JobsBody, OwnerBody, PersonBody, PrinterBody, StationBody},
    collector::Collector,
    desk::Stage,
    error::{Problem, ProblemBody},
    events::{self, LiveEvent},
    guard::{self, SESSION},
    orders::ReleaseOrder,
    throttle::Place,
    visitor::{SignedIn, Visitor, station_path},
};
use crate::model::{
    Asker, ConfigurationChange, JobNumber, Refusal,
    people::{Person, PinRule},
};

/// The routes, and what they are as a document.
pub(super) fn routes() -> OpenApiRouter<Arc<Kiosk>> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(stations))
        .routes(routes!(sign_in, session, sign_out))
        .routes(routes!(extend))
        .routes(routes!(jobs))
        .routes(routes!(release))
        .routes(routes!(remove))
        .routes(routes!(owners))
        .routes(routes!(jobs_of))
        .routes(routes!(release_of))
        .routes(routes!(printers))
        .routes(routes!(live))
}

/// The document of the interface, by `OpenAPI` 3.1.
pub fn document() -> String {
    let document = routes().into_openapi().to_pretty_json();
    document.expect("a document has only text keys") + "\n"
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "pullprint kiosk",
        version = "1",
        description = "What a person does at a release station, for programs. A station has one session at the most: \
            a sign-in ends the one before. A release names the version of the job that the person saw. Where the \
            kiosk has a secret, a program posts it once as the form field `secret` to /secret, and shows the cookie \
            that it gets with each request. What a browser sends from a page of another origin, or under a name that is \
            not the kiosk's, is answered 403; an unknown station 404; a kiosk whose secret was not brought 401.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    security(("session" = [])),
    modifiers(&BySession)
)]
struct Api;

struct BySession;

impl Modify for BySession {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let cookie =
            ApiKeyValue::with_description(SESSION, "given by the sign-in, good at its station");
        let scheme = SecurityScheme::ApiKey(ApiKey::Cookie(cookie));
        api.components.get_or_insert_default().add_security_scheme("session", scheme);
    }
}

/// JSON that says what is wrong with it in our own words.
struct Body<T>(T);

impl<T: DeserializeOwned> FromRequest<Arc<Kiosk>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, kiosk: &Arc<Kiosk>) -> Result<Self, Problem> {
        let Json(body) = Json::from_request(request, kiosk).await?;
        Ok(Self(body))
    }
}

/// The stations that have a screen.
#[utoipa::path(get, path = "/api/v1/stations", security(()),
    responses((status = 200, description = "the stations", body = Vec<StationBody>)))]
async fn stations(State(kiosk): State<Arc<Kiosk>>) -> Json<Vec<StationBody>> {
    Json(kiosk.stations().map(|station| StationBody::new(&station, kiosk.settings.pin)).collect())
}

/// What begins a session: a badge or a pass, with the PIN where that is wanted; or a name and the PIN, where that is
/// enough.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The number of a badge, as it is on the list of badges.
    badge: Option<String>,
    /// The pass of an event `badge`: a badge was shown at a reader of ours.
    pass: Option<String>,
    user_principal_name: Option<String>,
    #[schema(format = Password, value_type = Option<String>)]
    pin: Option<Zeroizing<String>>,
}

/// Begins a session. The station's session before is over.
#[utoipa::path(post, path = "/api/v1/stations/{station}/session", security(()), request_body = SignIn,
    params(("station" = String, Path)),
    responses(
        (status = 200, description = "the session has begun", body = PersonBody, headers(("set-cookie" = String, description = "the session"))),
        (status = 403, description = "nobody has that badge, the PIN is wrong, or is wanted", body = ProblemBody),
        (status = 429, description = "too many were wrong", body = ProblemBody)))]
async fn sign_in(
    visitor: Visitor,
    cookies: CookieJar,
    Body(body): Body<SignIn>,
) -> Result<(CookieJar, Json<PersonBody>), Problem> {
    let (kiosk, station) = (&visitor.kiosk, &visitor.station.name);
    let person = kiosk.identify(station, &body).await?;
    let now = Instant::now();
    let token = kiosk.sessions().begin(station, person, now);
    kiosk.acknowledge(station);
    let session = kiosk.sessions().look(station, token.as_str(), now);
    let (person, lasts) = session.ok_or(Problem::SignedOut)?;
    let path = station_path("/api/v1/stations", station);
    let cookie = guard::session_cookie(kiosk, &token, &path);
    let body = PersonBody::new(&person, lasts);
    let (kiosk, station) = (Arc::clone(kiosk), station.clone());
    tokio::spawn(async move { kiosk.welcome(&station, &person).await });
    Ok((cookies.add(cookie), Json(body)))
}

impl Kiosk {
    /// Who brings what begins a session.
    async fn identify(&self, station: &str, said: &SignIn) -> Result<Person, Problem> {
        let SignIn { badge, pass, user_principal_name, pin } = said;
        let pin = pin.as_ref().map(|pin| pin.as_str());
        let person = match (badge, pass, user_principal_name) {
            (Some(badge), None, None) => self.person_of_badge(station, badge).await?,
            (None, Some(pass), None) => {
                let person = self.sessions().person_of_pass(station, pass, Instant::now());
                person.ok_or(Problem::PassOver)?
            }
            (None, None, Some(upn)) => {
                return self.person_with_pin(station, upn, pin.unwrap_or_default()).await;
            }
            _ => {
                return Err(Problem::unreadable("name one of badge, pass and user_principal_name"));
            }
        };
        if self.settings.pin == PinRule::WithBadge {
            self.check_pin(station, &person, pin.ok_or(Problem::PinWanted)?).await?;
        }
        Ok(person)
    }

    async fn person_of_badge(&self, station: &str, badge: &str) -> Result<Person, Problem> {
        let place = Place::Badge(station.to_owned());
        self.try_at(&place)?;
        let person = self.desk.person_of(badge).await?.ok_or(Problem::UnknownBadge)?;
        self.throttle().give_back(&place);
        Ok(person)
    }
}

/// Who is signed in. Asking does not extend the session.
#[utoipa::path(get, path = "/api/v1/stations/{station}/session", params(("station" = String, Path)),
    responses((status = 200, description = "who it is", body = PersonBody), (status = 401, description = "nobody", body = ProblemBody)))]
async fn session(visitor: Visitor) -> Result<Json<PersonBody>, Problem> {
    let token = visitor.token.as_deref().unwrap_or_default();
    let session = visitor.kiosk.sessions().look(&visitor.station.name, token, Instant::now());
    let (person, lasts) = session.ok_or(Problem::SignedOut)?;
    Ok(Json(PersonBody::new(&person, lasts)))
}

/// Ends the session.
#[utoipa::path(delete, path = "/api/v1/stations/{station}/session", params(("station" = String, Path)),
    responses((status = 204, description = "it is over")))]
async fn sign_out(visitor: Visitor) -> StatusCode {
    let token = visitor.token.as_deref().unwrap_or_default();
    visitor.kiosk.sessions().end(&visitor.station.name, token, Instant::now());
    StatusCode::NO_CONTENT
}

/// The person is still there.
#[utoipa::path(post, path = "/api/v1/stations/{station}/session/extend", params(("station" = String, Path)),
    responses((status = 204, description = "it lasts on"), (status = 401, description = "it was over", body = ProblemBody)))]
async fn extend(_: SignedIn) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The person's jobs: those that wait, and what ended in the last 24 hours. Sentences are in the language that the
/// request asks for. The cloud is asked for newer ones; an event `jobs` tells when they are there.
#[utoipa::path(get, path = "/api/v1/stations/{station}/jobs", params(("station" = String, Path)),
    responses((status = 200, description = "the jobs", body = JobsBody),
        (status = 401, description = "nobody is signed in", body = ProblemBody),
        (status = 503, description = "the journal does not answer now", body = ProblemBody)))]
async fn jobs(SignedIn { visitor, person }: SignedIn) -> Result<Json<JobsBody>, Problem> {
    let kiosk = Arc::clone(&visitor.kiosk);
    let jobs = kiosk.desk.jobs(&person).await?;
    let freshness = kiosk.desk.freshness(&person);
    let body = JobsBody::new(visitor.words(), &jobs, freshness);
    tokio::spawn(async move { kiosk.desk.refresh(&person).await });
    Ok(Json(body))
}

/// A release of one job.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Release {
    /// The version of the job that the person saw.
    version: u64,
    /// A printer of the station; left out: its first.
    printer: Option<String>,
    /// What is printed otherwise than it was sent.
    #[serde(default)]
    change: ChangeBody,
    /// Whether the person was told that paper may already be out, and looked.
    #[serde(default)]
    reprint: bool,
}

/// Lets a job go to a printer.
#[utoipa::path(post, path = "/api/v1/stations/{station}/jobs/{job}/release", request_body = Release,
    params(("station" = String, Path), ("job" = i64, Path)),
    responses(
        (status = 202, description = "it is written down and will be printed"),
        (status = 400, description = "it does not read, or there is no such printer", body = ProblemBody),
        (status = 401, description = "nobody is signed in", body = ProblemBody),
        (status = 403, description = "the queue forbids the change", body = ProblemBody),
        (status = 404, description = "the person has no such job", body = ProblemBody),
        (status = 409, description = "it changed, does not wait, or may have printed", body = ProblemBody),
        (status = 503, description = "it can not be written down now", body = ProblemBody)))]
async fn release(
    SignedIn { visitor, person }: SignedIn,
    Path((_, job)): Path<(String, String)>,
    Body(body): Body<Release>,
) -> Result<StatusCode, Problem> {
    let order = ReleaseOrder {
        job: read_number(&job)?,
        version: body.version,
        printer: body.printer,
        change: body.change.read().map_err(Problem::unreadable)?,
        reprint: body.reprint,
    };
    let by = Asker::Owner(person.id.clone());
    visitor.kiosk.release(&visitor.station, by, order).await?;
    Ok(StatusCode::ACCEPTED)
}

fn read_number(text: &str) -> Result<JobNumber, Problem> {
    text.parse().map(JobNumber).map_err(|_| Problem::Refused(Refusal::NoSuchJob))
}

/// The people whom the person may collect for.
#[utoipa::path(get, path = "/api/v1/stations/{station}/people", params(("station" = String, Path)),
    responses((status = 200, description = "the people", body = Vec<OwnerBody>),
        (status = 401, description = "nobody is signed in", body = ProblemBody),
        (status = 503, description = "the journal does not answer now", body = ProblemBody)))]
async fn owners(SignedIn { visitor, person }: SignedIn) -> Result<Json<Vec<OwnerBody>>, Problem> {
    let owners = visitor.kiosk.desk.owners_of(&person).await?;
    Ok(Json(owners.into_iter().map(OwnerBody::new).collect()))
}

/// The jobs of somebody whom the person may collect for, those that have not ended.
#[utoipa::path(get, path = "/api/v1/stations/{station}/people/{person}/jobs",
    params(("station" = String, Path), ("person" = String, Path)),
    responses((status = 200, description = "the jobs", body = JobsBody),
        (status = 401, description = "nobody is signed in", body = ProblemBody),
        (status = 404, description = "the person does not collect for them", body = ProblemBody),
        (status = 503, description = "the journal does not answer now", body = ProblemBody)))]
async fn jobs_of(collector: Collector) -> Result<Json<JobsBody>, Problem> {
    let Collector { visitor, owner, .. } = collector;
    let kiosk = Arc::clone(&visitor.kiosk);
    let mut jobs = kiosk.desk.jobs(&owner).await?;
    jobs.retain(|job| !matches!(job.stage, Stage::Ended(..)));
    let body = JobsBody::new(visitor.words(), &jobs, kiosk.desk.freshness(&owner));
    tokio::spawn(async move { kiosk.desk.refresh(&owner).await });
    Ok(Json(body))
}

/// A release for somebody else: as it was sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseFor {
    /// The version of the job that the person saw.
    version: u64,
    /// A printer of the station; left out: its first.
    printer: Option<String>,
}

/// Lets a job of somebody else go to a printer, as it is. Who did so is journaled.
#[utoipa::path(post, path = "/api/v1/stations/{station}/people/{person}/jobs/{job}/release", request_body = ReleaseFor,
    params(("station" = String, Path), ("person" = String, Path), ("job" = i64, Path)),
    responses(
        (status = 202, description = "it is written down and will be printed"),
        (status = 400, description = "it does not read, or there is no such printer", body = ProblemBody),
        (status = 401, description = "nobody is signed in", body = ProblemBody),
        (status = 404, description = "there is no such job that the person may collect", body = ProblemBody),
        (status = 409, description = "it changed, does not wait, or may have printed", body = ProblemBody),
        (status = 503, description = "it can not be written down now", body = ProblemBody)))]
async fn release_of(
    collector: Collector,
    Path((_, _, job)): Path<(String, String, String)>,
    Body(body): Body<ReleaseFor>,
) -> Result<StatusCode, Problem> {
    let order = ReleaseOrder {
        job: read_number(&job)?,
        version: body.version,
        printer: body.printer,
        change: ConfigurationChange::default(),
        reprint: false,
    };
    let (by, visitor) = (collector.asker(), &collector.visitor);
    visitor.kiosk.release(&visitor.station, by, order).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Removes a job: it is aborted, with a reason that says that its owner did so.
#[utoipa::path(delete, path = "/api/v1/stations/{station}/jobs/{job}",
    params(("station" = String, Path), ("job" = i64, Path)),
    responses(
        (status = 202, description = "it is written down and will be removed"),
        (status = 401, description = "nobody is signed in", body = ProblemBody),
        (status = 404, description = "the person has no such job", body = ProblemBody),
        (status = 409, description = "it has ended", body = ProblemBody)))]
async fn remove(
    SignedIn { visitor, person }: SignedIn,
    Path((_, job)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    visitor.kiosk.remove(&person, read_number(&job)?).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The printers of the station as they are, the first of them first.
#[utoipa::path(get, path = "/api/v1/stations/{station}/printers", security(()), params(("station" = String, Path)),
    responses((status = 200, description = "the printers", body = Vec<PrinterBody>)))]
async fn printers(visitor: Visitor) -> Json<Vec<PrinterBody>> {
    let (desk, say) = (&visitor.kiosk.desk, visitor.words());
    let printers = join_all(visitor.station.printers.iter().map(|name| desk.printer(name))).await;
    Json(printers.iter().map(|printer| PrinterBody::new(say, printer)).collect())
}

/// What happens at the station: `badge` (its data is a pass for a sign-in), `unknown`, `changing` and `not-now` (a
/// badge that is nobody's, that says another number at each time, or that could not be looked up), `jobs` (a job of the
/// person who is signed in, or of somebody whom they may collect for, has changed).
#[utoipa::path(get, path = "/api/v1/stations/{station}/events", security(()), params(("station" = String, Path)),
    responses((status = 200, description = "the events, for as long as it is listened to", content_type = "text/event-stream", body = String)))]
async fn live(visitor: Visitor) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let Visitor { kiosk, station, token, .. } = visitor;
    events::events(kiosk, station.name, token, |told| match told {
        LiveEvent::TapNews(TapNews::Badge(pass)) => {
            Event::default().event("badge").data(pass.as_str())
        }
        LiveEvent::TapNews(TapNews::Unknown(_)) => Event::default().event("unknown").data("-"),
        LiveEvent::TapNews(TapNews::Changing) => Event::default().event("changing").data("-"),
        LiveEvent::TapNews(TapNews::NotNow) => Event::default().event("not-now").data("-"),
        LiveEvent::Jobs => Event::default().event("jobs").data("-"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_made_of_the_routes() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/kiosk-api.json");
        if std::env::var_os("PULLPRINT_BLESS").is_some() {
            std::fs::write(path, document()).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap();
        assert_eq!(kept, document(), "run the tests with PULLPRINT_BLESS=1 to write it anew");
    }
}
