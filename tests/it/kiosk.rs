//! The kiosk's interface for programs: a person's own jobs, and nobody else's.

use reqwest::{
    Method, RequestBuilder, Response,
    header::{COOKIE, HOST, ORIGIN, RETRY_AFTER, SET_COOKIE},
};
use serde_json::{Value, json};

use crate::{
    people::print_as,
    stations::{import, prints_of},
    world::{World, until},
};

const ADA: &str = "ada@contoso.example";
const BOB: &str = "bob@contoso.example";

/// A world with a kiosk for two stations, and the badges of two people.
pub(crate) async fn with_kiosk(name: &str, more: &str) -> World {
    let arguments = ["--calm", "--print-time", "20", "--printer", "lobby", "--printer", "attic"];
    let mut world = World::new(name, &arguments).await;
    let tables = format!(
        "[kiosk]\nlisten = \"127.0.0.1:0\"\n{more}\n\
         [stations.lobby]\nscreen = true\nprinters = [\"lobby\", \"attic\"]\n\
         [stations.attic]\nscreen = true\nprinters = [\"attic\"]\n"
    );
    world.configure("", &tables);
    world.start_daemon().await;
    import(&world, &[(70_001, ADA), (70_002, BOB)]).await;
    world
}

/// Where the kiosk is.
pub(crate) fn kiosk_origin(world: &World) -> String {
    let log = world.daemon_log();
    let line = log.lines().find(|line| line.contains("the kiosk is open")).expect("it is open");
    let address = line.rsplit_once("address=").unwrap().1;
    format!("http://{}", address.trim())
}

/// A program at a station.
pub(crate) struct Program {
    http: reqwest::Client,
    base: String,
    cookie: String,
}

