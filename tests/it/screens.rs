//! People at screens: Chromium, a badge at a serial line, and an emulated printer.
//!
//! Each page is kept as a picture below `target/tmp/screens`, and judged by axe-core where `tests/run` has fetched it.

use std::{
    fs::File,
    io::Write,
    path::PathBuf,
    time::{Duration, Instant},
};

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};
use serde_json::json;

use crate::{
    browser::{Browser, Key},
    kiosk::kiosk_origin,
    samples,
    stations::{import, prints_of},
    world::{World, until},
};

const ADA: &str = "ada@contoso.example";
const ADAS_BADGE: u32 = 70_001;

/// A badge reader at a serial line: we hold its other end.
struct SerialReader {
    wire: File,
    path: PathBuf,
    last: Option<(u32, tokio::time::Instant)>,
}

impl SerialReader {
    fn new() -> Self {
        let wire = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&wire).unwrap();
        unlockpt(&wire).unwrap();
        let path = ptsname(&wire, Vec::new()).unwrap();
        let path = PathBuf::from(path.to_str().unwrap());
        // Without anybody at its end the line would hang up.
        let _kept = open(&path, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        Self { wire: wire.into(), path, last: None }
    }

    /// A badge is shown. One that was just shown is taken for the same one that stays there, so that is waited for.
    async fn show(&mut self, badge: u32) {
        if let Some((_, at)) = self.last.filter(|(last, _)| *last == badge) {
            tokio::time::sleep_until(at + Duration::from_millis(1_100)).await;
        }
        self.last = Some((badge, tokio::time::Instant::now()));
        self.wire.write_all(format!("rfid:{badge:X}\r\n").as_bytes()).unwrap();
    }
}

/// A station named lobby with a screen, a reader and two printers; Ada has a badge.
struct Site {
    world: World,
    reader: SerialReader,
    browser: Browser,
}

impl Site {
    /// Nothing where Chromium is not installed.
    async fn open(name: &str, languages: &str, kiosk: &str) -> Option<Self> {
        let browser = Browser::open(languages).await?;
        let arguments =
            ["--calm", "--print-time", "1500", "--printer", "lobby", "--printer", "attic"];
        let mut world = World::new(name, &arguments).await;
        let reader = SerialReader::new();
        world.configure(
            "",
            &format!(
                "[kiosk]\nlisten = \"127.0.0.1:0\"\n{kiosk}\n\
                 [readers.desk]\nserial = {:?}\nnumbers = [\"strip-prefix rfid:\", \"hex-to-decimal\"]\n\
                 [stations.lobby]\nscreen = true\nreaders = [\"desk\"]\nprinters = [\"lobby\", \"attic\"]\n",
                reader.path
            ),
        );
        world.start_daemon().await;
        import(&world, &[(ADAS_BADGE, ADA)]).await;
        Some(Self { world, reader, browser })
    }

    /// The idle screen.
    async fn go(&self) {
        self.browser.go(&kiosk_origin(&self.world)).await;
        self.browser.wait(".idle .standing .chip").await;
        // The page listens once its line for events is open.
        let listens = || async {
            let log = self.world.daemon_log();
            log.contains("the reader is there").then_some(())
        };
        until("the reader", listens).await;
    }

    /// Jobs of Ada's, of which the first is printed in color.
    async fn prints(&self, titles: &[&str]) {
        for title in titles {
            let color = json!({"colorMode": "color", "duplexMode": "oneSided"});
            self.world
                .print_configured(title, "application/pdf", samples::pdf(title, 5_000), &color)
                .await;
        }
        for title in titles {
            self.world.wait_for(title, "held").await;
        }
    }

    async fn signs_in(&mut self) {
        self.reader.show(ADAS_BADGE).await;
        self.browser.wait("main#jobs").await;
    }

    async fn close(self) {
        let complaints = self.browser.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.browser.close().await;
    }
}

