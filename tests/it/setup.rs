//! Set-up against an empty tenant: everything once, mended where it was deleted, taken back whole; and the ways to sign in.

use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
};

use crate::{
    samples,
    world::{BINARY, World, trusting},
};

const ADMINISTRATOR: &str = "admin@contoso.example";

/// A command that wants a person to sign in, up to the line that says where.
struct Waiting {
    child: Child,
    said: String,
    lines: tokio::io::Lines<BufReader<tokio::process::ChildStderr>>,
}

impl Waiting {
    /// Starts it and waits for a line of standard error with that text.
    async fn new(world: &World, arguments: &[&str], until: &str) -> Self {
        let mut child = Command::new(BINARY)
            .arg("--config")
            .arg(world.config_file())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut waiting = Self { child, said: String::new(), lines };
        waiting.listen(until).await;
        waiting
    }

    /// Waits for a line of standard error with that text.
    async fn listen(&mut self, until: &str) {
        while !self.said.contains(until) {
            let line = self.lines.next_line().await.unwrap();
            let line = line.unwrap_or_else(|| panic!("it ended before \"{until}\": {}", self.said));
            self.said.push_str(&line);
            self.said.push('\n');
        }
    }

    /// The first https address that it said.
    fn page(&self) -> String {
        let words = self.said.split_whitespace();
        words.into_iter().find(|word| word.starts_with("https://")).unwrap().to_owned()
    }

    /// What it said on both ways, and its exit code.
    async fn end(mut self) -> Output {
        drop(self.child.stdin.take());
        let mut stdout = Vec::new();
        self.child.stdout.take().unwrap().read_to_end(&mut stdout).await.unwrap();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            self.said.push_str(&line);
            self.said.push('\n');
        }
        let status = self.child.wait().await.unwrap();
        Output { status, stdout, stderr: self.said.into_bytes() }
    }
}

/// A browser that trusts the emulator; it goes where it is sent.
fn browser(world: &World, goes_on: bool) -> reqwest::Client {
    let policy = if goes_on {
        reqwest::redirect::Policy::limited(5)
    } else {
        reqwest::redirect::Policy::none()
    };
    trusting(world.told("ca_file")).redirect(policy).build().unwrap()
}

/// Runs a command to its end, signed in as a person in a browser.
pub(crate) async fn signed_in(world: &World, arguments: &[&str], upn: &str) -> Output {
    let waiting = Waiting::new(world, arguments, "press Enter").await;
    let page = format!("{}&login_hint={upn}", waiting.page());
    let answer = browser(world, true).get(page).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains("close this page"));
    waiting.end().await
}

#[track_caller]
fn text(output: &Output) -> String {
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    out.into_owned()
}

async fn set_up(world: &World) -> String {
    text(&signed_in(world, &["setup", "--paper", "A4"], ADMINISTRATOR).await)
}

