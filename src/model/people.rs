//! People and their badges, as the journal has them.
//!
//! Deliberately absent: numbers of badges. They stay where they are read and become a keyed hash there.

use std::{fmt, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::Owner;

/// A badge's number as a keyed hash, in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BadgeHash(String);

impl BadgeHash {
    /// From its digits.
    pub fn new(digits: impl Into<String>) -> Self {
        Self(digits.into())
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BadgeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BadgeHash(..)")
    }
}

/// A person who may show badges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The directory's object id: it is the identity.
    pub id: String,
    /// The UPN, as it was when it was last told.
    pub upn: Option<String>,
    /// How they are called.
    pub name: Option<String>,
}

impl Person {
    /// How they are called, or the next best word for them.
    pub fn label(&self) -> &str {
        self.name.as_deref().or(self.upn.as_deref()).unwrap_or(&self.id)
    }

    /// As the owner of jobs.
    pub fn owner(&self) -> Owner {
        Owner { id: Some(self.id.clone()), upn: self.upn.clone(), name: self.name.clone() }
    }
}

/// A PIN as argon2id, in its own text form (PHC).
#[derive(Clone, PartialEq, Eq)]
pub struct PinHash(String);

impl PinHash {
    /// From its text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinHash(..)")
    }
}

/// What people type at a screen, beside a badge or instead of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PinRule {
    /// No PIN: a badge is enough.
    #[default]
    Off,
    /// A badge, and then the PIN.
    WithBadge,
    /// A badge alone, or the UPN and the PIN.
    OrBadge,
}

/// Somebody who may collect what another one printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// Whose jobs they are, as they are now.
    pub owner: Person,
    /// Who may collect them, as they are now.
    pub delegate: Person,
    /// The first moment at which they may not any more; absent for good.
    pub ends: Option<Timestamp>,
}

/// Badge numbers that people have in the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectorySettings {
    /// The attribute with the number, such as `employeeId`.
    pub attribute: String,
    /// For how long it is not asked again about a badge.
    pub interval: Duration,
    /// How long what the directory said is believed while it does not answer.
    pub memory: SignedDuration,
}

/// A change of who may show which badge, type what, or collect for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleChange {
    /// A badge is a person's from now on, until its end. Whoever had it has it no more.
    Give {
        /// The badge.
        badge: BadgeHash,
        /// The person, as they are now.
        person: Person,
        /// The first moment at which it is theirs no more; absent for good.
        ends: Option<Timestamp>,
    },
    /// A badge is nobody's, whatever the directory says, until it is given to somebody.
    Revoke(BadgeHash),
    /// A person has a PIN from now on, or none.
    Pin {
        /// The person, as they are now.
        person: Person,
        /// The PIN.
        pin: Option<PinHash>,
    },
    /// A code gives its person one badge, until its end.
    Code {
        /// The code, as the numbers of badges are kept.
        code: BadgeHash,
        /// The person, as they are now.
        person: Person,
        /// The first moment at which it is good for nothing.
        ends: Timestamp,
    },
    /// A badge is a person's by their code, and the code is over; nothing where it was over before.
    Redeem {
        /// The code.
        code: BadgeHash,
        /// The badge.
        badge: BadgeHash,
        /// The person, as they are now.
        person: Person,
    },
    /// A badge that nobody knows is on a slip with a code, until its end. An earlier slip of it is over.
    Slip {
        /// The code, as the numbers of badges are kept.
        code: BadgeHash,
        /// The badge.
        badge: BadgeHash,
        /// The first moment at which it is good for nothing.
        ends: Timestamp,
    },
    /// The directory says that a badge is a person's; nothing where it was given to somebody here.
    FromDirectory {
        /// The badge.
        badge: BadgeHash,
        /// The person, as they are now.
        person: Person,
        /// Until when that is believed.
        ends: Timestamp,
    },
    /// The directory says that a badge is nobody's; one that was given here stays.
    NotInDirectory(BadgeHash),
    /// Somebody may collect for another one.
    Delegate(Delegation),
    /// Somebody may not collect for another one any more.
    EndDelegation {
        /// The owner's object id.
        owner: String,
        /// The delegate's.
        delegate: String,
    },
    /// A person's badges, PIN, codes and delegations are gone, and entries name them by the pseudonym.
    Forget {
        /// The names that the pseudonym stands for, object ids or UPNs; none where nothing is known of them here.
        names: Vec<String>,
        /// A keyed hash of the name.
        pseudonym: String,
        /// When that was asked for.
        asked: Timestamp,
    },
    /// Entries up to a number name people by pseudonyms.
    Pseudonyms {
        /// Numbers of entries, and what each says from now on.
        entries: Vec<(i64, String)>,
        /// The number.
        until: i64,
    },
    /// The badge of a slip is a person's, and the slip is over; nothing where it was over before.
    RedeemSlip {
        /// The code.
        code: BadgeHash,
        /// The person, as they are now.
        person: Person,
    },
}
