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
    for (code, print) in [
        ("en", "Print"),
        ("de", "Drucken"),
        ("fr", "Imprimer"),
        ("es", "Imprimir"),
        ("zh", "打印"),
        ("ru", "Печать"),
    ] {
        site.browser.touch(&format!(".languages [value={code}]")).await;
        site.browser.wait(&format!("html[lang={code}] .idle .standing .chip")).await;
        site.browser.look(&format!("language-{code}-1-idle")).await;
        site.signs_in().await;
        site.browser.wait(&format!("html[lang={code}] main#jobs")).await;
        let button = site.browser.wait("#print-here").await.text().await.unwrap();
        assert!(button.contains(print), "{code}: {button}");
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

#[tokio::test]
async fn what_stands_before_a_station_and_a_sign_in_by_name_are_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "correct horse battery").unwrap();
    let tables = format!(
        "secret_file = \"{}\"\n[people]\npin = \"or-badge\"\n\
         [stations.hall]\nscreen = true\nprinters = [\"attic\"]",
        secret.display()
    );
    let Some(site) = Site::open("screen-doors", "en", &tables).await else { return };
    let browser = &site.browser;
    browser.resize(800, 480, 1.0).await;
    browser.go(&kiosk_origin(&site.world)).await;
    browser.wait("[name=secret]").await;
    browser.look("secret").await;
    browser.type_into("[name=secret]", "correct horse battery").await;
    browser.touch(".main").await;
    browser.wait("a.card").await;
    assert_eq!(browser.count("a.card").await, 2);
    browser.look("pick").await;
    browser.touch("a.card[href$=lobby]").await;
    browser.touch("a[href$=sign-in]").await;
    browser.wait("[name=user]").await;
    browser.look("sign-in").await;
    let drawn = site.world.command(&["people", "--json", "pin", "ada@contoso.example"]).await;
    let drawn: serde_json::Value = serde_json::from_slice(&drawn.stdout).unwrap();
    browser.type_into("[name=user]", "ada@contoso.example").await;
    browser.type_into("[name=digits]", drawn["pin"].as_str().unwrap()).await;
    browser.touch(".keypad .main").await;
    browser.wait("main#jobs").await;
    site.close().await;
}
