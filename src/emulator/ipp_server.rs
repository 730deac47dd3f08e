//! IPP for the printers: the operations of RFC 8011 that a release needs.
//!
//! Requests are decoded by the `ipp` crate within a bound; the answers are made here.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::{Request, body::Incoming};
use ipp::{parser::IppParser, prelude::*};
use serde_json::{Value, json};

use super::{
    Shared,
    faults::PrinterFault,
    http::{Answer, BoxError, bytes},
    printer::{PROCESSING, Printer, PrinterJob},
};

/// IPP "job-state" processing-stopped.
const PROCESSING_STOPPED: i32 = 6;
/// The longest head of a request, and the longest document.
const HEAD_LIMIT: usize = 256 * 1024;
const DOCUMENT_LIMIT: usize = 1 << 30;

/// A request: its header, its attributes, and the first bytes behind them.
struct Head {
    header: IppHeader,
    attributes: IppAttributes,
    rest: Bytes,
}

impl Head {
    fn value(&self, tag: DelimiterTag, name: &str) -> Option<&IppValue> {
        self.attributes.first_of(tag)?.get(name).map(IppAttribute::value)
    }

    fn operation(&self, name: &str) -> Option<&IppValue> {
        self.value(DelimiterTag::OperationAttributes, name)
    }

    fn text(&self, name: &str) -> String {
        self.operation(name).map(ToString::to_string).unwrap_or_default()
    }

    fn job_id(&self) -> i32 {
        self.operation("job-id").and_then(|value| value.as_integer().copied()).unwrap_or(0)
    }

    /// The job template as it was asked.
    fn template(&self) -> impl Iterator<Item = &IppAttribute> {
        let group = self.attributes.first_of(DelimiterTag::JobAttributes);
        group.into_iter().flat_map(IppAttributeGroup::attributes)
    }

    /// The job template, once as texts and once as structures.
    fn ticket(&self) -> [Value; 2] {
        let texts =
            self.template().map(|one| (one.name().to_string(), one.value().to_string().into()));
        let values = self.template().map(|one| (one.name().to_string(), structure(one.value())));
        [Value::Object(texts.collect()), Value::Object(values.collect())]
    }
}

/// A value as JSON: sets are lists, collections objects, ranges and resolutions pairs.
fn structure(value: &IppValue) -> Value {
    match value {
        IppValue::Array(values) => values.iter().map(structure).collect(),
        IppValue::Collection(members) => {
            let member = |(name, value): (&ipp::value::IppName, &IppValue)| {
                (name.to_string(), structure(value))
            };
            Value::Object(members.iter().map(member).collect())
        }
        IppValue::Integer(number) | IppValue::Enum(number) => (*number).into(),
        IppValue::RangeOfInteger { min, max } => json!({"from": min, "to": max}),
        IppValue::Resolution { cross_feed, feed, units } => {
            json!({"cross_feed": cross_feed, "feed": feed, "units": units})
        }
        other => other.to_string().into(),
    }
}

/// Answers at `/ipp/print/NAME`.
pub(super) async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    let name = request.uri().path().trim_start_matches("/ipp/print/").to_owned();
    let Some(printer) = shared.printers.iter().find(|printer| printer.name == name).cloned() else {
        return Ok(bytes(404, "text/plain", "no such printer"));
    };
    if printer.is_asleep() {
        return Err("it sleeps".into());
    }
    let mut body = request.into_body();
    let head = read_head(&mut body).await?;
    let id = head.header.request_id;
    let operation = Operation::from_i16(head.header.operation_or_status);
    let answer = match operation {
        Some(Operation::GetPrinterAttributes) => ok(id, vec![printer_group(&printer)]),
        Some(Operation::ValidateJob) => validate(&printer, &head),
        Some(Operation::CreateJob) => create(&shared, &printer, &head)?,
        Some(Operation::SendDocument) => {
            // The printer goes on with what it got, whatever becomes of the connection.
            tokio::spawn(receive(printer, head, body)).await??
        }
        Some(Operation::GetJobAttributes) => match printer.job(head.job_id()) {
            Some(job) => ok(id, vec![job_group(&printer, &job)]),
            None => refuse(id, 0x0406),
        },
        Some(Operation::GetJobs) => {
            let jobs = printer.jobs(head.text("which-jobs") == "completed");
            ok(id, jobs.iter().map(|job| job_group(&printer, job)).collect())
        }
        Some(Operation::CancelJob) => match printer.cancel(head.job_id()) {
            Ok(()) => ok(id, vec![]),
            Err(status) => refuse(id, status),
        },
        _ => refuse(id, 0x0501),
    };
    Ok(bytes(200, "application/ipp", answer))
}

