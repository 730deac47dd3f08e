//! Without the cloud: what is here comes out where that is allowed, and nothing else does.

use serde_json::Value;
use tokio::time::{Duration, sleep};

use crate::{
    samples,
    world::{World, until},
};

/// A world with one job here that was seen waiting a while ago, and a cloud that drops every call.
async fn without_cloud(name: &str, keys: &str) -> (World, Value) {
    let mut world = World::calm(name).await;
    world.configure(&format!("prefetch = \"claim\"\n{keys}"), "");
    world.start_daemon().await;
    world.print("letter", "application/pdf", samples::pdf("letter", 5_000)).await;
    let job = world.wait_for("letter", "held").await;
    until("the document", || async {
        world.daemon_log().contains("its document was fetched ahead").then_some(())
    })
    .await;
    world.door("fault", &[("kind", "drop-before"), ("times", "100000")]).await;
    // What the cloud said of the job is worth nothing after half a minute.
    sleep(Duration::from_secs(31)).await;
    (world, job)
}

#[tokio::test]
async fn a_document_that_is_here_comes_out_without_the_cloud_where_that_is_allowed() {
    let (world, job) = without_cloud("offline", "release_offline = true").await;
    world.release(&job, "lobby", &[]).await;
    // The cloud hears of it when it is there again.
    let printed = world.wait_for("letter", "reporting").await;
    assert_eq!(world.tell("prints").await.len(), 1, "{printed}");
}

#[tokio::test]
async fn nothing_comes_out_without_the_cloud_where_nobody_allowed_it() {
    let (world, job) = without_cloud("not-offline", "").await;
    world.release(&job, "lobby", &[]).await;
    // It was asked again in vain: whoever went on without an answer would have printed by then.
    let waits = until("a second question", || async {
        let job = world.wait_for("letter", "releasing").await;
        let shown = world.command(&["jobs", "show", &job["job"].to_string(), "--json"]).await;
        let story = String::from_utf8_lossy(&shown.stdout).into_owned();
        (story.matches("answer lost").count() >= 2).then_some(story)
    })
    .await;
    assert!(world.tell("prints").await.is_empty(), "{waits}");
}
