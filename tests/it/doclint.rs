//! Debian's `ippdoclint` judges raster: it is the trade's own word on whether a document is right.

use std::{path::Path, process::Command};

/// Whether a document was judged; one that is found wrong is a failure.
pub(crate) fn judge(document: &Path) -> bool {
    let Some(program) = std::env::var_os("PULLPRINT_IPPDOCLINT") else {
        eprintln!("SKIPPED: tests/run unpacks ippdoclint");
        return false;
    };
    let content_type = match document.extension().and_then(|end| end.to_str()) {
        Some("pwg") => "image/pwg-raster",
        Some("urf") => "image/urf",
        _ => return false,
    };
    let output = Command::new(program).args(["-i", content_type]).arg(document).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && !said.contains("ERROR"), "{}: {said}", document.display());
    assert!(said.contains("job-pages="), "{}: it counts no pages: {said}", document.display());
    true
}
