//! The pages of a list: what waits, where it shall come out, and its release.
//!
//! It promises: a list is its owner's, or of somebody whom the person collects for. Deliberately absent: what is said of
//! a job (`list`), and changes of its settings (`pages`).

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::Query,
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use futures_util::future::join_all;
use serde::Deserialize;

use super::{
    Kiosk,
    collector::Collector,
    frame::{Frame, Notice},
    list::List,
    orders::ReleaseOrder,
    pages::{PrinterPart, outcome, page, unavailable},
};
use crate::model::{ConfigurationChange, JobNumber};

/// The most jobs of one order.
const MOST_CHOSEN: usize = 200;

pub(super) fn routes() -> Router<Arc<Kiosk>> {
    Router::new()
        .route("/stations/{station}/jobs", get(jobs))
        .route("/stations/{station}/where", post(choose_printer))
        .route("/stations/{station}/release", post(release))
        .route("/stations/{station}/people/{person}/jobs", get(jobs))
        .route("/stations/{station}/people/{person}/where", post(choose_printer))
        .route("/stations/{station}/people/{person}/release", post(release))
}

#[derive(Template)]
#[template(path = "jobs.html")]
struct JobsPage {
    frame: Frame,
    /// The path of the list's pages.
    base: String,
    list: List,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPart {
    frame: Frame,
    base: String,
    list: List,
}

/// The list: at once from the journal, while the cloud is asked for what is new.
async fn jobs(collector: Collector, Query(notice): Query<Notice>) -> Response {
    let Collector { visitor, owner, .. } = &collector;
    let (kiosk, say) = (Arc::clone(&visitor.kiosk), visitor.words());
    let jobs = kiosk.desk.jobs(owner).await;
    if !visitor.by_itself {
        let (kiosk, owner) = (Arc::clone(&kiosk), owner.clone());
        let station = visitor.station.name.clone();
        // What its owner's badge would have begun.
        let begins = collector.is_delegate();
        tokio::spawn(async move {
            if begins {
                kiosk.welcome(&station, &owner).await
            } else {
                kiosk.desk.refresh(&owner).await
            }
        });
    }
    let Ok(jobs) = jobs else { return unavailable(visitor) };
    let mut list = List::new(say, &jobs, kiosk.desk.freshness(owner));
    if collector.is_delegate() {
        list.narrow_for_delegate(say, owner);
    } else {
        let owners = kiosk.desk.owners_of(owner).await.unwrap_or_default();
        list.owners = owners.iter().map(|one| (one.label().to_owned(), one.id.clone())).collect();
    }
    let (frame, base) = (Frame::new(visitor).with_notice(&notice), collector.base());
    if visitor.by_itself {
        page(&ListPart { frame, base, list })
    } else {
        page(&JobsPage { frame, base, list })
    }
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
    base: String,
    jobs: Vec<String>,
    printers: Vec<PrinterPart>,
}

async fn choose_printer(collector: Collector, Form(form): Form<ChosenForm>) -> Response {
    let visitor = &collector.visitor;
    if form.job.is_empty() {
        return collector.to_list(&Notice::of("nothing"));
    }
    let say = visitor.words();
    let others = visitor.station.printers.iter().skip(1);
    let printers = join_all(others.map(|name| visitor.kiosk.desk.printer(name))).await;
    let printers = printers.iter().map(|one| PrinterPart::new(say, one)).collect();
    let (frame, base) = (Frame::new(visitor), collector.base());
    page(&WherePage { frame, base, jobs: form.job, printers })
}

async fn release(collector: Collector, Form(form): Form<ChosenForm>) -> Response {
    let visitor = &collector.visitor;
    let mut chosen: Vec<_> = form.job.iter().filter_map(|text| read_chosen(text)).collect();
    chosen.truncate(MOST_CHOSEN);
    // Oldest first, as they were printed.
    chosen.sort_unstable();
    let printer = form.printer.clone().filter(|printer| !printer.is_empty());
    let mut notice = Notice::of("nothing");
    for (i, (job, version)) in chosen.into_iter().enumerate() {
        let (printer, change) = (printer.clone(), ConfigurationChange::default());
        let order = ReleaseOrder { job, version, printer, change, reprint: false };
        let result = visitor.kiosk.release(&visitor.station, collector.asker(), order).await;
        // One that was refused is what a person must hear of.
        if i == 0 || result.is_err() {
            notice = outcome(visitor, form.printer.as_deref(), result);
        }
    }
    collector.to_list(&notice)
}