async fn read_head(body: &mut Incoming) -> Result<Head, BoxError> {
    let mut buffer = BytesMut::new();
    loop {
        let frame = body.frame().await.ok_or("the request is cut")??;
        if let Ok(data) = frame.into_data() {
            buffer.extend_from_slice(&data);
        }
        let cursor = std::io::Cursor::new(buffer.clone().freeze());
        if let Ok((header, attributes, reader)) = IppParser::new(cursor).parse_parts() {
            let cursor = reader.into_inner();
            let at = usize::try_from(cursor.position())?;
            return Ok(Head { header, attributes, rest: cursor.into_inner().slice(at..) });
        }
        if buffer.len() > HEAD_LIMIT {
            return Err("the request's head has no end".into());
        }
    }
}

/// A printer that minds what it can not do: it says so, and would go on without (RFC 8011 section 4.2.3).
fn validate(printer: &Printer, head: &Head) -> Bytes {
    const IGNORED: u16 = 0x0001;
    let unsupported = printer.model.unsupported(head.template());
    if unsupported.is_empty() {
        return ok(head.header.request_id, vec![]);
    }
    let mut group = IppAttributeGroup::new(DelimiterTag::UnsupportedAttributes);
    group.attributes_mut().extend(unsupported);
    message(head.header.request_id, IGNORED, vec![group])
}

fn create(shared: &Shared, printer: &Printer, head: &Head) -> Result<Bytes, BoxError> {
    let id = head.header.request_id;
    let fault = printer.take_ordered_fault().or_else(|| shared.faults.printer());
    let other =
        [printer.jobs(true), printer.jobs(false)].concat().first().map_or(99_999, |job| job.id);
    match fault {
        Some(PrinterFault::Busy) => return Ok(refuse(id, 0x0507)),
        Some(PrinterFault::NoJobId) => return Ok(ok(id, vec![])),
        _ => {}
    }
    let user = head.text("requesting-user-name");
    let job = printer.create(&head.text("job-name"), &user, head.ticket(), fault);
    match fault {
        Some(PrinterFault::DropCreate) => Err("dropped".into()),
        Some(PrinterFault::WrongJobId) => {
            let mut told = job;
            told.id = other;
            Ok(ok(id, vec![created_group(printer, &told)]))
        }
        Some(fault @ (PrinterFault::GarbledCreate | PrinterFault::HalfCreate)) => {
            Ok(fault.bend(ok(id, vec![created_group(printer, &job)])))
        }
        _ => Ok(ok(id, vec![created_group(printer, &job)])),
    }
}

async fn receive(printer: Arc<Printer>, head: Head, mut body: Incoming) -> Result<Bytes, BoxError> {
    let id = head.header.request_id;
    let job_id = head.job_id();
    let fault = match printer.begin(job_id) {
        Ok(fault) => fault,
        Err(status) => return Ok(refuse(id, status)),
    };
    let limit = match fault {
        Some(PrinterFault::CutAfter(bytes)) => usize::try_from(bytes)?,
        _ => DOCUMENT_LIMIT,
    };
    let mut document = BytesMut::from(&head.rest[..]);
    let mut broken = false;
    while document.len() < limit {
        match body.frame().await {
            None => break,
            Some(Ok(frame)) => document.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Some(Err(_)) => {
                broken = true;
                break;
            }
        }
    }
    let cut = matches!(fault, Some(PrinterFault::CutAfter(_)));
    if cut {
        document.truncate(limit);
    }
    if broken {
        printer.interrupted(job_id);
        return Err("the client is gone".into());
    }
    let kept = Arc::clone(&printer);
    tokio::task::spawn_blocking(move || kept.received(job_id, &document)).await??;
    match fault {
        Some(PrinterFault::DropSend) => Err("dropped".into()),
        _ if cut => Err("cut".into()),
        _ => {
            let job = printer.job(job_id);
            let answer = ok(id, job.iter().map(|job| created_group(&printer, job)).collect());
            Ok(match fault {
                Some(fault @ (PrinterFault::GarbledSend | PrinterFault::HalfSend)) => {
                    fault.bend(answer)
                }
                _ => answer,
            })
        }
    }
}

fn ok(id: i32, groups: Vec<IppAttributeGroup>) -> Bytes {
    message(id, 0, groups)
}

fn refuse(id: i32, status: u16) -> Bytes {
    message(id, status, Vec::new())
}

