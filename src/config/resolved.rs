//! The configuration as meant: settings in the types of those who use them.
//!
//! Deliberately absent: any use of a file but to read secrets' neighbors (CAs) and to see that they are there.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    cloud::{Cloud, cloud},
    kiosk::{kiosk, site},
    people::directory,
    queues::{queue, refuse_circles},
    raw::{Problem, Problems, Reader, environment},
    stations::{readers, stations},
    tables::{ahead, control, converter, file, log, observe, printers, retention, spool, yes},
};
use crate::model::{
    CloudPrinterId, CloudPrinterSettings, PoolSettings, PrinterName, PrinterSettings,
    QueueSettings,
    kiosk::{KioskSettings, Language},
    people::{DirectorySettings, PinRule},
    settings::{AheadSettings, LogSettings, RetentionSettings},
    station::{ReaderSettings, StationSettings},
};
use config::Environment;
use serde_json::Value;

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where the journal and the spool are.
    pub state_dir: PathBuf,
    /// Whether that may forget at a restart.
    pub volatile_state: bool,
    /// What is logged, and how.
    pub log: LogSettings,
    /// How long things are known of people.
    pub retention: RetentionSettings,
    /// The cloud.
    pub cloud: Cloud,
    /// Where monitoring is answered; absent: nowhere.
    pub observe: Option<SocketAddr>,
    /// The commands' socket.
    pub control: ControlSettings,
    /// The spool's bounds in octets: document in memory, memory, disk, document.
    pub spool: [u64; 4],
    /// How much is fetched before its release.
    pub ahead: AheadSettings,
    /// The converter.
    pub converter: ConverterSettings,
    /// The pull-print queues.
    pub queues: Vec<QueueSettings>,
    /// The destination printers that are reached over IPP.
    pub printers: Vec<PrinterSettings>,
    /// The destination printers that are in the cloud.
    pub cloud_printers: Vec<CloudPrinterSettings>,
    /// Several of them as one.
    pub pools: Vec<PoolSettings>,
    /// The readers of badges.
    pub readers: Vec<ReaderSettings>,
    /// Where people stand.
    pub stations: Vec<StationSettings>,
    /// The kiosk; absent where there are no screens.
    pub kiosk: Option<KioskSettings>,
    /// Badges in the directory; absent: only those that were given here.
    pub directory: Option<DirectorySettings>,
    /// What people type.
    pub pin: PinRule,
    /// Whether an unknown badge may be registered by a code.
    pub registers: bool,
    /// What is spoken where nothing else is asked for.
    pub language: Language,
    /// The file with the key of the badges' hashes; absent: one of our own in the state directory.
    pub badge_key_file: Option<PathBuf>,
}

/// The commands' socket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ControlSettings {
    /// Its path.
    pub socket: PathBuf,
    /// Its file mode.
    pub mode: u32,
}

/// The converter and its limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConverterSettings {
    /// Program and arguments; empty for none.
    pub command: Vec<String>,
    /// Time.
    pub time: Duration,
    /// Address space in octets.
    pub memory: u64,
    /// Result in octets.
    pub output: u64,
    /// Whether a document that can not be drawn whole is refused.
    pub strict: bool,
}

impl Settings {
    /// The settings of a printer.
    pub fn printer(&self, name: &PrinterName) -> Option<&PrinterSettings> {
        self.printers.iter().find(|printer| printer.name == *name)
    }

    /// A destination printer in the cloud.
    pub fn cloud_printer(&self, name: &PrinterName) -> Option<&CloudPrinterSettings> {
        self.cloud_printers.iter().find(|printer| printer.name == *name)
    }

    /// A pool.
    pub fn pool(&self, name: &PrinterName) -> Option<&PoolSettings> {
        self.pools.iter().find(|pool| pool.name == *name)
    }

    /// The queue of a source printer.
    pub fn queue(&self, source_printer: &CloudPrinterId) -> Option<&QueueSettings> {
        self.queues.iter().find(|queue| queue.source_printer == *source_printer)
    }
}

/// Reads the cloud's table of a file alone: for the commands that set the rest up. What it lacks yet is no problem.
///
/// # Errors
///
/// [`Problems`] of the cloud's table.
pub fn load_cloud(file: &Path) -> Result<Settings, Problems> {
    let mut reader = Reader::new(file, environment())?;
    let settings = resolve(&mut reader);
    let later = ["cloud.task_definition", "queues", "printers"];
    reader.problems.retain(|problem| !later.iter().any(|key| problem.key.starts_with(key)));
    if reader.problems.is_empty() { Ok(settings) } else { Err(Problems(reader.problems)) }
}

/// Reads a file, with the variables of the process's environment on top.
///
/// # Errors
///
/// [`Problems`]: all of them.
pub fn load(file: &Path) -> Result<Settings, Problems> {
    load_with(file, environment())
}

/// The same, as far as it reads, with all that is wrong: for those who know of more that can be.
///
/// # Errors
///
/// [`Problems`] of a file that does not read at all.
pub fn look_at(file: &Path) -> Result<(Settings, Vec<Problem>), Problems> {
    let mut reader = Reader::new(file, environment())?;
    Ok((resolve(&mut reader), reader.problems))
}

