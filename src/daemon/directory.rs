//! Badges whose numbers are an attribute of people in the directory.
//!
//! It promises: what the directory said is known for a while without it, and no longer; an account that is blocked, or a
//! number that two people have, lets nobody in; whoever plays with numbers does not burden the directory.
//! Deliberately absent: badges that were given here; they come first.

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
/// How many of those are kept.
const MOST_NOBODIES: usize = 1_000;
/// How many questions may be under way.
const AT_ONCE: usize = 4;

/// The directory, where it has badges.
pub(super) struct Directory {
    deeds: Arc<Deeds>,
    settings: DirectorySettings,
    turns: Semaphore,
    nobodies: Mutex<HashMap<BadgeHash, Instant>>,
}

impl Directory {
    pub(super) fn new(deeds: Arc<Deeds>, settings: DirectorySettings) -> Self {
        let (turns, nobodies) = (Semaphore::new(AT_ONCE), Mutex::default());
        Self { deeds, settings, turns, nobodies }
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

    fn said_lately(&self, at: Timestamp) -> bool {
        Timestamp::now().duration_since(at).abs() < self.settings.interval
    }

    fn is_nobodys(&self, badge: &BadgeHash) -> bool {
        let nobodies = self.nobodies.lock().expect("nothing panics while it is held");
        nobodies.get(badge).is_some_and(|at| at.elapsed() < NOBODY_TIME)
    }

    fn note_nobody(&self, badge: &BadgeHash) {
        let mut nobodies = self.nobodies.lock().expect("nothing panics while it is held");
        if nobodies.len() >= MOST_NOBODIES {
            nobodies.retain(|_, at| at.elapsed() < NOBODY_TIME);
        }
        if nobodies.len() < MOST_NOBODIES {
            nobodies.insert(badge.clone(), Instant::now());
        }
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
        let cached = match known {
            Some((person, None)) => return Ok(Some(person)),
            Some((person, Some(at))) if directory.said_lately(at) => return Ok(Some(person)),
            Some((person, Some(_))) => Some(person),
            None if directory.is_nobodys(&badge) => return Ok(None),
            None => None,
        };
        let patience = PATIENCE[usize::from(cached.is_none())];
        match (timeout(patience, directory.ask(number)).await, cached) {
            (Ok(Ok(said)), cached) => self.learn(directory, badge, said, cached).await,
            (_, Some(person)) => Ok(Some(person)),
            (Ok(Err(why)), None) => Err(why),
            (Err(_), None) => Err("the directory does not answer".to_owned()),
        }
    }

    /// What the directory said is kept.
    async fn learn(
        &self,
        directory: &Directory,
        badge: BadgeHash,
        said: Option<Person>,
        cached: Option<Person>,
    ) -> Result<Option<Person>, String> {
        let Some(person) = said else {
            directory.note_nobody(&badge);
            if let Some(person) = cached {
                let forget = PeopleChange::Unlearn(badge);
                self.write(vec![forget], "badge-unlearned", person.id).await?;
            }
            return Ok(None);
        };
        let ends = Timestamp::now() + directory.settings.memory;
        let (id, learned) = (person.id.clone(), person.clone());
        let learn = PeopleChange::Learn { badge, person: learned, ends };
        // Who stands there is known, whether or not it could be kept.
        if let Err(why) = self.write(vec![learn], "badge-learned", id).await {
            warn!("what the directory said could not be kept: {why}");
        }
        Ok(Some(person))
    }
}
