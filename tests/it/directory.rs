//! Badges whose numbers are in the directory.

use rustix::process::Signal;
use serde_json::Value;

use crate::{
    people::{person, print_as},
    world::World,
};

const ADA: &str = "ada@contoso.example";
const BOB: &str = "bob@contoso.example";

async fn with_directory(name: &str, more: &str) -> World {
    let mut world = World::calm(name).await;
    let people = format!("[people]\ndirectory_attribute = \"employeeId\"\n{more}");
    world.configure("", &people);
    let granted = [("name", "User.Read.All"), ("of", "application"), ("granted", "yes")];
    world.door("permission", &granted).await;
    world.start_daemon().await;
    world
}

/// The directory has a badge of a person.
async fn has(world: &World, upn: &str, badge: &str, more: &[(&str, &str)]) {
    let about = [&[("user", upn), ("attribute", "employeeId"), ("value", badge)], more].concat();
    world.door("person", &about).await;
}

/// Whose a badge is, or why that is not known.
async fn whose(world: &World, badge: &str) -> Result<Option<String>, String> {
    let output = world.command(&["badge", "whois", badge, "--json"]).await;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    Ok(said["person"]["id"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn the_directory_says_whose_a_badge_is_and_what_was_given_here_comes_first() {
    let world = with_directory("directory", "directory_interval = \"1s\"").await;
    let (ada, bob) = (person(&world, ADA).await, person(&world, BOB).await);
    has(&world, ADA, "70001", &[]).await;
    has(&world, BOB, "o'70002", &[]).await;
    assert_eq!(whose(&world, "70001").await, Ok(Some(ada.clone())));
    assert_eq!(whose(&world, "o'70002").await, Ok(Some(bob.clone())));
    assert_eq!(whose(&world, "70009").await, Ok(None));
    // It was imported for somebody else.
    let list = world.directory.join("badges.csv");
    std::fs::write(&list, format!("badge,id\n70001,{bob}\n")).unwrap();
    assert!(world.command(&["people", "import", list.to_str().unwrap()]).await.status.success());
    assert_eq!(whose(&world, "70001").await, Ok(Some(bob.clone())));
    // Two have the same number, and then one whose account is blocked.
    has(&world, ADA, "o'70002", &[]).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(whose(&world, "o'70002").await, Ok(None));
    has(&world, ADA, "70003", &[]).await;
    assert_eq!(whose(&world, "70003").await, Ok(Some(ada)));
    has(&world, ADA, "70003", &[("blocked", "yes")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    for _ in 0..2 {
        let blocked = whose(&world, "70003").await.unwrap_err();
        assert!(blocked.contains("the badge's account is blocked"), "{blocked}");
    }
    // What is revoked here stays so, until it is given again.
    has(&world, BOB, "70004", &[]).await;
    assert_eq!(whose(&world, "70004").await, Ok(Some(bob.clone())));
    assert!(world.command(&["badge", "revoke", "70004"]).await.status.success());
    assert_eq!(whose(&world, "70004").await, Ok(None));
    let log = world.daemon_log();
    for number in ["70001", "70002", "70003", "70004", "70009"] {
        assert!(!log.contains(number), "{number} is in the log");
    }
}

#[tokio::test]
async fn what_the_directory_said_is_believed_for_a_while_without_it() {
    let keys = "directory_interval = \"1s\"\ndirectory_memory = \"6s\"";
    let world = with_directory("directory-silent", keys).await;
    let ada = person(&world, ADA).await;
    has(&world, ADA, "70001", &[]).await;
    print_as(&world, ADA, "letter").await;
    assert_eq!(whose(&world, "70001").await, Ok(Some(ada.clone())));
    world.signal_emulator(Signal::STOP);
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(whose(&world, "70001").await, Ok(Some(ada)));
    let unknown = whose(&world, "70002").await.unwrap_err();
    assert!(
        unknown.contains("directory does not answer") || unknown.contains("GET users"),
        "{unknown}"
    );
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    assert!(whose(&world, "70001").await.is_err(), "it is not known for ever");
}

#[tokio::test]
async fn a_missing_permission_and_an_attribute_that_is_none_are_named() {
    let mut world = World::calm("directory-refused").await;
    world.configure("", "[people]\ndirectory_attribute = \"employeeId\"");
    world.start_daemon().await;
    let said = whose(&world, "70001").await.unwrap_err();
    assert!(said.contains("User.Read.All"), "{said}");
    world.reconfigure("\"employeeId\"", "\"employeeId eq 'x' or 1\"");
    let checked = world.command(&["check-config"]).await;
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert_eq!(checked.status.code(), Some(2));
    assert!(
        said.contains("people.directory_attribute") && said.contains("it is no attribute"),
        "{said}"
    );
}
