//! The registration of a printer: a call that only begins it, and questions until it is done.
//!
//! Deliberately absent: the certificate that comes out. It is for a device that fetches jobs itself.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::sleep;

use super::{
    client::{GraphClient, segment},
    error::GraphError,
    set_up::{text, unreadable},
    transport::{Answer, Body, Expect, parse_retry_after},
};
use crate::model::{CloudPrinterId, FailureClass};

/// How often a registration is asked for before it counts as stuck.
const QUESTIONS: u32 = 30;
/// The longest wait between two questions.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A printer to be registered. It has no device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPrinter {
    /// What people see.
    pub name: String,
    /// By which it is known again.
    pub manufacturer: String,
    /// Likewise.
    pub model: String,
    /// A PKCS#10 request, PEM without its first and last line.
    pub request: String,
    /// The public key of that request, likewise.
    pub transport_key: String,
}

impl GraphClient {
    /// Create a printer, and wait until it is registered.
    ///
    /// # Errors
    ///
    /// [`GraphError`].
    pub async fn create_printer(&self, new: &NewPrinter) -> Result<CloudPrinterId, GraphError> {
        const CALL: &str = "POST printers/create";
        let body = json!({
            "displayName": new.name,
            "manufacturer": new.manufacturer,
            "model": new.model,
            "hasPhysicalDevice": false,
            "physicalDeviceId": null,
            "connectorId": null,
            "certificateSigningRequest":
                {"content": new.request, "transportKey": new.transport_key},
        });
        let answer = self
            .send(CALL, Method::POST, "/print/printers/create", Body::Json(body), Expect::Success)
            .await?;
        let place = answer.headers.get("operation-location").and_then(|at| at.to_str().ok());
        // Only the id is taken: the address may name an inner host.
        let operation = place.and_then(|at| at.split('?').next()?.rsplit('/').next());
        let operation = operation
            .filter(|id| !id.is_empty())
            .ok_or_else(|| unreadable(CALL, "it names no operation", &answer))?;
        self.wait_for_registration(operation, &answer).await
    }

    async fn wait_for_registration(
        &self,
        operation: &str,
        created: &Answer,
    ) -> Result<CloudPrinterId, GraphError> {
        const CALL: &str = "GET operations/{}";
        let target = format!("/print/operations/{}", segment(operation));
        let mut pause = pause_of(created);
        for _ in 0..QUESTIONS {
            sleep(pause).await;
            let asked = self.send(CALL, Method::GET, &target, Body::Nothing, Expect::Json).await;
            let answer = match asked {
                Ok(answer) => answer,
                // The registration goes on, whatever becomes of a question about it.
                Err(error) => match error.failure().class {
                    FailureClass::Retry { after } => {
                        pause = after.unwrap_or(pause).min(LONGEST_PAUSE);
                        continue;
                    }
                    _ => return Err(error),
                },
            };
            let status = &answer.body["status"];
            match status["state"].as_str().unwrap_or_default() {
                "succeeded" => {
                    let id = answer.body["printer"]["id"].as_str();
                    let id = id.ok_or_else(|| unreadable(CALL, "it names no printer", &answer))?;
                    return Ok(CloudPrinterId::new(id));
                }
                "failed" => {
                    let why = format!("the registration failed: {}", text(status, "description"));
                    return Err(GraphError::NotDone { call: CALL, why });
                }
                _ => pause = pause_of(&answer),
            }
        }
        let why = "the registration takes too long; run it again in some minutes".to_owned();
        Err(GraphError::NotDone { call: CALL, why })
    }
}

/// How long to wait before a registration is asked for again.
fn pause_of(answer: &Answer) -> Duration {
    parse_retry_after(&answer.headers)
        .unwrap_or(Duration::from_secs(5))
        .clamp(Duration::from_secs(1), LONGEST_PAUSE)
}
