//! One function a table of the file: its keys become a part of the settings.
//!
//! Deliberately absent: the settings' types (`resolved`) and the reading of single keys (`raw`).

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::SignedDuration;

use super::{
    credentials::is_of_another_process,
    plain::open_plain,
    raw::{Reader, read_octets, read_seconds},
    resolved::{ControlSettings, ConverterSettings},
};
use crate::model::{
    CloudPrinterId, CloudPrinterSettings, PoolChoice, PoolSettings, PrinterContact, PrinterName,
    PrinterSettings, Retention, TicketRules,
    settings::{
        AheadSettings, Essentials, LogFormat, LogSettings, Others, PrinterAccess,
        RetentionSettings, Told, ToldTitle, Trust,
    },
};

const SECONDS: &str = "write it as 5s, 10m, 24h or 7d";
const OCTETS: &str = "write it as 512 KiB, 8 MiB or 1 GiB";
const COUNT: &str = "write a number from 1 to 1000";

pub(super) fn seconds(reader: &mut Reader, path: &str) -> Duration {
    Duration::from_secs(reader.parsed(path, SECONDS, read_seconds))
}

pub(super) fn signed(duration: Duration) -> SignedDuration {
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

/// Yes or no.
pub(super) fn yes(reader: &mut Reader, path: &str) -> bool {
    choice(reader, path, &["false", "true"]) == 1
}

pub(super) fn log(reader: &mut Reader) -> LogSettings {
    const FORMATS: [(&str, LogFormat); 4] = [
        ("auto", LogFormat::Auto),
        ("text", LogFormat::Text),
        ("json", LogFormat::Json),
        ("journal", LogFormat::SystemJournal),
    ];
    LogSettings {
        filter: reader.text("log"),
        format: FORMATS[choice(reader, "log_format", &FORMATS.map(|(word, _)| word))].1,
        people: yes(reader, "log_people"),
    }
}

pub(super) fn retention(reader: &mut Reader) -> RetentionSettings {
    let mut days = |path| signed(seconds(reader, path));
    RetentionSettings {
        jobs: Retention { title: days("retention.title"), owner: days("retention.owner") },
        audit: days("retention.audit"),
    }
}

pub(super) fn control(reader: &mut Reader, state_dir: &Path) -> ControlSettings {
    let socket = reader.optional_text("control.socket").map(PathBuf::from);
    let mode = reader.parsed("control.mode", "write it as \"0660\"", |text| {
        u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777)
    });
    ControlSettings { socket: socket.unwrap_or_else(|| state_dir.join("control.sock")), mode }
}

/// Where monitoring is answered.
pub(super) fn observe(reader: &mut Reader) -> Option<SocketAddr> {
    let text = reader.optional_text("telemetry.listen")?;
    let address = text.parse().ok();
    if address.is_none() {
        let hint = "write an address and a port, such as \"127.0.0.1:9464\"";
        reader.problem("telemetry.listen", &text.into(), "it does not read", hint);
    }
    address
}

/// A file that must be there.
pub(super) fn file(reader: &mut Reader, path: &str) -> Option<PathBuf> {
    let text = reader.optional_text(path)?;
    let file = PathBuf::from(&text);
    if let Err(error) = open_plain(&file)
        && !is_of_another_process(&text)
    {
        let value = file.display().to_string().into();
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
            _ => error.to_string(),
        };
        reader.problem(path, &value, &why, "name a file that the daemon may read");
        return None;
    }
    Some(file)
}

/// The tables of `printers`, by their three kinds.
#[derive(Default)]
pub(super) struct Printers {
    pub(super) ours: Vec<PrinterSettings>,
    pub(super) clouds: Vec<CloudPrinterSettings>,
    pub(super) pools: Vec<PoolSettings>,
}

impl Printers {
    /// Whether a release can go to a name.
    pub(super) fn has(&self, name: &PrinterName) -> bool {
        self.ours.iter().any(|printer| printer.name == *name)
            || self.clouds.iter().any(|printer| printer.name == *name)
            || self.pools.iter().any(|pool| pool.name == *name)
    }
}

