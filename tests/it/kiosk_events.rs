//! What a station's screens and programs are told, and what the queue's and the site's rules hide or forbid.

use reqwest::{
    Response,
    header::{COOKIE, SET_COOKIE},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Duration, timeout},
};

use crate::{
    kiosk::kiosk_origin,
    people::print_as,
    samples,
    stations::import,
    world::{World, until},
};

const ADA: &str = "ada@contoso.example";
const BOB: &str = "bob@contoso.example";

/// A station named lobby, and our end of its reader.
async fn with_reader(name: &str, kiosk: &str, station: &str) -> (World, TcpStream) {
    let mut world = World::calm(name).await;
    let reader = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tables = format!(
        "{kiosk}\n[readers.desk]\ndial = \"{}\"\nnatural_uid = true\nshortest = 4\n\
         [stations.lobby]\nreaders = [\"desk\"]\nprinters = [\"lobby\"]\n{station}\n",
        reader.local_addr().unwrap()
    );
    world.configure("", &tables);
    world.start_daemon().await;
    let reader = reader.accept().await.unwrap().0;
    import(&world, &[(70_001, ADA), (70_002, BOB)]).await;
    (world, reader)
}

const SCREEN: &str = "[kiosk]\nlisten = \"127.0.0.1:0\"";

/// The events of a station, one after the other.
pub(crate) struct Events {
    answer: Response,
    text: String,
}

impl Events {
    pub(crate) async fn of(world: &World, cookie: &str) -> Self {
        let url = format!("{}/api/v1/stations/lobby/events", kiosk_origin(world));
        let request = reqwest::Client::new().get(url).header(COOKIE, cookie);
        Self { answer: request.send().await.unwrap(), text: String::new() }
    }

    /// The next event and its data.
    pub(crate) async fn next(&mut self) -> (String, String) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let line = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().trim().to_owned()
                };
                let (told, rest) = ((line("event:"), line("data:")), rest.to_owned());
                self.text = rest;
                if !told.0.is_empty() {
                    return told;
                }
                continue;
            }
            let chunk = self.answer.chunk().await.unwrap().expect("it goes on");
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

pub(crate) async fn sign_in(world: &World, body: &Value) -> Response {
    let url = format!("{}/api/v1/stations/lobby/session", kiosk_origin(world));
    reqwest::Client::new().post(url).json(body).send().await.unwrap()
}

