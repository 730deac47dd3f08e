//! Magic bytes decide what a document is, not its label alone.
//!
//! Deliberately absent: looking deeper than the first kilobyte.

use crate::model::DocumentFormat;

/// How many bytes of a document are looked at.
pub const HEAD: usize = 1024;

/// The format of a document by its first bytes; the label decides only where the bytes leave it open.
pub fn sniff(head: &[u8], label: Option<&str>) -> DocumentFormat {
    let labeled = label.map(DocumentFormat::from_mime);
    let head = &head[..head.len().min(HEAD)];
    if let Some(format) = by_magic(head) {
        return format;
    }
    if head.starts_with(b"PK\x03\x04") {
        return match labeled {
            Some(DocumentFormat::Xps) => DocumentFormat::Xps,
            Some(DocumentFormat::Oxps) => DocumentFormat::Oxps,
            _ if contains(head, b".fdseq") || contains(head, b"[Content_Types].xml") => {
                DocumentFormat::Oxps
            }
            _ => DocumentFormat::Other("application/zip".to_owned()),
        };
    }
    match labeled {
        Some(DocumentFormat::Other(mime)) if !mime.is_empty() => DocumentFormat::Other(mime),
        _ => DocumentFormat::Other("application/octet-stream".to_owned()),
    }
}

fn by_magic(head: &[u8]) -> Option<DocumentFormat> {
    const MAGIC: &[(&[u8], DocumentFormat)] = &[
        (b"RaS2", DocumentFormat::PwgRaster),
        (b"UNIRAST\0", DocumentFormat::Urf),
        (b"\xff\xd8\xff", DocumentFormat::Jpeg),
        (b"\x89PNG\r\n\x1a\n", DocumentFormat::Png),
        (b"%!PS", DocumentFormat::PostScript),
        (b"\x1bE", DocumentFormat::Pcl),
        (b"\x1b%-12345X", DocumentFormat::Pcl),
    ];
    // A PDF may have some bytes before its header (ISO 32000-1 annex H.3.4.1).
    if contains(head, b"%PDF-") {
        return Some(DocumentFormat::Pdf);
    }
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, format)| format.clone())
}

fn contains(head: &[u8], needle: &[u8]) -> bool {
    head.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &[u8], label: &str, expect: &str) {
        assert_eq!(sniff(head, Some(label)).mime(), expect);
    }

    #[test]
    fn the_bytes_overrule_the_label() {
        check(b"%PDF-1.7\n", "application/oxps", "application/pdf");
        check(b"\0\0\n%PDF-1.4", "application/pdf", "application/pdf");
        check(b"PK\x03\x04....[Content_Types].xml", "application/pdf", "application/oxps");
        check(b"PK\x03\x04", "application/vnd.ms-xpsdocument", "application/vnd.ms-xpsdocument");
        check(b"RaS2PwgRaster", "application/pdf", "image/pwg-raster");
        check(b"\x1b%-12345X@PJL", "text/plain", "application/vnd.hp-pcl");
    }

    #[test]
    fn a_label_without_its_magic_is_not_believed() {
        check(b"hello", "application/pdf", "application/octet-stream");
        check(b"hello", "text/plain; charset=utf-8", "text/plain");
        check(b"", "", "application/octet-stream");
        check(b"PK\x03\x04word/document.xml", "application/zip", "application/zip");
    }
}
