//! Manners on the wire: a minute of `Retry-After` and of tokens that end after five seconds.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use crate::{
    samples,
    world::{World, until_within},
};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn no_call_comes_too_early_no_token_is_used_too_late_and_no_page_is_missed() {
    let mut world = World::new(
        "manners",
        &["--calm", "--print-time", "5", "--switch", "token-life=5", "--switch", "page-size=2"],
    )
    .await;
    world.configure("release_to = \"lobby\"\nrefuse_formats = [\"text/plain\"]", "");
    world.start_daemon().await;
    let begun = Instant::now();
    let mut titles = Vec::new();
    // Each second: a throttled call or one that is not available, and more jobs than a page holds.
    for second in 0_u64.. {
        let now = begun + Duration::from_secs(second);
        if now > begun + MINUTE {
            break;
        }
        sleep_until(now).await;
        let kind = if second % 3 == 0 { "unavailable" } else { "too-many" };
        let number = (1 + second % 2).to_string();
        world.door("fault", &[("kind", kind), ("number", &number)]).await;
        for i in 0..3 {
            let title = format!("{second} {i}");
            let format = if i == 0 { "text/plain" } else { "application/pdf" };
            world.print(&title, format, samples::pdf(&title, 300)).await;
            titles.push(title);
        }
    }
    // A job that met several of the faults in a row waits longer each time.
    let settled = || async {
        let jobs = world.all_jobs().await?;
        let settled = jobs.iter().filter(|job| job["state"] == "settled").count();
        (settled == titles.len()).then_some(())
    };
    until_within(Duration::from_mins(5), "all jobs to be settled", settled).await;
    let exchanges = world.tell("exchanges").await;
    let faults = exchanges.iter().filter(|call| call.get("fault").is_some()).count();
    assert!(faults > 50, "{faults} faults");
    let over = exchanges.iter().filter(|call| call["status"] == 401).count();
    assert_eq!(over, 0, "tokens that were used after their end");
    let early = too_early(&exchanges);
    assert_eq!(early, Vec::<String>::new());
    assert_eq!(missed_pages(&exchanges), Vec::<String>::new());
    println!("{} calls, {faults} of them told to wait", exchanges.len());
}

fn at(call: &Value) -> u64 {
    call["at"].as_u64().unwrap()
}

/// Calls that were repeated before their `Retry-After`; a throttled call is slowed down whatever it is about.
fn too_early(exchanges: &[Value]) -> Vec<String> {
    let mut early = Vec::new();
    for (i, told) in exchanges.iter().enumerate() {
        let Some(after) = told["response_headers"]["retry-after"].as_str() else { continue };
        let until = at(told) + after.parse::<u64>().unwrap() * 1_000;
        let later = exchanges[i + 1..].iter().filter(|call| at(call) < until);
        let again =
            |call: &&Value| call["method"] == told["method"] && call["path"] == told["path"];
        early.extend(later.filter(again).map(|call| {
            format!("{} {} came {} ms early", call["method"], call["path"], until - at(call))
        }));
    }
    early
}

/// Links to a next page that nobody followed, but for one in the very last answer, whose listing was under way.
fn missed_pages(exchanges: &[Value]) -> Vec<String> {
    let is_list = |call: &Value| {
        call["path"].as_str().unwrap().split('?').next().unwrap().ends_with("/tasks")
    };
    let last = exchanges.iter().rposition(is_list).unwrap();
    let links = exchanges[..last].iter().enumerate().filter_map(|(i, call)| {
        let link = call["response_body"]["@odata.nextLink"].as_str()?;
        Some((i, link.split_once("/v1.0").unwrap().1.to_owned()))
    });
    let followed = |i: usize, link: &str| {
        exchanges[i + 1..].iter().any(|call| call["path"].as_str().unwrap().ends_with(link))
    };
    links.filter(|(i, link)| !followed(*i, link)).map(|(_, link)| link).collect()
}
