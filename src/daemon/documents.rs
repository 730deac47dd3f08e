//! The deed of fetching a document: download, check, recognize, convert, keep.
//!
//! It promises: a document is kept only when it is whole and its size is the cloud's; a format that the printer does
//! not take is converted, or the job is sent elsewhere, or it is aborted with a reason that says so.

use std::sync::Arc;

use futures_util::StreamExt;
use tracing::{info, warn};

use super::{
    deeds::{Deeds, failed},
    kill_point,
};
use crate::{
    document::{ConvertError, Converter, SpoolError, Spooled, sniff},
    flow::{Destination, DocumentFacts, End, Job},
    model::{AbortReason, Capabilities, DocumentFormat, Failure, JobNumber, PrinterName, Reason},
    policy,
};

impl Deeds {
    pub(super) async fn fetch_document(&self, job: &Job) -> End {
        let _place = self.downloads.acquire().await.expect("it is never closed");
        let document = match self.download(job).await {
            Ok(document) => document,
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
        match self.suit(job, document, format).await {
            Ok((document, format)) => {
                let facts = DocumentFacts { format, octets: document.octets };
                self.keep_document(job.number, Arc::new(document));
                End::DocumentReady(facts)
            }
            Err(end) => end,
        }
    }

    /// The whole document, its size checked against the cloud's.
    async fn download(&self, job: &Job) -> Result<Spooled, End> {
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

    /// The document in a format that the printer takes.
    async fn suit(
        &self,
        job: &Job,
        document: Spooled,
        format: DocumentFormat,
    ) -> Result<(Spooled, DocumentFormat), End> {
        let Some(Destination::Printer(printer)) = job.attempt().map(|attempt| &attempt.destination)
        else {
            return Ok((document, format));
        };
        let convertible = matches!(format, DocumentFormat::Oxps | DocumentFormat::Xps);
        let can = self.capabilities_of(printer).await;
        if can.as_ref().is_none_or(|can| takes(can, &format)) && !(convertible && can.is_none()) {
            return Ok((document, format));
        }
        let pdf_is_taken = can.as_ref().is_none_or(|can| takes(can, &DocumentFormat::Pdf));
        if convertible
            && pdf_is_taken
            && let Some(converter) = self.converter()
        {
            let converted = self.convert(job.number, &converter, &document, &format).await?;
            return Ok((converted, DocumentFormat::Pdf));
        }
        Err(self.nobody_here(printer, &format).await)
    }

    /// The printer does not take it: perhaps another one does.
    async fn nobody_here(&self, printer: &PrinterName, format: &DocumentFormat) -> End {
        let settings = self.settings();
        for other in settings.printers.iter().filter(|other| other.name != *printer) {
            let can = self.capabilities_of(&other.name).await;
            if can.is_none_or(|can| takes(&can, format)) {
                let detail = format.mime().to_owned();
                return End::PrinterUnwilling {
                    reason: Reason::FormatNotTaken,
                    detail,
                    lasting: true,
                };
            }
        }
        End::DocumentBad(AbortReason::FormatNotTaken(format.mime().to_owned()))
    }

    async fn capabilities_of(&self, printer: &PrinterName) -> Option<Capabilities> {
        let printer = self.printer(printer)?;
        let told = printer.client.capabilities().await;
        told.inspect_err(|error| info!("formats of the printer are not known: {error}")).ok()
    }

    fn converter(&self) -> Option<Converter> {
        let settings = &self.settings().converter;
        (!settings.command.is_empty()).then(|| Converter {
            launcher: self.launcher.clone(),
            command: settings.command.clone(),
            time: settings.time,
            memory: settings.memory,
            output: settings.output,
        })
    }

    async fn convert(
        &self,
        job: JobNumber,
        converter: &Converter,
        document: &Spooled,
        format: &DocumentFormat,
    ) -> Result<Spooled, End> {
        // The document and its result are in memory while they are converted: one at a time.
        let _turn = self.conversions.acquire().await.expect("it is never closed");
        kill_point::pass(job, || "before conversion".to_owned());
        let converted = converter.convert(document, &self.spool).await;
        kill_point::pass(job, || "after conversion".to_owned());
        converted.map_err(|error| match error {
            ConvertError::NotStarted(_) | ConvertError::Io(_) => {
                warn!("{error}; is the converter of the configuration installed?");
                let detail = format!("no converter for {}", format.mime());
                End::PrinterUnwilling { reason: Reason::FormatNotTaken, detail, lasting: true }
            }
            ConvertError::Spool(error) => spool_failed(error),
            ConvertError::Interrupted(_) => {
                warn!("{error}");
                End::Failed(Failure::retry(error.to_string()))
            }
            ConvertError::TooSlow(_) | ConvertError::Failed(_) => {
                warn!("{error}");
                let why = match error {
                    ConvertError::TooSlow(seconds) => {
                        format!("it took longer than {seconds} seconds")
                    }
                    _ => "it is damaged, or uses something that the converter does not know"
                        .to_owned(),
                };
                End::DocumentBad(AbortReason::ConversionFailed(why))
            }
        })
    }
}

fn spool_failed(error: SpoolError) -> End {
    warn!("{error}");
    match error {
        SpoolError::TooLarge(limit) => End::DocumentBad(AbortReason::TooLarge { limit }),
        SpoolError::Full | SpoolError::Io(_) => End::Failed(Failure::retry(error.to_string())),
    }
}

/// Whether a printer takes a format. A printer that names no formats is taken at its word at Send-Document.
fn takes(can: &Capabilities, format: &DocumentFormat) -> bool {
    can.formats.is_empty() || can.formats.iter().any(|known| known == format.mime())
}
