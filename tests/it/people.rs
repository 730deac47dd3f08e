//! People: whose jobs are whose, their own cancel, and what they see in the end.

use serde_json::{Value, json};

use crate::{
    samples,
    setup::signed_in,
    world::{World, trusting, until},
};

const ADA: &str = "ada@contoso.example";

/// A person's object id.
pub(crate) async fn person(world: &World, upn: &str) -> String {
    world.door("person", &[("user", upn)]).await["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn print_as(world: &World, upn: &str, title: &str) {
    let url = format!("{}/print", world.told("door"));
    let query = [("user", upn), ("title", title), ("type", "application/pdf")];
    let request = reqwest::Client::new().post(url).query(&query);
    request.body(samples::pdf(title, 500)).send().await.unwrap();
}

/// The titles that a person sees, in order.
async fn titles(world: &World, id: &str, upn: &str) -> Vec<String> {
    let request = json!({"command": "list", "owner": {"id": id, "upn": upn}});
    let answer = world.ask(&request).await.unwrap();
    let jobs = answer["jobs"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let mut titles: Vec<String> =
        jobs.iter().map(|job| job["title"].as_str().unwrap_or("").to_owned()).collect();
    titles.sort();
    titles
}

/// The job as somebody who signed in reads it.
async fn read_as(world: &World, upn: &str, job: &Value) -> Value {
    let token = world.door("token", &[("user", upn)]).await;
    let http = trusting(world.told("ca_file")).build().unwrap();
    let url = format!(
        "{}/v1.0/print/printers/{}/jobs/{}",
        world.told("graph"),
        job["source_printer"].as_str().unwrap(),
        job["cloud_job"].as_str().unwrap()
    );
    let request = http.get(url).bearer_auth(token["access_token"].as_str().unwrap());
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_list_is_of_the_person_and_not_of_the_name() {
    // The poller sleeps: what is listed was asked for.
    let mut world = World::calm("owners").await;
    world.reconfigure("poll_interval = \"1s\"", "poll_interval = \"1h\"");
    world.start_daemon().await;
    let names = [ADA, "o'hara@contoso.example", "x_y.com#EXT#@contoso.example"];
    for (i, upn) in names.into_iter().enumerate() {
        let id = person(&world, upn).await;
        print_as(&world, upn, &format!("of {i}")).await;
        assert_eq!(titles(&world, &id, upn).await, [format!("of {i}")], "{upn}");
    }
    // Renamed between print and tap: nothing is missing.
    let ada = person(&world, ADA).await;
    world.door("rename", &[("user", ADA), ("to", "lovelace@contoso.example")]).await;
    print_as(&world, "lovelace@contoso.example", "printed later").await;
    let all = titles(&world, &ada, "lovelace@contoso.example").await;
    assert_eq!(all, ["of 0", "printed later"]);
    // Somebody new has the old name: they see their own and nothing else.
    let other = person(&world, ADA).await;
    assert_ne!(other, ada);
    assert_eq!(titles(&world, &other, ADA).await, [""; 0]);
    print_as(&world, ADA, "of the new Ada").await;
    assert_eq!(titles(&world, &other, ADA).await, ["of the new Ada"]);
    assert_eq!(titles(&world, &ada, "lovelace@contoso.example").await.len(), 2);
}

#[tokio::test]
async fn a_job_of_nobody_is_shown_to_the_administrator_alone_and_expires_with_a_reason() {
    let mut world = World::calm("nobody").await;
    world.configure("hold_limit = \"3s\"", "");
    world.start_daemon().await;
    print_as(&world, "nobody", "found on the floor").await;
    world.wait_for("found on the floor", "held").await;
    let ada = person(&world, ADA).await;
    assert_eq!(titles(&world, &ada, ADA).await, [""; 0]);
    let job = world.wait_for("found on the floor", "settled").await;
    assert_eq!(job["ending"], "aborted");
    assert!(job["abort_reason"].as_str().unwrap().contains("not released"), "{job}");
}

#[tokio::test]
async fn a_person_cancels_their_own_job_and_only_an_administrator_anothers() {
    let mut world = World::calm("cancel").await;
    world.start_daemon().await;
    for title in ["mine", "also mine", "theirs"] {
        print_as(&world, ADA, title).await;
    }
    let number = async |title| world.wait_for(title, "held").await["job"].to_string();
    let (mine, also, theirs) =
        (number("mine").await, number("also mine").await, number("theirs").await);

    let output = signed_in(&world, &["jobs", "cancel", &mine], ADA).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(world.wait_for("mine", "settled").await["ending"], "canceled");

    let output = signed_in(&world, &["jobs", "cancel", &theirs], "bob@contoso.example").await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("another person's: sign in as its owner"), "{said}");
    let any = ["jobs", "cancel", &theirs, "--any"];
    world.door("permission", &[("name", "PrintJob.ReadWriteBasic.All"), ("of", "people")]).await;
    let output = signed_in(&world, &any, "bob@contoso.example").await;
    assert_eq!(output.status.code(), Some(1));
    let output = signed_in(&world, &any, "admin@contoso.example").await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(world.wait_for("theirs", "settled").await["ending"], "canceled");

    // Canceled elsewhere, such as in the portal: it is noticed.
    let cloud_job = world.cloud_job("also mine").await["job"].as_str().unwrap().to_owned();
    world.door("cancel", &[("job", &cloud_job)]).await;
    world.ask(&json!({"command": "look", "job": also.parse::<i64>().unwrap()})).await.unwrap();
    assert_eq!(world.wait_for("also mine", "settled").await["ending"], "canceled");
}

#[tokio::test]
async fn a_cancel_while_it_prints_cancels_it_at_the_printer() {
    let mut world = World::new("cancel-late", &["--calm", "--print-time", "20000"]).await;
    world.configure("release_to = \"lobby\"", "");
    world.start_daemon().await;
    print_as(&world, ADA, "too much").await;
    let number = world.wait_for("too much", "printing").await["job"].to_string();
    let output = signed_in(&world, &["jobs", "cancel", &number], ADA).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let job = world.wait_for("too much", "settled").await;
    assert_eq!(job["ending"], "canceled");
    let shown = world.show(&job).await;
    assert!(shown["story"].to_string().contains("Canceled"), "{shown}");
}

#[tokio::test]
async fn a_release_to_a_printer_in_the_cloud_is_a_redirect_that_is_followed() {
    let mut world = World::calm("redirect").await;
    let printer = format!("[printers.cloud]\ncloud_printer = {:?}\n", world.told("cloud_printer"));
    world.configure("", &printer);
    world.start_daemon().await;
    print_as(&world, ADA, "moved").await;
    let job = world.wait_for("moved", "held").await;
    world.release(&job, "cloud", &["--copies", "2", "--color", "gray"]).await;
    let job = world.wait_for("moved", "settled").await;
    assert_eq!((&job["ending"], &job["reasons"]), (&json!("redirected"), &json!([])));
    let exchanges = world.tell("exchanges").await;
    let redirects: Vec<&Value> = exchanges
        .iter()
        .filter(|call| call["path"].as_str().unwrap().ends_with("/redirect"))
        .collect();
    assert_eq!(redirects.len(), 1);
    assert_eq!(
        redirects[0]["request_body"],
        json!({"destinationPrinterId": world.told("cloud_printer"),
            "configuration": {"copies": 2, "colorMode": "grayscale"}}),
        "configuration in the same call"
    );
    assert!(
        !exchanges
            .iter()
            .any(|call| call["method"] == "PATCH"
                && call["path"].as_str().unwrap().contains("/jobs/"))
    );

    world.door("switch", &[("name", "destination-ends"), ("position", "aborted")]).await;
    print_as(&world, ADA, "failed there").await;
    let job = world.wait_for("failed there", "held").await;
    world.release(&job, "cloud", &[]).await;
    let job = world.wait_for("failed there", "settled").await;
    assert_eq!(job["ending"], "redirected");
    assert_eq!(job["reasons"][0]["code"], "failed-elsewhere");
}

#[tokio::test]
async fn the_document_has_what_owners_read_in_the_end() {
    let mut world = World::calm("final").await;
    let printers = format!("[printers.cloud]\ncloud_printer = {:?}\n", world.told("cloud_printer"));
    world.configure("after_release = \"complete\"", &printers);
    world.start_daemon().await;
    let mut rows = String::new();
    for (title, printer, after) in [
        ("over IPP, after_release = \"complete\"", "lobby", "complete"),
        ("over IPP, after_release = \"abort\"", "lobby", "abort"),
        ("redirect", "cloud", "abort"),
    ] {
        if after == "abort" && title != "redirect" {
            world.reconfigure("after_release = \"complete\"", "after_release = \"abort\"");
            world.signal_daemon(rustix::process::Signal::HUP);
            until("the new configuration", || async {
                world.daemon_log().contains("configuration read again").then_some(())
            })
            .await;
        }
        print_as(&world, ADA, title).await;
        let job = world.wait_for(title, "held").await;
        world.release(&job, printer, &[]).await;
        let job = world.wait_for(title, "settled").await;
        let read = read_as(&world, ADA, &job).await;
        // A redirected job is there twice; the task was on the one that was printed.
        let all = world.tell("jobs").await;
        let ours = all.iter().find(|one| one["job"] == job["cloud_job"]).unwrap();
        let task = ours["tasks"][0]["state"].clone();
        rows.push_str(&format!(
            "| {title} | {} | {} | {} | {} |\n",
            job["ending"].as_str().unwrap(),
            read["status"]["state"].as_str().unwrap(),
            if read["redirectedTo"].is_null() { "no" } else { "yes" },
            task.as_str().unwrap(),
        ));
    }
    let table = format!(
        "| release | our ending | `status.state` | `redirectedTo` | task |\n|---|---|---|---|---|\n{rows}"
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/clouds.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("<!-- ends -->\n").unwrap();
    let (written, after) = rest.split_once("<!-- end of ends -->").unwrap();
    if std::env::var_os("PULLPRINT_BLESS").is_some() {
        let new = format!("{before}<!-- ends -->\n{table}<!-- end of ends -->{after}");
        std::fs::write(path, new).unwrap();
        return;
    }
    assert_eq!(written, table, "docs/clouds.md differs; PULLPRINT_BLESS=1 writes it anew");
}