fn message(id: i32, status: u16, groups: Vec<IppAttributeGroup>) -> Bytes {
    let mut answer =
        IppRequestResponse::new_response(IppVersion::v2_0(), StatusCode::SuccessfulOk, id)
            .expect("its parts are well formed");
    answer.header_mut().operation_or_status = status.cast_signed();
    answer.attributes_mut().groups_mut().extend(groups);
    answer.to_bytes()
}

fn group(tag: DelimiterTag, attributes: Vec<(&str, IppValue)>) -> IppAttributeGroup {
    let mut group = IppAttributeGroup::new(tag);
    for (name, value) in attributes {
        let attribute = IppAttribute::with_name(name, value).expect("its name is short");
        group.attributes_mut().push(attribute);
    }
    group
}

pub(super) fn keyword(word: &str) -> IppValue {
    IppValue::new_keyword(word).expect("it is short")
}

pub(super) fn keywords(words: &[&str]) -> IppValue {
    IppValue::Array(words.iter().map(|word| keyword(word)).collect())
}

pub(super) fn enums(numbers: &[i32]) -> IppValue {
    IppValue::Array(numbers.iter().map(|number| IppValue::Enum(*number)).collect())
}

fn uri(text: &str) -> IppValue {
    IppValue::new_uri(text).expect("it is short")
}

fn name(text: &str) -> IppValue {
    IppValue::new_name_without_language(text.chars().take(200).collect::<String>())
        .expect("it was cut to fit")
}

fn created_group(printer: &Printer, job: &PrinterJob) -> IppAttributeGroup {
    group(
        DelimiterTag::JobAttributes,
        vec![
            ("job-id", IppValue::Integer(job.id)),
            ("job-uri", uri(&format!("ipp://localhost/ipp/print/{}/{}", printer.name, job.id))),
            ("job-state", IppValue::Enum(job.state)),
            ("job-state-reasons", keyword(job.reason)),
        ],
    )
}

fn job_group(printer: &Printer, job: &PrinterJob) -> IppAttributeGroup {
    let mut job = job.clone();
    if job.state == PROCESSING && printer.mood().stopped {
        (job.state, job.reason) = (PROCESSING_STOPPED, "printer-stopped");
    }
    let job = &job;
    let mut all = created_group(printer, job);
    // It reads the data again for each copy, and counts it each time.
    let read = job.octets.div_ceil(1024) * u64::from(job.copies());
    let k_octets = i32::try_from(read).unwrap_or(i32::MAX);
    let done = if job.state >= 5 { job.impressions } else { 0 };
    let more = group(
        DelimiterTag::JobAttributes,
        vec![
            ("job-uuid", uri(&job.uuid)),
            ("job-name", name(&job.name)),
            ("job-originating-user-name", name(&job.user)),
            ("job-k-octets-processed", IppValue::Integer(k_octets)),
            ("job-impressions-completed", IppValue::Integer(done)),
            ("job-media-sheets-completed", IppValue::Integer(job.sheets(printer.print_time()))),
            ("time-at-creation", IppValue::Integer(job.created)),
            ("job-printer-up-time", IppValue::Integer(printer.counters().up_time)),
        ],
    );
    all.attributes_mut().extend(more.into_attributes());
    all
}

pub(super) fn size(x: i32, y: i32) -> IppValue {
    let side =
        |name: &str, value| (name.try_into().expect("it is short"), IppValue::Integer(value));
    IppValue::Collection([side("x-dimension", x), side("y-dimension", y)].into_iter().collect())
}

pub(super) fn mime(text: &str) -> IppValue {
    IppValue::new_mime_media_type(text).expect("it is short")
}

fn printer_group(printer: &Printer) -> IppAttributeGroup {
    let counters = printer.counters();
    let address = format!("ipp://localhost/ipp/print/{}", printer.name);
    let mood = printer.mood();
    let mut reasons: Vec<&str> = mood.reasons.iter().map(String::as_str).collect();
    if reasons.is_empty() {
        reasons.push("none");
    }
    let mut all = vec![
        ("printer-uri-supported", uri(&address)),
        ("printer-name", name(&printer.name)),
        ("printer-state", IppValue::Enum(counters.state)),
        ("printer-state-reasons", keywords(&reasons)),
        ("printer-is-accepting-jobs", IppValue::Boolean(mood.accepting)),
        ("printer-up-time", IppValue::Integer(counters.up_time)),
        ("printer-impressions-completed", IppValue::Integer(counters.impressions)),
        ("queued-job-count", IppValue::Integer(counters.queued)),
        ("operations-supported", enums(&[4, 5, 6, 8, 9, 10, 11])),
    ];
    all.extend(printer.model.attributes());
    group(DelimiterTag::PrinterAttributes, all)
}
