//! Documents that are fetched before they are released: when their owner's badge was shown, or when the job was claimed.
//!
//! It promises: no more octets of documents as they were sent, and no longer, than configured; what is here is whole, as a
//! release would have fetched it. Deliberately absent: whether a job may be released, and keeping anything over a restart.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use tokio::time::interval;
use tracing::{Instrument, debug, info};

use super::{deeds::Deeds, job_span::job_span};
use crate::{
    document::{Spooled, sniff},
    flow::{Job, State},
    model::{DocumentFormat, DocumentId, DocumentWork, JobNumber, PrinterName, settings::Prefetch},
    printer::ticket::ticket,
};

const EACH: Duration = Duration::from_mins(1);

/// The documents that are here, or are coming.
#[derive(Debug, Default)]
pub(super) struct Ahead(Mutex<HashMap<JobNumber, Arc<Place>>>);

/// The place of one document.
#[derive(Debug)]
struct Place {
    begun: Instant,
    /// As the cloud named it.
    document: DocumentId,
    /// As the cloud announced them.
    octets: u64,
    /// Held while it is coming; nothing if it did not come.
    fetched: tokio::sync::Mutex<Option<Fetched>>,
}

/// A document that was fetched ahead.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) document: Arc<Spooled>,
    /// What it becomes for the printer where the badge was shown, and what is missing in that.
    pub(super) prepared: Option<(DocumentWork, Arc<Spooled>, String)>,
}

/// A document on its way. Whoever fetches it may give up: then its place is free again.
struct Coming<'a> {
    ahead: &'a Ahead,
    job: JobNumber,
    came: bool,
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        if !self.came {
            self.ahead.forget(self.job);
        }
    }
}

impl Ahead {
    fn places(&self) -> MutexGuard<'_, HashMap<JobNumber, Arc<Place>>> {
        self.0.lock().expect("nothing panics while it is held")
    }

    /// A place for a document; nothing if it has one, or if there is no room.
    fn begin(
        &self,
        job: JobNumber,
        document: DocumentId,
        octets: u64,
        room: u64,
    ) -> Option<Arc<Place>> {
        let mut places = self.places();
        let used: u64 = places.values().map(|place| place.octets).sum();
        if places.contains_key(&job) || used.saturating_add(octets) > room {
            return None;
        }
        let (begun, fetched) = (Instant::now(), tokio::sync::Mutex::default());
        let place = Arc::new(Place { begun, document, octets, fetched });
        places.insert(job, Arc::clone(&place));
        Some(place)
    }

    /// That document of a job, if it is here; while it is coming, it is waited for.
    pub(super) async fn get(&self, job: JobNumber, document: &DocumentId) -> Option<Fetched> {
        let place = self.places().get(&job).filter(|place| place.document == *document).cloned()?;
        let fetched = place.fetched.lock().await;
        fetched.clone()
    }

    /// Its job is past its release.
    pub(super) fn forget(&self, job: JobNumber) {
        self.places().remove(&job);
    }

    fn expire(&self, time: Duration) {
        self.places().retain(|_, place| place.begun.elapsed() < time);
    }
}

/// What waited too long is forgotten.
pub(super) async fn keep(deeds: Arc<Deeds>) {
    let mut pulse = interval(EACH);
    loop {
        pulse.tick().await;
        deeds.ahead.expire(deeds.settings().ahead.time);
    }
}

impl Deeds {
    /// Whether documents of a job's queue are fetched at this moment, and the job could use it.
    pub(super) fn wants_ahead(&self, job: &Job, moment: Prefetch) -> bool {
        let settings = self.settings();
        let queue = settings.queue(&job.cloud_job.source_printer);
        job.state == State::Held
            && queue.is_some_and(|queue| queue.prefetch == moment && queue.release_to.is_none())
    }

    /// Fetches a held job's document as its queue wants it, for whoever stands at that printer.
    pub(super) async fn fetch_ahead(&self, job: &Job, moment: Prefetch, at: Option<&PrinterName>) {
        if self.wants_ahead(job, moment) {
            let span = job_span(job, &self.settings().log);
            self.fetch_now(job, at).instrument(span).await;
        }
    }

    /// The sheets that a held job becomes, if its document can be fetched and counted.
    pub(super) async fn count_sheets(&self, job: &Job) -> Option<u64> {
        self.fetch_now(job, None).instrument(job_span(job, &self.settings().log)).await;
        let fetched = self.ahead.get(job.number, &job.facts.document.as_ref()?.id).await?;
        let _turn = self.conversions.acquire().await.expect("it is never closed");
        let n_pages = self.converter().count_pages(&fetched.document).await.ok()?;
        Some(job.facts.configuration.sheets(n_pages))
    }

    async fn fetch_now(&self, job: &Job, at: Option<&PrinterName>) {
        let named = job.facts.document.as_ref();
        let Some((document, octets)) = named.and_then(|one| Some((one.id.clone(), one.octets?)))
        else {
            return;
        };
        let room = self.settings().ahead.octets;
        let Some(place) = self.ahead.begin(job.number, document, octets, room) else { return };
        let mut coming = Coming { ahead: &self.ahead, job: job.number, came: false };
        let mut fetched = place.fetched.lock().await;
        let downloaded = {
            let _turn = self.downloads.acquire().await.expect("it is never closed");
            self.download(job).await
        };
        let Ok(document) = downloaded else {
            return debug!("its document could not be fetched ahead");
        };
        info!(octets = document.octets, "its document was fetched ahead");
        let document = Arc::new(document);
        let prepared = self.prepare_ahead(job, &document, at).await;
        *fetched = Some(Fetched { document, prepared });
        coming.came = true;
    }

    /// What the document becomes for a printer, as the job was sent.
    async fn prepare_ahead(
        &self,
        job: &Job,
        document: &Arc<Spooled>,
        at: Option<&PrinterName>,
    ) -> Option<(DocumentWork, Arc<Spooled>, String)> {
        let label = job.facts.document.as_ref()?.content_type.as_deref();
        let work = self.work_at(job, &sniff(document.head(), label), at?).await?;
        if work.is_none() {
            return None;
        }
        let (prepared, missing) = self.prepare(job.number, document, &work).await.ok()?;
        Some((work, prepared, missing))
    }

    async fn work_at(
        &self,
        job: &Job,
        format: &DocumentFormat,
        at: &PrinterName,
    ) -> Option<DocumentWork> {
        let settings = self.settings();
        let name = settings.pool(at).map_or(at, |pool| pool.members.first().unwrap_or(at));
        let printer = self.printer(name)?;
        let can = printer.capabilities().await.ok()?;
        let rules = self.rules(&printer, job);
        ticket(&job.facts.configuration, format, &can, &rules).ok().map(|ticket| ticket.work)
    }
}
