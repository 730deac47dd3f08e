//! The markup of an XPS page, rewritten so that the converter draws the most of it (ECMA-388 sections 10 to 18).
//!
//! It promises: what is written in one of several ways comes out in the way that every reader knows; of what the
//! converter (libgxps) draws otherwise, and can not be written otherwise here, that is told which changes what is read.
//! Deliberately absent: the ends of lines and the shades of gradients, which libgxps draws its own way; drawing; and the
//! parts of the package (`plain`).

use std::collections::BTreeSet;

use quick_xml::{
    Reader, Writer, XmlVersion,
    events::{BytesStart, Event, attributes::Attribute},
};

use super::{package::damaged, shape};

/// What an attribute refers to.
pub(super) enum Used<'a> {
    Image(&'a str),
    Font(&'a str),
    Profile(&'a str),
    Dictionary(&'a str),
}

/// Finds the place of what is used; nothing where it can not be used.
type Place<'a> = dyn FnMut(&Used<'_>) -> Result<Option<String>, String> + 'a;

/// An image of one transparent dot, in place of one that can not be drawn: the converter would draw a black area.
pub(super) const NO_IMAGE: (&str, &[u8]) = (
    "/used/none.png",
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\x0b\x49\x44\x41\x54\x78\xda\x63\x60\x00\x02\x00\x00\x05\x00\x01\xe9\xfa\xdc\xd8\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82",
);

/// Rewrites the markup of a page or of a dictionary. What will be missing is added to `lost`.
///
/// # Errors
///
/// A sentence about the document.
pub(super) fn rewrite(
    markup: &str,
    lost: &mut BTreeSet<String>,
    place: &mut Place<'_>,
) -> Result<Vec<u8>, String> {
    let mut reader = Reader::from_str(markup);
    let mut writer = Writer::new(Vec::with_capacity(markup.len()));
    let mut rewriting = Rewriting::new(lost, place);
    // For each open element, whether it stays.
    let mut open = Vec::new();
    loop {
        let event = match reader.read_event().map_err(damaged)? {
            Event::Eof if open.is_empty() => return Ok(writer.into_inner()),
            Event::Eof => return Err(damaged("its markup ends too early")),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => continue,
            Event::Start(element) => match rewriting.element(&element)? {
                Fate::Is(mut plain) => {
                    open.push(true);
                    if let Some(again) = again(&element, &plain) {
                        writer.write_event(Event::Empty(again)).map_err(damaged)?;
                    }
                    // Its color may stand in it; without any it is clear.
                    if draws_nothing(&plain) {
                        plain.push_attribute(("Fill", "#00FFFFFF"));
                    }
                    Event::Start(plain)
                }
                Fate::Opened => {
                    open.push(false);
                    continue;
                }
                Fate::Dropped => {
                    reader.read_to_end(element.name()).map_err(damaged)?;
                    continue;
                }
            },
            Event::Empty(element) => match rewriting.element(&element)? {
                Fate::Is(plain) if draws_nothing(&plain) => continue,
                Fate::Is(plain) => {
                    if let Some(again) = again(&element, &plain) {
                        writer.write_event(Event::Empty(again)).map_err(damaged)?;
                    }
                    Event::Empty(plain)
                }
                Fate::Opened | Fate::Dropped => continue,
            },
            Event::End(end) if open.pop() == Some(true) => Event::End(end),
            Event::End(_) => continue,
            _ if open.is_empty() => continue,
            event => event,
        };
        writer.write_event(event).map_err(damaged)?;
    }
}

/// Letters that are made bold, beside themselves: the converter does not make them so. Without a color of their own
/// they stay as they are.
fn again(element: &BytesStart<'_>, plain: &BytesStart<'_>) -> Option<BytesStart<'static>> {
    let width = bold(element)?;
    if draws_nothing(plain) { None } else { shifted(plain, width) }
}

/// How much wider letters become that are made bold (ECMA-388 section 12.1).
fn bold(element: &BytesStart<'_>) -> Option<f64> {
    let get = |name| element.try_get_attribute(name).ok().flatten();
    let simulated = get("StyleSimulations")?;
    let size: f64 = get("FontRenderingEmSize")?.value.trim().parse().ok()?;
    simulated.value.starts_with("Bold").then_some(size / 50.0)
}

/// Letters, moved to the right.
fn shifted(element: &BytesStart<'_>, by: f64) -> Option<BytesStart<'static>> {
    let mut moved = BytesStart::new(element.name().as_ref().to_owned());
    for attribute in element.attributes() {
        let attribute = attribute.ok()?;
        if attribute.key.as_ref() == "OriginX" {
            let origin: f64 = attribute.value.trim().parse().ok()?;
            moved.push_attribute(("OriginX", (origin + by).to_string().as_str()));
        } else {
            moved.push_attribute(attribute);
        }
    }
    Some(moved)
}

/// The converter draws black what has no color at all.
fn draws_nothing(element: &BytesStart<'_>) -> bool {
    let has = |name| element.try_get_attribute(name).is_ok_and(|found| found.is_some());
    match element.local_name().as_ref() {
        "Path" => !has("Fill") && !has("Stroke"),
        "Glyphs" => !has("Fill"),
        _ => false,
    }
}

/// What becomes of an element.
enum Fate<'a> {
    /// It stays, as this.
    Is(BytesStart<'a>),
    /// It goes, what is in it stays.
    Opened,
    /// It goes with all that is in it.
    Dropped,
}

struct Rewriting<'a, 'p> {
    lost: &'a mut BTreeSet<String>,
    place: &'a mut Place<'p>,
    /// The prefixes of what may be ignored (ECMA-376 part 3 section 10).
    ignorable: Vec<String>,
    /// The elements of those whose content may not.
    processed: Vec<String>,
    /// How many figures the present shape has.
    n_figures: u32,
    /// Whether the last canvas has a clip.
    clipped: bool,
}

impl<'a, 'p> Rewriting<'a, 'p> {
    fn new(lost: &'a mut BTreeSet<String>, place: &'a mut Place<'p>) -> Self {
        Self {
            lost,
            place,
            ignorable: Vec::new(),
            processed: Vec::new(),
            n_figures: 0,
            clipped: false,
        }
    }

    fn element<'e>(&mut self, element: &BytesStart<'e>) -> Result<Fate<'e>, String> {
        let attributes: Result<Vec<_>, String> = element
            .attributes()
            .map(|attribute| {
                let attribute = attribute.map_err(damaged)?;
                Ok((attribute.key.as_ref().to_owned(), value(&attribute)?))
            })
            .collect();
        let mut attributes = attributes?;
        self.note_what_may_be_ignored(&mut attributes);
        let local = element.local_name();
        let name = local.as_ref();
        // Nobody here knows what a choice may require.
        let prefix = element.name().prefix().map(|prefix| prefix.as_ref().to_owned());
        if matches!(name, "AlternateContent" | "Fallback")
            || self.processed.iter().any(|processed| processed == element.name().as_ref())
        {
            return Ok(Fate::Opened);
        }
        if name == "Choice" || prefix.is_some_and(|prefix| self.ignorable.contains(&prefix)) {
            return Ok(Fate::Dropped);
        }
        self.look_at(name, &attributes)?;
        if name == "FixedPage" && !attributes.iter().any(|(key, _)| key == "xml:lang") {
            attributes.push(("xml:lang".to_owned(), "und".to_owned()));
        }
        // The converter takes them as they come, and a clip is in the units of the transform.
        attributes.sort_by_key(|(key, _)| key != "RenderTransform");
        let thickness = attributes.iter().find(|(key, _)| key == "StrokeThickness");
        let thickness = thickness.and_then(|(_, thickness)| thickness.trim().parse().ok());
        let mut plain = BytesStart::new(element.name().as_ref().to_owned());
        for (key, value) in &attributes {
            match self.attribute(name, key, value, thickness.unwrap_or(1.0))? {
                Some(value) => plain.push_attribute((key.as_str(), value.as_str())),
                None => return Ok(Fate::Dropped),
            }
        }
        Ok(Fate::Is(plain))
    }

    fn note_what_may_be_ignored(&mut self, attributes: &mut Vec<(String, String)>) {
        let words = |value: &str| value.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        attributes.retain(|(key, value)| match key.rsplit(':').next() {
            Some("Ignorable") => {
                self.ignorable.extend(words(value));
                false
            }
            Some("ProcessContent") => {
                self.processed.extend(words(value));
                false
            }
            _ => true,
        });
    }

    /// What the converter does not draw, or draws otherwise, by the element that says it.
    fn look_at(&mut self, element: &str, attributes: &[(String, String)]) -> Result<(), String> {
        let get = |name| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        match element {
            "FixedPage" => {
                for side in ["Width", "Height"] {
                    let length = get(side).and_then(|length| length.trim().parse::<f64>().ok());
                    if !length.is_some_and(|length| length.is_finite() && length > 0.0) {
                        return Err(damaged("a page has no size"));
                    }
                }
            }
            "ArcSegment" => self.lost("an arc"),
            "PathGeometry" => self.n_figures = 0,
            "PathFigure" => {
                self.n_figures += 1;
                if self.n_figures > 1 || get("IsFilled").is_some_and(|filled| filled == "false") {
                    self.lost("a shape of several figures");
                }
            }
            "PathGeometry.Transform" => self.lost("a shape"),
            "Canvas" => self.clipped = get("Clip").is_some(),
            "Canvas.RenderTransform" if self.clipped => self.lost("a part that is cut to a shape"),
            "Canvas.Clip" | "Path.Clip" | "Glyphs.Clip" => {
                self.lost("a part that is cut to a shape")
            }
            "LinearGradientBrush.Transform" | "RadialGradientBrush.Transform" => {
                self.lost("a color gradient");
            }
            "RadialGradientBrush" if get("RadiusX") != get("RadiusY") => {
                self.lost("a color gradient");
            }
            "VisualBrush.Transform" => self.lost("a pattern"),
            _ => {}
        }
        Ok(())
    }

    fn lost(&mut self, what: &str) {
        self.lost.insert(what.to_owned());
    }

    /// The new value of an attribute; nothing if its element can not be drawn.
    fn attribute(
        &mut self,
        element: &str,
        key: &str,
        value: &str,
        thickness: f64,
    ) -> Result<Option<String>, String> {
        if value.trim_start().starts_with("{StaticResource") {
            if !matches!((element, key), ("Path", "Fill" | "Data")) {
                self.lost("a style from elsewhere in the document");
            }
            return Ok(Some(value.to_owned()));
        }
        match (element, key) {
            (_, "ImageSource") => {
                let place = (self.place)(&Used::Image(image_of(value)))?;
                Ok(place.or_else(|| Some(NO_IMAGE.0.to_owned())))
            }
            ("Glyphs", "FontUri") => self.font(value),
            (_, "Fill" | "Stroke" | "Color") if shape::is_of_inks(value) => self.inks(value),
            ("ResourceDictionary", "Source") => (self.place)(&Used::Dictionary(value)),
            _ => Ok(self.plain_value(element, key, value, thickness)),
        }
    }

    fn font(&mut self, value: &str) -> Result<Option<String>, String> {
        // Of a collection the converter takes the first font alone.
        if value.split_once('#').is_some_and(|(_, index)| index != "0") {
            self.lost("a font of a collection");
            return Ok(None);
        }
        (self.place)(&Used::Font(value))
    }

    /// A color of four inks stays one where its profile is there: the converter knows those, and no others.
    fn inks(&mut self, value: &str) -> Result<Option<String>, String> {
        let mut words = value.split_whitespace().skip(1);
        let profile = words.next().unwrap_or_default();
        let values: Vec<&str> = words.collect();
        let place = (self.place)(&Used::Profile(profile))?;
        let color = place.map(|place| format!("ContextColor {place} {}", values.concat()));
        Ok(color.or_else(|| shape::plain_color(value)))
    }

    /// A value in the one way that every reader knows; nothing if it does not read.
    fn plain_value(
        &mut self,
        element: &str,
        key: &str,
        value: &str,
        thickness: f64,
    ) -> Option<String> {
        self.look_at_value(element, key, value);
        let (plain, what) = match key {
            "Data" | "Clip" | "Figures" => (shape::plain(value), "a shape that does not read"),
            "Points" => (shape::points(value), "a shape that does not read"),
            "Viewbox" | "Viewport" => (shape::rectangle(value), "a part whose place does not read"),
            "StrokeDashArray" => (shape::dashes(value, thickness), "a line that does not read"),
            "StrokeDashOffset" => (shape::times(value, thickness), "a line that does not read"),
            "RenderTransform" | "Transform" | "Matrix" => {
                (shape::invertible(value), "a part whose place does not read")
            }
            "Fill" | "Stroke" | "Color" => {
                (shape::plain_color(value), "a color that does not read")
            }
            // These are characters of nobody, and the converter would leave out the rest of the page.
            "UnicodeString" => (Some(value.replace(is_no_character, "\u{FFFD}")), ""),
            // The converter draws slanted letters only where they are not bold as well; bold ones are drawn `again`.
            "StyleSimulations" => (Some(value.replace("BoldItalic", "Italic")), ""),
            _ => (Some(value.to_owned()), ""),
        };
        if plain.is_none() {
            self.lost(what);
        }
        plain
    }

    /// What the converter draws otherwise, by the value that says it.
    fn look_at_value(&mut self, element: &str, key: &str, value: &str) {
        match (element, key) {
            ("LinearGradientBrush" | "RadialGradientBrush", "Transform") => {
                self.lost("a color gradient");
            }
            ("ImageBrush", "Viewbox") => {
                let numbers = shape::numbers(value).unwrap_or_default();
                if !matches!(numbers[..], [0.0, 0.0, ..]) {
                    self.lost("a part of an image");
                }
            }
            (_, "TileMode") if value.starts_with("Flip") => self.lost("a pattern"),
            ("VisualBrush", "Opacity") if value.trim() != "1" => self.lost("a pattern"),
            (_, "IsStroked") if value == "false" => self.lost("a shape"),
            _ => {}
        }
    }
}

/// The noncharacters of Unicode (section 23.7 of the standard).
fn is_no_character(character: char) -> bool {
    let code = u32::from(character);
    (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

/// The image of `{ColorConvertedBitmap IMAGE PROFILE}`, or the image itself.
fn image_of(value: &str) -> &str {
    let inner = value.trim().trim_start_matches('{').trim_end_matches('}').trim();
    match inner.strip_prefix("ColorConvertedBitmap") {
        Some(names) => names.split_whitespace().next().unwrap_or_default(),
        None => inner,
    }
}

/// An attribute's value.
///
/// # Errors
///
/// A sentence about the document.
pub(super) fn value(attribute: &Attribute<'_>) -> Result<String, String> {
    let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(damaged)?;
    Ok(value.into_owned())
}