async fn whole_story(width: u32, height: u32) {
    let name = format!("{width}x{height}");
    let Some(mut site) = Site::open(&format!("screen-{name}"), "en", "").await else { return };
    site.browser.resize(width, height, 1.0).await;
    site.prints(&["Minutes of the board", "Boarding pass", "Expenses in November 2026"]).await;
    site.go().await;
    site.browser.look(&format!("{name}-1-idle")).await;
    let shown = Instant::now();
    site.signs_in().await;
    println!("the list was there {} ms after the badge", shown.elapsed().as_millis());
    let browser = &site.browser;
    assert_eq!(browser.count(".cards .card").await, 3);
    browser.look(&format!("{name}-2-list")).await;
    let job = site.world.wait_for("Boarding pass", "held").await;
    browser.touch(&format!("#change-{}", job["job"])).await;
    browser.wait("main.settings").await;
    browser.touch(".stepper [data-step='1']").await;
    browser.touch("[name=color][value=gray]").await;
    browser.look(&format!("{name}-3-change")).await;
    browser.touch(".actions .main").await;
    browser.wait(".moving").await;
    browser.look(&format!("{name}-4-progress")).await;
    assert_eq!(browser.count(".cards .card").await, 2);
    browser.wait("details.ended").await;
    let cloud = site.world.cloud_job("Boarding pass").await;
    assert_eq!(cloud["configuration"]["copies"], 2, "{cloud}");
    assert_eq!(cloud["configuration"]["colorMode"], "grayscale", "{cloud}");
    browser.touch("#print-here").await;
    for title in ["Minutes of the board", "Expenses in November 2026"] {
        assert_eq!(site.world.wait_for(title, "settled").await["ending"], "completed");
    }
    until("the empty list", || async { (browser.count("details[open]").await == 1).then_some(()) })
        .await;
    browser.look(&format!("{name}-5-done")).await;
    assert_eq!(prints_of(&site.world, "lobby").await.len(), 3);
    browser.touch("header [data-escape]").await;
    browser.wait("body.idle").await;
    site.close().await;
}

#[tokio::test]
async fn a_person_prints_at_a_small_panel() {
    whole_story(800, 480).await;
}

#[tokio::test]
async fn a_person_prints_at_a_wall_display() {
    whole_story(1920, 1080).await;
}

#[tokio::test]
async fn a_person_prints_at_a_tall_narrow_screen() {
    whole_story(390, 844).await;
}

#[tokio::test]
async fn keys_alone_do_the_whole_story() {
    let Some(mut site) = Site::open("screen-keys", "en", "").await else { return };
    site.browser.resize(800, 480, 1.0).await;
    site.prints(&["first", "second"]).await;
    site.go().await;
    site.signs_in().await;
    let browser = &site.browser;
    browser.wait("#print-here:focus").await;
    // Up to the older job's page: its button stands before the one that prints.
    browser.press(Key::Up).await;
    browser.wait("a[id^=change]:focus").await;
    browser.press(Key::Enter).await;
    browser.wait("main.settings .main:focus").await;
    // To the copies and one more of them; then to the colors, and to gray.
    while browser.count("[name=copies]:focus").await == 0 {
        browser.press(Key::Up).await;
    }
    browser.press(Key::Right).await;
    while browser.count("[name=color]:focus").await == 0 {
        browser.press(Key::Down).await;
    }
    browser.press(Key::Right).await;
    browser.wait("[name=color][value=gray]:checked").await;
    while browser.count(".actions .main:focus").await == 0 {
        browser.press(Key::Down).await;
    }
    browser.press(Key::Enter).await;
    site.world.wait_for("first", "settled").await;
    let cloud = site.world.cloud_job("first").await;
    assert_eq!(cloud["configuration"]["copies"], 2, "{cloud}");
    assert_eq!(cloud["configuration"]["colorMode"], "grayscale", "{cloud}");
    // The other one is taken off the choice and put back, and printed at the neighbor.
    browser.wait("#print-here:focus").await;
    while browser.count("[name=job]:focus").await == 0 {
        browser.press(Key::Up).await;
    }
    browser.press(Key::Enter).await;
    browser.wait("#print-here:disabled").await;
    browser.press(Key::Enter).await;
    browser.wait("#print-here:enabled").await;
    while browser.count("#print-elsewhere:focus").await == 0 {
        browser.press(Key::Down).await;
    }
    browser.press(Key::Enter).await;
    browser.wait("button.card[value=attic]:focus").await;
    browser.look("keys-where").await;
    browser.press(Key::Enter).await;
    site.world.wait_for("second", "settled").await;
    assert_eq!(prints_of(&site.world, "attic").await.len(), 1);
    browser.wait("main#jobs").await;
    browser.press(Key::Escape).await;
    browser.wait("body.idle").await;
    site.close().await;
}

