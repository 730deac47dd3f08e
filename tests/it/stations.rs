//! Stations without a screen: a badge is shown, and its owner's jobs come out at the printer beside the reader.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Duration, sleep},
};

use crate::{
    people::{person, print_as},
    samples,
    world::{BINARY, World, until},
};

/// The steps that every reader here has: what it says is hexadecimal, and the list is decimal.
const STEPS: &str = "numbers = [\"strip-prefix rfid:\", \"hex-to-decimal\"]";

const ADA: &str = "ada@contoso.example";

/// A daemon with a station for each of these printers, and the readers' ends of the wires.
async fn with_stations(name: &str, stations: &[&str], keys: &str) -> (World, Vec<TcpStream>) {
    let mut arguments = vec!["--calm", "--print-time", "5"];
    arguments.extend(stations.iter().flat_map(|printer| ["--printer", *printer]));
    let mut world = World::new(name, &arguments).await;
    let (mut tables, mut listeners) = (String::new(), Vec::new());
    for printer in stations {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tables.push_str(&format!(
            "[readers.{printer}]\ndial = \"{address}\"\n{STEPS}\n[stations.{printer}]\n\
             readers = [\"{printer}\"]\nprinters = [\"{printer}\"]\n{keys}\n"
        ));
        listeners.push(listener);
    }
    world.configure("", &tables);
    world.start_daemon().await;
    let mut readers = Vec::new();
    for listener in listeners {
        readers.push(listener.accept().await.unwrap().0);
    }
    (world, readers)
}

/// Lets the daemon know the badges of people.
pub(crate) async fn import(world: &World, badges: &[(u32, &str)]) {
    let mut list = "badge;id;upn\n".to_owned();
    for (number, upn) in badges {
        list.push_str(&format!("{number};{};{upn}\n", person(world, upn).await));
    }
    let file = world.directory.join("badges.csv");
    std::fs::write(&file, list).unwrap();
    let output = world.command(&["people", "import", file.to_str().unwrap()]).await;
    assert!(output.status.success(), "{output:?}");
}

async fn show(reader: &mut TcpStream, number: u32) {
    reader.write_all(format!("rfid:{number:X}\r\n").as_bytes()).await.unwrap();
}

/// After the badge was taken away.
async fn show_again(reader: &mut TcpStream, number: u32) {
    sleep(Duration::from_millis(1_100)).await;
    show(reader, number).await;
}

pub(crate) async fn prints_of(world: &World, printer: &str) -> Vec<Value> {
    let prints = world.tell("prints").await;
    prints.into_iter().filter(|print| print["printer"] == printer).collect()
}

#[tokio::test]
async fn people_who_show_their_badges_at_once_get_their_own_jobs_at_their_own_printers() {
    let names = ["north", "south", "west"];
    let (world, mut readers) = with_stations("stations", &names, "").await;
    let people = [ADA, "bob@contoso.example", "cy@contoso.example"];
    let badges: Vec<(u32, &str)> = (70_001..).zip(people).collect();
    import(&world, &badges).await;
    for person in people {
        for i in 1..=2 {
            print_as(&world, person, &format!("{person} {i}")).await;
        }
    }
    for person in people {
        world.wait_for(&format!("{person} 2"), "held").await;
    }
    for (reader, (number, _)) in readers.iter_mut().zip(&badges) {
        show(reader, *number).await;
    }
    for (person, printer) in people.iter().zip(names) {
        for i in 1..=2 {
            let done = world.wait_for(&format!("{person} {i}"), "settled").await;
            assert_eq!(done["ending"], "completed", "{done}");
        }
        let files = prints_of(&world, printer).await;
        assert_eq!(files.len(), 2, "{printer}");
        for print in files {
            let file = std::fs::read(print["file"].as_str().unwrap()).unwrap();
            let text = String::from_utf8_lossy(&file).into_owned();
            assert!(text.contains(person), "{printer} printed what is not {person}'s");
        }
    }
    let mut letter = [0];
    readers[0].read_exact(&mut letter).await.unwrap();
    assert_eq!(&letter, b"b", "the reader is told that the badge is known");
}