/// All tables of `printers`.
pub(super) fn printers(reader: &mut Reader) -> Printers {
    let mut printers = Printers::default();
    for name in reader.names("printers") {
        let key = |key: &str| format!("printers.{name}.{key}");
        let members = reader.value(&key("members"));
        let id = reader.optional_text(&key("cloud_printer"));
        if members.is_null() && id.is_none() {
            printers.ours.push(printer(reader, &name));
            continue;
        }
        let mut alone = |other: &str, than: &str| {
            let value = reader.value(&key(other));
            if !value.is_null() {
                let why = format!("there is {than} as well");
                reader.problem(&key(other), &value, &why, "leave one of them out");
            }
        };
        match id {
            Some(id) => {
                alone("uri", "a cloud_printer");
                alone("members", "a cloud_printer");
                let (name, id) = (PrinterName::new(&name), CloudPrinterId::new(id));
                printers.clouds.push(CloudPrinterSettings { name, id });
            }
            None => {
                alone("uri", "a list of members");
                printers.pools.push(pool(reader, &name));
            }
        }
    }
    for pool in &printers.pools {
        let key = format!("printers.{}.members", pool.name);
        for member in &pool.members {
            let also = printers.has(member) && !printers.ours.iter().any(|one| one.name == *member);
            if also {
                let why = "it is no printer over IPP";
                let hint = "a pool takes printers that have a uri";
                reader.problem(&key, &member.as_str().into(), why, hint);
            }
        }
        let plain = |name: &&PrinterName| !printers.has(name);
        let strangers: Vec<PrinterName> = pool.members.iter().filter(plain).cloned().collect();
        refuse_strangers(reader, &key, &strangers, &printers.ours);
    }
    printers
}

fn pool(reader: &mut Reader, name: &str) -> PoolSettings {
    let key = |key: &str| format!("printers.{name}.{key}");
    let members: Vec<PrinterName> =
        reader.list(&key("members")).into_iter().map(PrinterName::new).collect();
    if members.is_empty() {
        let null = serde_json::Value::Null;
        reader.problem(&key("members"), &null, "a pool needs printers", "name them");
    }
    let twice = members.iter().enumerate().find(|(i, one)| members[..*i].contains(one));
    if let Some((_, twice)) = twice {
        let value = twice.as_str().into();
        reader.problem(&key("members"), &value, "it is there twice", "leave one of them out");
    }
    let choice = choice(reader, &key("choose"), &["first-free", "round-robin"]);
    PoolSettings {
        name: PrinterName::new(name),
        members,
        choice: [PoolChoice::FirstFree, PoolChoice::RoundRobin][choice],
    }
}

/// Names in a list that are not those of printers over IPP.
pub(super) fn refuse_strangers(
    reader: &mut Reader,
    key: &str,
    named: &[PrinterName],
    printers: &[PrinterSettings],
) {
    for name in named {
        if !printers.iter().any(|printer| printer.name == *name) {
            let hint = format!("write a table [printers.{name}] with its uri");
            reader.problem(key, &name.as_str().into(), "there is no such printer", &hint);
        }
    }
}

/// The printer's address; its scheme may be written in capitals (RFC 3986 section 3.1).
fn address(reader: &mut Reader, name: &str) -> String {
    let uri = reader.text(&format!("printers.{name}.uri"));
    match uri.split_once("://") {
        Some((scheme, rest)) => format!("{}://{rest}", scheme.to_ascii_lowercase()),
        None => uri,
    }
}

fn printer(reader: &mut Reader, name: &str) -> PrinterSettings {
    let key = |key: &str| format!("printers.{name}.{key}");
    let uri = address(reader, name);
    if uri.is_empty() {
        let hint = "write its address, such as ipp://HOST/ipp/print, or the cloud_printer that it is, or its members";
        reader.problem(&key("uri"), &serde_json::Value::Null, "it must be given", hint);
    }
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
            wake_for: signed(seconds(reader, &key("wake_for"))),
        },
        access: access(reader, name),
        jobs_at_once: count(reader, &key("jobs_at_once")),
        rules: rules(reader, name),
        told: told(reader, name),
    }
}

