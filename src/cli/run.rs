//! `run`, and the signals.

use std::path::PathBuf;

use futures_util::StreamExt;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook_tokio::Signals;
use tokio::sync::watch;

use super::{Failed, config};
use crate::{
    config::Settings,
    daemon::{self, Shutdown},
    telemetry,
};

/// Runs the daemon of a configuration file.
pub(super) async fn run(file: PathBuf) -> Result<(), Failed> {
    let settings = config::read(&file)?;
    telemetry::start(&settings.log.filter, settings.log.format);
    let (stop, shutdown) = Shutdown::new();
    let (reload, reloads) = watch::channel(0);
    listen(stop, reload)?;
    run_with(settings, file, shutdown, reloads).await
}

/// Runs a daemon with these settings.
pub(super) async fn run_with(
    settings: Settings,
    file: PathBuf,
    shutdown: Shutdown,
    reloads: watch::Receiver<u32>,
) -> Result<(), Failed> {
    let launcher = std::env::current_exe()
        .map_err(|error| Failed::run(format!("find this program: {error}")))?;
    Ok(daemon::run(settings, file, launcher, shutdown, reloads).await?)
}

/// SIGTERM and Ctrl-C ask to stop, the second time they insist; SIGHUP asks to read the configuration again.
pub(super) fn listen(stop: watch::Sender<u32>, reload: watch::Sender<u32>) -> Result<(), Failed> {
    let signals = Signals::new([SIGTERM, SIGINT, SIGHUP]);
    let mut signals =
        signals.map_err(|error| Failed::run(format!("listen for signals: {error}")))?;
    tokio::spawn(async move {
        while let Some(signal) = signals.next().await {
            let counter = if signal == SIGHUP { &reload } else { &stop };
            counter.send_modify(|n| *n += 1);
        }
    });
    Ok(())
}

/// A directory for something that is tried out, made anew.
#[cfg(feature = "emulator")]
pub(super) fn fresh_directory(wanted: Option<PathBuf>, purpose: &str) -> Result<PathBuf, Failed> {
    let in_words = |path: &std::path::Path, error: std::io::Error| {
        Failed::run(format!("make {}: {error}", path.display()))
    };
    match wanted {
        Some(path) => {
            std::fs::create_dir_all(&path).map_err(|error| in_words(&path, error))?;
            path.canonicalize().map_err(|error| in_words(&path, error))
        }
        None => {
            let prefix = format!("pullprint-{purpose}-");
            let directory = tempfile::Builder::new().prefix(&prefix).tempdir();
            directory
                .map(tempfile::TempDir::keep)
                .map_err(|error| in_words(&std::env::temp_dir(), error))
        }
    }
}
