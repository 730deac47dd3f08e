//! Debian's Chromium, driven as a person would: it looks, touches and types.
//!
//! All its processes end with the test, also where that is killed: a shell keeps them as one group and ends it when the
//! pipe from here closes.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::world::has_program;

pub(crate) use fantoccini::key::Key;

const GUARD: &str = "chromedriver --port=0 & read -r _; kill -KILL 0";
const PATIENCE: Duration = Duration::from_secs(20);

/// The driver's processes, and their files.
struct Driver {
    guard: Child,
    port: u16,
    folder: Option<tempfile::TempDir>,
}

impl Driver {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("pullprint-it-browser-").tempdir().unwrap();
        let mut guard = Command::new("sh")
            .args(["-c", GUARD])
            .process_group(0)
            .env("TMPDIR", folder.path())
            .env("HOME", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(guard.stdout.take().unwrap()).lines();
        let mut driver = Self { guard, port: 0, folder: Some(folder) };
        let port = lines.find_map(|line| {
            let line = line.ok()?;
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        driver.port = port.expect("chromedriver says where it listens");
        // It goes on telling, and must not be held up.
        std::thread::spawn(move || lines.for_each(drop));
        driver
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        let folder = self.folder.take().unwrap().keep();
        // What is dying may still write for a moment.
        for _ in 0..50 {
            match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    std::thread::yield_now();
                }
                _ => break,
            }
        }
    }
}

/// A command of the driver's own, beside the standard's.
#[derive(Debug)]
struct Post(&'static str, Value);

impl WebDriverCompatibleCommand for Post {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}

/// A browser with one page.
pub(crate) struct Browser {
    client: Client,
    _driver: Driver,
}

impl Browser {
    /// A browser that asks for these languages, such as `de,en`; nothing where Chromium is not installed.
    pub(crate) async fn open(languages: &str) -> Option<Self> {
        if !has_program("chromedriver") {
            return None;
        }
        let driver = Driver::start();
        let profile = driver.folder.as_ref().unwrap().path().join("profile");
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-breakpad",
            "--disable-component-update",
            "--no-proxy-server",
            "--hide-scrollbars",
            "--remote-debugging-pipe",
            "--force-device-scale-factor=1",
            "--force-prefers-reduced-motion",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {
                "binary": "/usr/lib/chromium/chromium",
                "args": arguments,
                "prefs": {"intl.accept_languages": languages},
            },
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": 60_000, "pageLoad": 30_000, "implicit": 0},
        });
        let capabilities: Capabilities = serde_json::from_value(capabilities).unwrap();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .unwrap();
        Some(Self { client, _driver: driver })
    }

    pub(crate) async fn go(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    /// The size of the page in its own pixels; each of them is as many of the screen's in each direction.
    pub(crate) async fn resize(&self, width: u32, height: u32, scale: f64) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": scale,
            "mobile": false, "screenWidth": width, "screenHeight": height});
        let set = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": size});
        self.client.issue_cmd(Post("goog/cdp/execute", set)).await.unwrap();
    }

    /// The element, once it is there.
    pub(crate) async fn wait(&self, css: &str) -> Element {
        self.wait_within(PATIENCE, css).await
    }

    pub(crate) async fn wait_within(&self, patience: Duration, css: &str) -> Element {
        let wait = self.client.wait().at_most(patience).every(Duration::from_millis(50));
        match wait.for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!("{css}: {error}; the page says: {}", self.text().await),
        }
    }

    pub(crate) async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// All that the page says.
    pub(crate) async fn text(&self) -> String {
        self.script("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Touches an element, once it is there. A list that is made anew between the look and the touch is looked at again.
    pub(crate) async fn touch(&self, css: &str) {
        for _ in 0..10 {
            if self.wait(css).await.click().await.is_ok() {
                return;
            }
        }
        panic!("{css} can not be touched");
    }

    pub(crate) async fn type_into(&self, css: &str, text: &str) {
        self.wait(css).await.send_keys(text).await.unwrap();
    }

    pub(crate) async fn press(&self, key: Key) {
        let value = key.into();
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        self.client.perform_actions(keys).await.unwrap();
    }

    pub(crate) async fn script(&self, body: &str) -> Value {
        self.client.execute(body, Vec::new()).await.unwrap()
    }

    /// What the browser complained of since the last look.
    pub(crate) async fn complaints(&self) -> Vec<Value> {
        let log = self.client.issue_cmd(Post("se/log", json!({"type": "browser"}))).await.unwrap();
        let log = log.as_array().cloned().unwrap_or_default();
        log.into_iter().filter(|entry| entry["level"] == "SEVERE").collect()
    }

    /// Keeps a picture of the page for whoever changes it, and asks the judge of accessibility about it.
    pub(crate) async fn look(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screens");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), self.client.screenshot().await.unwrap())
            .unwrap();
        let Some(axe) = std::env::var_os("PULLPRINT_AXE") else {
            eprintln!("SKIPPED: axe-core is not there; tests/run fetches it");
            return;
        };
        if self.script("return typeof axe === 'undefined'").await == true {
            self.script(&std::fs::read_to_string(axe).unwrap()).await;
        }
        let judge = "const done = arguments[0];
            axe.run(document, {resultTypes: ['violations']}).then(
                (found) => done(found.violations.map((one) => [one.id, one.nodes.map((node) => node.html + ' ' + node.failureSummary)])),
                (error) => done([['error', [String(error)]]]))";
        let found = self.client.execute_async(judge, Vec::new()).await.unwrap();
        assert_eq!(found, json!([]), "{name}");
    }

    /// Ends the session; the processes end with this value.
    pub(crate) async fn close(self) {
        let _ = self.client.clone().close().await;
    }
}
