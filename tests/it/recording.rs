//! A calm recording of all that this program and real clients do with the cloud, for the contract's validator.

use serde_json::{Value, json};

use crate::{
    samples,
    setup::{paste, signed_in},
    world::{World, trusting, until},
};

const ADA: &str = "ada@contoso.example";
const ADMINISTRATOR: &str = "admin@contoso.example";

/// Calls of Graph with one token.
struct Caller {
    http: reqwest::Client,
    graph: String,
    token: String,
}

impl Caller {
    async fn person(world: &World, upn: &str) -> Self {
        let http = trusting(world.told("ca_file")).build().unwrap();
        let token = world.door("token", &[("user", upn)]).await["access_token"].clone();
        let token = token.as_str().unwrap().to_owned();
        Self { http, graph: world.told("graph").to_owned(), token }
    }

    /// A call that must answer with this status.
    async fn call(&self, method: &str, path: &str, body: Value, status: u16) -> Value {
        let verb = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}/v1.0{path}", self.graph);
        let mut request = self.http.request(verb, url).bearer_auth(&self.token);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let (found, body) = (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null));
        assert_eq!(found, status, "{method} {path}: {body}");
        body
    }
}

fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}

/// From an empty tenant to jobs of every kind, and back.
pub(crate) async fn play(world: &mut World) {
    let setup = ["setup", "--paper", "A4", "--group", "11111111-2222-3333-4444-555555555555"];
    let said = signed_in(world, &setup, ADMINISTRATOR).await;
    let said = String::from_utf8(said.stdout).unwrap();
    let cloud = format!("[printers.cloud]\ncloud_printer = {:?}\n", world.told("cloud_printer"));
    paste(world, &said, &format!("default_sides = \"long-edge\"\n{cloud}"));
    signed_in(world, &["doctor", "--sign-in"], ADMINISTRATOR).await;
    world.start_daemon().await;
    let line = said.lines().find(|line| line.starts_with("source_printer")).unwrap();
    let printer = line.split('"').nth(1).unwrap().to_owned();
    people_print(world, &printer).await;
    daemon_works(world).await;
    an_administrator_looks_around(world, &printer).await;
    signed_in(world, &setup, ADMINISTRATOR).await;
    let undone = signed_in(world, &["setup", "--undo"], ADMINISTRATOR).await;
    assert!(undone.status.success(), "{}", String::from_utf8_lossy(&undone.stderr));
}

/// People print as clients do: a job, an upload in parts, a start; and by the door.
async fn people_print(world: &World, printer: &str) {
    let ada = Caller::person(world, ADA).await;
    let administrator = Caller::person(world, ADMINISTRATOR).await;
    let shares = administrator.call("GET", "/print/shares", Value::Null, 200).await;
    let ours = shares["value"].as_array().unwrap().iter();
    let share = ours.clone().find(|one| one["displayName"] == "Pull print").unwrap();
    let configuration =
        json!({"configuration": {"copies": 1, "colorMode": "grayscale", "mediaSize": "A4"}});
    let jobs = format!("/print/shares/{}/jobs", id(share));
    let job = ada.call("POST", &jobs, configuration.clone(), 201).await;
    assert_eq!(job["status"]["details"], json!(["uploadPending"]));
    upload(
        &ada,
        &format!("{jobs}/{}", id(&job)),
        &job,
        "uploaded",
        &samples::pdf("uploaded", 9_000),
    )
    .await;
    ada.call("POST", &format!("{jobs}/{}/start", id(&job)), Value::Null, 200).await;
    let other = format!("/print/printers/{printer}/jobs");
    let job = ada.call("POST", &other, configuration, 201).await;
    upload(&ada, &format!("{other}/{}", id(&job)), &job, "direct", &samples::pdf("direct", 9_000))
        .await;
    ada.call("POST", &format!("{other}/{}/microsoft.graph.start", id(&job)), Value::Null, 200)
        .await;
    for title in ["released", "aborted", "canceled", "moved"] {
        let url = format!("{}/print", world.told("door"));
        let query = [("queue", printer), ("title", title), ("user", ADA)];
        let request = reqwest::Client::new().post(url).query(&query);
        request.body(samples::pdf(title, 500)).send().await.unwrap();
    }
}

