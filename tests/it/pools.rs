//! Several printers as one destination.

use serde_json::Value;

use crate::{samples, world::World};

const POOL: &str = "[printers.floor]\nmembers = [\"lobby\", \"annex\"]\nchoose = ";

async fn world(name: &str, choose: &str) -> World {
    let arguments = ["--calm", "--print-time", "5", "--printer", "lobby", "--printer", "annex"];
    let mut world = World::new(name, &arguments).await;
    world.configure("", &format!("{POOL}\"{choose}\""));
    world.start_daemon().await;
    world
}

/// Prints to the pool; the result is the printer that it came out at.
async fn print(world: &World, title: &str) -> String {
    world.print(title, "application/pdf", samples::pdf(title, 2_000)).await;
    let job = world.wait_for(title, "held").await;
    world.release(&job, "floor", &[]).await;
    assert_eq!(world.wait_for(title, "settled").await["ending"], "completed");
    // Files are numbered in the order in which they came out.
    let prints = world.tell("prints").await;
    let file_name = |print: &&Value| {
        let file = print["file"].as_str().unwrap();
        file.rsplit('/').next().unwrap().to_owned()
    };
    let last = prints.iter().max_by_key(file_name).unwrap();
    last["printer"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_release_to_a_pool_goes_to_the_printer_that_takes_it() {
    let world = world("pool", "first-free").await;
    assert_eq!(print(&world, "first").await, "lobby");
    let jam = [("printer", "lobby"), ("state", "5"), ("reasons", "media-jam-error")];
    world.door("mood", &jam).await;
    assert_eq!(print(&world, "second").await, "annex");
    assert_eq!(world.tell("prints").await.len(), 2);
}

#[tokio::test]
async fn each_printer_of_a_pool_has_its_turn() {
    let world = world("turns", "round-robin").await;
    let mut came_out = Vec::new();
    for title in ["one", "two", "three", "four"] {
        came_out.push(print(&world, title).await);
    }
    assert_eq!(came_out[..2], came_out[2..]);
    assert_ne!(came_out[0], came_out[1]);
}
