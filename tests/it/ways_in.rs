//! The ways in at a screen, and out: badges, PINs, codes, sessions that end.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    browser::{Browser, Key},
    kiosk::kiosk_origin,
    people::print_as,
    site::{ADA, ADAS_BADGE, SerialReader, Site},
    stations::{import, prints_of},
    world::{World, until},
};

#[tokio::test]
async fn a_session_warns_is_extended_by_a_key_and_ends_by_itself_or_by_the_next_badge() {
    let Some(mut site) = Site::open("screen-session", "en", "session = \"30s\"").await else {
        return;
    };
    site.browser.resize(800, 480, 1.0).await;
    site.go().await;
    site.signs_in().await;
    let browser = &site.browser;
    let begun = Instant::now();
    browser.wait("dialog[open]").await;
    assert!(begun.elapsed() >= Duration::from_secs(9), "warned after {:?}", begun.elapsed());
    browser.look("session-warning").await;
    browser.press(Key::Enter).await;
    until("the dialog", || async { (browser.count("dialog[open]").await == 0).then_some(()) })
        .await;
    browser.wait("dialog[open]").await;
    let warned = Instant::now();
    browser.wait_within(Duration::from_secs(40), "body.idle").await;
    assert!(warned.elapsed() >= Duration::from_secs(18), "ended after {:?}", warned.elapsed());
    // What was a session is none: its page leads back.
    browser.go(&format!("{}/stations/lobby/jobs", kiosk_origin(&site.world))).await;
    browser.wait("body.idle").await;
    // A badge that nobody knows ends a session as well, and the idle screen says so.
    site.reader.show(ADAS_BADGE).await;
    site.browser.wait("main#jobs").await;
    site.reader.show(99_999).await;
    site.browser.wait("body.idle #told .notice.bad").await;
    // The next badge ends the session of the one before.
    let bob = "bob@contoso.example";
    import(&site.world, &[(70_002, bob)]).await;
    site.reader.show(ADAS_BADGE).await;
    site.browser.wait("main#jobs").await;
    site.reader.show(70_002).await;
    until("the other's list", || async { site.browser.text().await.contains(bob).then_some(()) })
        .await;
    site.close().await;
}

