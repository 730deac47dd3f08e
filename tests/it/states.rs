//! How printers are: stopped, out of paper, asleep, waiting at their panel; and what they are told.

use serde_json::Value;

use crate::{
    ippeveprinter::IppEvePrinter,
    samples,
    world::{World, until},
};

const OCTETS: usize = 2_000;

async fn print(world: &World, title: &str) -> Value {
    world.print(title, "application/pdf", samples::pdf(title, OCTETS)).await;
    world.wait_for(title, "held").await
}

/// The job of that title once it has that reason.
async fn with_reason(world: &World, title: &str, code: &str) -> Value {
    until(code, || async {
        let job = world.all_jobs().await?.into_iter().find(|job| job["title"] == title)?;
        let has = job["reasons"].as_array()?.iter().any(|reason| reason["code"] == code);
        has.then_some(job)
    })
    .await
}

fn detail(job: &Value, code: &str) -> String {
    let reasons = job["reasons"].as_array().unwrap();
    let reason = reasons.iter().find(|reason| reason["code"] == code).unwrap();
    reason["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn sheets_are_counted_while_they_come_out() {
    let mut world = World::new("sheets", &["--calm", "--print-time", "4000"]).await;
    world.start_daemon().await;
    world.print("long", "application/pdf", samples::pages(8)).await;
    let job = world.wait_for("long", "held").await;
    world.release(&job, "lobby", &[]).await;
    let seen = until("sheets", || async { world.show(&job).await["sheets"].as_i64() }).await;
    let more = until("more sheets", || async {
        world.show(&job).await["sheets"].as_i64().filter(|sheets| *sheets > seen)
    })
    .await;
    assert!((1..=8).contains(&more), "{seen} {more}");
    assert_eq!(world.wait_for("long", "settled").await["ending"], "completed");
}

#[tokio::test]
async fn a_release_is_refused_before_it_starts_with_the_reason_and_who_is_well() {
    let arguments = ["--calm", "--print-time", "5", "--printer", "lobby", "--printer", "annex"];
    let mut world = World::new("blocked", &arguments).await;
    world.configure("", "");
    world.start_daemon().await;
    for (title, mood, expect) in [
        ("jam", [("state", "5"), ("reasons", "media-jam-error")], "paper jam; well: annex"),
        (
            "closed",
            [("accepting", "no"), ("reasons", "spool-area-full")],
            "it does not accept jobs: its memory is full; well: annex",
        ),
    ] {
        let job = print(&world, title).await;
        world.door("mood", &[&[("printer", "lobby")], &mood[..]].concat()).await;
        world.release(&job, "lobby", &[]).await;
        let held = with_reason(&world, title, "printer-blocked").await;
        assert_eq!(
            (held["state"].as_str(), detail(&held, "printer-blocked").as_str()),
            (Some("held"), expect)
        );
        world.release(&held, "annex", &[]).await;
        assert_eq!(world.wait_for(title, "settled").await["ending"], "completed");
    }
    // A warning stops nothing.
    let job = print(&world, "low").await;
    world
        .door("mood", &[("printer", "lobby"), ("state", "3"), ("reasons", "toner-low-warning")])
        .await;
    world.release(&job, "lobby", &[]).await;
    assert_eq!(world.wait_for("low", "settled").await["ending"], "completed");
    let prints = world.tell("prints").await;
    let at: Vec<&str> = prints.iter().map(|one| one["printer"].as_str().unwrap()).collect();
    assert_eq!(at.iter().filter(|printer| **printer == "lobby").count(), 1, "{at:?}");
    assert_eq!(prints.len(), 3);
}

#[tokio::test]
async fn a_printer_that_sleeps_is_woken_and_one_that_stays_silent_is_refused() {
    let mut world = World::calm("asleep").await;
    world.configure("", "");
    world.reconfigure("[printers.lobby]", "[printers.lobby]\nwake_for = \"4s\"");
    world.start_daemon().await;
    let job = print(&world, "nap").await;
    world.door("mood", &[("printer", "lobby"), ("asleep", "1500")]).await;
    world.release(&job, "lobby", &[]).await;
    with_reason(&world, "nap", "printer-waking").await;
    let done = world.wait_for("nap", "settled").await;
    assert_eq!(
        (done["ending"].as_str(), done["reasons"].as_array().unwrap().len()),
        (Some("completed"), 0)
    );

    let job = print(&world, "coma").await;
    world.door("mood", &[("printer", "lobby"), ("asleep", "3600000")]).await;
    world.release(&job, "lobby", &[]).await;
    let held = with_reason(&world, "coma", "printer-unreachable").await;
    assert_eq!(held["state"], "held");
    assert_eq!(world.tell("prints").await.len(), 1);
}

#[tokio::test]
async fn a_printer_in_trouble_is_watched_and_says_in_words_what_is_wrong() {
    let mut world = World::new("trouble", &["--calm", "--print-time", "3000"]).await;
    world.configure("", "");
    world.start_daemon().await;
    let job = print(&world, "letter").await;
    world.release(&job, "lobby", &[]).await;
    world.wait_for("letter", "printing").await;
    let stopped =
        [("printer", "lobby"), ("state", "5"), ("reasons", "media-empty-error,cover-open-error")];
    world.door("mood", &stopped).await;
    let job = with_reason(&world, "letter", "printer-trouble").await;
    assert_eq!(detail(&job, "printer-trouble"), "out of paper, a cover is open");
    assert_eq!(job["state"], "printing");
    world.door("mood", &[("printer", "lobby"), ("state", "3")]).await;
    let done = world.wait_for("letter", "settled").await;
    assert_eq!(
        (done["ending"].as_str(), done["reasons"].as_array().unwrap().len()),
        (Some("completed"), 0)
    );
    assert_eq!(world.tell("prints").await.len(), 1);
}

#[tokio::test]
async fn a_job_that_waits_at_the_panel_says_so_and_can_be_ended() {
    let mut world = World::calm("panel").await;
    world.configure("", "");
    world.start_daemon().await;
    let job = print(&world, "secret").await;
    world.door("fault", &[("printer", "lobby"), ("kind", "panel-wait")]).await;
    world.release(&job, "lobby", &[]).await;
    let waiting = with_reason(&world, "secret", "waits-at-panel").await;
    assert_eq!(waiting["state"], "printing");
    assert_eq!(detail(&waiting, "waits-at-panel"), "it waits for a PIN at the printer's panel");
    world.jobs(&["abort", &job["job"].to_string(), "--reason", "Nobody came."]).await;
    assert_eq!(world.wait_for("secret", "settled").await["ending"], "aborted");
    assert_eq!(world.tell("prints").await.len(), 0);
}

#[tokio::test]
async fn a_printer_learns_no_more_of_a_job_than_configured() {
    let arguments = ["--calm", "--print-time", "5", "--printer", "lobby", "--printer", "annex"];
    let mut world = World::new("told", &arguments).await;
    world.configure("", "");
    let open = "[printers.annex]\nuser_name = \"{alias}\"\njob_name = \"title\"";
    world.reconfigure("[printers.annex]", open);
    world.start_daemon().await;
    for (title, printer) in [("payroll", "lobby"), ("menu", "annex")] {
        let job = print(&world, title).await;
        world.release(&job, printer, &[]).await;
        assert_eq!(world.wait_for(title, "settled").await["ending"], "completed");
    }
    let prints = world.tell("prints").await;
    let told = |i: usize| {
        (
            prints[i]["name"].as_str().unwrap().to_owned(),
            prints[i]["user"].as_str().unwrap().to_owned(),
        )
    };
    let (name, user) = told(0);
    assert!(name.starts_with("pp-") && !name.contains("payroll"), "{name}");
    assert_eq!(user, "pullprint");
    let (name, user) = told(1);
    assert!(name.starts_with("pp-") && name.ends_with(" menu"), "{name}");
    assert_eq!(user, "ada");
}

/// A world with a real printer named real.
async fn with_real_printer(name: &str) -> Option<(World, IppEvePrinter)> {
    let mut world = World::calm(name).await;
    let printer = IppEvePrinter::start(&world.directory).await?;
    world.configure("", &format!("[printers.real]\nuri = {:?}", printer.uri));
    world.start_daemon().await;
    Some((world, printer))
}

#[tokio::test]
async fn a_real_printer_without_paper_says_so_and_prints_when_it_has_some() {
    let Some((world, printer)) = with_real_printer("paper").await else { return };
    printer.fill(0).await;
    let job = print(&world, "letter").await;
    world.release(&job, "real", &[]).await;
    let waits = with_reason(&world, "letter", "printer-trouble").await;
    assert_eq!(waits["state"], "printing");
    assert!(detail(&waits, "printer-trouble").contains("needs paper"), "{waits}");
    printer.fill(250).await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "completed");
    assert_eq!(printer.printed().len(), 1);
}

