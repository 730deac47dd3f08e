//! What ends in the cloud, by its owner or by its age.

use crate::{
    samples,
    world::{World, until},
};

const OCTETS: usize = 1_000;

#[tokio::test]
async fn a_job_that_waits_as_long_as_the_cloud_may_keep_it_says_so_and_is_aborted_with_a_reason() {
    let mut world = World::calm("patience").await;
    world.reconfigure("[cloud]\n", "[cloud]\ntask_patience = \"12s\"\n");
    world.start_daemon().await;
    world.print("letter", "application/pdf", samples::pdf("letter", OCTETS)).await;
    let warned = until("the warning", || async {
        let jobs = world.all_jobs().await?;
        jobs.into_iter().find(|job| job["reasons"].to_string().contains("expires-soon"))
    })
    .await;
    assert_eq!(warned["state"], "held", "{warned}");
    let ended = world.wait_for("letter", "settled").await;
    assert_eq!(ended["ending"], "aborted", "{ended}");
    let cloud = world.cloud_job("letter").await;
    assert_eq!(
        cloud["abort_reason"],
        "This job was not released to its end within 12 seconds. If it is not at the printer, print it again."
    );
    assert_eq!(cloud["tasks"][0]["state"], "aborted");
    assert_eq!(world.tell("prints").await.len(), 0);
}

#[tokio::test]
async fn the_stale_task_of_a_job_that_its_owner_canceled_while_we_were_away_is_closed() {
    let mut world = World::calm("stale").await;
    world.configure("release_to = \"lobby\"", "");
    let job = world.print("letter", "application/pdf", samples::pdf("letter", OCTETS)).await;
    world.door("cancel", &[("job", &job)]).await;
    assert_eq!(world.cloud_job("letter").await["tasks"][0]["state"], "processing");
    world.start_daemon().await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "canceled");
    assert_eq!(world.cloud_job("letter").await["tasks"][0]["state"], "aborted");
    assert_eq!(world.tell("prints").await.len(), 0);
}
