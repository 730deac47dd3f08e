//! `manual`, hidden: the man pages and the shells' completions, as the packages have them.
//!
//! It promises: pages and completions are made of the arguments and keys themselves, so they can not say something else.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::CommandFactory;
use clap_complete::{Shell, generate_to};
use clap_mangen::roff::{Roff, bold, roman};

use super::{Arguments, Failed};
use crate::config::keys::keys;

/// Writes the pages below `man1` and `man5`, and the completions below `completions`.
pub(super) fn write(folder: &Path) -> Result<(), Failed> {
    let written = write_into(folder);
    written.map_err(|error| Failed::run(format!("write below {}: {error}", folder.display())))
}

fn write_into(folder: &Path) -> io::Result<()> {
    let [commands, files, completions] =
        ["man1", "man5", "completions"].map(|name| folder.join(name));
    for folder in [&commands, &files, &completions] {
        fs::create_dir_all(folder)?;
    }
    clap_mangen::generate_to(Arguments::command(), &commands)?;
    fs::File::create(files.join("pullprint.toml.5"))?.write_all(&keys_page())?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let _: PathBuf = generate_to(shell, &mut Arguments::command(), "pullprint", &completions)?;
    }
    Ok(())
}

/// The page of the configuration: each key, its meaning and its default.
fn keys_page() -> Vec<u8> {
    let mut page = Roff::new();
    page.control("TH", ["pullprint.toml", "5", "", "pullprint", "File formats"]);
    page.control("SH", ["NAME"]);
    page.text([roman("pullprint.toml - configuration of the print release daemon pullprint")]);
    page.control("SH", ["FILES"]);
    page.text([roman(
        "/etc/pullprint/pullprint.toml, then /etc/pullprint/conf.d/*.toml in the order of their names, then the \
         environment: PULLPRINT__CLOUD__POLL_INTERVAL is cloud.poll_interval.",
    )]);
    page.control("SH", ["KEYS"]);
    for key in keys() {
        page.control("TP", []);
        page.text([bold(key.path.replace('*', "NAME"))]);
        page.text([roman(match (key.default, key.required) {
            (Some(default), _) => format!("{} Default: {default}", key.doc),
            (None, true) => format!("{} Must be given.", key.doc),
            (None, false) => format!("{} May be left out.", key.doc),
        })]);
    }
    page.control("SH", ["SEE ALSO"]);
    page.text([roman("pullprint(1), pullprint-check-config(1)")]);
    page.to_roff().into_bytes()
}