#[tokio::test]
async fn a_badge_that_nobody_knows_or_that_was_taken_lets_nothing_go() {
    let (world, mut readers) = with_stations("badges", &["lobby"], "").await;
    // Somebody whom the directory knows by the name, and somebody whom it does not.
    person(&world, ADA).await;
    let list = world.directory.join("names.csv");
    std::fs::write(&list, format!("badge,upn\n70001,{ADA}\n70002,{ADA}\n")).unwrap();
    let import = ["people", "import", list.to_str().unwrap()];
    assert!(world.command(&import).await.status.success());
    std::fs::write(&list, "badge,upn\n70003,nobody@contoso.example\n").unwrap();
    let refused = world.command(&import).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("nobody@contoso.example: nobody in the directory has that UPN"),
        "{said}"
    );
    let whois = world.command(&["badge", "whois", "70001", "--json"]).await;
    let whois: Value = serde_json::from_slice(&whois.stdout).unwrap();
    assert_eq!(whois["person"]["id"], person(&world, ADA).await.as_str());
    assert!(world.command(&["badge", "revoke", "70002"]).await.status.success());
    print_as(&world, ADA, "letter").await;
    world.wait_for("letter", "held").await;
    for number in [70_009, 70_002] {
        show(&mut readers[0], number).await;
        let mut letter = [0];
        readers[0].read_exact(&mut letter).await.unwrap();
        assert_eq!(&letter, b"e", "{number}");
    }
    // Noise, half a number, and a number that is too short.
    readers[0].write_all(b"\0\0\xFF\r\nrfid:1\r\nrfid:111").await.unwrap();
    assert_eq!(world.wait_for("letter", "held").await["state"], "held");
    let log = world.daemon_log();
    for number in ["70001", "70002", "70009", "11171", "11172", "11179"] {
        assert!(!log.contains(number), "{number} is in the log");
    }
    // The half number is forgotten after a lull, and the badge is read again.
    until("the lull", || async { world.daemon_log().contains("lines=2").then_some(()) }).await;
    show(&mut readers[0], 70_001).await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "completed");
}

#[tokio::test]
async fn the_last_job_alone_goes_where_that_is_wanted_and_one_that_was_just_printed_is_found() {
    let (world, mut readers) = with_stations("last", &["lobby"], "on_tap = \"last\"").await;
    import(&world, &[(70_001, ADA)]).await;
    print_as(&world, ADA, "first").await;
    world.wait_for("first", "held").await;
    print_as(&world, ADA, "second").await;
    // The poller may not have seen it yet: the badge asks the cloud.
    show(&mut readers[0], 70_001).await;
    assert_eq!(world.wait_for("second", "settled").await["ending"], "completed");
    assert_eq!(world.wait_for("first", "held").await["state"], "held");
}

async fn letters<const N: usize>(reader: &mut TcpStream) -> String {
    let mut letters = [0; N];
    reader.read_exact(&mut letters).await.unwrap();
    String::from_utf8_lossy(&letters).into_owned()
}

async fn print_pages(world: &World, upn: &str, title: &str, n_pages: usize) {
    let url = format!("{}/print", world.told("door"));
    let query = [("user", upn), ("title", title), ("type", "application/pdf")];
    let request = reqwest::Client::new().post(url).query(&query);
    request.body(samples::blanks(n_pages)).send().await.unwrap();
    world.wait_for(title, "held").await;
}

#[tokio::test]
async fn much_paper_goes_when_the_badge_is_shown_again_and_little_at_once() {
    let (world, mut readers) = with_stations("ask-above", &["lobby"], "ask_above = 5").await;
    import(&world, &[(70_001, ADA)]).await;
    print_pages(&world, ADA, "four", 4).await;
    show(&mut readers[0], 70_001).await;
    assert_eq!(world.wait_for("four", "settled").await["ending"], "completed");
    for title in ["three", "three more"] {
        print_pages(&world, ADA, title, 3).await;
    }
    show_again(&mut readers[0], 70_001).await;
    assert_eq!(letters::<4>(&mut readers[0]).await, "bbbe", "known, known, show it again");
    for title in ["three", "three more"] {
        assert_eq!(world.wait_for(title, "held").await["state"], "held");
    }
    show_again(&mut readers[0], 70_001).await;
    for title in ["three", "three more"] {
        assert_eq!(world.wait_for(title, "settled").await["ending"], "completed");
    }
}

