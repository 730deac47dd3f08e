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
    ("badge", &["model", "telemetry"]),
    ("people", &["model", "telemetry"]),
    ("kiosk", &["model", "telemetry"]),
    ("telemetry", &["model"]),
    ("config", &["model"]),
    ("daemon", &["*"]),
    ("doctor", &["*"]),
    ("setup", &["model", "policy", "graph", "printer"]),
    ("emulator", &[]),
    ("cli", &["*"]),
];

/// Third-party crates that only these modules may use.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("sqlx", &["journal"]),
    ("reqwest", &["graph", "printer", "doctor", "cli"]),
    ("ipp", &["printer", "emulator"]),
    ("hyper", &["emulator", "kiosk"]),
    ("axum", &["kiosk", "daemon"]),
    ("axum_extra", &["kiosk"]),
    ("askama", &["kiosk"]),
    ("fluent_templates", &["kiosk"]),
    ("rust_embed", &["kiosk"]),
    ("utoipa", &["kiosk"]),
    ("rcgen", &["setup", "emulator"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("tracing_subscriber", &["telemetry"]),
    ("jsonwebtoken", &["graph", "emulator"]),
    ("chacha20poly1305", &["document"]),
    ("zip", &["document"]),
    ("signal_hook", &["cli"]),
    ("serde_json", &["journal", "graph", "config", "daemon", "emulator", "cli"]),
    (
        "tokio",
        &[
            "graph", "printer", "document", "daemon", "setup", "doctor", "emulator", "cli",
            "journal", "badge", "kiosk",
        ],
    ),
    ("evdev", &["badge"]),
    ("pcsc", &["badge"]),
    ("prometheus_client", &["telemetry"]),
    ("sd_notify", &["telemetry"]),
    ("regex", &["badge", "cli"]),
    ("csv", &["people"]),
    ("quick_xml", &["document"]),
    ("kurbo", &["document"]),
    ("read_fonts", &["document"]),
    ("flate2", &["document"]),
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

/// The code of a file before its tests, without comments and the contents of strings.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let before_tests = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
    plain(before_tests)
}

fn plain(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let without_strings = |line: &str| line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
    lines.map(without_strings).collect::<Vec<_>>().join("\n")
}

/// The modules of ours that code names: `crate::x`, and each first name in a group behind `crate::`.
fn named_modules(code: &str) -> Vec<String> {
    let mut named = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => named.push(first_name(rest)),
            Some(group) => named.extend(names_of_group(group)),
        }
    }
    named
}

fn first_name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first name of each member of a group, up to its closing brace.
fn names_of_group(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut member) = (0_u32, String::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(first_name(std::mem::take(&mut member).trim())),
            _ if depth == 0 => member.push(c),
            _ => {}
        }
    }
    names.push(first_name(member.trim()));
    names.retain(|name| !name.is_empty());
    names
}