pub(crate) fn cookie(answer: &Response) -> String {
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_badge_is_a_pass_that_is_good_once_and_events_are_of_ones_own_jobs_alone() {
    let (world, mut reader) = with_reader("kiosk-events", SCREEN, "screen = true").await;
    let mut events = Events::of(&world, "").await;
    reader.write_all(b"99999\r\n").await.unwrap();
    assert_eq!(events.next().await.0, "unknown");
    // A UID that a card makes up at each tap is known by its first octet.
    reader.write_all(b"0812ABCD\r\n").await.unwrap();
    assert_eq!(events.next().await.0, "changing");
    reader.write_all(b"70001\r\n").await.unwrap();
    let (event, pass) = events.next().await;
    assert_eq!(event, "badge");
    let wrong = sign_in(&world, &json!({"pass": "AAAA"})).await;
    assert_eq!(wrong.json::<Value>().await.unwrap()["code"], "pass-over");
    let answer = sign_in(&world, &json!({"pass": pass})).await;
    assert_eq!(answer.status(), 200);
    let mine = cookie(&answer);
    assert_eq!(sign_in(&world, &json!({"pass": pass})).await.status(), 403);

    let mut events = Events::of(&world, &mine).await;
    print_as(&world, BOB, "of Bob").await;
    world.wait_for("of Bob", "held").await;
    print_as(&world, ADA, "of Ada").await;
    world.wait_for("of Ada", "held").await;
    assert_eq!(events.next().await.0, "jobs");
    // The next badge ends her session: from then on her jobs are not told.
    reader.write_all(b"70002\r\n").await.unwrap();
    loop {
        match events.next().await.0.as_str() {
            "jobs" => {}
            other => break assert_eq!(other, "badge"),
        }
    }
    print_as(&world, ADA, "of Ada later").await;
    world.wait_for("of Ada later", "held").await;
    let more = timeout(Duration::from_secs(1), events.next()).await;
    assert!(more.is_err(), "{more:?}");
}

#[tokio::test]
async fn gray_stays_gray_titles_are_masked_and_answers_say_what_a_page_may_do() {
    let masked = format!("{SCREEN}\ntitles = \"masked\"");
    let (world, _reader) = with_reader("kiosk-rules", &masked, "screen = true").await;
    let gray = json!({"colorMode": "grayscale"});
    let document = samples::pdf("letter", 500);
    world.print_configured("Letter to Bob", "application/pdf", document, &gray).await;
    world.wait_for("Letter to Bob", "held").await;
    let answer = sign_in(&world, &json!({"badge": "70001"})).await;
    let (cookie, http) = (cookie(&answer), reqwest::Client::new());
    let base = format!("{}/api/v1/stations/lobby", kiosk_origin(&world));
    let jobs = || async {
        let request = http.get(format!("{base}/jobs")).header(COOKIE, &cookie);
        let jobs: Value = request.send().await.unwrap().json().await.unwrap();
        jobs["jobs"].get(0).cloned().filter(|job| job["stage"] == "waiting")
    };
    let job = until("the job", jobs).await;
    assert_eq!(job["title"], "L… t… B…");
    let release = |change: Value| {
        let body = json!({"version": job["version"], "change": change});
        let url = format!("{base}/jobs/{}/release", job["number"]);
        http.post(url).header(COOKIE, &cookie).json(&body).send()
    };
    let refused = release(json!({"color": "color"})).await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "must-stay-gray");
    let page = http.get(format!("{}/stations/lobby", kiosk_origin(&world))).send().await.unwrap();
    let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(release(json!({"color": "gray"})).await.unwrap().status(), 202);
    assert_eq!(world.wait_for("Letter to Bob", "settled").await["ending"], "completed");
}

#[tokio::test]
async fn where_a_pin_is_wanted_a_station_without_a_screen_lets_nothing_go() {
    let with_pin = "[people]\npin = \"with-badge\"";
    let (world, mut reader) = with_reader("kiosk-no-screen", with_pin, "").await;
    print_as(&world, ADA, "letter").await;
    world.wait_for("letter", "held").await;
    reader.write_all(b"70001\r\n").await.unwrap();
    let mut letters = [0; 2];
    reader.read_exact(&mut letters).await.unwrap();
    assert_eq!(&letters, b"be", "the badge is known, and nothing goes");
    assert_eq!(world.wait_for("letter", "held").await["state"], "held");
    assert!(world.daemon_log().contains("a PIN is wanted, and the station has no screen"));
}

#[tokio::test]
async fn a_list_says_of_when_it_is_while_the_cloud_is_silent() {
    let (world, _reader) = with_reader("kiosk-stale", SCREEN, "screen = true").await;
    print_as(&world, ADA, "letter").await;
    world.wait_for("letter", "held").await;
    let cookie = cookie(&sign_in(&world, &json!({"badge": "70001"})).await);
    let url = format!("{}/api/v1/stations/lobby/jobs", kiosk_origin(&world));
    let list = |freshness: &'static str| {
        let request = reqwest::Client::new().get(&url).header(COOKIE, &cookie);
        async move {
            let list: Value = request.send().await.unwrap().json().await.unwrap();
            (list["freshness"] == freshness).then_some(list)
        }
    };
    let fresh = until("a fresh list", || list("fresh")).await;
    assert_eq!(fresh["as_of"], Value::Null);
    world.signal_emulator(rustix::process::Signal::STOP);
    let stale = until("a stale list", || list("stale")).await;
    world.signal_emulator(rustix::process::Signal::CONT);
    assert_eq!(stale["jobs"][0]["title"], "letter", "what is known is shown");
    assert!(stale["as_of"].as_str().is_some_and(|at| at.parse::<jiff::Timestamp>().is_ok()));
}
