//! What monitoring hears: numbers without people, and whether a station can release.

use serde_json::Value;
use tokio::net::TcpListener;

use crate::{
    people::print_as,
    secrets,
    world::{World, until},
};

const ADA: &str = "ada@contoso.example";

/// Where monitoring is answered.
fn origin(world: &World) -> String {
    let log = world.daemon_log();
    let line =
        log.lines().find(|line| line.contains("monitoring is answered")).expect("it is open");
    let address = line.rsplit_once("address=").unwrap().1.trim().trim_matches('"').to_owned();
    format!("http://{address}")
}

#[tokio::test]
async fn monitoring_sees_what_happens_and_nobody_in_it() {
    let mut world = World::calm("observe").await;
    world.start_daemon().await;
    for title in ["letter", "minutes"] {
        print_as(&world, ADA, title).await;
        world.wait_for(title, "held").await;
    }
    let letter = world.wait_for("letter", "held").await;
    world.release(&letter, "lobby", &[]).await;
    world.wait_for("letter", "settled").await;
    let url = format!("{}/metrics", origin(&world));
    let text = reqwest::get(&url).await.unwrap().text().await.unwrap();
    for line in [
        "pullprint_jobs{state=\"held\"} 1",
        "pullprint_printers{printer=\"lobby\",state=\"",
        "pullprint_releases_total 1",
        "pullprint_settled_total{ending=\"completed\",reason=\"\"} 1",
        "pullprint_release_to_document_seconds_count 1",
        "pullprint_cloud_calls_total{call=\"GET jobs/{}\",status=\"200\"}",
        "pullprint_journal_commit_seconds_count",
    ] {
        assert!(text.lines().any(|one| one.starts_with(line)), "{line} is not in {text}");
    }
    for personal in ["ada", "contoso", "letter", "minutes"] {
        assert!(!text.contains(personal), "{personal} is in {text}");
    }
    // What each world looks at when it ends.
    secrets::keep_metrics(&world.directory);
    let kept = std::fs::read_to_string(world.directory.join("metrics.log")).unwrap();
    assert!(kept.contains("pullprint_jobs"));
    // Each metric of ours stands in the papers, and none that is not there.
    let papers = include_str!("../../docs/metrics.md");
    for line in text.lines().filter_map(|line| line.strip_prefix("# HELP ")) {
        let name = line.split(' ').next().unwrap();
        assert!(papers.contains(&format!("`{name}")), "{name} is not in docs/metrics.md");
    }
}

#[tokio::test]
async fn a_definition_and_a_queue_that_are_not_there_are_told_by_health() {
    let mut world = World::calm("gone").await;
    let definition = format!("task_definition = \"{}\"", world.told("task_definition"));
    world.reconfigure(&definition, "task_definition = \"00000000-0000-4000-8000-000000000000\"");
    let queue = format!("source_printer = \"{}\"", world.told("source_printer"));
    world.reconfigure(&queue, "source_printer = \"00000000-0000-4000-8000-000000000001\"");
    world.start_daemon().await;
    let health = until("health to tell", || async {
        let output = world.command(&["health", "--json"]).await;
        let said: Value = serde_json::from_slice(&output.stdout).ok()?;
        (said["troubles"].as_array()?.len() >= 2).then_some(said)
    })
    .await;
    let codes: Vec<&str> = health["troubles"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|trouble| trouble["code"].as_str())
        .collect();
    assert_eq!(codes, ["definition-gone", "queue-gone"], "{health}");
    let ready = reqwest::get(format!("{}/health/ready", origin(&world))).await.unwrap();
    assert_eq!(ready.status().as_u16(), 503);
}

#[tokio::test]
async fn a_station_says_which_link_is_broken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut world = World::new("ready", &["--calm", "--printer", "lobby"]).await;
    let tables = format!(
        "[readers.lobby]\ndial = \"{address}\"\n\
         [stations.lobby]\nreaders = [\"lobby\"]\nprinters = [\"lobby\"]"
    );
    world.configure("", &tables);
    world.start_daemon().await;
    let reader = listener.accept().await.unwrap().0;
    let ask = async |path: &str| {
        let answer = reqwest::get(format!("{}/health/{path}", origin(&world))).await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap_or_default())
    };
    assert_eq!(ask("live").await.0, 200);
    let (status, said) = ask("ready?station=lobby").await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(ask("ready?station=attic").await.0, 404);
    // The printer is out of paper, and the reader is pulled.
    world
        .door("mood", &[("printer", "lobby"), ("state", "5"), ("reasons", "media-empty-error")])
        .await;
    drop((reader, listener));
    let said = until("both links", || async {
        let (status, said) = ask("ready?station=lobby").await;
        let links = said["broken"].as_array()?.len();
        (status == 503 && links == 2).then_some(said)
    })
    .await;
    let said = said.to_string();
    assert!(
        said.contains("lobby is stopped") && said.contains("no reader is there: lobby"),
        "{said}"
    );
    assert_eq!(ask("ready").await.0, 200, "elsewhere a release is possible");
}
