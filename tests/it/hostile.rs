//! Documents that want to do harm, or that nobody can read: aborted with a reason, and the daemon as it was.

use std::io::Write;

use crate::{
    samples::{assemble, oxps, pages, stream},
    world::{World, has_program},
};

const PDF: &str = "application/pdf";

fn page_of(size: &str, contents: Vec<u8>) -> Vec<u8> {
    let page = format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents 4 0 R /Resources << >> >>"
    );
    assemble(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        page.into_bytes(),
        contents,
    ])
}

/// Packed as zlib does (RFC 1950): the bytes come in pieces, for they need not all be there at once.
fn packed<'a>(level: i64, pieces: impl Iterator<Item = &'a [u8]>, adler: u32) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_level(Some(level));
    archive.start_file("x", options.large_file(true)).unwrap();
    pieces.for_each(|piece| archive.write_all(piece).unwrap());
    let file = archive.finish().unwrap().into_inner();
    // A local header is 30 octets, the name and what is beside it; the data ends where the directory begins.
    let end = file.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    let begin = 31 + usize::from(u16::from_le_bytes([file[28], file[29]]));
    [&[0x78, 0x01], &file[begin..end], &adler.to_be_bytes()].concat()
}

/// Adler's sum of a short text.
fn adler(bytes: &[u8]) -> u32 {
    let step = |(a, b): (u32, u32), byte: &u8| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    };
    let (a, b) = bytes.iter().fold((1, 0), step);
    b << 16 | a
}

/// About a kilobyte that unpacks to two gigabytes of blanks.
fn bomb() -> Vec<u8> {
    const PIECE: usize = 1 << 20;
    const N_PIECES: u64 = 2048;
    let blanks = vec![b' '; PIECE];
    let (n, blank) = (N_PIECES * PIECE as u64 % 65_521, u64::from(b' '));
    let half = (n * (n + 1) / 2) % 65_521;
    let (a, b) = ((1 + n * blank) % 65_521, (n + blank * half) % 65_521);
    let sum = u32::try_from(b << 16 | a).unwrap();
    let mut packed_once = packed(1, (0..N_PIECES).map(|_| &blanks[..]), sum);
    for _ in 0..2 {
        packed_once = packed(9, std::iter::once(&packed_once[..]), adler(&packed_once));
    }
    let head = "/Filter [/FlateDecode /FlateDecode /FlateDecode]";
    page_of("595 842", stream(head, &packed_once))
}

/// A PDF that only a password opens, by the standard handler of old (ISO 32000-1 section 7.6.3).
fn locked() -> Vec<u8> {
    let key = "00".repeat(32);
    let page = page_of("595 842", stream("", b"q Q"));
    let text = String::from_utf8(page).unwrap();
    let encrypt = format!(
        "/Encrypt << /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >> /ID [<00> <00>]"
    );
    text.replace("/Root 1 0 R", &format!("/Root 1 0 R {encrypt}")).into_bytes()
}

fn resident_kib(world: &World) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", world.daemon_pid())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn a_hostile_document_costs_a_child_and_is_aborted_with_a_reason() {
    if !has_program("xpstopdf") {
        return;
    }
    let arguments =
        ["--calm", "--print-time", "5", "--printer", "lobby", "--printer", "raster=raster"];
    let mut world = World::new("hostile", &arguments).await;
    world.configure(
        "release_to = \"raster\"",
        "[converter]\nmemory = \"512 MiB\"\ntime = \"20s\"\noutput = \"64 MiB\"",
    );
    world.start_daemon().await;
    let mut broken = oxps(3);
    broken.truncate(700);
    let bomb = bomb();
    println!("the bomb has {} octets", bomb.len());
    let gray = serde_json::json!({"colorMode": "grayscale"});
    let cases = [
        (
            "vast",
            PDF,
            page_of("14400 14400", stream("", b"0 0 9 9 re f")),
            "larger than anything here",
        ),
        ("bomb", PDF, bomb, "more memory or time"),
        ("locked", PDF, locked(), "it needs a password"),
        ("broken", "application/oxps", broken, "it is damaged"),
        ("noise", PDF, b"%PDF-1.7\nnothing of the kind".to_vec(), "it is damaged"),
    ];
    // The daemon has worked once before it is weighed.
    world.print_configured("first", PDF, pages(2), &gray).await;
    assert_eq!(world.wait_for("first", "settled").await["ending"], "completed");
    let before = resident_kib(&world);
    for (title, content_type, document, reason) in cases {
        world.print_configured(title, content_type, document, &gray).await;
        let done = world.wait_for(title, "settled").await;
        assert_eq!(done["ending"], "aborted", "{title}: {done}");
        let said = done["abort_reason"].as_str().unwrap();
        assert!(said.contains(reason), "{title}: {said}");
    }
    let grown = resident_kib(&world) - before;
    println!("the daemon's peak grew by {grown} KiB over the hostile ones");
    assert!(grown < 16 * 1024, "{grown} KiB");
    world.print_configured("last", PDF, pages(2), &gray).await;
    assert_eq!(world.wait_for("last", "settled").await["ending"], "completed");
    assert_eq!(world.tell("prints").await.len(), 2);
}