#[tokio::test]
async fn a_slow_real_printer_that_takes_one_job_gets_the_next_one_when_it_is_done() {
    let Some((world, printer)) = with_real_printer("slow").await else { return };
    printer.hold(true);
    for title in ["first", "second"] {
        let job = print(&world, title).await;
        world.release(&job, "real", &[]).await;
        world.wait_for(title, if title == "first" { "printing" } else { "releasing" }).await;
    }
    with_reason(&world, "second", "printer-busy").await;
    assert_eq!(printer.printed().len(), 1);
    printer.hold(false);
    for title in ["first", "second"] {
        assert_eq!(world.wait_for(title, "settled").await["ending"], "completed");
    }
    assert_eq!(printer.printed().len(), 2);
}

#[tokio::test]
async fn a_printer_may_be_named_by_its_ipv6_address() {
    let mut world = World::calm("ipv6").await;
    let Some(printer) = IppEvePrinter::start(&world.directory).await else { return };
    let uri = printer.uri.replace("localhost", "[::1]");
    assert!(uri.contains("[::1]:"), "{uri}");
    world.configure("", &format!("[printers.real]\nuri = {uri:?}"));
    world.start_daemon().await;
    let job = print(&world, "letter").await;
    world.release(&job, "real", &[]).await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "completed");
    assert_eq!(printer.printed().len(), 1);
}
