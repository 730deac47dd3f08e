//! The main job, end to end: printed in the cloud, held, released, printed on a real printer, reported.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::{
    ippeveprinter::IppEvePrinter,
    samples,
    world::{World, has_program, until},
};

#[tokio::test]
async fn a_job_is_printed_on_a_real_printer_another_aborted_and_an_oxps_has_its_pages() {
    let mut world = World::calm("release").await;
    let Some(printer) = IppEvePrinter::start(&world.directory).await else { return };
    world.configure("", &format!("[printers.real]\nuri = {:?}", printer.uri));
    world.start_daemon().await;

    let document = samples::pdf("minutes", 6_000_000);
    let asked = json!({"copies": 1, "colorMode": "color", "mediaSize": "A4", "pageRanges": [{"start": 2, "end": 5}]});
    world.print_configured("minutes", "application/pdf", document.clone(), &asked).await;
    let job = world.wait_for("minutes", "held").await;
    let ticket = ["--copies", "2", "--color", "gray", "--sides", "long-edge", "--quality", "high"];
    world.release(&job, "real", &ticket).await;
    let done = world.wait_for("minutes", "settled").await;
    assert_eq!(done["ending"], "completed");

    let printed = printer.printed();
    assert_eq!(printed.len(), 1);
    assert!(std::fs::read(&printed[0]).unwrap() == document, "the same bytes");
    let ticket = printer.ticket(&printed[0]).await;
    for (name, value) in [
        ("IPP_COPIES", "2"),
        ("IPP_PRINT_COLOR_MODE", "monochrome"),
        ("IPP_SIDES", "two-sided-long-edge"),
        ("IPP_PRINT_QUALITY", "high"),
        ("IPP_PAGE_RANGES", "2-5"),
        ("IPP_MEDIA_COL", "{media-size={x-dimension=21000 y-dimension=29700}}"),
    ] {
        assert!(
            ticket.contains(&(name.into(), value.into())),
            "{name}={value} is not in {ticket:?}"
        );
    }
    let cloud = world.cloud_job("minutes").await;
    assert_eq!(cloud["tasks"][0]["state"], "completed");
    assert_eq!(cloud["configuration"]["colorMode"], "grayscale");
    assert_eq!(cloud["configuration"]["mediaSize"], "A4", "what was not changed kept its value");

    abort_with_a_reason(&world).await;
    if has_program("xpstopdf") && has_program("pdfinfo") {
        print_oxps(&world, &printer).await;
    }
    assert_eq!(world.stop_daemon().await, Some(0));
}

async fn abort_with_a_reason(world: &World) {
    let reason = "This paper is kept for the exams.";
    let cloud_id = world.print("poster", "application/pdf", samples::pdf("poster", 1_000)).await;
    let job = world.wait_for("poster", "held").await;
    world.jobs(&["abort", &job["job"].to_string(), "--reason", reason]).await;
    let settled = world.wait_for("poster", "settled").await;
    let shown = world.show(&settled).await;
    assert_eq!((&shown["ending"], &shown["abort_reason"]), (&json!("aborted"), &json!(reason)));
    let calls = world.tell("exchanges").await;
    let abort = calls
        .iter()
        .find(|call| call["path"].as_str().unwrap().ends_with(&format!("/{cloud_id}/abort")));
    assert_eq!(abort.unwrap()["request_body"], json!({"reason": reason}));
}

async fn print_oxps(world: &World, printer: &IppEvePrinter) {
    world.print("slides", "application/oxps", samples::oxps(3)).await;
    let job = world.wait_for("slides", "held").await;
    world.release(&job, "real", &[]).await;
    let done = world.wait_for("slides", "settled").await;
    assert_eq!(done["ending"], "completed", "{done}");
    let printed = printer.printed();
    let slides = printed.last().unwrap();
    let info = std::process::Command::new("pdfinfo").arg(slides).output().unwrap();
    let text = String::from_utf8(info.stdout).unwrap();
    assert!(text.lines().any(|line| line.starts_with("Pages:") && line.ends_with(" 3")), "{text}");
}

