//! What is wrong with our standing in the cloud: sign-in, permissions, throttling, a credential that ends soon.
//!
//! Each is a sentence that says what to do. Deliberately absent: when to look (`health`).

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{
    config::{Cloud, CredentialFiles},
    graph::{Credential, TokenError, permissions},
};

/// How long before its end a credential is spoken of.
const EARLY: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Sign-in does not work; nothing where the service was merely not reached, which shows as silence.
pub fn sign_in(trouble: Option<&TokenError>) -> Option<String> {
    trouble.filter(|error| !matches!(error, TokenError::Transport(_))).map(ToString::to_string)
}

/// The calls that are refused, each with the permission that the token lacks.
pub fn permissions(refused: &[(&'static str, String)], roles: &[String]) -> Option<String> {
    let sentence = |(call, said): &(&'static str, String)| match permissions::lacks(call, roles) {
        Some(need) => format!(
            "the application may not {}: grant it the application permission {} and consent to it ({call} was refused)",
            need.what,
            need.least()
        ),
        None => format!("Universal Print refuses {call}: {said}"),
    };
    let all: Vec<String> = refused.iter().map(sentence).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// The calls that the cloud slows down.
pub fn throttled(calls: &[&'static str]) -> Option<String> {
    (!calls.is_empty()).then(|| {
        format!(
            "Universal Print slows us down ({}); jobs wait and are safe. If it lasts: a longer cloud.poll_interval, or \
             another queue for a part of the people",
            calls.join(", ")
        )
    })
}

/// When the credential ends, where that is known.
pub fn credential_end(cloud: &Cloud, credential: Option<&Credential>) -> Option<Timestamp> {
    match &cloud.credential {
        CredentialFiles::Secret { ends, .. } => {
            ends.and_then(|day| day.to_zoned(TimeZone::UTC).ok()).map(|day| day.timestamp())
        }
        _ => credential.and_then(|credential| credential.ends().ok().flatten()),
    }
}

/// A credential that ends soon, or has ended.
pub fn credential_ends(now: Timestamp, ends: Option<Timestamp>) -> Option<String> {
    let ends = ends?;
    let left = ends.duration_since(now);
    let day = ends.strftime("%Y-%m-%d");
    match left {
        left if left.is_negative() => Some(format!(
            "the application's credential ended on {day}: make a new one and write it into its file; a credential of the service wants a restart then"
        )),
        left if left < EARLY => Some(format!(
            "the application's credential ends on {day}, in {} days: make a new one before; the daemon takes it from \
             its file, a credential of the service with a restart",
            left.as_hours() / 24
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_call_names_the_permission() {
        let said =
            permissions(&[("POST jobs/{}/redirect", "no".into())], &["PrintJob.Read.All".into()]);
        assert!(said.unwrap().contains("application permission PrintJob.Manage.All"));
        let said = permissions(&[("GET elsewhere", "it says no".into())], &[]);
        assert!(said.unwrap().contains("it says no"));
        assert_eq!(permissions(&[], &[]), None);
    }

    #[test]
    fn a_credential_is_spoken_of_thirty_days_ahead() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let days = |days: i64| Some(now + SignedDuration::from_hours(days * 24));
        assert_eq!(credential_ends(now, None), None);
        assert_eq!(credential_ends(now, days(31)), None);
        assert!(credential_ends(now, days(29)).unwrap().contains("in 29 days"));
        assert!(credential_ends(now, days(-1)).unwrap().contains("ended on"));
    }
}
