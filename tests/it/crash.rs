//! The crash test: the real process dies at each named point, starts again, and papers and reports are counted.
//!
//! At the built-in printer, which reports octets and aborts what was cut, a release always ends the same: one whole
//! document, one report, nobody has to look. At `ippeveprinter`, which prints what was cut and calls it completed, a
//! person is asked where the process died between the intent to send and its outcome.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    crash_points::{ABORT, At, CONVERSION, Point, REDIRECT, RELEASE},
    ippeveprinter::IppEvePrinter,
    samples,
    world::{World, has_program, may_have_printed, until_within},
};

const OCTETS: usize = 400_000;

/// The tables of the document.
fn tables() -> String {
    let head = "| the process dies | the journal has | the next start |";
    let table = |points: &[Point]| {
        let row = |p: &Point| format!("| {} | {} | {} |\n", p.name, p.on_disk, p.then);
        format!("{head}\n|---|---|---|\n{}", points.iter().map(row).collect::<String>())
    };
    let release = |p: &Point| {
        let there = p.at_ippeveprinter.in_words();
        format!("| {} | {} | {} | {there} |\n", p.name, p.on_disk, p.then)
    };
    format!(
        "### A release\n\n{head} at a printer that counts no octets |\n|---|---|---|---|\n{}\n\
         ### An abort\n\n{}\n### A redirect\n\n{}\n### A conversion\n\n{}",
        RELEASE.iter().map(release).collect::<String>(),
        table(&ABORT),
        table(&REDIRECT),
        table(&CONVERSION)
    )
}

#[test]
fn the_document_has_the_tables_that_are_tested() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/journal.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("<!-- points -->\n").unwrap();
    let (written, after) = rest.split_once("<!-- end of points -->").unwrap();
    if std::env::var_os("PULLPRINT_BLESS").is_some() {
        let new = format!("{before}<!-- points -->\n{}<!-- end of points -->{after}", tables());
        std::fs::write(path, new).unwrap();
        return;
    }
    assert_eq!(written, tables(), "docs/journal.md differs; PULLPRINT_BLESS=1 writes it anew");
}

fn title_of(point: &Point) -> String {
    point.name.replace(' ', "-")
}

/// Our job of that title, where the daemon answers.
async fn find(world: &World, title: &str) -> Option<Value> {
    world.all_jobs().await?.into_iter().find(|job| job["title"] == title)
}

fn is_over(job: &Value) -> bool {
    job["state"] == "settled" || may_have_printed(job)
}

/// Somebody releases the job where it waits.
pub(crate) async fn release_if_held(world: &World, title: &str, printer: &str) {
    let Some(job) = find(world, title).await else { return };
    if job["state"] == "held" && !may_have_printed(&job) {
        let (number, version) = (job["job"].to_string(), job["version"].to_string());
        let release =
            ["release", &number, "--to", printer, "--version", &version, "--color", "gray"];
        let _ = world.jobs_output(&release).await;
    }
}

/// An administrator aborts the job where it waits.
async fn abort_if_held(world: &World, title: &str) {
    let Some(job) = find(world, title).await else { return };
    if job["state"] == "held" {
        let abort = ["abort", &job["job"].to_string(), "--reason", "Not today."];
        let _ = world.jobs_output(&abort).await;
    }
}

/// A daemon that dies at the point. Until then people do what they do, again and again.
pub(crate) async fn die(
    world: &mut World,
    point: &str,
    document: impl AsyncFnOnce(&World),
    act: impl AsyncFn(&World),
) {
    world.start_daemon_to_die(point);
    document(world).await;
    let begun = Instant::now();
    while !world.daemon_has_ended() {
        act(world).await;
        assert!(begun.elapsed() < Duration::from_mins(1), "the daemon does not come to {point}");
    }
}

