//! A world for a test: an emulator and a daemon as processes of the real binary, in a directory of their own.
//!
//! All ends with the test. A test that fails leaves its directory and prints where.

use std::{
    future::Future,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

pub(crate) use crate::patience::{until, until_within};
use crate::{
    patience::PATIENCE,
    secrets::{self, Planted},
};

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_pullprint");

/// An emulator, perhaps a daemon, and the directory of both.
pub(crate) struct World {
    pub(crate) directory: PathBuf,
    pub(crate) emulator: Value,
    emulator_process: Child,
    daemon: Option<Child>,
    http: reqwest::Client,
    planted: Planted,
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.end_daemon();
            return eprintln!("the world of this test is left in {}", self.directory.display());
        }
        secrets::keep_metrics(&self.directory);
        self.end_daemon();
        let log = std::fs::read_to_string(self.directory.join("daemon.log"));
        secrets::look_for_ids(&log.unwrap_or_default());
        self.planted.look_at_files(&self.directory);
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl World {
    /// The daemon that holds this world's journal is ended here; one that was started by a tracer would outlive it.
    fn end_daemon(&self) {
        let lock = std::fs::read_to_string(self.directory.join("state/journal.lock"));
        let pid = lock.ok().and_then(|lock| lock.split_whitespace().nth(1)?.parse().ok());
        let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) else { return };
        let command = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
        let directory = self.directory.display().to_string();
        if command.is_ok_and(|command| String::from_utf8_lossy(&command).contains(&directory)) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

/// A new directory for a test.
pub(crate) fn new_directory(name: &str) -> PathBuf {
    let prefix = format!("pullprint-it-{name}-");
    let directory = tempfile::Builder::new().prefix(&prefix).tempdir().unwrap().keep();
    println!("this test works in {}", directory.display());
    directory
}

impl World {
    /// A calm world with a printer named lobby.
    pub(crate) async fn calm(name: &str) -> Self {
        Self::new(name, &["--calm", "--print-time", "20"]).await
    }

    /// A world whose emulator gets these arguments.
    pub(crate) async fn new(name: &str, arguments: &[&str]) -> Self {
        let directory = new_directory(name);
        let mut child = Command::new(BINARY)
            .arg("emulate")
            .arg("--directory")
            .arg(&directory)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(log_file(&directory, "emulator.log"))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("the emulator says where it is");
        let emulator = serde_json::from_str(&line).unwrap();
        Self {
            directory,
            emulator,
            emulator_process: child,
            daemon: None,
            http: reqwest::Client::new(),
            planted: Planted::default(),
        }
    }

    /// The text of a member of the emulator's first line.
    pub(crate) fn told(&self, name: &str) -> &str {
        self.emulator[name].as_str().unwrap()
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.directory.join("pullprint.toml")
    }

    /// Adds to the configuration: `queue` to the queue's table, `rest` behind everything.
    pub(crate) fn configure(&self, queue: &str, rest: &str) {
        let file = self.config_file();
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.replace("[queues.main]\n", &format!("[queues.main]\n{queue}\n"));
        std::fs::write(file, format!("{text}\n{rest}\n")).unwrap();
    }

    /// Starts the daemon and waits until its socket answers.
    pub(crate) async fn start_daemon(&mut self) {
        self.start_daemon_as(Command::new(BINARY)).await;
    }

    /// Starts the daemon by a command that ends in the binary, such as a tracer.
    pub(crate) async fn start_daemon_as(&mut self, command: Command) {
        self.spawn_daemon(command);
        until("the daemon's socket", || async { self.try_jobs(&["list"]).await.map(drop) }).await;
    }

    /// Starts the daemon with a log of that level alone.
    pub(crate) async fn start_daemon_logging(&mut self, level: &str) {
        let mut command = Command::new(BINARY);
        command.env("PULLPRINT__LOG", level);
        self.start_daemon_as(command).await;
    }

    fn spawn_daemon(&mut self, mut command: Command) {
        if !command.as_std().get_envs().any(|(name, _)| name == "PULLPRINT__LOG") {
            command.env("PULLPRINT__LOG", "debug");
        }
        command.env("PULLPRINT__TELEMETRY__LISTEN", "127.0.0.1:0");
        let child = command
            .arg("--config")
            .arg(self.config_file())
            .arg("run")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log_file(&self.directory, "daemon.log"))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        self.daemon = Some(child);
    }

    /// Starts a daemon that dies at a kill point.
    pub(crate) fn start_daemon_to_die(&mut self, point: &str) {
        let mut command = Command::new(BINARY);
        command.env("PULLPRINT_KILL_AT", point);
        self.spawn_daemon(command);
    }

    /// Whether the daemon has ended by itself.
    pub(crate) fn daemon_has_ended(&mut self) -> bool {
        self.daemon.as_mut().is_none_or(|child| child.try_wait().unwrap().is_some())
    }

    /// Asks the daemon to stop and waits for its exit code.
    pub(crate) async fn stop_daemon(&mut self) -> Option<i32> {
        let mut child = self.daemon.take().unwrap();
        signal(&child, rustix::process::Signal::TERM);
        child.wait().await.unwrap().code()
    }

    /// The daemon's process.
    pub(crate) fn daemon_pid(&self) -> u32 {
        self.daemon.as_ref().and_then(Child::id).unwrap()
    }

    /// Sends a signal to the daemon.
    pub(crate) fn signal_daemon(&self, which: rustix::process::Signal) {
        signal(self.daemon.as_ref().unwrap(), which);
    }

    /// Asks the process that holds the journal's lock to stop: the daemon, also where it was started by another.
    pub(crate) fn signal_holder_of_journal(&self) {
        let lock = std::fs::read_to_string(self.directory.join("state/journal.lock")).unwrap();
        let pid = lock.split_whitespace().nth(1).unwrap().parse().unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Ends the daemon as a crash does.
    pub(crate) async fn kill_daemon(&mut self) {
        let mut child = self.daemon.take().unwrap();
        child.kill().await.unwrap();
    }

    pub(crate) fn daemon_log(&self) -> String {
        std::fs::read_to_string(self.directory.join("daemon.log")).unwrap()
    }

    /// Runs a command of the binary with the world's configuration.
    pub(crate) async fn command(&self, arguments: &[&str]) -> Output {
        let output = Command::new(BINARY)
            .arg("--config")
            .arg(self.config_file())
            .args(arguments)
            .output()
            .await
            .unwrap();
        self.planted.learn(arguments, &output);
        secrets::look_at_output(&self.directory, arguments, &output);
        output
    }

    pub(crate) async fn try_jobs(&self, arguments: &[&str]) -> Option<Value> {
        let output = self.command(&[&["jobs", "--json"], arguments].concat()).await;
        if output.status.success() { serde_json::from_slice(&output.stdout).ok() } else { None }
    }

    /// Runs a `jobs` command that must succeed, as JSON.
    #[track_caller]
    pub(crate) fn jobs(&self, arguments: &[&str]) -> impl Future<Output = Value> {
        let whole = [&["jobs", "--json"], arguments].concat().join(" ");
        let output = self.jobs_output(arguments);
        async move {
            let output = output.await;
            assert!(
                output.status.success(),
                "{whole}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            serde_json::from_slice(&output.stdout).unwrap()
        }
    }

    /// Runs a `jobs` command.
    pub(crate) fn jobs_output(&self, arguments: &[&str]) -> impl Future<Output = Output> + use<> {
        let mut command = Command::new(BINARY);
        command.arg("--config").arg(self.config_file()).args(["jobs", "--json"]).args(arguments);
        let directory = self.directory.clone();
        async move {
            let output = command.output().await.unwrap();
            secrets::look_at_output(&directory, &["jobs"], &output);
            output
        }
    }

    /// A person prints; the answer names the cloud's job.
    pub(crate) async fn print(&self, title: &str, content_type: &str, document: Vec<u8>) -> String {
        self.print_configured(title, content_type, document, &json!({})).await
    }

    /// The same with a configuration of the cloud's.
    pub(crate) async fn print_configured(
        &self,
        title: &str,
        content_type: &str,
        document: Vec<u8>,
        configuration: &Value,
    ) -> String {
        let url = format!("{}/print", self.told("door"));
        let query = [("user", "ada@contoso.example"), ("title", title), ("type", content_type)];
        let request =
            self.http.post(url).query(&query).header("x-configuration", configuration.to_string());
        let answer: Value = request.body(document).send().await.unwrap().json().await.unwrap();
        answer["job"].as_str().unwrap().to_owned()
    }

    /// Posts to the control door.
    pub(crate) async fn door(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let url = format!("{}/{path}", self.told("door"));
        let answer = self.http.post(url).query(query).send().await.unwrap();
        let good = answer.status().is_success();
        let body: Value = answer.json().await.unwrap();
        assert!(good, "{path}: {body}");
        body
    }

    /// What the control door tells.
    pub(crate) async fn tell(&self, what: &str) -> Vec<Value> {
        let told = self.http.get(format!("{}/{what}", self.told("door"))).send().await.unwrap();
        told.json().await.unwrap()
    }

    /// The cloud's job of that title.
    pub(crate) async fn cloud_job(&self, title: &str) -> Value {
        let jobs = self.tell("jobs").await;
        jobs.into_iter().find(|job| job["title"] == title).expect("the cloud has the job")
    }

    /// Our job of that title, once it is in that state.
    pub(crate) async fn wait_for(&self, title: &str, state: &str) -> Value {
        until(&format!("{title} to be {state}"), || async {
            let list = self.try_jobs(&["list", "--all"]).await?;
            let jobs = list["jobs"].as_array().cloned()?;
            jobs.into_iter().find(|job| job["title"] == title && job["state"] == state)
        })
        .await
    }

    /// Our job with its story.
    pub(crate) async fn show(&self, job: &Value) -> Value {
        self.jobs(&["show", &job["job"].to_string()]).await["job"].clone()
    }

    /// Releases a held job to a printer with more arguments.
    pub(crate) async fn release(&self, job: &Value, printer: &str, more: &[&str]) {
        let (number, version) = (job["job"].to_string(), job["version"].to_string());
        let arguments =
            [&["release", &number, "--to", printer, "--version", &version], more].concat();
        self.jobs(&arguments).await;
    }
}

fn signal(child: &Child, which: rustix::process::Signal) {
    let pid = i32::try_from(child.id().unwrap()).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), which).unwrap();
}

/// A file that a process's standard error is appended to.
pub(crate) fn log_file(directory: &Path, name: &str) -> Stdio {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(directory.join(name));
    file.unwrap().into()
}

/// Whether a program of Debian's is there. Where `tests/run` has installed all, a missing one is a failure.
pub(crate) fn has_program(program: &str) -> bool {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/local/bin"];
    let found = folders.iter().any(|folder| Path::new(folder).join(program).exists());
    let promised = std::env::var_os("PULLPRINT_TEST_PROGRAMS").is_some();
    assert!(found || !promised, "{program} is not installed");
    if !found {
        eprintln!("SKIPPED: {program} is not installed; tests/run installs it");
    }
    found
}

impl World {
    /// Replaces a text of the configuration that must be there.
    pub(crate) fn reconfigure(&self, old: &str, new: &str) {
        let file = self.config_file();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(old), "{old} is not in {text}");
        std::fs::write(file, text.replace(old, new)).unwrap();
    }

    /// Asks the daemon over its socket, without a process; nothing if it does not answer.
    pub(crate) async fn ask(&self, request: &Value) -> Option<Value> {
        use tokio::io::AsyncWriteExt;
        let socket = self.directory.join("state/control.sock");
        let mut stream = tokio::net::UnixStream::connect(socket).await.ok()?;
        stream.write_all(format!("{request}\n").as_bytes()).await.ok()?;
        let mut line = String::new();
        BufReader::new(&mut stream).read_line(&mut line).await.ok()?;
        serde_json::from_str(&line).ok()
    }

    /// All jobs of the daemon; nothing if it does not answer.
    pub(crate) async fn all_jobs(&self) -> Option<Vec<Value>> {
        self.ask(&json!({"command": "list", "all": true})).await?["jobs"].as_array().cloned()
    }

    /// Waits for the daemon to end by itself, and for its exit code.
    pub(crate) async fn daemon_ends(&mut self) -> Option<i32> {
        let mut child = self.daemon.take().unwrap();
        tokio::time::timeout(PATIENCE, child.wait())
            .await
            .expect("the daemon goes on")
            .unwrap()
            .code()
    }

    /// Starts the daemon, which must end by itself; its exit code and what it said last.
    pub(crate) async fn start_in_vain(&self) -> (Option<i32>, String) {
        let output = self.command(&["run"]).await;
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said.lines().last().unwrap_or_default().to_owned())
    }

    /// Sends a signal to the emulator.
    pub(crate) fn signal_emulator(&self, which: rustix::process::Signal) {
        signal(&self.emulator_process, which);
    }
}

/// An HTTP client that trusts the emulator whose CA is in this file.
pub(crate) fn trusting(ca_file: impl AsRef<Path>) -> reqwest::ClientBuilder {
    let ca = reqwest::Certificate::from_pem(&std::fs::read(ca_file).unwrap()).unwrap();
    reqwest::Client::builder().tls_certs_merge([ca])
}

/// Whether a job waits because paper of it may be out.
pub(crate) fn may_have_printed(job: &Value) -> bool {
    job["state"] == "held" && job["reasons"].to_string().contains("may-have-printed")
}