#[tokio::test]
async fn a_job_is_removed_after_a_question_and_one_that_may_have_printed_asks() {
    let Some(mut site) = Site::open("screen-questions", "en", "").await else { return };
    site.browser.resize(800, 480, 1.0).await;
    site.prints(&["unwanted", "half"]).await;
    site.go().await;
    site.signs_in().await;
    let browser = &site.browser;
    let unwanted = site.world.wait_for("unwanted", "held").await;
    browser.touch(&format!("#change-{}", unwanted["job"])).await;
    browser.touch(".actions .danger").await;
    browser.wait("main.question").await;
    browser.look("remove").await;
    browser.press(Key::Escape).await;
    browser.wait("main#jobs").await;
    assert_eq!(browser.count(".cards .card").await, 2, "a question is not an answer");
    browser.touch(&format!("#change-{}", unwanted["job"])).await;
    browser.touch(".actions .danger").await;
    browser.touch("main.question .danger").await;
    browser.wait(".notice.good").await;
    let settled = site.world.wait_for("unwanted", "settled").await;
    assert_eq!(settled["ending"], "aborted");
    let cloud = site.world.cloud_job("unwanted").await;
    assert_eq!(cloud["abort_reason"], "You removed this job at a printer.", "{cloud}");
    assert!(site.world.tell("prints").await.is_empty());
    // The other one is cut on its way, and the printer calls it printed: it waits for a look at the printer.
    let cut = [("printer", "lobby"), ("kind", "cut-after"), ("bytes", "1000")];
    site.world.door("fault", &cut).await;
    browser.touch("#print-here").await;
    until("the doubt", || async {
        browser.text().await.contains("May already be printed").then_some(())
    })
    .await;
    assert_eq!(browser.count("[name=job]").await, 0, "it is not chosen with others");
    browser.look("may-have-printed").await;
    browser.touch("a[id^=change]").await;
    browser.wait("main.settings .notice.bad").await;
    browser.look("may-have-printed-page").await;
    assert!(browser.text().await.contains("I looked: print it again"));
    browser.touch(".actions .main").await;
    assert_eq!(site.world.wait_for("half", "settled").await["ending"], "completed");
    site.close().await;
}

#[tokio::test]
async fn an_unknown_badge_and_a_printer_without_paper_are_said_in_words() {
    let Some(mut site) = Site::open("screen-troubles", "en", "").await else { return };
    site.browser.resize(800, 480, 1.0).await;
    site.prints(&["letter"]).await;
    site.go().await;
    site.reader.show(99_999).await;
    site.browser.wait("#told .notice.bad").await;
    site.browser.look("unknown-badge").await;
    let mood = [("printer", "lobby"), ("state", "5"), ("reasons", "media-empty-error")];
    site.world.door("mood", &mood).await;
    site.signs_in().await;
    let browser = &site.browser;
    until("the empty tray", || async {
        browser.text().await.contains("Out of paper").then_some(())
    })
    .await;
    assert!(browser.text().await.contains("attic is ready."));
    browser.look("out-of-paper").await;
    browser.touch("#print-here").await;
    until("the printer's word", || async {
        browser.text().await.contains("The printer could not print").then_some(())
    })
    .await;
    browser.look("out-of-paper-refused").await;
    browser.touch("#print-elsewhere").await;
    browser.touch("button.card[value=attic]").await;
    assert_eq!(site.world.wait_for("letter", "settled").await["ending"], "completed");
    assert_eq!(prints_of(&site.world, "attic").await.len(), 1);
    site.close().await;
}

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