/// The end of a job.
pub(crate) async fn end(world: &World, title: &str, act: impl AsyncFn(&World)) -> Value {
    until_within(Duration::from_mins(2), &format!("an end of {title}"), || async {
        act(world).await;
        find(world, title).await.filter(is_over)
    })
    .await
}

/// How often the cloud was told of a task.
async fn count_reports(world: &World, task: &str) -> usize {
    let is_report =
        |call: &&Value| call["method"] == "PATCH" && call["path"].as_str().unwrap().ends_with(task);
    world.tell("exchanges").await.iter().filter(is_report).count()
}

/// The task of a title is over, and was reported once; twice where the answer to a PATCH died with the process.
async fn was_reported(world: &World, point: &Point, state: &str) {
    let cloud = world.cloud_job(&title_of(point)).await;
    assert_eq!(cloud["tasks"][0]["state"], state, "{}", point.name);
    let reports = count_reports(world, cloud["tasks"][0]["id"].as_str().unwrap()).await;
    let repeatable = ["after close-task", "before-commit done"].contains(&point.name);
    assert!(reports == 1 || repeatable && reports == 2, "{}: {reports} reports", point.name);
}

fn no_document_is_left(world: &World) {
    let spool = std::fs::read_dir(world.directory.join("state/spool")).unwrap().count();
    assert_eq!(spool, 0, "no spool file is left behind");
}

async fn released_at_the_built_in_printer(name: &str, points: &[Point]) {
    let mut world = World::new(name, &["--calm", "--print-time", "20"]).await;
    for point in points {
        let title = title_of(point);
        let document = samples::pdf(&title, OCTETS);
        let before = world.tell("prints").await.len();
        let print = async |world: &World| {
            world.print(&title, "application/pdf", document.clone()).await;
        };
        die(&mut world, point.name, print, async |world: &World| {
            release_if_held(world, &title, "lobby").await
        })
        .await;
        world.start_daemon().await;
        let job = end(&world, &title, async |world: &World| {
            release_if_held(world, &title, "lobby").await
        })
        .await;
        assert_eq!(job["ending"], "completed", "{}: {job}", point.name);
        let prints = world.tell("prints").await;
        assert_eq!(prints[before..].len(), 1, "{}: {prints:?}", point.name);
        let printed = std::fs::read(prints[before]["file"].as_str().unwrap()).unwrap();
        assert!(printed == document, "{}: another document came out", point.name);
        was_reported(&world, point, "completed").await;
        assert_eq!(world.stop_daemon().await, Some(0), "{}", point.name);
    }
    no_document_is_left(&world);
}

#[tokio::test]
async fn a_release_that_dies_before_create_job_comes_out_whole_and_once() {
    released_at_the_built_in_printer("crash-early", &RELEASE[..20]).await;
}

#[tokio::test]
async fn a_release_that_dies_from_create_job_on_comes_out_whole_and_once() {
    released_at_the_built_in_printer("crash-late", &RELEASE[20..]).await;
}

#[tokio::test]
async fn an_abort_is_made_once_and_with_its_reason_wherever_the_daemon_dies() {
    let mut world = World::calm("crash-abort").await;
    for point in &ABORT {
        let title = title_of(point);
        let print = async |world: &World| {
            world.print(&title, "application/pdf", samples::pdf(&title, 1_000)).await;
        };
        die(&mut world, point.name, print, async |world: &World| {
            abort_if_held(world, &title).await
        })
        .await;
        world.start_daemon().await;
        let job =
            end(&world, &title, async |world: &World| abort_if_held(world, &title).await).await;
        assert_eq!(job["ending"], "aborted", "{}: {job}", point.name);
        let cloud = world.cloud_job(&title).await;
        assert_eq!(
            (&cloud["state"], &cloud["abort_reason"]),
            (&"aborted".into(), &"Not today.".into())
        );
        let tail = format!("{}/abort", cloud["job"].as_str().unwrap());
        let calls = world.tell("exchanges").await;
        let aborts = calls.iter().filter(|call| {
            call["status"] == 204 && call["path"].as_str().unwrap().ends_with(&tail)
        });
        assert_eq!(aborts.count(), 1, "{}", point.name);
        was_reported(&world, point, "aborted").await;
        assert_eq!(world.stop_daemon().await, Some(0), "{}", point.name);
    }
    assert_eq!(world.tell("prints").await.len(), 0);
}

