//! How long people wait at a screen: from the badge to the list, and to the first byte at the printer.
//!
//! `cargo bench --bench kiosk` runs both parts on loopback alone, with an emulated cloud, and ends by itself.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::format_collect,
    clippy::same_item_push,
    missing_docs,
    reason = "a benchmark prints what it measures, and makes its document by hand"
)]

use std::{
    io::Write,
    net::SocketAddr,
    process::Stdio,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    sync::mpsc,
    time::{interval, sleep, sleep_until},
};

const BINARY: &str = env!("CARGO_BIN_EXE_pullprint");
/// One way to the cloud.
const LATENCY: Duration = Duration::from_millis(40);
/// 20 Mbit/s, in octets a second.
const RATE: f64 = 2_500_000.0;

#[tokio::main]
async fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    if wants("tap") {
        tap_to_byte().await;
    }
    if wants("floor") {
        fifty_stations().await;
    }
}

/// An emulator and a daemon with a kiosk.
struct House {
    directory: tempfile::TempDir,
    emulator: Value,
    origin: String,
    daemon: Child,
    _emulator: Child,
}

impl House {
    async fn open(arguments: &[&str], configure: impl FnOnce(&str) -> String) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut emulator = Command::new(BINARY)
            .arg("emulate")
            .arg("--directory")
            .arg(directory.path())
            .arg("--calm")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(emulator.stdout.take().unwrap()).lines();
        let told: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
        let file = directory.path().join("pullprint.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, configure(&text)).unwrap();
        let log = directory.path().join("daemon.log");
        let daemon = Command::new(BINARY)
            .arg("--config")
            .arg(&file)
            .arg("run")
            .stderr(std::fs::File::create(&log).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let origin = loop {
            sleep(Duration::from_millis(50)).await;
            let log = std::fs::read_to_string(&log).unwrap();
            if let Some(line) = log.lines().find(|line| line.contains("the kiosk is open")) {
                break format!("http://{}", line.rsplit_once("address=").unwrap().1.trim());
            }
        };
        Self { directory, emulator: told, origin, daemon, _emulator: emulator }
    }

    async fn command(&self, arguments: &[&str]) -> Value {
        let file = self.directory.path().join("pullprint.toml");
        let output =
            Command::new(BINARY).arg("--config").arg(file).args(arguments).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    async fn door(&self, path: &str, query: &[(&str, &str)], body: Vec<u8>) -> Value {
        let url = format!("{}/{path}", self.emulator["door"].as_str().unwrap());
        let request = reqwest::Client::new().post(url).query(query).body(body);
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn exchanges(&self) -> Vec<Value> {
        let url = format!("{}/exchanges", self.emulator["door"].as_str().unwrap());
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }

    /// Gives badges to people, and tells their ids.
    async fn give(&self, badges: &[(u32, String)]) {
        let mut list = "badge;id;upn\n".to_owned();
        for (badge, upn) in badges {
            let person = self.door("person", &[("user", upn)], Vec::new()).await;
            list.push_str(&format!("{badge};{};{upn}\n", person["id"].as_str().unwrap()));
        }
        let file = self.directory.path().join("badges.csv");
        std::fs::write(&file, list).unwrap();
        self.command(&["people", "--json", "import", file.to_str().unwrap()]).await;
    }

    fn resident(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.daemon.id().unwrap())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    fn station(&self, name: &str) -> String {
        format!("{}/api/v1/stations/{name}", self.origin)
    }
}

/// A sign-in by badge; the cookie.
async fn sign_in(http: &reqwest::Client, station: &str, badge: u32) -> Option<String> {
    let body = json!({"badge": badge.to_string()});
    let answer = http.post(format!("{station}/session")).json(&body).send().await.unwrap();
    let cookie = answer.headers().get(SET_COOKIE)?.to_str().unwrap().to_owned();
    Some(cookie.split(';').next().unwrap().to_owned())
}

async fn list(http: &reqwest::Client, station: &str, cookie: &str) -> Value {
    let request = http.get(format!("{station}/jobs")).header(COOKIE, cookie);
    request.send().await.unwrap().json().await.unwrap()
}

/// A 20-page OXPS of 5 MB to a printer that takes raster alone, with 80 ms and 20 Mbit/s to the cloud.
async fn tap_to_byte() {
    let proxy = shaping_proxy().await;
    let house = House::open(&["--print-time", "100", "--printer", "lobby=raster"], |text| {
        let cloud = format!("[cloud]\nproxy = \"http://{proxy}\"\n");
        let station = "[kiosk]\nlisten = \"127.0.0.1:0\"\n[stations.lobby]\nscreen = true\nprinters = [\"lobby\"]\n";
        format!("{}\n{station}", text.replace("[cloud]\n", &cloud))
    })
    .await;
    let upn = "ada@contoso.example".to_owned();
    house.give(&[(70_001, upn.clone())]).await;
    let document = oxps(20, 5);
    println!("a document of {} octets, 20 pages", document.len());
    for wait in [0, 4] {
        let title = format!("after {wait}");
        let query = [("user", upn.as_str()), ("title", &title), ("type", "application/oxps")];
        house.door("print", &query, document.clone()).await;
        let http = reqwest::Client::new();
        let station = house.station("lobby");
        // It waits before its owner comes.
        loop {
            let all = house.command(&["jobs", "--json", "list"]).await;
            let jobs = all["jobs"].as_array().unwrap();
            if jobs.iter().any(|job| job["title"] == title && job["state"] == "held") {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        let tapped = Instant::now();
        let cookie = sign_in(&http, &station, 70_001).await.unwrap();
        let jobs = list(&http, &station, &cookie).await;
        println!("tap to list: {} ms", tapped.elapsed().as_millis());
        let job =
            jobs["jobs"].as_array().unwrap().iter().find(|job| job["title"] == title).unwrap();
        sleep(Duration::from_secs(wait)).await;
        let body = json!({"version": job["version"]});
        let released = Instant::now();
        let url = format!("{station}/jobs/{}/release", job["number"]);
        let answer = http.post(url).header(COOKIE, &cookie).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 202);
        let number = job["number"].to_string();
        let story = loop {
            let shown = house.command(&["jobs", "--json", "show", &number]).await;
            if shown["job"]["state"] == "settled" {
                break shown["job"]["story"].clone();
            }
            assert!(released.elapsed() < Duration::from_mins(2), "{shown}");
            sleep(Duration::from_millis(50)).await;
        };
        let at = |what: &str| -> jiff::Timestamp {
            let mut entries = story.as_array().unwrap().iter();
            let entry = entries.rfind(|entry| entry["what"] == what).expect(what);
            entry["at"].as_str().unwrap().parse().unwrap()
        };
        println!("pressed {wait} s after the list; the timeline in ms after the press:");
        for stage in [
            "released",
            "printer-ready",
            "document-ready",
            "printer-job-created",
            "document-accepted",
        ] {
            println!("  {stage}: {}", at(stage).duration_since(at("released")).as_millis());
        }
    }
}

/// Fifty stations with six taps a minute each, ten thousand held jobs, and a cloud that answers five lists a second.
async fn fifty_stations() {
    const STATIONS: u32 = 50;
    const PEOPLE: u32 = 500;
    const EACH: u32 = 20;
    const TAPS: u32 = 300;
    let tables = |text: &str| {
        let mut tables = format!("{text}\n[kiosk]\nlisten = \"127.0.0.1:0\"\n");
        for station in 0..STATIONS {
            tables.push_str(&format!(
                "[stations.s{station}]\nscreen = true\nprinters = [\"lobby\"]\n"
            ));
        }
        tables
    };
    let house = House::open(&["--switch", "page-size=200"], tables).await;
    let upn = |person: u32| format!("person{person}@contoso.example");
    let badges: Vec<(u32, String)> =
        (0..PEOPLE).map(|person| (80_000 + person, upn(person))).collect();
    house.give(&badges).await;
    let document =
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".to_vec();
    for person in 0..PEOPLE {
        let upn = upn(person);
        let prints = (0..EACH).map(|i| {
            let (title, house, document, upn) =
                (format!("{person} {i}"), &house, document.clone(), upn.clone());
            async move {
                let query = [
                    ("user", upn.as_str()),
                    ("title", title.as_str()),
                    ("type", "application/pdf"),
                ];
                house.door("print", &query, document).await;
            }
        });
        join_all(prints).await;
    }
    let begun = Instant::now();
    while !are_held(&house, PEOPLE * EACH).await {
        assert!(begun.elapsed() < Duration::from_mins(15), "the jobs were not claimed in time");
        sleep(Duration::from_secs(2)).await;
    }
    println!(
        "{} jobs were claimed {} s after the last one was printed",
        PEOPLE * EACH,
        begun.elapsed().as_secs()
    );
    let before = (house.resident(), lists(&house.exchanges().await).0);
    house.door("switch", &[("name", "lists-per-second"), ("position", "5")], Vec::new()).await;
    let http = reqwest::Client::new();
    let mut pulse = interval(Duration::from_millis(60_000 / 300));
    let mut taps = Vec::new();
    for tap in 0..TAPS {
        pulse.tick().await;
        let (station, http) = (house.station(&format!("s{}", tap % STATIONS)), http.clone());
        // Two people are everywhere: their questions to the cloud are one.
        let person = if tap % 3 == 0 { tap % 2 } else { (tap * 7) % PEOPLE };
        if tap == TAPS / 2 {
            println!("resident after half of it {} KiB", house.resident());
        }
        taps.push(tokio::spawn(async move {
            let tapped = Instant::now();
            let cookie = sign_in(&http, &station, 80_000 + person).await.unwrap();
            let jobs = list(&http, &station, &cookie).await;
            let took = tapped.elapsed();
            (
                took,
                jobs["jobs"].as_array().map_or(0, Vec::len),
                jobs["freshness"].as_str().unwrap_or("?").to_owned(),
            )
        }));
    }
    let answers: Vec<_> = join_all(taps).await.into_iter().map(Result::unwrap).collect();
    let mut times: Vec<Duration> = answers.iter().map(|(took, ..)| *took).collect();
    times.sort_unstable();
    let short = answers.iter().filter(|(_, jobs, _)| *jobs != EACH as usize).count();
    let (all, refused) = lists(&house.exchanges().await);
    println!(
        "tap to list, sign-in and all, of {TAPS}: p50 {:?}, p99 {:?}, worst {:?}",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1]
    );
    println!(
        "lists that lacked a job: {short}; lists that the cloud was asked for: {}, of them answered 429: {refused}",
        all - before.1
    );
    for word in ["asking", "fresh", "stale"] {
        println!(
            "  said to be {word}: {}",
            answers.iter().filter(|(.., freshness)| freshness == word).count()
        );
    }
    println!("resident before {} KiB, after {} KiB", before.0, house.resident());
}

/// Whether as many jobs were claimed, and the last of them wait.
async fn are_held(house: &House, n_jobs: u32) -> bool {
    let all = house.command(&["jobs", "--json", "list"]).await;
    let jobs = all["jobs"].as_array().unwrap();
    let newest = jobs.iter().filter_map(|job| job["job"].as_u64()).max();
    newest >= Some(n_jobs.into()) && jobs.iter().all(|job| job["state"] == "held")
}

/// How many lists of jobs the cloud was asked for, and how many of them it refused.
fn lists(exchanges: &[Value]) -> (usize, usize) {
    let is_list = |call: &&Value| {
        call["path"].as_str().is_some_and(|path| {
            path.contains("/print/printers/") && path.split('?').next().unwrap().ends_with("/jobs")
        })
    };
    let all = exchanges.iter().filter(is_list);
    (all.clone().count(), all.filter(|call| call["status"] == 429).count())
}

/// An HTTP proxy on loopback whose way to everything is long and narrow.
async fn shaping_proxy() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(tunnel(client));
        }
    });
    address
}

