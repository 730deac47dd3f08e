//! The house's rules about itself: who may import whom, how long a file is, which words are not used.

use std::{
    fs,
    path::{Path, PathBuf},
};

const LONGEST_FILE: usize = 400;

/// What each module may import of ours; `*` is anything.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("flow", &["model"]),
    ("policy", &["model"]),
    ("journal", &["model", "flow"]),
    ("graph", &["model", "telemetry"]),
    ("printer", &["model", "telemetry"]),
    ("document", &["model", "telemetry"]),
    ("telemetry", &["model"]),
    ("config", &["model"]),
    ("daemon", &["*"]),
    ("emulator", &[]),
    ("cli", &["*"]),
];

/// Third-party crates that only these modules may use.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("sqlx", &["journal"]),
    ("reqwest", &["graph", "printer", "cli"]),
    ("ipp", &["printer", "emulator"]),
    ("hyper", &["emulator"]),
    ("rcgen", &["emulator"]),
    ("clap", &["cli"]),
    ("jsonwebtoken", &["graph", "emulator"]),
    ("chacha20poly1305", &["document"]),
    ("signal_hook", &["cli"]),
    ("serde_json", &["journal", "graph", "config", "daemon", "emulator", "cli"]),
    ("tokio", &["graph", "printer", "document", "daemon", "emulator", "cli", "journal"]),
];

/// Words that have another one here: the word, and what to say. They are looked for in the names of the code.
const NOT_THIS_WORD: &[(&str, &str)] = &[
    ("cancelled", "canceled"),
    ("workitem", "print task"),
    ("work_item", "print task"),
    ("blob", "document"),
    ("payload", "document"),
    ("patch_body", "configuration change"),
    ("topic", "task definition"),
    ("webhook", "task trigger"),
    ("vanished", "withdrawn"),
    ("in_flight", "doubtful or open"),
    ("inflight", "doubtful or open"),
];

fn sources(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The top module of a file below `src`.
fn module(file: &Path) -> String {
    let below = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    below.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// The code of a file before its tests, without comments.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let before_tests = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
    let plain = |line: &&str| !line.trim_start().starts_with("//");
    before_tests.lines().filter(plain).collect::<Vec<_>>().join("\n")
}

fn is_test_file(file: &Path) -> bool {
    let names = ["tests.rs", "table.rs", "samples.rs", "simulation.rs", "contract.rs"];
    names.iter().any(|name| file.ends_with(name))
}

#[test]
fn each_module_imports_only_what_it_may() {
    let mut wrong = Vec::new();
    for file in sources("src").iter().filter(|file| !is_test_file(file)) {
        let me = module(file);
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == me) else { continue };
        let text = code(file);
        for (other, _) in MAY_IMPORT {
            let names = text.contains(&format!("crate::{other}::"))
                || text.contains(&format!("    {other}::"))
                || text.contains(&format!("use crate::{other}"));
            let ours = *other == me || allowed.contains(&"*") || allowed.contains(other);
            if names && !ours && imports_ours(&text, other) {
                wrong.push(format!("{} imports {other}", file.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Whether a module of that name is imported from our crate, and not one of the same name from elsewhere.
fn imports_ours(text: &str, other: &str) -> bool {
    let blocks =
        text.split("use crate::").skip(1).map(|rest| rest.split(';').next().unwrap_or_default());
    let mut blocks = blocks.map(|block| block.trim_start_matches('{').trim_start().to_owned());
    blocks.any(|block| {
        let names = block.split('\n').map(str::trim);
        let mut depth = 0_i32;
        let mut found = false;
        for name in names {
            let top = depth == 0;
            found |= top
                && (name == other
                    || name.starts_with(&format!("{other}::"))
                    || name.starts_with(&format!("{other},")));
            depth += i32::try_from(name.matches('{').count()).unwrap()
                - i32::try_from(name.matches('}').count()).unwrap();
        }
        found
    }) || text.contains(&format!("= crate::{other}::"))
        || text.contains(&format!(" crate::{other}::"))
        || text.contains(&format!("(crate::{other}::"))
}

#[test]
fn third_party_crates_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for file in sources("src").iter().filter(|file| !is_test_file(file)) {
        let me = module(file);
        let text = code(file);
        for (name, allowed) in ONLY_IN {
            let used =
                text.contains(&format!("use {name}::")) || text.contains(&format!(" {name}::"));
            let ours = text.contains(&format!("use {name};")) || *name == me;
            if used && !ours && !allowed.contains(&me.as_str()) {
                wrong.push(format!("{} uses {name}", file.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    let long = |file: &PathBuf| {
        let n = fs::read_to_string(file).unwrap().lines().count();
        (n > LONGEST_FILE).then(|| format!("{}: {n} lines", file.display()))
    };
    let long: Vec<String> =
        [sources("src"), sources("tests")].concat().iter().filter_map(long).collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn each_module_says_what_it_promises() {
    let silent = |file: &PathBuf| !fs::read_to_string(file).unwrap().starts_with("//! ");
    let silent: Vec<PathBuf> =
        [sources("src"), sources("tests")].concat().into_iter().filter(silent).collect();
    assert_eq!(silent, Vec::<PathBuf>::new());
}

#[test]
fn one_meaning_has_one_word() {
    let mut wrong = Vec::new();
    for file in sources("src") {
        // The wire keeps its own words.
        let wire = ["graph", "emulator", "printer"].contains(&module(&file).as_str());
        // Tokio spells its own method as it likes.
        let text = code(&file).to_lowercase().replace("is_cancelled()", "");
        for (word, instead) in
            NOT_THIS_WORD.iter().filter(|(word, _)| !wire || *word == "cancelled")
        {
            if text.contains(word) {
                wrong.push(format!("{}: \"{word}\"; here it is called {instead}", file.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn module_files_stand_beside_their_folders_one_folder_deep() {
    for file in sources("src") {
        let below = file
            .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
            .unwrap()
            .to_owned();
        assert!(!below.ends_with("mod.rs"), "{}", below.display());
        assert!(below.iter().count() <= 2, "{}", below.display());
    }
}
