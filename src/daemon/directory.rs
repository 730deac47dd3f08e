//! Badges whose numbers are an attribute of people in the directory.
//!
//! It promises: what the directory said is believed for a while without it, and no longer; an account that it calls
//! blocked, or a number that two people have, lets nobody in; the directory is asked about few unknown numbers a minute.
//! Deliberately absent: badges that were given or taken away here; they come first.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::{sync::Semaphore, time::timeout};
use tracing::warn;

use super::{badges::Badges, deeds::Deeds};
use crate::{
    graph::{Found, GraphError},
    model::{
        Owner,
        people::{BadgeHash, DirectorySettings, PeopleChange, Person},
    },
};

/// How long the directory may take while somebody waits whom it said something of before, and otherwise.
const PATIENCE: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];
/// For how long a number that nobody has is not asked about again.
const NOBODY_TIME: Duration = Duration::from_secs(20);
/// How many of those may be asked about in a minute.
const MOST_NOBODIES: usize = 60;
const MINUTE: Duration = Duration::from_mins(1);
/// Of how many badges it is known when the directory was asked.
const MOST_ASKED: usize = 10_000;
/// How many questions may be under way.
const AT_ONCE: usize = 4;

/// What the directory said.
enum Answer {
    /// Whose the badge is.
    Said(Option<Person>),
    /// That of an account that is blocked.
    Blocked,
    /// Nothing, and why.
    None(String),
}

/// The directory, where it has badges.
pub(super) struct Directory {
    deeds: Arc<Deeds>,
    settings: DirectorySettings,
    turns: Semaphore,
    /// The numbers that nobody had within the last minute.
    nobodies: Mutex<HashMap<BadgeHash, Instant>>,
    /// When it last said whose a badge is.
    asked: Mutex<HashMap<BadgeHash, Instant>>,
}

impl Directory {
    pub(super) fn new(deeds: Arc<Deeds>, settings: DirectorySettings) -> Self {
        let turns = Semaphore::new(AT_ONCE);
        Self { deeds, settings, turns, nobodies: Mutex::default(), asked: Mutex::default() }
    }

    /// Who has that number, as the directory says now.
    async fn ask(&self, number: &str) -> Result<Found, String> {
        let _turn = self.turns.acquire().await.expect("it is never closed");
        let found = {
            let _call = self.deeds.call().await;
            self.deeds.graph().find_user(&self.settings.attribute, number).await
        };
        let found = found.map_err(|error| in_words(&error))?;
        if found == Found::Several {
            warn!(
                id = "badge-ambiguous",
                attribute = self.settings.attribute,
                "several people have the same badge number"
            );
        }
        Ok(found)
    }

    fn said_lately(&self, badge: &BadgeHash) -> bool {
        let asked = self.asked.lock().expect("nothing panics while it is held");
        asked.get(badge).is_some_and(|at| at.elapsed() < self.settings.interval)
    }

    fn note_said(&self, badge: &BadgeHash) {
        let mut asked = self.asked.lock().expect("nothing panics while it is held");
        if asked.len() >= MOST_ASKED {
            asked.clear();
        }
        asked.insert(badge.clone(), Instant::now());
    }

    fn is_nobodys(&self, badge: &BadgeHash) -> bool {
        let nobodies = self.nobodies.lock().expect("nothing panics while it is held");
        nobodies.get(badge).is_some_and(|at| at.elapsed() < NOBODY_TIME)
    }

    fn note_nobody(&self, badge: &BadgeHash) {
        let mut nobodies = self.nobodies.lock().expect("nothing panics while it is held");
        nobodies.insert(badge.clone(), Instant::now());
    }

    /// Whether somebody plays with numbers.
    fn too_many_nobodies(&self) -> bool {
        let mut nobodies = self.nobodies.lock().expect("nothing panics while it is held");
        nobodies.retain(|_, at| at.elapsed() < MINUTE);
        nobodies.len() >= MOST_NOBODIES
    }
}

