//! Which printers a release goes to: one, or those of a pool in the order in which they are asked.
//!
//! Deliberately absent: when a release is passed on (`flow::pool`).

use std::{collections::HashMap, sync::Mutex};

use super::{deeds::Deeds, told};
use crate::{
    flow::Attempt,
    model::{Member, Owner, PoolChoice, PrinterContact, PrinterName, PrinterSettings, Reserve},
};

/// Who was asked first last, of each pool that goes round.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<PrinterName, PrinterName>>);

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
            let turns = self.turns.0.lock().expect("nothing panics while it is held");
            let last = members.iter().position(|member| turns.get(name) == Some(&member.printer));
            members.rotate_left(last.map_or(0, |last| last + 1));
        }
        let mut members = members.into_iter();
        let first = members.next()?;
        let pool = pool.map(|pool| pool.name.clone());
        Some((first, Reserve { pool, members: members.collect(), passed: 0 }))
    }

    /// A release has begun with a printer of a pool: the next one begins with the next.
    pub(super) fn take_turn(&self, attempt: &Attempt) {
        let printer = attempt.pooled_printer().filter(|_| attempt.reserve.passed == 0);
        let mut turns = self.turns.0.lock().expect("nothing panics while it is held");
        turns.extend(attempt.reserve.pool.clone().zip(printer));
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
