//! Whose job it is.
//!
//! Deliberately absent: badges, PINs and anything else that proves who a person is.

/// The person who printed. Identity is the directory's object id; the UPN is an attribute that changes,
/// and can come back with another person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Graph `userIdentity.id`: the object id in our tenant. Absent where the cloud left it empty.
    pub id: Option<String>,
    /// Graph `userIdentity.userPrincipalName`.
    pub upn: Option<String>,
    /// Graph `userIdentity.displayName`.
    pub name: Option<String>,
}

impl Owner {
    /// What to call the person in a list: the UPN, else the name, else the id.
    pub fn label(&self) -> &str {
        [&self.upn, &self.name, &self.id]
            .into_iter()
            .find_map(|text| text.as_deref())
            .unwrap_or("nobody")
    }
}
