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
use serde::Deserialize;

use super::{
    Kiosk, TapNews, administrator, assets,
    desk::{JobView, PrinterView, Stage},
    error::Problem,
    events::{self, LiveEvent},
    form::{Choices, SettingsForm},
    frame::{Frame, Notice},
    list::{JobCard, List},
    orders::ReleaseOrder,
    visitor::{SignedIn, Visitor, station_path},
    ways_in,
    words::Words,
};
use crate::model::{
    ConfigurationChange, JobNumber, PrinterName, Refusal,
    people::{Person, PinRule},
    printer::Standing,
    station::StationSettings,
};

/// The most jobs of one order.
const MOST_CHOSEN: usize = 200;

pub(super) fn routes() -> Router<Arc<Kiosk>> {
    ways_in::routes()
        .merge(administrator::routes())
        .route("/", get(pick))
        .route("/assets/{name}", get(assets::asset))
        .route("/stations/{station}", get(idle))
        .route("/stations/{station}/events", get(station_events))
        .route("/stations/{station}/printer", get(printer))
        .route("/stations/{station}/jobs", get(jobs))
        .route("/stations/{station}/where", post(choose_printer))
        .route("/stations/{station}/release", post(release))
        .route("/stations/{station}/jobs/{job}", get(settings))
        .route("/stations/{station}/jobs/{job}/release", post(release_changed))
        .route("/stations/{station}/jobs/{job}/remove", get(ask_remove).post(remove))
}

/// A page, or the part of one.
pub(super) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!("a page could not be written: {error}");
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
struct PrinterPart {
    name: String,
    tone: &'static str,
    sign: &'static str,
    standing: String,
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
    let (tone, sign) = look(&here.standing);
    let standing = say.standing(&here.standing);
    page(&PrinterPart { name: first.to_string(), tone, sign, standing, neighbor })
}

fn is_bad(standing: &Standing) -> bool {
    matches!(standing, Standing::Trouble(_) | Standing::Unreachable)
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

#[derive(Template)]
#[template(path = "jobs.html")]
struct JobsPage {
    frame: Frame,
    list: List,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPart {
    frame: Frame,
    list: List,
}

/// The list: at once from the journal, while the cloud is asked for what is new.
async fn jobs(SignedIn { visitor, person }: SignedIn, Query(notice): Query<Notice>) -> Response {
    let (kiosk, say) = (Arc::clone(&visitor.kiosk), visitor.words());
    let jobs = kiosk.desk.jobs(&person).await;
    if !visitor.by_itself {
        let (kiosk, person) = (Arc::clone(&kiosk), person.clone());
        tokio::spawn(async move { kiosk.desk.refresh(&person).await });
    }
    let Ok(jobs) = jobs else { return unavailable(&visitor) };
    let list = List::new(say, &jobs, kiosk.desk.freshness(&person));
    let frame = Frame::new(&visitor).with_notice(&notice);
    if visitor.by_itself {
        page(&ListPart { frame, list })
    } else {
        page(&JobsPage { frame, list })
    }
}

/// The journal does not answer: the idle screen says so.
fn unavailable(visitor: &Visitor) -> Response {
    let told = Some(visitor.words().say("idle-not-now"));
    page(&IdlePage::new(visitor, told))
}

/// The jobs that were chosen, each with the version that was shown.
#[derive(Deserialize)]
struct ChosenForm {
    #[serde(default)]
    job: Vec<String>,
    printer: Option<String>,
}

/// A chosen job: `number.version`.
fn read_chosen(text: &str) -> Option<(JobNumber, u64)> {
    let (number, version) = text.split_once('.')?;
    Some((JobNumber(number.parse().ok()?), version.parse().ok()?))
}

#[derive(Template)]
#[template(path = "where.html")]
struct WherePage {
    frame: Frame,
    jobs: Vec<String>,
    printers: Vec<PrinterPart>,
}

async fn choose_printer(signed_in: SignedIn, Form(form): Form<ChosenForm>) -> Response {
    let SignedIn { visitor, .. } = signed_in;
    if form.job.is_empty() {
        return to_list(&visitor, &Notice::of("nothing"));
    }
    let say = visitor.words();
    let others = visitor.station.printers.iter().skip(1);
    let printers = join_all(others.map(|name| visitor.kiosk.desk.printer(name))).await;
    let part = |one: &PrinterView| {
        let (tone, sign) = look(&one.standing);
        let (name, standing) = (one.name.to_string(), say.standing(&one.standing));
        PrinterPart { name, tone, sign, standing, neighbor: None }
    };
    let printers = printers.iter().map(part).collect();
    page(&WherePage { frame: Frame::new(&visitor), jobs: form.job, printers })
}

async fn release(signed_in: SignedIn, Form(form): Form<ChosenForm>) -> Response {
    let SignedIn { visitor, person } = signed_in;
    let mut chosen: Vec<_> = form.job.iter().filter_map(|text| read_chosen(text)).collect();
    chosen.truncate(MOST_CHOSEN);
    // Oldest first, as they were printed.
    chosen.sort_unstable();
    let printer = form.printer.clone().filter(|printer| !printer.is_empty());
    let mut notice = Notice::of("nothing");
    for (i, (job, version)) in chosen.into_iter().enumerate() {
        let (printer, change) = (printer.clone(), ConfigurationChange::default());
        let order = ReleaseOrder { job, version, printer, change, reprint: false };
        let result = visitor.kiosk.release(&visitor.station, &person, order).await;
        // One that was refused is what a person must hear of.
        if i == 0 || result.is_err() {
            notice = outcome(&visitor, form.printer.as_deref(), result);
        }
    }
    to_list(&visitor, &notice)
}

fn outcome(visitor: &Visitor, printer: Option<&str>, result: Result<(), Problem>) -> Notice {
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

fn to_list(visitor: &Visitor, notice: &Notice) -> Response {
    Redirect::to(&format!("{}/jobs?{}", visitor.base(), notice.query())).into_response()
}

/// A job of the person that has a page; otherwise what leads back to the list.
async fn find_job(visitor: &Visitor, person: &Person, job: i64) -> Result<JobView, Response> {
    let jobs = visitor.kiosk.desk.jobs(person).await;
    let jobs = jobs.map_err(|_| to_list(visitor, &Notice::of("not-now")))?;
    let open = |one: &JobView| matches!(one.stage, Stage::Waiting | Stage::Barred);
    let found = jobs.into_iter().find(|one| one.number.0 == job && open(one));
    found.ok_or_else(|| to_list(visitor, &Notice::of("not-waiting")))
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
        return to_list(&visitor, &Notice::of("no-such-printer"));
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
        return to_list(&visitor, &Notice::of("changed"));
    };
    let order = ReleaseOrder {
        job: job.number,
        version: form.version,
        printer: form.printer.clone(),
        change,
        reprint: form.reprint == "yes",
    };
    let result = visitor.kiosk.release(&visitor.station, &person, order).await;
    to_list(&visitor, &outcome(&visitor, form.printer.as_deref(), result))
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
    to_list(&visitor, &notice)
}
