//! Whether a printer would take a job: its state, its capabilities, and Validate-Job (RFC 8011 section 4.2.3).
//!
//! What the printer calls unsupported is struck from what it can do, and the ticket is made anew: so a setting that it
//! refuses is done in the document, substituted or refused by the same rules as one that it never had.
//! Deliberately absent: Create-Job.

use ipp::{attribute::IppAttribute, model::Operation, value::IppValue};

use super::{
    attributes,
    blocked::blocked,
    client::PrinterClient,
    ends::{PrinterError, Willing},
    message::attribute,
    ticket::{Ticket, Unmet, setting_of, text_of, ticket},
};
use crate::model::{
    Capabilities, DocumentFormat, JobConfiguration, Reason, TicketRules,
    capabilities::MediaCapabilities,
};

/// How often a ticket is made anew.
const MOST_TICKETS: usize = 4;

fn no(reason: Reason, detail: impl Into<String>) -> Willing {
    Willing::No { reason, detail: detail.into(), lasting: true }
}

impl From<Unmet> for Willing {
    fn from(unmet: Unmet) -> Self {
        if unmet.is_format() {
            no(Reason::FormatNotTaken, unmet.asked)
        } else {
            no(Reason::CannotDo, unmet.to_string())
        }
    }
}

impl PrinterClient {
    /// Whether the printer would take a document of this format with these settings.
    pub async fn validate(
        &self,
        can: &Capabilities,
        wanted: &JobConfiguration,
        source: &DocumentFormat,
        rules: &TicketRules,
    ) -> Willing {
        if let Some(why) = blocked(can, wanted) {
            return no(Reason::PrinterBlocked, why);
        }
        let [create, send] = [Operation::CreateJob as i32, Operation::SendDocument as i32];
        let has = |operation| can.operations.is_empty() || can.operations.contains(&operation);
        if !has(create) || !has(send) {
            return no(Reason::PrinterRefused, "it has no Create-Job");
        }
        let mut can = can.clone();
        for _ in 0..MOST_TICKETS {
            let ticket = match ticket(wanted, source, &can, rules) {
                Ok(ticket) => ticket,
                Err(unmet) => return unmet.into(),
            };
            let (unsupported, refusal) = match self.validate_job(&ticket).await {
                Ok(ignored) => (ignored, None),
                // A printer without Validate-Job tells at Create-Job.
                Err(PrinterError::Status { status: 0x0501, .. }) => (Vec::new(), None),
                Err(error) => (error.unsupported().to_vec(), Some(error)),
            };
            let before = can.clone();
            for one in &unsupported {
                can.strike(one, &ticket);
            }
            match refusal {
                Some(error) if can == before => return error.unwilling(),
                None if can == before => return Willing::Yes(Box::new(ticket)),
                _ => {}
            }
        }
        no(Reason::PrinterRefused, "it finds each ticket wrong")
    }

    /// Validate-Job. A success may still name attributes that the printer would ignore.
    async fn validate_job(&self, ticket: &Ticket) -> Result<Vec<IppAttribute>, PrinterError> {
        let operation = || {
            let mime = IppValue::new_mime_media_type(ticket.work.sent.mime());
            vec![
                attribute("ipp-attribute-fidelity", IppValue::Boolean(false)),
                attribute("document-format", mime.expect("our formats are short")),
            ]
        };
        let answer = self.ask(Operation::ValidateJob, operation, &ticket.attributes).await?;
        Ok(attributes::unsupported(&answer.attributes))
    }
}

impl Ticket {
    /// The essential setting that an attribute of ours carries.
    pub(super) fn essential(&self, attribute: &str) -> Option<Unmet> {
        let essential = ["copies", "page-ranges", "print-color-mode", "media", "media-col"]
            .contains(&attribute);
        let sent = self.sent(attribute).filter(|_| essential)?;
        Some(Unmet::new(setting_of(attribute), text_of(sent)))
    }
}

/// Takes a value out of a list, or all of them where the printer names none that is in it.
fn strike<T: PartialEq>(list: &mut Vec<T>, named: &[T]) {
    let n_before = list.len();
    list.retain(|known| !named.contains(known));
    if list.len() == n_before {
        list.clear();
    }
}

impl Capabilities {
    /// The printer can not do after all what it called unsupported. What we did not send changes nothing.
    fn strike(&mut self, unsupported: &IppAttribute, ticket: &Ticket) {
        let name = unsupported.name().as_str();
        if name == "document-format" {
            return self.formats.retain(|format| format != ticket.work.sent.mime());
        }
        if ticket.sent(name).is_none() {
            return;
        }
        let words = attributes::words_of(unsupported.value());
        let numbers = attributes::numbers_of(unsupported.value());
        match name {
            "copies" => self.copies = None,
            "page-ranges" => self.page_ranges = false,
            "print-color-mode" => strike(&mut self.color_modes, &words),
            "media" => strike(&mut self.media.names, &words),
            "media-col" => self.media.strike(ticket),
            "sides" => strike(&mut self.sides, &words),
            "multiple-document-handling" => self.document_handling.clear(),
            "sheet-collate" => self.sheet_collate.clear(),
            "print-quality" => strike(&mut self.qualities, &numbers),
            "orientation-requested" => strike(&mut self.orientations, &numbers),
            "feed-orientation" => self.feed_orientations.clear(),
            "printer-resolution" => self.resolutions.clear(),
            "print-scaling" => strike(&mut self.scalings, &words),
            "number-up" => self.numbers_up.clear(),
            "presentation-direction-number-up" => self.layouts.clear(),
            "finishings" => strike(&mut self.finishings, &numbers),
            "output-bin" => strike(&mut self.output_bins, &words),
            _ => {}
        }
    }
}

impl MediaCapabilities {
    /// A "media-col" that is refused loses its lesser members first, then the size.
    fn strike(&mut self, ticket: &Ticket) {
        let sent = ticket.sent("media-col").and_then(IppValue::as_collection);
        let lesser = sent.is_some_and(|members| {
            members.keys().any(|name| !name.as_str().starts_with("media-size"))
        });
        if lesser {
            self.members.retain(|member| member.starts_with("media-size"));
        } else {
            self.members.clear();
        }
    }
}
