//! What the cloud refuses, as its pages say, and the one sentence that we make of it.

use pullprint::{
    graph::{GraphClient, GraphError, TokenSource},
    model::{AbortReason, Alter, CloudPrinterId, ConfigurationChange},
};
use serde_json::{Value, json};

use crate::{wire::Cloud, world::trusting};

/// A client of a person with all that the application may ask for.
async fn person(cloud: &Cloud, upn: &str) -> GraphClient {
    let token = token(cloud, upn).await;
    GraphClient::new(&cloud.settings(), TokenSource::of_person(token.into())).unwrap()
}

async fn token(cloud: &Cloud, upn: &str) -> String {
    let answer: Value = door(cloud, &format!("token?user={upn}")).await;
    answer["access_token"].as_str().unwrap().to_owned()
}

async fn door(cloud: &Cloud, path: &str) -> Value {
    let url = format!("{}/{path}", cloud.emulator.door);
    reqwest::Client::new().post(url).send().await.unwrap().json().await.unwrap()
}

#[track_caller]
fn refused<T>(result: Result<T, GraphError>, status: u16, sentence: &str) {
    let error = result.err().expect("it is refused");
    assert!(matches!(error, GraphError::Status { status: told, .. } if told == status), "{error}");
    let said = error.to_string();
    assert!(said.contains(sentence) && !said.contains('\n'), "{said}");
}

#[tokio::test]
async fn each_refusal_of_the_documents_is_one_clear_sentence() {
    let cloud = Cloud::new("refusals").await;
    let application = cloud.with_secret();
    let ada = person(&cloud, "ada@contoso.example").await;
    let bob = person(&cloud, "bob@contoso.example").await;
    let job = cloud.print("minutes").await;
    let reason = AbortReason::ByAdministrator("no".into());

    refused(application.cancel_job(&job).await, 403, "signed-in person");
    refused(bob.cancel_job(&job).await, 403, "the job's owner, or a Printer Administrator");
    refused(ada.abort_job(&job, Some(&reason)).await, 403, "the application itself");

    let elsewhere = CloudPrinterId::new(cloud.emulator.cloud_printer.clone());
    let nothing = ConfigurationChange::default();
    door(&cloud, "permission?name=PrintJob.Manage.All&of=application&granted=no").await;
    let lesser = cloud.with_secret();
    refused(lesser.redirect_job(&job, &elsewhere, &nothing).await, 403, "PrintJob.Manage.All");

    // Of another member than the configuration, by a client that does not know better.
    let http = trusting(&cloud.emulator.ca_file).build().unwrap();
    let secret = application.tokens().token().await.unwrap();
    let url = format!(
        "{}/v1.0/print/printers/{}/jobs/{}",
        cloud.emulator.graph, job.source_printer, job.id
    );
    for body in [
        json!({"status": {"state": "completed"}}),
        json!({"configuration": {}, "isFetchable": true}),
    ] {
        let sent = http.patch(&url).bearer_auth(secrecy::ExposeSecret::expose_secret(&secret));
        assert_eq!(sent.json(&body).send().await.unwrap().status().as_u16(), 400, "{body}");
    }

    // Without a task that is `processing`, in each of the ways that the pages leave open.
    let task = cloud.tasks(&application, true).await.remove(0);
    application.update_task(&cloud.definition(), &task.id, true).await.unwrap();
    let change = ConfigurationChange { copies: Alter::Set(2), ..nothing.clone() };
    for status in [400, 409] {
        door(&cloud, &format!("switch?name=refused-precondition&position={status}")).await;
        let waits = "while a print task of this application stops";
        refused(application.abort_job(&job, None).await, status, waits);
        refused(application.update_job(&job, &change).await, status, waits);
        refused(application.redirect_job(&job, &elsewhere, &nothing).await, status, waits);
    }
    ada.cancel_job(&job).await.unwrap();
    refused(ada.cancel_job(&job).await, 400, "has ended already");
}
