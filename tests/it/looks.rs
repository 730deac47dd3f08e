//! How screens look: in each language, at each size, at twice the size.

use serde_json::json;

use crate::{kiosk::kiosk_origin, site::Site, world::until};

#[tokio::test]
async fn each_language_is_spoken_on_every_page() {
    let Some(mut site) = Site::open("screen-languages", "de,en", "badge_word = \"card\"").await
    else {
        return;
    };
    site.browser.resize(800, 480, 1.0).await;
    site.prints(&["letter"]).await;
    site.go().await;
    let text = site.browser.text().await;
    assert!(text.contains("Halten Sie Ihre Karte an das Lesegerät"), "{text}");
    let mut heard = std::collections::HashSet::new();
    for code in ["en", "de", "fr", "es", "zh", "ru"] {
        site.browser.touch(&format!(".languages [value={code}]")).await;
        site.browser.wait(&format!("html[lang={code}] .idle .standing .chip")).await;
        site.browser.look(&format!("language-{code}-1-idle")).await;
        site.signs_in().await;
        site.browser.wait(&format!("html[lang={code}] main#jobs")).await;
        assert!(heard.insert(site.browser.text().await), "{code} says what another says");
        site.browser.look(&format!("language-{code}-2-list")).await;
        site.browser.touch("a[id^=change]").await;
        site.browser.wait("main.settings").await;
        site.browser.look(&format!("language-{code}-3-change")).await;
        site.browser.touch("header [data-escape]").await;
        site.browser.touch("header [data-escape]").await;
        site.browser.wait("body.idle").await;
    }
    // What a person chose while they were signed in is theirs the next time.
    site.browser.touch(".languages [value=en]").await;
    site.signs_in().await;
    site.browser
        .script(
            "const select = document.querySelector('header select'); select.value = 'fr';
         select.dispatchEvent(new Event('change', {bubbles: true}))",
        )
        .await;
    site.browser.wait("html[lang=fr] main#jobs").await;
    site.browser.touch("header [data-escape]").await;
    site.browser.wait("html[lang=en] body.idle").await;
    site.signs_in().await;
    site.browser.wait("html[lang=fr] main#jobs").await;
    site.close().await;
}

#[tokio::test]
async fn six_jobs_need_no_scrolling_and_nothing_is_lost_at_twice_the_size() {
    let Some(mut site) = Site::open("screen-sizes", "en", "").await else { return };
    site.browser.resize(800, 480, 1.0).await;
    let titles = [
        "One",
        "Two",
        "Three",
        "Four",
        "Five",
        "A title that is a good deal longer than a line of a card is",
    ];
    site.prints(&titles).await;
    site.go().await;
    site.signs_in().await;
    let browser = &site.browser;
    until("a fresh list", || async { (browser.count(".freshness").await == 0).then_some(()) })
        .await;
    let heights = "return [document.documentElement.scrollHeight, innerHeight]";
    assert_eq!(browser.script(heights).await, json!([480, 480]));
    let small = "return [...document.querySelectorAll('button, a.button, label, select')]
        .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())
        .filter((one) => one.width < 63 || one.height < 63).length";
    assert_eq!(browser.script(small).await, 0, "targets of less than 12 mm");
    browser.look("six-jobs").await;
    let wide = "return document.documentElement.scrollWidth <= innerWidth";
    for (width, height, scale) in [(400, 240, 2.0), (320, 568, 1.0), (1024, 600, 1.0)] {
        browser.resize(width, height, scale).await;
        assert_eq!(browser.script(wide).await, true, "the list at {width}");
        browser.look(&format!("six-jobs-{width}x{height}")).await;
    }
    browser.resize(400, 240, 2.0).await;
    browser.touch("a[id^=change]").await;
    browser.wait("main.settings").await;
    browser.touch("[name=pages][value=some]").await;
    assert_eq!(browser.script(wide).await, true, "the settings at 200 %");
    browser.look("settings-400x240").await;
    site.close().await;
}

#[tokio::test]
async fn an_administrator_sees_what_waits_and_what_failed_after_the_secret_alone() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "correct horse battery").unwrap();
    let table = format!("administrator_secret_file = \"{}\"", secret.display());
    let Some(site) = Site::open("screen-admin", "en", &table).await else { return };
    site.browser.resize(1024, 768, 1.0).await;
    site.prints(&["a private title", "another"]).await;
    let job = site.world.wait_for("another", "held").await;
    let number = job["job"].to_string();
    site.world.jobs(&["abort", &number, "--reason", "paper is for the exams"]).await;
    site.world.wait_for("another", "settled").await;
    let mood = [("printer", "attic"), ("state", "5"), ("reasons", "media-jam-error")];
    site.world.door("mood", &mood).await;
    let browser = &site.browser;
    browser.go(&format!("{}/admin", kiosk_origin(&site.world))).await;
    browser.wait("[name=secret]").await;
    assert_eq!(browser.count("table").await, 0, "nothing is there before the secret");
    browser.look("admin-sign-in").await;
    browser.type_into("[name=secret]", "wrong horse battery!").await;
    browser.touch(".main").await;
    browser.wait(".notice.bad").await;
    browser.type_into("[name=secret]", "correct horse battery").await;
    browser.touch(".main").await;
    browser.wait("table").await;
    browser.look("admin").await;
    let text = browser.text().await;
    for part in ["Paper jam", "paper is for the exams", "ada@contoso.example", "lobby", "Ready"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("a private title"), "{text}");
    browser.touch("header [data-escape]").await;
    browser.wait("[name=secret]").await;
    site.close().await;
}
