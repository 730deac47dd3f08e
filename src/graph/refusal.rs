//! What the cloud's refusals of a job's calls mean, as sentences that say what it wants instead.
//!
//! By call and status alone: the cloud's own words change, and its codes are often bare numbers.

use super::permissions;

/// What a refused call wants; nothing for one that says enough itself.
pub(super) fn wants(call: &str, status: u16) -> Option<&'static str> {
    Some(match (call, status) {
        ("POST jobs/{}/cancel", 403) => {
            "a cancel is taken from a signed-in person alone: the job's owner, or a Printer Administrator"
        }
        ("POST jobs/{}/abort", 403) => {
            "an abort is taken from the application itself, with PrintJob.ReadWriteBasic.All and Printer.Read.All"
        }
        ("POST jobs/{}/redirect", 403) => {
            "a redirect is taken from the application itself, with PrintJob.Manage.All"
        }
        ("PATCH jobs/{}", 403) => {
            "an update is taken from the application itself, with PrintJob.ReadWriteBasic.All and Printer.Read.All"
        }
        ("PATCH jobs/{}", 400 | 409) => {
            "only the configuration of a job can be updated, and only while a print task of this application stops it"
        }
        ("POST jobs/{}/abort", 400 | 409) => {
            "Universal Print takes it only while a print task of this application stops the job"
        }
        ("POST jobs/{}/redirect", 400 | 409) => {
            "Universal Print takes it only while a print task of this application stops the job, and only to a printer of the tenant"
        }
        ("POST jobs/{}/cancel", 400 | 409) => "the job has ended already",
        _ => return None,
    })
}

/// The end of an error's sentence.
pub(super) fn told(call: &str, status: u16) -> String {
    if let Some(sentence) = wants(call, status) {
        return format!("; {sentence}");
    }
    let needed = if status == 403 { permissions::needed_by(call) } else { Vec::new() };
    match needed.as_slice() {
        [] => String::new(),
        all => format!("; it needs the application permission {}, consented to", all.join(" and ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_the_cloud_wants_instead() {
        assert!(told("POST jobs/{}/cancel", 403).contains("signed-in person"));
        assert!(told("POST jobs/{}/abort", 409).contains("only while a print task"));
        assert!(told("GET jobs/{}", 403).contains("PrintJob.Read.All and Printer.Read.All"));
        assert_eq!(told("GET jobs/{}", 404), "");
    }
}
