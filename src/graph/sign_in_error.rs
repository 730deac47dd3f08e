//! What the sign-in service's numbers mean, as sentences that say what to do.
//!
//! Deliberately absent: every number there is; one that is not here is shown with the service's own text.

/// What to do about an `AADSTS` number; nothing for one that we do not know.
pub(super) fn advice(number: u32) -> Option<&'static str> {
    Some(match number {
        50_011 => {
            "add http://localhost as a redirect URI of the application, under \"Mobile and desktop applications\""
        }
        50_034 => "that person is not in this directory; sign in with an account of the tenant",
        50_076 | 50_079 => "the sign-in needs a second factor; sign in in a browser",
        50_105 => "assign the person to the application, or turn off \"Assignment required\"",
        50_126 => "the name or the password is wrong",
        53_003 | 530_035 | 50_199 => {
            "a Conditional Access policy of the tenant blocks this way of sign-in; have the policy changed"
        }
        65_001 => {
            "have an administrator consent to the permission in the application's \"API permissions\""
        }
        70_011 => {
            "cloud.graph is not an origin that the sign-in service knows; check cloud.environment"
        }
        90_002 | 900_023 => {
            "cloud.tenant is no directory of this cloud; check its spelling, and cloud.environment"
        }
        700_016 => "cloud.client_id is no application of this tenant; check both",
        700_024 => "this machine's clock is wrong; set it, or let systemd-timesyncd do it",
        700_027 => {
            "upload this certificate to the application (\"Certificates & secrets\"), or check cloud.certificate_file"
        }
        700_211..=700_213 => {
            "the token's issuer, subject or audience is not in the application's \"Federated credentials\""
        }
        7_000_215 => {
            "the client secret is wrong; write the secret's value, not its id, into cloud.client_secret_file"
        }
        7_000_218 => "turn on \"Allow public client flows\" of the application",
        7_000_222 => {
            "the client secret is over; make a new one and write it into cloud.client_secret_file, no restart is needed"
        }
        _ => return None,
    })
}

/// The number of an `AADSTS` description.
pub(super) fn number_of(description: &str) -> Option<u32> {
    let rest = &description[description.find("AADSTS")? + "AADSTS".len()..];
    rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_and_advised_on() {
        let number = number_of("AADSTS7000215: Invalid client secret provided. Trace ID: x");
        assert_eq!(number, Some(7_000_215));
        assert!(number.and_then(advice).is_some_and(|text| text.contains("not its id")));
        assert_eq!(number_of("AADSTS: nothing"), None);
        assert_eq!(number_of("no number 17"), None);
        assert_eq!(advice(1), None);
    }
}
