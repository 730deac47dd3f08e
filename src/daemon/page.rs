//! A page of ours at a printer, past the cloud and the journal: it is nobody's job.
//!
//! It promises: it is sent once, whatever comes of it; a printer job that is known to have got nothing is canceled. Deliberately absent: what stands on it, and watching it come out.

use crate::{
    document::{Converter, Spool, SpoolLimits, Spooled},
    model::{Agreement, DocumentFormat, JobConfiguration, PrinterJobRef, TicketRules},
    printer::{CreateEnd, DocumentBody, PrinterClient, SendEnd, Willing},
};

/// What prints a page.
#[derive(Debug)]
pub struct Press<'a> {
    /// The printer.
    pub client: &'a PrinterClient,
    /// What happens to settings that the printer can not do.
    pub rules: TicketRules,
    /// What makes of a PDF what the printer takes.
    pub converter: Converter,
    /// Where the page is meanwhile: in memory alone.
    pub spool: Spool,
}

/// A spool in memory for pages of ours.
pub fn spool(most: u64) -> Spool {
    let limits = SpoolLimits { memory_document: most, memory: most, disk: 0, document: most };
    Spool::new(std::path::Path::new("/nonexistent"), limits)
}

impl Press<'_> {
    /// Prints the PDF that `draw` makes of what was agreed, as the job `name`. The result is what was agreed, and the
    /// job at the printer.
    ///
    /// # Errors
    ///
    /// A sentence for the administrator.
    pub async fn print(
        &self,
        name: &str,
        wanted: &JobConfiguration,
        draw: impl FnOnce(&Agreement) -> Vec<u8>,
    ) -> Result<(Agreement, PrinterJobRef), String> {
        let client = self.client;
        let can = client.capabilities().await.map_err(|error| error.to_string())?;
        let ticket = match client.validate(&can, wanted, &DocumentFormat::Pdf, &self.rules).await {
            Willing::Yes(ticket) => ticket,
            Willing::No { reason, detail, .. } => {
                return Err(format!("{}: {detail}", reason.sentence()));
            }
        };
        let agreement = ticket.agreement();
        let document = self.prepared(draw(&agreement), &agreement).await?;
        let job = match client.create_job(name, name, &ticket, &can.health).await {
            CreateEnd::Created(job) => job,
            CreateEnd::Refused(Willing::No { reason, detail, .. }) => {
                return Err(format!("{}: {detail}", reason.sentence()));
            }
            CreateEnd::Refused(Willing::Yes(_)) => return Err("it was refused".to_owned()),
            CreateEnd::Doubtful(code) => return Err(format!("look at the printer: {code}")),
        };
        let body = DocumentBody { octets: document.octets, stream: document.stream() };
        match client.send_document(&job, &agreement.work.sent, body).await {
            SendEnd::Accepted => Ok((agreement, job)),
            SendEnd::NothingSent(failure) | SendEnd::Refused(failure) => {
                let _ = client.cancel(&job).await;
                Err(failure.code)
            }
            SendEnd::Doubtful(code) => Err(format!("look at the printer: {code}")),
        }
    }

    /// The page as the printer takes it.
    async fn prepared(&self, page: Vec<u8>, agreement: &Agreement) -> Result<Spooled, String> {
        let mut incoming = self.spool.begin();
        incoming.write(page.into()).await.map_err(|error| error.to_string())?;
        let document = incoming.finish().await.map_err(|error| error.to_string())?;
        if agreement.work.is_none() {
            return Ok(document);
        }
        let prepared = self.converter.prepare(&document, &agreement.work, &self.spool).await;
        prepared.map(|prepared| prepared.document).map_err(|error| error.to_string())
    }
}