/// An upload session: two parts, the second first, and what is refused on the way.
async fn upload(caller: &Caller, at: &str, job: &Value, name: &str, document: &[u8]) {
    let path = format!("{at}/documents/{}/createUploadSession", id(&job["documents"][0]));
    let body = json!({"properties":
        {"documentName": name, "contentType": "application/pdf", "size": document.len()}});
    let session = caller.call("POST", &path, body, 200).await;
    let url = session["uploadUrl"].as_str().unwrap();
    let put = async |range: std::ops::Range<usize>| {
        let header = format!("bytes {}-{}/{}", range.start, range.end - 1, document.len());
        let request = caller.http.put(url).header("content-range", header);
        request.body(document[range].to_vec()).send().await.unwrap().status().as_u16()
    };
    let half = document.len() / 2;
    let bearer = caller.http.put(url).bearer_auth(&caller.token).send().await.unwrap();
    assert_eq!(bearer.status().as_u16(), 401, "the address is authorized by itself");
    assert_eq!(put(half..document.len()).await, 202);
    assert_eq!(put(half..document.len()).await, 416, "a range that is here");
    let status: Value = caller.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(status["nextExpectedRanges"], json!([format!("0-{}", half - 1)]));
    assert_eq!(put(0..half).await, 201);
    assert_eq!(put(0..half).await, 404, "the session is over");
}

/// The daemon and its commands: release, abort, redirect, a person's cancel, a person's list.
async fn daemon_works(world: &World) {
    let number = async |title: &str| world.wait_for(title, "held").await["job"].to_string();
    for title in ["uploaded", "direct", "released"] {
        let job = world.wait_for(title, "held").await;
        world.release(&job, "lobby", &["--copies", "2", "--color", "gray"]).await;
        assert_eq!(world.wait_for(title, "settled").await["ending"], "completed", "{title}");
    }
    let aborted = number("aborted").await;
    world.jobs(&["abort", &aborted, "--reason", "Not today."]).await;
    world.wait_for("aborted", "settled").await;
    let job = world.wait_for("moved", "held").await;
    world.release(&job, "cloud", &["--sides", "long-edge"]).await;
    assert_eq!(world.wait_for("moved", "settled").await["ending"], "redirected");
    let ada = world.door("person", &[("user", ADA)]).await["id"].as_str().unwrap().to_owned();
    let list = world.jobs(&["list", "--owner", &ada, "--upn", ADA]).await;
    assert_eq!(list["jobs"].as_array().unwrap().len(), 1, "{list}");
    let canceled = number("canceled").await;
    signed_in(world, &["jobs", "cancel", &canceled], ADA).await;
    assert_eq!(world.wait_for("canceled", "settled").await["ending"], "canceled");
    until("the offer", || async {
        let exchanges = world.tell("exchanges").await;
        let offers = exchanges.iter().filter(|call| {
            call["method"] == "PATCH" && call["request_content_type"] == "application/ipp"
        });
        (offers.count() >= 2).then_some(())
    })
    .await;
}

/// Calls that a portal makes, and that the daemon does not.
async fn an_administrator_looks_around(world: &World, printer: &str) {
    let administrator = Caller::person(world, ADMINISTRATOR).await;
    let at = format!("/print/printers/{printer}");
    for path in [
        "/print/printers".to_owned(),
        "/print/shares".to_owned(),
        "/print/settings".to_owned(),
        format!("{at}?$expand=shares"),
        format!("{at}?$select=id,displayName,capabilities,defaults"),
        format!("{at}/shares"),
        format!("{at}/taskTriggers?$expand=definition"),
        format!("{at}/jobs?$expand=documents"),
    ] {
        administrator.call("GET", &path, Value::Null, 200).await;
    }
    administrator.call("GET", "/print/printers?$count=true", Value::Null, 400).await;
    let settings = json!({"documentConversionEnabled": true});
    administrator.call("PATCH", "/print/settings", settings, 204).await;
    let defaults = json!({"displayName": "Pull print", "defaults": {"copiesPerJob": 1}});
    administrator.call("PATCH", &at, defaults, 200).await;
    let shares = administrator.call("GET", &format!("{at}/shares"), Value::Null, 200).await;
    let share = format!("/print/shares/{}", id(&shares["value"][0]));
    for path in [share.clone(), format!("{share}/printer"), format!("{share}/jobs")] {
        administrator.call("GET", &path, Value::Null, 200).await;
    }
    administrator.call("PATCH", &share, json!({"allowAllUsers": true}), 200).await;
    let ada = world.door("person", &[("user", ADA)]).await["id"].as_str().unwrap().to_owned();
    let body = json!({"@odata.id": format!("{}/v1.0/users/{ada}", world.told("graph"))});
    administrator.call("POST", &format!("{share}/allowedUsers/$ref"), body, 204).await;
}
