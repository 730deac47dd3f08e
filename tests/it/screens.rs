//! People at screens, from the badge to the paper.
//!
//! Each page is kept as a picture below `target/tmp/screens`, and judged by axe-core where `tests/run` has fetched it.

use std::time::Instant;

use crate::{
    browser::{Browser, Key},
    site::Site,
    stations::prints_of,
    world::until,
};

async fn whole_story(width: u32, height: u32) {
    let name = format!("{width}x{height}");
    let Some(mut site) = Site::open(&format!("screen-{name}"), "en", "").await else { return };
    site.browser.resize(width, height, 1.0).await;
    site.prints(&["Minutes of the board", "Boarding pass", "Expenses in November 2026"]).await;
    site.go().await;
    site.browser.look(&format!("{name}-1-idle")).await;
    let shown = Instant::now();
    site.signs_in().await;
    println!("the list was there {} ms after the badge", shown.elapsed().as_millis());
    let browser = &site.browser;
    assert_eq!(browser.count(".cards .card").await, 3);
    browser.look(&format!("{name}-2-list")).await;
    let job = site.world.wait_for("Boarding pass", "held").await;
    browser.touch(&format!("#change-{}", job["job"])).await;
    browser.wait("main.settings").await;
    browser.touch(".stepper [data-step='1']").await;
    browser.touch("[name=color][value=gray]").await;
    browser.look(&format!("{name}-3-change")).await;
    browser.touch(".actions .main").await;
    browser.wait(".moving").await;
    browser.look(&format!("{name}-4-progress")).await;
    assert_eq!(browser.count(".cards .card").await, 2);
    browser.wait("details.ended").await;
    let cloud = site.world.cloud_job("Boarding pass").await;
    assert_eq!(cloud["configuration"]["copies"], 2, "{cloud}");
    assert_eq!(cloud["configuration"]["colorMode"], "grayscale", "{cloud}");
    browser.touch("#print-here").await;
    for title in ["Minutes of the board", "Expenses in November 2026"] {
        assert_eq!(site.world.wait_for(title, "settled").await["ending"], "completed");
    }
    until("the empty list", || async { (browser.count("details[open]").await == 1).then_some(()) })
        .await;
    browser.look(&format!("{name}-5-done")).await;
    assert_eq!(prints_of(&site.world, "lobby").await.len(), 3);
    browser.touch("header [data-escape]").await;
    browser.wait("body.idle").await;
    site.close().await;
}

#[tokio::test]
async fn a_person_prints_at_a_small_panel() {
    whole_story(800, 480).await;
}

#[tokio::test]
async fn a_person_prints_at_a_wall_display() {
    whole_story(1920, 1080).await;
}

#[tokio::test]
async fn a_person_prints_at_a_tall_narrow_screen() {
    whole_story(390, 844).await;
}

/// Presses a key until that element has the focus; a page has fewer places than this.
async fn walk_to(browser: &Browser, key: Key, css: &str) {
    for _ in 0..40 {
        if browser.count(&format!("{css}:focus")).await > 0 {
            return;
        }
        browser.press(key).await;
    }
    panic!("no key leads to {css}");
}

#[tokio::test]
async fn keys_alone_do_the_whole_story() {
    let Some(mut site) = Site::open("screen-keys", "en", "").await else { return };
    site.browser.resize(800, 480, 1.0).await;
    site.prints(&["first", "second"]).await;
    site.go().await;
    site.signs_in().await;
    let browser = &site.browser;
    browser.wait("#print-here:focus").await;
    // Up to the older job's page: its button stands before the one that prints.
    browser.press(Key::Up).await;
    browser.wait("a[id^=change]:focus").await;
    browser.press(Key::Enter).await;
    browser.wait("main.settings .main:focus").await;
    // To the copies and one more of them; then to the colors, and to gray.
    walk_to(browser, Key::Up, "[name=copies]").await;
    browser.press(Key::Right).await;
    walk_to(browser, Key::Down, "[name=color]").await;
    browser.press(Key::Right).await;
    browser.wait("[name=color][value=gray]:checked").await;
    walk_to(browser, Key::Down, ".actions .main").await;
    browser.press(Key::Enter).await;
    site.world.wait_for("first", "settled").await;
    let cloud = site.world.cloud_job("first").await;
    assert_eq!(cloud["configuration"]["copies"], 2, "{cloud}");
    assert_eq!(cloud["configuration"]["colorMode"], "grayscale", "{cloud}");
    // The other one is taken off the choice and put back, and printed at the neighbor.
    browser.wait("#print-here:focus").await;
    walk_to(browser, Key::Up, "[name=job]").await;
    browser.press(Key::Enter).await;
    browser.wait("#print-here:disabled").await;
    browser.press(Key::Enter).await;
    browser.wait("#print-here:enabled").await;
    walk_to(browser, Key::Down, "#print-elsewhere").await;
    browser.press(Key::Enter).await;
    browser.wait("button.card[value=attic]:focus").await;
    browser.look("keys-where").await;
    browser.press(Key::Enter).await;
    site.world.wait_for("second", "settled").await;
    assert_eq!(prints_of(&site.world, "attic").await.len(), 1);
    browser.wait("main#jobs").await;
    browser.press(Key::Escape).await;
    browser.wait("body.idle").await;
    site.close().await;
}