async fn tenant(world: &World) -> Value {
    let url = format!("{}/tenant", world.told("door"));
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

/// The lines that the command wants pasted, in the configuration; `more` stands behind the queue's keys.
pub(crate) fn paste(world: &World, said: &str, more: &str) {
    let value = |key: &str| {
        let line = said.lines().find(|line| line.starts_with(key));
        line.unwrap_or_else(|| panic!("{key}: {said}"))
    };
    world.reconfigure("[cloud]\n", &format!("[cloud]\n{}\n", value("task_definition")));
    let queue = format!(
        "[queues.main]\n{}\n{}\n{}\n{more}\n",
        value("source_printer"),
        value("offer"),
        value("default_paper")
    );
    world.configure("", &queue);
}

fn ids(tenant: &Value) -> [String; 4] {
    let ours = tenant["printers"].as_array().unwrap().iter().find(|one| one["has_device"] == false);
    let ours = ours.expect("there is a virtual printer");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    [
        text(&tenant["definitions"][0]["id"]),
        text(&ours["id"]),
        text(&tenant["shares"][0]["id"]),
        text(&ours["trigger"]),
    ]
}

fn count(tenant: &Value) -> [usize; 3] {
    ["definitions", "printers", "shares"].map(|name| tenant[name].as_array().unwrap().len())
}

#[tokio::test]
async fn an_empty_tenant_gets_a_queue_that_prints_and_a_second_run_makes_nothing() {
    let mut world = World::new("setup", &["--calm", "--empty", "--print-time", "20"]).await;
    assert_eq!(count(&tenant(&world).await), [0, 1, 0]);
    let said = set_up(&world).await;
    for line in ["task definition: made", "virtual printer: made", "share: made", "trigger: made"] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(said.contains("All permissions that the daemon needs are there"), "{said}");
    let first = tenant(&world).await;
    assert_eq!(count(&first), [1, 2, 1]);
    paste(&world, &said, "release_to = \"lobby\"");
    let again = set_up(&world).await;
    for line in [
        "task definition: is there",
        "virtual printer: is there",
        "what the queue offers: is there",
        "share: is there",
        "trigger: is there",
    ] {
        assert!(again.contains(line), "{line}: {again}");
    }
    assert_eq!(ids(&tenant(&world).await), ids(&first), "nothing was made twice");
    let output = signed_in(&world, &["setup", "--paper", "A4", "--json"], ADMINISTRATOR).await;
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let [definition, printer, ..] = ids(&first);
    assert_eq!(told["things"][0], json!({"thing": "definition", "became": "found"}));
    assert_eq!(told["task_definition"], definition);
    assert_eq!(told["queue"]["source_printer"], printer);
    assert_eq!(told["missing_permissions"], json!([]));

    world.start_daemon().await;
    let [_, printer, ..] = ids(&first);
    let url = format!("{}/print", world.told("door"));
    let query =
        [("queue", printer.as_str()), ("title", "minutes"), ("user", "ada@contoso.example")];
    let request = reqwest::Client::new().post(url).query(&query);
    request.body(samples::pdf("minutes", 1_000)).send().await.unwrap();
    let job = world.wait_for("minutes", "settled").await;
    assert_eq!(job["ending"], "completed");
}

#[tokio::test]
async fn each_object_deleted_by_hand_is_mended_alone_and_undo_leaves_nothing() {
    let world = World::new("mend", &["--calm", "--empty"]).await;
    paste(&world, &set_up(&world).await, "");
    let kinds = ["definition", "printer", "share", "trigger"];
    for (i, kind) in kinds.into_iter().enumerate() {
        let before = ids(&tenant(&world).await);
        world.door("delete", &[("kind", kind), ("id", &before[i])]).await;
        let said = set_up(&world).await;
        let after = ids(&tenant(&world).await);
        assert_eq!(count(&tenant(&world).await), [1, 2, 1], "{kind}: {said}");
        // What hangs on the deleted one is made anew with it; the rest stays.
        let renewed: &[usize] = match kind {
            "definition" => &[0, 3],
            "printer" => &[1, 2, 3],
            "share" => &[2],
            _ => &[3],
        };
        for n in 0..4 {
            let same = before[n] == after[n];
            assert_eq!(same, !renewed.contains(&n), "{kind} deleted, {}: {said}", kinds[n]);
        }
        let bound = &tenant(&world).await["printers"];
        let bound = bound.as_array().unwrap().iter().find(|one| one["has_device"] == false);
        assert_eq!(bound.unwrap()["triggers_definition"], after[0].as_str(), "{kind}");
    }
    let said = text(&signed_in(&world, &["setup", "--undo"], ADMINISTRATOR).await);
    assert_eq!(count(&tenant(&world).await), [0, 1, 0], "{said}");
    let again = text(&signed_in(&world, &["setup", "--undo"], ADMINISTRATOR).await);
    assert!(again.contains("virtual printer: is not there"), "{again}");
}

#[tokio::test]
async fn a_trigger_that_is_not_listed_is_understood_and_anothers_is_named() {
    let world = World::new("triggers", &["--calm", "--empty"]).await;
    paste(&world, &set_up(&world).await, "");
    world.door("switch", &[("name", "trigger-list"), ("position", "no")]).await;
    let said = set_up(&world).await;
    assert!(said.contains("trigger: is there, though the cloud does not list it"), "{said}");
    world.door("switch", &[("name", "trigger-list"), ("position", "yes")]).await;
    let [_, printer, ..] = ids(&tenant(&world).await);
    world.door("foreign-trigger", &[("printer", &printer)]).await;
    let output = signed_in(&world, &["setup", "--paper", "A4"], ADMINISTRATOR).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("(\"Another vendor's release\")"), "{said}");
    let output = signed_in(&world, &["setup", "--undo"], ADMINISTRATOR).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing was deleted"));
}

