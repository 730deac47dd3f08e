//! Microsoft's own client libraries, unmodified, against the emulator over TLS.

use std::path::PathBuf;

use tokio::process::Command;

use crate::world::World;

#[tokio::test]
async fn official_client_libraries_sign_in_and_work() {
    let Some(python) = std::env::var_os("PULLPRINT_CLIENTS_PYTHON").map(PathBuf::from) else {
        eprintln!("SKIPPED: tests/run installs Microsoft's client libraries");
        return;
    };
    let world = World::calm("clients").await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/official.py");
    let output = Command::new(python)
        .arg(script)
        .arg(world.emulator.to_string())
        .env("REQUESTS_CA_BUNDLE", world.told("ca_file"))
        .env("SSL_CERT_FILE", world.told("ca_file"))
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.matches("signed in:").count(), 7, "{said}");
    assert!(said.contains("worked: Graph's client"), "{said}");
}
