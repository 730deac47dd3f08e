//! The pages: what a person sees, and what they press.
//!
//! It promises: each page works with keys alone; what a person sees is theirs.
//! Deliberately absent: words (`words`), and what follows from an order (`orders`).

use std::{convert::Infallible, sync::Arc};

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{
        Html, IntoResponse, Redirect, Response,
        sse::{Event, Sse},
    },
    routing::{get, post},
};
use axum_extra::extract::Form;
use futures_util::{Stream, future::join_all};

use super::{
    Kiosk, TapNews, administrator, assets,
    desk::{JobView, PrinterView, Stage},
    error::Problem,
    events::{self, LiveEvent},
    form::{Choices, SettingsForm},
    frame::{Frame, Notice},
    list::JobCard,
    list_pages,
    orders::ReleaseOrder,
    visitor::{SignedIn, Visitor, station_path},
    ways_in,
    words::Words,
};
use crate::model::{
    Asker, JobNumber, PrinterName, Refusal,
    people::{Person, PinRule},
    printer::Standing,
    station::StationSettings,
};

pub(super) fn routes() -> Router<Arc<Kiosk>> {
    ways_in::routes()
        .merge(administrator::routes())
        .merge(list_pages::routes())
        .route("/", get(pick))
        .route("/assets/{name}", get(assets::asset))
        .route("/stations/{station}", get(idle))
        .route("/stations/{station}/events", get(station_events))
        .route("/stations/{station}/printer", get(printer))
        .route("/stations/{station}/jobs/{job}", get(settings))
        .route("/stations/{station}/jobs/{job}/release", post(release_changed))
        .route("/stations/{station}/jobs/{job}/remove", get(ask_remove).post(remove))
}

/// A page, or the part of one.
pub(super) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(id = "page-not-written", "a page could not be written: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[derive(Template)]
#[template(path = "pick.html")]
struct PickPage {
    frame: Frame,
    stations: Vec<(String, String)>,
}

/// Which screen is this? Where there is one station, that.
async fn pick(State(kiosk): State<Arc<Kiosk>>) -> Response {
    let path = |station: StationSettings| {
        let path = station_path("/stations", &station.name);
        (station.name, path)
    };
    let stations: Vec<(String, String)> = kiosk.stations().map(path).collect();
    match &stations[..] {
        [(_, path)] => Redirect::to(path).into_response(),
        _ => page(&PickPage { frame: Frame::outside(&kiosk), stations }),
    }
}

#[derive(Template)]
#[template(path = "idle.html")]
struct IdlePage {
    frame: Frame,
    told: Option<String>,
    /// Whether a name and a PIN are a way in.
    names: bool,
}

impl IdlePage {
    fn new(visitor: &Visitor, told: Option<String>) -> Self {
        let names = visitor.kiosk.settings.pin == PinRule::OrBadge;
        Self { frame: Frame::new(visitor), told, names }
    }
}

async fn idle(visitor: Visitor, Query(notice): Query<Notice>) -> Response {
    let over = notice.notice.as_deref() == Some("over");
    let told = over.then(|| visitor.words().say("notice-over"));
    page(&IdlePage::new(&visitor, told))
}

#[derive(Template)]
#[template(path = "badge.html")]
struct BadgePart<'a> {
    base: &'a str,
    pass: &'a str,
}

#[derive(Template)]
#[template(path = "unknown.html")]
struct UnknownPart<'a> {
    say: Words,
    told: String,
    base: &'a str,
    register: Option<String>,
}

async fn station_events(visitor: Visitor) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (base, say) = (visitor.base(), visitor.words());
    let Visitor { kiosk, station, token, .. } = visitor;
    events::events(kiosk, station.name, token, move |told| {
        let lets_nobody_in = |event: &str, key: &str, register: Option<String>| {
            let part = UnknownPart { say, told: say.say(key), base: &base, register };
            Event::default().event(event).data(part.render().unwrap_or_default().trim())
        };
        match told {
            LiveEvent::Jobs => Event::default().event("jobs").data("-"),
            LiveEvent::TapNews(TapNews::Unknown(registration)) => {
                let register = registration.map(|id| format!("{base}/register/{id}"));
                lets_nobody_in("unknown", "idle-unknown", register)
            }
            LiveEvent::TapNews(TapNews::Changing) => {
                lets_nobody_in("changing", "register-changing", None)
            }
            LiveEvent::TapNews(TapNews::NotNow) => lets_nobody_in("not-now", "idle-not-now", None),
            LiveEvent::TapNews(TapNews::Badge(pass)) => {
                let part = BadgePart { base: &base, pass: pass.as_str() };
                Event::default().event("badge").data(part.render().unwrap_or_default().trim())
            }
        }
    })
}

#[derive(Template)]
#[template(path = "printer.html")]
pub(super) struct PrinterPart {
    pub(super) name: String,
    pub(super) tone: &'static str,
    pub(super) sign: &'static str,
    pub(super) standing: String,
    neighbor: Option<String>,
}

