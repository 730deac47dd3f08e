//! Whether a host answers at all, by the way that calls take.

use std::time::Duration;

use super::transport::chain;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks an origin for anything: any answer will do.
///
/// # Errors
///
/// What the transport said.
pub async fn reach(http: &reqwest::Client, origin: &str) -> Result<(), String> {
    let sent = http.get(origin).timeout(PATIENCE).send().await;
    sent.map(drop).map_err(|error| chain(&error.without_url()))
}
