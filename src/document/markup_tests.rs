//! Markup before and after.

use std::collections::BTreeSet;

use super::markup::{Used, rewrite};

/// What becomes of what is on a page, and what is lost.
#[track_caller]
fn check(inner: &str, expect: &str, expect_lost: &[&str]) {
    const PAGE: &str = "<FixedPage Width=\"9\" Height=\"9\" xml:lang=\"en\" xmlns:mc=\"m\" xmlns:z=\"z\" mc:Ignorable=\"z\">";
    let mut lost = BTreeSet::new();
    let mut place = |used: &Used<'_>| {
        Ok(match used {
            Used::Image("gone.png") | Used::Font("gone.odttf") | Used::Profile("gone.icc") => None,
            Used::Profile(_) => Some("/used/4.icc".to_owned()),
            Used::Image(_) => Some("/used/1.png".to_owned()),
            Used::Font(_) => Some("/used/2.ttf".to_owned()),
            Used::Dictionary(_) => Some("/used/3.dict".to_owned()),
        })
    };
    let page = rewrite(&format!("{PAGE}{inner}</FixedPage>"), &mut lost, &mut place).unwrap();
    let page = String::from_utf8(page).unwrap();
    let (_, rest) = page.split_once('>').unwrap();
    assert_eq!(rest.strip_suffix("</FixedPage>"), Some(expect));
    assert_eq!(lost.iter().map(String::as_str).collect::<Vec<_>>(), expect_lost);
}

#[test]
fn what_is_used_is_where_the_plain_package_has_it() {
    let brush = |source: &str| format!("<ImageBrush ImageSource=\"{source}\"/>");
    check(&brush("../a%20b.PNG"), &brush("/used/1.png"), &[]);
    check(&brush("{ColorConvertedBitmap a.png p.icc}"), &brush("/used/1.png"), &[]);
    // A black area would be drawn in its place.
    check(&brush("gone.png"), &brush("/used/none.png"), &[]);
    let text = |font: &str| format!("<Glyphs FontUri=\"{font}\" Fill=\"#000\"/>");
    check(&text("f.odttf"), &text("/used/2.ttf"), &[]);
    check(&text("f.ttc#0"), &text("/used/2.ttf"), &[]);
    check(&text("f.ttc#1"), "", &["a font of a collection"]);
    check(&text("gone.odttf"), "", &[]);
    let dictionary = |source: &str| format!("<ResourceDictionary Source=\"{source}\"/>");
    check(&dictionary("d.dict"), &dictionary("/used/3.dict"), &[]);
}

#[test]
fn of_alternatives_the_fallback_is_taken_and_what_may_be_ignored_is() {
    let inner = "<mc:AlternateContent><mc:Choice Requires=\"z\"><A/></mc:Choice>\
                 <mc:Fallback><B/></mc:Fallback></mc:AlternateContent><z:New><C/></z:New><D z:x=\"1\"/>";
    check(inner, "<B/><D z:x=\"1\"/>", &[]);
}

#[test]
fn what_has_no_color_is_not_drawn_and_a_transform_comes_before_a_clip() {
    check("<Path Data=\"M 1,1 L 2,2\"/><Glyphs FontUri=\"f\"/>", "", &[]);
    check(
        "<Canvas Clip=\"m 1,1 l 1,1 z\" RenderTransform=\"1 0 0 1 5 5\"><E/></Canvas>",
        "<Canvas RenderTransform=\"1,0,0,1,5,5\" Clip=\"M 1,1 L 2,2 Z\"><E/></Canvas>",
        &[],
    );
}

#[test]
fn what_the_converter_draws_otherwise_is_told() {
    for (inner, lost) in [
        ("<ArcSegment/>", "an arc"),
        ("<Canvas.Clip/>", "a part that is cut to a shape"),
        ("<RadialGradientBrush RadiusX=\"1\" RadiusY=\"2\"/>", "a color gradient"),
        ("<LinearGradientBrush Transform=\"1,0,0,1,0,0\"/>", "a color gradient"),
        ("<ImageBrush TileMode=\"FlipX\"/>", "a pattern"),
        ("<ImageBrush Viewbox=\"1,0,2,2\"/>", "a part of an image"),
        ("<PathGeometry><PathFigure/><PathFigure/></PathGeometry>", "a shape of several figures"),
        ("<Path Stroke=\"{StaticResource s}\"/>", "a style from elsewhere in the document"),
    ] {
        check(inner, inner, &[lost]);
    }
    check("<ImageBrush Viewbox=\"0 0 2 2\"/>", "<ImageBrush Viewbox=\"0,0,2,2\"/>", &[]);
    check("<Path Fill=\"sc#1\"/>", "", &["a color that does not read"]);
    check("<Path Fill=\"#000\" Data=\"M 1,2 R 3\"/>", "", &["a shape that does not read"]);
}

#[test]
fn markup_that_is_damaged_is_said_to_be() {
    let why = |markup: &str| {
        rewrite(markup, &mut BTreeSet::new(), &mut |_: &Used<'_>| Ok(None)).unwrap_err()
    };
    assert!(why("<FixedPage Width=\"9\"/>").contains("a page has no size"));
    assert!(why("<FixedPage Width=\"9\" Height=\"Auto\"/>").contains("a page has no size"));
    assert!(why("<Canvas>").contains("its markup ends too early"));
    assert!(why("<Canvas></Path>").starts_with("it is damaged"));
}

#[test]
fn inks_stay_inks_where_their_profile_is_there() {
    check(
        "<Path Fill=\"ContextColor ../p.icc 1.0, 0.0,1.0,1.0,0.0\"/>",
        "<Path Fill=\"ContextColor /used/4.icc 1.0,0.0,1.0,1.0,0.0\"/>",
        &[],
    );
    check("<Path Fill=\"ContextColor gone.icc 1,0,1,1,0\"/>", "<Path Fill=\"#FFFF0000\"/>", &[]);
}

#[test]
fn what_may_have_its_color_in_it_is_clear_without() {
    check(
        "<Path Data=\"M 1,1 L 2,2\"></Path>",
        "<Path Data=\"M 1,1 L 2,2\" Fill=\"#00FFFFFF\"></Path>",
        &[],
    );
    check(
        "<Glyphs UnicodeString=\"a\u{FFFE}b&#xFFFF;\" Fill=\"#000\"/>",
        "<Glyphs UnicodeString=\"a\u{FFFD}b\u{FFFD}\" Fill=\"#000\"/>",
        &[],
    );
}

#[test]
fn letters_that_are_made_bold_are_drawn_beside_themselves() {
    let text = |x: &str, style: &str| {
        format!(
            "<Glyphs OriginX=\"{x}\" FontRenderingEmSize=\"20\" StyleSimulations=\"{style}\" Fill=\"#000\"/>"
        )
    };
    let twice = text("5.4", "ItalicSimulation") + &text("5", "ItalicSimulation");
    check(&text("5", "BoldItalicSimulation"), &twice, &[]);
    check(&text("5", "ItalicSimulation"), &text("5", "ItalicSimulation"), &[]);
}
