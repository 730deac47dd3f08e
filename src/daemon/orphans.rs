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

/// The waits between the tries at a printer that does not answer at the start. A printer that sleeps longer is asked
/// when it has no room.
const WAITS: [Duration; 3] =
    [Duration::from_secs(5), Duration::from_secs(60), Duration::from_secs(600)];

impl Deeds {
    /// Cancels the orphans at all printers.
    pub(super) async fn cancel_all_orphans(self: Arc<Self>) {
        for printer in self.printers() {
            let deeds = Arc::clone(&self);
            tokio::spawn(async move {
                for wait in WAITS {
                    match deeds.cancel_orphans(&printer).await {
                        Ok(()) => return,
                        Err(error) => debug!(printer = %printer.settings.name, "orphans: {error}"),
                    }
                    sleep(wait).await;
                }
            });
        }
    }

    /// Cancels the orphans at a printer.
    pub(super) async fn cancel_orphans(&self, printer: &Printer) -> Result<(), PrinterError> {
        let prefix = self.token_prefix();
        for (printer_job, name) in printer.client.without_document(&prefix).await? {
            // The job may be under way right now: then its own release looks after it.
            let under_way =
                job_of(&prefix, &name).is_none_or(|job| self.places().contains_key(&job));
            if !under_way {
                printer.client.cancel(&printer_job).await?;
                info!(printer = %printer.settings.name, job_id = %printer_job.id, name,
                    "an orphan was canceled: a job without a document, from an earlier try");
            }
        }
        Ok(())
    }
}

/// The job of a token: `PREFIX[rN]-JOB-ATTEMPT`.
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