#[tokio::test]
async fn a_redirect_is_proved_by_the_cloud_or_a_person_is_asked() {
    let mut world = World::calm("crash-redirect").await;
    let destination = format!("redirect_to = {:?}", world.told("cloud_printer"));
    world.configure(&destination, "");
    let unproved =
        |point: &&Point| ["after-commit job-read", "before redirect"].contains(&point.name);
    let (slow, quick): (Vec<&Point>, Vec<&Point>) = REDIRECT.iter().partition(unproved);
    for (point, number) in quick.iter().zip(1..) {
        redirect_and_die(&mut world, point, number).await;
        world.start_daemon().await;
        let job = end(&world, &title_of(point), async |_: &World| ()).await;
        assert_eq!(job["ending"], "redirected", "{}: {job}", point.name);
        assert_eq!(count_redirects(&world, &job).await, 1, "{}", point.name);
        assert_eq!(world.stop_daemon().await, Some(0));
    }
    for (point, number) in slow.iter().zip(quick.len() + 1..) {
        redirect_and_die(&mut world, point, number).await;
    }
    // The minutes in which the cloud is asked pass side by side.
    world.start_daemon().await;
    for point in slow {
        let job = end(&world, &title_of(point), async |_: &World| ()).await;
        assert!(may_have_printed(&job), "{}: {job}", point.name);
        assert_eq!(count_redirects(&world, &job).await, 0, "{}", point.name);
    }
    assert_eq!(world.stop_daemon().await, Some(0));
}

async fn redirect_and_die(world: &mut World, point: &Point, number: usize) {
    let title = title_of(point);
    let print = async |world: &World| {
        world.print(&title, "application/pdf", samples::pdf(&title, 1_000)).await;
    };
    die(world, &format!("{number}:{}", point.name), print, async |_: &World| ()).await;
}

/// How often the cloud has moved a job.
async fn count_redirects(world: &World, job: &Value) -> usize {
    let tail = format!("{}/redirect", job["cloud_job"].as_str().unwrap());
    let made =
        |call: &&Value| call["status"] == 200 && call["path"].as_str().unwrap().ends_with(&tail);
    world.tell("exchanges").await.iter().filter(made).count()
}

#[tokio::test]
async fn a_conversion_that_dies_is_made_again_and_its_document_comes_out_once() {
    if !has_program("xpstopdf") {
        return;
    }
    let mut world = World::calm("crash-conversion").await;
    world.configure("release_to = \"lobby\"", "");
    for (point, n_prints) in CONVERSION.iter().zip(1..) {
        let title = title_of(point);
        let print = async |world: &World| {
            world.print(&title, "application/oxps", samples::oxps(3)).await;
        };
        die(&mut world, point.name, print, async |_: &World| ()).await;
        world.start_daemon().await;
        let job = end(&world, &title, async |_: &World| ()).await;
        assert_eq!(job["ending"], "completed", "{}: {job}", point.name);
        let prints = world.tell("prints").await;
        assert_eq!(prints.len(), n_prints, "{}", point.name);
        assert!(prints[n_prints - 1]["head"].as_str().unwrap().starts_with("%PDF"), "{prints:?}");
        assert_eq!(world.stop_daemon().await, Some(0), "{}", point.name);
    }
    no_document_is_left(&world);
}