/// How the station's printer is, and which neighbor is well if it is not.
async fn printer(visitor: Visitor) -> Response {
    let (kiosk, say) = (&visitor.kiosk, visitor.words());
    let Some((first, others)) = visitor.station.printers.split_first() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let here = kiosk.desk.printer(first).await;
    let mut neighbor = None;
    if is_bad(&here.standing) {
        let others = join_all(others.iter().map(|name| kiosk.desk.printer(name))).await;
        let well = others.iter().find(|one| one.standing == Standing::Ready);
        neighbor = well.map(|one| say.with("printer-neighbor", "printer", one.name.as_str()));
    }
    page(&PrinterPart { neighbor, ..PrinterPart::new(say, &here) })
}

fn is_bad(standing: &Standing) -> bool {
    matches!(standing, Standing::Trouble(_) | Standing::Unreachable)
}

impl PrinterPart {
    /// A printer to choose.
    pub(super) fn new(say: Words, printer: &PrinterView) -> Self {
        let (tone, sign) = look(&printer.standing);
        let (name, standing) = (printer.name.to_string(), say.standing(&printer.standing));
        Self { name, tone, sign, standing, neighbor: None }
    }
}

/// The color and the sign of a printer's standing: never a color alone.
fn look(standing: &Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Ready => ("good", "✓"),
        Standing::Busy => ("work", "…"),
        Standing::Trouble(_) | Standing::Unreachable => ("bad", "!"),
        Standing::Unknown => ("", "☁"),
    }
}

/// The journal does not answer: the idle screen says so.
pub(super) fn unavailable(visitor: &Visitor) -> Response {
    let told = Some(visitor.words().say("idle-not-now"));
    page(&IdlePage::new(visitor, told))
}

/// What came of an order.
pub(super) fn outcome(
    visitor: &Visitor,
    printer: Option<&str>,
    result: Result<(), Problem>,
) -> Notice {
    let here = visitor.station.printers.first().map(PrinterName::as_str);
    match result {
        Ok(()) => Notice::at("released", printer.filter(|one| !one.is_empty()).or(here)),
        Err(Problem::Refused(refusal)) => Notice::of(match refusal {
            Refusal::NoSuchJob => "not-waiting",
            refusal => Problem::Refused(refusal).code(),
        }),
        Err(_) => Notice::of("not-now"),
    }
}

/// A job of the person that has a page; otherwise what leads back to the list.
async fn find_job(visitor: &Visitor, person: &Person, job: i64) -> Result<JobView, Response> {
    let jobs = visitor.kiosk.desk.jobs(person).await;
    let jobs = jobs.map_err(|_| visitor.to_list(&Notice::of("not-now")))?;
    let open = |one: &JobView| matches!(one.stage, Stage::Waiting | Stage::Barred);
    let found = jobs.into_iter().find(|one| one.number.0 == job && open(one));
    found.ok_or_else(|| visitor.to_list(&Notice::of("not-waiting")))
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    job: JobCard,
    form: Choices,
    neighbors: Vec<String>,
}

async fn settings(signed_in: SignedIn, Path((_, job)): Path<(String, i64)>) -> Response {
    let SignedIn { visitor, person } = signed_in;
    let job = match find_job(&visitor, &person, job).await {
        Ok(job) => job,
        Err(back) => return back,
    };
    let Some((first, others)) = visitor.station.printers.split_first() else {
        return visitor.to_list(&Notice::of("no-such-printer"));
    };
    let printer = visitor.kiosk.desk.printer(first).await;
    let form = Choices::new(&job, &printer);
    let neighbors = others.iter().map(ToString::to_string).collect();
    let job = JobCard::new(visitor.words(), &job);
    page(&SettingsPage { frame: Frame::new(&visitor), job, form, neighbors })
}

async fn release_changed(
    signed_in: SignedIn,
    Path((_, number)): Path<(String, i64)>,
    Form(form): Form<SettingsForm>,
) -> Response {
    let SignedIn { visitor, person } = signed_in;
    let job = match find_job(&visitor, &person, number).await {
        Ok(job) => job,
        Err(back) => return back,
    };
    let Some(change) = form.change(&job.configuration) else {
        return visitor.to_list(&Notice::of("changed"));
    };
    let order = ReleaseOrder {
        job: job.number,
        version: form.version,
        printer: form.printer.clone(),
        change,
        reprint: form.reprint == "yes",
    };
    let by = Asker::Owner(person.id.clone());
    let result = visitor.kiosk.release(&visitor.station, by, order).await;
    visitor.to_list(&outcome(&visitor, form.printer.as_deref(), result))
}

#[derive(Template)]
#[template(path = "remove.html")]
struct RemovePage {
    frame: Frame,
    job: JobCard,
}

async fn ask_remove(signed_in: SignedIn, Path((_, job)): Path<(String, i64)>) -> Response {
    let SignedIn { visitor, person } = signed_in;
    match find_job(&visitor, &person, job).await {
        Ok(job) => {
            let job = JobCard::new(visitor.words(), &job);
            page(&RemovePage { frame: Frame::new(&visitor), job })
        }
        Err(back) => back,
    }
}

async fn remove(signed_in: SignedIn, Path((_, job)): Path<(String, i64)>) -> Response {
    let SignedIn { visitor, person } = signed_in;
    let notice = match visitor.kiosk.remove(&person, JobNumber(job)).await {
        Ok(()) => Notice::of("removed"),
        Err(problem) => outcome(&visitor, None, Err(problem)),
    };
    visitor.to_list(&notice)
}
