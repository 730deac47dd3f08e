//! What monitoring asks over HTTP: `/metrics`, `/health/live` and `/health/ready`.
//!
//! It promises: no title, person, id or secret; no job is changed by asking. Printers are asked how they are.
//! Deliberately absent: any login. It listens where the configuration says.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Mutex, time::Instant};
use tracing::warn;

use super::{deeds::Deeds, health::Health};
use crate::{
    journal::reader::JournalReader,
    model::{PrinterName, printer::Standing, station::StationSettings},
    printer::standing,
    telemetry::metrics::{Metrics, Moment},
};

/// How long the loop may give no sign of life and be taken for alive.
const LOOP_PATIENCE: Duration = Duration::from_secs(90);
/// How long what the printers said is told again, so that who asks often asks them no more often.
const PRINTERS_MEMORY: Duration = Duration::from_secs(10);

/// What is asked about.
#[derive(Clone)]
pub(super) struct Observed {
    pub(super) metrics: Arc<Metrics>,
    pub(super) health: Arc<Health>,
    pub(super) deeds: Arc<Deeds>,
    pub(super) journal: JournalReader,
    pub(super) printers: Arc<PrintersMemory>,
}

/// How the printers are by what they said last, and when that was.
pub(super) type PrintersMemory = Mutex<Option<(Instant, Vec<(PrinterName, Standing)>)>>;

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, observed: Observed) {
    let routes = Router::new()
        .route("/metrics", get(metrics))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(observed);
    if let Err(error) = axum::serve(listener, routes).await {
        warn!(id = "monitoring-ended", "monitoring is not answered any more: {error}");
    }
}

async fn metrics(State(observed): State<Observed>) -> Response {
    let Observed { metrics, health, journal, .. } = &observed;
    let counts = journal.counts().await;
    let oldest = journal.oldest_held().await;
    let (Ok(counts), Ok(oldest)) = (counts, oldest) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let age = oldest.map(|created| Timestamp::now().duration_since(created));
    let age = age.and_then(|age| Duration::try_from(age).ok()).unwrap_or_default();
    let troubles: Vec<&str> = health.troubles().iter().map(|(trouble, _)| trouble.code()).collect();
    let printers = printers(&observed).await;
    let printers: Vec<(&str, &str)> =
        printers.iter().map(|(name, standing)| (name.as_str(), standing.word())).collect();
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let moment = Moment { jobs: &counts, oldest: age, troubles: &troubles, printers: &printers };
    ([(header::CONTENT_TYPE, kind)], metrics.text(&moment)).into_response()
}

/// How the printers of the configuration are. Who asks and does not wait for the answer leaves it to the next one.
async fn printers(observed: &Observed) -> Vec<(PrinterName, Standing)> {
    let observed = observed.clone();
    tokio::spawn(async move { ask_printers(&observed).await }).await.unwrap_or_default()
}

/// All are asked at once.
async fn ask_printers(observed: &Observed) -> Vec<(PrinterName, Standing)> {
    let mut memory = observed.printers.lock().await;
    if let Some((_, told)) = memory.as_ref().filter(|(at, _)| at.elapsed() < PRINTERS_MEMORY) {
        return told.clone();
    }
    let printers = observed.deeds.printers();
    let told = join_all(printers.iter().map(|printer| async {
        (printer.settings.name.clone(), standing(printer.glance().await.as_deref()))
    }))
    .await;
    *memory = Some((Instant::now(), told.clone()));
    told
}

/// Whether the loop works.
async fn live(State(observed): State<Observed>) -> Response {
    let since = observed.health.since_beat();
    let alive = since < LOOP_PATIENCE;
    let status = if alive { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"alive": alive, "seconds_since_sign": since.as_secs()}))).into_response()
}

/// Which station is meant; all of the daemon where none is named.
#[derive(Deserialize)]
struct Which {
    station: Option<String>,
}

/// Whether releases are possible now, and if not, which link is broken.
async fn ready(State(observed): State<Observed>, Query(which): Query<Which>) -> Response {
    let settings = observed.deeds.settings();
    let named = which.station.as_ref();
    let station = named.map(|name| settings.stations.iter().find(|one| one.name == *name));
    let mut broken: Vec<Value> = Vec::new();
    for (trouble, sentence) in observed.health.troubles() {
        if trouble.stops_releases() {
            broken.push(json!({"link": trouble.code(), "why": sentence}));
        }
    }
    match station {
        Some(None) => return StatusCode::NOT_FOUND.into_response(),
        Some(Some(station)) => broken.extend(links_of(&observed, station).await),
        None => {}
    }
    let ready = broken.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": ready, "broken": broken}))).into_response()
}

/// What is broken at a station: all its readers, or its first printer.
async fn links_of(observed: &Observed, station: &StationSettings) -> Vec<Value> {
    let away = observed.health.readers_away();
    let mut broken = Vec::new();
    if !station.readers.is_empty() && station.readers.iter().all(|one| away.contains(one)) {
        let why = format!("no reader is there: {}", station.readers.join(", "));
        broken.push(json!({"link": "reader", "why": why}));
    }
    if let Some(why) = match station.printers.first() {
        Some(first) => printer_trouble(&observed.deeds, first).await,
        None => Some("it has no printer".to_owned()),
    } {
        broken.push(json!({"link": "printer", "why": why}));
    }
    broken
}

/// Why nothing comes out there; of a pool, why nothing comes out of any. One in the cloud is taken to be well.
async fn printer_trouble(deeds: &Deeds, name: &PrinterName) -> Option<String> {
    let settings = deeds.settings();
    let names = settings.pool(name).map_or_else(|| vec![name.clone()], |pool| pool.members.clone());
    let mut whys = Vec::new();
    for name in names {
        let printer = deeds.printer(&name)?;
        match standing(printer.glance().await.as_deref()) {
            Standing::Trouble(_) => whys.push(format!("{name} is stopped")),
            Standing::Unreachable => whys.push(format!("{name} does not answer")),
            Standing::Ready | Standing::Busy | Standing::Unknown => return None,
        }
    }
    Some(whys.join(", "))
}
