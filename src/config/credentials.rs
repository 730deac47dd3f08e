//! Credentials of the service manager: files that only the service and root may read.
//!
//! Deliberately absent: what is in them.

use std::path::{Path, PathBuf};

use super::plain::read_plain;

/// What a value begins with that names a credential.
const PREFIX: &str = "credential:";
/// Where those of the running service are for root (`systemd.exec(5)`).
const OF_THE_SERVICE: &str = "/run/credentials/pullprint.service";
/// Where the unit takes them from, if they are not encrypted.
const BEFORE_THE_START: &str = "/etc/pullprint/credentials";

/// The file of a value such as `credential:client-secret`; nothing if the value names none.
pub(super) fn file_of(value: &str) -> Option<PathBuf> {
    let name = value.strip_prefix(PREFIX)?.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(is_name) {
        return None;
    }
    if let Some(directory) = std::env::var_os("CREDENTIALS_DIRECTORY") {
        return Some(PathBuf::from(directory).join(name));
    }
    // A command of root's, such as `doctor` before the first start.
    let places = [OF_THE_SERVICE, BEFORE_THE_START].map(|folder| Path::new(folder).join(name));
    // One that nobody has given is there and empty.
    let is_given = |file: &&PathBuf| std::fs::metadata(file).is_ok_and(|file| file.len() > 1);
    Some(places.iter().find(is_given).unwrap_or(&places[0]).clone())
}

/// Whether a file is a credential of a service that this process is not: it is there only while that runs.
pub fn is_of_another_process(file: impl AsRef<Path>) -> bool {
    file.as_ref().starts_with(OF_THE_SERVICE) && std::env::var_os("CREDENTIALS_DIRECTORY").is_none()
}

/// The credentials' files that the running service has as they were before: it takes them at its start alone.
pub fn changed_credentials() -> Vec<PathBuf> {
    changed(Path::new(BEFORE_THE_START), Path::new(OF_THE_SERVICE))
}

/// The files of a folder that another has otherwise, by their names.
fn changed(now: &Path, before: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(now) else { return Vec::new() };
    let is_changed = |file: &PathBuf| {
        let before = file.file_name().and_then(|name| read_plain(&before.join(name)).ok());
        before.is_some_and(|before| read_plain(file).is_ok_and(|now| now != before))
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_changed).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_that_was_changed_since_the_start_is_named() {
        let (now, before) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (name, then, today) in [("same", "one", "one"), ("other", "one", "two")] {
            std::fs::write(before.path().join(name), then).unwrap();
            std::fs::write(now.path().join(name), today).unwrap();
        }
        std::fs::write(now.path().join("not-loaded"), "two").unwrap();
        assert_eq!(changed(now.path(), before.path()), [now.path().join("other")]);
        assert!(changed(now.path(), Path::new("/nowhere")).is_empty());
    }

    #[test]
    fn a_credential_is_a_file_of_the_service_and_no_other() {
        let file = file_of("credential:client-secret").unwrap();
        assert!(file.ends_with("client-secret"), "{}", file.display());
        for text in ["/etc/secret", "credential:", "credential:../shadow", "credential:a/b"] {
            assert_eq!(file_of(text), None, "{text}");
        }
    }
}