impl Badges {
    /// Whose a badge is now: by what was given here, else by the directory, or by what it said not long ago.
    ///
    /// # Errors
    ///
    /// Why that is not known.
    pub(super) async fn person_of(
        self: &Arc<Self>,
        number: &str,
    ) -> Result<Option<Person>, String> {
        let badge = self.hash(number);
        let known = self.journal.badge(&badge, Timestamp::now()).await;
        let known = known.map_err(|error| error.to_string())?;
        let Some(directory) = &self.directory else { return Ok(known.map(|(person, _)| person)) };
        match &known {
            Some((person, None)) => return Ok(Some(person.clone())),
            Some((person, Some(_))) if directory.said_lately(&badge) => {
                return Ok(Some(person.clone()));
            }
            Some(_) => {}
            None => {
                let revoked = self.journal.is_revoked(&badge).await;
                if directory.is_nobodys(&badge) || revoked.map_err(|error| error.to_string())? {
                    return Ok(None);
                }
                if directory.too_many_nobodies() {
                    return Err("too many badges that nobody has; wait a minute".to_owned());
                }
            }
        }
        // An answer that comes late is kept for the next time.
        let (badges, number, before) = (Arc::clone(self), number.to_owned(), known.clone());
        let asking =
            tokio::spawn(async move { badges.ask_directory(&number, badge, before).await });
        let patience = PATIENCE[usize::from(known.is_none())];
        match (timeout(patience, asking).await, known) {
            (Ok(Ok(Answer::Said(person))), _) => Ok(person),
            (Ok(Ok(Answer::Blocked)), _) => Err("the badge's account is blocked".to_owned()),
            (_, Some((person, _))) => Ok(Some(person)),
            (Ok(Ok(Answer::None(why))), None) => Err(why),
            (Ok(Err(_)) | Err(_), None) => Err("the directory does not answer".to_owned()),
        }
    }

    /// Asks the directory and keeps what it says; journaled only where that is new.
    async fn ask_directory(
        &self,
        number: &str,
        badge: BadgeHash,
        known: Option<(Person, Option<Timestamp>)>,
    ) -> Answer {
        let Some(directory) = &self.directory else { return Answer::Said(None) };
        let found = match directory.ask(number).await {
            Ok(found) => found,
            Err(why) => return Answer::None(why),
        };
        let person = match found {
            Found::One(Owner { id: Some(id), upn, name }) => Person { id, upn, name },
            Found::One(_) | Found::Nobody | Found::Several | Found::Blocked => {
                let blocked = found == Found::Blocked;
                if !blocked {
                    directory.note_nobody(&badge);
                }
                self.forget(badge, known).await;
                return if blocked { Answer::Blocked } else { Answer::Said(None) };
            }
        };
        directory.note_said(&badge);
        let (now, memory) = (Timestamp::now(), directory.settings.memory);
        let is_fresh = |at: Timestamp| now.duration_since(at).abs() < memory / 2;
        let is_same = |(known, at): &(Person, Option<Timestamp>)| {
            known.id == person.id && at.is_some_and(is_fresh)
        };
        if !known.as_ref().is_some_and(is_same) {
            let (id, kept) = (person.id.clone(), person.clone());
            let keep = PeopleChange::FromDirectory { badge, person: kept, ends: now + memory };
            // Who stands there is known, whether or not it could be kept.
            if let Err(why) = self.write(vec![keep], "badge-from-directory", id).await {
                warn!(
                    id = "directory-not-kept",
                    "what the directory said could not be kept: {why}"
                );
            }
        }
        Answer::Said(Some(person))
    }

    /// The directory has that badge for nobody who may come in.
    async fn forget(&self, badge: BadgeHash, known: Option<(Person, Option<Timestamp>)>) {
        let Some((person, _)) = known else { return };
        let forget = PeopleChange::NotInDirectory(badge);
        if let Err(why) = self.write(vec![forget], "badge-left-directory", person.id).await {
            warn!(
                id = "directory-not-kept",
                "a badge that left the directory could not be forgotten: {why}"
            );
        }
    }
}

/// Why the directory was not asked. The cloud's own words may repeat the number, so they are left out.
fn in_words(error: &GraphError) -> String {
    let why = error.failure().code;
    match error {
        GraphError::Status { status: 400, .. } => {
            format!("{why}; look whether people.directory_attribute can be searched for")
        }
        GraphError::Status { status: 403, .. } => {
            format!("{why}; the application needs the permission User.Read.All")
        }
        _ => why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_question_names_its_cure_and_not_the_number() {
        let refused = |status| GraphError::Status {
            call: "GET users",
            status,
            code: "Request_BadRequest".into(),
            message: "Invalid filter clause: employeeId eq '70001'".into(),
            request: "r".into(),
            after: None,
            claims: None,
        };
        for (status, cure) in [(400, "directory_attribute"), (403, "User.Read.All"), (500, "500")] {
            let said = in_words(&refused(status));
            assert!(said.contains(cure) && !said.contains("70001"), "{said}");
        }
    }
}
