//! The operations of a release, one method each, and what each end of them means for paper.
//!
//! Get-Printer-Attributes, Create-Job, Send-Document (RFC 8011 sections 4.2 and 4.3).
//! Status codes are read as numbers by the table of what may be done about them.
//! Deliberately absent: whether the printer would take a job (`validate`); what is asked of jobs that are there (`jobs`); retries, but for one with an older version of
//! the protocol.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use ipp::{
    attribute::{IppAttribute, IppAttributes},
    model::{DelimiterTag, IppVersion, Operation},
    request::IppRequestResponse,
    value::IppValue,
};
use jiff::Timestamp;

use super::{
    attributes,
    decode::{Message, encode},
    ends::{CreateEnd, PrinterError, SendEnd, Willing},
    jobs::{JOB_OF_TOKEN, bears},
    message::{attribute, keywords, name_attribute, read_answer},
    ticket::Ticket,
    transport::{Access, DocumentBody, PrinterAddress, Transport},
};
use crate::model::{
    Capabilities, DocumentFormat, Failure, FailureClass, PrinterHealth, PrinterJobId,
    PrinterJobRef, Reason,
};

const VERSION_NOT_SUPPORTED: u16 = 0x0503;

/// One destination printer.
#[derive(Clone, Debug)]
pub struct PrinterClient {
    transport: Arc<Transport>,
    uri: String,
    user: String,
    old_version: Arc<AtomicBool>,
}

impl PrinterClient {
    /// A client of one printer. `user` is the "requesting-user-name" of each operation.
    ///
    /// # Errors
    ///
    /// A sentence, if a CA, a certificate or a key does not read.
    pub fn new(address: &PrinterAddress, user: &str, access: &Access) -> Result<Self, String> {
        let transport = Transport::new(address, access)?;
        let (uri, user) = (address.uri.clone(), user.to_owned());
        Ok(Self { transport: Arc::new(transport), uri, user, old_version: Arc::default() })
    }

    /// The same connection, with another "requesting-user-name".
    #[must_use]
    pub fn as_user(&self, user: &str) -> Self {
        Self { user: user.to_owned(), ..self.clone() }
    }

    /// Get-Printer-Attributes: all that tickets and decisions need.
    ///
    /// # Errors
    ///
    /// [`PrinterError`].
    pub async fn capabilities(&self) -> Result<Capabilities, PrinterError> {
        let names = [attributes::CAPABILITIES, attributes::HEALTH].concat();
        let answer = self.printer_attributes(&names).await?;
        let group = attributes::group(&answer.attributes, DelimiterTag::PrinterAttributes);
        Ok(attributes::read_capabilities(&group))
    }

    /// What the printer can do, if that is as it was: only its health is asked for as long as its
    /// "printer-config-change-time" does not move. A printer that does not tell that time is asked for all.
    ///
    /// # Errors
    ///
    /// [`PrinterError`].
    pub async fn capabilities_since(
        &self,
        known: Option<&Capabilities>,
    ) -> Result<Capabilities, PrinterError> {
        let Some(known) = known.filter(|known| known.identity.configured.is_some()) else {
            return self.capabilities().await;
        };
        let answer = self.printer_attributes(attributes::HEALTH).await?;
        let group = attributes::group(&answer.attributes, DelimiterTag::PrinterAttributes);
        let health = attributes::read_health(&group);
        let same = attributes::configured(&group) == known.identity.configured
            && health.up_time >= known.health.up_time;
        if same { Ok(Capabilities { health, ..known.clone() }) } else { self.capabilities().await }
    }

    pub(super) async fn health(&self) -> Result<PrinterHealth, PrinterError> {
        let answer = self.printer_attributes(attributes::HEALTH).await?;
        let group = attributes::group(&answer.attributes, DelimiterTag::PrinterAttributes);
        Ok(attributes::read_health(&group))
    }

    async fn printer_attributes(&self, names: &[&str]) -> Result<Message, PrinterError> {
        let operation = Operation::GetPrinterAttributes;
        self.ask(operation, || vec![keywords("requested-attributes", names)], &[]).await
    }

    /// Create-Job, its name beginning with the token, and a look at what was created: a success without a job-id, or with another job's, is a doubt.
    pub async fn create_job(
        &self,
        token: &str,
        job_name: &str,
        ticket: &Ticket,
        health: &PrinterHealth,
    ) -> CreateEnd {
        let operation_attributes = || {
            vec![
                name_attribute("job-name", job_name),
                attribute("ipp-attribute-fidelity", IppValue::Boolean(false)),
            ]
        };
        let answer = match self
            .ask(Operation::CreateJob, operation_attributes, &ticket.attributes)
            .await
        {
            Ok(answer) => answer,
            Err(error) if error.is_doubtful() => return CreateEnd::Doubtful(error.failure().code),
            Err(error) => return CreateEnd::Refused(error.unwilling()),
        };
        let group = attributes::group(&answer.attributes, DelimiterTag::JobAttributes);
        let Some(id) = attributes::int(&group, "job-id").filter(|id| *id > 0) else {
            return CreateEnd::Doubtful("Create-Job: success without a job-id".to_owned());
        };
        match self.job_attributes(PrinterJobId(id), &JOB_OF_TOKEN).await {
            Ok(created) => {
                let name = attributes::word(&created, "job-name");
                if name.is_some_and(|name| !bears(&name, token)) {
                    return CreateEnd::Doubtful(
                        "Create-Job: the job-id is another job's".to_owned(),
                    );
                }
                let job = PrinterJobRef {
                    id: PrinterJobId(id),
                    uuid: attributes::word(&created, "job-uuid"),
                    created: Timestamp::now(),
                    up_time: health.up_time,
                    impressions: health.impressions,
                };
                self.as_validated(job, ticket, &answer.attributes).await
            }
            Err(error) => CreateEnd::Doubtful(error.failure().code),
        }
    }

