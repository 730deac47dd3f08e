//! Settings that do not go together at a printer: "job-constraints-supported" (PWG 5100.13 section 6.6).
//!
//! Of two settings in conflict the one that people miss less is given up, and said. Where neither may be, the printer is
//! refused, naming both. Deliberately absent: "job-resolvers-supported", which offers values that nobody asked for.

use ipp::value::IppValue;

use super::{
    attributes::flatten,
    ticket::{Ticket, Unmet, setting_of, text_of},
};
use crate::model::{
    Capabilities,
    capabilities::{Constraint, ConstraintValue},
};

/// What may be given up, the least missed first.
const GIVEN_UP: [&str; 17] = [
    "feed-orientation",
    "orientation-requested",
    "print-quality",
    "printer-resolution",
    "print-scaling",
    "presentation-direction-number-up",
    "output-bin",
    "media-col.media-top-margin",
    "media-col.media-bottom-margin",
    "media-col.media-left-margin",
    "media-col.media-right-margin",
    "multiple-document-handling",
    "sheet-collate",
    "media-col.media-source",
    "media-col.media-type",
    "finishings",
    "sides",
];

type Flat = Vec<(String, Vec<ConstraintValue>)>;

impl Ticket {
    /// Gives up settings until the printer can do all that are left together.
    pub(super) fn resolve_conflicts(&mut self, can: &Capabilities) -> Result<(), Unmet> {
        for _ in 0..GIVEN_UP.len() {
            let flat = self.flat();
            let Some(constraint) = can.constraints.iter().find(|one| is_broken(one, &flat)) else {
                return Ok(());
            };
            self.resolve(constraint)?;
        }
        Ok(())
    }

    fn resolve(&mut self, constraint: &Constraint) -> Result<(), Unmet> {
        let names: Vec<&str> = constraint.members.iter().map(|(name, _)| name.as_str()).collect();
        let beside = |given_up: &str| {
            let other = names.iter().find(|name| **name != given_up).unwrap_or(&given_up);
            format!("{} {}", setting_of(last(other)), self.text_at(other))
        };
        let Some(given_up) = GIVEN_UP.into_iter().find(|name| names.contains(name)) else {
            let first = names.first().copied().unwrap_or_default();
            let unmet = Unmet::new(setting_of(last(first)), self.text_at(first));
            return Err(Unmet { beside: Some(beside(first)), ..unmet });
        };
        let (asked, why) = (
            self.text_at(given_up),
            format!("the printer can not do it together with {}", beside(given_up)),
        );
        self.remove(given_up);
        self.note(setting_of(last(given_up)), &asked, "", &why);
        Ok(())
    }

    fn flat(&self) -> Flat {
        let mut flat = Vec::new();
        for one in &self.attributes {
            flatten(one.name().as_str(), one.value(), &mut flat);
        }
        flat
    }

    fn text_at(&self, path: &str) -> String {
        match path.split_once('.') {
            None => self.sent(path).map(text_of).unwrap_or_default(),
            Some((name, member)) => {
                let member = member.split('.').next().unwrap_or_default();
                let members = self.sent(name).and_then(IppValue::as_collection);
                let value = members.and_then(|members| members.get(member));
                value.map(text_of).unwrap_or_default()
            }
        }
    }

    /// Takes an attribute out, or a member of "media-col".
    pub(super) fn remove(&mut self, path: &str) {
        let Some((name, member)) = path.split_once('.') else {
            return self.attributes.retain(|one| one.name().as_str() != path);
        };
        let Some(IppValue::Collection(members)) = self.sent(name) else { return };
        let mut left = members.clone();
        left.retain(|known, _| known.as_str() != member);
        self.attributes.retain(|one| one.name().as_str() != name);
        if !left.is_empty() {
            self.send(name, IppValue::Collection(left));
        }
    }
}

fn last(path: &str) -> &str {
    path.rsplit('.').find(|part| !part.ends_with("-dimension")).unwrap_or(path)
}

/// Whether the settings have one of the values of each member.
fn is_broken(constraint: &Constraint, flat: &Flat) -> bool {
    constraint.members.iter().all(|(name, values)| {
        let sent = flat.iter().filter(|(known, _)| known == name).flat_map(|(_, sent)| sent);
        sent.into_iter().any(|sent| values.iter().any(|value| meet(value, sent)))
    })
}

fn meet(value: &ConstraintValue, sent: &ConstraintValue) -> bool {
    match (value, sent) {
        (ConstraintValue::Word(value), ConstraintValue::Word(sent)) => value == sent,
        (ConstraintValue::Numbers(least, most), ConstraintValue::Numbers(low, high)) => {
            low <= most && high >= least
        }
        _ => false,
    }
}