#[tokio::test]
async fn of_three_jobs_at_two_printers_none_is_lost_or_doubled_when_one_of_them_dies() {
    let printers = ["lobby", "attic"];
    let mut world = World::new(
        "crash-three",
        &["--calm", "--print-time", "20", "--printer", "lobby", "--printer", "attic"],
    )
    .await;
    let points = RELEASE.iter().filter(|point| {
        !point.on_disk.contains("claimed") && point.on_disk != "nothing" && point.on_disk != "held"
    });
    for (point, round) in points.zip(0..) {
        let titles: Vec<String> = (0..3).map(|i| format!("{}-{i}", title_of(point))).collect();
        let print = async |world: &World| {
            for title in &titles {
                world.print(title, "application/pdf", samples::pdf(title, OCTETS / 4)).await;
            }
        };
        let act = async |world: &World| {
            for (title, printer) in titles.iter().zip([printers[0], printers[0], printers[1]]) {
                release_if_held(world, title, printer).await;
            }
        };
        // The second job of this round.
        let at = format!("{}:{}", round * 3 + 2, point.name);
        die(&mut world, &at, print, &act).await;
        world.start_daemon().await;
        for title in &titles {
            let job = end(&world, title, &act).await;
            assert_eq!(job["ending"], "completed", "{}: {job}", point.name);
        }
        let mine = format!("%{}-", title_of(point));
        let prints = world.tell("prints").await;
        let prints = prints.iter().filter(|print| print["head"].as_str().unwrap().contains(&mine));
        let read = |print: &Value| std::fs::read(print["file"].as_str().unwrap()).unwrap();
        let mut printed: Vec<Vec<u8>> = prints.map(read).collect();
        let mut wanted: Vec<Vec<u8>> =
            titles.iter().map(|title| samples::pdf(title, OCTETS / 4)).collect();
        printed.sort();
        wanted.sort();
        assert!(printed == wanted, "{}: {} documents came out", point.name, printed.len());
        assert_eq!(world.stop_daemon().await, Some(0), "{}", point.name);
    }
    no_document_is_left(&world);
}

/// Whole and cut documents of a title that came out of `ippeveprinter`.
fn count(printer: &IppEvePrinter, document: &[u8], known: &[PathBuf]) -> (usize, usize) {
    let new = printer.printed().into_iter().filter(|file| !known.contains(file));
    let printed: Vec<Vec<u8>> = new.map(|file| std::fs::read(file).unwrap()).collect();
    let whole = printed.iter().filter(|printed| *printed == document).count();
    (whole, printed.len() - whole)
}

#[tokio::test]
async fn at_a_real_printer_a_person_is_asked_only_where_the_printer_can_not_tell() {
    let mut world = World::calm("crash-ippeve").await;
    let Some(printer) = IppEvePrinter::start(&world.directory).await else { return };
    world.configure("", &format!("[printers.real]\nuri = {:?}", printer.uri));
    let mut wrong = Vec::new();
    for point in RELEASE.iter().filter(|point| point.at_ippeveprinter != At::Same) {
        let title = title_of(point);
        let document = samples::pdf(&title, OCTETS * 10);
        let known = printer.printed();
        let print = async |world: &World| {
            world.print(&title, "application/pdf", document.clone()).await;
        };
        die(&mut world, point.name, print, async |world: &World| {
            release_if_held(world, &title, "real").await
        })
        .await;
        world.start_daemon().await;
        let job =
            end(&world, &title, async |world: &World| release_if_held(world, &title, "real").await)
                .await;
        let (whole, cut) = count(&printer, &document, &known);
        println!("{}: {} {}, {whole} whole, {cut} cut", point.name, job["state"], job["ending"]);
        let expected = match point.at_ippeveprinter {
            At::Whole => job["ending"] == "completed" && (whole, cut) == (1, 0),
            _ => may_have_printed(&job) && whole + cut <= 1,
        };
        if !expected {
            wrong.push(format!("{}: {whole} whole, {cut} cut: {job}", point.name));
        }
        assert_eq!(world.stop_daemon().await, Some(0), "{}", point.name);
    }
    assert_eq!(wrong, Vec::<String>::new());
    no_document_is_left(&world);
}
