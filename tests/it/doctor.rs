//! The doctor against the emulator: what lacks is named with its fix, and what is well is said to be well.

use std::net::TcpListener;

use serde_json::Value;

use crate::{
    setup::signed_in,
    world::{World, until},
};

/// The doctor's findings and its exit code.
async fn examine(world: &World) -> (Vec<Value>, Option<i32>) {
    let output = world.command(&["doctor", "--json"]).await;
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (said["findings"].as_array().unwrap().clone(), output.status.code())
}

fn wrong(findings: &[Value]) -> Vec<&Value> {
    findings.iter().filter(|one| one["level"] == "wrong").collect()
}

fn find<'a>(findings: &'a [Value], check: &str) -> &'a Value {
    findings.iter().find(|one| one["check"] == check).unwrap_or_else(|| panic!("{findings:?}"))
}

async fn permission(world: &World, name: &str, granted: &str) {
    world.door("permission", &[("name", name), ("of", "application"), ("granted", granted)]).await;
}

#[tokio::test]
async fn a_good_world_is_well_and_each_missing_permission_is_named() {
    let world = World::calm("doctor").await;
    let (findings, code) = examine(&world).await;
    assert_eq!((wrong(&findings), code), (vec![], Some(0)), "{findings:#?}");
    for check in ["sign-in", "permission", "clock", "task-definition", "queue", "printer", "disk"] {
        assert_eq!(find(&findings, check)["level"], "well", "{check}");
    }
    assert_eq!(find(&findings, "trigger")["level"], "unknown", "only a person may see it");

    // Wider permissions that would do as well are taken away first.
    for wider in ["PrintJob.ReadWrite.All", "Printer.ReadWrite.All"] {
        permission(&world, wider, "no").await;
    }
    for (name, what) in [
        ("PrintTaskDefinition.ReadWrite.All", "print tasks"),
        ("PrintJob.Read.All", "read jobs"),
        ("Printer.Read.All", "updating and aborting"),
        ("PrintJob.Manage.All", "update and abort"),
    ] {
        permission(&world, name, "no").await;
        let (findings, code) = examine(&world).await;
        permission(&world, name, "yes").await;
        let lacking = find(&findings, "permission");
        let says = lacking["says"].as_str().unwrap();
        assert!(says.contains(what), "{name}: {says}");
        // What is named is the least that would do, or one that includes it.
        let fix = lacking["fix"].as_str().unwrap();
        assert!(fix.contains(name), "{name}: {fix}");
        assert_eq!(code, Some(1), "{name}");
    }
}

/// The daemon's next token knows what was granted.
async fn a_new_token(world: &World) {
    let refused =
        async || world.tell("exchanges").await.iter().filter(|call| call["status"] == 401).count();
    let before = refused().await;
    world.door("fault", &[("kind", "token-over")]).await;
    until("a refused token", || async { (refused().await > before).then_some(()) }).await;
}

/// What health says of permissions, if the daemon answers.
async fn told(world: &World) -> Option<Option<String>> {
    let health = world.ask(&serde_json::json!({"command": "health"})).await?;
    let all = health["troubles"].as_array()?.clone();
    let one = all.into_iter().find(|one| one["code"] == "permission");
    Some(one.map(|one| one["sentence"].as_str().unwrap_or_default().to_owned()))
}

#[tokio::test]
async fn a_daemon_without_a_permission_says_which_and_goes_on_when_it_is_granted() {
    let mut world =
        World::new("refused", &["--calm", "--print-time", "20", "--switch", "token-life=2"]).await;
    world.configure("release_to = \"lobby\"", "");
    for wider in ["PrintJob.ReadWrite.All", "Printer.ReadWrite.All"] {
        permission(&world, wider, "no").await;
    }
    for (name, least) in [
        ("PrintTaskDefinition.ReadWrite.All", "PrintTaskDefinition.ReadWrite.All"),
        ("PrintJob.Read.All", "PrintJob.Read.All"),
        ("Printer.Read.All", "Printer.Read.All"),
        ("PrintJob.Manage.All", "PrintJob.ReadWriteBasic.All"),
    ] {
        permission(&world, name, "no").await;
        world.start_daemon().await;
        let configuration = serde_json::json!({"colorMode": "color"});
        let document = crate::samples::pdf(name, 1_000);
        world.print_configured(name, "application/pdf", document, &configuration).await;
        if name == "PrintJob.Manage.All" {
            // Only a change of the configuration or an abort needs it.
            let job = world.wait_for(name, "settled").await;
            assert_eq!(job["ending"], "completed");
            world.reconfigure("release_to = \"lobby\"", "refuse_formats = [\"text/plain\"]");
            world.signal_daemon(rustix::process::Signal::HUP);
            world.print("refused", "text/plain", b"no".to_vec()).await;
        }
        until(&format!("health to name {least}"), || async {
            told(&world).await?.filter(|text| text.contains(least))
        })
        .await;
        permission(&world, name, "yes").await;
        a_new_token(&world).await;
        // The refused job is asked about slowly; others go on at once.
        let again = format!("{name} again");
        world
            .print_configured(
                &again,
                "application/pdf",
                crate::samples::pdf(&again, 500),
                &configuration,
            )
            .await;
        if name == "PrintJob.Manage.All" {
            world.print("refused too", "text/plain", b"no".to_vec()).await;
            world.wait_for("refused too", "settled").await;
        } else {
            world.wait_for(&again, "settled").await;
        }
        until("health to be well", || async { told(&world).await?.is_none().then_some(()) }).await;
        world.stop_daemon().await;
    }
}

