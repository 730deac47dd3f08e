//! OXPS as Windows writes it: obfuscated fonts, parts in pieces, pages of several sizes, images that nobody here knows.

use std::{io::Write, process::Command};

use serde_json::Value;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::world::{World, has_program};

const OXPS: &str = "application/oxps";
const NAMESPACE: &str = "http://schemas.openxps.org/oxps/v1.0";
const FONT: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
const GUID: &str = "1b9a0c52-33a1-4e0f-8f6d-0a1b2c3d4e5f";

/// A page with a line of text and what else there is.
fn page(width: u32, height: u32, text: &str, more: &str) -> String {
    format!(
        "<FixedPage Width=\"{width}\" Height=\"{height}\" xmlns=\"{NAMESPACE}\" xml:lang=\"en-US\">\
         <Glyphs FontUri=\"../../../Resources/Fonts/{}.odttf\" FontRenderingEmSize=\"24\" OriginX=\"96\" \
         OriginY=\"120\" UnicodeString=\"{text}\" Fill=\"#FF000000\"/>{more}</FixedPage>",
        GUID.to_uppercase()
    )
}

/// A font mixed with its name (ECMA-388 section 9.1.7.3).
fn obfuscated() -> Vec<u8> {
    let mut font = std::fs::read(FONT).unwrap();
    let digits = GUID.replace('-', "");
    let octet = |i: usize| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap();
    for (i, place) in font.iter_mut().take(32).enumerate() {
        *place ^= octet(15 - i % 16);
    }
    font
}

fn wide(text: &str) -> Vec<u8> {
    [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Two documents with three pages of three sizes; the second page has an image in this format.
fn as_windows_writes_it(image: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut item = |name: &str, bytes: &[u8]| {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    };
    let arc = "<Path Data=\"m 100,300 a 50,50 0 0 1 100,0 z\" Fill=\"#FF000000\"/>";
    let first = page(794, 1123, "Minutes of the meeting", arc);
    let brush = "<Path Data=\"M 96,200 L 300,200 300,400 96,400 Z\"><Path.Fill><ImageBrush \
                 ImageSource=\"/Resources/Images/1.wdp\" Viewbox=\"0,0,10,10\" ViewboxUnits=\"Absolute\" \
                 Viewport=\"96,200,204,200\" ViewportUnits=\"Absolute\" TileMode=\"None\"/></Path.Fill></Path>";
    let second = page(1587, 1123, "A large table", brush);
    let third = page(816, 1056, "A letter from elsewhere", "");
    let relationships = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship \
         Type=\"{NAMESPACE}/fixedrepresentation\" Target=\"FixedDocumentSequence.fdseq\" Id=\"R0\"/></Relationships>"
    );
    let sequence = format!(
        "<FixedDocumentSequence xmlns=\"{NAMESPACE}\"><DocumentReference Source=\"Documents/1/FixedDocument.fdoc\"/>\
         <DocumentReference Source=\"Documents/2/FixedDocument.fdoc\"/></FixedDocumentSequence>"
    );
    let document = |pages: &[u32]| {
        let pages =
            pages.iter().map(|page| format!("<PageContent Source=\"Pages/{page}.fpage\"/>"));
        format!(
            "<FixedDocument xmlns=\"{NAMESPACE}\">{}</FixedDocument>",
            pages.collect::<String>()
        )
    };
    item("_rels/.rels", relationships.as_bytes());
    // The beginning of each part comes early, so that a printer could begin.
    let (head, tail) = first.as_bytes().split_at(first.len() / 2);
    item("Documents/1/Pages/1.fpage/[0].piece", head);
    item("FixedDocumentSequence.fdseq", sequence.as_bytes());
    item("Documents/1/FixedDocument.fdoc/[0].piece", &document(&[1, 2]).as_bytes()[..70]);
    item("Documents/1/Pages/1.fpage/[1].last.piece", tail);
    item("Documents/1/Pages/2.fpage", &wide(&second));
    item("Documents/1/FixedDocument.fdoc/[1].last.piece", &document(&[1, 2]).as_bytes()[70..]);
    item("Documents/2/FixedDocument.fdoc", document(&[3]).as_bytes());
    item("Documents/2/Pages/3.fpage", third.as_bytes());
    item("Resources/Images/1.wdp", image);
    item(&format!("Resources/Fonts/{}.odttf", GUID.to_uppercase()), &obfuscated());
    archive.finish().unwrap().into_inner()
}

async fn world(name: &str, strict: bool) -> World {
    let mut world = World::calm(name).await;
    world.configure("release_to = \"lobby\"", &format!("[converter]\nstrict = {strict}"));
    world.start_daemon().await;
    world
}

fn lines(program: &str, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(program).args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn missing(job: &Value) -> &str {
    let reasons = job["reasons"].as_array().unwrap();
    let found = reasons.iter().find(|reason| reason["code"] == "parts-missing");
    found.map_or("", |reason| reason["detail"].as_str().unwrap())
}

#[tokio::test]
async fn what_windows_writes_comes_out_whole_and_what_nobody_knows_is_told() {
    if !has_program("xpstopdf") || !has_program("pdftotext") {
        return;
    }
    let world = world("oxps", false).await;
    world.print("minutes", OXPS, as_windows_writes_it(b"II\xBC\x01 an image of Windows'")).await;
    let done = world.wait_for("minutes", "settled").await;
    assert_eq!(done["ending"], "completed", "{done}");
    assert_eq!(missing(&done), "an image in the format JPEG XR", "{done}");
    let file = world.tell("prints").await[0]["file"].as_str().unwrap().to_owned();
    let text = lines("pdftotext", &[&file, "-"]).join(" ");
    for expect in ["Minutes of the meeting", "A large table", "A letter from elsewhere"] {
        assert!(text.contains(expect), "{text}");
    }
    let sizes = lines("pdfinfo", &["-f", "1", "-l", "9", &file]);
    let sizes: Vec<_> = sizes.iter().filter(|line| line.contains(" pts")).collect();
    let expect = ["595.5 x 842.25", "1190.25 x 842.25", "612 x 792"];
    assert_eq!(sizes.len(), 3, "{sizes:?}");
    assert!(sizes.iter().zip(expect).all(|(size, expect)| size.contains(expect)), "{sizes:?}");
    // The half circle of an arc, which the converter alone would not draw.
    let pixels = Command::new("pdftoppm")
        .args([
            "-r", "96", "-gray", "-f", "1", "-l", "1", "-x", "150", "-y", "270", "-W", "1", "-H",
            "1", &file,
        ])
        .output()
        .unwrap();
    assert_eq!(pixels.stdout.last(), Some(&0), "{pixels:?}");
}

#[tokio::test]
async fn a_strict_configuration_prints_nothing_that_is_not_whole() {
    if !has_program("xpstopdf") {
        return;
    }
    let world = world("oxps-strict", true).await;
    world.print("minutes", OXPS, as_windows_writes_it(b"II\xBC\x01 an image of Windows'")).await;
    let done = world.wait_for("minutes", "settled").await;
    assert_eq!(done["ending"], "aborted", "{done}");
    assert!(done["abort_reason"].as_str().unwrap().contains("JPEG XR"), "{done}");
    assert!(world.tell("prints").await.is_empty());
}
