//! The deed of fetching a document: download, check, recognize, prepare, keep.
//!
//! It promises: a document is kept only when it is whole and its size is the cloud's; what the printer can not do is
//! done to it, or the job is sent elsewhere, or it is aborted with a reason that says so.

use std::sync::Arc;

use futures_util::StreamExt;
use tracing::{info, warn};

use super::{
    ahead::Fetched,
    deeds::{Deeds, failed},
    kill_point,
    places::Place,
};
use crate::{
    document::{ConvertError, Converter, Prepared, SpoolError, Spooled, sniff},
    flow::{Destination, DocumentFacts, End, Job},
    model::{
        AbortReason, Capabilities, DocumentFormat, DocumentWork, Failure, JobConfiguration,
        JobNumber, PrinterName, Reason,
    },
    policy,
    printer::ticket::ticket,
};

impl Deeds {
    pub(super) async fn fetch_document(&self, job: &Job) -> End {
        let (document, prepared) = match self.fetch(job).await {
            Ok(Fetched { document, prepared }) => (document, prepared),
            Err(end) => return end,
        };
        let label =
            job.facts.document.as_ref().and_then(|document| document.content_type.as_deref());
        let format = sniff(document.head(), label);
        let settings = self.settings();
        let queue = settings.queue(&job.cloud_job.source_printer);
        if queue.is_some_and(|queue| policy::refuses(queue, &format)) {
            return End::DocumentBad(AbortReason::FormatRefused(format.mime().to_owned()));
        }
        let work = match self.work_on(job, &format).await {
            Ok(work) => work,
            Err(end) => return end,
        };
        let prepared = match prepared.filter(|(done, ..)| *done == work) {
            Some((_, document, missing)) => Ok((document, missing)),
            None => self.prepare(job.number, &document, &work).await,
        };
        match prepared {
            Ok((document, missing)) => {
                let facts = DocumentFacts { work, octets: document.octets, missing };
                self.keep_document(job.number, document);
                End::DocumentReady(Box::new(facts))
            }
            Err(end) => end,
        }
    }

    /// The document from here, or from the cloud.
    async fn fetch(&self, job: &Job) -> Result<Fetched, End> {
        if let Some(named) = &job.facts.document
            && let Some(fetched) = self.ahead.get(job.number, &named.id).await
        {
            return Ok(fetched);
        }
        let _turn = self.downloads.acquire().await.expect("it is never closed");
        let document = Arc::new(self.download(job).await?);
        Ok(Fetched { document, prepared: None })
    }

    /// The whole document, its size checked against the cloud's.
    pub(super) async fn download(&self, job: &Job) -> Result<Spooled, End> {
        let Some(named) = &job.facts.document else {
            return Err(End::Failed(Failure::retry("the cloud names no document yet")));
        };
        let call = self.call().await;
        let download = self.graph().download_document(&job.cloud_job, &named.id).await;
        drop(call);
        let download = download.map_err(|error| failed(&error))?;
        let promised = download.length;
        let mut incoming = self.spool.begin();
        let mut stream = std::pin::pin!(download.into_stream());
        while let Some(chunk) = stream.next().await {
            let chunk = chunk
                .map_err(|why| End::Failed(Failure::retry(format!("GET document: cut: {why}"))))?;
            incoming.write(chunk).await.map_err(spool_failed)?;
        }
        let document = incoming.finish().await.map_err(spool_failed)?;
        let came = document.octets;
        if promised.is_some_and(|promised| promised != came) {
            return Err(End::Failed(Failure::retry("GET document: it ended before its length")));
        }
        match named.octets {
            Some(announced) if announced != came => Err(End::DocumentWrongSize { announced, came }),
            _ if came == 0 => Err(End::DocumentBad(AbortReason::EmptyDocument)),
            _ => Ok(document),
        }
    }

