//! Broken configurations, each with all that is to be said of it: `tests/golden/configurations`.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::process::Command;

use crate::world::BINARY;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/configurations")
}

/// What `check-config` says of a file, by standard error or as JSON.
async fn check(file: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(BINARY)
        .current_dir(folder())
        .args(["--config", file, "check-config"])
        .args(more)
        .output()
        .await
        .unwrap();
    let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn each_broken_configuration_is_told_all_that_is_wrong_with_it_in_one_go() {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "toml"));
    assert!(files.len() >= 20, "{}", files.len());
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let (code, _, said) = check(name, &[]).await;
        assert_eq!(code, Some(2), "{name}: {said}");
        let golden = file.with_extension("txt");
        if std::env::var_os("PULLPRINT_BLESS").is_some() {
            std::fs::write(&golden, &said).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(said, expected, "{name}; PULLPRINT_BLESS=1 writes it anew");
        assert!(!said.contains("hunter2"), "{said}");

        let (code, told, _) = check(name, &["--json"]).await;
        assert_eq!(code, Some(2), "{name}");
        assert!(!told.contains("hunter2"), "{told}");
        let told: Value = serde_json::from_str(&told).unwrap();
        let problems = told["problems"].as_array().unwrap();
        assert!(!problems.is_empty(), "{name}");
        for problem in problems {
            // Empty where nothing is written.
            assert!(problem["value"].is_string(), "{name}: {problem}");
            for member in ["key", "why", "try"] {
                assert_ne!(problem[member].as_str().unwrap_or_default(), "", "{name}: {problem}");
            }
        }
    }
}
