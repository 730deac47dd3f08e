//! `emulate`: the emulator alone.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use serde_json::json;
use tokio::sync::watch;

use super::{Failed, run};
use crate::emulator::{self, Emulator, Options};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// No faults but those that the control door asks for
    #[arg(long)]
    calm: bool,
    /// No faults at the printers, only in the cloud
    #[arg(long)]
    kind_printers: bool,
    /// What the faults are drawn from; otherwise the clock
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Write each exchange with Graph as a JSON line
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Where the CA, the credentials and the printed documents go; otherwise a new temporary directory
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// A printer: its name, and its model if it is not an office printer (office, mono, finisher, raster, random:SEED); may be repeated
    #[arg(long = "printer", value_name = "NAME[=MODEL]", default_values_t = ["lobby".to_owned()])]
    printers: Vec<String>,
    /// How many milliseconds a document prints
    #[arg(long, value_name = "MS", default_value_t = 300)]
    print_time: u64,
    /// A tenant before its set-up: no queue and no task definition
    #[arg(long)]
    empty: bool,
    /// Turn a switch, such as page-size=2; may be repeated
    #[arg(long = "switch", value_name = "NAME=POSITION", value_parser = read_switch)]
    switches: Vec<(String, String)>,
}

/// Runs an emulator until Ctrl-C. Its first line on standard output is JSON that names all its doors.
pub(super) async fn run(arguments: Arguments) -> Result<(), Failed> {
    let seed = arguments.seed.unwrap_or_else(clock_seed);
    let directory = run::fresh_directory(arguments.directory, "emulator")?;
    let emulator = start(Options {
        directory: directory.clone(),
        printers: arguments.printers,
        calm: arguments.calm,
        seed,
        printer_faults: !arguments.kind_printers,
        record: arguments.record,
        print_time: Duration::from_millis(arguments.print_time),
        empty: arguments.empty,
        switches: arguments.switches,
    })
    .await?;
    let configuration = directory.join("pullprint.toml");
    std::fs::write(&configuration, emulator.configuration(&directory.join("state")))
        .map_err(Failed::run)?;
    println!("{}", described(&emulator, seed, &configuration));
    if !arguments.calm {
        eprintln!(
            "unkind, seed {seed}; --seed {seed} draws the same faults again, --calm turns them off"
        );
    }
    wait_for_the_end().await
}

pub(super) async fn start(options: Options) -> Result<Emulator, Failed> {
    emulator::start(options)
        .await
        .map_err(|error| Failed::run(format!("start the emulator: {error}")))
}

fn read_switch(text: &str) -> Result<(String, String), String> {
    let (name, position) = text.split_once('=').ok_or("write it as NAME=POSITION")?;
    Ok((name.to_owned(), position.to_owned()))
}

/// A seed from the clock, for those who did not choose one.
fn clock_seed() -> u64 {
    jiff::Timestamp::now().as_microsecond().unsigned_abs()
}

/// Where everything is, as a line of JSON.
pub(super) fn described(emulator: &Emulator, seed: u64, configuration: &std::path::Path) -> String {
    let printers = emulator.printers.iter().map(|(name, uri)| json!({"name": name, "uri": uri}));
    json!({
        "graph": emulator.graph,
        "door": emulator.door,
        "printers": printers.collect::<Vec<_>>(),
        "configuration": configuration,
        "ca_file": emulator.ca_file,
        "secret_file": emulator.secret_file,
        "certificate_file": emulator.certificate_file,
        "federated_token_file": emulator.federated_token_file,
        "tenant": emulator.tenant,
        "client_id": emulator.client_id,
        "task_definition": emulator.task_definition,
        "source_printer": emulator.source_printer,
        "cloud_printer": emulator.cloud_printer,
        "printed": emulator.printed,
        "seed": seed,
    })
    .to_string()
}

pub(super) async fn wait_for_the_end() -> Result<(), Failed> {
    let (stop, mut stopped) = watch::channel(0);
    run::listen(stop, watch::channel(0).0)?;
    let _ = stopped.wait_for(|n| *n >= 1).await;
    Ok(())
}
