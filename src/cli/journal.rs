//! `journal`: backup, check and restore, on the state directory of the configuration.
//!
//! Backup and check work beside a running daemon; a restore wants it stopped.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Failed, config};
use crate::{
    daemon::RunError,
    journal::{
        JournalError,
        backup::{self, Checked},
    },
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// As JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the journal, as of now, into a new file; the daemon may be running
    Backup {
        /// The new file
        file: PathBuf,
    },
    /// Read all of the journal and say whether it is good; needed after a disk has failed
    Check,
    /// Put a backup in the journal's place; jobs that could have been printed since wait for a person
    Restore {
        /// The backup
        file: PathBuf,
    },
}

/// Carries out a `journal` command.
pub(super) async fn perform(arguments: Arguments, file: &Path) -> Result<(), Failed> {
    let state_dir = config::read(file)?.state_dir;
    let (told, lines) = match arguments.command {
        Command::Backup { file } => {
            let checked = backup::backup(&state_dir, &file).await.map_err(failed)?;
            (as_json(&checked), format!("{}: {}", file.display(), in_words(&checked)))
        }
        Command::Check => {
            let checked = backup::check(&state_dir).await.map_err(failed)?;
            (as_json(&checked), format!("the journal is good: {}", in_words(&checked)))
        }
        Command::Restore { file } => {
            let restored = backup::restore(&state_dir, &file).await.map_err(failed)?;
            let mut lines = format!(
                "restored: {}\nits {} open jobs will wait for a person, because paper may be out; so will each job that \
                was printed since the backup",
                in_words(&restored.backup),
                restored.backup.open
            );
            let replaced = restored.replaced.map(|replaced| replaced.display().to_string());
            if let Some(replaced) = &replaced {
                lines.push_str(&format!("\nthe journal that was there is kept as {replaced}"));
            }
            let mut told = as_json(&restored.backup);
            told["replaced"] = replaced.into();
            (told, lines)
        }
    };
    if arguments.json {
        println!("{told}");
    } else {
        println!("{lines}");
    }
    Ok(())
}

fn as_json(checked: &Checked) -> Value {
    json!({"jobs": checked.jobs, "open": checked.open, "entries": checked.entries,
        "last": checked.last.map(|at| at.to_string())})
}

fn failed(error: JournalError) -> Failed {
    match error {
        // The journal itself is well.
        JournalError::Exists { .. } | JournalError::BadBackup { .. } => Failed::run(error),
        error => RunError::from(error).into(),
    }
}

fn in_words(checked: &Checked) -> String {
    let last = checked.last.map_or_else(
        || "nothing was written yet".to_owned(),
        |at| format!("the last entry is of {at:.0}"),
    );
    format!(
        "{} jobs, {} of them open, {} entries; {last}",
        checked.jobs, checked.open, checked.entries
    )
}