#[tokio::test]
async fn an_oxps_that_is_damaged_or_comes_out_short_is_aborted_with_a_reason() {
    if !has_program("xpstopdf") {
        return;
    }
    let mut world = World::calm("damaged").await;
    world.configure("release_to = \"lobby\"", "");
    world.start_daemon().await;
    let mut damaged = samples::oxps(3);
    damaged.truncate(damaged.len() / 2);
    world.print("damaged", "application/oxps", damaged).await;
    let done = world.wait_for("damaged", "settled").await;
    assert_eq!(done["ending"], "aborted");
    assert!(done["abort_reason"].as_str().unwrap().contains("could not be converted"), "{done}");
    assert_eq!(world.tell("prints").await.len(), 0);
    // A converter that leaves pages out is found out. This one takes the first three of five.
    let short = world.directory.join("short");
    let script = "#!/bin/sh\nexec xpstopdf -l 3 \"$1\" \"$2\"\n";
    std::fs::write(&short, script).unwrap();
    std::fs::set_permissions(&short, std::fs::Permissions::from_mode(0o755)).unwrap();
    let command = format!("[converter]\ncommand = [{short:?}, \"{{input}}\", \"{{output}}\"]");
    world.stop_daemon().await;
    world.configure("", &command);
    world.start_daemon().await;
    world.print("long", "application/oxps", samples::oxps(5)).await;
    assert_eq!(world.wait_for("long", "settled").await["ending"], "aborted");
    assert!(world.daemon_log().contains("3 of 5 pages came out"));
    assert_eq!(world.tell("prints").await.len(), 0);
}

#[tokio::test]
async fn what_nobody_can_print_is_aborted_with_a_reason_that_says_so() {
    let mut world = World::calm("unprintable").await;
    world.configure("release_to = \"lobby\"\nrefuse_formats = [\"image/png\"]", "");
    world.start_daemon().await;
    let cases: [(&str, &str, Vec<u8>, &str); 3] = [
        ("empty", "application/pdf", Vec::new(), "The document is empty"),
        ("word", "application/msword", b"hello".to_vec(), "of the type application/msword"),
        (
            "picture",
            "image/png",
            b"\x89PNG\r\n\x1a\n".to_vec(),
            "does not print documents of the type image/png",
        ),
    ];
    for (title, content_type, document, _) in &cases {
        world.print(title, content_type, document.clone()).await;
    }
    for (title, _, _, reason) in &cases {
        let done = world.wait_for(title, "settled").await;
        assert!(done["abort_reason"].as_str().unwrap().contains(reason), "{done}");
        assert_eq!(world.cloud_job(title).await["abort_reason"], done["abort_reason"]);
        assert_eq!(
            world.cloud_job(title).await["tasks"][0]["state"],
            "aborted",
            "the stale task is closed"
        );
    }
}

#[tokio::test]
async fn a_setting_that_must_not_be_dropped_sends_the_job_back_to_its_owner() {
    let mut world = World::calm("unmet").await;
    world.start_daemon().await;
    let asked =
        json!({"mediaSize": "A5", "duplexMode": "flipOnLongEdge", "finishings": ["staple"]});
    world
        .print_configured("booklet", "application/pdf", samples::pdf("booklet", 100), &asked)
        .await;
    let job = world.wait_for("booklet", "held").await;
    world.release(&job, "lobby", &[]).await;
    let held = until("the refusal", || async {
        let held = world.wait_for("booklet", "held").await;
        (held["version"] != job["version"]).then_some(held)
    })
    .await;
    assert_eq!(held["reasons"][0]["code"], "cannot-do");
    assert_eq!(held["reasons"][0]["detail"], "media-size A5");
    world.release(&held, "lobby", &["--paper", "A4"]).await;
    let done = world.wait_for("booklet", "settled").await;
    assert_eq!(done["ending"], "completed");
    let prints = world.tell("prints").await;
    assert_eq!(prints[0]["ticket"]["sides"], "two-sided-long-edge");
}

#[tokio::test]
async fn a_queue_that_reports_releases_as_aborts_says_that_it_was_printed() {
    let mut world = World::calm("after-release").await;
    world.configure("release_to = \"lobby\"\nafter_release = \"abort\"", "");
    world.start_daemon().await;
    world.print("letter", "application/pdf", samples::pdf("letter", 100)).await;
    let done = world.wait_for("letter", "settled").await;
    assert_eq!(done["ending"], "completed");
    let cloud = world.cloud_job("letter").await;
    assert_eq!(cloud["state"], "aborted");
    assert_eq!(cloud["abort_reason"], "Printed. The job was released at a printer.");
    assert_eq!(cloud["tasks"][0]["state"], "aborted");
}

#[tokio::test]
async fn a_job_that_its_owner_canceled_meanwhile_prints_nothing() {
    let mut world = World::calm("canceled").await;
    world.start_daemon().await;
    let cloud_id = world.print("letter", "application/pdf", samples::pdf("letter", 100)).await;
    let job = world.wait_for("letter", "held").await;
    world.door("cancel", &[("job", &cloud_id)]).await;
    // The cloud's "paused" of the claim is believed for 30 seconds; a restart forgets nothing, so a version that is
    // older than that is asked for again.
    world.kill_daemon().await;
    age_paused_seen(&world).await;
    world.start_daemon().await;
    world.release(&job, "lobby", &[]).await;
    let done = world.wait_for("letter", "settled").await;
    assert_eq!(done["ending"], "canceled");
    assert_eq!(world.tell("prints").await.len(), 0);
}

