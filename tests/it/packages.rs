//! The Debian packages, in a Debian of their own: installed, run as the unit runs them, upgraded, removed and purged.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{
    debian::{Debian, Service, from_environment, package},
    kiosk::{kiosk_origin, with_kiosk},
    samples, secrets,
    world::{World, has_program, log_file, until, until_within},
};

/// The three lines that lead to an emulator.
fn three_lines(world: &World) -> String {
    let told = |name: &str| world.told(name);
    let (tenant, client, graph) = (told("tenant"), told("client_id"), told("graph"));
    let cloud = format!(
        "cloud = {{ tenant = \"{tenant}\", client_id = \"{client}\", client_secret_file = \"credential:client-secret\", \
         task_definition = \"{}\", environment = \"custom\", authority = \"{graph}\", graph = \"{graph}\", \
         ca_file = \"/etc/pullprint/emulator-ca.pem\", poll_interval = \"1s\" }}",
        told("task_definition")
    );
    let queue = format!("queues.main = {{ source_printer = \"{}\" }}", told("source_printer"));
    let uri = world.emulator["printers"][0]["uri"].as_str().unwrap();
    format!("{cloud}\n{queue}\nprinters.lobby = {{ uri = \"{uri}\" }}\n")
}

/// The jobs inside, all of them.
async fn jobs(debian: &Debian) -> Vec<Value> {
    let listed = debian.run(&["pullprint", "jobs", "list", "--all", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    listed["jobs"].as_array().cloned().unwrap()
}

async fn job_in(debian: &Debian, title: &str, state: &str) -> Value {
    until(&format!("{title} to be {state}"), || async {
        let jobs = jobs(debian).await;
        jobs.into_iter().find(|job| job["title"] == title && job["state"] == state)
    })
    .await
}

/// The journal that the release before left, with the schema of that time.
async fn put_earlier_journal(debian: &Debian) {
    let journal = debian.root.join("var/lib/pullprint/journal.sqlite");
    debian.run(&["sh", "-c", "rm /var/lib/pullprint/journal.sqlite*"]).await;
    let dump = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/journals/schema-7.sql");
    let dump = std::fs::File::open(dump).unwrap();
    let filled = Command::new("sqlite3").arg(&journal).stdin(dump).status().await.unwrap();
    assert!(filled.success());
    debian.run(&["chown", "pullprint:pullprint", "/var/lib/pullprint/journal.sqlite"]).await;
}

#[tokio::test]
async fn the_package_is_installed_prints_is_upgraded_and_leaves_nothing() {
    let Some(debian) = Debian::new().await else { return };
    let world = World::calm("package").await;
    debian.run(&["apt-get", "update", "-qq"]).await;
    assert_eq!(debian.paths_of_ours().await, Vec::<String>::new());

    // Installed: nothing is started, and nobody but the service reads what is its own.
    debian.install(&debian.earlier().await).await;
    assert_eq!(debian.access("/etc/pullprint").await, "root:pullprint 750");
    assert_eq!(debian.access("/etc/pullprint/pullprint.toml").await, "root:pullprint 640");
    assert_eq!(debian.access("/etc/pullprint/credentials").await, "root:root 700");
    assert_eq!(debian.access("/var/lib/pullprint").await, "pullprint:pullprint 700");
    debian.run(&["pullprint", "check-config"]).await;
    debian.run(&["test", "-e", "/usr/share/man/man5/pullprint.toml.5.gz"]).await;
    debian.run(&["bash", "-n", "/usr/share/bash-completion/completions/pullprint"]).await;
    debian.run(&["sh", "-c", "command -v xpstopdf"]).await;

    // Configured, and started by hand; what an earlier release kept is still there.
    let etc = debian.root.join("etc/pullprint");
    std::fs::write(etc.join("pullprint.toml"), three_lines(&world)).unwrap();
    std::fs::copy(world.told("ca_file"), etc.join("emulator-ca.pem")).unwrap();
    std::fs::copy(world.told("secret_file"), etc.join("credentials/client-secret")).unwrap();
    let service = Service::start(&debian).await;
    world.print("letter", "application/pdf", samples::pdf("letter", 500)).await;
    let job = job_in(&debian, "letter", "held").await;
    let number = job["job"].to_string();
    debian.run(&["pullprint", "jobs", "release", &number, "--to", "lobby"]).await;
    assert_eq!(job_in(&debian, "letter", "settled").await["ending"], "completed");
    let prints = world.tell("prints").await;
    assert_eq!(prints.len(), 1, "{prints:?}");

    // Upgraded: the configuration and the journal stay, also one that an earlier schema has written.
    service.stop(&debian).await;
    let written = [
        debian.root.join("var/lib/pullprint/journal.sqlite"),
        debian.root.parent().unwrap().join("daemon.log"),
    ];
    secrets::look_at_others(&world.directory, &written);
    put_earlier_journal(&debian).await;
    debian.install(&package(&debian.packages, "pullprint")).await;
    let kept = std::fs::read_to_string(etc.join("pullprint.toml")).unwrap();
    assert_eq!(kept, three_lines(&world));
    let service = Service::start(&debian).await;
    assert_eq!(job_in(&debian, "Boarding pass", "held").await["owner"], "ada@contoso.example");
    service.stop(&debian).await;

    // Removed: what belongs to the administrator stays. Purged: nothing does.
    debian.run(&["apt-get", "remove", "-y", "-qq", "pullprint"]).await;
    assert!(etc.join("pullprint.toml").exists() && etc.join("credentials/client-secret").exists());
    assert!(debian.root.join("var/lib/pullprint/journal.sqlite").exists());
    debian.run(&["apt-get", "purge", "-y", "-qq", "pullprint"]).await;
    assert_eq!(debian.paths_of_ours().await, Vec::<String>::new());
    for list in ["etc/passwd", "etc/group", "etc/shadow", "etc/gshadow"] {
        let list = std::fs::read_to_string(debian.root.join(list)).unwrap();
        assert!(!list.contains("pullprint"), "{list}");
    }
}

#[tokio::test]
async fn the_packages_are_as_debian_wants_them() {
    let Some(packages) = from_environment("PULLPRINT_DEBS") else { return };
    for name in ["pullprint", "pullprint-kiosk"] {
        let lintian = Command::new("lintian")
            .args(["--allow-root", "--fail-on", "error"])
            .arg(package(&packages, name))
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&lintian.stdout).into_owned();
        assert!(lintian.status.success(), "{said}");
    }
}

#[tokio::test]
async fn the_screen_s_package_can_be_installed_beside_the_daemon_s() {
    let Some(debian) = Debian::new().await else { return };
    debian.run(&["apt-get", "update", "-qq"]).await;
    for name in ["pullprint", "pullprint-kiosk"] {
        let file = package(&debian.packages, name);
        std::fs::copy(file, debian.root.join("tmp").join(format!("{name}.deb"))).unwrap();
    }
    let both = ["/tmp/pullprint.deb", "/tmp/pullprint-kiosk.deb"];
    let said = debian.run(&[&["apt-get", "install", "-s"], &both[..]].concat()).await;
    for name in ["pullprint", "pullprint-kiosk", "cage", "chromium"] {
        assert!(said.contains(&format!("\nInst {name} (")), "{said}");
    }
    debian.install(&package(&debian.packages, "pullprint")).await;
    // Its own user is made, and purging takes it away again. The browser itself need not be there for that.
    debian.run(&["dpkg", "--force-depends", "-i", both[1]]).await;
    debian.run(&["id", "pullprint-kiosk"]).await;
    assert_eq!(
        debian.access("/var/lib/pullprint-kiosk").await,
        "pullprint-kiosk:pullprint-kiosk 700"
    );
    debian.run(&["dpkg", "--force-depends", "--purge", "pullprint-kiosk"]).await;
    assert!(!debian.output(&["id", "pullprint-kiosk"]).await.status.success());
    assert!(!debian.root.join("var/lib/pullprint-kiosk").exists());
    debian.run(&["id", "pullprint"]).await;
}

/// A full-screen browser as the package starts it, on a display that nobody sees. Started as a service it has a user of
/// its own, and so it has here: the compositor refuses to be root's.
struct Screen {
    folder: PathBuf,
    _processes: [Child; 2],
}

impl Screen {
    async fn show(folder: &Path, address: &str) -> Self {
        let mut x = Command::new("Xvfb");
        x.args(["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"]);
        x.stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut x = x.spawn().unwrap();
        let mut display = String::new();
        BufReader::new(x.stdout.take().unwrap()).read_line(&mut display).await.unwrap();
        let launcher = folder.join("pullprint-kiosk");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/kiosk/pullprint-kiosk");
        std::fs::copy(source, &launcher).unwrap();
        let mut words = vec![launcher.to_str().unwrap()];
        if rustix::process::getuid().is_root() {
            std::os::unix::fs::chown(folder, Some(65_534), Some(65_534)).unwrap();
            words.splice(0..0, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        let browser = Command::new(words[0])
            .args(&words[1..])
            .current_dir(folder)
            .env("ADDRESS", address)
            .env("BROWSER_ARGUMENTS", "--remote-debugging-port=0")
            .env("DISPLAY", format!(":{}", display.trim()))
            .envs(["HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"].map(|name| (name, folder)))
            .envs([("WLR_BACKENDS", "x11"), ("WLR_RENDERER", "pixman")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log_file(folder, "screen.log"))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { folder: folder.to_owned(), _processes: [browser, x] }
    }

    /// What the browser has open, once it says so.
    async fn pages(&self) -> Option<Vec<Value>> {
        let port = std::fs::read_to_string(self.folder.join("chromium/DevToolsActivePort")).ok()?;
        let address = format!("http://127.0.0.1:{}/json", port.lines().next()?);
        reqwest::get(address).await.ok()?.json().await.ok()
    }

    /// A picture of the whole screen, as PNG.
    async fn picture(&self) -> Option<Vec<u8>> {
        let mut grim = Command::new("grim");
        grim.env("XDG_RUNTIME_DIR", &self.folder).env("WAYLAND_DISPLAY", "wayland-0").arg("-");
        let output = grim.output().await.unwrap();
        output.status.success().then_some(output.stdout)
    }

    /// A picture that is another one than that, and stays.
    async fn picture_unlike(&self, other: &[u8]) -> Vec<u8> {
        until("another picture", || async {
            let first = self.picture().await?;
            tokio::time::sleep(Duration::from_millis(300)).await;
            let second = self.picture().await?;
            (first == second && second != other).then_some(second)
        })
        .await
    }
}

#[tokio::test]
async fn the_screen_s_package_shows_the_page_of_its_station_and_nothing_else() {
    if !has_program("cage") || !has_program("chromium") || !has_program("Xvfb") {
        return;
    }
    let mut world = with_kiosk("screen-package", "").await;
    let origin = kiosk_origin(&world);
    // The screen is there before the daemon is: it waits for its page.
    world.stop_daemon().await;
    let host = origin.trim_start_matches("http://");
    world.reconfigure("127.0.0.1:0", host);
    let folder = tempfile::Builder::new().permissions(private()).tempdir().unwrap();
    let screen = Screen::show(folder.path(), &origin).await;
    until("the browser", || async { screen.pages().await }).await;
    let blank = until("the screen", || async { screen.picture().await }).await;
    let unreachable = screen.picture_unlike(&blank).await;
    world.start_daemon().await;
    let pages = until_within(Duration::from_mins(2), "the station's page", || async {
        let pages = screen.pages().await?;
        // A page that can not be reached has the address as its title.
        let is_there = |page: &Value| {
            let title = page["title"].as_str().unwrap();
            page["url"].as_str().unwrap().starts_with(&origin) && !host.starts_with(title)
        };
        pages.iter().any(is_there).then_some(pages)
    })
    .await;
    let shown: Vec<_> = pages.iter().filter(|page| page["type"] == "page").collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tmp/screens");
    std::fs::create_dir_all(&pictures).unwrap();
    let shown = screen.picture_unlike(&unreachable).await;
    std::fs::write(pictures.join("package.png"), shown).unwrap();
}

fn private() -> std::fs::Permissions {
    std::fs::Permissions::from_mode(0o700)
}