#[tokio::test]
async fn an_unkind_cloud_is_set_up_once_all_the_same() {
    let world = World::new("unkind-setup", &["--seed", "5", "--empty"]).await;
    set_up(&world).await;
    assert_eq!(count(&tenant(&world).await), [1, 2, 1]);
}

#[tokio::test]
async fn somebody_without_the_role_is_told_so() {
    let world = World::new("no-role", &["--calm", "--empty"]).await;
    let output = signed_in(&world, &["setup", "--paper", "A4"], "ada@contoso.example").await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("Printer Administrator"), "{said}");
}

#[tokio::test]
async fn a_device_code_signs_in_and_can_be_declined_or_blocked() {
    let world = World::new("device-code", &["--calm", "--empty"]).await;
    let arguments = ["setup", "--paper", "A4", "--device-code"];
    let begin = async || {
        let waiting = Waiting::new(&world, &arguments, "enter the code").await;
        let code = waiting.said.trim().rsplit(' ').next().unwrap().to_owned();
        (waiting, code)
    };
    let (waiting, code) = begin().await;
    assert!(
        waiting.said.contains('█') || waiting.said.contains('▀'),
        "a QR code: {}",
        waiting.said
    );
    world.door("sign-in", &[("code", &code), ("user", ADMINISTRATOR)]).await;
    text(&waiting.end().await);

    let (waiting, code) = begin().await;
    world.door("sign-in", &[("code", &code)]).await;
    let output = waiting.end().await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("declined"));

    world.door("switch", &[("name", "code-life"), ("position", "1")]).await;
    let (waiting, _) = begin().await;
    let output = waiting.end().await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("nobody entered the code in time"));
    world.door("switch", &[("name", "code-life"), ("position", "900")]).await;

    world.door("switch", &[("name", "device-code"), ("position", "no")]).await;
    let (waiting, code) = begin().await;
    world.door("sign-in", &[("code", &code), ("user", ADMINISTRATOR)]).await;
    let output = waiting.end().await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("AADSTS53003") && said.contains("Conditional Access"), "{said}");
    assert!(said.contains("try without --device-code"), "{said}");
}

#[tokio::test]
async fn the_browsers_address_can_be_pasted_and_a_blocked_browser_is_named() {
    let world = World::new("paste", &["--calm", "--empty"]).await;
    let arguments = ["setup", "--paper", "A4"];
    let mut waiting = Waiting::new(&world, &arguments, "press Enter").await;
    let page = format!("{}&login_hint={ADMINISTRATOR}", waiting.page());
    let answer = browser(&world, false).get(page).send().await.unwrap();
    let address = answer.headers()["location"].to_str().unwrap();
    let stdin = waiting.child.stdin.as_mut().unwrap();
    stdin.write_all(format!("{address}\n").as_bytes()).await.unwrap();
    text(&waiting.end().await);

    world.door("switch", &[("name", "browser"), ("position", "no")]).await;
    let output = signed_in(&world, &arguments, ADMINISTRATOR).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("AADSTS53003") && said.contains("try with --device-code"), "{said}");
}

#[tokio::test]
async fn a_challenge_is_answered_by_a_second_sign_in() {
    let world = World::new("setup-claims", &["--calm", "--empty"]).await;
    let mut waiting = Waiting::new(&world, &["setup", "--paper", "A4"], "press Enter").await;
    world.door("fault", &[("kind", "claims")]).await;
    let sign_in = async |page: String| {
        let page = format!("{page}&login_hint={ADMINISTRATOR}");
        browser(&world, true).get(page).send().await.unwrap();
    };
    sign_in(waiting.page()).await;
    let first = waiting.page();
    waiting.said.clear();
    waiting.listen("press Enter").await;
    let second = waiting.page();
    assert!(second != first && second.contains("claims="), "{second}");
    sign_in(second).await;
    text(&waiting.end().await);
    assert_eq!(count(&tenant(&world).await), [1, 2, 1]);
}

#[tokio::test]
async fn the_script_names_the_definition_the_permissions_and_every_step() {
    let world = World::new("script", &["--calm", "--empty"]).await;
    let said = text(&world.command(&["setup", "--print-script"]).await);
    let tenant = tenant(&world).await;
    let definition = tenant["definitions"][0]["id"].as_str().unwrap();
    for part in [
        definition,
        world.told("client_id"),
        "Printer.Create",
        "PrintJob.ReadWriteBasic.All",
        "/print/printers/create",
        "/print/shares",
        "/taskTriggers",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