/// What a command drew for a person: a code or a PIN.
async fn drawn(world: &World, what: &str) -> String {
    let output = world.command(&["people", "--json", what, ADA]).await;
    assert!(output.status.success(), "{output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer[what].as_str().unwrap().to_owned()
}

/// Types digits on the keypad, and enters them.
async fn type_digits(browser: &Browser, digits: &str) {
    browser.wait(".keypad").await;
    for digit in digits.chars() {
        browser.touch(&format!("[data-digit='{digit}']")).await;
    }
    browser.touch(".keypad .main").await;
}

#[tokio::test]
async fn a_new_badge_is_registered_by_a_code_and_one_that_draws_its_number_is_not() {
    let register = "[people]\nunknown_badges = \"register\"";
    let Some(mut site) = Site::open("screen-register", "en", register).await else { return };
    site.browser.resize(800, 480, 1.0).await;
    site.prints(&["letter"]).await;
    let code = drawn(&site.world, "code").await;
    site.go().await;
    site.reader.show(80_001).await;
    site.browser.wait("#told .main").await;
    site.browser.look("register-1-unknown").await;
    site.browser.touch("#told .main").await;
    site.browser.wait(".keypad").await;
    site.browser.look("register-2-code").await;
    type_digits(&site.browser, "00000000").await;
    site.browser.wait(".typing .notice.bad").await;
    type_digits(&site.browser, &code).await;
    site.browser.wait(".idle .reader").await;
    site.browser.look("register-3-again").await;
    // Another number the second time: such a badge is of no use.
    site.reader.show(80_002).await;
    site.browser.wait("#told .notice.bad").await;
    assert!(site.browser.text().await.contains("changes its number each time"));
    site.browser.look("register-4-drawn").await;
    // The code was not used up by that.
    site.browser.touch("[data-escape]").await;
    site.reader.show(80_001).await;
    site.browser.touch("#told .main").await;
    type_digits(&site.browser, &code).await;
    site.browser.wait(".idle .reader").await;
    site.reader.show(80_001).await;
    site.browser.wait("main#jobs").await;
    assert!(site.browser.text().await.contains("letter"));
    // It is hers from now on, and the code is good for no other.
    site.browser.touch("header [data-escape]").await;
    site.reader.show(80_001).await;
    site.browser.wait("main#jobs").await;
    site.browser.touch("header [data-escape]").await;
    site.reader.show(80_003).await;
    site.browser.touch("#told .main").await;
    type_digits(&site.browser, &code).await;
    site.browser.wait(".typing .notice.bad").await;
    assert!(!site.world.daemon_log().contains(&code), "the code is in the log");
    site.close().await;
}

#[tokio::test]
async fn a_badge_is_not_enough_where_a_pin_is_wanted() {
    let with_pin = "[people]\npin = \"with-badge\"";
    let Some(mut site) = Site::open("screen-pin", "en", with_pin).await else { return };
    site.browser.resize(800, 480, 1.0).await;
    site.prints(&["letter"]).await;
    let pin = drawn(&site.world, "pin").await;
    site.go().await;
    site.reader.show(ADAS_BADGE).await;
    site.browser.wait(".keypad").await;
    site.browser.look("pin").await;
    // The list is not to be had by its address.
    site.browser.go(&format!("{}/stations/lobby/jobs", kiosk_origin(&site.world))).await;
    site.browser.wait("body.idle .reader").await;
    site.reader.show(ADAS_BADGE).await;
    let wrong = if pin == "123456" { "654321" } else { "123456" };
    type_digits(&site.browser, wrong).await;
    site.browser.wait(".typing .notice.bad").await;
    type_digits(&site.browser, &pin).await;
    site.browser.wait("main#jobs").await;
    assert!(site.browser.text().await.contains("letter"));
    let log = site.world.daemon_log();
    assert!(!log.contains(&pin) && !log.contains(wrong), "a PIN is in the log");
    site.close().await;
}

#[tokio::test]
async fn three_people_at_three_screens_of_one_box_never_cross() {
    let stations = ["north", "south", "west"];
    let printers = ["north", "south", "west", "attic", "cellar"];
    let mut arguments = vec!["--calm", "--print-time", "200"];
    arguments.extend(printers.iter().flat_map(|printer| ["--printer", *printer]));
    let mut browsers = Vec::new();
    for _ in stations {
        let Some(browser) = Browser::open("en").await else { return };
        browsers.push(browser);
    }
    let mut world = World::new("screen-three", &arguments).await;
    let mut readers: Vec<SerialReader> = stations.iter().map(|_| SerialReader::new()).collect();
    let mut tables = "[kiosk]\nlisten = \"127.0.0.1:0\"\n".to_owned();
    for (station, reader) in stations.iter().zip(&readers) {
        tables.push_str(&format!(
            "[readers.{station}]\nserial = \"{}\"\nnumbers = [\"strip-prefix rfid:\", \"hex-to-decimal\"]\n\
             [stations.{station}]\nscreen = true\nreaders = [\"{station}\"]\nprinters = [\"{station}\", \"attic\", \"cellar\"]\n",
            reader.path.display()
        ));
    }
    world.configure("", &tables);
    world.start_daemon().await;
    let people = [ADA, "bob@contoso.example", "cy@contoso.example"];
    let badges: Vec<(u32, &str)> = (70_001..).zip(people).collect();
    import(&world, &badges).await;
    for person in people {
        print_as(&world, person, &format!("of {person}")).await;
        world.wait_for(&format!("of {person}"), "held").await;
    }
    for (browser, station) in browsers.iter().zip(stations) {
        browser.go(&format!("{}/stations/{station}", kiosk_origin(&world))).await;
        browser.wait(".idle .standing .chip").await;
    }
    for (reader, (badge, _)) in readers.iter_mut().zip(&badges) {
        reader.show(*badge).await;
    }
    for (browser, person) in browsers.iter().zip(people) {
        browser.wait("main#jobs").await;
        let text = browser.text().await;
        for other in people {
            assert_eq!(text.contains(&format!("of {other}")), other == person, "{text}");
        }
    }
    futures_util::future::join_all(browsers.iter().map(|browser| browser.touch("#print-here")))
        .await;
    for (person, station) in people.iter().zip(stations) {
        let title = format!("of {person}");
        assert_eq!(world.wait_for(&title, "settled").await["ending"], "completed");
        let prints = prints_of(&world, station).await;
        assert_eq!(prints.len(), 1, "{station}");
        let file = std::fs::read(prints[0]["file"].as_str().unwrap()).unwrap();
        assert!(String::from_utf8_lossy(&file).contains(&title), "{station} printed another's");
    }
    futures_util::future::join_all(browsers.into_iter().map(Browser::close)).await;
}
