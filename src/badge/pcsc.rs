//! Readers of PC/SC: the card that lies at one, by its UID.
//!
//! It promises: the UID comes as hexadecimal digits, first octet first, again and again for as long as the card lies
//! there. Deliberately absent: anything else of a card, and lights (each maker has commands of its own).

use std::{convert::Infallible, ffi::CString, io, time::Duration};

use pcsc::{Context, Error, MAX_BUFFER_SIZE, Protocols, ReaderState, Scope, ShareMode, State};
use tokio::sync::mpsc;

use super::reader::ReaderEvent;

/// How often a card that lies there is told.
const AGAIN: Duration = Duration::from_millis(400);
/// "Get data: UID" (PC/SC part 3 section 3.2.2.1.3).
const GET_UID: [u8; 5] = [0xFF, 0xCA, 0x00, 0x00, 0x00];
const GOOD: [u8; 2] = [0x90, 0x00];
/// An ISO 14443 UID has 4, 7 or 10 octets; others have a little more.
const LONGEST_UID: usize = 16;

/// Follows a reader for as long as it is there and somebody listens, on a thread of its own.
pub(super) async fn follow(name: &str, told: &mpsc::Sender<ReaderEvent>) -> io::Result<Infallible> {
    let (name, told) = (name.to_owned(), told.clone());
    let followed = tokio::task::spawn_blocking(move || watch(&name, &told));
    followed.await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

fn watch(name: &str, told: &mpsc::Sender<ReaderEvent>) -> io::Result<Infallible> {
    let context = Context::establish(Scope::System).map_err(in_words)?;
    let reader = find(&context, name)?;
    tell(told, ReaderEvent::Here)?;
    let mut states = [ReaderState::new(reader.clone(), State::UNAWARE)];
    let (mut uid, mut n_changes) = (None, None);
    // Whether the card was asked, and how many told nothing.
    let (mut asked, mut n_silent) = (false, 0);
    loop {
        match context.get_status_change(AGAIN, &mut states) {
            Ok(()) | Err(Error::Timeout) => {}
            Err(error) => return Err(in_words(error)),
        }
        let [state] = &mut states;
        state.sync_current_state();
        let seen = state.event_state();
        if seen.intersects(State::UNKNOWN | State::UNAVAILABLE | State::IGNORE) {
            return Err(io::Error::other("it was unplugged"));
        }
        // Another card may lie there by now.
        if n_changes.replace(state.event_count()) != Some(state.event_count())
            || !seen.contains(State::PRESENT)
        {
            (uid, asked) = (None, false);
        }
        if seen.contains(State::PRESENT) && uid.is_none() {
            uid = read_uid(&context, &reader);
            if uid.is_none() && !std::mem::replace(&mut asked, true) {
                n_silent += 1;
                tell(told, ReaderEvent::Ignored(n_silent))?;
            }
        }
        if let Some(uid) = &uid {
            tell(told, ReaderEvent::Line(String::clone(uid)))?;
        } else if told.is_closed() {
            return Err(nobody());
        }
    }
}

fn find(context: &Context, name: &str) -> io::Result<CString> {
    let readers = context.list_readers_owned().map_err(in_words)?;
    let names: Vec<_> = readers.iter().map(|reader| reader.to_string_lossy()).collect();
    let mut found = readers.iter().filter(|reader| reader.to_string_lossy().contains(name));
    let there = if names.is_empty() { "none".to_owned() } else { names.join("; ") };
    match (found.next(), found.next()) {
        (Some(reader), None) => Ok(reader.clone()),
        (Some(_), Some(_)) => Err(io::Error::other(format!(
            "several readers are called so; write more of the name: {there}"
        ))),
        (None, _) => Err(io::Error::other(format!("pcscd has no such reader; there are: {there}"))),
    }
}

/// The UID of the card; nothing if it does not tell.
fn read_uid(context: &Context, reader: &CString) -> Option<String> {
    let card = context.connect(reader, ShareMode::Shared, Protocols::ANY).ok()?;
    let mut buffer = [0; MAX_BUFFER_SIZE];
    let uid = card.transmit(&GET_UID, &mut buffer).ok()?.strip_suffix(&GOOD)?;
    let is_uid = !uid.is_empty() && uid.len() <= LONGEST_UID;
    is_uid.then(|| uid.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().concat())
}

fn tell(told: &mpsc::Sender<ReaderEvent>, event: ReaderEvent) -> io::Result<()> {
    told.blocking_send(event).map_err(|_| nobody())
}

fn nobody() -> io::Error {
    io::Error::other("nobody listens")
}

fn in_words(error: Error) -> io::Error {
    io::Error::other(match error {
        Error::NoService | Error::ServiceStopped => "pcscd does not run".to_owned(),
        Error::NoReadersAvailable => "pcscd has no reader".to_owned(),
        Error::SecurityViolation => {
            "pcscd does not let this user in; install systemd/pullprint.rules for polkit".to_owned()
        }
        error => error.to_string(),
    })
}
