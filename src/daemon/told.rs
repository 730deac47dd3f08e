//! What a printer is told of a job beside how to print it: whose it is, and what it is called.
//!
//! It promises: no more than the configuration says. A pseudonym is the same for a person as long as the installation
//! lives; whoever knows the installation's id and the person can reckon it.

use uuid::Uuid;

use crate::model::{Owner, settings::ToldTitle};

/// Whose job it is, where nobody knows.
const NOBODY: &str = "unknown";

/// A user name with the owner in the places for it.
pub(super) fn user_name(template: &str, owner: Option<&Owner>, installation: &str) -> String {
    if !template.contains('{') {
        return template.to_owned();
    }
    let upn = owner.map_or(NOBODY, Owner::label);
    let alias = upn.split('@').next().unwrap_or(upn);
    let id = owner.and_then(|owner| owner.id.as_deref()).unwrap_or(upn);
    let hash = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{installation} {id}").as_bytes());
    let pseudonym = format!("u-{}", &hash.simple().to_string()[..12]);
    template.replace("{upn}", upn).replace("{alias}", alias).replace("{pseudonym}", &pseudonym)
}

/// IPP "job-name": the token first, so that a name that is cut still has it.
pub(super) fn job_name(token: &str, rule: ToldTitle, title: Option<&str>) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let title: String = title.unwrap_or_default().chars().map(plain).collect();
    let behind = match rule {
        ToldTitle::Token => String::new(),
        ToldTitle::Title => title.trim().to_owned(),
        ToldTitle::Masked => masked(&title),
    };
    if behind.is_empty() { token.to_owned() } else { format!("{token} {behind}") }
}

/// A title of which the first letter of each word is left.
pub(super) fn masked(title: &str) -> String {
    let first = |word: &str| word.chars().take(1).chain(['…']).collect::<String>();
    title.split_whitespace().map(first).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_is_told_no_more_than_configured() {
        let owner = Owner {
            id: Some("5d1c".into()),
            upn: Some("ada@contoso.example".into()),
            name: Some("Ada".into()),
        };
        let told = |template: &str| user_name(template, Some(&owner), "0123abcd");
        assert_eq!(told("pullprint"), "pullprint");
        assert_eq!(told("{upn}"), "ada@contoso.example");
        assert_eq!(told("staff/{alias}"), "staff/ada");
        let pseudonym = told("{pseudonym}");
        assert!(pseudonym.starts_with("u-") && pseudonym.len() == 14, "{pseudonym}");
        assert_eq!(pseudonym, told("{pseudonym}"));
        assert_ne!(pseudonym, user_name("{pseudonym}", Some(&owner), "another"));
        assert_eq!(user_name("{upn}", None, "0123abcd"), "unknown");
    }

    #[test]
    fn a_title_stands_behind_the_token_as_configured() {
        let name = |rule| job_name("pp-1-1", rule, Some("Minutes of\tMay\n"));
        assert_eq!(name(ToldTitle::Token), "pp-1-1");
        assert_eq!(name(ToldTitle::Masked), "pp-1-1 M… o… M…");
        assert_eq!(name(ToldTitle::Title), "pp-1-1 Minutes of May");
        assert_eq!(job_name("pp-1-1", ToldTitle::Title, None), "pp-1-1");
    }
}
