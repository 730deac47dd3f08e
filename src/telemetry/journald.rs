//! The system's journal: each event as an entry with its fields, by journald's native protocol
//! (`systemd.io/JOURNAL_NATIVE_PROTOCOL`).
//!
//! It promises: the fields of an event and of the spans around it are fields of its entry (`PULLPRINT_JOB`), and stand
//! behind its message as well, so that whoever reads plain lines has them. A journal that hangs costs lines, not time.
//! Deliberately absent: entries beyond a datagram; a longer field is cut.

use std::{fmt::Debug, os::unix::net::UnixDatagram};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

const SOCKET: &str = "/run/systemd/journal/socket";
/// The longest field, in octets: with what else there is it goes into a datagram.
const LONGEST: usize = 32 * 1_024;

/// The way to the journal.
pub(super) struct SystemJournal {
    socket: UnixDatagram,
}

/// Whether the service manager leads standard error into the journal (`JOURNAL_STREAM`, systemd.exec(5)).
pub(super) fn is_standard_error() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    rustix::fs::fstat(std::io::stderr())
        .is_ok_and(|file| stream == format!("{}:{}", file.st_dev, file.st_ino))
}

impl SystemJournal {
    /// Nothing if there is no journal here.
    pub(super) fn open() -> Option<Self> {
        let socket = UnixDatagram::unbound().ok()?;
        socket.set_nonblocking(true).ok()?;
        // An empty datagram is no entry; it shows whether somebody listens.
        socket.send_to(&[], SOCKET).ok()?;
        Some(Self { socket })
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for SystemJournal {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(around) = span.extensions().get::<Fields>() {
                fields.add(around);
            }
        }
        // An event that can not be told is lost, as one is that nobody reads.
        let _ = self.socket.send_to(&datagram(*event.metadata().level(), &fields), SOCKET);
    }
}

/// The fields of an event or of a span, in their order.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, String)>,
}

impl Fields {
    /// Adds those of a span around; what is nearer counts.
    fn add(&mut self, around: &Self) {
        for (name, value) in &around.others {
            if !self.others.iter().any(|(known, _)| known == name) {
                self.others.push((name, value.clone()));
            }
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.others.push((field.name(), value.to_owned()));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// An event as journald takes it.
fn datagram(level: Level, fields: &Fields) -> Vec<u8> {
    // syslog(3)
    let priority = match level {
        Level::ERROR => "3",
        Level::WARN => "4",
        Level::INFO => "6",
        _ => "7",
    };
    let told: Vec<_> =
        fields.others.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let message = match &told[..] {
        [] => fields.message.clone(),
        told => format!("{} ({})", fields.message, told.join(" ")),
    };
    let mut octets = Vec::new();
    put(&mut octets, "PRIORITY", priority);
    put(&mut octets, "SYSLOG_IDENTIFIER", "pullprint");
    put(&mut octets, "MESSAGE", &message);
    for (name, value) in &fields.others {
        put(&mut octets, &format!("PULLPRINT_{}", name.to_ascii_uppercase()), value);
    }
    octets
}

/// A field: its name, the length of its value, the value; so it may have more than one line.
fn put(octets: &mut Vec<u8>, name: &str, value: &str) {
    let value = &value.as_bytes()[..value.floor_char_boundary(LONGEST)];
    octets.extend_from_slice(name.as_bytes());
    octets.push(b'\n');
    octets.extend_from_slice(&(value.len() as u64).to_le_bytes());
    octets.extend_from_slice(value);
    octets.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearer_counts_and_all_of_it_is_told() {
        let span = Fields {
            message: String::new(),
            others: vec![("job", "17".into()), ("attempt", "1".into())],
        };
        let mut fields =
            Fields { message: "two\nlines".into(), others: vec![("attempt", "2".into())] };
        fields.add(&span);
        let entry = String::from_utf8(datagram(Level::WARN, &fields)).unwrap();
        for part in [
            "PRIORITY\n\u{1}\0\0\0\0\0\0\u{0}4\n",
            "MESSAGE\n\u{1c}\0\0\0\0\0\0\0two\nlines (attempt=2 job=17)\n",
            "PULLPRINT_JOB\n\u{2}\0\0\0\0\0\0\u{0}17\n",
            "PULLPRINT_ATTEMPT\n\u{1}\0\0\0\0\0\0\u{0}2\n",
        ] {
            assert!(entry.contains(part), "{part:?} is not in {entry:?}");
        }
        assert!(!entry.contains("attempt=1"));
    }

    #[test]
    fn a_long_field_is_cut_between_characters() {
        let mut entry = Vec::new();
        put(&mut entry, "X", &"ä".repeat(LONGEST));
        assert_eq!(entry.len(), 2 + 8 + LONGEST + 1);
        assert!(std::str::from_utf8(&entry[10..]).is_ok());
    }
}