async fn tunnel(client: TcpStream) -> Option<()> {
    let mut client = BufReader::new(client);
    let mut first = String::new();
    client.read_line(&mut first).await.ok()?;
    let host = first.split_whitespace().nth(1)?.to_owned();
    let mut line = String::new();
    while client.read_line(&mut line).await.ok()? > 2 {
        line.clear();
    }
    let server = TcpStream::connect(host).await.ok()?;
    let mut client = client.into_inner();
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(delayed(from_client, to_server), delayed(from_server, to_client));
    Some(())
}

/// Hands octets on no earlier and no faster than the way allows.
async fn delayed(mut from: impl AsyncReadExt + Unpin, mut to: impl AsyncWriteExt + Unpin) {
    let (sender, mut receiver) = mpsc::channel::<(tokio::time::Instant, Vec<u8>)>(1_024);
    let read = async move {
        let mut free = tokio::time::Instant::now();
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(n) = from.read(&mut buffer).await {
            if n == 0 {
                break;
            }
            #[allow(clippy::cast_precision_loss, reason = "a few thousand octets")]
            let takes = Duration::from_secs_f64(n as f64 / RATE);
            free = free.max(tokio::time::Instant::now()) + takes;
            if sender.send((free + LATENCY, buffer[..n].to_vec())).await.is_err() {
                break;
            }
        }
    };
    let write = async move {
        while let Some((at, octets)) = receiver.recv().await {
            sleep_until(at).await;
            if to.write_all(&octets).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}

/// An OpenXPS document with a square on each page, and noise as a picture of a megabyte on the first ones.
fn oxps(n_pages: u32, n_pictures: u32) -> Vec<u8> {
    const NAMESPACE: &str = "http://schemas.openxps.org/oxps/v1.0";
    const TYPES: &str = "application/vnd.ms-package.xps";
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut part = |name: &str, octets: &[u8]| {
        archive.start_file(name, options).unwrap();
        archive.write_all(octets).unwrap();
    };
    let types = format!(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"fdseq\" ContentType=\"{TYPES}-fixeddocumentsequence+xml\"/>\
         <Default Extension=\"fdoc\" ContentType=\"{TYPES}-fixeddocument+xml\"/>\
         <Default Extension=\"png\" ContentType=\"image/png\"/>\
         <Default Extension=\"fpage\" ContentType=\"{TYPES}-fixedpage+xml\"/></Types>"
    );
    part("[Content_Types].xml", types.as_bytes());
    let relationships = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
             <Relationship Type=\"{NAMESPACE}/{kind}\" Target=\"{target}\" Id=\"R1\"/></Relationships>"
        )
    };
    part("_rels/.rels", relationships("fixedrepresentation", "/Seq.fdseq").as_bytes());
    let sequence = format!(
        "<FixedDocumentSequence xmlns=\"{NAMESPACE}\"><DocumentReference Source=\"/1.fdoc\"/></FixedDocumentSequence>"
    );
    part("Seq.fdseq", sequence.as_bytes());
    let contents: String =
        (1..=n_pages).map(|page| format!("<PageContent Source=\"/{page}.fpage\"/>")).collect();
    part(
        "1.fdoc",
        format!("<FixedDocument xmlns=\"{NAMESPACE}\">{contents}</FixedDocument>").as_bytes(),
    );
    for page in 1..=n_pages {
        let picture = if page <= n_pictures {
            part(&format!("{page}.png"), &noise(page));
            part(
                &format!("_rels/{page}.fpage.rels"),
                relationships("required-resource", &format!("/{page}.png")).as_bytes(),
            );
            format!(
                "<Path Data=\"M 100,300 L 600,300 600,800 100,800 Z\"><Path.Fill><ImageBrush ImageSource=\"/{page}.png\" \
                 Viewbox=\"0,0,580,580\" ViewboxUnits=\"Absolute\" Viewport=\"100,300,500,500\" ViewportUnits=\"Absolute\"/></Path.Fill></Path>"
            )
        } else {
            String::new()
        };
        let square = "<Path Data=\"M 100,100 L 200,100 200,200 100,200 Z\" Fill=\"#FF000000\"/>";
        let text = format!(
            "<FixedPage Width=\"794\" Height=\"1123\" xmlns=\"{NAMESPACE}\" xml:lang=\"en-US\">{square}{picture}</FixedPage>"
        );
        part(&format!("{page}.fpage"), text.as_bytes());
    }
    archive.finish().unwrap().into_inner()
}

/// A PNG of 580 x 580 pixels that does not get smaller.
fn noise(seed: u32) -> Vec<u8> {
    const SIDE: u32 = 580;
    let mut state = u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut rows = Vec::new();
    for _ in 0..SIDE {
        rows.push(0);
        for _ in 0..SIDE * 3 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            rows.push(state.to_be_bytes()[3]);
        }
    }
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&rows).unwrap();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], octets: &[u8]| {
        png.extend_from_slice(&u32::try_from(octets.len()).unwrap().to_be_bytes());
        let marked = [kind.as_slice(), octets].concat();
        png.extend_from_slice(&marked);
        png.extend_from_slice(&crc32fast::hash(&marked).to_be_bytes());
    };
    chunk(
        b"IHDR",
        &[SIDE.to_be_bytes().as_slice(), &SIDE.to_be_bytes(), &[8, 2, 0, 0, 0]].concat(),
    );
    chunk(b"IDAT", &packed.finish().unwrap());
    chunk(b"IEND", &[]);
    png
}