/// Whether code names a crate: a path that begins with it, or its import.
fn names_crate(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    let begins = |(at, _): (usize, &str)| {
        let before = code[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    };
    code.match_indices(&path).any(begins)
}

fn is_test_file(file: &Path) -> bool {
    let names = [
        "tests.rs",
        "trouble_tests.rs",
        "ticket_tests.rs",
        "plan_tests.rs",
        "markup_tests.rs",
        "table.rs",
        "samples.rs",
        "sample_jobs.rs",
        "simulation.rs",
        "fake_world.rs",
        "contract.rs",
        "upgrades.rs",
        "faulty.rs",
    ];
    names.iter().any(|name| file.ends_with(name))
}

#[test]
fn each_module_imports_only_what_it_may() {
    let mut wrong = Vec::new();
    for file in sources("src").iter().filter(|file| !is_test_file(file)) {
        let me = module(file);
        if ["lib", "main"].contains(&me.as_str()) {
            continue;
        }
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == me) else {
            panic!("{} belongs to no module of the table", file.display());
        };
        for other in named_modules(&code(file)) {
            let known = MAY_IMPORT.iter().any(|(name, _)| *name == other);
            let allowed = allowed.contains(&other.as_str()) || allowed.contains(&"*");
            let never = ["cli", "emulator"].contains(&other.as_str()) && me != "cli";
            if known && other != me && (!allowed || never) {
                wrong.push(format!("{} imports {other}", file.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn third_party_crates_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for file in sources("src").iter().filter(|file| !is_test_file(file)) {
        let me = module(file);
        let text = code(file);
        for (name, allowed) in ONLY_IN {
            if names_crate(&text, name) && *name != me && !allowed.contains(&me.as_str()) {
                wrong.push(format!("{} uses {name}", file.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn what_decides_reads_no_clock_waits_for_nothing_and_draws_nothing() {
    const IMPURE: [&str; 8] =
        ["::now()", "sleep(", ".await", "async fn", "tracing::", "std::fs", "std::env", "rand"];
    let mut wrong = Vec::new();
    for file in sources("src").iter().filter(|file| !is_test_file(file)) {
        let text = code(file);
        let pure = ["model", "flow", "policy"].contains(&module(file).as_str());
        let found = IMPURE.iter().filter(|word| pure && text.contains(*word));
        wrong.extend(found.map(|word| format!("{}: {word}", file.display())));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_rules_catch_what_they_are_for() {
    for (text, names) in [
        ("use crate::graph::X;", vec!["graph"]),
        ("use crate::{model::A, graph::{B, C}, printer};", vec!["model", "graph", "printer"]),
        ("use crate::{\n    model::A,\n    graph,\n};", vec!["model", "graph"]),
        ("fn f(x: Vec<crate::graph::Y>, y: &crate::printer::Z) {}", vec!["graph", "printer"]),
        ("// use crate::graph::X;", vec![]),
    ] {
        assert_eq!(named_modules(&plain(text)), names, "{text}");
    }
    assert!(names_crate("fn f() -> (reqwest::Error, u8) {}", "reqwest"));
    assert!(names_crate("use {\n    sqlx::Row,\n};", "sqlx"));
    assert!(!names_crate("crate::config::x(); my_reqwest::y()", "reqwest"));
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

/// What stands between the parentheses of each call of a macro.
fn calls_of<'a>(code: &'a str, name: &str) -> Vec<&'a str> {
    let mut calls = Vec::new();
    for (at, _) in code.match_indices(&format!("{name}!(")) {
        let before = code[..at].chars().next_back();
        if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            calls.push(code[at + name.len() + 2..].trim_start());
        }
    }
    calls
}

#[test]
fn every_warning_and_error_has_an_id_that_stands_in_the_runbook() {
    let runbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/runbook.md");
    let runbook = fs::read_to_string(runbook).unwrap();
    let headings: Vec<&str> =
        runbook.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let mut ids = Vec::new();
    for file in sources("src").iter().filter(|file| module(file) != "emulator") {
        let text = fs::read_to_string(file).unwrap();
        for call in ["warn", "error"].iter().flat_map(|name| calls_of(&text, name)) {
            let id = call
                .strip_prefix("id = ")
                .unwrap_or_else(|| panic!("{}: {call:.80}", file.display()));
            match id.strip_prefix('"') {
                Some(id) => ids.push(id.split('"').next().unwrap().to_owned()),
                None => assert!(id.starts_with("trouble.code()"), "{}: {id:.80}", file.display()),
            }
        }
    }
    // A trouble's id is its code: the arms of one function.
    let health = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/daemon/health.rs");
    let health = fs::read_to_string(health).unwrap();
    let codes = health.split("fn code(self)").nth(1).unwrap().split("\n    }\n").next().unwrap();
    ids.extend(codes.split('"').skip(1).step_by(2).map(str::to_owned));
    for id in &ids {
        assert!(headings.contains(&id.as_str()), "docs/runbook.md has nothing under ### {id}");
    }
    for heading in headings {
        assert!(ids.iter().any(|id| id == heading), "nothing says {heading}, of docs/runbook.md");
    }
}
