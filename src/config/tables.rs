//! One function a table of the file: its keys become a part of the settings.
//!
//! Deliberately absent: the settings' types (`resolved`) and the reading of single keys (`raw`).

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::SignedDuration;

use super::{
    raw::{Reader, read_octets, read_seconds},
    resolved::{Cloud, ControlSettings, ConverterSettings},
};
use crate::model::{
    AfterRelease, CloudPrinterId, DocumentFormat, PrinterContact, PrinterName, PrinterSettings,
    QueueSettings, TaskDefinitionId,
};

const SECONDS: &str = "write it as 5s, 10m, 24h or 7d";
const OCTETS: &str = "write it as 512 KiB, 8 MiB or 1 GiB";
const COUNT: &str = "write a number from 1 to 1000";

pub(super) fn seconds(reader: &mut Reader, path: &str) -> Duration {
    Duration::from_secs(reader.parsed(path, SECONDS, read_seconds))
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

pub(super) fn count(reader: &mut Reader, path: &str) -> usize {
    reader.parsed(path, COUNT, |text| text.parse().ok().filter(|n| (1..=1000).contains(n)))
}

/// The place of the written word among the allowed ones.
pub(super) fn choice(reader: &mut Reader, path: &str, words: &[&str]) -> usize {
    let hint = format!("write one of {}", words.join(", "));
    reader.parsed(path, &hint, |text| words.iter().position(|word| *word == text))
}

pub(super) fn control(reader: &mut Reader, state_dir: &Path) -> ControlSettings {
    let socket = reader.optional_text("control.socket").map(PathBuf::from);
    let mode = reader.parsed("control.mode", "write it as \"0660\"", |text| {
        u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777)
    });
    ControlSettings { socket: socket.unwrap_or_else(|| state_dir.join("control.sock")), mode }
}

pub(super) fn cloud(reader: &mut Reader) -> Cloud {
    let cloud = Cloud {
        tenant: reader.text("cloud.tenant"),
        client_id: reader.text("cloud.client_id"),
        client_secret_file: file(reader, "cloud.client_secret_file"),
        certificate: certificate(reader),
        task_definition: TaskDefinitionId::new(reader.text("cloud.task_definition")),
        authority: origin(reader, "cloud.authority"),
        graph: origin(reader, "cloud.graph"),
        ca_file: file(reader, "cloud.ca_file"),
        poll_interval: seconds(reader, "cloud.poll_interval"),
        stamp_interval: seconds(reader, "cloud.stamp_interval"),
        task_patience: signed(seconds(reader, "cloud.task_patience")),
        calls_at_once: count(reader, "cloud.calls_at_once"),
        downloads_at_once: count(reader, "cloud.downloads_at_once"),
    };
    let null = serde_json::Value::Null;
    match (&cloud.client_secret_file, &cloud.certificate) {
        (None, None)
            if !is_written(reader, "client_secret_file")
                && !is_written(reader, "certificate_file") =>
        {
            let hint = "write client_secret_file or certificate_file";
            reader.problem(
                "cloud.client_secret_file",
                &null,
                "the application has no credential",
                hint,
            );
        }
        (Some(_), Some(_)) => {
            let why = "there is a certificate as well";
            reader.problem("cloud.client_secret_file", &null, why, "leave one of them out");
        }
        _ => {}
    }
    cloud
}

fn is_written(reader: &mut Reader, name: &str) -> bool {
    !reader.value(&format!("cloud.{name}")).is_null()
}

fn certificate(reader: &mut Reader) -> Option<(PathBuf, PathBuf)> {
    let certificate = file(reader, "cloud.certificate_file")?;
    let key = file(reader, "cloud.key_file").unwrap_or_else(|| certificate.clone());
    Some((certificate, key))
}

/// A file that must be there.
fn file(reader: &mut Reader, path: &str) -> Option<PathBuf> {
    let file = PathBuf::from(reader.optional_text(path)?);
    if let Err(error) = std::fs::File::open(&file) {
        let value = file.display().to_string().into();
        reader.problem(path, &value, &error.to_string(), "name a file that the daemon may read");
        return None;
    }
    Some(file)
}

/// An https origin, without a slash at its end.
fn origin(reader: &mut Reader, path: &str) -> String {
    reader.parsed(path, "write it as https://HOST, without a path", |text| {
        let url = url::Url::parse(text).ok()?;
        let plain = url.scheme() == "https" && url.path() == "/" && url.query().is_none();
        (plain && url.host().is_some()).then(|| text.trim_end_matches('/').to_owned())
    })
}

pub(super) fn queue(
    reader: &mut Reader,
    name: &str,
    printers: &[PrinterSettings],
) -> QueueSettings {
    let key = |key: &str| format!("queues.{name}.{key}");
    let source_printer = CloudPrinterId::new(reader.text(&key("source_printer")));
    let release_to = reader.optional_text(&key("release_to")).map(PrinterName::new);
    if let Some(printer) = release_to.as_ref().filter(|to| !printers.iter().any(|p| p.name == **to))
    {
        let hint = format!("write a table [printers.{printer}] with its uri");
        reader.problem(
            &key("release_to"),
            &printer.as_str().into(),
            "there is no such printer",
            &hint,
        );
    }
    let redirect_to = reader.optional_text(&key("redirect_to")).map(CloudPrinterId::new);
    if let (Some(printer), Some(_)) = (&redirect_to, &release_to) {
        let why = "there is a release_to as well";
        let value = printer.as_str().into();
        reader.problem(&key("redirect_to"), &value, why, "leave one of them out");
    }
    let after = choice(reader, &key("after_release"), &["complete", "abort"]);
    QueueSettings {
        source_printer,
        release_to,
        redirect_to,
        hold_limit: signed(seconds(reader, &key("hold_limit"))),
        after_release: [AfterRelease::Complete, AfterRelease::Abort][after],
        refused_formats: reader
            .list(&key("refuse_formats"))
            .iter()
            .map(|mime| DocumentFormat::from_mime(mime))
            .collect(),
    }
}

pub(super) fn printer(reader: &mut Reader, name: &str) -> PrinterSettings {
    let key = |key: &str| format!("printers.{name}.{key}");
    let uri = reader.text(&key("uri"));
    if let Some(why) = crate::model::printer::bad_uri(&uri).filter(|_| !uri.is_empty()) {
        let hint = "write it as ipp://HOST/ipp/print or ipps://HOST/ipp/print";
        reader.problem(&key("uri"), &uri.as_str().into(), why, hint);
    }
    PrinterSettings {
        name: PrinterName::new(name),
        contact: PrinterContact {
            uri,
            user_name: reader.text(&key("user_name")),
            token_prefix: String::new(),
            hold_unconfirmed: choice(reader, &key("when_forgotten"), &["complete", "hold"]) == 1,
        },
        ca_file: file(reader, &key("ca_file")),
        jobs_at_once: count(reader, &key("jobs_at_once")),
    }
}

/// The spool's bounds in octets.
pub(super) fn spool(reader: &mut Reader) -> [u64; 4] {
    ["memory_document", "memory", "disk", "document"]
        .map(|name| reader.parsed(&format!("spool.{name}"), OCTETS, read_octets))
}

pub(super) fn converter(reader: &mut Reader) -> ConverterSettings {
    let command = reader.list("converter.command");
    ConverterSettings {
        command: command.into_iter().filter(|word| !word.is_empty()).collect(),
        time: seconds(reader, "converter.time"),
        memory: reader.parsed("converter.memory", OCTETS, read_octets),
        output: reader.parsed("converter.output", OCTETS, read_octets),
    }
}