    /// A created job, unless the printer ignores what must not be dropped, though Validate-Job did not say so: then it
    /// is canceled before a byte of the document is sent.
    async fn as_validated(
        &self,
        job: PrinterJobRef,
        ticket: &Ticket,
        answer: &IppAttributes,
    ) -> CreateEnd {
        let ignored = attributes::unsupported(answer);
        let unmet = ignored.iter().find_map(|one| ticket.essential(one.name().as_str()));
        let Some(unmet) = unmet else { return CreateEnd::Created(job) };
        match self.cancel(&job).await {
            Ok(_) => CreateEnd::Refused(Willing::No {
                reason: Reason::CannotDo,
                detail: unmet.to_string(),
                lasting: true,
            }),
            Err(error) => CreateEnd::Doubtful(error.failure().code),
        }
    }

    /// Send-Document with the last document, its format and its length.
    pub async fn send_document(
        &self,
        job: &PrinterJobRef,
        format: &DocumentFormat,
        document: DocumentBody,
    ) -> SendEnd {
        let operation = Operation::SendDocument;
        let mime = IppValue::new_mime_media_type(format.mime()).expect("our formats are short");
        let head = self.request(
            operation,
            vec![
                attribute("job-id", IppValue::Integer(job.id.0)),
                attribute("last-document", IppValue::Boolean(true)),
                attribute("document-format", mime),
            ],
            &[],
        );
        let octets = document.octets;
        let (sent, gone) = self.transport.exchange_with_document(encode(&head), document).await;
        match read_answer(operation, sent) {
            Ok(_) if gone == octets => SendEnd::Accepted,
            Ok(_) => SendEnd::Doubtful(format!(
                "{operation:?}: a success before the document's last byte"
            )),
            Err(error @ (PrinterError::NotSent { .. } | PrinterError::Distrusted { .. })) => {
                SendEnd::NothingSent(error.failure())
            }
            // The printer does not know the job, and no byte of the document was read for it.
            Err(error @ PrinterError::Status { status: 0x0406 | 0x0407, .. }) if gone == 0 => {
                SendEnd::NothingSent(error.failure())
            }
            Err(PrinterError::Status { status, .. })
                if (0x0400..0x0500).contains(&status) && status != 0x0405 =>
            {
                SendEnd::Refused(Failure::new(
                    FailureClass::Refused,
                    format!("{operation:?}: {status:#06x}"),
                ))
            }
            Err(error) => SendEnd::Doubtful(error.failure().code),
        }
    }

    /// A request without a document; once more with version 1.1 where the printer wants it older.
    pub(super) async fn ask(
        &self,
        operation: Operation,
        operation_attributes: impl Fn() -> Vec<IppAttribute>,
        job_attributes: &[IppAttribute],
    ) -> Result<Message, PrinterError> {
        let request = self.request(operation, operation_attributes(), job_attributes);
        let first = read_answer(operation, self.transport.exchange(encode(&request)).await);
        match first {
            Err(PrinterError::Status { status: VERSION_NOT_SUPPORTED, .. })
                if !self.old_version.swap(true, Ordering::Relaxed) =>
            {
                let request = self.request(operation, operation_attributes(), job_attributes);
                read_answer(operation, self.transport.exchange(encode(&request)).await)
            }
            first => first,
        }
    }

    fn request(
        &self,
        operation: Operation,
        operation_attributes: Vec<IppAttribute>,
        job_attributes: &[IppAttribute],
    ) -> IppRequestResponse {
        let old = self.old_version.load(Ordering::Relaxed);
        let version = if old { IppVersion::v1_1() } else { IppVersion::v2_0() };
        let mut request = IppRequestResponse::new(version, operation, None)
            .expect("it has no address to get wrong");
        let all: &mut IppAttributes = request.attributes_mut();
        let uri = IppValue::new_uri(self.uri.as_str()).unwrap_or(IppValue::NoValue);
        all.add(DelimiterTag::OperationAttributes, attribute("printer-uri", uri));
        all.add(
            DelimiterTag::OperationAttributes,
            name_attribute("requesting-user-name", &self.user),
        );
        for one in operation_attributes {
            all.add(DelimiterTag::OperationAttributes, one);
        }
        for one in job_attributes {
            all.add(DelimiterTag::JobAttributes, one.clone());
        }
        request
    }
}
