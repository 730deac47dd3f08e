//! Orphans: printer jobs of this installation that were created and will get no document.
//!
//! A Create-Job whose end nobody saw may leave one; on some printers it blocks all others, for ever. They are canceled
//! at the start of the daemon, and again when a printer says that it has no room. Without a document nothing can come
//! out of them, so canceling is always right. Deliberately absent: jobs of other installations, and jobs with a document.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tracing::{debug, info};

use super::{deeds::Deeds, places::Printer};
use crate::{model::JobNumber, printer::PrinterError};

/// The waits before the tries at a printer at the start. One that sleeps longer is asked when it has no room.
const WAITS: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(5), Duration::from_mins(1), Duration::from_mins(10)];

impl Deeds {
    /// Cancels the orphans at all printers, once it is known that nobody else serves the definition.
    pub(super) fn cancel_all_orphans(self: &Arc<Self>) {
        for printer in self.printers() {
            let deeds = Arc::clone(self);
            tokio::spawn(async move {
                for wait in WAITS {
                    sleep(wait).await;
                    if !deeds.stamp_is_known().await || !deeds.stamp_is_ours() {
                        continue;
                    }
                    match deeds.cancel_orphans(&printer, None).await {
                        Ok(()) => return,
                        Err(error) => debug!(printer = %printer.settings.name, "orphans: {error}"),
                    }
                }
            });
        }
    }

    /// Cancels the orphans at a printer. The jobs that are under way look after theirs, but for `asking`: a job that
    /// asks whether the printer would take it has none there that is alive.
    pub(super) async fn cancel_orphans(
        &self,
        printer: &Printer,
        asking: Option<JobNumber>,
    ) -> Result<(), PrinterError> {
        let prefix = self.installation_prefix();
        for (printer_job, name) in printer.client.without_document(&prefix).await? {
            let Some(job) = job_of(&prefix, &name) else { continue };
            if asking == Some(job) || !self.places().contains_key(&job) {
                printer.client.cancel(&printer_job).await?;
                info!(printer = %printer.settings.name, printer_job = %printer_job.id, %job,
                    "an orphan was canceled: a job without a document, from an earlier try");
            }
        }
        Ok(())
    }
}

/// The job of a token: `PREFIX[rERA]-JOB-ATTEMPT`.
fn job_of(prefix: &str, token: &str) -> Option<JobNumber> {
    let (_, rest) = token.strip_prefix(prefix)?.split_once('-')?;
    let (job, _) = rest.split_once('-')?;
    job.parse().ok().map(JobNumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_job() {
        let prefix = "pp-0123abcd";
        assert_eq!(job_of(prefix, "pp-0123abcd-17-2"), Some(JobNumber(17)));
        assert_eq!(job_of(prefix, "pp-0123abcdr3-17-2"), Some(JobNumber(17)));
        for other in ["pp-99999999-17-2", "letter", "pp-0123abcd", "pp-0123abcd-x-1"] {
            assert_eq!(job_of(prefix, other), None, "{other}");
        }
    }
}
