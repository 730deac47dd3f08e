//! The `pullprint` command. All of it stands in the library; this turns its end into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    pullprint::cli::main()
}