#[tokio::test]
async fn the_badge_is_shown_again_for_what_was_asked_about_and_for_nothing_else() {
    let (world, mut readers) = with_stations("ask-again", &["lobby"], "ask_above = 5").await;
    import(&world, &[(70_001, ADA)]).await;
    print_pages(&world, ADA, "six", 6).await;
    show(&mut readers[0], 70_001).await;
    assert_eq!(letters::<3>(&mut readers[0]).await, "bbe");
    print_pages(&world, ADA, "sixty", 60).await;
    show_again(&mut readers[0], 70_001).await;
    assert_eq!(world.wait_for("six", "settled").await["ending"], "completed");
    assert_eq!(letters::<3>(&mut readers[0]).await, "bbe", "the other one is asked about as well");
    assert_eq!(world.wait_for("sixty", "held").await["state"], "held");
}

#[tokio::test]
async fn jobs_come_out_for_as_long_as_the_badge_lies_at_the_reader() {
    let keys = "on_tap = \"while-present\"";
    let (world, mut readers) = with_stations("while-present", &["lobby"], keys).await;
    import(&world, &[(70_001, ADA)]).await;
    for title in ["first", "second"] {
        print_as(&world, ADA, title).await;
        world.wait_for(title, "held").await;
    }
    // It is taken away at once: the first job goes, and no other.
    show(&mut readers[0], 70_001).await;
    assert_eq!(world.wait_for("first", "settled").await["ending"], "completed");
    until("the end of the tap", || async {
        world.daemon_log().contains("n_released=1").then_some(())
    })
    .await;
    assert_eq!(world.wait_for("second", "held").await["state"], "held");
    print_as(&world, ADA, "third").await;
    world.wait_for("third", "held").await;
    let lies = async {
        loop {
            show(&mut readers[0], 70_001).await;
            sleep(Duration::from_millis(300)).await;
        }
    };
    let come_out = async {
        for title in ["second", "third"] {
            assert_eq!(world.wait_for(title, "settled").await["ending"], "completed");
        }
    };
    tokio::select! {
        () = lies => unreachable!("it does not end"),
        () = come_out => {}
    }
}

/// The code on a printed slip.
fn code_of(slip: &Value) -> String {
    let page = std::fs::read(slip["file"].as_str().unwrap()).unwrap();
    let page = String::from_utf8_lossy(&page).into_owned();
    let code = page.split('(').find_map(|text| {
        let digits = text.split(')').next()?;
        (digits.len() == 9 && digits.as_bytes()[4] == b'-').then(|| digits.to_owned())
    });
    code.unwrap_or_else(|| panic!("{page}"))
}

#[tokio::test]
async fn a_slip_is_printed_for_an_unknown_badge_and_gives_it_to_a_person() {
    let mut world = World::new("slip", &["--calm", "--printer", "lobby"]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tables = format!(
        "[people]\nunknown_badges = \"register\"\n[kiosk]\nlanguage = \"de\"\n\
         [readers.lobby]\ndial = \"{address}\"\n{STEPS}\n\
         [stations.lobby]\nreaders = [\"lobby\"]\nprinters = [\"lobby\"]"
    );
    world.configure("", &tables);
    world.start_daemon().await;
    let mut reader = listener.accept().await.unwrap().0;
    show(&mut reader, 70_001).await;
    let slip = until("the slip", || async { prints_of(&world, "lobby").await.pop() }).await;
    let page = std::fs::read(slip["file"].as_str().unwrap()).unwrap();
    let page = String::from_utf8_lossy(&page).into_owned();
    assert!(page.contains("Diesen Ausweis kennen wir nicht"), "{page}");
    let code = code_of(&slip);
    assert!(!world.daemon_log().contains(&code.replace('-', "")), "the code is in the log");
    // Shown again and again: one slip is enough.
    show_again(&mut reader, 70_001).await;
    assert_eq!(letters::<2>(&mut reader).await, "ee");
    let wrong = world.command(&["badge", "register", "0000 0000", ADA]).await;
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(1));
    assert!(said.contains("no slip has that code"), "{said}");
    person(&world, ADA).await;
    let given = world.command(&["badge", "register", &code, ADA]).await;
    assert!(given.status.success(), "{given:?}");
    let again = world.command(&["badge", "register", &code, "bob@contoso.example"]).await;
    assert_eq!(again.status.code(), Some(1), "a slip is good once");
    // Another badge is given to somebody while its slip is out.
    show(&mut reader, 70_002).await;
    let slip =
        until("the second slip", || async { prints_of(&world, "lobby").await.into_iter().nth(1) });
    let other = code_of(&slip.await);
    import(&world, &[(70_002, "bob@contoso.example")]).await;
    let late = world.command(&["badge", "register", &other, ADA]).await;
    let said = String::from_utf8_lossy(&late.stderr).into_owned();
    assert!(said.contains("somebody's meanwhile"), "{said}");
    print_as(&world, ADA, "letter").await;
    world.wait_for("letter", "held").await;
    show_again(&mut reader, 70_001).await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "completed");
    assert_eq!(prints_of(&world, "lobby").await.len(), 3, "two slips and the letter");
}

