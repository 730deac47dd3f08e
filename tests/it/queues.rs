//! Queues: several behind one daemon with a meter each, and one that offers what any of its printers can do.

use serde_json::{Value, json};

use crate::{
    samples,
    setup::signed_in,
    world::{World, until},
};

/// Prints to a queue.
async fn print_to(world: &World, queue: &str, title: &str, configuration: &Value) {
    let url = format!("{}/print", world.told("door"));
    let query = [("queue", queue), ("title", title), ("user", "ada@contoso.example")];
    let request = reqwest::Client::new().post(url).query(&query);
    let request = request.header("x-configuration", configuration.to_string());
    request.body(samples::pdf(title, 300)).send().await.unwrap();
}

#[tokio::test]
async fn a_second_queue_is_made_and_each_has_its_meter_with_a_warning_before_the_wall() {
    let mut world = World::calm("queues").await;
    let arguments = ["setup", "--paper", "A4", "--name", "Second queue"];
    let output = signed_in(&world, &arguments, "admin@contoso.example").await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().find(|line| line.starts_with("source_printer")).expect(&said);
    let second = line.split('"').nth(1).unwrap().to_owned();
    assert_ne!(second, world.told("source_printer"));
    world.configure("", &format!("[queues.second]\nsource_printer = {second:?}\n"));
    world.start_daemon().await;
    let first = world.told("source_printer").to_owned();
    for i in 0..20 {
        print_to(&world, &first, &format!("first {i}"), &json!({})).await;
    }
    for i in 0..82 {
        print_to(&world, &second, &format!("second {i}"), &json!({})).await;
    }
    let health = until("the second queue's warning", || async {
        let health = world.ask(&json!({"command": "health"})).await?;
        let all = health["troubles"].as_array()?;
        let told = |one: &Value| {
            let sentence = one["sentence"].as_str().unwrap_or_default();
            one["code"] == "queue-full" && sentence.contains("jobs in ten minutes")
        };
        all.iter().any(told).then(|| health.clone())
    })
    .await;
    let sentence = health["troubles"].to_string();
    assert!(sentence.contains(&second) && !sentence.contains(&first), "{sentence}");
    assert!(sentence.contains("make a second queue"), "{sentence}");
    let of = |id: &str| {
        let queues = health["queues"].as_array().unwrap();
        queues.iter().find(|one| one["source_printer"] == id).unwrap()["jobs_in_ten_minutes"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(of(&first), 20);
    assert!(of(&second) >= 80, "{health}");

    world.door("fault", &[("kind", "too-many"), ("number", "1")]).await;
    until("health to tell of the brake", || async {
        let health = world.ask(&json!({"command": "health"})).await?;
        health["troubles"].to_string().contains("throttled").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_queue_is_taken_back_and_the_definition_stays_with_the_other() {
    let mut world = World::calm("two-queues").await;
    let second = ["--name", "Second queue"];
    let made = [&["setup", "--paper", "A4"][..], &second].concat();
    let output = signed_in(&world, &made, "admin@contoso.example").await;
    assert!(output.status.success());
    let undo = [&["setup", "--undo"][..], &second].concat();
    let output = signed_in(&world, &undo, "admin@contoso.example").await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("virtual printer: deleted"), "{said}");
    assert!(said.contains("task definition: is needed by another queue"), "{said}");
    world.configure("release_to = \"lobby\"", "");
    world.start_daemon().await;
    let first = world.told("source_printer").to_owned();
    print_to(&world, &first, "goes on", &json!({})).await;
    assert_eq!(world.wait_for("goes on", "settled").await["ending"], "completed");
}

/// What is asked, in the cloud's words, and what the printer is told for it.
const ASKED: &[(&str, &[(&str, &str)])] = &[
    ("duplexMode", &[("oneSided", "one-sided"), ("flipOnLongEdge", "two-sided-long-edge")]),
    ("colorMode", &[("color", "color"), ("grayscale", "monochrome")]),
    ("mediaSize", &[("A4", "21000"), ("A3", "29700"), ("North America Letter", "21590")]),
    ("quality", &[("high", "5")]),
];

/// Our names of the settings.
const OURS: [(&str, &str, &str); 4] = [
    ("duplexMode", "duplex-mode", "sides"),
    ("colorMode", "color-mode", "print-color-mode"),
    ("mediaSize", "media-size", "media-col"),
    ("quality", "quality", "print-quality"),
];

fn every_configuration() -> Vec<Value> {
    let mut all = vec![json!({"copies": 2})];
    for (member, values) in ASKED {
        all = all
            .iter()
            .flat_map(|so_far| {
                values.iter().map(move |(graph, _)| {
                    let mut next = so_far.clone();
                    next[*member] = (*graph).into();
                    next
                })
            })
            .collect();
    }
    all
}

/// Whether the printer was told what was asked.
fn was_told(ticket: &Value, member: &str, graph: &str) -> bool {
    let (_, values) = ASKED.iter().find(|(name, _)| *name == member).unwrap();
    let (_, word) = values.iter().find(|(name, _)| *name == graph).unwrap();
    let (.., attribute) = OURS.iter().find(|(name, ..)| *name == member).unwrap();
    ticket[*attribute].as_str().is_some_and(|told| told.contains(word))
}

#[tokio::test]
async fn of_a_union_queue_each_job_comes_out_as_asked_or_it_is_said_how_not() {
    let mut world = World::new(
        "union",
        &[
            "--calm",
            "--print-time",
            "5",
            "--printer",
            "mono=mono",
            "--printer",
            "finisher=finisher",
        ],
    )
    .await;
    world.configure("offer = \"union\"\ndefault_paper = \"A4\"", "");
    world.start_daemon().await;
    let queue = world.told("source_printer").to_owned();
    let mut cases = Vec::new();
    for printer in ["mono", "finisher"] {
        for (i, configuration) in every_configuration().into_iter().enumerate() {
            cases.push((format!("{printer} {i}"), printer, configuration));
        }
    }
    for (title, _, configuration) in &cases {
        print_to(&world, &queue, title, configuration).await;
    }
    let (mut as_asked, mut substituted, mut refused) = (0, 0, 0);
    for (title, printer, configuration) in &cases {
        let job = world.wait_for(title, "held").await;
        world.release(&job, printer, &[]).await;
        let job = until(title, || async {
            let all = world.all_jobs().await?;
            let job = all.into_iter().find(|job| job["title"] == *title)?;
            let over = job["state"] == "settled"
                || job["state"] == "held"
                    && job["reasons"].as_array().is_some_and(|all| !all.is_empty());
            over.then_some(job)
        })
        .await;
        let shown = world.show(&job).await;
        if job["state"] == "held" {
            let why = job["reasons"].to_string();
            assert!(
                OURS.iter().any(|(_, ours, _)| why.contains(ours)),
                "{title} {configuration}: {why}"
            );
            refused += 1;
            continue;
        }
        assert_eq!(job["ending"], "completed", "{title}");
        let prints = world.tell("prints").await;
        let token = format!("-{}-", job["job"]);
        let print =
            prints.iter().find(|one| one["name"].as_str().unwrap().contains(&token)).unwrap();
        let notes = shown["substitutions"].as_array().unwrap();
        for (member, ours, _) in OURS {
            let graph = configuration[member].as_str().unwrap();
            let told = was_told(&print["ticket"], member, graph);
            let noted = notes.iter().any(|note| note["setting"] == *ours);
            assert!(
                told != noted,
                "{title} {member}={graph}: told {told}, said {notes:?}, {print}"
            );
        }
        if notes.is_empty() { as_asked += 1 } else { substituted += 1 }
    }
    println!("{as_asked} as asked, {substituted} substituted, {refused} refused by name");
    assert!(as_asked > 0 && substituted > 0 && refused > 0);
}
