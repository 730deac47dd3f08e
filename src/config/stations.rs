//! The tables of readers and stations.

use super::{
    raw::Reader,
    tables::{Printers, choice, yes},
};
use crate::model::{
    PrinterName,
    station::{Layout, OnTap, ReaderSettings, ReaderSource, StationSettings},
};

pub(super) fn readers(reader: &mut Reader) -> Vec<ReaderSettings> {
    let names = reader.names("readers");
    names.iter().filter_map(|name| badge_reader(reader, name)).collect()
}

fn badge_reader(reader: &mut Reader, name: &str) -> Option<ReaderSettings> {
    let key = |key: &str| format!("readers.{name}.{key}");
    let layout = choice(reader, &key("layout"), &["us", "german"]);
    let speed = reader.parsed(&key("speed"), "write it as 9600", |text| text.parse().ok());
    let sources = ["serial", "keyboard", "pcsc", "dial", "listen"];
    let written: Vec<(&str, String)> = sources
        .into_iter()
        .filter_map(|source| Some((source, reader.optional_text(&key(source))?)))
        .collect();
    let source = match &written[..] {
        [("serial", path)] => ReaderSource::Serial { path: path.into(), speed },
        [("keyboard", path)] => {
            let layout = [Layout::Us, Layout::German][layout];
            ReaderSource::Keyboard { path: path.into(), layout }
        }
        [("pcsc", name)] => {
            refuse_without_pcsc(reader, &key("pcsc"), name);
            ReaderSource::Pcsc { name: name.clone() }
        }
        [(way, address)] => {
            refuse_without_port(reader, &key(way), address);
            match *way {
                "dial" => ReaderSource::Dial { address: address.clone() },
                _ => ReaderSource::Listen { address: address.clone() },
            }
        }
        _ => {
            let why = "it says not, or more than once, where the reader is";
            let hint = "write one of serial, keyboard, pcsc, dial and listen";
            reader.problem(&format!("readers.{name}"), &serde_json::Value::Null, why, hint);
            return None;
        }
    };
    Some(ReaderSettings {
        name: name.to_owned(),
        source,
        steps: reader.list(&key("numbers")),
        natural_uid: yes(reader, &key("natural_uid")),
        shortest: reader.parsed(&key("shortest"), "write a number from 1 to 64", |text| {
            text.parse().ok().filter(|length| (1..=64).contains(length))
        }),
    })
}

/// A host or an address, and a port: a name is looked up when the reader is.
fn refuse_without_port(reader: &mut Reader, key: &str, address: &str) {
    let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    let reads = |(_, port): (&str, &str)| port.parse::<u16>().is_ok_and(|port| port > 0);
    if address.contains("://") || !port.is_some_and(reads) {
        let hint = "write HOST:PORT, such as 192.0.2.10:9000";
        reader.problem(key, &address.into(), "it is not a host and a port", hint);
    }
}

fn refuse_without_pcsc(reader: &mut Reader, key: &str, name: &str) {
    if !cfg!(feature = "pcsc") {
        let hint = "build it with --features pcsc, or set the reader to look like a keyboard or a serial line";
        reader.problem(key, &name.into(), "this program was built without PC/SC", hint);
    }
}

pub(super) fn stations(
    reader: &mut Reader,
    readers: &[ReaderSettings],
    printers: &Printers,
) -> Vec<StationSettings> {
    let names = reader.names("stations");
    let stations: Vec<StationSettings> = names
        .iter()
        .map(|name| {
            let key = |key: &str| format!("stations.{name}.{key}");
            let on_tap = choice(reader, &key("on_tap"), &["all", "last", "while-present"]);
            let ask_above = reader
                .parsed(&key("ask_above"), "write a number of sheets", |text| text.parse().ok());
            StationSettings {
                name: name.clone(),
                readers: reader.list(&key("readers")),
                printers: reader.list(&key("printers")).into_iter().map(PrinterName::new).collect(),
                screen: yes(reader, &key("screen")),
                on_tap: [OnTap::All, OnTap::Last, OnTap::WhilePresent][on_tap],
                ask_above: Some(ask_above).filter(|sheets| *sheets > 0),
            }
        })
        .collect();
    for (i, station) in stations.iter().enumerate() {
        let key = |key: &str| format!("stations.{}.{key}", station.name);
        if station.printers.is_empty() {
            let null = serde_json::Value::Null;
            reader.problem(&key("printers"), &null, "it has none", "name its printer");
        }
        for printer in station.printers.iter().filter(|printer| !printers.has(printer)) {
            let hint = format!("write a table [printers.{printer}] with its uri");
            let value = printer.as_str().into();
            reader.problem(&key("printers"), &value, "there is no such printer", &hint);
        }
        for name in &station.readers {
            let value = name.as_str().into();
            if !readers.iter().any(|reader| reader.name == *name) {
                let hint = format!("write a table [readers.{name}]");
                reader.problem(&key("readers"), &value, "there is no such reader", &hint);
            }
            if stations[..i].iter().any(|other| other.readers.contains(name)) {
                let why = "it belongs to another station already";
                reader.problem(&key("readers"), &value, why, "name it at one station");
            }
        }
    }
    stations
}
