//! `sandbox`: an emulated cloud, its printers and a daemon in one process.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use serde_json::Value;
use tokio::sync::watch;

use super::{Failed, config, emulate, run, sample};
use crate::{
    daemon::Shutdown,
    emulator::{Emulator, Options},
    model::settings::LogFormat,
    telemetry,
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// With faults, drawn from this seed; otherwise calm
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where everything goes; otherwise a new temporary directory
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// What the daemon logs
    #[arg(long, value_name = "FILTER", default_value = "info")]
    log: String,
    /// Where everything is, as one line of JSON
    #[arg(long)]
    json: bool,
}

/// Everything that a try-out needs.
pub(super) struct World {
    pub(super) emulator: Emulator,
    pub(super) file: PathBuf,
    pub(super) socket: PathBuf,
}

impl World {
    /// An emulator with these printers, and a configuration for a daemon beside it.
    pub(super) async fn new(
        directory: PathBuf,
        seed: Option<u64>,
        printers: &[&str],
    ) -> Result<Self, Failed> {
        let emulator = emulate::start(Options {
            directory: directory.clone(),
            printers: printers.iter().map(|name| (*name).to_owned()).collect(),
            calm: seed.is_none(),
            seed: seed.unwrap_or_default(),
            printer_faults: true,
            record: None,
            print_time: Duration::from_millis(400),
            empty: false,
            switches: Vec::new(),
        })
        .await?;
        let (file, state) = (directory.join("pullprint.toml"), directory.join("state"));
        std::fs::write(&file, emulator.configuration(&state)).map_err(Failed::run)?;
        Ok(Self { emulator, file, socket: state.join("control.sock") })
    }

    /// A person prints a document.
    pub(super) async fn print(
        &self,
        user: &str,
        title: &str,
        content_type: &str,
        document: Vec<u8>,
    ) -> Result<Value, Failed> {
        let url = format!("{}/print", self.emulator.door);
        let query = [("user", user), ("title", title), ("type", content_type)];
        let sent = reqwest::Client::new().post(url).query(&query).body(document).send().await;
        sent.map_err(Failed::run)?.json().await.map_err(Failed::run)
    }

    /// What the emulator tells at one of its doors.
    pub(super) async fn tell(&self, what: &str) -> Result<Value, Failed> {
        let told = reqwest::get(format!("{}/{what}", self.emulator.door)).await;
        told.map_err(Failed::run)?.json().await.map_err(Failed::run)
    }
}

/// Runs a sandbox until Ctrl-C.
pub(super) async fn run(arguments: Arguments) -> Result<(), Failed> {
    telemetry::start(&arguments.log, LogFormat::Text);
    let directory = run::fresh_directory(arguments.directory, "sandbox")?;
    let world = World::new(directory, arguments.seed, &["lobby", "office"]).await?;
    let settings = config::read(&world.file)?;
    world
        .print(
            "ada@contoso.example",
            "Welcome.pdf",
            "application/pdf",
            sample::pdf(&["Welcome to pullprint"]),
        )
        .await?;
    if arguments.json {
        let seed = arguments.seed.unwrap_or_default();
        println!("{}", emulate::described(&world.emulator, seed, &world.file));
    } else {
        explain(&world);
    }
    let (stop, shutdown) = Shutdown::new();
    let (reload, reloads) = watch::channel(0);
    run::listen(stop, reload)?;
    run::run_with(settings, world.file.clone(), shutdown, reloads).await
}

fn explain(world: &World) {
    let file = world.file.display();
    println!(
        "A cloud, two printers and a daemon run until Ctrl-C. Ada has printed Welcome.pdf. In another terminal:"
    );
    println!();
    println!("  pullprint --config {file} jobs list");
    println!("  pullprint --config {file} jobs release 1 --to lobby --wait");
    println!(
        "  curl --data-binary @FILE.pdf '{}/print?user=grace@contoso.example&title=FILE.pdf'",
        world.emulator.door
    );
    println!();
    println!("Printed documents are in {}", world.emulator.printed.display());
}
