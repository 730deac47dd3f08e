//! Tables on a terminal, plain lines in a pipe.

use std::io::IsTerminal;

use comfy_table::{ContentArrangement, Table, presets};

/// Whether standard output is a terminal.
pub(super) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
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