#[tokio::test]
async fn a_reader_that_goes_away_is_a_trouble_of_health() {
    let world_of = with_stations("reader-away", &["lobby"], "");
    let (world, mut readers) = world_of.await;
    let troubles = async || {
        let health = world.command(&["health", "--json"]).await;
        String::from_utf8_lossy(&health.stdout).into_owned()
    };
    assert!(!troubles().await.contains("reader-away"));
    drop(readers.pop());
    let said = until("the trouble", || async {
        Some(troubles().await).filter(|said| said.contains("reader-away"))
    })
    .await;
    assert!(said.contains("badge readers are away: lobby"), "{said}");
}

#[tokio::test]
async fn a_station_gets_another_printer_by_a_reload() {
    let (world, mut readers) = with_stations("station-reload", &["lobby", "annex"], "").await;
    import(&world, &[(70_001, ADA)]).await;
    world.reconfigure("printers = [\"lobby\"]", "printers = [\"annex\"]");
    world.signal_daemon(rustix::process::Signal::HUP);
    until("the reload", || async {
        let log = world.daemon_log();
        log.contains("configuration read again; changed now: stations").then_some(())
    })
    .await;
    print_as(&world, ADA, "letter").await;
    world.wait_for("letter", "held").await;
    show(&mut readers[0], 70_001).await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "completed");
    assert_eq!(prints_of(&world, "annex").await.len(), 1);
}

#[tokio::test]
async fn steps_that_do_not_read_are_a_problem_of_the_configuration() {
    let world = World::calm("steps").await;
    world.configure("", "[readers.lobby]\nserial = \"/dev/null\"\nnumbers = [\"reverse-bits\"]");
    let checked = world.command(&["check-config"]).await;
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert_eq!(checked.status.code(), Some(2));
    assert!(
        said.contains("readers.lobby.numbers") && said.contains("no step reverse-bits"),
        "{said}"
    );
    assert!(said.contains("pullprint badge learn"), "{said}");
}

#[tokio::test]
async fn a_key_that_was_named_and_is_not_there_is_not_made() {
    let world = World::calm("badge-key").await;
    let key = world.directory.join("named-key");
    world.configure("", &format!("[people]\nbadge_key_file = {key:?}"));
    let run = world.command(&["run"]).await;
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(2));
    let why = "people.badge_key_file";
    assert!(said.contains(why) && said.contains("there is no such file"), "{said}");
    assert!(!key.exists());
}

#[tokio::test]
async fn learned_steps_are_tried_over_a_list() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("export.csv");
    let rows = "badge;upn\nrfid:946EBD28;ada@contoso.example\nrfid:XYZ;bob@contoso.example\n\
                946EBD28;cy@contoso.example\n";
    std::fs::write(&list, rows).unwrap();
    let known = ["badge", "learn", "rfid:946EBD28", "2490285352", "--list"];
    let output =
        tokio::process::Command::new(BINARY).args(known).arg(&list).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let tried = "numbers = [\"strip-prefix rfid:\", \"hex-to-decimal\"]   # 1 numbers; none of line 3; the same of line 4 as 2";
    assert!(said.lines().any(|line| line == tried), "{said}");
}
