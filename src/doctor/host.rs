//! This machine: the state directory, its journal, its disk, the credentials, the converter.

use std::{fs::File, io, os::unix::fs::MetadataExt, path::Path, time::Duration};

use tokio::time::timeout;

use super::{Finding, Level};
use crate::{
    config::{Settings, changed_credentials},
    journal::{
        JournalError, backup,
        place::{self, refuse_volatile},
    },
};

/// Less than this is little, in octets.
const LITTLE: u64 = 1 << 30;
/// What to do where only the service, and root, may look.
const AS_THE_SERVICE: &str = "run the doctor as root";
/// How long the journal is read; a large one takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) async fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![directory(settings)];
    findings.extend(journal(settings).await);
    findings.extend(disk(settings));
    findings.extend(credentials());
    findings.push(converter(settings));
    findings
}

fn directory(settings: &Settings) -> Finding {
    const CHECK: &str = "state-dir";
    let place = settings.state_dir.display().to_string();
    if !settings.state_dir.exists() {
        let says = "it is not there yet; the daemon makes it at its first start";
        return Finding::new(CHECK, place, Level::Unknown, says);
    }
    let writable = tempfile::NamedTempFile::new_in(&settings.state_dir);
    let is_ours = rustix::process::geteuid().is_root()
        || std::fs::metadata(&settings.state_dir)
            .is_ok_and(|about| about.uid() == rustix::process::geteuid().as_raw());
    match (writable, refuse_volatile(&settings.state_dir)) {
        (Err(error), _) if !is_ours && error.kind() == io::ErrorKind::PermissionDenied => {
            let says = "it belongs to another user, who may well write it";
            Finding::new(CHECK, place, Level::Unknown, says).fix(AS_THE_SERVICE)
        }
        (Err(error), _) => Finding::wrong(CHECK, place, format!("it can not be written: {error}"))
            .fix(
                "make it, and give it to the user that the daemon runs as (the service does both)",
            ),
        (Ok(_), Err(error)) => Finding::new(CHECK, place, Level::Warning, error.to_string())
            .fix("put state_dir on a disk that stays"),
        (Ok(_), Ok(())) => Finding::well(CHECK, place, "it can be written"),
    }
}

/// Whether the journal is good, where there is one.
async fn journal(settings: &Settings) -> Option<Finding> {
    const CHECK: &str = "journal";
    let file = place::file(&settings.state_dir);
    let place = file.display().to_string();
    let unknown = |says: &str| Finding::new(CHECK, place.as_str(), Level::Unknown, says);
    // Whoever may write it sees it as the service does.
    match open(&file) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let cut = place::refuse_cut(&file).err();
            return cut.map(|error| Finding::wrong(CHECK, place, error.to_string()));
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Some(unknown(&format!("it is not opened: {error}")).fix(AS_THE_SERVICE));
        }
        Err(error) => {
            return Some(Finding::wrong(CHECK, place, format!("it is not opened: {error}")));
        }
    }
    Some(match timeout(PATIENCE, backup::look(&settings.state_dir)).await {
        Ok(Ok(checked)) => {
            let says = format!("it is good; jobs: {}, open: {}", checked.jobs, checked.open);
            Finding::well(CHECK, place, says)
        }
        Ok(Err(error @ JournalError::Busy)) => unknown(&error.to_string()),
        Ok(Err(error)) => Finding::wrong(CHECK, place, error.to_string()),
        Err(_) => {
            unknown("it is large, and was not read to its end").fix("run `pullprint journal check`")
        }
    })
}

/// Opens a plain file for writing, and writes nothing.
fn open(file: &Path) -> io::Result<File> {
    if !std::fs::metadata(file)?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    File::options().append(true).open(file)
}

/// Credentials that were changed since the service started.
fn credentials() -> Vec<Finding> {
    const CHECK: &str = "credential";
    let finding = |file: &Path| {
        let says = "the running service does not have what it holds now";
        Finding::new(CHECK, file.display().to_string(), Level::Warning, says)
            .fix("run `systemctl restart pullprint`; if it is loaded encrypted, take this one away")
    };
    changed_credentials().iter().map(|file| finding(file)).collect()
}

fn disk(settings: &Settings) -> Option<Finding> {
    const CHECK: &str = "disk";
    let place = settings.state_dir.display().to_string();
    // The nearest folder that is there: the directory itself may come with the first start.
    let there = settings.state_dir.ancestors().find(|folder| folder.exists())?;
    let free = rustix::fs::statvfs(there).ok()?;
    let free = free.f_bavail.saturating_mul(free.f_frsize);
    let says = format!("{} MiB are free", free >> 20);
    Some(if free < LITTLE {
        Finding::new(CHECK, place, Level::Warning, says)
            .fix("make room: with a full disk jobs wait and nothing is released")
    } else {
        Finding::well(CHECK, place, says)
    })
}

fn converter(settings: &Settings) -> Finding {
    const CHECK: &str = "converter";
    let Some(program) = settings.converter.command.first() else {
        let says = "there is none: OXPS and XPS documents can only go to printers that take them";
        return Finding::new(CHECK, "", Level::Warning, says)
            .fix("install libgxps-utils and leave converter.command as it is");
    };
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = Path::new(program).is_file()
        || std::env::split_paths(&paths).any(|folder| folder.join(program).is_file());
    if found {
        Finding::well(CHECK, program, "it is installed")
    } else {
        Finding::wrong(CHECK, program, "it is not installed: documents from Windows are often OXPS")
            .fix("install it (xpstopdf is in Debian's libgxps-utils)")
    }
}
