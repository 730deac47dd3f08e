//! A site with one screen: Chromium, a badge reader at a serial line, and two emulated printers.

use std::{fs::File, io::Write, path::PathBuf, time::Duration};

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};
use serde_json::json;

use crate::{
    browser::Browser,
    kiosk::kiosk_origin,
    samples,
    stations::import,
    world::{World, until},
};

pub(crate) const ADA: &str = "ada@contoso.example";
pub(crate) const ADAS_BADGE: u32 = 70_001;

/// A badge reader at a serial line: we hold its other end.
pub(crate) struct SerialReader {
    wire: File,
    pub(crate) path: PathBuf,
    last: Option<(u32, tokio::time::Instant)>,
}

impl SerialReader {
    pub(crate) fn new() -> Self {
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
    pub(crate) async fn show(&mut self, badge: u32) {
        if let Some((_, at)) = self.last.filter(|(last, _)| *last == badge) {
            tokio::time::sleep_until(at + Duration::from_millis(1_100)).await;
        }
        self.last = Some((badge, tokio::time::Instant::now()));
        self.wire.write_all(format!("rfid:{badge:X}\r\n").as_bytes()).unwrap();
    }
}

/// A station named lobby with a screen, a reader and two printers; Ada has a badge.
pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) reader: SerialReader,
    pub(crate) browser: Browser,
}

impl Site {
    /// Nothing where Chromium is not installed.
    pub(crate) async fn open(name: &str, languages: &str, kiosk: &str) -> Option<Self> {
        let browser = Browser::open(languages).await?;
        let arguments =
            ["--calm", "--print-time", "1500", "--printer", "lobby", "--printer", "attic"];
        let mut world = World::new(name, &arguments).await;
        let reader = SerialReader::new();
        world.configure(
            "",
            &format!(
                "[kiosk]\nlisten = \"127.0.0.1:0\"\n{kiosk}\n\
                 [readers.desk]\nserial = \"{}\"\nnumbers = [\"strip-prefix rfid:\", \"hex-to-decimal\"]\n\
                 [stations.lobby]\nscreen = true\nreaders = [\"desk\"]\nprinters = [\"lobby\", \"attic\"]\n",
                reader.path.display()
            ),
        );
        world.start_daemon().await;
        import(&world, &[(ADAS_BADGE, ADA)]).await;
        Some(Self { world, reader, browser })
    }

    /// The idle screen.
    pub(crate) async fn go(&self) {
        self.browser.go(&kiosk_origin(&self.world)).await;
        self.browser.wait(".idle .standing .chip").await;
        let listens = || async {
            let log = self.world.daemon_log();
            log.contains("the reader is there").then_some(())
        };
        until("the reader", listens).await;
    }

    /// Jobs of Ada's, in color and on one side.
    pub(crate) async fn prints(&self, titles: &[&str]) {
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

    pub(crate) async fn signs_in(&mut self) {
        self.reader.show(ADAS_BADGE).await;
        self.browser.wait("main#jobs").await;
    }

    pub(crate) async fn close(self) {
        let complaints = self.browser.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.browser.close().await;
    }
}
