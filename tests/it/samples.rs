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

/// An OpenXPS document (ECMA-388) with so many pages, a square on each.
pub(crate) fn oxps(pages: u32) -> Vec<u8> {
    oxps_of_documents(&[(1, pages)])
}

/// The same with several fixed documents, each from a page to a page.
pub(crate) fn oxps_of_documents(documents: &[(u32, u32)]) -> Vec<u8> {
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
    let reference =
        |(i, _): (usize, &(u32, u32))| format!("<DocumentReference Source=\"/{i}.fdoc\"/>");
    let references = documents.iter().enumerate().map(reference).collect::<Vec<_>>().concat();
    part(
        "Seq.fdseq",
        format!(
            "<FixedDocumentSequence xmlns=\"{NAMESPACE}\">{references}</FixedDocumentSequence>"
        ),
    );
    for (i, (first, last)) in documents.iter().enumerate() {
        let content = |page| format!("<PageContent Source=\"/{page}.fpage\"/>");
        let contents = (*first..=*last).map(content).collect::<Vec<_>>().concat();
        part(
            &format!("{i}.fdoc"),
            format!("<FixedDocument xmlns=\"{NAMESPACE}\">{contents}</FixedDocument>"),
        );
    }
    let n_pages = documents.iter().map(|(_, last)| *last).max().unwrap_or(0);
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
