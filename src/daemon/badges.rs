//! Badges as the daemon knows them: numbers go in, people come out.
//!
//! It promises: a number is hashed as soon as it is here, and is never logged or journaled; the directory alone is asked
//! for it, where it has badges. Who asked by command whose a badge is, is journaled.
//! Deliberately absent: readers, and what a badge lets go (`stations`).

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
};

use aws_lc_rs::rand;
use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    time::{Duration, timeout},
};

use zeroize::Zeroizing;

use super::{Wake, deeds::Deeds, directory::Directory};
use crate::{
    journal::{Entry, reader::JournalReader},
    model::{
        Owner,
        people::{BadgeHash, PeopleChange, Person},
    },
    people::{
        hash::{BadgeKey, KEY_LENGTH},
        import::Row,
    },
};

const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Badges and their people.
pub(super) struct Badges {
    pub(super) key: BadgeKey,
    pub(super) journal: JournalReader,
    wakes: mpsc::Sender<Wake>,
    /// Where people have badges as well, if anywhere.
    pub(super) directory: Option<Directory>,
    /// How many PINs may be checked at a time: each takes 19 MiB for a moment.
    pub(super) pin_turns: Arc<Semaphore>,
}

/// A change of people on its way into the journal.
#[derive(Debug)]
pub(super) struct PeopleTurn {
    pub(super) changes: Vec<PeopleChange>,
    pub(super) entry: Entry,
    /// Told when it is written.
    pub(super) written: oneshot::Sender<()>,
}

impl Badges {
    pub(super) fn new(
        key: BadgeKey,
        journal: JournalReader,
        wakes: mpsc::Sender<Wake>,
        directory: Option<Directory>,
    ) -> Self {
        Self { key, journal, wakes, directory, pin_turns: Arc::new(Semaphore::new(2)) }
    }

    /// A number as it is kept.
    pub(super) fn hash(&self, number: &str) -> BadgeHash {
        self.key.hash(number)
    }

    /// Wakes the loop.
    ///
    /// # Errors
    ///
    /// A sentence, while the daemon stops.
    pub(super) async fn wake(&self, wake: Wake) -> Result<(), String> {
        self.wakes.send(wake).await.map_err(|_| "the daemon stops".to_owned())
    }

    /// Whose a badge is now, for somebody who asks by command.
    pub(super) async fn whois(
        self: &Arc<Self>,
        number: &str,
        uid: u32,
    ) -> Result<Option<Person>, String> {
        let person = self.person_of(number).await?;
        let detail =
            person.as_ref().map_or_else(|| "nobody".to_owned(), |person| person.id.clone());
        self.write(Vec::new(), "badge-asked", by(&detail, uid)).await?;
        Ok(person)
    }

    /// Gives badges to people. Who is named by the UPN alone is looked up in the directory, once: from then on the
    /// object id counts. Either all of these are given, or none.
    pub(super) async fn give(&self, deeds: &Deeds, rows: &[Row], uid: u32) -> Result<(), String> {
        let people = join_all(rows.iter().map(|row| person_of_row(deeds, row))).await;
        let unknown: Vec<&String> =
            people.iter().filter_map(|person| person.as_ref().err()).collect();
        if !unknown.is_empty() {
            let all: Vec<&str> = unknown.into_iter().map(String::as_str).collect();
            return Err(all.join("\n"));
        }
        let give = |(row, person): (&Row, Person)| PeopleChange::Give {
            badge: self.key.hash(&row.number),
            person,
            ends: row.ends,
        };
        let changes = rows.iter().zip(people.into_iter().flatten()).map(give).collect();
        self.write(changes, "badges-given", by(&rows.len().to_string(), uid)).await
    }

    /// Takes a badge from whoever has it.
    pub(super) async fn revoke(&self, number: &str, uid: u32) -> Result<bool, String> {
        let badge = self.key.hash(number);
        let had = self.journal.person_of(&badge, Timestamp::now()).await;
        let had = had.map_err(|error| error.to_string())?;
        // The directory may give it to somebody at the next tap.
        if had.is_none() && self.directory.is_none() {
            return Ok(false);
        }
        let whose = had.map_or_else(|| "nobody".to_owned(), |person| person.id);
        self.write(vec![PeopleChange::Revoke(badge)], "badge-revoked", by(&whose, uid)).await?;
        Ok(true)
    }

    pub(super) async fn write(
        &self,
        changes: Vec<PeopleChange>,
        kind: &str,
        detail: String,
    ) -> Result<(), String> {
        let (written, answer) = oneshot::channel();
        let entry = Entry { kind: kind.to_owned(), detail };
        let turn = PeopleTurn { changes, entry, written };
        let not_now = || "the daemon can not write that now; try again".to_owned();
        self.wakes.send(Wake::PeopleChanged(turn)).await.map_err(|_| not_now())?;
        match timeout(ANSWER_TIME, answer).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(not_now()),
        }
    }
}

/// What happened, by whom of the system.
pub(super) fn by(detail: &str, uid: u32) -> String {
    format!("{detail} by uid {uid}")
}

/// The person of a row.
pub(super) async fn person_of_row(deeds: &Deeds, row: &Row) -> Result<Person, String> {
    if let Some(id) = &row.id {
        return Ok(Person { id: id.clone(), upn: row.upn.clone(), name: row.name.clone() });
    }
    let upn = row.upn.as_deref().unwrap_or_default();
    let found = {
        let _call = deeds.call().await;
        deeds.graph().get_user(upn).await
    };
    match found {
        Ok(Owner { id: Some(id), upn, name }) => {
            Ok(Person { id, upn, name: row.name.clone().or(name) })
        }
        Ok(_) => Err(format!("{upn}: the directory names no object id")),
        Err(error) if error.is_gone() => {
            Err(format!("{upn}: nobody in the directory has that UPN"))
        }
        Err(error) => Err(format!("{upn}: {error}")),
    }
}

/// The key in a file.
///
/// # Errors
///
/// The system's, or that the file does not hold a key.
pub(super) fn read_key(file: &Path) -> io::Result<BadgeKey> {
    let octets = Zeroizing::new(std::fs::read(file)?);
    BadgeKey::new(&octets).map_err(io::Error::other)
}

/// The key in a file of our own, made where there is none yet.
///
/// # Errors
///
/// As of [`read_key`].
pub(super) fn read_or_make_key(file: &Path) -> io::Result<BadgeKey> {
    match read_key(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        result => return result,
    }
    let mut octets = Zeroizing::new([0; KEY_LENGTH]);
    rand::fill(&mut *octets).map_err(io::Error::other)?;
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    new.write_all(&*octets)?;
    new.sync_all()?;
    read_key(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("badge-key");
        assert_eq!(read_key(&file).unwrap_err().kind(), io::ErrorKind::NotFound);
        let hash = read_or_make_key(&file).unwrap().hash("42");
        assert_eq!(read_or_make_key(&file).unwrap().hash("42"), hash);
        std::fs::write(&file, "short").unwrap();
        assert!(read_or_make_key(&file).is_err());
    }
}
