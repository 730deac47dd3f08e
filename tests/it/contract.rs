//! Recorded exchanges against the cloud's contract, where that folder and its validator are at hand.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{
    recording, samples,
    world::{World, trusting, until},
};

/// The validator and a Python that can run it.
fn validator() -> Option<(PathBuf, PathBuf)> {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/contract/validate_exchanges.py");
    let python = PathBuf::from(
        std::env::var_os("PULLPRINT_TEST_PYTHON").unwrap_or_else(|| "python3".into()),
    );
    let modules = ["-c", "import openapi_schema_validator, yaml, rfc3339_validator"];
    let can_run = std::process::Command::new(&python)
        .args(modules)
        .output()
        .is_ok_and(|output| output.status.success());
    if !script.exists() || !can_run {
        eprintln!("SKIPPED: the contract or its validator's modules are not here");
        return None;
    }
    Some((python, script))
}

fn validate((python, script): &(PathBuf, PathBuf), recording: &Path) -> String {
    let output = std::process::Command::new(python)
        .arg(script)
        .arg(recording)
        .arg("--strict")
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
    println!("{said}");
    said
}

#[tokio::test]
async fn a_calm_recording_of_every_call_keeps_the_contract() {
    let Some(validator) = validator() else { return };
    let recording = tempfile::NamedTempFile::new().unwrap();
    let path = recording.path().to_str().unwrap();
    let mut world = World::new(
        "recording",
        &["--calm", "--print-time", "20", "--record", path, "--switch", "page-size=2"],
    )
    .await;
    world.start_daemon().await;
    for title in ["first", "second", "third"] {
        world.print(title, "application/pdf", samples::pdf(title, 1_000)).await;
        world.wait_for(title, "held").await;
    }
    let first = world.wait_for("first", "held").await;
    world.release(&first, "lobby", &["--copies", "2", "--color", "gray"]).await;
    world.wait_for("first", "settled").await;
    let second = world.wait_for("second", "held").await;
    world.jobs(&["abort", &second["job"].to_string(), "--reason", "Not today."]).await;
    world.wait_for("second", "settled").await;
    call_the_rest(&world).await;
    let said = validate(&validator, recording.path());
    assert!(said.contains("no finding"), "not even a warning: {said}");
}

