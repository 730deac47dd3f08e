//! The table of the kiosk.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use serde_json::Value;

use super::{
    credentials::is_of_another_process,
    plain::{open_plain, read_plain},
    raw::Reader,
    tables::{choice, seconds, yes},
};
use crate::model::{
    kiosk::{BadgeWord, KioskSettings, Language},
    people::PinRule,
    station::StationSettings,
};

/// A session leaves time for a warning of 20 seconds, and for something before it.
const SHORTEST_SESSION: Duration = Duration::from_secs(30);
const SHORTEST_SECRET: usize = 16;
/// What to do about a secret that can not be read.
const LET: &str = "let the service's user read it, or name it as a credential of the service";
/// What to do about one that is not there, or no good.
const MAKE: &str = "make one, for example with `openssl rand -hex 16`";

/// What holds with screens and without.
#[derive(Clone, Copy)]
pub(super) struct Site {
    /// What people type.
    pub(super) pin: PinRule,
    /// Whether an unknown badge may be registered by a code.
    pub(super) registers: bool,
    /// What is spoken where nothing else is asked for.
    pub(super) language: Language,
}

pub(super) fn site(reader: &mut Reader) -> Site {
    let rule = choice(reader, "people.pin", &["off", "with-badge", "or-badge"]);
    let codes = Language::ALL.map(|(_, code, _)| code);
    Site {
        pin: [PinRule::Off, PinRule::WithBadge, PinRule::OrBadge][rule],
        registers: choice(reader, "people.unknown_badges", &["refuse", "register"]) == 1,
        language: Language::ALL[choice(reader, "kiosk.language", &codes)].0,
    }
}

pub(super) fn kiosk(
    reader: &mut Reader,
    stations: &[StationSettings],
    site: Site,
) -> Option<KioskSettings> {
    let listen = listen(reader, stations);
    let tls = tls(reader);
    let secret_file = secret(reader, "kiosk.secret_file");
    let administrator_secret_file = secret(reader, "kiosk.administrator_secret_file");
    let session = seconds(reader, "kiosk.session");
    if session < SHORTEST_SESSION && !reader.is_wrong("kiosk.session") {
        let (value, why) = (format!("{}s", session.as_secs()), "nobody reads a list in that time");
        reader.problem("kiosk.session", &value.into(), why, "write 30s or more");
    }
    let titles = choice(reader, "kiosk.titles", &["shown", "masked"]);
    let word = choice(reader, "kiosk.badge_word", &["badge", "card"]);
    let settings = KioskSettings {
        listen: listen?,
        tls,
        secret_file,
        administrator_secret_file,
        host_names: reader.list("kiosk.host_names"),
        session,
        mask_titles: titles == 1,
        badge_word: [BadgeWord::Badge, BadgeWord::Card][word],
        pin: site.pin,
        registers: site.registers,
        sound: yes(reader, "kiosk.sound"),
        language: site.language,
    };
    refuse_open_doors(reader, &settings);
    Some(settings)
}

fn listen(reader: &mut Reader, stations: &[StationSettings]) -> Option<SocketAddr> {
    let text = reader.optional_text("kiosk.listen");
    if text.is_none()
        && let Some(station) = stations.iter().find(|station| station.screen)
    {
        let why = "a screen needs it";
        let hint = format!(
            "write listen = \"127.0.0.1:8700\", or screen = false at the station {}",
            station.name
        );
        reader.problem("kiosk.listen", &Value::Null, why, &hint);
    }
    let text = text?;
    let address = text.parse().ok();
    if address.is_none() {
        let hint = "write an address and a port, such as \"127.0.0.1:8700\"";
        reader.problem("kiosk.listen", &text.into(), "it does not read", hint);
    }
    address
}

fn tls(reader: &mut Reader) -> Option<(PathBuf, PathBuf)> {
    let certificate = reader.optional_text("kiosk.certificate_file");
    let key = reader.optional_text("kiosk.key_file");
    if let (None, Some(key)) = (&certificate, &key) {
        let why = "there is no certificate for it";
        let value = Value::from(key.as_str());
        reader.problem("kiosk.key_file", &value, why, "write certificate_file as well");
    }
    let key = key.or_else(|| certificate.clone());
    for (name, file) in [("certificate_file", &certificate), ("key_file", &key)] {
        let Some(file) = file.as_ref().filter(|file| !is_of_another_process(file)) else {
            continue;
        };
        if let Err(error) = open_plain(file.as_ref()) {
            let hint = "put it there, and let the service read it";
            let value = Value::from(file.as_str());
            reader.problem(&format!("kiosk.{name}"), &value, &error.to_string(), hint);
        }
    }
    Some((certificate?.into(), key?.into()))
}

fn secret(reader: &mut Reader, key: &str) -> Option<PathBuf> {
    let file = reader.optional_text(key)?;
    let wrong = match read_plain(file.as_ref()) {
        Ok(secret) if secret.trim_ascii().len() >= SHORTEST_SECRET => None,
        Ok(_) => Some(("what it holds is too short".to_owned(), MAKE)),
        Err(_) if is_of_another_process(&file) => None,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Some((error.to_string(), LET))
        }
        Err(error) => Some((error.to_string(), MAKE)),
    };
    if let Some((why, hint)) = wrong {
        reader.problem(key, &Value::from(file.as_str()), &why, hint);
    }
    Some(file.into())
}

/// Whoever reaches the kiosk over a network must bring a secret, and nobody may listen.
fn refuse_open_doors(reader: &mut Reader, settings: &KioskSettings) {
    if settings.listen.ip().is_loopback() {
        return;
    }
    let value = Value::from(settings.listen.to_string());
    let why = "others than this machine could reach it";
    if settings.tls.is_none() {
        reader.problem("kiosk.listen", &value, why, "write a certificate_file for https");
    }
    if settings.secret_file.is_none() {
        reader.problem("kiosk.listen", &value, why, "write a secret_file");
    }
}