#[tokio::test]
async fn a_redirect_and_an_offer_name_their_permissions_as_well() {
    let mut world = World::calm("more-permissions").await;
    let printer = format!("[printers.cloud]\ncloud_printer = {:?}\n", world.told("cloud_printer"));
    world.configure("offer = \"union\"\ndefault_paper = \"A4\"", &printer);
    for name in ["PrintJob.Manage.All", "Printer.ReadWrite.All"] {
        permission(&world, name, "no").await;
    }
    let (findings, code) = examine(&world).await;
    let lacking = findings.iter().filter(|one| one["check"] == "permission");
    let named: Vec<&str> = lacking.map(|one| one["of"].as_str().unwrap()).collect();
    assert_eq!((named, code), (vec!["PrintJob.Manage.All", "Printer.ReadWrite.All"], Some(1)));
    assert_eq!(find(&findings, "cloud-printer")["level"], "well", "{findings:#?}");

    world.start_daemon().await;
    world.print("stays", "application/pdf", crate::samples::pdf("stays", 500)).await;
    let job = world.wait_for("stays", "held").await;
    world.release(&job, "cloud", &[]).await;
    for name in ["PrintJob.Manage.All", "Printer.ReadWrite.All"] {
        until(&format!("health to name {name}"), || async {
            told(&world).await?.filter(|text| text.contains(name))
        })
        .await;
    }
    assert_eq!(world.wait_for("stays", "held").await["reasons"][0]["code"], "redirect-refused");
}

#[tokio::test]
async fn a_printer_that_lacks_something_or_is_not_there_is_told_what_to_do() {
    let world = World::calm("doctor-printers").await;
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    // A printer of its own address in the loopback range, with raw printing on and IPP off.
    let _raw = TcpListener::bind("127.77.31.9:9100").unwrap();
    // Connections are taken, and nobody is there.
    let hung = TcpListener::bind("127.0.0.1:0").unwrap();
    let hung_port = hung.local_addr().unwrap().port();
    world.configure(
        "",
        &format!(
            "[printers.gone]\nuri = \"ipp://127.0.0.1:{port}/ipp/print\"\n\
             [printers.hung]\nuri = \"ipp://127.0.0.1:{hung_port}/ipp/print\"\n\
             [printers.hungtls]\nuri = \"ipps://127.0.0.1:{hung_port}/ipp/print\"\n\
             [printers.raw]\nuri = \"ipp://127.77.31.9/ipp/print\"\n\
             [printers.unknown]\nuri = \"ipp://printer.invalid/ipp/print\"\n\
             [printers.wrongpath]\nuri = \"{}\"\n",
            world.emulator["printers"][0]["uri"].as_str().unwrap().replace("lobby", "nowhere")
        ),
    );
    let (findings, code) = examine(&world).await;
    assert_eq!(code, Some(1));
    let of = |name: &str| {
        let one = findings.iter().find(|one| one["check"] == "printer" && one["of"] == name);
        one.unwrap_or_else(|| panic!("{name}: {findings:#?}")).clone()
    };
    assert_eq!(of("lobby")["level"], "well");
    assert!(of("gone")["says"].as_str().unwrap().contains("nothing answers"), "{}", of("gone"));
    for hung in ["hung", "hungtls"] {
        assert!(of(hung)["says"].as_str().unwrap().contains("does not answer"), "{}", of(hung));
    }
    assert!(of("raw")["says"].as_str().unwrap().contains("631 is closed, and 9100 is open"));
    assert!(of("raw")["fix"].as_str().unwrap().contains("enable IPP on the device"));
    assert!(of("unknown")["says"].as_str().unwrap().contains("is not known"), "{}", of("unknown"));
    assert!(of("wrongpath")["fix"].as_str().unwrap().contains("path"), "{}", of("wrongpath"));
}

#[tokio::test]
async fn an_administrator_sees_the_trigger_and_a_wrong_secret_says_what_to_do() {
    let world = World::calm("doctor-trigger").await;
    let output =
        signed_in(&world, &["doctor", "--sign-in", "--json"], "admin@contoso.example").await;
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = said["findings"].as_array().unwrap().clone();
    assert_eq!(find(&findings, "trigger")["level"], "well", "{findings:#?}");

    std::fs::write(world.told("secret_file"), "not-this-one").unwrap();
    let (findings, code) = examine(&world).await;
    let says = find(&findings, "sign-in")["says"].as_str().unwrap().to_owned();
    assert_eq!(code, Some(1));
    assert!(says.contains("AADSTS7000215") && says.contains("not its id"), "{says}");
}