/// The calls that the daemon does not make in a short life: with the application's token, and with a person's.
async fn call_the_rest(world: &World) {
    let http = trusting(world.told("ca_file")).build().unwrap();
    let graph = world.told("graph");
    let secret = std::fs::read_to_string(world.told("secret_file")).unwrap();
    let form = [
        ("client_id", world.told("client_id")),
        ("client_secret", &secret),
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.example/.default"),
    ];
    let url = format!("{graph}/{}/oauth2/v2.0/token", world.told("tenant"));
    let answer: Value = http.post(url).form(&form).send().await.unwrap().json().await.unwrap();
    let application = answer["access_token"].as_str().unwrap().to_owned();
    let person = world.door("token", &[("user", "ada@contoso.example")]).await;
    let person = person["access_token"].as_str().unwrap().to_owned();
    let administrator = world.door("token", &[("user", "admin@contoso.example")]).await;
    let administrator = administrator["access_token"].as_str().unwrap().to_owned();
    let call = async |method: &str, path: &str, token: &str, body: Value| -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = http.request(method, format!("{graph}/v1.0{path}")).bearer_auth(token);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    };
    let printer = world.told("source_printer");
    let definition = world.told("task_definition");
    let third = world.cloud_job("third").await;
    let job = format!("/print/printers/{printer}/jobs/{}", third["job"].as_str().unwrap());

    let (_, made) = call(
        "POST",
        "/print/taskDefinitions",
        &application,
        serde_json::json!({"displayName": "another"}),
    )
    .await;
    let another = format!("/print/taskDefinitions/{}", made["id"].as_str().unwrap());
    let rename =
        serde_json::json!({"displayName": "renamed", "createdBy": {"displayName": "box-1"}});
    for (method, path, token, body, status) in [
        ("GET", "/print/taskDefinitions", &application, Value::Null, 200),
        ("GET", another.as_str(), &application, Value::Null, 200),
        ("PATCH", another.as_str(), &application, rename, 200),
        ("DELETE", another.as_str(), &application, Value::Null, 204),
        (
            "GET",
            &format!("/print/printers/{printer}/jobs?$expand=documents"),
            &application,
            Value::Null,
            200,
        ),
        ("GET", &format!("{job}?$expand=tasks"), &application, Value::Null, 200),
        (
            "GET",
            &format!("/print/printers/{printer}/taskTriggers"),
            &administrator,
            Value::Null,
            200,
        ),
        ("POST", &format!("{job}/cancel"), &application, Value::Null, 403),
        (
            "POST",
            &format!("{job}/microsoft.graph.redirect"),
            &application,
            serde_json::json!({"destinationPrinterId": printer}),
            200,
        ),
    ] {
        let (found, body) = call(method, path, token, body).await;
        assert_eq!(found, status, "{method} {path} {body}");
    }
    let bind = serde_json::json!({"event": "jobStarted",
        "definition@odata.bind": format!("{graph}/v1.0/print/taskDefinitions/{definition}")});
    let triggers = format!("/print/printers/{printer}/taskTriggers");
    let (second, _) = call("POST", &triggers, &administrator, bind.clone()).await;
    assert_eq!(second, 400, "a printer has one trigger");
    let (_, list) = call("GET", &triggers, &administrator, Value::Null).await;
    let trigger = format!("{triggers}/{}", list["value"][0]["id"].as_str().unwrap());
    assert_eq!(call("GET", &trigger, &administrator, Value::Null).await.0, 200);
    assert_eq!(call("DELETE", &trigger, &administrator, Value::Null).await.0, 204);
    assert_eq!(call("POST", &triggers, &administrator, bind).await.0, 201);
    world.print("fourth", "application/pdf", samples::pdf("fourth", 100)).await;
    let fourth = world.cloud_job("fourth").await;
    let job = format!("/print/printers/{printer}/jobs/{}", fourth["job"].as_str().unwrap());
    assert_eq!(call("POST", &format!("{job}/cancel"), &person, Value::Null).await.0, 204);
}

#[tokio::test]
async fn a_calm_recording_from_set_up_to_undo_keeps_the_contract() {
    let recording = tempfile::NamedTempFile::new().unwrap();
    let path = recording.path().to_str().unwrap();
    let arguments =
        ["--calm", "--empty", "--print-time", "20", "--record", path, "--switch", "page-size=2"];
    let mut world = World::new("whole-recording", &arguments).await;
    recording::play(&mut world).await;
    world.kill_daemon().await;
    let Some(validator) = validator() else { return };
    let said = validate(&validator, recording.path());
    // That a printer is updated with IPP attributes is on its page, and not in the contract.
    let others: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("warn:") && !line.contains("content type application/ipp"))
        .collect();
    assert_eq!(others, Vec::<&str>::new(), "not even a warning");
}

#[tokio::test]
async fn what_was_not_bent_on_purpose_keeps_the_contract_in_a_run_with_faults() {
    let Some(validator) = validator() else { return };
    let recording = tempfile::NamedTempFile::new().unwrap();
    let path = recording.path().to_str().unwrap();
    let mut world =
        World::new("bent", &["--seed", "11", "--print-time", "20", "--record", path]).await;
    world.configure("release_to = \"lobby\"", "");
    world.start_daemon().await;
    for i in 0..40 {
        world
            .print(&format!("job-{i}"), "application/pdf", samples::pdf(&format!("job-{i}"), 1_000))
            .await;
    }
    until("enough bent exchanges", || async {
        let bent =
            world.tell("exchanges").await.iter().filter(|call| call.get("fault").is_some()).count();
        (bent > 25).then_some(())
    })
    .await;
    world.kill_daemon().await;
    let text = std::fs::read_to_string(recording.path()).unwrap();
    let (bent, straight): (Vec<&str>, Vec<&str>) = text
        .lines()
        .partition(|line| serde_json::from_str::<Value>(line).unwrap().get("fault").is_some());
    assert!(
        bent.len() > 25 && straight.len() > 25,
        "{} bent, {} straight",
        bent.len(),
        straight.len()
    );
    let unbent = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(unbent.path(), straight.join("\n")).unwrap();
    validate(&validator, unbent.path());
}
