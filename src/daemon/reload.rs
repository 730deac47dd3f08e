//! The configuration is read again when asked.
//!
//! It promises: a wrong one is named, and the old one stays; what was taken is said, and what waits for the next start.

use std::{
    path::PathBuf,
    sync::{Arc, RwLock},
};

use tokio::sync::watch;
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
        let old = Arc::clone(&settings.read().expect("nothing panics while it is held"));
        let new = match configuration::read(&file) {
            Ok(new) => Arc::new(new),
            Err(problems) => {
                error!(
                    id = "configuration-wrong",
                    "the configuration is wrong; the old one stays:\n{problems}"
                );
                continue;
            }
        };
        let (mut taken, later) = changes(&old, &new);
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
        match deeds.set_printers(&merged) {
            Ok(other_files) => {
                taken.extend(other_files.then_some("passwords or certificates of printers"));
                *settings.write().expect("nothing panics while it is held") = merged;
                let taken = if taken.is_empty() { "nothing".to_owned() } else { taken.join(", ") };
                info!("configuration read again; changed now: {taken}");
                if !later.is_empty() {
                    let later = later.join(", ");
                    warn!(id = "changes-wait", "changes of {later} take effect at the next start");
                }
            }
            Err(why) => error!(
                id = "configuration-wrong",
                "the configuration is wrong; the old one stays: {why}"
            ),
        }
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
