//! The configuration is read again when asked.
//!
//! It promises: a wrong one is named, and the old one stays; what was taken is said, and what waits for the next start.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
};

use tokio::{sync::watch, task::spawn_blocking};
use tracing::{error, info, warn};

use super::{configuration, deeds::Deeds, main_loop::SharedSettings};
use crate::config::Settings;

/// Reads the configuration again when asked. A wrong one is named and the old one stays.
pub(super) async fn follow(
    mut reload: watch::Receiver<u32>,
    file: PathBuf,
    settings: Arc<RwLock<SharedSettings>>,
    deeds: Arc<Deeds>,
) {
    while reload.changed().await.is_ok() {
        let (file, settings, deeds) = (file.clone(), Arc::clone(&settings), Arc::clone(&deeds));
        // A disk may be slow: only the next reload waits for it.
        let read = spawn_blocking(move || read_again(&file, &settings, &deeds)).await;
        if let Err(why) = read {
            error!(
                id = "configuration-wrong",
                "the configuration was not read: {why}; the old one stays"
            );
        }
    }
}

fn read_again(file: &Path, settings: &RwLock<SharedSettings>, deeds: &Deeds) {
    let old = Arc::clone(&settings.read().expect("nothing panics while it is held"));
    let taken = configuration::read(file).map_err(|problems| format!("\n{problems}"));
    let taken = taken.and_then(|new| {
        let merged = Arc::new(Settings {
            queues: new.queues.clone(),
            printers: new.printers.clone(),
            cloud_printers: new.cloud_printers.clone(),
            pools: new.pools.clone(),
            stations: new.stations.clone(),
            converter: new.converter.clone(),
            retention: new.retention,
            ..(*old).clone()
        });
        let other_files = deeds.set_printers(&merged).map_err(|why| format!(" {why}"))?;
        *settings.write().expect("nothing panics while it is held") = merged;
        Ok((new, other_files))
    });
    match taken {
        Ok((new, other_files)) => tell(&old, &new, other_files),
        Err(why) => error!(
            id = "configuration-wrong",
            "the configuration is wrong; the old one stays:{why}"
        ),
    }
}

/// Says what was taken, and what was not.
fn tell(old: &Settings, new: &Settings, other_files: bool) {
    let (mut taken, later) = changes(old, new);
    taken.extend(other_files.then_some("passwords or certificates of printers"));
    let taken = if taken.is_empty() { "nothing".to_owned() } else { taken.join(", ") };
    info!("configuration read again; changed now: {taken}");
    if !later.is_empty() {
        let later = later.join(", ");
        warn!(id = "changes-wait", "changes of {later} take effect at the next start");
    }
}

/// What differs: what is taken now, and what the next start takes.
fn changes(old: &Settings, new: &Settings) -> (Vec<&'static str>, Vec<&'static str>) {
    let taken = [
        ("queues", old.queues != new.queues),
        (
            "printers",
            (&old.printers, &old.cloud_printers, &old.pools)
                != (&new.printers, &new.cloud_printers, &new.pools),
        ),
        ("stations", old.stations != new.stations),
        ("converter", old.converter != new.converter),
        ("retention", old.retention != new.retention),
    ];
    let later = [
        ("state_dir", old.state_dir != new.state_dir),
        ("volatile_state", old.volatile_state != new.volatile_state),
        ("cloud", old.cloud != new.cloud),
        ("control", old.control != new.control),
        ("spool", (old.spool, old.ahead) != (new.spool, new.ahead)),
        ("readers", old.readers != new.readers),
        ("kiosk", (&old.kiosk, old.language) != (&new.kiosk, new.language)),
        ("people", people_of(old) != people_of(new)),
        ("telemetry", old.observe != new.observe),
        ("log", old.log != new.log),
    ];
    let names = |all: &[(&'static str, bool)]| {
        all.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect()
    };
    (names(&taken), names(&later))
}

/// What the table of people says.
fn people_of(settings: &Settings) -> impl PartialEq + '_ {
    (settings.pin, settings.registers, &settings.badge_key_file, &settings.directory)
}