#[tokio::test]
async fn a_journal_that_is_damaged_or_marked_is_told() {
    let mut world = World::calm("doctor-journal").await;
    let (findings, _) = examine(&world).await;
    assert!(findings.iter().all(|one| one["check"] != "journal"), "there is none yet");
    world.start_daemon().await;
    world.print("stays", "application/pdf", crate::samples::pdf("stays", 500)).await;
    world.wait_for("stays", "held").await;
    let (findings, code) = examine(&world).await;
    assert_eq!(find(&findings, "journal")["says"], "it is good; jobs: 1, open: 1");
    assert_eq!(code, Some(0), "{findings:#?}");
    // After a crash the job stands in the log alone.
    world.kill_daemon().await;
    let state = world.directory.join("state");
    let held = || ["", "-wal"].map(|end| std::fs::read(state.join(format!("journal.sqlite{end}"))));
    let before = held().map(Result::unwrap);
    let (findings, _) = examine(&world).await;
    assert_eq!(find(&findings, "journal")["says"], "it is good; jobs: 1, open: 1");
    assert!(before == held().map(Result::unwrap), "the doctor leaves it as it was");
    let checked = world.command(&["journal", "check"]).await;
    assert!(checked.status.success() && before == held().map(Result::unwrap), "{checked:?}");
    world.start_daemon().await;
    world.stop_daemon().await;
    std::fs::write(state.join("journal.disk-failed"), "").unwrap();
    let (findings, code) = examine(&world).await;
    let says = find(&findings, "journal")["says"].as_str().unwrap().to_owned();
    assert!(says.contains("run `pullprint journal check`") && code == Some(1), "{says}");
    assert!(state.join("journal.disk-failed").exists(), "the doctor changes nothing");
    std::fs::remove_file(state.join("journal.disk-failed")).unwrap();
    let journal = state.join("journal.sqlite");
    let mut octets = std::fs::read(&journal).unwrap();
    let middle = octets.len() / 2;
    octets[middle..].fill(0x5A);
    std::fs::write(&journal, octets).unwrap();
    let (findings, code) = examine(&world).await;
    let says = find(&findings, "journal")["says"].as_str().unwrap().to_owned();
    assert!(says.contains("is damaged") && says.contains("restore"), "{says}");
    assert_eq!(code, Some(1));
}

#[tokio::test]
async fn a_name_that_no_name_server_knows_is_told_as_such() {
    let world = World::calm("doctor-names").await;
    let graph = format!("graph = {:?}", world.told("graph"));
    world.reconfigure(&graph, "graph = \"https://graph.invalid\"");
    let (findings, code) = examine(&world).await;
    let host = |of: &str| findings.iter().find(|one| one["check"] == "host" && one["of"] == of);
    let unknown = host("https://graph.invalid").unwrap();
    assert!(unknown["says"].as_str().unwrap().contains("does not know the name"), "{unknown}");
    assert!(unknown["fix"].as_str().unwrap().contains("name server"), "{unknown}");
    assert_eq!(code, Some(1));
}

#[tokio::test]
async fn what_a_queue_offers_is_compared_with_what_its_printers_can_do() {
    let mut world = World::new(
        "offer",
        &[
            "--calm",
            "--print-time",
            "20",
            "--printer",
            "mono=mono",
            "--printer",
            "finisher=finisher",
        ],
    )
    .await;
    world.configure("offer = \"union\"\ndefault_paper = \"A4\"\ndefault_sides = \"long-edge\"", "");
    let (findings, _) = examine(&world).await;
    assert_eq!(find(&findings, "offer")["says"], "nothing is offered yet");
    world.start_daemon().await;
    let offered = async || {
        let url = format!("{}/tenant", world.told("door"));
        let tenant: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        let ours = tenant["printers"].as_array().unwrap().iter();
        let ours = ours.clone().find(|one| one["id"] == world.told("source_printer")).unwrap();
        (ours["capabilities"].clone(), ours["defaults"].clone())
    };
    until("the offer", || async {
        let (capabilities, _) = offered().await;
        (!capabilities["mediaSizes"].is_null()).then_some(())
    })
    .await;
    let (capabilities, defaults) = offered().await;
    assert_eq!(capabilities["mediaSizes"], serde_json::json!(["A3", "A4"]));
    assert_eq!(capabilities["isColorPrintingSupported"], true);
    assert_eq!(defaults["duplexMode"], "flipOnLongEdge");
    assert_eq!(capabilities["inputBins"], serde_json::json!([]), "trays are not offered");
    let (findings, _) = examine(&world).await;
    assert_eq!(find(&findings, "offer")["level"], "well", "{findings:#?}");

    world.reconfigure("offer = \"union\"", "offer = \"intersection\"");
    let (findings, _) = examine(&world).await;
    let says = find(&findings, "offer")["says"].as_str().unwrap().to_owned();
    assert!(says.contains("papers offered in vain: A3"), "{says}");
    world.signal_daemon(rustix::process::Signal::HUP);
    until("the smaller offer", || async {
        let (capabilities, _) = offered().await;
        (capabilities["mediaSizes"] == serde_json::json!(["A4"])).then_some(())
    })
    .await;
}
