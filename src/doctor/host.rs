//! This machine: the state directory, its journal, its disk, the credentials, the converter.

use std::{path::Path, time::Duration};

use tokio::time::timeout;

use super::{Finding, Level};
use crate::{
    config::{Settings, changed_credentials},
    journal::{
        backup,
        place::{self, refuse_volatile},
    },
};

/// Less than this is little, in octets.
const LITTLE: u64 = 1 << 30;
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
    match (writable, refuse_volatile(&settings.state_dir)) {
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
    if !file.exists() {
        return None;
    }
    let place = file.display().to_string();
    Some(match timeout(PATIENCE, backup::look(&settings.state_dir)).await {
        Ok(Ok(checked)) => {
            let says = format!("it is good; jobs: {}, open: {}", checked.jobs, checked.open);
            Finding::well(CHECK, place, says)
        }
        Ok(Err(error)) => Finding::wrong(CHECK, place, error.to_string()),
        Err(_) => {
            Finding::new(CHECK, place, Level::Unknown, "it is large, and not read to its end")
                .fix("run `pullprint journal check`")
        }
    })
}

/// Credentials that the running service has as they were before.
fn credentials() -> Vec<Finding> {
    const CHECK: &str = "credential";
    let finding = |file: &Path| {
        let says = "it was changed since the service started, which has the one from before";
        Finding::new(CHECK, file.display().to_string(), Level::Warning, says)
            .fix("run `systemctl restart pullprint`")
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