/// What happens to settings that the printer can not do. Whether there is a converter is known later.
fn rules(reader: &mut Reader, name: &str) -> TicketRules {
    const ESSENTIALS: [(&str, Essentials); 3] = [
        ("ourselves", Essentials::Ourselves),
        ("refuse", Essentials::Refuse),
        ("substitute", Essentials::Substitute),
    ];
    const OTHERS: [(&str, Others); 2] =
        [("substitute", Others::Substitute), ("refuse", Others::Refuse)];
    let key = |key: &str| format!("printers.{name}.{key}");
    let essentials = choice(reader, &key("essential_settings"), &ESSENTIALS.map(|(word, _)| word));
    let others = choice(reader, &key("other_settings"), &OTHERS.map(|(word, _)| word));
    TicketRules {
        essentials: ESSENTIALS[essentials].1,
        others: OTHERS[others].1,
        process_monochrome: yes(reader, &key("process_monochrome")),
        gray_in_document: yes(reader, &key("gray_in_document")),
        ..TicketRules::default()
    }
}

/// Whom to trust at the printer, and who we are there. A password goes over TLS alone.
fn access(reader: &mut Reader, name: &str) -> PrinterAccess {
    let key = |key: &str| format!("printers.{name}.{key}");
    let trust = match reader.text(&key("trust")).as_str() {
        "certificates" => Trust::Certificates,
        "first-use" => Trust::FirstUse,
        written if written.starts_with("sha256:") => Trust::Key(written.to_owned()),
        written => {
            let hint = "write \"certificates\", \"first-use\" or a key as \"sha256:...\"";
            reader.problem(&key("trust"), &written.into(), "it is none of these", hint);
            Trust::Certificates
        }
    };
    let user = reader.optional_text(&key("login"));
    let password = file(reader, &key("password_file"));
    let certificate_file = file(reader, &key("certificate_file"));
    let login = match (user, password) {
        (Some(user), Some(password)) => Some((user, password)),
        (Some(_), None) if reader.is_wrong(&key("password_file")) => None,
        (Some(user), None) => {
            let hint = "name the file with its password as password_file";
            reader.problem(&key("login"), &user.into(), "it has no password", hint);
            None
        }
        _ => None,
    };
    let secret = login.is_some() || certificate_file.is_some() || trust != Trust::Certificates;
    let uri = address(reader, name);
    if secret && uri.starts_with("ipp://") {
        let why = "keys, certificates and passwords need TLS";
        reader.problem(&key("uri"), &uri.into(), why, "write it as ipps://");
    }
    PrinterAccess { ca_file: file(reader, &key("ca_file")), trust, certificate_file, login }
}

/// What the printer is told of a job.
fn told(reader: &mut Reader, name: &str) -> Told {
    const TITLES: [(&str, ToldTitle); 3] =
        [("token", ToldTitle::Token), ("masked", ToldTitle::Masked), ("title", ToldTitle::Title)];
    let key = |key: &str| format!("printers.{name}.{key}");
    let title = choice(reader, &key("job_name"), &TITLES.map(|(word, _)| word));
    Told {
        title: TITLES[title].1,
        account: reader.optional_text(&key("account")),
        accounting_user: reader.optional_text(&key("accounting_user")),
    }
}

/// The spool's bounds in octets.
pub(super) fn spool(reader: &mut Reader) -> [u64; 4] {
    ["memory_document", "memory", "disk", "document"]
        .map(|name| reader.parsed(&format!("spool.{name}"), OCTETS, read_octets))
}

pub(super) fn ahead(reader: &mut Reader) -> AheadSettings {
    let octets = reader.parsed("spool.ahead", OCTETS, read_octets);
    AheadSettings { octets, time: seconds(reader, "spool.ahead_time") }
}

pub(super) fn converter(reader: &mut Reader) -> ConverterSettings {
    let command = reader.list("converter.command");
    ConverterSettings {
        command: command.into_iter().filter(|word| !word.is_empty()).collect(),
        time: seconds(reader, "converter.time"),
        memory: reader.parsed("converter.memory", OCTETS, read_octets),
        output: reader.parsed("converter.output", OCTETS, read_octets),
        strict: yes(reader, "converter.strict"),
    }
}
