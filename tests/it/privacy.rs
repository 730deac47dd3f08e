//! What is known of people ends: by itself after a time, and when they ask for it.

use serde_json::Value;

use crate::{
    kiosk::with_kiosk,
    people::{person, print_as},
    world::{World, until},
};

const ADA: &str = "ada@contoso.example";
const BOB: &str = "bob@contoso.example";

/// The job of that number.
async fn job(world: &World, number: &Value) -> Option<Value> {
    world.all_jobs().await?.into_iter().find(|job| job["job"] == *number)
}

/// What the journal's files hold, as they stand on the disk.
fn on_disk(world: &World) -> String {
    let read = |name: &str| std::fs::read(world.directory.join("state").join(name));
    let octets = [read("journal.sqlite").unwrap(), read("journal.sqlite-wal").unwrap_or_default()];
    String::from_utf8_lossy(&octets.concat()).into_owned()
}

async fn people(world: &World, arguments: &[&str]) -> Result<String, String> {
    let output = world.command(&[&["people"], arguments].concat()).await;
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// A world with these hours, a job that waits, and one that is settled; the latter's number.
async fn with_settled_job(name: &str, retention: &str) -> (World, Value) {
    let mut world = World::calm(name).await;
    world.configure("", &format!("[retention]\n{retention}"));
    world.start_daemon().await;
    for title in ["minutes", "plans"] {
        print_as(&world, ADA, title).await;
        world.wait_for(title, "held").await;
    }
    let minutes = world.wait_for("minutes", "held").await;
    world.release(&minutes, "lobby", &[]).await;
    (world, minutes["job"].clone())
}

#[tokio::test]
async fn the_title_of_a_job_is_forgotten_some_time_after_its_end_and_its_owner_is_known() {
    let (mut world, number) = with_settled_job("retention-title", "title = \"1s\"").await;
    let without_title = until("the title to be forgotten", || async {
        job(&world, &number).await.filter(|job| job["title"].is_null())
    })
    .await;
    assert_eq!(without_title["owner"], ADA);
    assert_eq!(without_title["ending"], "completed");
    world.stop_daemon().await;
    let left = on_disk(&world);
    assert!(left.contains("plans") && !left.contains("minutes"));
}

#[tokio::test]
async fn the_owner_of_a_job_is_forgotten_after_a_longer_time_and_who_waits_is_known() {
    let (world, number) = with_settled_job("retention-owner", "owner = \"1s\"").await;
    until("the owner to be forgotten", || async {
        job(&world, &number).await.filter(|job| job["owner"].is_null())
    })
    .await;
    assert_eq!(world.wait_for("plans", "held").await["owner"], ADA);
}

#[tokio::test]
async fn old_entries_name_people_by_a_pseudonym_that_stays_the_same() {
    let world = with_kiosk("audit", "").await;
    world.reconfigure("[kiosk]", "[retention]\naudit = \"1s\"\n[kiosk]");
    world.signal_daemon(rustix::process::Signal::HUP);
    let id = person(&world, ADA).await;
    print_as(&world, ADA, "minutes").await;
    world.wait_for("minutes", "held").await;
    people(&world, &["pin", ADA]).await.unwrap();
    people(&world, &["delegate", ADA, BOB]).await.unwrap();
    for _ in 0..2 {
        assert!(world.command(&["badge", "whois", "70001"]).await.status.success());
    }
    let mut world = world;
    // An hour is long: the next start looks as soon as it knows the hour.
    world.stop_daemon().await;
    world.start_daemon().await;
    let entries = until("pseudonyms", || async {
        let entries = entries_about_people(&world);
        let named = entries.iter().any(|entry| entry.contains(&id));
        (!named && !entries.is_empty()).then_some(entries)
    })
    .await;
    let pseudonym = |entry: &String| {
        let word = entry.split([' ', '|']).find(|word| word.starts_with("person-"));
        word.map_or_else(|| panic!("{entry}"), str::to_owned)
    };
    let asked: Vec<_> =
        entries.iter().filter(|one| one.starts_with("badge-asked")).map(pseudonym).collect();
    assert!(asked.len() == 2 && asked[0] == asked[1], "{entries:?}");
    for kind in ["pin-given", "delegate-named"] {
        let entry = entries.iter().find(|one| one.starts_with(kind)).unwrap();
        assert!(entry.contains("person-") && entry.contains("by uid"), "{entry}");
    }
}

/// What the journal has about people and no job: the word and the detail of each.
fn entries_about_people(world: &World) -> Vec<String> {
    let journal = world.directory.join("state/journal.sqlite");
    let told = std::process::Command::new("sqlite3")
        .arg(format!("file:{}?mode=ro", journal.display()))
        .arg("SELECT kind || '|' || detail FROM entry WHERE kind IN ('badge-asked', 'pin-given', 'delegate-named')")
        .output()
        .unwrap();
    String::from_utf8_lossy(&told.stdout).lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_person_who_asks_for_it_is_told_what_is_known_of_them() {
    let world = with_kiosk("export", "").await;
    let id = person(&world, ADA).await;
    print_as(&world, ADA, "minutes").await;
    print_as(&world, BOB, "letter").await;
    world.wait_for("minutes", "held").await;
    world.wait_for("letter", "held").await;
    people(&world, &["delegate", ADA, BOB]).await.unwrap();
    people(&world, &["pin", ADA]).await.unwrap();
    let told = people(&world, &["export", "Ada@Contoso.Example"]).await.unwrap();
    let known: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(known["id"], id.as_str());
    assert_eq!(known["user_principal_name"], ADA);
    assert_eq!(known["badges"].as_array().unwrap().len(), 1);
    assert_eq!(known["has_pin"], true);
    assert_eq!(known["is_collected_for_by"].as_array().unwrap().len(), 1);
    let jobs = known["jobs"].as_array().unwrap();
    assert_eq!((jobs.len(), &jobs[0]["title"]), (1, &Value::from("minutes")));
    assert_eq!(jobs[0]["story"][0]["what"], "task-seen");
    let words: Vec<&Value> =
        known["entries"].as_array().unwrap().iter().map(|one| &one["what"]).collect();
    assert_eq!(words, ["delegate-named", "pin-given", "person-asked"]);
    assert!(!told.contains("letter") && !told.contains("argon2"), "{told}");
    let nobody = people(&world, &["export", "cy@contoso.example"]).await.unwrap_err();
    assert!(nobody.contains("nothing is known here of cy@contoso.example"), "{nobody}");
}

/// A person prints, and the cloud tells of no object id.
async fn print_without_id(world: &World, upn: &str, title: &str) {
    let url = format!("{}/print", world.told("door"));
    let query = [("user", upn), ("title", title), ("type", "application/pdf"), ("without", "id")];
    let request = reqwest::Client::new().post(url).query(&query);
    request.body(crate::samples::pdf(title, 500)).send().await.unwrap();
    world.wait_for(title, "held").await;
}

/// Who has jobs, once none of them is Ada.
async fn owners_once_she_is_gone(world: &World) -> Vec<String> {
    until("her jobs to be nobody's", || async {
        let jobs = world.all_jobs().await?;
        let owners = jobs.iter().filter_map(|job| job["owner"].as_str().map(str::to_lowercase));
        Some(owners.collect::<Vec<_>>()).filter(|owners| !owners.contains(&ADA.to_owned()))
    })
    .await
}

#[tokio::test]
async fn jobs_without_an_object_id_are_forgotten_by_the_upn_of_somebody_who_alone_has_it() {
    let mut world = World::calm("forget-upn").await;
    world.start_daemon().await;
    print_as(&world, ADA, "minutes").await;
    world.wait_for("minutes", "held").await;
    print_without_id(&world, "ADA@contoso.example", "plans").await;
    print_without_id(&world, BOB, "letter").await;
    let backup = world.directory.join("backup.sqlite").display().to_string();
    assert!(world.command(&["journal", "backup", &backup]).await.status.success());

    let known: Value =
        serde_json::from_str(&people(&world, &["export", BOB]).await.unwrap()).unwrap();
    assert_eq!(known["jobs"][0]["title"], "letter");
    let id = person(&world, ADA).await;
    let said = people(&world, &["forget", &id, "--yes"]).await.unwrap();
    assert!(said.contains("2 that waited aborted"), "{said}");
    assert_eq!(owners_once_she_is_gone(&world).await, [BOB]);
    assert!(people(&world, &["export", ADA]).await.unwrap_err().contains("nothing is known"));

    world.stop_daemon().await;
    assert!(!on_disk(&world).to_lowercase().contains(ADA));
    assert!(world.command(&["journal", "restore", &backup]).await.status.success());
    world.start_daemon().await;
    assert_eq!(owners_once_she_is_gone(&world).await, [BOB]);
}

#[tokio::test]
async fn a_person_who_is_forgotten_is_forgotten_in_a_restored_backup_too() {
    let mut world = with_kiosk("forget", "").await;
    let id = person(&world, ADA).await;
    for title in ["minutes", "plans", "letter"] {
        print_as(&world, if title == "letter" { BOB } else { ADA }, title).await;
        world.wait_for(title, "held").await;
    }
    let minutes = world.wait_for("minutes", "held").await;
    world.release(&minutes, "lobby", &[]).await;
    world.wait_for("minutes", "settled").await;
    people(&world, &["pin", ADA]).await.unwrap();
    let backup = world.directory.join("backup.sqlite").display().to_string();
    assert!(world.command(&["journal", "backup", &backup]).await.status.success());

    // While a job of hers waits it takes consent.
    let asked = people(&world, &["forget", ADA]).await.unwrap_err();
    assert!(
        asked.contains("one job of ada@contoso.example waits") && asked.contains("--yes"),
        "{asked}"
    );
    world.wait_for("plans", "held").await;
    let said = people(&world, &["forget", ADA, "--yes"]).await.unwrap();
    assert!(said.contains("is forgotten") && said.contains("1 that waited aborted"), "{said}");
    let aborted = until("the abort", || async {
        let job = world.cloud_job("plans").await;
        (job["state"] == "aborted").then_some(job)
    })
    .await;
    assert!(aborted["abort_reason"].as_str().unwrap().contains("forget you"), "{aborted}");
    let forgotten = || async {
        let jobs = world.all_jobs().await?;
        let known = |job: &Value| job["owner"] == ADA || job["title"] == "plans";
        (!jobs.iter().any(known)).then_some(jobs)
    };
    assert_eq!(until("her jobs to be nobody's", forgotten).await.len(), 3);
    let badge = world.command(&["badge", "whois", "70001"]).await;
    assert!(!String::from_utf8_lossy(&badge.stdout).contains(ADA), "{badge:?}");
    assert!(people(&world, &["export", ADA]).await.unwrap_err().contains("nothing is known"));
    assert_eq!(world.wait_for("letter", "held").await["owner"], BOB);
    // The running daemon's files have nothing of her; nor do those of a stopped one.
    let known = [ADA, &id, "minutes", "plans"];
    until("her to be gone from the disk", || async {
        let left = on_disk(&world);
        (!known.iter().any(|known| left.contains(known))).then_some(())
    })
    .await;
    world.stop_daemon().await;
    let left = on_disk(&world);
    for gone in known {
        assert!(!left.contains(gone), "{gone} is left");
    }

    let restored = world.command(&["journal", "restore", &backup]).await;
    assert!(restored.status.success(), "{restored:?}");
    assert!(on_disk(&world).contains(ADA), "the backup has her");
    world.start_daemon().await;
    until("her jobs to be nobody's again", || async {
        let jobs = world.all_jobs().await?;
        (!jobs.iter().any(|job| job["owner"] == ADA)).then_some(())
    })
    .await;
    until("the log's line", || async {
        world.daemon_log().contains("is forgotten again").then_some(())
    })
    .await;
    world.stop_daemon().await;
    let left = on_disk(&world);
    assert!(!left.contains(ADA) && !left.contains(&id) && left.contains(BOB));
}
