//! What the loop journals that is about no job: people, stamps, takeovers.
//!
//! Deliberately absent: what follows for jobs (`flow`).

use jiff::Timestamp;
use tracing::info;

use super::{Wake, main_loop::MainLoop};
use crate::{
    flow::Event,
    journal::{Batch, Entry, Journal, JournalError, Unwatched},
};

impl<J: Journal> MainLoop<J> {
    /// A takeover marks every job that the other daemon could have released, before the stamp is ours. The time that
    /// was not watched ends when it is, by the cloud's clock.
    pub(super) async fn mind_unwatched(
        &mut self,
        wakes: &mut Vec<Wake>,
    ) -> Result<(), JournalError> {
        let taken = wakes.extract_if(.., |wake| matches!(wake, Wake::TakeoverAsked(..)));
        let taken: Vec<Wake> = taken.collect();
        if let Some(Wake::TakeoverAsked(uid, _)) = taken.first() {
            let by = format!("by uid {uid}");
            self.note_unwatched("takeover-asked", by, Unwatched::StillGoing).await?;
            self.tell_all(&Event::Unwatched).await?;
        }
        // Asked to stop while the disk was full, nothing may have been marked: then nothing is taken over.
        for wake in taken.into_iter().filter(|_| !self.shutdown.is_asked()) {
            if let Wake::TakeoverAsked(_, place) = wake {
                // Whoever asked may be gone; then nothing is taken over.
                let _ = place.send(());
            }
        }
        if let Some(now) = self.runner.watched_since(Timestamp::now()) {
            // What was claimed meanwhile is marked as well, and what was barred is looked at again.
            self.tell_all(&Event::Unwatched).await?;
            if self.shutdown.is_asked() {
                return Ok(());
            }
            self.note_unwatched("watching", String::new(), Unwatched::Until(now)).await?;
            info!("whatever is printed from now on, nobody else can have released it");
        }
        Ok(())
    }

    /// Badges are written in the order in which they changed.
    pub(super) async fn mind_people(&mut self, wakes: &mut Vec<Wake>) -> Result<(), JournalError> {
        let changed = wakes.extract_if(.., |wake| matches!(wake, Wake::PeopleChanged(_)));
        let changed: Vec<Wake> = changed.collect();
        for wake in changed {
            let Wake::PeopleChanged(turn) = wake else { continue };
            let at = Timestamp::now();
            let (notes, people) = (vec![turn.entry], turn.changes);
            self.note(Batch { notes, people, ..Batch::empty(at) }).await?;
            // Asked to stop while the disk was full, it may not be written.
            if !self.shutdown.is_asked() {
                let _ = turn.written.send(());
            }
        }
        Ok(())
    }

    /// Once our stamp stands in the definition, those of earlier starts are over.
    pub(super) async fn mind_stamp(&mut self) -> Result<(), JournalError> {
        if self.stamped {
            return Ok(());
        }
        if let Some(stamp) = self.runner.standing_stamp() {
            let at = Timestamp::now();
            self.note(Batch { stamp: Some(stamp), ..Batch::empty(at) }).await?;
            self.stamped = true;
        }
        Ok(())
    }

    async fn note_unwatched(
        &mut self,
        kind: &str,
        detail: String,
        unwatched: Unwatched,
    ) -> Result<(), JournalError> {
        let entry = Entry { kind: kind.to_owned(), detail };
        let at = Timestamp::now();
        let batch = Batch { notes: vec![entry], unwatched: Some(unwatched), ..Batch::empty(at) };
        self.note(batch).await?;
        self.runner.set_unwatched(unwatched);
        Ok(())
    }

    /// Writes what is not about a job.
    pub(super) async fn note(&mut self, batch: Batch) -> Result<(), JournalError> {
        let at = batch.at;
        self.patiently(|this| {
            let batch = batch.clone();
            Box::pin(async move { this.journal.commit(&batch).await })
        })
        .await?;
        self.clock.wrote(at);
        Ok(())
    }
}
