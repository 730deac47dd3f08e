//! A Debian of its own for a test of the packages, and our service in it as its unit says.
//!
//! `tests/run` makes the packages (`PULLPRINT_DEBS`) and a bare Debian (`PULLPRINT_DEBIAN`), where it may.

use std::{
    os::unix::{fs::PermissionsExt, net::UnixDatagram},
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use tokio::process::{Child, Command};

use crate::{
    secrets::look_for_ids,
    world::{log_file, new_directory, until},
};

const UNIT: &str = "usr/lib/systemd/system/pullprint.service";
const CREDENTIALS: &str = "/run/credentials/pullprint.service";

/// A Debian that a test may do anything with.
pub(crate) struct Debian {
    pub(crate) root: PathBuf,
    pub(crate) packages: PathBuf,
}

impl Drop for Debian {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let log = std::fs::read_to_string(self.root.parent().unwrap().join("daemon.log"));
            look_for_ids(&log.unwrap_or_default());
            let _ = std::fs::remove_dir_all(self.root.parent().unwrap());
        }
    }
}

pub(crate) fn from_environment(name: &str) -> Option<PathBuf> {
    let found = std::env::var_os(name).map(PathBuf::from);
    if found.is_none() {
        eprintln!("SKIPPED: tests/run makes the packages and a bare Debian, as root");
    }
    found
}

/// The path of the package of that name.
pub(crate) fn package(packages: &Path, name: &str) -> PathBuf {
    let files = std::fs::read_dir(packages).unwrap().map(|file| file.unwrap().path());
    let is_it = |file: &PathBuf| {
        let begins = file.file_name().unwrap().to_str().unwrap().starts_with(&format!("{name}_"));
        begins && file.extension().is_some_and(|end| end == "deb")
    };
    files.into_iter().find(is_it).unwrap_or_else(|| panic!("there is no {name}"))
}

impl Debian {
    pub(crate) async fn new() -> Option<Self> {
        let bare = from_environment("PULLPRINT_DEBIAN")?;
        let packages = from_environment("PULLPRINT_DEBS")?;
        let root = new_directory("debian").join("root");
        let copied = Command::new("cp").arg("-a").arg(&bare).arg(&root).status().await.unwrap();
        assert!(copied.success());
        std::fs::copy("/etc/resolv.conf", root.join("etc/resolv.conf")).unwrap();
        Some(Self { root, packages })
    }

    /// A command inside, with processes and mounts of its own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let script = "mount --make-rprivate / && mount -t proc proc \"$0/proc\" && exec chroot \"$0\" \"$@\"";
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script])
            .arg(&self.root)
            .args(["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"])
            .arg("DEBIAN_FRONTEND=noninteractive")
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    pub(crate) async fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.unwrap()
    }

    /// Runs a command that must succeed; what it said.
    pub(crate) async fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments).await;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complained = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}{complained}");
        said
    }

    /// Installs a package of ours with all that it needs.
    pub(crate) async fn install(&self, file: &Path) {
        let name = file.file_name().unwrap().to_str().unwrap();
        std::fs::copy(file, self.root.join("tmp").join(name)).unwrap();
        self.run(&["apt-get", "install", "-y", "-qq", &format!("/tmp/{name}")]).await;
        std::fs::remove_file(self.root.join("tmp").join(name)).unwrap();
    }

    /// Our package as an earlier release would have been called.
    pub(crate) async fn earlier(&self) -> PathBuf {
        let folder = self.root.parent().unwrap();
        let (tree, file) = (folder.join("earlier"), folder.join("pullprint_0.0.1-1_all.deb"));
        let unpack = Command::new("dpkg-deb")
            .arg("-R")
            .arg(package(&self.packages, "pullprint"))
            .arg(&tree)
            .status();
        assert!(unpack.await.unwrap().success());
        let control = std::fs::read_to_string(tree.join("DEBIAN/control")).unwrap();
        let line = control.lines().find(|line| line.starts_with("Version: ")).unwrap();
        let control = control.replace(line, "Version: 0.0.1-1");
        std::fs::write(tree.join("DEBIAN/control"), control).unwrap();
        let pack = Command::new("dpkg-deb").args(["-Zgzip", "-b"]).arg(&tree).arg(&file).output();
        assert!(pack.await.unwrap().status.success());
        file
    }

    /// What a file of the configuration is for: whose it is and who may read it.
    pub(crate) async fn access(&self, path: &str) -> String {
        self.run(&["stat", "-c", "%U:%G %a", path]).await.trim().to_owned()
    }

    /// The paths inside that have our name.
    pub(crate) async fn paths_of_ours(&self) -> Vec<String> {
        let found = self.run(&["find", "/", "-xdev", "-name", "*pullprint*"]).await;
        found.lines().map(str::to_owned).collect()
    }
}

