//! What a person orders, by page or by program: read, and brought to the desk.
//!
//! It promises: an order names its owner, so that nobody's else is touched, and a printer of the station where the person
//! stands. Deliberately absent: whether it is carried out (the flow).

use super::{Kiosk, error::Problem};
use crate::model::{
    AbortReason, Answer, Asker, Command, ConfigurationChange, JobNumber, PrinterName, Refusal,
    people::Person, station::StationSettings,
};

/// A release as a person orders it.
#[derive(Clone, Debug)]
pub(super) struct ReleaseOrder {
    pub(super) job: JobNumber,
    /// The version that they saw.
    pub(super) version: u64,
    /// Where; absent: at the station's first printer.
    pub(super) printer: Option<String>,
    pub(super) change: ConfigurationChange,
    /// Whether they know that paper may already be out.
    pub(super) reprint: bool,
}

impl Kiosk {
    pub(super) async fn release(
        &self,
        station: &StationSettings,
        by: Asker,
        order: ReleaseOrder,
    ) -> Result<(), Problem> {
        let printer = printer_of(station, order.printer.as_deref())?;
        self.order(Command::Release {
            job: order.job,
            version: order.version,
            printer,
            change: order.change,
            reprint: order.reprint,
            by,
        })
        .await
    }

    pub(super) async fn remove(&self, person: &Person, job: JobNumber) -> Result<(), Problem> {
        let by = Asker::Owner(person.id.clone());
        self.order(Command::Abort { job, reason: AbortReason::RemovedByOwner, by }).await
    }

    async fn order(&self, command: Command) -> Result<(), Problem> {
        match self.desk.ask(command).await {
            Answer::Accepted => Ok(()),
            Answer::Refused(refusal) => Err(Problem::Refused(refusal)),
        }
    }
}

/// A printer of the station; its first where none is named.
fn printer_of(station: &StationSettings, named: Option<&str>) -> Result<PrinterName, Problem> {
    let found = match named {
        None => station.printers.first(),
        Some(name) => station.printers.iter().find(|printer| printer.as_str() == name),
    };
    let unknown = || Refusal::NoSuchPrinter(PrinterName::new(named.unwrap_or_default()));
    found.cloned().ok_or_else(|| Problem::Refused(unknown()))
}
