//! Documents to print, made here.

use std::io::Write;

/// A PDF of one page whose head names it and whose length is about `octets`. Its filler does not compress.
pub(crate) fn pdf(name: &str, octets: usize) -> Vec<u8> {
    let mut text = format!("%PDF-1.4\n%{name}\n").into_bytes();
    let objects = [
        "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
        "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
        "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>\nendobj\n",
    ];
    for object in objects {
        text.extend_from_slice(object.as_bytes());
    }
    text.extend_from_slice(format!("4 0 obj\n<< /Length {octets} >>\nstream\n").as_bytes());
    let mut state = name
        .bytes()
        .fold(0x9e37_79b9_7f4a_7c15_u64, |state, byte| state.rotate_left(9) ^ u64::from(byte));
    for _ in 0..octets / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.extend_from_slice(&state.to_le_bytes());
    }
    text.extend_from_slice(b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n");
    text
}

/// A font of Debian's, for text that everybody draws with the same shapes.
pub(crate) const FONT: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf";

/// A PDF of so many A4 pages, each with lines of text in a font that it brings along, and a picture of its own.
pub(crate) fn pages(n_pages: usize) -> Vec<u8> {
    let font = std::fs::read(FONT).expect("fonts-dejavu-core is installed");
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        Vec::new(),
        format!(
            "<< /Type /Font /Subtype /TrueType /BaseFont /DejaVuSansMono /FirstChar 32 /LastChar 126 \
             /Widths [{}] /Encoding /WinAnsiEncoding /FontDescriptor 4 0 R >>",
            "602 ".repeat(95)
        )
        .into_bytes(),
        b"<< /Type /FontDescriptor /FontName /DejaVuSansMono /Flags 33 /FontBBox [-558 -375 718 1041] \
          /ItalicAngle 0 /Ascent 928 /Descent -236 /CapHeight 729 /StemV 80 /FontFile2 5 0 R >>"
            .to_vec(),
        stream(&format!("/Length1 {}", font.len()), &font),
    ];
    let mut kids = String::new();
    for page in 1..=n_pages {
        let number = objects.len() + 1;
        kids.push_str(&format!("{number} 0 R "));
        let (contents, picture) = (number + 1, number + 2);
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {contents} 0 R \
                 /Resources << /Font << /F 3 0 R >> /XObject << /P {picture} 0 R >> >> >>"
            )
            .into_bytes(),
        );
        let line = |line: usize| {
            let y = 760 - 16 * line;
            format!(
                "BT /F 11 Tf 60 {y} Td (Line {line} of page {page}: the meeting begins at ten) Tj ET\n"
            )
        };
        let lines = (0..40).map(line).collect::<Vec<_>>().concat();
        objects.push(stream("", format!("{lines}q 180 0 0 180 360 60 cm /P Do Q").as_bytes()));
        let dots: Vec<u8> =
            (0..48 * 48).map(|i| ((i % 48) * 5 + (i / 48) * page).to_le_bytes()[0]).collect();
        let head = "/Type /XObject /Subtype /Image /Width 48 /Height 48 /ColorSpace /DeviceGray \
                    /BitsPerComponent 8";
        objects.push(stream(head, &dots));
    }
    objects[1] = format!("<< /Type /Pages /Kids [{kids}] /Count {n_pages} >>").into_bytes();
    assemble(&objects)
}

/// A PDF of so many small empty pages.
pub(crate) fn blanks(n_pages: usize) -> Vec<u8> {
    let kid = |page: usize| format!("{} 0 R ", page + 3);
    let kids = (0..n_pages).map(kid).collect::<Vec<_>>().concat();
    let page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 280] /Resources << >> >>".to_vec();
    let tree = format!("<< /Type /Pages /Kids [{kids}] /Count {n_pages} >>").into_bytes();
    let catalog = b"<< /Type /Catalog /Pages 2 0 R >>".to_vec();
    assemble(&[vec![catalog, tree], vec![page; n_pages]].concat())
}

pub(crate) fn stream(head: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("<< {head} /Length {} >>\nstream\n", bytes.len());
    [head.as_bytes(), bytes, b"\nendstream"].concat()
}

/// A PDF of these objects, the first of them its catalog.
pub(crate) fn assemble(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.5\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (i, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend_from_slice(format!("{} 0 obj\n", i + 1).as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let at = file.len();
    let size = objects.len() + 1;
    let end = format!("{table}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n");
    file.extend_from_slice(end.as_bytes());
    file
}

/// An OpenXPS document (ECMA-388) with so many pages, a square on each.
pub(crate) fn oxps(n_pages: u32) -> Vec<u8> {
    const NAMESPACE: &str = "http://schemas.openxps.org/oxps/v1.0";
    const TYPES: &str = "application/vnd.ms-package.xps";
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut part = |name: &str, text: String| {
        archive.start_file(name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    };
    part(
        "[Content_Types].xml",
        format!(
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
             <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"fdseq\" ContentType=\"{TYPES}-fixeddocumentsequence+xml\"/>\
             <Default Extension=\"fdoc\" ContentType=\"{TYPES}-fixeddocument+xml\"/>\
             <Default Extension=\"fpage\" ContentType=\"{TYPES}-fixedpage+xml\"/></Types>"
        ),
    );
    part(
        "_rels/.rels",
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
             <Relationship Type=\"{NAMESPACE}/fixedrepresentation\" Target=\"/Seq.fdseq\" Id=\"R1\"/></Relationships>"
        ),
    );
    let sequence = "<DocumentReference Source=\"/1.fdoc\"/>";
    part(
        "Seq.fdseq",
        format!("<FixedDocumentSequence xmlns=\"{NAMESPACE}\">{sequence}</FixedDocumentSequence>"),
    );
    let content = |page| format!("<PageContent Source=\"/{page}.fpage\"/>");
    let contents: String = (1..=n_pages).map(content).collect();
    part("1.fdoc", format!("<FixedDocument xmlns=\"{NAMESPACE}\">{contents}</FixedDocument>"));
    for page in 1..=n_pages {
        let side = 100 + page * 50;
        part(
            &format!("{page}.fpage"),
            format!(
                "<FixedPage Width=\"793.7\" Height=\"1122.5\" xmlns=\"{NAMESPACE}\" xml:lang=\"en-US\">\
                 <Path Data=\"M 60,60 L {side},60 {side},{side} 60,{side} Z\" Fill=\"#FF000000\"/></FixedPage>"
            ),
        );
    }
    archive.finish().unwrap().into_inner()
}