fn load_with(file: &Path, environment: Environment) -> Result<Settings, Problems> {
    let mut reader = Reader::new(file, environment)?;
    let settings = resolve(&mut reader);
    if reader.problems.is_empty() { Ok(settings) } else { Err(Problems(reader.problems)) }
}

fn resolve(reader: &mut Reader) -> Settings {
    let state_dir = PathBuf::from(reader.text("state_dir"));
    let control = control(reader, &state_dir);
    let printers = printers(reader);
    let names = reader.names("queues");
    let queues: Vec<_> = names.iter().map(|name| queue(reader, name, &printers)).collect();
    refuse_circles(reader, &names, &queues, &printers.clouds);
    let readers = readers(reader);
    let stations = stations(reader, &readers, &printers);
    let badge_key_file = file(reader, "people.badge_key_file");
    let site = site(reader);
    if queues.is_empty() && !reader.is_wrong("queues") {
        let hint = "write a table [queues.NAME] as `pullprint setup` says it";
        reader.problem("queues", &Value::Null, "there is none", hint);
    }
    for (i, queue) in queues.iter().enumerate() {
        if queues[..i].iter().any(|other| other.source_printer == queue.source_printer) {
            let key = format!("queues.{}.source_printer", names[i]);
            let (value, why) = (queue.source_printer.as_str().into(), "another queue has it too");
            reader.problem(&key, &value, why, "leave one of them out");
        }
    }
    Settings {
        state_dir,
        volatile_state: yes(reader, "volatile_state"),
        log: log(reader),
        retention: retention(reader),
        cloud: cloud(reader),
        control,
        spool: spool(reader),
        ahead: ahead(reader),
        converter: converter(reader),
        queues,
        directory: directory(reader),
        observe: observe(reader),
        pin: site.pin,
        registers: site.registers,
        language: site.language,
        kiosk: kiosk(reader, &stations, site),
        stations,
        readers,
        badge_key_file,
        printers: printers.ours,
        cloud_printers: printers.clouds,
        pools: printers.pools,
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const GOOD: &str = r#"
        [cloud]
        tenant = "contoso.example"
        client_id = "app"
        client_secret_file = "SECRET"
        task_definition = "definition"
        [queues.main]
        source_printer = "printer-1"
        release_to = "lobby"
        [printers.lobby]
        uri = "IPP://127.0.0.1:8631/ipp/print"
    "#;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<Settings, Problems> {
        let dir = tempfile::tempdir().unwrap();
        let secret = dir.path().join("secret");
        std::fs::write(&secret, "s").unwrap();
        let file = dir.path().join("pullprint.toml");
        std::fs::write(&file, text.replace("SECRET", secret.to_str().unwrap())).unwrap();
        let variables =
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        load_with(&file, environment().source(Some(variables)))
    }

    #[test]
    fn a_short_file_is_enough_and_the_rest_is_default() {
        let settings = read(GOOD, &[]).unwrap();
        assert_eq!(settings.cloud.graph, "https://graph.microsoft.com");
        assert_eq!(settings.queues[0].hold_limit, SignedDuration::from_hours(24));
        assert_eq!(settings.printers[0].contact.uri, "ipp://127.0.0.1:8631/ipp/print");
        assert_eq!(settings.printers[0].jobs_at_once, 4);
        assert_eq!(settings.control.socket, Path::new("/var/lib/pullprint/control.sock"));
        assert_eq!(settings.spool, [8 << 20, 64 << 20, 8 << 30, 1 << 30]);
    }

    #[test]
    fn a_variable_overrules_the_file() {
        let settings = read(GOOD, &[("PULLPRINT__CLOUD__TENANT", "fabrikam.example")]).unwrap();
        assert_eq!(settings.cloud.tenant, "fabrikam.example");
    }

    #[test]
    fn pieces_are_read_in_the_order_of_their_names_and_a_mistake_is_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("secret", "s");
        let secret = dir.path().join("secret");
        write("pullprint.toml", &GOOD.replace("SECRET", secret.to_str().unwrap()));
        std::fs::create_dir(dir.path().join("conf.d")).unwrap();
        write("conf.d/10-site.toml", "[cloud]\ntenant = \"fabrikam.example\"");
        write(
            "conf.d/20-lobby.toml",
            "[cloud]\ntenant = \"adatum.example\"\n[printers.attic]\nuri = \"ipp://127.0.0.1/ipp\"",
        );
        write("conf.d/notes.txt", "no TOML");
        let file = dir.path().join("pullprint.toml");
        let none = || environment().source(Some(std::collections::HashMap::new()));
        let settings = load_with(&file, none()).unwrap();
        assert_eq!(settings.cloud.tenant, "adatum.example");
        assert_eq!(settings.printers.len(), 2);
        write("conf.d/30-broken.toml", "[cloud");
        let problems = load_with(&file, none()).unwrap_err();
        assert!(problems.0[0].key.ends_with("30-broken.toml"), "{problems}");
    }

    #[test]
    fn all_problems_come_at_once_with_key_value_reason_and_hint() {
        let text = r#"
            log_format = "yaml"
            [cloud]
            tenat = "contoso.example"
            environment = "custom"
            graph = "http://graph.example/v1"
            poll_interval = "soon"
            certificate_file = "/nonexistent/file"
            [queues.main]
            release_to = "attic"
            after_release = "burn"
            [printers.lobby]
            uri = "lpd://x"
            jobs_at_once = 0
        "#;
        let problems = read(text, &[]).unwrap_err();
        let text = problems.to_string();
        for part in [
            "cloud.tenat = \"contoso.example\": there is no such key; did you mean cloud.tenant?",
            "cloud.tenant: it must be given; write it, for example as tenant = \"contoso.example\"",
            "cloud.client_id: it must be given",
            "cloud.task_definition: it must be given",
            "cloud.graph = \"http://graph.example/v1\": it does not read; write it as https://HOST",
            "cloud.authority: it must be given with a custom environment",
            "cloud.poll_interval = \"soon\": it does not read; write it as 5s",
            "cloud.certificate_file = \"/nonexistent/file\": there is no such file",
            "queues.main.source_printer: it must be given",
            "queues.main.release_to = \"attic\": there is no such printer; write a table [printers.attic]",
            "queues.main.after_release = \"burn\": it does not read; write one of complete, abort",
            "printers.lobby.uri = \"lpd://x\"",
            "printers.lobby.jobs_at_once = 0: it does not read; write a number from 1 to 1000",
            "log_format = \"yaml\"",
        ] {
            assert!(text.contains(part), "{part}\n--\n{text}");
        }
        assert_eq!(problems.0.len(), 14, "{text}");
    }

    #[test]
    fn each_cloud_has_its_origins_and_one_is_refused_with_its_reason() {
        let with = |cloud: &str| read(&GOOD.replace("[cloud]", &format!("[cloud]\n{cloud}")), &[]);
        let origins = |cloud: &str| {
            let cloud = with(cloud).unwrap().cloud;
            (cloud.authority, cloud.graph)
        };
        for (cloud, authority, graph) in [
            ("", "https://login.microsoftonline.com", "https://graph.microsoft.com"),
            (
                "environment = \"us-gov-l4\"",
                "https://login.microsoftonline.us",
                "https://graph.microsoft.us",
            ),
            (
                "environment = \"us-gov-l5\"",
                "https://login.microsoftonline.us",
                "https://dod-graph.microsoft.us",
            ),
            (
                "environment = \"custom\"\nauthority = \"https://a.example\"\ngraph = \"https://g.example/\"",
                "https://a.example",
                "https://g.example",
            ),
        ] {
            assert_eq!(origins(cloud), (authority.to_owned(), graph.to_owned()), "{cloud}");
        }
        let refused = with("environment = \"china\"").unwrap_err().to_string();
        assert!(refused.contains("21Vianet has no pull printing"), "{refused}");
        let half = with("graph = \"https://g.example\"").unwrap_err().to_string();
        assert!(half.contains("environment = \"custom\""), "{half}");
    }

    #[test]
    fn a_redirect_in_a_circle_is_refused() {
        let circle = GOOD.replace("release_to = \"lobby\"", "redirect_to = \"printer-1\"");
        let text = read(&circle, &[]).unwrap_err().to_string();
        assert!(text.contains("it is a pull-print queue itself"), "{text}");
        let named = format!("{GOOD}\n[printers.cloud]\ncloud_printer = \"printer-1\"\n");
        let text = read(&named, &[]).unwrap_err().to_string();
        assert!(text.contains("printers.cloud.cloud_printer = \"printer-1\""), "{text}");
    }

    #[test]
    fn the_cloud_alone_reads_before_the_rest_is_set_up() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pullprint.toml");
        let secret = dir.path().join("secret");
        std::fs::write(&secret, "s").unwrap();
        let text = format!(
            "[cloud]\ntenant = \"t\"\nclient_id = \"c\"\nclient_secret_file = {secret:?}\n"
        );
        std::fs::write(&file, text).unwrap();
        assert_eq!(load_cloud(&file).unwrap().cloud.client_id, "c");
        let all = load(&file).unwrap_err().to_string();
        assert!(all.contains("cloud.task_definition") && all.contains("queues"), "{all}");
    }

    #[test]
    fn a_file_that_is_not_toml_is_one_problem_with_its_line() {
        let text = read("[cloud\ntenant = 1", &[]).unwrap_err().to_string();
        assert!(text.contains("TOML parse error at line 1"), "{text}");
    }

    #[test]
    fn a_name_that_is_no_name_is_a_problem_and_no_panic() {
        for name in ["1.OG", "a; Path=/", "..", " ", "a/b"] {
            let table = format!("{GOOD}\n[stations.\"{name}\"]\nprinters = [\"lobby\"]\n");
            let text = read(&table, &[]).unwrap_err().to_string();
            assert!(text.contains("a name has letters, digits, blanks, - and _"), "{text}");
        }
        let good = format!("{GOOD}\n[stations.\"Étage 1_b-c\"]\nprinters = [\"lobby\"]\n");
        assert!(read(&good, &[]).is_ok());
    }
}
