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

/// Prints to a pool; the result is the printer that it came out at.
async fn print(world: &World, title: &str, pool: &str) -> String {
    world.print(title, "application/pdf", samples::pdf(title, 2_000)).await;
    let job = world.wait_for(title, "held").await;
    world.release(&job, pool, &[]).await;
    assert_eq!(world.wait_for(title, "settled").await["ending"], "completed");
    let has_title = |print: &&Value| {
        let file = std::fs::read(print["file"].as_str().unwrap()).unwrap();
        String::from_utf8_lossy(&file).contains(title)
    };
    let prints = world.tell("prints").await;
    let print = prints.iter().find(has_title).unwrap();
    print["printer"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_release_to_a_pool_goes_to_the_printer_that_takes_it() {
    let world = world("pool", "first-free").await;
    assert_eq!(print(&world, "first", "floor").await, "lobby");
    let jam = [("printer", "lobby"), ("state", "5"), ("reasons", "media-jam-error")];
    world.door("mood", &jam).await;
    assert_eq!(print(&world, "second", "floor").await, "annex");
    assert_eq!(world.tell("prints").await.len(), 2);
}

#[tokio::test]
async fn each_printer_of_each_pool_has_its_turn() {
    let both = format!("round-robin\"\n{}\"round-robin", POOL.replace("floor", "house"));
    let world = world("turns", &both).await;
    let mut came_out = Vec::new();
    for i in 0..4 {
        for pool in ["floor", "house"] {
            came_out.push(print(&world, &format!("{pool} {i}"), pool).await);
        }
    }
    let turns = ["lobby", "lobby", "annex", "annex"].repeat(2);
    assert_eq!(came_out, turns);
}
