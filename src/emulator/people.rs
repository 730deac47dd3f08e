//! The people of the tenant: an object id that stays, a UPN that may change and come back, and a directory role.

use std::{collections::BTreeMap, sync::Mutex};

use serde_json::{Value, json};

/// A person.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// The object id.
    pub(super) id: String,
    pub(super) upn: String,
    pub(super) name: String,
    /// Printer Administrator.
    pub(super) is_administrator: bool,
    /// Whether the account is blocked.
    pub(super) is_blocked: bool,
    /// What else the directory has of them.
    pub(super) attributes: BTreeMap<String, String>,
}

impl Person {
    /// A person as Graph shows one in `createdBy`.
    pub(super) fn identity(&self) -> Value {
        json!({"id": self.id, "displayName": self.name, "userPrincipalName": self.upn, "ipAddress": null})
    }
}

/// All people, by their UPN in small letters.
pub(super) struct People(Mutex<BTreeMap<String, Person>>);

impl People {
    /// A tenant with one administrator, `admin@contoso.example`.
    pub(super) fn new() -> Self {
        let people = Self(Mutex::default());
        people.make_administrator("admin@contoso.example", true);
        people
    }

    /// The person of a UPN; one that nobody has is a new person's.
    pub(super) fn person(&self, upn: &str) -> Person {
        let mut people = self.0.lock().expect("nothing panics while it is held");
        people.entry(upn.to_lowercase()).or_insert_with(|| new_person(upn)).clone()
    }

    /// The person of an object id.
    pub(super) fn by_id(&self, id: &str) -> Option<Person> {
        let people = self.0.lock().expect("nothing panics while it is held");
        people.values().find(|person| person.id == id).cloned()
    }

    /// The person of a UPN or an object id, if there is one.
    pub(super) fn known(&self, name: &str) -> Option<Person> {
        let people = self.0.lock().expect("nothing panics while it is held");
        people
            .get(&name.to_lowercase())
            .cloned()
            .or_else(|| people.values().find(|person| person.id == name).cloned())
    }

    /// Everybody.
    pub(super) fn all(&self) -> Vec<Person> {
        self.0.lock().expect("nothing panics while it is held").values().cloned().collect()
    }

    pub(super) fn make_administrator(&self, upn: &str, is_administrator: bool) {
        let person = Person { is_administrator, ..self.person(upn) };
        self.0.lock().expect("nothing panics while it is held").insert(upn.to_lowercase(), person);
    }

    /// The directory has an attribute of a person, or none any more; or their account is blocked.
    pub(super) fn describe(&self, upn: &str, attribute: &str, value: &str, is_blocked: bool) {
        let mut person = Person { is_blocked, ..self.person(upn) };
        if value.is_empty() {
            person.attributes.remove(attribute);
        } else {
            person.attributes.insert(attribute.to_owned(), value.to_owned());
        }
        self.0.lock().expect("nothing panics while it is held").insert(upn.to_lowercase(), person);
    }

    /// The person gets another UPN and keeps the id; the old UPN is free for somebody else.
    pub(super) fn rename(&self, from: &str, to: &str) {
        let person = Person { upn: to.to_owned(), ..self.person(from) };
        let mut people = self.0.lock().expect("nothing panics while it is held");
        people.remove(&from.to_lowercase());
        people.insert(to.to_lowercase(), person);
    }
}

fn new_person(upn: &str) -> Person {
    let name = upn.split('@').next().unwrap_or_default().to_owned();
    Person {
        id: super::identity::id(),
        upn: upn.to_owned(),
        name,
        is_administrator: false,
        is_blocked: false,
        attributes: BTreeMap::new(),
    }
}
