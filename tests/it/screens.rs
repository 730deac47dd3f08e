//! People at screens: Chromium, a badge at a serial line, and an emulated printer.
//!
//! Each page is kept as a picture below `target/tmp/screens`, and judged by axe-core where `tests/run` has fetched it.

use std::{
    fs::File,
    io::Write,
    path::PathBuf,
    time::Instant,
};

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};
use serde_json::json;

use crate::{
    browser::Browser,
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
        Self { wire: wire.into(), path }
    }

    fn show(&mut self, badge: u32) {
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
                .print_configured(title, "application/pdf", samples::pdf(title, 500), &color)
                .await;
        }
        for title in titles {
            self.world.wait_for(title, "held").await;
        }
    }

    async fn signs_in(&mut self) {
        self.reader.show(ADAS_BADGE);
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