#[tokio::test]
async fn a_job_is_removed_after_a_question_and_one_that_may_have_printed_asks() {
    let Some(mut site) = Site::open("screen-questions", "en", "").await else { return };
    site.browser.resize(800, 480, 1.0).await;
    site.prints(&["unwanted", "half"]).await;
    site.go().await;
    site.signs_in().await;
    let browser = &site.browser;
    let unwanted = site.world.wait_for("unwanted", "held").await;
    browser.touch(&format!("#change-{}", unwanted["job"])).await;
    browser.touch(".actions .danger").await;
    browser.wait("main.question").await;
    browser.look("remove").await;
    browser.press(Key::Enter).await;
    browser.wait("main#jobs").await;
    assert_eq!(browser.count(".cards .card").await, 2, "a question is not an answer");
    browser.touch(&format!("#change-{}", unwanted["job"])).await;
    browser.touch(".actions .danger").await;
    // The cloud hears of it after the list is there again, which comes anew when it did.
    let slow = [("kind", "slow"), ("number", "1500"), ("times", "4")];
    site.world.door("fault", &slow).await;
    browser.touch("main.question .danger").await;
    browser.wait(".notice.good").await;
    let settled = site.world.wait_for("unwanted", "settled").await;
    assert_eq!(settled["ending"], "aborted");
    browser.wait("details.ended .chip").await;
    assert_eq!(browser.count(".notice.good").await, 1, "a list that is fetched anew leaves it");
    browser.look("removed").await;
    let cloud = site.world.cloud_job("unwanted").await;
    assert_eq!(cloud["abort_reason"], "You removed this job at a printer.", "{cloud}");
    assert!(site.world.tell("prints").await.is_empty());
    // The other one is cut on its way, and the printer calls it printed: it waits for a look at the printer.
    let cut = [("printer", "lobby"), ("kind", "cut-after"), ("bytes", "1000")];
    site.world.door("fault", &cut).await;
    browser.touch("#print-here").await;
    until("the doubt", || async {
        browser.text().await.contains("May already be printed").then_some(())
    })
    .await;
    assert_eq!(browser.count("[name=job]").await, 0, "it is not chosen with others");
    browser.look("may-have-printed").await;
    browser.touch("a[id^=change]").await;
    browser.wait("main.settings .notice.bad").await;
    browser.look("may-have-printed-page").await;
    assert!(browser.text().await.contains("I looked: print it again"));
    browser.touch(".actions .main").await;
    assert_eq!(site.world.wait_for("half", "settled").await["ending"], "completed");
    site.close().await;
}

#[tokio::test]
async fn an_unknown_badge_and_a_printer_without_paper_are_said_in_words() {
    let Some(mut site) = Site::open("screen-troubles", "en", "").await else { return };
    site.browser.resize(800, 480, 1.0).await;
    site.prints(&["letter"]).await;
    site.go().await;
    site.reader.show(99_999).await;
    site.browser.wait("#told .notice.bad").await;
    site.browser.look("unknown-badge").await;
    let mood = [("printer", "lobby"), ("state", "5"), ("reasons", "media-empty-error")];
    site.world.door("mood", &mood).await;
    site.signs_in().await;
    let browser = &site.browser;
    until("the empty tray", || async {
        browser.text().await.contains("Out of paper").then_some(())
    })
    .await;
    assert!(browser.text().await.contains("attic is ready."));
    browser.look("out-of-paper").await;
    browser.touch("#print-here").await;
    until("the printer's word", || async {
        browser.text().await.contains("The printer could not print").then_some(())
    })
    .await;
    browser.look("out-of-paper-refused").await;
    browser.touch("#print-elsewhere").await;
    browser.touch("button.card[value=attic]").await;
    assert_eq!(site.world.wait_for("letter", "settled").await["ending"], "completed");
    assert_eq!(prints_of(&site.world, "attic").await.len(), 1);
    site.close().await;
}
