//! The cloud's table: which cloud, who we are in it, and the way there.

use std::{path::PathBuf, time::Duration};

use jiff::{SignedDuration, civil::Date};
use serde_json::Value;

use super::{
    raw::Reader,
    tables::{choice, count, file, seconds, signed},
};
use crate::model::TaskDefinitionId;

/// A cloud, its sign-in origin and its Graph origin.
const CLOUDS: [(&str, &str, &str); 3] = [
    ("global", "https://login.microsoftonline.com", "https://graph.microsoft.com"),
    ("us-gov-l4", "https://login.microsoftonline.us", "https://graph.microsoft.us"),
    ("us-gov-l5", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
];

/// What people may call the cloud that has no pull printing.
const NO_PULL_PRINTING: [&str; 3] = ["china", "21vianet", "mooncake"];

/// The cloud and this application in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// Directory id or domain.
    pub tenant: String,
    /// Application id.
    pub client_id: String,
    /// How the application proves who it is.
    pub credential: CredentialFiles,
    /// The definition that is served.
    pub task_definition: TaskDefinitionId,
    /// The sign-in origin.
    pub authority: String,
    /// The Graph origin.
    pub graph: String,
    /// A CA to trust.
    pub ca_file: Option<PathBuf>,
    /// The proxy on the way.
    pub proxy: Option<String>,
    /// A file with the proxy's user and password.
    pub proxy_login_file: Option<PathBuf>,
    /// How often to poll.
    pub poll_interval: Duration,
    /// How often to read who serves the definition.
    pub stamp_interval: Duration,
    /// How long the cloud keeps a job whose task is open.
    pub task_patience: SignedDuration,
    /// Calls under way.
    pub calls_at_once: usize,
    /// Downloads under way.
    pub downloads_at_once: usize,
}

/// The files by which the application proves who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CredentialFiles {
    /// None is written, which is a problem.
    #[default]
    Missing,
    /// A secret.
    Secret {
        /// The file.
        file: PathBuf,
        /// The day on which it ends, where it is written.
        ends: Option<Date>,
    },
    /// A certificate with its key.
    Certificate {
        /// PEM, or PKCS#12.
        file: PathBuf,
        /// The PEM file with the key; it may be the same.
        key: PathBuf,
        /// The file with the password, for PKCS#12.
        password: Option<PathBuf>,
        /// Whether it signs the older way.
        rs256: bool,
    },
    /// A token of another issuer.
    Federated {
        /// The file.
        file: PathBuf,
    },
}

impl Default for Cloud {
    fn default() -> Self {
        Self {
            tenant: String::new(),
            client_id: String::new(),
            credential: CredentialFiles::Missing,
            task_definition: TaskDefinitionId::new(""),
            authority: String::new(),
            graph: String::new(),
            ca_file: None,
            proxy: None,
            proxy_login_file: None,
            poll_interval: Duration::ZERO,
            stamp_interval: Duration::ZERO,
            task_patience: SignedDuration::ZERO,
            calls_at_once: 1,
            downloads_at_once: 1,
        }
    }
}

pub(super) fn cloud(reader: &mut Reader) -> Cloud {
    let (authority, graph) = origins(reader);
    Cloud {
        tenant: reader.text("cloud.tenant"),
        client_id: reader.text("cloud.client_id"),
        credential: credential(reader),
        task_definition: TaskDefinitionId::new(reader.text("cloud.task_definition")),
        authority,
        graph,
        ca_file: file(reader, "cloud.ca_file"),
        proxy: proxy(reader),
        proxy_login_file: file(reader, "cloud.proxy_login_file"),
        poll_interval: seconds(reader, "cloud.poll_interval"),
        stamp_interval: seconds(reader, "cloud.stamp_interval"),
        task_patience: signed(seconds(reader, "cloud.task_patience")),
        calls_at_once: count(reader, "cloud.calls_at_once"),
        downloads_at_once: count(reader, "cloud.downloads_at_once"),
    }
}

