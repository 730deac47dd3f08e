//! Debian's `cupsd` as a process with one raw queue: our own backend keeps what comes out. Its privacy is the default.

use std::{
    net::TcpListener,
    os::{fd::OwnedFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::{Child, Command};

use crate::{
    crash::{die, end, release_if_held},
    samples,
    world::{World, has_program, may_have_printed, until},
};

/// Keeps documents in the folder of its device URI. A file `hold` there makes it wait, a file `fail` makes it fail.
const BACKEND: &str = r#"#!/bin/sh
[ $# -eq 0 ] && { echo 'direct keep "Unknown" "Keep"'; exit 0; }
dir=${DEVICE_URI#keep:}
trap 'exit 0' TERM
: >"$dir/job-$1.started"
while [ -e "$dir/hold" ]; do sleep 0.1; done
[ -e "$dir/fail" ] && { echo "ERROR: told to fail" >&2; exit 1; }
cat ${6:+"$6"} >"$dir/.job-$1" && mv "$dir/.job-$1" "$dir/job-$1.doc"
"#;
const TYPES: &str = "application/pdf pdf string(0,%PDF)\napplication/octet-stream\n";
const QUEUE: &str = "<DefaultPrinter pull>\nDeviceURI keep:OUT\nState Idle\nAccepting Yes\nShared No\n\
    JobSheets none none\nOpPolicy default\nErrorPolicy abort-job\n</DefaultPrinter>\n";
const SCHEDULER: &str = "IdleExitTimeout 0\nLogLevel info\nBrowsing No\nWebInterface No\nDefaultEncryption Never\n\
    ErrorPolicy abort-job\n<Location />\nOrder allow,deny\n</Location>\n";
/// The socket comes as standard input, and is handed on as a service manager would.
const START: &str = "exec 3<&0 0</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; \
    exec /usr/sbin/cupsd -l -c \"$1/etc/cupsd.conf\" -s \"$1/etc/cups-files.conf\"";
/// Debian's `nobody` and `nogroup`: a scheduler that is started as root is not what is tested.
const NOBODY: u32 = 65534;

struct Cupsd {
    uri: String,
    folder: PathBuf,
    _process: Child,
}

impl Cupsd {
    fn start(directory: &Path) -> Option<Self> {
        if !has_program("cupsd") || !has_program("setpriv") {
            return None;
        }
        let prefix = format!("{}-cups-", directory.file_name().unwrap().to_str().unwrap());
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir().unwrap().keep();
        write_tree(&folder);
        let as_root = rustix::process::geteuid().is_root();
        if as_root {
            give_away(&folder);
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut command = if as_root {
            let mut command = Command::new("setpriv");
            let id = NOBODY.to_string();
            command.args([&format!("--reuid={id}"), &format!("--regid={id}"), "--clear-groups"]);
            command.arg("sh");
            command
        } else {
            Command::new("sh")
        };
        let process = command
            .args(["-c", START, "sh"])
            .arg(&folder)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/bin")
            .current_dir("/")
            .stdin(OwnedFd::from(listener))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let uri = format!("ipp://127.0.0.1:{port}/printers/pull");
        Some(Self { uri, folder, _process: process })
    }

    /// A control file of the backend.
    fn tell(&self, name: &str, on: bool) {
        let file = self.folder.join("out").join(name);
        if on { std::fs::write(file, "").unwrap() } else { std::fs::remove_file(file).unwrap() }
    }

    /// The files that the backend left, by their ending.
    fn left(&self, ending: &str) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder.join("out")).unwrap();
        let mut files: Vec<_> = files
            .map(|file| file.unwrap().path())
            .filter(|file| file.extension().is_some_and(|end| end == ending))
            .collect();
        files.sort();
        files
    }
}

impl Drop for Cupsd {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

fn write_tree(folder: &Path) {
    let folders = "etc cache state spool/tmp log out share/mime bin/backend bin/daemon bin/filter";
    for one in folders.split(' ') {
        std::fs::create_dir_all(folder.join(one)).unwrap();
    }
    let path = |end: &str| folder.join(end).display().to_string();
    let mut files = String::from("SystemGroup root\nFatalErrors config listen log\nPrintcap\n");
    for (key, value) in [
        ("ServerRoot", "etc"),
        ("ServerBin", "bin"),
        ("DataDir", "share"),
        ("DocumentRoot", "share"),
        ("CacheDir", "cache"),
        ("StateDir", "state"),
        ("RequestRoot", "spool"),
        ("TempDir", "spool/tmp"),
        ("ServerKeychain", "etc"),
        ("AccessLog", "log/access_log"),
        ("ErrorLog", "log/error_log"),
        ("PageLog", "log/page_log"),
    ] {
        files.push_str(&format!("{key} {}\n", path(value)));
    }
    if rustix::process::geteuid().is_root() {
        files.push_str("User nobody\nGroup nogroup\nLogFileGroup nogroup\n");
    }
    for (name, text) in [
        ("etc/cups-files.conf", files.as_str()),
        ("etc/cupsd.conf", SCHEDULER),
        ("etc/printers.conf", &QUEUE.replace("OUT", &path("out"))),
        ("share/mime/mime.types", TYPES),
        ("share/mime/mime.convs", ""),
        ("bin/backend/keep", BACKEND),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let runs = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.join("bin/backend/keep"), runs).unwrap();
    let exec = "/usr/lib/cups/daemon/cups-exec";
    std::os::unix::fs::symlink(exec, folder.join("bin/daemon/cups-exec")).unwrap();
}

fn give_away(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            give_away(&path);
        } else {
            std::os::unix::fs::lchown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
}

async fn with_queue(name: &str) -> Option<(World, Cupsd)> {
    let world = World::calm(name).await;
    let cups = Cupsd::start(&world.directory)?;
    world.configure("", &format!("[printers.cups]\nuri = {:?}", cups.uri));
    Some((world, cups))
}

async fn release(world: &World, title: &str) -> serde_json::Value {
    world.print(title, "application/pdf", samples::pdf(title, 30_000)).await;
    let job = world.wait_for(title, "held").await;
    world.release(&job, "cups", &[]).await;
    job
}

#[tokio::test]
async fn a_queue_of_cups_prints_what_was_released_and_its_end_is_believed() {
    let Some((mut world, cups)) = with_queue("cups").await else { return };
    world.start_daemon().await;
    release(&world, "letter").await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "completed");
    let documents = cups.left("doc");
    assert_eq!(documents.len(), 1);
    assert!(std::fs::read(&documents[0]).unwrap() == samples::pdf("letter", 30_000));
}

#[tokio::test]
async fn a_job_at_a_queue_of_cups_is_canceled_to_its_end() {
    let Some((mut world, cups)) = with_queue("cups-cancel").await else { return };
    world.start_daemon().await;
    cups.tell("hold", true);
    let job = release(&world, "letter").await;
    until("the backend's start", || async { cups.left("started").first().cloned() }).await;
    world.jobs(&["abort", &job["job"].to_string(), "--reason", "Not today."]).await;
    assert_eq!(world.wait_for("letter", "settled").await["ending"], "aborted");
    cups.tell("hold", false);
    // The queue goes on with the next one, and nothing comes of the first.
    release(&world, "next").await;
    assert_eq!(world.wait_for("next", "settled").await["ending"], "completed");
    assert_eq!(cups.left("doc").len(), 1);
}

#[tokio::test]
async fn a_job_that_a_queue_of_cups_aborts_waits_for_a_person() {
    let Some((mut world, cups)) = with_queue("cups-fail").await else { return };
    world.start_daemon().await;
    cups.tell("fail", true);
    release(&world, "letter").await;
    let held = until("the printer's end", || async {
        let job = world.all_jobs().await?.into_iter().find(|job| job["title"] == "letter")?;
        (job["reasons"].to_string().contains("printer-aborted") && job["state"] == "held")
            .then_some(job)
    })
    .await;
    assert!(held["reasons"].to_string().contains("nothing came out"), "{held}");
    assert_eq!(cups.left("doc").len(), 0);
}

#[tokio::test]
async fn after_a_crash_the_queue_of_cups_is_asked_under_its_default_privacy() {
    let Some((mut world, cups)) = with_queue("cups-crash").await else { return };
    let mut n_before = 0;
    for (point, whole) in [
        ("after create-printer-job", true),
        ("before send-document", true),
        ("after send-document", false),
    ] {
        let title = point.replace(' ', "-");
        let print = async |world: &World| {
            world.print(&title, "application/pdf", samples::pdf(&title, 30_000)).await;
        };
        let act = async |world: &World| release_if_held(world, &title, "cups").await;
        die(&mut world, point, print, act).await;
        world.start_daemon().await;
        let over = end(&world, &title, act).await;
        world.kill_daemon().await;
        // A queue counts no octets that it printed: of a whole document it can not tell more than that it ended.
        assert_eq!(may_have_printed(&over), !whole, "{point}: {over}");
        // Gray was asked for, which the queue does not know: the pages were drawn, and have no text to look for.
        let documents = cups.left("doc");
        assert_eq!(documents.len(), n_before + 1, "{point}: once");
        for document in &documents {
            let bytes = std::fs::read(document).unwrap();
            let whole = bytes.starts_with(b"%PDF-") && bytes.trim_ascii_end().ends_with(b"%%EOF");
            assert!(whole, "{point}: whole");
        }
        n_before = documents.len();
    }
}
