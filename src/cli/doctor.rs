//! `doctor`: how everything is that a release needs, and what to do.

use std::path::Path;

use clap::Args;
use serde_json::{Value, json};

use super::{Failed, config, output, sign_in};
use crate::doctor::{Finding, Level, examine};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Look at triggers as well, signed in as a Printer Administrator
    #[arg(long)]
    sign_in: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    how: sign_in::SignInArguments,
}

/// Looks at everything; fails if anything is wrong.
pub(super) async fn perform(arguments: Arguments, file: &Path) -> Result<(), Failed> {
    let settings = config::read(file)?;
    let administrator = if arguments.sign_in {
        Some(
            sign_in::sign_in(&arguments.how, &settings.cloud, &["Printer.ReadWrite.All"], None)
                .await?,
        )
    } else {
        None
    };
    let findings = examine(&settings, administrator.as_ref()).await.map_err(Failed::config)?;
    if arguments.json {
        println!("{}", json!({"findings": findings.iter().map(as_json).collect::<Vec<_>>()}));
    } else {
        findings.iter().for_each(show);
    }
    match findings.iter().filter(|one| one.level == Level::Wrong).count() {
        0 => Ok(()),
        1 => Err(Failed::run("one thing is wrong")),
        n => Err(Failed::run(format!("{n} things are wrong"))),
    }
}

fn as_json(finding: &Finding) -> Value {
    json!({"check": finding.check, "of": finding.of, "level": finding.level.word(), "says": finding.says,
        "fix": finding.fix})
}

fn show(finding: &Finding) {
    let of = if finding.of.is_empty() { String::new() } else { format!(" {}", finding.of) };
    let word = format!("{:<8}", finding.level.word());
    let word = match finding.level {
        Level::Wrong => output::bad(&word),
        Level::Well => output::good(&word),
        Level::Unknown | Level::Warning => word,
    };
    println!("{word} {}{of}: {}", finding.check, finding.says);
    if !finding.fix.is_empty() {
        println!("{:<8} - {}", "", finding.fix);
    }
}
