//! `jobs cancel`: a person's own cancel, which Universal Print takes from a signed-in person alone.

use serde_json::json;

use super::{
    Failed,
    jobs::{Client, text},
    sign_in::{SignInArguments, sign_in},
};
use crate::{
    config::Cloud,
    graph::{GraphError, permissions},
    model::{CloudJobKey, CloudPrinterId},
};

/// The person cancels in the cloud; then the daemon is told to look.
pub(super) async fn cancel(
    client: &Client,
    job: i64,
    any: bool,
    how: &SignInArguments,
    cloud: &Cloud,
) -> Result<(), Failed> {
    let shown = client.ask(&json!({"command": "show", "job": job})).await?;
    let key = CloudJobKey {
        source_printer: CloudPrinterId::new(text(&shown["job"]["source_printer"])),
        id: text(&shown["job"]["cloud_job"]),
    };
    let permission = if any { permissions::CANCEL_ANY } else { permissions::CANCEL };
    let person = sign_in(how, cloud, &[permission], None).await?;
    person.cancel_job(&key).await.map_err(|error| Failed::run(not_canceled(&error, any)))?;
    let answer = client.ask(&json!({"command": "look", "job": job})).await?;
    client.say(&answer, &format!("job {job} is canceled in the cloud"));
    Ok(())
}

/// Why a cancel was not carried out.
fn not_canceled(error: &GraphError, any: bool) -> String {
    match error {
        GraphError::Status { status: 403, .. } if any => {
            format!(
                "the job is another person's, and whoever signed in is no Printer Administrator ({error})"
            )
        }
        GraphError::Status { status: 403 | 404, .. } => format!(
            "the job is another person's: sign in as its owner, or with --any as a Printer Administrator ({error})"
        ),
        GraphError::Status { status: 400 | 409, .. } => {
            format!("the job has ended in the cloud already ({error})")
        }
        _ => error.to_string(),
    }
}
