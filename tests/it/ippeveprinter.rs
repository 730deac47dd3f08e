//! Debian's `ippeveprinter` as a process, with a message bus of its own instead of a system's Avahi.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::world::{has_program, log_file, until};

const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=bus.sock</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"#;

/// A running `ippeveprinter`. It ends with this.
pub(crate) struct IppEvePrinter {
    pub(crate) uri: String,
    folder: PathBuf,
    // The printer ends before its bus, or it would complain.
    _printer: Child,
    _bus: Child,
}

impl IppEvePrinter {
    /// Starts one that takes PDF, in a folder of its own; nothing if the machine lacks what it needs.
    pub(crate) async fn start(directory: &Path) -> Option<Self> {
        Self::start_with(
            directory,
            "ippeveprinter",
            &["-2", "-s", "10,10", "-f", "application/pdf"],
        )
        .await
    }

    /// Starts one with these arguments in a folder of that name. An attribute file goes into the folder before.
    pub(crate) async fn start_with(
        directory: &Path,
        name: &str,
        arguments: &[&str],
    ) -> Option<Self> {
        Self::start_in(directory, name, arguments, &[]).await
    }

    /// Starts one over TLS that wants this login. PAM is redirected to files of the test by Debian's libpam-wrapper.
    pub(crate) async fn start_with_login(
        directory: &Path,
        user: &str,
        password: &str,
    ) -> Option<Self> {
        const SERVICE: &str = "pullprint-test";
        let (wrapper, matrix) =
            (library("libpam_wrapper.so")?, library("pam_wrapper/pam_matrix.so")?);
        let folder = directory.join("with-login");
        std::fs::create_dir_all(folder.join("pam")).unwrap();
        write_key(&folder.join("keys"));
        let passwords = folder.join("passwords");
        std::fs::write(&passwords, format!("{user}:{password}:{SERVICE}\n")).unwrap();
        let row = |kind: &str| {
            format!("{kind} required {} passdb={}\n", matrix.display(), passwords.display())
        };
        std::fs::write(folder.join("pam").join(SERVICE), row("auth") + &row("account")).unwrap();
        let pam = folder.join("pam");
        let variables = [
            ("LD_PRELOAD", wrapper.to_str().unwrap()),
            ("PAM_WRAPPER", "1"),
            ("PAM_WRAPPER_SERVICE_DIR", pam.to_str().unwrap()),
        ];
        let arguments = ["-f", "application/pdf", "-K", "keys", "-A", "--pam-service", SERVICE];
        Self::start_in(directory, "with-login", &arguments, &variables).await
    }

    async fn start_in(
        directory: &Path,
        name: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Option<Self> {
        if !has_program("ippeveprinter") || !has_program("dbus-daemon") || !has_ipv6_loopback() {
            return None;
        }
        let folder = directory.join(name);
        std::fs::create_dir_all(folder.join("spool")).unwrap();
        std::fs::write(folder.join("bus.conf"), BUS).unwrap();
        write_script(&folder);
        let bus = start_bus(&folder).await;
        let mut printer = Command::new("ippeveprinter");
        printer
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/bin")
            .env("LC_ALL", "C")
            .env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=bus.sock")
            .envs(variables.iter().copied())
            .args(["-r", "off", "-n", "localhost", "-p", "0", "-k", "-v"])
            .args(arguments)
            .args(["-d", "spool", "-c", "./command.sh", "Test printer"])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut printer = printer.spawn().unwrap();
        let mut lines = BufReader::new(printer.stderr.take().unwrap()).lines();
        let mut uri = None;
        while uri.is_none() {
            let line =
                lines.next_line().await.unwrap().expect("ippeveprinter says where it listens");
            uri = line
                .split_once("printer-uri-supported=\"")
                .and_then(|(_, rest)| rest.split('"').next().map(str::to_owned));
        }
        // Its log is read to the end, or it would block.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Some(Self { uri: uri.unwrap(), folder, _printer: printer, _bus: bus })
    }

    /// Makes the printer slow: it stays at a document until it is let go.
    pub(crate) fn hold(&self, on: bool) {
        let file = self.folder.join("hold");
        if on { std::fs::write(file, "").unwrap() } else { std::fs::remove_file(file).unwrap() }
    }

    /// Puts so many sheets into the tray, by the printer's own page.
    pub(crate) async fn fill(&self, sheets: u32) {
        let host = self.uri.strip_prefix("ipp://").unwrap().split('/').next().unwrap();
        // A tray that is not named counts as empty.
        let page = format!(
            "http://{host}/media?size1=iso_a4_210x297mm&level1={sheets}&size2=iso_a4_210x297mm&level2=250"
        );
        let said = reqwest::get(page).await.unwrap().text().await.unwrap();
        assert!(said.contains("Media updated."), "{said}");
    }

    /// The documents that were printed, by name.
    pub(crate) fn printed(&self) -> Vec<PathBuf> {
        let files =
            std::fs::read_dir(self.folder.join("spool")).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> = files.filter(|file| is_document(file)).collect();
        files.sort();
        files
    }

    /// The `IPP_*` variables of a printed document's command.
    pub(crate) async fn ticket(&self, document: &Path) -> Vec<(String, String)> {
        let file = PathBuf::from(format!("{}.ticket", document.display()));
        let text = until("the ticket", || async { std::fs::read_to_string(&file).ok() }).await;
        text.lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }
}

/// A library of Debian's, in the folder of whichever architecture. Where `tests/run` has installed all, a missing one is
/// a failure.
fn library(name: &str) -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|folder| folder.path());
    let found = folders.map(|folder| folder.join(name)).find(|file| file.exists());
    let promised = std::env::var_os("PULLPRINT_TEST_PROGRAMS").is_some();
    assert!(found.is_some() || !promised, "{name} is not installed");
    if found.is_none() {
        eprintln!("SKIPPED: {name} is not installed; tests/run installs it");
    }
    found
}

/// A key and a certificate for TLS. A printer that has none makes them at its first connection, and two at once would
/// make two.
pub(crate) fn write_key(folder: &Path) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("localhost.crt"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("localhost.key"), made.signing_key.serialize_pem()).unwrap();
}

fn is_document(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "pdf" || end == "pwg" || end == "urf")
}

fn has_ipv6_loopback() -> bool {
    let has = std::net::TcpListener::bind("[::1]:0").is_ok();
    if !has {
        eprintln!("SKIPPED: ippeveprinter needs ::1, which this machine does not have");
    }
    has
}

/// The printer's command: it writes its variables beside the document, whole or not at all, and waits while it is held.
fn write_script(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let script = folder.join("command.sh");
    std::fs::write(
        &script,
        "#!/bin/sh\nenv | grep ^IPP_ | sort > \"$1.tmp\"\nmv \"$1.tmp\" \"$1.ticket\"\n\
         while [ -e hold ]; do sleep 0.05; done\n",
    )
    .unwrap();
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
}

async fn start_bus(folder: &Path) -> Child {
    let mut bus = Command::new("dbus-daemon")
        .args([
            "--config-file=bus.conf",
            "--nofork",
            "--nopidfile",
            "--nosyslog",
            "--print-address=1",
        ])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log_file(folder, "bus.log"))
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(bus.stdout.take().unwrap()).lines();
    lines.next_line().await.unwrap().expect("the bus says its address");
    bus
}