/// The daemon inside, as the unit starts it.
pub(crate) struct Service {
    process: Child,
    manager: UnixDatagram,
}

impl Service {
    /// Starts it with the user, the directories, the credentials and the command of the unit that is installed.
    pub(crate) async fn start(debian: &Debian) -> Self {
        let unit = std::fs::read_to_string(debian.root.join(UNIT)).unwrap();
        let value = |key: &str| {
            let line = unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            line.unwrap_or_else(|| panic!("the unit has no {key}")).to_owned()
        };
        let user = value("User");
        for (key, base, mode) in
            [("StateDirectory", "/var/lib", "700"), ("RuntimeDirectory", "/run", "750")]
        {
            let path = format!("{base}/{}", value(key));
            assert!(value(&format!("{key}Mode")).ends_with(mode));
            debian.run(&["install", "-d", "-o", &user, "-g", &user, "-m", mode, &path]).await;
        }
        Self::hand_over_credentials(debian, &unit, &user).await;
        let notify = debian.root.join("run/notify");
        let _ = std::fs::remove_file(&notify);
        let manager = UnixDatagram::bind(&notify).unwrap();
        manager.set_nonblocking(true).unwrap();
        std::fs::set_permissions(&notify, std::fs::Permissions::from_mode(0o666)).unwrap();
        let (as_user, as_group) = (format!("--reuid={user}"), format!("--regid={user}"));
        let credentials = format!("CREDENTIALS_DIRECTORY={CREDENTIALS}");
        let start = value("ExecStart");
        let service = ["setpriv", &as_user, &as_group, "--clear-groups", "--no-new-privs"];
        let environment = ["env", &credentials, "NOTIFY_SOCKET=/run/notify"];
        // Where the tests run, all of the disk may be an overlay.
        let disk = ["PULLPRINT__VOLATILE_STATE=true"];
        let words: Vec<&str> = start.split(' ').collect();
        let all = [&service[..], &["--bounding-set=-all"], &environment, &disk, &words].concat();
        let mut command = debian.command(&all);
        command.stdout(Stdio::null()).stderr(log_file(debian.root.parent().unwrap(), "daemon.log"));
        let service = Self { process: command.spawn().unwrap(), manager };
        until("READY=1", || async { service.hears("READY=1").then_some(()) }).await;
        service
    }

    /// `LoadCredential=`, or `SetCredential=` where there is no file.
    async fn hand_over_credentials(debian: &Debian, unit: &str, user: &str) {
        debian.run(&["install", "-d", "-o", user, "-g", user, "-m", "700", CREDENTIALS]).await;
        for line in unit.lines().filter_map(|line| line.strip_prefix("LoadCredential=")) {
            let (name, file) = line.split_once(':').unwrap();
            let there = debian.root.join(file.trim_start_matches('/')).exists();
            let source = if there { file } else { "/dev/null" };
            let target = format!("{CREDENTIALS}/{name}");
            debian.run(&["install", "-o", user, "-g", user, "-m", "400", source, &target]).await;
        }
    }

    fn hears(&self, what: &str) -> bool {
        let mut buffer = [0; 4_096];
        while let Ok(length) = self.manager.recv(&mut buffer) {
            if String::from_utf8_lossy(&buffer[..length]).lines().any(|line| line == what) {
                return true;
            }
        }
        false
    }

    /// Stops it as the service manager does.
    pub(crate) async fn stop(mut self, debian: &Debian) {
        let lock = std::fs::read_to_string(debian.root.join("var/lib/pullprint/journal.lock"));
        assert!(lock.is_ok(), "it holds its journal");
        // Its number inside is not its number here: it is the child of the one that made its processes' world.
        let children = format!("/proc/{0}/task/{0}/children", self.process.id().unwrap());
        let child = std::fs::read_to_string(children).unwrap();
        let pid = rustix::process::Pid::from_raw(child.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let ended = self.process.wait().await.unwrap();
        assert_eq!(ended.code(), Some(0));
        // What the manager made for it alone goes with it.
        debian.run(&["rm", "-r", CREDENTIALS, "/run/pullprint"]).await;
    }
}
