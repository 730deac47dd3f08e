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
use crate::model::{
    Owner,
    people::{BadgeHash, DirectorySettings, PeopleChange, Person},
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
    async fn ask(&self, number: &str) -> Result<Option<Person>, String> {
        let _turn = self.turns.acquire().await.expect("it is never closed");
        let found = {
            let _call = self.deeds.call().await;
            self.deeds.graph().find_users(&self.settings.attribute, number).await
        };
        let mut found = found.map_err(|error| error.to_string())?;
        if found.len() > 1 {
            warn!(attribute = self.settings.attribute, "two people have the same badge number");
            return Ok(None);
        }
        let person = |Owner { id, upn, name }| Some(Person { id: id?, upn, name });
        Ok(found.pop().and_then(person))
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
    pub(super) async fn person_of(&self, number: &str) -> Result<Option<Person>, String> {
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
        let patience = PATIENCE[usize::from(known.is_none())];
        match (timeout(patience, directory.ask(number)).await, known) {
            (Ok(Ok(said)), known) => self.believe(directory, badge, said, known).await,
            (_, Some((person, _))) => Ok(Some(person)),
            (Ok(Err(why)), None) => Err(why),
            (Err(_), None) => Err("the directory does not answer".to_owned()),
        }
    }

    /// What the directory said is kept; journaled only where it is new.
    async fn believe(
        &self,
        directory: &Directory,
        badge: BadgeHash,
        said: Option<Person>,
        known: Option<(Person, Option<Timestamp>)>,
    ) -> Result<Option<Person>, String> {
        let Some(person) = said else {
            directory.note_nobody(&badge);
            if let Some((person, _)) = known {
                let forget = PeopleChange::NotInDirectory(badge);
                self.write(vec![forget], "badge-left-directory", person.id).await?;
            }
            return Ok(None);
        };
        directory.note_said(&badge);
        let (now, memory) = (Timestamp::now(), directory.settings.memory);
        let is_fresh = |at: Timestamp| now.duration_since(at).abs() < memory / 2;
        let is_same = |(known, at): &(Person, Option<Timestamp>)| {
            known.id == person.id && at.is_some_and(is_fresh)
        };
        if known.as_ref().is_some_and(is_same) {
            return Ok(Some(person));
        }
        let (id, kept) = (person.id.clone(), person.clone());
        let keep = PeopleChange::FromDirectory { badge, person: kept, ends: now + memory };
        // Who stands there is known, whether or not it could be kept.
        if let Err(why) = self.write(vec![keep], "badge-from-directory", id).await {
            warn!("what the directory said could not be kept: {why}");
        }
        Ok(Some(person))
    }
}
