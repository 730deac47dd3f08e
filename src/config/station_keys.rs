//! The keys of the places where people stand: readers, stations, kiosk, people.

use super::keys::{Key, optional, with};

pub(super) const STATION_KEYS: &[Key] = &[
    optional(
        "readers.*.serial",
        r#""/dev/ttyACM0""#,
        "The path of a badge reader on a serial line, or on USB as one. A path below /dev/serial/by-id stays.",
    ),
    with("readers.*.speed", "9600", "Bits a second on a serial line; USB has no use for it."),
    optional(
        "readers.*.keyboard",
        r#""/dev/input/by-id/usb-reader-event-kbd""#,
        "The path of a badge reader that looks like a keyboard. It is taken away from everybody else.",
    ),
    with(
        "readers.*.layout",
        r#""us""#,
        "What the keys of such a reader mean: \"us\", as readers are delivered, or \"german\".",
    ),
    optional(
        "readers.*.pcsc",
        r#""ACR1252""#,
        "A part of the name that pcscd has for a smart card reader; it sends the UID of a card in hexadecimal, first octet first, so natural_uid = true fits. Only in programs that were built with PC/SC.",
    ),
    optional(
        "readers.*.dial",
        r#""10.0.0.5:7778""#,
        "Host and port of a badge reader in the network that waits for us. It proves nothing of itself: keep it in a network of its own.",
    ),
    optional(
        "readers.*.listen",
        r#""10.0.0.1:7778""#,
        "Our address and port for a badge reader in the network that comes to us.",
    ),
    with(
        "readers.*.numbers",
        "[]",
        "The steps from what the reader says to the number that is on your list, such as [\"strip-prefix rfid:\", \"reverse-bytes\", \"hex-to-decimal\"].",
    ),
    with(
        "readers.*.shortest",
        "4",
        "What is shorter than this many characters is no number of a badge.",
    ),
    with(
        "readers.*.natural_uid",
        "false",
        "true only if the reader sends the UID of ISO 14443-A cards in hexadecimal, first octet first. Cards and phones that make up a new UID at each tap are then recognized, and not registered.",
    ),
    with("stations.*.readers", "[]", "The badge readers of a station."),
    with(
        "stations.*.printers",
        "[]",
        "The printers of a station, or pools; the first is \"this printer\".",
    ),
    with(
        "stations.*.screen",
        "false",
        "Whether the station has a screen on which people choose their jobs; otherwise a badge releases them at once (see on_tap).",
    ),
    with(
        "stations.*.on_tap",
        r#""all""#,
        "What a badge releases at a station without a screen: \"all\" jobs of the person, the \"last\" one, or \"while-present\": one after another for as long as the badge lies at the reader, which has to say its number again at least once a second.",
    ),
    with(
        "stations.*.ask_above",
        "0",
        "At a station without a screen: if more sheets than these would come out together, the badge is to be shown again within 30 seconds; 0 never asks. Documents are fetched to be counted; one that can not be counted is asked about.",
    ),
    optional(
        "people.badge_key_file",
        r#""/etc/pullprint/badge-key""#,
        "The file with the key under which numbers of badges are kept, 32 octets or more; left out: badge-key in the state directory, made at the first start. Without it no badge of a backup is known.",
    ),
    optional(
        "people.directory_attribute",
        r#""employeeId""#,
        "The attribute of people in the directory that has the number of their badge, such as employeeId, or onPremisesExtensionAttributes/extensionAttribute5; left out: only badges that were imported or registered are known. It needs the permission User.Read.All. A badge that was imported or registered comes first, one that was revoked here stays so; one whose end has come is asked about. Accounts that the directory calls blocked are not let in by its badges.",
    ),
    with(
        "people.directory_memory",
        r#""7d""#,
        "For how long what the directory said of a badge is believed while it does not answer.",
    ),
    with(
        "people.directory_interval",
        r#""5m""#,
        "For how long the directory is not asked again about a badge that it knew. Until then an account that was blocked, or a badge that was taken away there, still lets in.",
    ),
    with(
        "people.unknown_badges",
        r#""refuse""#,
        "What becomes of a badge that nobody knows: \"refuse\", or \"register\": at a screen by an activation code that `pullprint people code` has drawn; without a screen the printer prints a slip with a code, for `pullprint badge register`.",
    ),
    with(
        "people.pin",
        r#""off""#,
        "Whether people type a PIN, which `pullprint people pin` draws: \"off\" (a badge is enough), \"with-badge\" (a badge and then the PIN; a station without a screen releases nothing) or \"or-badge\" (a badge, or the UPN, which is usually the e-mail address, and the PIN). Many badges can be copied by anybody who comes near one; a PIN protects against that.",
    ),
    optional(
        "kiosk.listen",
        r#""127.0.0.1:8700""#,
        "Address and port of the kiosk's pages and of its programming interface; left out: there are none. Any address but the machine's own 127.0.0.1 or ::1 needs certificate_file and secret_file.",
    ),
    optional(
        "kiosk.certificate_file",
        r#""/etc/pullprint/kiosk.pem""#,
        "The kiosk's certificate and those between it and its authority, PEM. With it the kiosk speaks https alone.",
    ),
    optional(
        "kiosk.key_file",
        r#""/etc/pullprint/kiosk.key""#,
        "The certificate's private key, PEM; left out: it stands in certificate_file.",
    ),
    optional(
        "kiosk.secret_file",
        r#""/etc/pullprint/kiosk-secret""#,
        "A file with what a screen is asked for once, before it may show anything: 16 characters or more.",
    ),
    optional(
        "kiosk.administrator_secret_file",
        r#""/etc/pullprint/administrator-secret""#,
        "A file with what an administrator is asked for at /admin, which shows what waits, how printers are and what failed: 16 characters or more; left out: nobody gets in there.",
    ),
    with(
        "kiosk.host_names",
        "[]",
        "DNS names under which browsers reach the kiosk. localhost and IP addresses always work; a request under any other name is answered 403.",
    ),
    with(
        "kiosk.session",
        r#""60s""#,
        "How long a session at a screen lasts after the last touch, 30 seconds or more. In the last 20 seconds the screen asks.",
    ),
    with(
        "kiosk.titles",
        r#""shown""#,
        "What a screen shows of a job's title: \"shown\" (all of it, to its owner) or \"masked\" (the first letter of each word).",
    ),
    with(
        "kiosk.badge_word",
        r#""badge""#,
        "What people call what they show to the reader: \"badge\" or \"card\".",
    ),
    with(
        "kiosk.sound",
        "false",
        "Whether a screen sounds when a badge was read, and when something is wrong.",
    ),
    with(
        "kiosk.language",
        r#""en""#,
        "What a screen speaks whose browser asks for nothing that we have, and a slip: \"en\", \"de\", \"fr\", \"es\", \"zh\" or \"ru\".",
    ),
];