#[tokio::test]
async fn each_language_is_spoken_on_every_page() {
    let Some(mut site) = Site::open("screen-languages", "de,en", "badge_word = \"card\"").await
    else {
        return;
    };
    site.browser.resize(800, 480, 1.0).await;
    site.prints(&["letter"]).await;
    site.go().await;
    let text = site.browser.text().await;
    assert!(text.contains("Halten Sie Ihre Karte an das Lesegerät"), "{text}");
    let mut heard = std::collections::HashSet::new();
    for code in ["en", "de", "fr", "es", "zh", "ru"] {
        site.browser.touch(&format!(".languages [value={code}]")).await;
        site.browser.wait(&format!("html[lang={code}] .idle .standing .chip")).await;
        site.browser.look(&format!("language-{code}-1-idle")).await;
        site.signs_in().await;
        site.browser.wait(&format!("html[lang={code}] main#jobs")).await;
        assert!(heard.insert(site.browser.text().await), "{code} says what another says");
        site.browser.look(&format!("language-{code}-2-list")).await;
        site.browser.touch("a[id^=change]").await;
        site.browser.wait("main.settings").await;
        site.browser.look(&format!("language-{code}-3-change")).await;
        site.browser.touch("header [data-escape]").await;
        site.browser.touch("header [data-escape]").await;
        site.browser.wait("body.idle").await;
    }
    // What a person chose while they were signed in is theirs the next time.
    site.browser.touch(".languages [value=en]").await;
    site.signs_in().await;
    site.browser
        .script(
            "const select = document.querySelector('header select'); select.value = 'fr';
         select.dispatchEvent(new Event('change', {bubbles: true}))",
        )
        .await;
    site.browser.wait("html[lang=fr] main#jobs").await;
    site.browser.touch("header [data-escape]").await;
    site.browser.wait("html[lang=en] body.idle").await;
    site.signs_in().await;
    site.browser.wait("html[lang=fr] main#jobs").await;
    site.close().await;
}

#[tokio::test]
async fn six_jobs_need_no_scrolling_and_nothing_is_lost_at_twice_the_size() {
    let Some(mut site) = Site::open("screen-sizes", "en", "").await else { return };
    site.browser.resize(800, 480, 1.0).await;
    let titles = [
        "One",
        "Two",
        "Three",
        "Four",
        "Five",
        "A title that is a good deal longer than a line of a card is",
    ];
    site.prints(&titles).await;
    site.go().await;
    site.signs_in().await;
    let browser = &site.browser;
    until("a fresh list", || async { (browser.count(".freshness").await == 0).then_some(()) })
        .await;
    let heights = "return [document.documentElement.scrollHeight, innerHeight]";
    assert_eq!(browser.script(heights).await, json!([480, 480]));
    let small = "return [...document.querySelectorAll('button, a.button, label, select')]
        .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())
        .filter((one) => one.width < 63 || one.height < 63).length";
    assert_eq!(browser.script(small).await, 0, "targets of less than 12 mm");
    browser.look("six-jobs").await;
    let wide = "return document.documentElement.scrollWidth <= innerWidth";
    for (width, height, scale) in [(400, 240, 2.0), (320, 568, 1.0), (1024, 600, 1.0)] {
        browser.resize(width, height, scale).await;
        assert_eq!(browser.script(wide).await, true, "the list at {width}");
        browser.look(&format!("six-jobs-{width}x{height}")).await;
    }
    browser.resize(400, 240, 2.0).await;
    browser.touch("a[id^=change]").await;
    browser.wait("main.settings").await;
    browser.touch("[name=pages][value=some]").await;
    assert_eq!(browser.script(wide).await, true, "the settings at 200 %");
    browser.look("settings-400x240").await;
    site.close().await;
}