    /// What is done to a document of this format: as the printer's ticket says, or as it would say.
    async fn work_on(&self, job: &Job, source: &DocumentFormat) -> Result<DocumentWork, End> {
        if !matches!(job.attempt().map(|one| &one.destination), Some(Destination::Printer(_))) {
            return Ok(DocumentWork::none(source));
        }
        let agreed = |place: &Place| place.ticket.as_ref().map(|ticket| ticket.work.clone());
        let agreed = self.places().get(&job.number).and_then(|place| agreed(place.as_ref()?));
        if let Some(work) = agreed.filter(|work| work.source == *source) {
            return Ok(work);
        }
        let (name, printer) = self.printer_of(job)?;
        let can = match printer.capabilities().await {
            Ok(can) => can,
            Err(error) => {
                info!("what the printer can do is not known: {error}");
                return Ok(DocumentWork::none(source));
            }
        };
        match ticket(&job.wanted_configuration(), source, &can, &self.rules(&printer, job)) {
            Ok(ticket) => Ok(ticket.work),
            Err(unmet) if unmet.is_format() => Err(self.nobody_here(job, &name, source).await),
            Err(unmet) => Err(End::PrinterUnwilling {
                reason: Reason::CannotDo,
                detail: unmet.to_string(),
                lasting: true,
            }),
        }
    }

    /// The printer does not take it: perhaps another one does.
    async fn nobody_here(&self, job: &Job, printer: &PrinterName, format: &DocumentFormat) -> End {
        let elsewhere = |detail: &DocumentFormat| End::PrinterUnwilling {
            reason: Reason::FormatNotTaken,
            detail: detail.mime().to_owned(),
            lasting: true,
        };
        if !self.settings().cloud_printers.is_empty() {
            return elsewhere(format);
        }
        let plain = JobConfiguration::default();
        for other in self.printers().iter().filter(|other| other.settings.name != *printer) {
            let can = other.capabilities().await;
            let takes =
                |can: &Capabilities| ticket(&plain, format, can, &self.rules(other, job)).is_ok();
            // One that does not answer may take it yet.
            if can.is_ok_and(|can| !takes(&can)) {
                continue;
            }
            return elsewhere(format);
        }
        End::DocumentBad(AbortReason::FormatNotTaken(format.mime().to_owned()))
    }

    pub(super) fn converter(&self) -> Converter {
        let settings = &self.settings().converter;
        Converter {
            launcher: self.launcher.clone(),
            command: settings.command.clone(),
            time: settings.time,
            memory: settings.memory,
            output: settings.output,
            strict: settings.strict,
        }
    }

    /// The document as the work wants it, and what is missing in it.
    pub(super) async fn prepare(
        &self,
        job: JobNumber,
        document: &Arc<Spooled>,
        work: &DocumentWork,
    ) -> Result<(Arc<Spooled>, String), End> {
        if work.is_none() {
            return Ok((Arc::clone(document), String::new()));
        }
        // The document and its result are in memory while they are worked on: one at a time.
        let _turn = self.conversions.acquire().await.expect("it is never closed");
        kill_point::pass(job, || "before conversion".to_owned());
        let prepared = self.converter().prepare(document, work, &self.spool).await;
        kill_point::pass(job, || "after conversion".to_owned());
        match prepared {
            Ok(Prepared { document, missing }) => Ok((Arc::new(document), missing.join(", "))),
            Err(error) => Err(not_prepared(error, &work.source)),
        }
    }
}

fn not_prepared(error: ConvertError, source: &DocumentFormat) -> End {
    if !matches!(error, ConvertError::Spool(_)) {
        warn!(id = "document-not-converted", "{error}");
    }
    let bad = |why: &str| End::DocumentBad(AbortReason::ConversionFailed(why.to_owned()));
    match error {
        ConvertError::NotStarted(_) | ConvertError::Io(_) => {
            let detail = format!("no converter for {}", source.mime());
            End::PrinterUnwilling { reason: Reason::FormatNotTaken, detail, lasting: true }
        }
        ConvertError::Spool(error) => spool_failed(error),
        ConvertError::Interrupted(_) => End::Failed(Failure::retry(error.to_string())),
        ConvertError::TooSlow(seconds) => bad(&format!("it took longer than {seconds} seconds")),
        ConvertError::Incomplete(what) => bad(&format!("it has {what}")),
        ConvertError::OfOurs(why) => bad(&why),
        ConvertError::Failed(_) => {
            bad("it is damaged, or uses something that the converter does not know")
        }
    }
}

fn spool_failed(error: SpoolError) -> End {
    warn!(id = "document-not-kept", "{error}");
    match error {
        SpoolError::TooLarge(limit) => End::DocumentBad(AbortReason::TooLarge { limit }),
        SpoolError::Full | SpoolError::Io(_) => End::Failed(Failure::retry(error.to_string())),
    }
}