/// The sign-in origin and the Graph origin.
fn origins(reader: &mut Reader) -> (String, String) {
    const KEY: &str = "cloud.environment";
    let word = reader.text(KEY);
    let written = ["cloud.authority", "cloud.graph"].map(|key| !reader.value(key).is_null());
    if word == "custom" {
        return (origin(reader, "cloud.authority"), origin(reader, "cloud.graph"));
    }
    let value = Value::from(word.as_str());
    if let Some((_, authority, graph)) = CLOUDS.iter().find(|(name, ..)| *name == word) {
        if written.contains(&true) {
            let why = "authority and graph are for a custom cloud";
            reader.problem(KEY, &value, why, "write environment = \"custom\", or leave them out");
        }
        return ((*authority).to_owned(), (*graph).to_owned());
    }
    if NO_PULL_PRINTING.contains(&word.to_ascii_lowercase().as_str()) {
        let why = "the cloud operated by 21Vianet has no pull printing: Universal Print's jobs and print tasks are \
                   not in its Graph";
        reader.problem(KEY, &value, why, "there is no way around it");
    } else {
        let hint = "write one of global, us-gov-l4, us-gov-l5, custom";
        reader.problem(KEY, &value, "it does not read", hint);
    }
    (String::new(), String::new())
}

/// An https origin, without a slash at its end.
fn origin(reader: &mut Reader, path: &str) -> String {
    if reader.value(path).is_null() {
        let why = "it must be given with a custom environment";
        reader.problem(path, &Value::Null, why, "write it as https://HOST");
    }
    reader.parsed(path, "write it as https://HOST, without a path", |text| {
        let url = url::Url::parse(text).ok()?;
        let plain = url.scheme() == "https"
            && url.path() == "/"
            && url.query().is_none()
            && url.username().is_empty();
        (plain && url.host().is_some()).then(|| text.trim_end_matches('/').to_owned())
    })
}

fn proxy(reader: &mut Reader) -> Option<String> {
    let hint = "write it as http://HOST:PORT; a user and a password belong into proxy_login_file";
    let address: String = reader.parsed("cloud.proxy", hint, |text| {
        let url = url::Url::parse(text).ok()?;
        let plain = ["http", "https"].contains(&url.scheme()) && url.username().is_empty();
        (plain && url.has_host()).then(|| text.to_owned())
    });
    Some(address).filter(|address| !address.is_empty())
}

/// The one credential that is written.
fn credential(reader: &mut Reader) -> CredentialFiles {
    const KEYS: [&str; 3] =
        ["cloud.client_secret_file", "cloud.certificate_file", "cloud.federated_token_file"];
    let rs256 = choice(reader, "cloud.certificate_signature", &["ps256", "rs256"]) == 1;
    let written: Vec<&str> = KEYS.into_iter().filter(|key| !reader.value(key).is_null()).collect();
    match written.as_slice() {
        [] => {
            let hint = "write client_secret_file, certificate_file or federated_token_file";
            let why = "the application has no credential";
            reader.problem(KEYS[0], &Value::Null, why, hint);
            return CredentialFiles::Missing;
        }
        [_] => {}
        [first, others @ ..] => {
            let value = reader.value(first);
            let others: Vec<&str> =
                others.iter().map(|other| other.trim_start_matches("cloud.")).collect();
            let why = format!("there is a {} as well", others.join(" and a "));
            reader.problem(first, &value, &why, "leave all but one out");
        }
    }
    match written[0] {
        "cloud.client_secret_file" => file(reader, KEYS[0])
            .map(|file| CredentialFiles::Secret { file, ends: secret_ends(reader) }),
        "cloud.certificate_file" => certificate(reader, rs256),
        _ => file(reader, KEYS[2]).map(|file| CredentialFiles::Federated { file }),
    }
    .unwrap_or_default()
}

fn certificate(reader: &mut Reader, rs256: bool) -> Option<CredentialFiles> {
    let certificate: PathBuf = file(reader, "cloud.certificate_file")?;
    let key = file(reader, "cloud.key_file").unwrap_or_else(|| certificate.clone());
    Some(CredentialFiles::Certificate {
        file: certificate,
        key,
        password: file(reader, "cloud.certificate_password_file"),
        rs256,
    })
}

fn secret_ends(reader: &mut Reader) -> Option<Date> {
    reader.parsed("cloud.client_secret_expires", "write it as \"2027-05-31\"", |text| {
        text.parse().ok().map(Some)
    })
}
