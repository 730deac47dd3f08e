//! PINs and activation codes as the daemon knows them.
//!
//! It promises: neither is logged or journaled but as a hash; who was given one is journaled. Deliberately absent: how
//! often one may be wrong (`kiosk`).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::{
    badges::{Badges, by, person_of_row},
    deeds::Deeds,
};
use crate::{
    journal::JournalError,
    model::people::{BadgeHash, PeopleChange, Person},
    people::{
        import::Row,
        pin::{self, CODE_DIGITS, PIN_DIGITS},
    },
};

/// How long an activation code may be used.
const CODE_TIME: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Badges {
    /// Draws a code that gives its person one badge.
    pub(super) async fn issue_code(
        &self,
        deeds: &Deeds,
        row: &Row,
        uid: u32,
    ) -> Result<String, String> {
        let person = person_of_row(deeds, row).await?;
        let (code, id) = (pin::draw(CODE_DIGITS), person.id.clone());
        let ends = Timestamp::now() + CODE_TIME;
        let change = PeopleChange::Code { code: self.code_hash(&code), person, ends };
        self.write(vec![change], "code-issued", by(&id, uid)).await?;
        Ok(code.to_string())
    }

    /// Whose a code is.
    pub(super) async fn person_of_code(&self, code: &str) -> Result<Option<Person>, JournalError> {
        self.journal.person_of_code(&self.code_hash(code), Timestamp::now()).await
    }

    /// A badge becomes a person's, by their code. Of two who use the code at once, one gets it.
    pub(super) async fn register(
        &self,
        code: &str,
        person: &Person,
        badge: BadgeHash,
    ) -> Result<(), String> {
        let id = person.id.clone();
        let (code, person) = (self.code_hash(code), person.clone());
        let redeem = PeopleChange::Redeem { code, badge: badge.clone(), person };
        self.write(vec![redeem], "badge-registered", id.clone()).await?;
        let whose = self.journal.person_of(&badge, Timestamp::now()).await;
        let whose = whose.map_err(|error| error.to_string())?;
        match whose {
            Some(person) if person.id == id => Ok(()),
            _ => Err("the code was used for another badge meanwhile".to_owned()),
        }
    }

    /// Draws a PIN for a person, or takes theirs.
    pub(super) async fn set_pin(
        &self,
        deeds: &Deeds,
        row: &Row,
        clear: bool,
        uid: u32,
    ) -> Result<Option<String>, String> {
        let person = person_of_row(deeds, row).await?;
        let id = person.id.clone();
        if clear {
            let change = PeopleChange::Pin { person, pin: None };
            return self.write(vec![change], "pin-cleared", by(&id, uid)).await.map(|()| None);
        }
        let drawn = pin::draw(PIN_DIGITS);
        let kept = Some(pin::hash(&drawn)?);
        self.write(vec![PeopleChange::Pin { person, pin: kept }], "pin-given", by(&id, uid))
            .await?;
        Ok(Some(drawn.to_string()))
    }

    /// Whether that is the person's PIN. Somebody without one costs as long as somebody with a wrong one.
    pub(super) async fn is_pin_of(
        &self,
        person: &Person,
        typed: &str,
    ) -> Result<bool, JournalError> {
        if !pin::is_pin(typed) {
            return Ok(false);
        }
        let kept = self.journal.pin_of(&person.id).await?;
        let typed = Zeroizing::new(typed.to_owned());
        let turns = Arc::clone(&self.pin_turns);
        let turn = turns.acquire_owned().await.expect("it is never closed");
        let checked = spawn_blocking(move || {
            // Whoever asked may have hung up; the work goes on, and so does its turn.
            let _turn = turn;
            match kept {
                Some(kept) => pin::verify(&typed, &kept),
                None => {
                    let _ = pin::hash(&typed);
                    false
                }
            }
        });
        Ok(checked.await.unwrap_or(false))
    }

    /// The one person who has that UPN; nobody where it was given to another one since.
    pub(super) async fn person_named(&self, upn: &str) -> Result<Option<Person>, JournalError> {
        let mut people = self.journal.people_named(upn).await?;
        Ok(if people.len() == 1 { people.pop() } else { None })
    }

    /// Codes and numbers of badges are kept alike and never meet.
    fn code_hash(&self, code: &str) -> BadgeHash {
        self.key.hash(&format!("activation code {}", code.trim()))
    }
}