/// Makes the journal's jobs look as if the cloud had been asked an hour ago.
async fn age_paused_seen(world: &World) {
    use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
    let file = world.directory.join("state/journal.sqlite");
    let mut journal = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let sql = "UPDATE job SET record = json_set(record, '$.paused_seen', '2026-01-01T00:00:00Z')";
    sqlx::query(sql).execute(&mut journal).await.unwrap();
}

#[tokio::test]
async fn a_queue_with_a_device_of_its_own_is_refused_for_release() {
    let mut world = World::calm("device").await;
    world.door("device", &[("device", "true")]).await;
    world.start_daemon().await;
    world.print("letter", "application/pdf", samples::pdf("letter", 100)).await;
    let job = world.wait_for("letter", "held").await;
    assert_eq!(job["reasons"][0]["code"], "source-printer-has-device");
    let (number, version) = (job["job"].to_string(), job["version"].to_string());
    let output =
        world.jobs_output(&["release", &number, "--to", "lobby", "--version", &version]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("device or connector of its own"));
    until("health to tell", || async {
        world.daemon_log().contains("would print each job as well").then_some(())
    })
    .await;
    // The device is taken away: that is seen, and the job can be released.
    world.door("device", &[("device", "false")]).await;
    let job = until("the job to be free", || async {
        let job = world.wait_for("letter", "held").await;
        job["reasons"].as_array()?.is_empty().then_some(job)
    })
    .await;
    world.release(&job, "lobby", &[]).await;
    world.wait_for("letter", "settled").await;
}

#[tokio::test]
async fn a_daemon_that_was_killed_goes_on_where_it_was() {
    let mut world = World::calm("killed").await;
    world.start_daemon().await;
    for i in 0..5 {
        world
            .print(&format!("job-{i}"), "application/pdf", samples::pdf(&format!("job-{i}"), 1_000))
            .await;
    }
    for i in 0..5 {
        world.wait_for(&format!("job-{i}"), "held").await;
    }
    world.kill_daemon().await;
    world.start_daemon().await;
    for i in 0..5 {
        let job = world.wait_for(&format!("job-{i}"), "held").await;
        world.release(&job, "lobby", &[]).await;
    }
    world.kill_daemon().await;
    world.start_daemon().await;
    for i in 0..5 {
        let job = world.wait_for(&format!("job-{i}"), "settled").await;
        assert_eq!(job["ending"], "completed");
    }
    let prints = world.tell("prints").await;
    let mut heads: Vec<_> = prints.iter().map(|print| print["head"].to_string()).collect();
    heads.sort();
    heads.dedup();
    assert_eq!((prints.len(), heads.len()), (5, 5), "each printed once");
}

#[tokio::test]
async fn a_reload_takes_a_new_printer_and_keeps_the_old_ones_when_it_is_wrong() {
    let mut world = World::new(
        "reload",
        &["--calm", "--print-time", "20", "--printer", "lobby", "--printer", "office"],
    )
    .await;
    let file = world.config_file();
    let whole = std::fs::read_to_string(&file).unwrap();
    let without_office = whole.split("\n[printers.office]").next().unwrap().to_owned();
    std::fs::write(&file, &without_office).unwrap();
    world.start_daemon().await;
    world.print("letter", "application/pdf", samples::pdf("letter", 100)).await;
    let job = world.wait_for("letter", "held").await;
    let (number, version) = (job["job"].to_string(), job["version"].to_string());
    let to_office = ["release", &number, "--to", "office", "--version", &version];
    let refused = world.jobs_output(&to_office).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no printer named \"office\""));

    std::fs::write(&file, whole.replace("uri = \"ipp:", "uri = \"lpd:")).unwrap();
    world.signal_daemon(rustix::process::Signal::HUP);
    until("the problem in the log", || async {
        world.daemon_log().contains("the old one stays").then_some(())
    })
    .await;
    assert!(!world.jobs_output(&to_office).await.status.success());
    // What only the readers of badges know to be wrong is wrong here too.
    let reader = "[readers.desk]\ndial = \"127.0.0.1:1\"\nnumbers = [\"backwards\"]\n";
    std::fs::write(&file, format!("{whole}\n{reader}")).unwrap();
    world.signal_daemon(rustix::process::Signal::HUP);
    until("the other problem in the log", || async {
        world.daemon_log().contains("readers.desk.numbers").then_some(())
    })
    .await;
    assert!(!world.jobs_output(&to_office).await.status.success());

    std::fs::write(&file, whole).unwrap();
    world.signal_daemon(rustix::process::Signal::HUP);
    until("the new printer", || async {
        world.jobs_output(&to_office).await.status.success().then_some(())
    })
    .await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "completed");
}
