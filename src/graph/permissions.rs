//! Which permissions the calls need, by the table that Graph publishes, least privilege first.
//!
//! Deliberately absent: what a token has (it is the cloud's to judge; roles are read for diagnosis alone).

/// A permission that something needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// What needs it, as the end of "the application may not ...".
    pub what: &'static str,
    /// Any one of these, the least first.
    pub any_of: &'static [&'static str],
    /// The calls that it is for.
    pub calls: &'static [&'static str],
}

/// What a configuration makes of the cloud, beyond holding and releasing jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Jobs are redirected.
    pub redirects: bool,
    /// The queue's capabilities are written.
    pub offers: bool,
    /// Badges are looked up in the directory.
    pub directory: bool,
}

const TASKS: Need = Need {
    what: "see print tasks and report their ends",
    any_of: &["PrintTaskDefinition.ReadWrite.All"],
    calls: &[
        "GET taskDefinitions",
        "POST taskDefinitions",
        "DELETE taskDefinitions/{}",
        "GET taskDefinitions/{}",
        "PATCH taskDefinitions/{}",
        "GET taskDefinitions/{}/tasks",
        "GET taskDefinitions/{}/tasks/{}",
        "PATCH taskDefinitions/{}/tasks/{}",
    ],
};
const READ: Need = Need {
    what: "read jobs and their documents",
    any_of: &["PrintJob.Read.All", "PrintJob.ReadWrite.All"],
    calls: &["GET jobs", "GET jobs/{}", "GET documents/{}/$value"],
};
const PRINTER: Need = Need {
    what: "read printers, which reading, updating and aborting their jobs needs as well",
    any_of: &["Printer.Read.All", "Printer.ReadWrite.All"],
    calls: &[
        "GET printers/{}",
        "GET jobs",
        "GET jobs/{}",
        "GET documents/{}/$value",
        "PATCH jobs/{}",
        "POST jobs/{}/abort",
    ],
};
const CHANGE: Need = Need {
    what: "update and abort jobs",
    any_of: &["PrintJob.ReadWriteBasic.All", "PrintJob.ReadWrite.All", "PrintJob.Manage.All"],
    calls: &["PATCH jobs/{}", "POST jobs/{}/abort"],
};
const REDIRECT: Need = Need {
    what: "redirect jobs",
    any_of: &["PrintJob.Manage.All"],
    calls: &["POST jobs/{}/redirect"],
};
const OFFER: Need = Need {
    what: "write what the queue offers",
    any_of: &["Printer.ReadWrite.All"],
    calls: &["PATCH printers/{}"],
};

const PEOPLE: Need = Need {
    what: "look people up by their UPN",
    any_of: &["User.ReadBasic.All", "User.Read.All"],
    calls: &["GET users/{}"],
};

const DIRECTORY: Need = Need {
    what: "look badges up in the directory",
    any_of: &["User.Read.All"],
    calls: &["GET users"],
};

const ALL: [&Need; 8] = [&TASKS, &READ, &PRINTER, &CHANGE, &REDIRECT, &OFFER, &PEOPLE, &DIRECTORY];

/// All that a configuration needs of the application itself.
pub fn needs(uses: Uses) -> Vec<&'static Need> {
    let wanted = |need: &&&Need| match need.what {
        what if what == REDIRECT.what => uses.redirects,
        what if what == OFFER.what => uses.offers,
        what if what == DIRECTORY.what => uses.directory,
        // Only a list of badges that names people by their UPN needs it.
        what if what == PEOPLE.what => false,
        _ => true,
    };
    ALL.iter().filter(wanted).copied().collect()
}

/// Those of them that these roles do not meet.
pub fn missing(roles: &[String], uses: Uses) -> Vec<&'static Need> {
    needs(uses).into_iter().filter(|need| !need.is_met(roles)).collect()
}

impl Need {
    /// Whether one of these roles meets it.
    pub fn is_met(&self, roles: &[String]) -> bool {
        roles.iter().any(|role| self.any_of.contains(&role.as_str()))
    }

    /// The least permission that meets it.
    pub fn least(&self) -> &'static str {
        self.any_of[0]
    }
}

/// What a refused call lacks, given the roles of the token that it was made with.
pub fn lacks(call: &str, roles: &[String]) -> Option<&'static Need> {
    ALL.into_iter().find(|need| need.calls.contains(&call) && !need.is_met(roles))
}

/// The least permissions of the application itself that a call needs.
pub(super) fn needed_by(call: &str) -> Vec<&'static str> {
    ALL.into_iter().filter(|need| need.calls.contains(&call)).map(Need::least).collect()
}

/// The fewest permissions of the application itself, least privilege first.
pub fn least(uses: Uses) -> Vec<&'static str> {
    let all = needs(uses).into_iter();
    let mut chosen: Vec<&'static str> = all.clone().map(Need::least).collect();
    // One that the configuration needs anyway may meet another need as well.
    for need in all {
        let met_by_another =
            chosen.iter().any(|one| *one != need.least() && need.any_of.contains(one));
        if met_by_another {
            chosen.retain(|one| *one != need.least());
        }
    }
    chosen
}

/// The permissions on behalf of an administrator that set-up asks for.
pub const SETUP: &[&str] =
    &["Printer.Create", "Printer.ReadWrite.All", "PrinterShare.ReadWrite.All"];
/// The one that taking a printer back needs beside them.
pub const UNDO: &str = "Printer.FullControl.All";
/// The permission on behalf of a person that a cancel asks for.
pub const CANCEL: &str = "PrintJob.ReadWriteBasic";
/// The same for jobs of others.
pub const CANCEL_ANY: &str = "PrintJob.ReadWriteBasic.All";

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(all: &[&str]) -> Vec<String> {
        all.iter().map(|role| (*role).to_owned()).collect()
    }

    #[test]
    fn the_least_is_enough_and_nothing_of_it_can_be_left_out() {
        let both = |redirects, offers| Uses { redirects, offers, directory: offers };
        for uses in [both(false, false), both(true, false), both(false, true), both(true, true)] {
            let least = least(uses);
            assert_eq!(missing(&roles(&least), uses), [] as [&Need; 0], "{uses:?}");
            for left_out in &least {
                let rest: Vec<&str> = least.iter().copied().filter(|one| one != left_out).collect();
                assert_ne!(missing(&roles(&rest), uses), [] as [&Need; 0], "{uses:?} {left_out}");
            }
        }
        assert_eq!(
            least(both(true, true)),
            [
                "PrintTaskDefinition.ReadWrite.All",
                "PrintJob.Read.All",
                "PrintJob.Manage.All",
                "Printer.ReadWrite.All",
                "User.Read.All"
            ]
        );
    }

    #[test]
    fn a_refused_abort_may_lack_the_printers_permission() {
        let need = lacks("POST jobs/{}/abort", &roles(&["PrintJob.Manage.All"])).unwrap();
        assert_eq!(need.least(), "Printer.Read.All");
        let all = roles(&["PrintJob.Manage.All", "Printer.Read.All"]);
        assert_eq!(lacks("POST jobs/{}/abort", &all), None);
    }
}