impl Program {
    pub(crate) fn at(world: &World, station: &str) -> Self {
        let base = format!("{}/api/v1/stations/{station}", kiosk_origin(world));
        Self { http: reqwest::Client::new(), base, cookie: String::new() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/{path}", self.base));
        request.header(COOKIE, &self.cookie)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.request(Method::GET, path).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.unwrap()
    }

    /// Signs in by a badge, and keeps the cookie.
    pub(crate) async fn sign_in(&mut self, badge: u32) -> Response {
        let answer = self.post("session", &json!({"badge": badge.to_string()})).await;
        if let Some(cookie) = answer.headers().get(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
            cookie.split(';').next().unwrap().clone_into(&mut self.cookie);
        }
        answer
    }

    async fn job(&self, title: &str) -> Value {
        until(title, || async {
            let jobs = self.get("jobs").await["jobs"].as_array().cloned().unwrap_or_default();
            jobs.into_iter().find(|job| job["title"] == title && job["stage"] == "waiting")
        })
        .await
    }

    async fn release(&self, job: &Value, more: &Value) -> Response {
        let mut body = json!({"version": job["version"]});
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        self.post(&format!("jobs/{}/release", job["number"]), &body).await
    }
}

pub(crate) async fn code(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_program_does_all_that_a_person_does_at_a_screen() {
    let world = with_kiosk("kiosk-program", "").await;
    let mut program = Program::at(&world, "lobby");
    let stations: Value = reqwest::get(format!("{}/api/v1/stations", kiosk_origin(&world)))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        stations[1],
        json!({"name": "lobby", "printers": ["lobby", "attic"], "sign_in": "badge"})
    );
    print_as(&world, ADA, "letter").await;
    print_as(&world, ADA, "secret").await;
    let person: Value = program.sign_in(70_001).await.json().await.unwrap();
    assert_eq!(
        (&person["user_principal_name"], &person["expires_in_seconds"]),
        (&json!(ADA), &json!(60))
    );
    let printers = program.get("printers").await;
    assert_eq!(
        (&printers[0]["name"], &printers[0]["standing"]),
        (&json!("lobby"), &json!("ready"))
    );
    let letter = program.job("letter").await;
    // The documents of what waits come while she looks at the list, and are not fetched again.
    let fetched = || async {
        (world.daemon_log().matches("its document was fetched ahead").count() == 2).then_some(())
    };
    until("the documents", fetched).await;
    let downloads = || async {
        let exchanges = world.tell("exchanges").await;
        exchanges
            .iter()
            .filter(|call| {
                call.to_string().contains("createDownloadUrl")
                    || call["path"].as_str().is_some_and(|path| path.ends_with("/$value"))
            })
            .count()
    };
    let fetched_by_now = downloads().await;
    assert_eq!(fetched_by_now, 2);
    let change =
        json!({"change": {"copies": 2, "color": "gray", "pages": "1"}, "printer": "attic"});
    assert_eq!(program.release(&letter, &change).await.status(), 202);
    let done = world.wait_for("letter", "settled").await;
    assert_eq!(done["ending"], "completed", "{done}");
    assert_eq!(prints_of(&world, "attic").await.len(), 1);
    assert_eq!(downloads().await, fetched_by_now);
    let cloud = world.cloud_job("letter").await;
    assert_eq!(cloud["configuration"]["copies"], 2, "{cloud}");
    assert_eq!(cloud["configuration"]["colorMode"], "grayscale", "{cloud}");
    let secret = program.job("secret").await;
    let removed = program.request(Method::DELETE, &format!("jobs/{}", secret["number"]));
    assert_eq!(removed.send().await.unwrap().status(), 202);
    world.wait_for("secret", "settled").await;
    let request = program.request(Method::GET, "jobs").header("accept-language", "en");
    let jobs: Value = request.send().await.unwrap().json().await.unwrap();
    let ended: Vec<&Value> = jobs["jobs"].as_array().unwrap().iter().collect();
    assert_eq!(ended.len(), 2, "{jobs}");
    let aborted = ended.iter().find(|job| job["title"] == "secret").unwrap();
    assert_eq!(aborted["reasons"][0]["code"], "removed-by-owner", "{aborted}");
    assert_eq!(program.request(Method::DELETE, "session").send().await.unwrap().status(), 204);
    assert_eq!(program.request(Method::GET, "jobs").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn nobody_lists_releases_removes_or_guesses_what_is_anothers() {
    let world = with_kiosk("kiosk-others", "").await;
    print_as(&world, ADA, "letter").await;
    world.wait_for("letter", "held").await;
    let (mut ada, mut bob) = (Program::at(&world, "lobby"), Program::at(&world, "attic"));
    ada.sign_in(70_001).await;
    bob.sign_in(70_002).await;
    let letter = ada.job("letter").await;
    assert_eq!(bob.get("jobs").await["jobs"], json!([]));
    let all = json!({"reprint": true});
    assert_eq!(code(bob.release(&letter, &all).await).await, (404, "no-such-job".into()));
    let path = format!("jobs/{}", letter["number"]);
    let removed = bob.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(code(removed).await, (404, "no-such-job".into()));
    // Each number around it, with each version: nothing but "no such job" is heard.
    for number in 0..20 {
        let guess = json!({"number": number, "version": letter["version"]});
        assert_eq!(bob.release(&guess, &all).await.status(), 404, "{number}");
    }
    // A session is good at its own station alone, and a cookie of one's own making nowhere.
    let mut elsewhere = Program::at(&world, "attic");
    elsewhere.cookie.clone_from(&ada.cookie);
    assert_eq!(elsewhere.request(Method::GET, "jobs").send().await.unwrap().status(), 401);
    elsewhere.cookie = "pullprint-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into();
    assert_eq!(elsewhere.request(Method::GET, "jobs").send().await.unwrap().status(), 401);
    // A cookie that somebody planted before the sign-in is worth nothing after it.
    let mut planted = Program::at(&world, "lobby");
    planted.cookie.clone_from(&elsewhere.cookie);
    planted.sign_in(70_002).await;
    assert_ne!(planted.cookie, elsewhere.cookie);
    // The next badge has ended the session before it, in the midst of an order too.
    assert_eq!(ada.release(&letter, &json!({})).await.status(), 401);
    assert_eq!(planted.get("jobs").await["jobs"], json!([]));
    assert_eq!(world.wait_for("letter", "held").await["state"], "held");
    assert!(world.tell("prints").await.is_empty());
}

#[tokio::test]
async fn two_orders_at_once_print_once_and_what_was_not_seen_is_not_released() {
    let world = with_kiosk("kiosk-race", "").await;
    print_as(&world, ADA, "letter").await;
    let mut ada = Program::at(&world, "lobby");
    ada.sign_in(70_001).await;
    let letter = ada.job("letter").await;
    let old = json!({"number": letter["number"], "version": 0});
    assert_eq!(code(ada.release(&old, &json!({})).await).await, (409, "changed".into()));
    let elsewhere = ada.release(&letter, &json!({"printer": "cellar"})).await;
    assert_eq!(code(elsewhere).await, (400, "no-such-printer".into()));
    let nothing = json!({});
    let orders = (0..8).map(|_| ada.release(&letter, &nothing));
    let answers = futures_util::future::join_all(orders).await;
    let taken = answers.iter().filter(|answer| answer.status() == 202).count();
    assert_eq!(taken, 1, "{answers:?}");
    world.wait_for("letter", "settled").await;
    assert_eq!(world.tell("prints").await.len(), 1);
}

#[tokio::test]
async fn a_page_of_somebody_elses_orders_nothing_and_badges_can_not_be_tried_through() {
    let world = with_kiosk("kiosk-foreign", "").await;
    print_as(&world, ADA, "letter").await;
    let mut ada = Program::at(&world, "lobby");
    ada.sign_in(70_001).await;
    let letter = ada.job("letter").await;
    let path = format!("jobs/{}/release", letter["number"]);
    let body = json!({"version": letter["version"]});
    for (name, value) in [
        (ORIGIN.as_str(), "https://evil.example"),
        (ORIGIN.as_str(), "null"),
        ("sec-fetch-site", "cross-site"),
        (HOST.as_str(), "evil.example"),
        (HOST.as_str(), "localhost.evil.example"),
    ] {
        let order = ada.request(Method::POST, &path).header(name, value).json(&body);
        let answer = order.send().await.unwrap();
        assert_eq!(code(answer).await, (403, "foreign".into()), "{name}: {value}");
    }
    let read = ada.request(Method::GET, "jobs").header(HOST, "evil.example").send().await.unwrap();
    assert_eq!(read.status(), 403, "a name that was bound to this address reads nothing");
    // A form of a page can not pass for JSON.
    let form = ada.request(Method::POST, &path).form(&[("version", "1")]);
    assert_eq!(form.send().await.unwrap().status(), 415);
    assert_eq!(world.wait_for("letter", "held").await["state"], "held");

    let mut guesser = Program::at(&world, "attic");
    // Many at once are no more than one after the other.
    let guesses = (1_000_000_000..1_000_000_040_u32).map(|number| {
        let body = json!({"badge": number.to_string()});
        let guesser = &guesser;
        async move { guesser.post("session", &body).await.status().as_u16() }
    });
    let heard = futures_util::future::join_all(guesses).await;
    let tried = heard.iter().filter(|status| **status == 403).count();
    assert!((10..=11).contains(&tried), "{tried} of 40: {heard:?}");
    let answer = guesser.sign_in(70_002).await;
    let wait: u64 = answer.headers()[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=7).contains(&wait), "{wait}");
    assert_eq!(code(answer).await.0, 429);
    // Who guesses at one station keeps nobody from another.
    assert_eq!(ada.sign_in(70_001).await.status(), 200);
    let log = world.daemon_log();
    for secret in ["1000000039", ada.cookie.split_once('=').unwrap().1] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_user_and_a_pin_are_a_way_in_where_that_is_wanted_and_guessing_ends() {
    let world = with_kiosk("kiosk-pin", "[people]\npin = \"or-badge\"").await;
    let output = world.command(&["people", "--json", "pin", ADA]).await;
    let drawn: Value = serde_json::from_slice(&output.stdout).unwrap();
    let pin = drawn["pin"].as_str().unwrap();
    let program = Program::at(&world, "lobby");
    let sign_in = |user: &str, pin: &str| {
        let body = json!({"user_principal_name": user, "pin": pin});
        let program = &program;
        async move { program.post("session", &body).await }
    };
    assert_eq!(sign_in("Ada@Contoso.example", pin).await.status(), 200);
    let wrong = if pin == "123456" { "654321" } else { "123456" };
    // Somebody without a PIN, and nobody at all, are as wrong as a wrong PIN.
    for user in [ADA, BOB, "nobody@contoso.example", "", "%"] {
        let answer = sign_in(user, wrong).await;
        assert_eq!(code(answer).await, (403, "wrong-pin".into()), "{user}");
    }
    assert_eq!(code(sign_in(BOB, "").await).await.0, 403);
    let guesses = (0..20).map(|_| sign_in(ADA, wrong));
    let heard = futures_util::future::join_all(guesses).await;
    assert!(heard.iter().filter(|answer| answer.status() == 403).count() <= 8, "{heard:?}");
    assert_eq!(sign_in(ADA, pin).await.status(), 429, "the right one waits too");
    // At another station, and with the badge, she is not kept out.
    let mut other = Program::at(&world, "attic");
    let there = other.post("session", &json!({"user_principal_name": ADA, "pin": pin})).await;
    assert_eq!(there.status(), 200);
    assert_eq!(other.sign_in(70_001).await.status(), 200);
    assert!(world.command(&["people", "pin", "--clear", ADA]).await.status.success());
    let there = other.post("session", &json!({"user_principal_name": ADA, "pin": pin})).await;
    assert_eq!(there.status(), 403, "a PIN that was taken is none");
}

#[tokio::test]
async fn a_kiosk_in_the_network_wants_https_and_a_secret() {
    let mut world = World::calm("kiosk-secret").await;
    let secret = world.directory.join("kiosk-secret");
    std::fs::write(&secret, "correct horse battery\n").unwrap();
    let table = "[kiosk]\nlisten = \"0.0.0.0:0\"\n[stations.lobby]\nscreen = true\nprinters = [\"lobby\"]\n";
    world.configure("", table);
    let refused = world.command(&["check-config"]).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("write a certificate_file for https"), "{said}");
    assert!(said.contains("write a secret_file"), "{said}");
    let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let certificate = world.directory.join("kiosk.pem");
    std::fs::write(&certificate, key.cert.pem() + &key.signing_key.serialize_pem()).unwrap();
    world.reconfigure(
        "listen = \"0.0.0.0:0\"",
        &format!(
            "listen = \"0.0.0.0:0\"\ncertificate_file = \"{}\"\nsecret_file = \"{}\"",
            certificate.display(),
            secret.display()
        ),
    );
    world.start_daemon().await;
    let origin = kiosk_origin(&world).replace("http://0.0.0.0", "https://127.0.0.1");
    let ca = reqwest::Certificate::from_pem(key.cert.pem().as_bytes()).unwrap();
    let http = reqwest::Client::builder()
        .tls_certs_merge([ca])
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    // Others that say nothing keep nobody out.
    let address = origin.trim_start_matches("https://").to_owned();
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(tokio::net::TcpStream::connect(&address).await.unwrap());
    }
    for path in ["/", "/stations/lobby", "/stations/lobby/events"] {
        let answer = http.get(format!("{origin}{path}")).send().await.unwrap();
        assert_eq!(
            (answer.status(), &answer.headers()["location"]),
            (303.try_into().unwrap(), &"/secret".parse().unwrap())
        );
    }
    let events = http.get(format!("{origin}/api/v1/stations/lobby/events")).send().await.unwrap();
    assert_eq!(code(events).await, (401, "not-connected".into()));
    let connect = |secret: &'static str| {
        http.post(format!("{origin}/secret")).form(&[("secret", secret)]).send()
    };
    let wrong = connect("wrong").await.unwrap();
    assert!(wrong.headers().get(SET_COOKIE).is_none());
    assert!(wrong.text().await.unwrap().contains("That is not the kiosk secret."));
    let right = connect("correct horse battery").await.unwrap();
    let cookie = right.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.contains("Secure") && cookie.contains("HttpOnly"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    assert!(!cookie.contains("horse"), "{cookie}");
    let idle =
        http.get(format!("{origin}/stations/lobby")).header(COOKIE, cookie).send().await.unwrap();
    assert!(idle.text().await.unwrap().contains("Hold your badge to the reader"));
    let stations =
        http.get(format!("{origin}/api/v1/stations")).header(COOKIE, cookie).send().await.unwrap();
    assert_eq!(stations.status(), 200);
}
