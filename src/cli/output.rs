//! Tables and color on a terminal, plain lines in a pipe.
//!
//! Deliberately absent: color where `NO_COLOR` asks for none (`no-color.org`).

use std::io::IsTerminal;

use clap::builder::styling::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};

use super::Failed;

/// Whether standard output is a terminal.
pub(super) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// What is well, in green.
pub(super) fn good(text: &str) -> String {
    painted(text, AnsiColor::Green)
}

/// What is wrong, in red.
pub(super) fn bad(text: &str) -> String {
    painted(text, AnsiColor::Red)
}

fn painted(text: &str, color: AnsiColor) -> String {
    if !is_terminal() || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return text.to_owned();
    }
    let style = Style::new().fg_color(Some(color.into()));
    format!("{style}{text}{style:#}")
}

/// Prints rows: a table on a terminal, tab-separated lines without a head in a pipe.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) {
    if !is_terminal() {
        for row in rows {
            println!("{}", row.join("\t"));
        }
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(head.iter().map(|cell| cell.to_uppercase()).collect::<Vec<_>>());
    for row in rows {
        table.add_row(row.clone());
    }
    println!("{table}");
}

/// Asks a question whose answer is yes or anything else. Where nobody could answer, `otherwise` says what to do.
pub(super) fn consents(question: &str, otherwise: &str) -> Result<bool, Failed> {
    if !std::io::stdin().is_terminal() {
        return Err(Failed::run(otherwise));
    }
    eprintln!("{question}");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(Failed::run)?;
    Ok(line.trim() == "yes")
}
