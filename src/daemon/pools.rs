//! Which printers a release goes to: one, or those of a pool in the order in which they are asked.
//!
//! Deliberately absent: when a release is passed on (`flow::pool`).

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{deeds::Deeds, told};
use crate::model::{
    Member, Owner, PoolChoice, PrinterContact, PrinterName, PrinterSettings, Reserve,
};

/// Whose turn it is in pools that go round.
#[derive(Debug, Default)]
pub(super) struct Turns(AtomicUsize);

impl Deeds {
    /// The printers of a name, the first of them apart; nothing if none has that name.
    pub(super) fn line_up(
        &self,
        name: &PrinterName,
        owner: Option<&Owner>,
    ) -> Option<(Member, Reserve)> {
        let settings = self.settings();
        let named = std::slice::from_ref(name);
        let pool = settings.pool(name);
        let mut members: Vec<Member> = pool
            .map_or(named, |pool| &pool.members)
            .iter()
            .filter_map(|name| settings.printer(name))
            .map(|printer| Member {
                printer: printer.name.clone(),
                contact: self.contact_of(printer, owner),
            })
            .collect();
        if pool.is_some_and(|pool| pool.choice == PoolChoice::RoundRobin) {
            let turn = self.turns.0.fetch_add(1, Ordering::Relaxed);
            let first = turn % members.len().max(1);
            members.rotate_left(first);
        }
        let mut members = members.into_iter();
        let first = members.next()?;
        Some((first, Reserve { members: members.collect(), passed: 0 }))
    }

    /// How a printer is dealt with in a release that begins now.
    pub(super) fn contact_of(
        &self,
        printer: &PrinterSettings,
        owner: Option<&Owner>,
    ) -> PrinterContact {
        // A journal that was restored counts its jobs and attempts again: an era keeps their tokens apart.
        let era = match self.era() {
            0 => String::new(),
            era => format!("r{era:x}"),
        };
        let token_prefix = format!("{}{era}", self.installation_prefix());
        let user_name = told::user_name(&printer.contact.user_name, owner, self.installation());
        PrinterContact { user_name, token_prefix, ..printer.contact.clone() }
    }
}
