//! The command line: arguments, subcommands, exit codes.
//!
//! Exit codes: 0 done, 1 it failed, 2 the configuration or the arguments are wrong, 3 the journal can not be used.
//! What goes wrong is one line on standard error, its causes chained.
//! Deliberately absent: anything that is not about talking to the person at the terminal.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where people are talked to")]

mod bundle;
mod cancel;
mod change;
mod config;
#[cfg(feature = "emulator")]
mod demo;
mod discover;
mod doctor;
#[cfg(feature = "emulator")]
mod emulate;
mod excerpt;
mod forget;
mod jobs;
mod journal;
mod manual;
mod output;
mod people;
mod printers;
mod redact;
mod run;
#[cfg(feature = "emulator")]
mod sample;
#[cfg(feature = "emulator")]
mod sandbox;
mod setup;
mod sign_in;
mod status;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{
    daemon::RunError,
    document::{
        child::{self, Errand},
        convert,
    },
};

/// Why a command failed: its exit code and its sentence.
#[derive(Debug)]
pub(crate) struct Failed {
    code: u8,
    sentence: String,
}

impl Failed {
    /// It failed.
    pub(crate) fn run(sentence: impl ToString) -> Self {
        Self { code: 1, sentence: sentence.to_string() }
    }

    /// The configuration or the arguments are wrong.
    pub(crate) fn config(sentence: impl ToString) -> Self {
        Self { code: 2, sentence: sentence.to_string() }
    }
}

impl From<RunError> for Failed {
    fn from(error: RunError) -> Self {
        let code = match error {
            RunError::Config(_) => 2,
            RunError::Journal(_) => 3,
            RunError::System { .. } => 1,
        };
        Self { code, sentence: error.to_string() }
    }
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 it failed, or something is wrong; 2 the configuration or the arguments \
    are wrong; 3 the journal can not be used.";

/// Print release for Microsoft Universal Print: jobs wait in the cloud until their owners are at a printer.
#[derive(Debug, Parser)]
#[command(name = "pullprint", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = EXIT_CODES)]
struct Arguments {
    /// The configuration file
    #[arg(
        long,
        short,
        global = true,
        value_name = "FILE",
        default_value = "/etc/pullprint/pullprint.toml"
    )]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon until SIGTERM; SIGHUP reads the configuration again and says what it took
    Run,
    /// Say what is wrong with the configuration, all at once
    CheckConfig {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Make what a pull-print queue needs in the cloud, once, signed in as a Printer Administrator
    Setup(setup::Arguments),
    /// Look at everything that a release needs and say what to do; fails if anything is wrong
    Doctor(doctor::Arguments),
    /// List, show and try printers, and find them in the network
    Printers(printers::Arguments),
    /// Take a list of people's badges, draw codes and PINs, name delegates; export and forget somebody
    People(people::People),
    /// Say whose a badge is, give it by a slip, take it away, and find the steps to its number
    Badge(people::Badge),
    /// List, show, release and abort jobs of the running daemon
    Jobs(jobs::Arguments),
    /// Show on one screen what waits, what is under way and what is wrong
    Status {
        /// The daemon's socket; otherwise the one of the configuration
        #[arg(long, value_name = "PATH", env = "PULLPRINT_SOCKET")]
        socket: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what is wrong now with the running daemon; fails if anything is
    Health {
        /// The daemon's socket; otherwise the one of the configuration
        #[arg(long, value_name = "PATH", env = "PULLPRINT_SOCKET")]
        socket: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Back up, check and restore the journal
    Journal(journal::Arguments),
    /// Gather what somebody who helps has to know, without who and where; it is shown before it is written
    SupportBundle(bundle::Arguments),
    /// Serve the task definition from here, after another daemon did; stop that one first
    Takeover {
        /// The daemon's socket; otherwise the one of the configuration
        #[arg(long, value_name = "PATH", env = "PULLPRINT_SOCKET")]
        socket: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// The whole story once, on an emulated cloud and printer
    #[cfg(feature = "emulator")]
    Demo(demo::Arguments),
    /// An emulated cloud, printers and a daemon, until Ctrl-C
    #[cfg(feature = "emulator")]
    Sandbox(sandbox::Arguments),
    /// A small Universal Print on loopback, for tests; unkind unless --calm
    #[cfg(feature = "emulator")]
    Emulate(emulate::Arguments),
    /// Write man pages and completions into a folder, for packages
    #[command(hide = true)]
    Manual { folder: PathBuf },
    /// Work on a document within limits; the daemon starts itself so
    #[command(hide = true, name = convert::CHILD)]
    ConvertChild {
        memory: u64,
        seconds: u64,
        output: u64,
        #[arg(long)]
        make_plain: bool,
        #[arg(long)]
        count_pages: bool,
        #[arg(long)]
        prepare: Option<String>,
        #[arg(last = true)]
        command: Vec<String>,
    },
}

/// Runs the command of the process's arguments.
pub fn main() -> ExitCode {
    mind_closed_pipes();
    let arguments = Arguments::parse();
    if let Command::ConvertChild {
        memory,
        seconds,
        output,
        make_plain,
        count_pages,
        prepare,
        command,
    } = arguments.command
    {
        let errand = match prepare.map(|line| line.parse()) {
            Some(Ok(work)) => Errand::Prepare(work),
            None if make_plain => Errand::MakePlain,
            None if count_pages => Errand::CountPages,
            Some(Err(_)) | None => Errand::Become(command),
        };
        let (said, code) = child::run([memory, seconds, output], errand);
        eprint!("{said}");
        return ExitCode::from(u8::try_from(code).unwrap_or(1));
    }
    match perform(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed { code, sentence }) => {
            eprintln!("pullprint: {sentence}");
            ExitCode::from(code)
        }
    }
}

/// Whoever reads no further, such as `head`, is no mistake to tell of.
fn mind_closed_pipes() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.to_string().contains("failed printing to stdout") {
            usual(panic);
        }
    }));
}

fn perform(arguments: Arguments) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failed::run(format!("start the runtime: {error}")))?;
    let file = arguments.config;
    let result = runtime.block_on(async {
        match arguments.command {
            Command::Run => run::run(file).await,
            Command::CheckConfig { json } => config::check(&file, json),
            Command::Setup(arguments) => setup::perform(arguments, &file).await,
            Command::Doctor(arguments) => doctor::perform(arguments, &file).await,
            Command::Printers(arguments) => printers::perform(arguments, &file).await,
            Command::People(arguments) => people::people(arguments, &file).await,
            Command::Badge(arguments) => people::badge(arguments, &file).await,
            Command::Jobs(arguments) => jobs::perform(arguments, &file).await,
            Command::Status { socket, json } => jobs::tell_status(socket, json, &file).await,
            Command::Health { socket, json } => jobs::health(socket, json, &file).await,
            Command::Journal(arguments) => journal::perform(arguments, &file).await,
            Command::SupportBundle(arguments) => bundle::perform(arguments, &file).await,
            Command::Takeover { socket, json } => jobs::take_over(socket, json, &file).await,
            #[cfg(feature = "emulator")]
            Command::Demo(arguments) => demo::run(arguments).await,
            #[cfg(feature = "emulator")]
            Command::Sandbox(arguments) => sandbox::run(arguments).await,
            #[cfg(feature = "emulator")]
            Command::Emulate(arguments) => emulate::run(arguments).await,
            Command::Manual { folder } => manual::write(&folder),
            Command::ConvertChild { .. } => Ok(()),
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    result
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
