//! Delegates: somebody collects what another one printed, as it is, and it is written down who did.

use reqwest::Method;
use serde_json::json;

use crate::{
    kiosk::{Program, code, with_kiosk},
    people::{person, print_as},
    site::{ADA, Site},
    stations::{import, prints_of},
    world::{World, until},
};

const BOB: &str = "bob@contoso.example";
const CY: &str = "cy@contoso.example";

async fn name(world: &World, more: &[&str]) -> String {
    let arguments = [&["people", "delegate", ADA, BOB], more].concat();
    let output = world.command(&arguments).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn a_delegate_prints_a_job_as_it_is_and_does_nothing_else() {
    let world = with_kiosk("delegates", "").await;
    let ada = person(&world, ADA).await;
    let bob = person(&world, BOB).await;
    assert_eq!(name(&world, &[]).await.trim(), format!("{BOB} may collect what {ADA} prints"));
    for title in ["minutes", "letter"] {
        print_as(&world, ADA, title).await;
        world.wait_for(title, "held").await;
    }
    let mut program = Program::at(&world, "lobby");
    program.sign_in(70_002).await;
    let people = program.get("people").await;
    assert_eq!(people[0]["id"], ada.as_str(), "{people}");
    let list = format!("people/{ada}/jobs");
    let jobs = program.get(&list).await;
    let job = |title: &str| {
        let jobs = jobs["jobs"].as_array().unwrap();
        jobs.iter().find(|job| job["title"] == title).cloned().unwrap()
    };
    let (minutes, letter) = (job("minutes"), job("letter"));
    assert_eq!(program.get("jobs").await["jobs"], json!([]), "his own list has none of hers");

    // Neither by her list nor by his own: no change, no removal.
    let release = format!("{list}/{}/release", minutes["number"]);
    let version = &minutes["version"];
    let changed = json!({"version": version, "change": {"copies": 2}});
    assert_eq!(program.post(&release, &changed).await.status(), 422);
    let own = format!("jobs/{}", minutes["number"]);
    let refused = program.post(&format!("{own}/release"), &json!({"version": version})).await;
    assert_eq!(code(refused).await, (404, "no-such-job".to_owned()));
    let refused = program.request(Method::DELETE, &own).send().await.unwrap();
    assert_eq!(code(refused).await, (404, "no-such-job".to_owned()));

    assert_eq!(program.post(&release, &json!({"version": version})).await.status(), 202);
    let done = world.wait_for("minutes", "settled").await;
    assert_eq!(done["ending"], "completed");
    assert_eq!(prints_of(&world, "lobby").await.len(), 1);
    let shown = world.command(&["jobs", "show", &done["job"].to_string(), "--json"]).await;
    let story = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(story.contains(&format!("{bob}, who collects for the owner")), "{story}");
    assert!(program.get(&list).await["jobs"].as_array().unwrap().len() == 1, "ended is hers");

    // It ends in mid-session.
    assert!(name(&world, &["--end"]).await.contains("may not collect"));
    let late = format!("{list}/{}/release", letter["number"]);
    let late = program.post(&late, &json!({"version": letter["version"]})).await;
    assert_eq!(code(late).await, (404, "no-such-job".to_owned()));
    assert_eq!(program.get("people").await, json!([]));
}

#[tokio::test]
async fn nobody_collects_without_being_named_or_after_the_last_day() {
    let world = with_kiosk("delegates-none", "").await;
    let ada = person(&world, ADA).await;
    import(&world, &[(70_003, CY)]).await;
    print_as(&world, ADA, "letter").await;
    let letter = world.wait_for("letter", "held").await;
    let over = ["people", "delegate", ADA, BOB, "--until", "2020-01-01"];
    let over = world.command(&over).await;
    assert!(String::from_utf8_lossy(&over.stderr).contains("that day is over"), "{over:?}");
    let nobody = world.command(&["people", "delegate", "ada", BOB]).await;
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("UPN"), "{nobody:?}");
    assert!(name(&world, &["--end"]).await.contains("did not collect"));
    // It ends today, and is ended for whoever is in the directory no more.
    let today = jiff::Zoned::now().date().to_string();
    name(&world, &["--until", &today]).await;
    let list = world.command(&["people", "delegates"]).await;
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(list.contains(&format!("until {today}")) && list.contains(&ada), "{list}");
    world.door("rename", &[("user", BOB), ("to", "robert@contoso.example")]).await;
    assert!(name(&world, &["--end"]).await.contains("may not collect"));
    for badge in [70_002, 70_003] {
        let mut program = Program::at(&world, "lobby");
        program.sign_in(badge).await;
        assert_eq!(program.get("people").await, json!([]));
        let list = format!("people/{ada}/jobs");
        let seen = program.request(Method::GET, &list).send().await.unwrap();
        assert_eq!(code(seen).await, (404, "no-such-job".to_owned()));
        let release = format!("{list}/{}/release", letter["job"]);
        let released = program.post(&release, &json!({"version": letter["version"]})).await;
        assert_eq!(code(released).await, (404, "no-such-job".to_owned()));
    }
    let same = world.command(&["people", "delegate", ADA, ADA]).await;
    assert_eq!(same.status.code(), Some(1));
    let list = world.command(&["people", "delegates"]).await;
    assert_eq!(String::from_utf8_lossy(&list.stdout).trim(), "nobody collects for others");
}

#[tokio::test]
async fn a_delegate_collects_at_a_screen() {
    let Some(mut site) = Site::open("delegate-screen", "en", "").await else { return };
    // Ada stands at the screen, and Bob's jobs wait.
    person(&site.world, ADA).await;
    person(&site.world, BOB).await;
    let named = site.world.command(&["people", "delegate", BOB, ADA]).await;
    assert!(named.status.success(), "{named:?}");
    for title in ["Plans", "Drawings"] {
        print_as(&site.world, BOB, title).await;
        site.world.wait_for(title, "held").await;
    }
    site.prints(&["Minutes"]).await;
    site.browser.resize(800, 480, 1.0).await;
    site.go().await;
    site.signs_in().await;
    let browser = &site.browser;
    let says = async |words: &str| {
        until(words, || async { browser.text().await.contains(words).then_some(()) }).await;
    };
    browser.look("delegate-own-list").await;
    browser.touch("#collect-1").await;
    says("Print jobs of bob").await;
    browser.look("delegate-list").await;
    assert_eq!(browser.count(".cards .button").await, 0, "nothing to change");
    browser.touch("#print-here").await;
    for title in ["Plans", "Drawings"] {
        assert_eq!(site.world.wait_for(title, "settled").await["ending"], "completed");
    }
    says("Nothing is waiting to be collected.").await;
    browser.touch("header [data-escape]").await;
    says("Minutes").await;
    assert_eq!(site.world.wait_for("Minutes", "held").await["state"], "held");
    site.close().await;
}
