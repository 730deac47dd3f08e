//! Every key with its default and its meaning: the one place where they stand.
//!
//! `*` stands for a name that the administrator chooses. Those of the places where people stand are in `station_keys`.

use super::station_keys::STATION_KEYS;

/// A key of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted path.
    pub path: &'static str,
    /// The default as TOML; absent for a key that must be given or may be left out.
    pub default: Option<&'static str>,
    /// An example as TOML, for the reference.
    pub example: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// What it means.
    pub doc: &'static str,
}

pub(super) const fn required(path: &'static str, example: &'static str, doc: &'static str) -> Key {
    Key { path, default: None, example, required: true, doc }
}

pub(super) const fn optional(path: &'static str, example: &'static str, doc: &'static str) -> Key {
    Key { path, default: None, example, required: false, doc }
}

pub(super) const fn with(path: &'static str, default: &'static str, doc: &'static str) -> Key {
    Key { path, default: Some(default), example: default, required: false, doc }
}

/// All keys, in the order of the reference.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().chain(STATION_KEYS)
}

const KEYS: &[Key] = &[
    with(
        "state_dir",
        r#""/var/lib/pullprint""#,
        "Where the journal and the spool are. One daemon a directory.",
    ),
    with(
        "volatile_state",
        "false",
        "Whether state_dir may be on a file system that forgets at a restart, such as a tmpfs or a container's overlay. Then badges and the stories of jobs are lost with it, and nothing is released before `pullprint takeover`.",
    ),
    with(
        "log",
        r#""info""#,
        "What is logged: error, warn, info, debug, or a filter such as \"info,pullprint::printer=debug\".",
    ),
    with(
        "log_format",
        r#""auto""#,
        "How: \"text\" or \"json\", one line an event to standard error; \"journal\", to the system's journal with its fields (journalctl PULLPRINT_JOB=17); or \"auto\", the journal where the service manager leads standard error there, and text elsewhere.",
    ),
    with(
        "log_people",
        "false",
        "Whether lines about people and their jobs say who it was. Never a title, a badge number or a PIN.",
    ),
    with(
        "retention.title",
        r#""24h""#,
        "How long after a job's end its title is known. Then there is a number and what happened. A job keeps what stood here when it was last read.",
    ),
    with("retention.owner", r#""30d""#, "How long after a job's end its owner is known."),
    with(
        "retention.audit",
        r#""90d""#,
        "How long the journal's entries name people by their object id; then by a pseudonym that stays the same.",
    ),
    required("cloud.tenant", r#""contoso.example""#, "The directory's id or domain."),
    required(
        "cloud.client_id",
        r#""11111111-2222-3333-4444-555555555555""#,
        "The application's id in that directory.",
    ),
    optional(
        "cloud.client_secret_file",
        r#""/etc/pullprint/client-secret""#,
        "A file with the application's secret; \"credential:client-secret\" is the service's credential of that name, here and wherever a file is named. This, a certificate or a federated token.",
    ),
    optional(
        "cloud.client_secret_expires",
        r#""2027-05-31""#,
        "The day on which the secret ends, as the portal shows it: a secret does not say it itself. 30 days ahead health warns.",
    ),
    optional(
        "cloud.certificate_file",
        r#""/etc/pullprint/client.pem""#,
        "A file with the application's certificate, PEM, or PKCS#12 with its key.",
    ),
    optional(
        "cloud.key_file",
        r#""/etc/pullprint/client.key""#,
        "A PEM file with the certificate's RSA key; left out: it stands in certificate_file.",
    ),
    optional(
        "cloud.certificate_password_file",
        r#""/etc/pullprint/client-password""#,
        "A file with the password of a PKCS#12 certificate_file.",
    ),
    with(
        "cloud.certificate_signature",
        r#""ps256""#,
        "How the certificate signs: \"ps256\" (named by x5t#S256) or \"rs256\" (named by x5t).",
    ),
    optional(
        "cloud.federated_token_file",
        r#""/var/run/secrets/azure/tokens/azure-identity-token""#,
        "A file with a token of another issuer that the application trusts (workload identity federation).",
    ),
    required(
        "cloud.task_definition",
        r#""aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee""#,
        "The print task definition that this daemon serves.",
    ),
    with(
        "cloud.environment",
        r#""global""#,
        "Which cloud: \"global\" (with GCC), \"us-gov-l4\" (GCC High), \"us-gov-l5\" (DoD), or \"custom\" with authority and graph. The cloud operated by 21Vianet has no pull printing.",
    ),
    optional(
        "cloud.authority",
        r#""https://login.microsoftonline.com""#,
        "The sign-in origin of a custom cloud.",
    ),
    optional(
        "cloud.graph",
        r#""https://graph.microsoft.com""#,
        "The Graph origin of a custom cloud.",
    ),
    optional(
        "cloud.ca_file",
        r#""/etc/pullprint/cloud-ca.pem""#,
        "A CA to trust for the cloud beside the system's, such as that of an inspecting proxy.",
    ),
    optional(
        "cloud.proxy",
        r#""http://proxy.contoso.example:3128""#,
        "The proxy on the way to the cloud; left out: HTTPS_PROXY and NO_PROXY of the environment. Printers are never asked through one.",
    ),
    optional(
        "cloud.proxy_login_file",
        r#""/etc/pullprint/proxy-login""#,
        "A file with USER:PASSWORD for the proxy.",
    ),
    with(
        "cloud.poll_interval",
        r#""5s""#,
        "How often to ask for new print tasks. Never more often than a tenth of the time that the answer takes.",
    ),
    with(
        "cloud.stamp_interval",
        r#""60s""#,
        "How often to read who serves the definition: a second daemon on it is found out and does not release.",
    ),
    with(
        "cloud.task_patience",
        r#""9d""#,
        "How long a job may wait at the most, whatever its queue says. Keep it below the time after which the cloud deletes a job that waits for its task, of which it publishes no figure: an abort has a reason, a deletion has none.",
    ),
    with("cloud.calls_at_once", "8", "How many calls to the cloud may be under way."),
    with("cloud.downloads_at_once", "4", "How many documents may be fetched at a time."),
    optional(
        "telemetry.listen",
        r#""127.0.0.1:9464""#,
        "Address and port where monitoring is answered: /metrics for Prometheus, /health/live and /health/ready; left out: nowhere. There is no login: keep it where others can not reach it. docs/metrics.md has the table.",
    ),
    optional(
        "control.socket",
        r#""/run/pullprint/control.sock""#,
        "The socket of the commands; left out: control.sock in state_dir.",
    ),
    with("control.mode", r#""0660""#, "Its file mode: who may write to it may release and abort."),
    with(
        "spool.memory_document",
        r#""8 MiB""#,
        "Documents up to this size wait in memory, larger ones encrypted on disk.",
    ),
    with("spool.memory", r#""64 MiB""#, "All documents in memory together."),
    with("spool.disk", r#""8 GiB""#, "All documents on disk together."),
    with(
        "spool.ahead",
        r#""1 GiB""#,
        "All documents together that are fetched before their release.",
    ),
    with(
        "spool.ahead_time",
        r#""1h""#,
        "How long such a document waits for its release, before it is forgotten.",
    ),
    with(
        "spool.document",
        r#""1 GiB""#,
        "A larger document is aborted. Universal Print's own limit is 1 GB.",
    ),
    with(
        "converter.command",
        r#"["xpstopdf", "{input}", "{output}"]"#,
        "What turns OXPS and XPS into PDF. An empty list: nothing does.",
    ),
    with(
        "converter.time",
        r#""60s""#,
        "How long a conversion may take; pages that pullprint draws or cuts itself are one.",
    ),
    with("converter.memory", r#""1 GiB""#, "Its address space."),
    with("converter.output", r#""512 MiB""#, "The longest result."),
    with(
        "converter.strict",
        "false",
        "Whether a document of which parts can not be drawn (a font, an image) is aborted; otherwise it is printed, and the job says what is missing.",
    ),
    required(
        "queues.*.source_printer",
        r#""99999999-8888-7777-6666-555555555555""#,
        "The id of the virtual printer that people print to. It must have no device and no connector.",
    ),
    optional(
        "queues.*.release_to",
        r#""lobby""#,
        "Release each job to this printer at once; left out: hold it for its owner.",
    ),
    optional(
        "queues.*.redirect_to",
        r#""77777777-6666-5555-4444-333333333333""#,
        "Move each job to this cloud printer at once, by its id; instead of release_to.",
    ),
    with(
        "queues.*.hold_limit",
        r#""24h""#,
        "How long a job may wait, from its creation in the cloud.",
    ),
    with(
        "queues.*.after_release",
        r#""complete""#,
        "How a release is reported: \"complete\" (the task is completed; the cloud job stays in its queue until the cloud removes it) or \"abort\" (the cloud job ends as aborted, with a reason that says it was printed).",
    ),
    with(
        "queues.*.offer",
        r#""off""#,
        "What people can choose when they print: \"union\" (what any of the printers can do), \"intersection\" (what all of them can do), or \"off\" (whatever the cloud has). It is written to the virtual printer when the printers change, which needs Printer.ReadWrite.All.",
    ),
    optional(
        "queues.*.printers",
        r#"["lobby", "attic"]"#,
        "The printers that the offer is of; left out: all of them.",
    ),
    optional(
        "queues.*.default_paper",
        r#""A4""#,
        "The paper that people get who choose none, by the cloud's name, such as \"A4\" or \"North America Letter\". Needed for an offer; there is no built-in one.",
    ),
    with(
        "queues.*.default_sides",
        r#""one-sided""#,
        "What people get who choose nothing: \"one-sided\", \"long-edge\" or \"short-edge\".",
    ),
    optional(
        "queues.*.default_color",
        r#""gray""#,
        "What people get who choose nothing: \"gray\", \"color\" or \"auto\".",
    ),
    with(
        "queues.*.gray_stays",
        "true",
        "Whether a job that was sent in gray must stay gray when its owner releases it.",
    ),
    with(
        "queues.*.release_offline",
        "false",
        "Whether a person may release a job while Universal Print does not answer, if its document is here already (see prefetch) and its settings are not changed. Where there is no screen, that takes prefetch = \"claim\". Somebody who canceled the job elsewhere meanwhile then gets it on paper nevertheless, and another daemon that took the definition over in that time prints it as well.",
    ),
    with(
        "queues.*.prefetch",
        r#""tap""#,
        "When the documents of jobs that wait are fetched: \"tap\" (when their owner's badge is shown at a screen, so that they are here when they are chosen), \"claim\" (as soon as they wait) or \"off\" (when they are released).",
    ),
    with("queues.*.refuse_formats", "[]", "Documents of these MIME types are aborted."),
    optional(
        "printers.*.uri",
        r#""ipp://printer.contoso.example/ipp/print""#,
        "The printer's address, ipp:// or ipps://; port 631 unless written. This, or cloud_printer, or members.",
    ),
    optional(
        "printers.*.cloud_printer",
        r#""77777777-6666-5555-4444-333333333333""#,
        "The id of a printer that is in Universal Print itself: a release is a redirect to it, and the cloud prints. Wherever it is possible this is the better way: people see their job completed. Needs PrintJob.Manage.All.",
    ),
    optional(
        "printers.*.members",
        r#"["copy-room", "corridor"]"#,
        "The printers of a pool: a release to it goes to one of them, and to the next one when that does not take the job. Not after the first byte of the document has left. This, or uri, or cloud_printer.",
    ),
    with(
        "printers.*.choose",
        r#""first-free""#,
        "Which printer of a pool is asked first: \"first-free\" (the first of the list) or \"round-robin\" (the one behind the last). One that is at work is passed over; while all are, the job waits.",
    ),
    with(
        "printers.*.user_name",
        r#""pullprint""#,
        "The user name that the printer is told: any text, in which {upn}, {alias} (the UPN before its @) and {pseudonym} stand for the owner of the job.",
    ),
    with(
        "printers.*.job_name",
        r#""token""#,
        "What the printer is told of a job's title: \"token\" (nothing), \"masked\" (the first letter of each word) or \"title\" (all of it). A token of ours stands before it.",
    ),
    optional(
        "printers.*.account",
        r#""4711""#,
        "The account that the printer books jobs to (job-account-id), where it takes one.",
    ),
    optional(
        "printers.*.accounting_user",
        r#""{upn}""#,
        "The user that the printer books jobs to (job-accounting-user-id), where it takes one; with the places of user_name.",
    ),
    with(
        "printers.*.wake_for",
        r#""30s""#,
        "How long a printer that does not answer is waited for: it may be asleep. Then the job waits for its owner again.",
    ),
    optional(
        "printers.*.ca_file",
        r#""/etc/pullprint/printer-ca.pem""#,
        "A CA to trust for this printer beside the system's.",
    ),
    with(
        "printers.*.trust",
        r#""certificates""#,
        "Whose word counts that it is the printer: \"certificates\" (the system's authorities and ca_file), \"first-use\" (the key that it shows first; another one later is an alarm, and `pullprint printers trust NAME` lets it in) or \"sha256:...\" (this key). For ipps:// only.",
    ),
    optional(
        "printers.*.login",
        r#""pullprint""#,
        "Our name at the printer (HTTP Basic or Digest). For ipps:// only.",
    ),
    optional(
        "printers.*.password_file",
        r#""/etc/pullprint/printer-password""#,
        "The file with its password. What this, ca_file and certificate_file hold is read again by a reload.",
    ),
    optional(
        "printers.*.certificate_file",
        r#""/etc/pullprint/printer-client.pem""#,
        "Our certificate at the printer and its private key, as PEM. For ipps:// only.",
    ),
    with("printers.*.jobs_at_once", "4", "How many of our jobs the printer may have at a time."),
    with(
        "printers.*.essential_settings",
        r#""ourselves""#,
        "What happens to copies, pages, gray and paper size that the printer can not do: \"ourselves\" (copies, pages and gray are made in the document; where that can not be, and for paper, the job is not printed there), \"refuse\" (it is not printed there) or \"substitute\" (it is printed without, and the difference is shown).",
    ),
    with(
        "printers.*.other_settings",
        r#""substitute""#,
        "What happens to any other setting that the printer can not do: \"substitute\" (it is printed without, and the difference is shown) or \"refuse\" (the job is not printed there).",
    ),
    with(
        "printers.*.process_monochrome",
        "false",
        "Whether gray may be printed with colored inks, where the printer knows no other gray. It may be billed as color.",
    ),
    with(
        "printers.*.gray_in_document",
        "false",
        "Whether gray is made in the document, whatever the printer says that it can do: for printers that print gray pages with colored inks.",
    ),
    with(
        "printers.*.when_forgotten",
        r#""complete""#,
        "What a job becomes that the printer forgot before it said how it ended, when nothing speaks against a print: \"complete\" or \"hold\".",
    ),
];
