//! The daemon as a service: what the service manager hears, and the unit.

use std::{os::unix::net::UnixDatagram, path::Path, time::Duration};

use rustix::process::Signal;
use tokio::{process::Command, time::Instant};

use crate::{
    samples,
    world::{BINARY, World, has_program, until},
};

/// The service manager's end of the line.
struct Manager(UnixDatagram);

impl Manager {
    fn of(world: &World) -> Self {
        let socket = UnixDatagram::bind(world.directory.join("notify")).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self(socket)
    }

    /// The daemon as the manager would start it.
    fn starts(world: &World) -> Command {
        let mut command = Command::new(BINARY);
        command
            .env("NOTIFY_SOCKET", world.directory.join("notify"))
            .env("WATCHDOG_USEC", "1000000");
        command
    }

    /// What came since the last time.
    fn heard(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut buffer = [0; 4_096];
        while let Ok(length) = self.0.recv(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            lines.extend(text.lines().map(str::to_owned));
        }
        lines
    }

    async fn hears(&self, what: &str) {
        until(what, || async {
            self.heard().iter().any(|line| line.starts_with(what)).then_some(())
        })
        .await;
    }

    /// How many signs of life come in that time.
    async fn signs_of_life(&self, time: Duration) -> usize {
        self.heard();
        let until = Instant::now() + time;
        let mut n_signs = 0;
        while Instant::now() < until {
            n_signs += self.heard().iter().filter(|line| *line == "WATCHDOG=1").count();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        n_signs
    }
}

#[tokio::test]
async fn a_service_manager_hears_of_readiness_of_life_and_of_the_end() {
    let mut world = World::calm("notify").await;
    let manager = Manager::of(&world);
    let command = Manager::starts(&world);
    world.start_daemon_as(command).await;
    manager.hears("READY=1").await;
    manager.hears("STATUS=no jobs; all is well").await;
    let signs = manager.signs_of_life(Duration::from_secs(2)).await;
    assert!(signs >= 3, "two a second are wanted: {signs}");
    world.signal_daemon(Signal::TERM);
    manager.hears("STOPPING=1").await;
}

#[tokio::test]
async fn a_loop_that_is_stuck_gives_no_sign_of_life() {
    let mut world = World::calm("stuck").await;
    let manager = Manager::of(&world);
    let mut command = Manager::starts(&world);
    command.env("PULLPRINT_STICK_AT", "before-commit released");
    world.start_daemon_as(command).await;
    manager.hears("WATCHDOG=1").await;
    world.print("letter", "application/pdf", samples::pdf("letter", 500)).await;
    let job = world.wait_for("letter", "held").await;
    let (number, version) = (job["job"].to_string(), job["version"].to_string());
    let release = ["jobs", "release", &number, "--to", "lobby", "--version", &version];
    let release = tokio::time::timeout(Duration::from_secs(2), world.command(&release)).await;
    assert!(release.is_err(), "nobody answers: {release:?}");
    assert_eq!(manager.signs_of_life(Duration::from_secs(3)).await, 0);
    // The rest of it is as lively as ever: a timer would have said that all is well.
    let health = world.command(&["health", "--json"]).await;
    assert!(!health.stdout.is_empty(), "{health:?}");
}

#[tokio::test]
async fn the_unit_is_understood_and_confined() {
    if !has_program("systemd-analyze") {
        return;
    }
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/pullprint.service");
    let mut confined = Command::new("systemd-analyze");
    confined.args(["security", "--offline=true", "--threshold=14"]).arg(&unit);
    let confined = confined.output().await.unwrap();
    let said = String::from_utf8_lossy(&confined.stdout).into_owned();
    assert!(confined.status.success(), "{said}");
    understood(&unit).await;
    understood(&unit.with_file_name("kiosk/pullprint-kiosk.service")).await;
}

/// Systemd has nothing to say of a unit. Its program is not installed here.
async fn understood(unit: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(unit).unwrap();
    let line = text.lines().find(|line| line.starts_with("ExecStart=")).unwrap();
    let copy = folder.path().join(unit.file_name().unwrap());
    std::fs::write(&copy, text.replace(line, "ExecStart=/bin/true")).unwrap();
    let verified = Command::new("systemd-analyze").arg("verify").arg(&copy).output().await;
    let verified = verified.unwrap();
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(verified.status.success() && !said.contains("pullprint"), "{said}");
}

#[tokio::test]
async fn a_secret_may_be_a_credential_of_the_service() {
    let mut world = World::calm("credential").await;
    let folder = world.directory.join("credentials");
    std::fs::create_dir(&folder).unwrap();
    let text = std::fs::read_to_string(world.config_file()).unwrap();
    let line = text.lines().find(|line| line.starts_with("client_secret_file")).unwrap();
    let secret = line.split('"').nth(1).unwrap();
    std::fs::rename(secret, folder.join("client-secret")).unwrap();
    world.reconfigure(secret, "credential:client-secret");
    let mut command = Command::new(BINARY);
    command.env("CREDENTIALS_DIRECTORY", &folder);
    world.start_daemon_as(command).await;
    world.print("letter", "application/pdf", samples::pdf("letter", 500)).await;
    world.wait_for("letter", "held").await;
}
