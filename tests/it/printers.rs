//! The `printers` commands, trust and logins: what an administrator does before anybody releases.

use std::path::Path;

use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};
use serde_json::Value;

use crate::{
    ippeveprinter::{IppEvePrinter, write_key},
    samples,
    world::{World, until},
};

const OCTETS: usize = 2_000;

async fn said(world: &World, arguments: &[&str]) -> Value {
    let output = world.command(&[&["printers", "--json"], arguments].concat()).await;
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn printers_are_listed_shown_and_tried() {
    let arguments =
        ["--calm", "--print-time", "5", "--printer", "lobby", "--printer", "raster=raster"];
    let world = World::new("printers", &arguments).await;
    world.configure("", "");
    world
        .door("mood", &[("printer", "raster"), ("state", "5"), ("reasons", "media-jam-error")])
        .await;
    let list = said(&world, &["list"]).await;
    let states: Vec<(&str, &str)> = list["printers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["state"].as_str().unwrap(), one["says"].as_str().unwrap()))
        .collect();
    assert_eq!(states, [("ready", ""), ("stopped", "paper jam")]);
    let shown = said(&world, &["show", "lobby"]).await;
    assert_eq!(shown["can"]["paper"], "A4, A3, North America Letter");
    assert_eq!(shown["can"]["formats"], "application/pdf, image/pwg-raster, image/jpeg");

    let tried = said(&world, &["test", "lobby", "--sides", "long-edge", "--color", "gray"]).await;
    assert_eq!(
        (tried["state"].as_str(), tried["sent"]["sides"].as_str()),
        (Some("completed"), Some("two-sided-long-edge"))
    );
    world.door("mood", &[("printer", "raster"), ("state", "3")]).await;
    let drawn = said(&world, &["test", "raster"]).await;
    assert!(
        drawn["said"].to_string().contains("done here: application/pdf to image/pwg-raster"),
        "{drawn}"
    );
    let prints = world.tell("prints").await;
    assert_eq!(prints.len(), 2);
    assert!(prints[0]["name"].as_str().unwrap().starts_with("pp-test-"));
    assert!(prints[1]["head"].as_str().unwrap().starts_with("RaS2"));
    let unknown = world.command(&["printers", "test", "attic"]).await;
    let sentence = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        sentence.contains("there is no printer attic over IPP; there are: lobby, raster"),
        "{sentence}"
    );
}

#[tokio::test]
async fn printers_of_the_network_are_found_with_lines_to_paste() {
    // Bound and let go: the port is free for both sides, which share it.
    let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let responder = ServiceDaemon::new_with_port(port).unwrap();
    responder.disable_interface(IfKind::All).unwrap();
    responder.enable_interface(IfKind::LoopbackV4).unwrap();
    for (kind, number) in [("_ipp._tcp.local.", 631), ("_ipps._tcp.local.", 443)] {
        let properties = [
            ("rp", "ipp/print"),
            ("ty", "Contoso Laser"),
            ("UUID", "u-1"),
            ("pdl", "application/pdf"),
        ];
        let info = ServiceInfo::new(
            kind,
            "Lobby (2nd floor)",
            "lobby.local.",
            "127.0.0.1",
            number,
            &properties[..],
        );
        let mut info = info.unwrap();
        info.set_requires_probe(false);
        responder.register(info).unwrap();
    }
    let world = World::calm("discover").await;
    let port = port.to_string();
    let arguments = ["discover", "--seconds", "3", "--loopback-port", &port];
    let found = until("the printer", || async {
        let found = said(&world, &arguments).await;
        (found["printers"].as_array().unwrap().len() == 1).then_some(found)
    })
    .await;
    let printer = &found["printers"][0];
    assert_eq!(printer["uri"], "ipps://127.0.0.1:443/ipp/print", "the better of its two addresses");
    assert_eq!(
        (&printer["name"], &printer["model"]),
        (&"Lobby (2nd floor)".into(), &"Contoso Laser".into())
    );
    let plain = world.command(&[&["printers"], &arguments[..]].concat()).await;
    let lines = String::from_utf8(plain.stdout).unwrap();
    assert!(
        lines.contains("[printers.lobby-2nd-floor]\nuri = \"ipps://127.0.0.1:443/ipp/print\""),
        "{lines}"
    );
    let _ = responder.shutdown();
}

/// A printer over TLS whose key is made anew in each folder.
async fn with_tls(world: &World, name: &str) -> Option<IppEvePrinter> {
    write_key(&world.directory.join(name).join("keys"));
    let arguments = ["-f", "application/pdf", "-K", "keys"];
    IppEvePrinter::start_with(&world.directory, name, &arguments).await
}

fn over_tls(printer: &IppEvePrinter) -> String {
    printer.uri.replace("ipp://", "ipps://")
}

async fn release(world: &World, title: &str) {
    world.print(title, "application/pdf", samples::pdf(title, OCTETS)).await;
    let job = world.wait_for(title, "held").await;
    world.release(&job, "real", &[]).await;
}

async fn held_because(world: &World, title: &str, code: &str) -> String {
    until(code, || async {
        let job = world.all_jobs().await?.into_iter().find(|job| job["title"] == title)?;
        let reasons = job["reasons"].as_array()?;
        let reason = reasons.iter().find(|reason| reason["code"] == code)?;
        (job["state"] == "held").then(|| reason["detail"].as_str().unwrap().to_owned())
    })
    .await
}

#[tokio::test]
async fn a_printer_is_trusted_by_its_first_key_and_another_one_is_an_alarm() {
    let mut world = World::calm("trust").await;
    let Some(first) = with_tls(&world, "first").await else { return };
    let Some(second) = with_tls(&world, "second").await else { return };
    let table = |printer: &IppEvePrinter, more: &str| {
        format!("[printers.real]\nuri = {:?}\n{more}", over_tls(printer))
    };
    // A certificate of nobody's is not trusted, unless it is named.
    world.configure("", &table(&first, ""));
    world.start_daemon().await;
    release(&world, "unknown").await;
    let why = held_because(&world, "unknown", "printer-distrusted").await;
    assert!(why.contains("unknown issuer"), "{why}");
    assert_eq!(world.stop_daemon().await, Some(0));
    let certificate = Path::new(&world.directory).join("first/keys/localhost.crt");
    let named = table(&first, &format!("ca_file = {certificate:?}"));
    world.reconfigure(&table(&first, ""), &named);
    world.start_daemon().await;
    let job = world.wait_for("unknown", "held").await;
    world.release(&job, "real", &[]).await;
    assert_eq!(world.wait_for("unknown", "settled").await["ending"], "completed");
    assert_eq!(world.stop_daemon().await, Some(0));

    world.reconfigure(&named, &table(&first, "trust = \"first-use\""));
    world.start_daemon().await;
    release(&world, "trusted").await;
    assert_eq!(world.wait_for("trusted", "settled").await["ending"], "completed");
    assert!(world.daemon_log().contains("its key is trusted from now on: sha256:"));
    assert_eq!(world.stop_daemon().await, Some(0));

    world.reconfigure(&over_tls(&first), &over_tls(&second));
    world.start_daemon().await;
    release(&world, "stranger").await;
    let why = held_because(&world, "stranger", "printer-distrusted").await;
    assert!(why.contains("it shows the key sha256:") && why.contains("is trusted"), "{why}");
    assert_eq!(second.printed().len(), 0, "nothing was sent");
    until("the alarm", || async {
        let health = world.ask(&serde_json::json!({"command": "health"})).await?;
        health.to_string().contains("printer-distrusted").then_some(())
    })
    .await;
    let trusted = world.command(&["printers", "trust", "real"]).await;
    assert!(trusted.status.success());
    let job = world.wait_for("stranger", "held").await;
    world.release(&job, "real", &[]).await;
    assert_eq!(world.wait_for("stranger", "settled").await["ending"], "completed");
    assert_eq!((first.printed().len(), second.printed().len()), (2, 1));
}

#[tokio::test]
async fn a_printer_with_a_login_takes_ours_over_tls_and_refuses_a_wrong_one() {
    let mut world = World::calm("login").await;
    let Some(printer) =
        IppEvePrinter::start_with_login(&world.directory, "kiosk", "open sesame").await
    else {
        return;
    };
    let password = world.directory.join("password");
    let table = format!(
        "[printers.real]\nuri = {:?}\ntrust = \"first-use\"\nlogin = \"kiosk\"\npassword_file = {password:?}",
        over_tls(&printer)
    );
    std::fs::write(&password, "abracadabra\n").unwrap();
    world.configure("", &table);
    world.start_daemon().await;
    release(&world, "letter").await;
    held_because(&world, "letter", "printer-login").await;
    // The same file holds another password: a reload takes it.
    std::fs::write(&password, "open sesame\n").unwrap();
    world.signal_daemon(rustix::process::Signal::HUP);
    until("the reload", || async {
        let taken = "changed now: passwords or certificates of printers";
        world.daemon_log().contains(taken).then_some(())
    })
    .await;
    let job = world.wait_for("letter", "held").await;
    world.release(&job, "real", &[]).await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "completed");
    assert_eq!(printer.printed().len(), 1);
    assert!(!world.daemon_log().contains("sesame"));
    std::fs::write(&password, [0xFF, 0xFE]).unwrap();
    let checked = world.command(&["check-config"]).await;
    let problem = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(problem.contains("printers.real: ") && problem.contains("is no text"), "{problem}");
    world.reconfigure("ipps://", "ipp://");
    let checked = world.command(&["check-config"]).await;
    let problem = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(problem.contains("keys, certificates and passwords need TLS"), "{problem}");
}
