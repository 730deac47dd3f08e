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
    // What else is in the folder is not ours to end.
    let fresh = tempfile::tempdir_in(folder)?;
    clap_mangen::generate_to(Arguments::command(), fresh.path())?;
    let pages = fs::read_dir(fresh.path())?.collect::<Result<Vec<_>, _>>()?;
    for page in &pages {
        end_page(&page.path())?;
    }
    for page in &pages {
        fs::rename(page.path(), commands.join(page.file_name()))?;
    }
    fs::File::create(files.join("pullprint.toml.5"))?.write_all(&keys_page())?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let _: PathBuf = generate_to(shell, &mut Arguments::command(), "pullprint", &completions)?;
    }
    Ok(())
}

/// The page of all commands.
const PROGRAM: &str = "pullprint";
/// Where the things are that commands read and write.
const FILES: [(&str, &str); 4] = [
    ("/etc/pullprint/pullprint.toml, /etc/pullprint/conf.d/*.toml", "The configuration."),
    (
        "/etc/pullprint/credentials",
        "Secrets and keys, which root alone reads; the service gets copies at its start.",
    ),
    ("/var/lib/pullprint", "The journal, the spool and the key of the badges."),
    (
        "/usr/share/doc/pullprint/docs",
        "How to install it (install.md), and what to do about each warning (runbook.md).",
    ),
];

/// Writes what a command's page ends with: the files, on the page of all commands, and where to read on.
fn end_page(page: &Path) -> io::Result<()> {
    let name = page.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let mut end = Roff::new();
    if name == PROGRAM {
        end.control("SH", ["FILES"]);
        for (path, what) in FILES {
            end.control("TP", []);
            end.text([bold(path)]);
            end.text([roman(what)]);
        }
    }
    end.control("SH", ["SEE ALSO"]);
    // A hyphen may stand in a command's own name, such as check-config.
    let above = name.rsplit_once('-').map(|(above, _)| above);
    let above = above.filter(|above| page.with_file_name(format!("{above}.1")).exists());
    end.text([roman(match above {
        _ if name == PROGRAM => "pullprint.toml(5), journalctl(1), systemctl(1)".to_owned(),
        above => format!("{}(1), pullprint.toml(5)", above.unwrap_or(PROGRAM)),
    })]);
    fs::OpenOptions::new().append(true).open(page)?.write_all(end.to_roff().as_bytes())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_names_others_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("man1")).unwrap();
        fs::write(folder.path().join("man1/ls.1"), "another's").unwrap();
        for _ in 0..2 {
            write(folder.path()).unwrap();
        }
        assert_eq!(fs::read_to_string(folder.path().join("man1/ls.1")).unwrap(), "another's");
        fs::remove_file(folder.path().join("man1/ls.1")).unwrap();
        let pages = fs::read_dir(folder.path().join("man1")).unwrap();
        let mut count = 0;
        for page in pages.map(|page| page.unwrap().path()) {
            let text = fs::read_to_string(&page).unwrap().replace('\\', "");
            let (_, also) =
                text.split_once(".SH \"SEE ALSO\"\n").unwrap_or_else(|| panic!("{text}"));
            let named: Vec<_> = also.trim().split(", ").collect();
            for one in named.iter().filter(|one| one.starts_with("pullprint")) {
                let (name, section) = one.trim_end_matches(')').split_once('(').unwrap();
                let file = format!("man{section}/{name}.{section}");
                assert!(folder.path().join(&file).exists(), "{file}, of {}", page.display());
            }
            count += named.len();
        }
        assert!(count > 40, "{count}");
    }
}
