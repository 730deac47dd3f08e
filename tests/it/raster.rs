//! A printer that takes raster alone: what is drawn for it looks as poppler draws it.

use std::{path::Path, process::Command};

use crate::{
    ippeveprinter::IppEvePrinter,
    pixels::{Gray, read_pgm, read_pwg, share_that_differs},
    samples,
    world::{World, has_program},
};

/// What the printer says that it can do: PWG Raster at 150 dots an inch.
const RASTER_ONLY: &str = "\
ATTR mimeMediaType document-format-supported image/pwg-raster
ATTR resolution pwg-raster-document-resolution-supported 150dpi
ATTR keyword pwg-raster-document-sheet-back normal
ATTR keyword pwg-raster-document-type-supported sgray_8
ATTR keyword sides-supported one-sided,two-sided-long-edge
ATTR rangeOfInteger copies-supported 1-9
";

const N_PAGES: usize = 20;

/// The largest part of a page whose dots may differ, after a blur that takes the edges away.
const TOLERATED: f64 = 0.01;

async fn raster_only(world: &World) -> Option<IppEvePrinter> {
    let folder = world.directory.join("raster-only");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("attributes.conf"), RASTER_ONLY).unwrap();
    IppEvePrinter::start_with(&world.directory, "raster-only", &["-a", "attributes.conf"]).await
}

/// The pages of a PDF as poppler draws them.
fn by_poppler(folder: &Path, pdf: &Path) -> Vec<Gray> {
    let prefix = folder.join("poppler");
    let done = Command::new("pdftoppm")
        .args(["-r", "150", "-gray"])
        .args([pdf, &prefix])
        .status()
        .unwrap();
    assert!(done.success());
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|end| end == "pgm")).collect();
    files.sort();
    files.iter().map(|file| read_pgm(&std::fs::read(file).unwrap())).collect()
}

async fn print_and_compare(content_type: &str, document: Vec<u8>, as_pdf: impl Fn(&Path)) {
    let mut world = World::calm("raster").await;
    let Some(printer) = raster_only(&world).await else { return };
    world.configure("release_to = \"real\"", &format!("[printers.real]\nuri = {:?}", printer.uri));
    world.start_daemon().await;
    world.print("minutes", content_type, document).await;
    let done = world.wait_for("minutes", "settled").await;
    assert_eq!(done["ending"], "completed", "{done}");
    let shown = world.show(&done).await;
    let work = shown["done_here"].as_str().unwrap();
    assert!(work.contains("to image/pwg-raster dpi=150x150 dots=sgray_8"), "{work}");
    assert_eq!(done["reasons"].as_array().unwrap().len(), 0, "{done}");

    let printed = printer.printed();
    assert_eq!(printed.len(), 1);
    let ours = read_pwg(&std::fs::read(&printed[0]).unwrap());
    let pdf = world.directory.join("expected.pdf");
    as_pdf(&pdf);
    let theirs = by_poppler(&world.directory, &pdf);
    assert_eq!((ours.len(), theirs.len()), (N_PAGES, N_PAGES));
    let differ: Vec<f64> =
        ours.iter().zip(&theirs).map(|(ours, theirs)| share_that_differs(ours, theirs)).collect();
    let most = differ.iter().copied().fold(0.0, f64::max);
    println!("{content_type}: at most {:.3} % of a page's dots differ", most * 100.0);
    assert!(most < TOLERATED, "{differ:?}");
    assert!(ours.iter().all(|page| page.ink() > 0.005), "no page is blank");
    assert_eq!(world.stop_daemon().await, Some(0));
}

#[tokio::test]
async fn a_pdf_for_a_raster_printer_looks_as_poppler_draws_it() {
    if !has_program("pdftoppm") {
        return;
    }
    let document = samples::pages(N_PAGES);
    let as_pdf = |path: &Path| std::fs::write(path, samples::pages(N_PAGES)).unwrap();
    print_and_compare("application/pdf", document, as_pdf).await;
}

#[tokio::test]
async fn an_oxps_for_a_raster_printer_looks_as_poppler_draws_it() {
    if !has_program("pdftoppm") || !has_program("xpstopdf") {
        return;
    }
    let document = samples::oxps(u32::try_from(N_PAGES).unwrap());
    let converted = document.clone();
    let as_pdf = |path: &Path| {
        let xps = path.with_extension("oxps");
        std::fs::write(&xps, &converted).unwrap();
        assert!(Command::new("xpstopdf").args([&xps, path]).status().unwrap().success());
    };
    print_and_compare("application/oxps", document, as_pdf).await;
}
