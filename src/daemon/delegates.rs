//! Who may collect for whom, as the daemon knows it.
//!
//! It promises: it is asked anew at each release; who was named, and by which release something was collected, is
//! journaled. Deliberately absent: what a delegate may do (`flow`).

use jiff::Timestamp;

use super::{
    badges::{Badges, by, person_of_row},
    deeds::Deeds,
};
use crate::{
    journal::JournalError,
    model::{
        Asker, Command,
        people::{Delegation, PeopleChange, Person},
    },
    people::import::Row,
};

impl Badges {
    /// Somebody may collect for another one, until an end if there is one.
    ///
    /// # Errors
    ///
    /// A sentence for the administrator.
    pub(super) async fn name_delegate(
        &self,
        deeds: &Deeds,
        [owner, delegate]: [&Row; 2],
        ends: Option<Timestamp>,
        uid: u32,
    ) -> Result<(), String> {
        if ends.is_some_and(|ends| ends <= Timestamp::now()) {
            return Err("that day is over".to_owned());
        }
        let owner = person_of_row(deeds, owner).await?;
        let delegate = person_of_row(deeds, delegate).await?;
        if owner.id == delegate.id {
            return Err("people collect their own jobs anyway".to_owned());
        }
        let detail = format!("{} for {}", delegate.id, owner.id);
        let change = PeopleChange::Delegate(Delegation { owner, delegate, ends });
        self.write(vec![change], "delegate-named", by(&detail, uid)).await
    }

    /// Somebody may not collect for another one any more. False if they might not.
    ///
    /// # Errors
    ///
    /// A sentence for the administrator.
    pub(super) async fn end_delegation(
        &self,
        [owner, delegate]: [&Row; 2],
        uid: u32,
    ) -> Result<bool, String> {
        // Whoever left is in the directory no more.
        let stand = self.journal.delegations(Timestamp::now()).await;
        let stand = stand.map_err(|error| error.to_string())?;
        let are_they = |one: &&Delegation| is(&one.owner, owner) && is(&one.delegate, delegate);
        let Some(Delegation { owner, delegate, .. }) = stand.iter().find(are_they) else {
            return Ok(false);
        };
        let (owner, delegate) = (owner.id.clone(), delegate.id.clone());
        let detail = format!("{delegate} for {owner}");
        let change = PeopleChange::EndDelegation { owner, delegate };
        self.write(vec![change], "delegate-ended", by(&detail, uid)).await?;
        Ok(true)
    }

    /// Whom a person may collect for now.
    pub(super) async fn owners_of(&self, delegate: &str) -> Result<Vec<Person>, JournalError> {
        self.journal.owners_of(delegate, Timestamp::now()).await
    }

    /// Whether whoever asks may still collect for the owner.
    pub(super) async fn may_ask(&self, command: &Command) -> Result<bool, JournalError> {
        let (Command::Release { by, .. } | Command::Abort { by, .. }) = command else {
            return Ok(true);
        };
        let Asker::Delegate { id, owner } = by else { return Ok(true) };
        Ok(self.owners_of(id).await?.iter().any(|person| person.id == *owner))
    }
}

/// Whether a person is the one who is named.
fn is(person: &Person, named: &Row) -> bool {
    let by_upn =
        |upn: &String| person.upn.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(upn));
    match &named.id {
        Some(id) => person.id.eq_ignore_ascii_case(id),
        None => named.upn.as_ref().is_some_and(by_upn),
    }
}
