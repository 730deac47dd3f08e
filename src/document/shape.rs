//! Values of XPS markup in the one way that every reader knows: shapes, dashes, matrices and colors.

use std::fmt::Write;

use kurbo::{Affine, BezPath, PathEl, Point};

/// A shape in absolute commands, without arcs (ECMA-388 section 11.2.3); nothing if it does not read.
pub(super) fn plain(data: &str) -> Option<String> {
    let data = data.trim_start();
    let (rule, data) = match data.strip_prefix('F') {
        Some(rest) => {
            let rest = rest.trim_start();
            let rule = rest.get(..1).filter(|rule| matches!(*rule, "0" | "1"))?;
            (format!("F{rule} "), &rest[1..])
        }
        None => (String::new(), data),
    };
    if data.trim().is_empty() {
        return Some(String::new());
    }
    let shape = BezPath::from_svg(data).ok()?;
    let mut text = rule;
    let point = |text: &mut String, command: char, points: &[Point]| {
        let _ = write!(text, "{command} ");
        for Point { x, y } in points {
            let _ = write!(text, "{x},{y} ");
        }
    };
    for element in shape.elements() {
        match *element {
            PathEl::MoveTo(to) => point(&mut text, 'M', &[to]),
            PathEl::LineTo(to) => point(&mut text, 'L', &[to]),
            PathEl::QuadTo(by, to) => point(&mut text, 'Q', &[by, to]),
            PathEl::CurveTo(from, by, to) => point(&mut text, 'C', &[from, by, to]),
            PathEl::ClosePath => text.push_str("Z "),
        }
    }
    Some(text.trim_end().to_owned())
}

/// Numbers with blanks or commas between them; nothing if one does not read.
pub(super) fn numbers(text: &str) -> Option<Vec<f64>> {
    let words = text.split([' ', ',', '\t', '\n', '\r']).filter(|word| !word.is_empty());
    words.map(|word| word.parse().ok().filter(|number: &f64| number.is_finite())).collect()
}

/// A number in multiples of a thickness, in units of the page.
pub(super) fn times(number: &str, thickness: f64) -> Option<String> {
    Some((numbers(number)?.first()? * thickness).to_string())
}

/// The lengths of dashes and gaps, by turns, in multiples of a thickness, in units of the page. Dashes without length
/// are dots: the converter draws no round ends, so they get one. Without any length there are no dashes.
pub(super) fn dashes(lengths: &str, thickness: f64) -> Option<String> {
    let lengths = numbers(lengths)?;
    if lengths.iter().sum::<f64>() <= 0.0 || lengths.iter().any(|length| *length < 0.0) {
        return Some(String::new());
    }
    let dot = |(i, length): (usize, &f64)| if i % 2 == 0 && *length == 0.0 { 1.0 } else { *length };
    // An odd number of them is meant twice.
    let times = 1 + lengths.len() % 2;
    let lengths = lengths.repeat(times);
    let lengths = lengths.iter().enumerate().map(dot);
    let lengths: Vec<f64> = lengths.map(|length| length * thickness).collect();
    let sum: f64 = lengths.iter().sum();
    let words = lengths.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
    Some(if sum > 0.0 && sum.is_finite() { words } else { String::new() })
}

/// Points as pairs.
pub(super) fn points(text: &str) -> Option<String> {
    let numbers = numbers(text)?;
    let pair = |pair: &[f64]| pair.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
    let pairs: Vec<String> = numbers.chunks(2).map(pair).collect();
    numbers.len().is_multiple_of(2).then(|| pairs.join(" "))
}

/// A rectangle: a corner, width and height. One without size becomes one that nobody sees: the converter would leave
/// out the rest of the page.
pub(super) fn rectangle(text: &str) -> Option<String> {
    let [x, y, width, height] = <[f64; 4]>::try_from(numbers(text)?).ok()?;
    Some(format!("{x},{y},{},{}", width.max(1e-3), height.max(1e-3)))
}

/// A matrix. One that squeezes all to nothing becomes one that nearly does: the converter would leave out the rest of
/// the page.
pub(super) fn invertible(matrix: &str) -> Option<String> {
    let numbers = <[f64; 6]>::try_from(numbers(matrix)?).ok()?;
    Some(if Affine::new(numbers).determinant().abs() < 1e-12 {
        format!("1e-5,0,0,1e-5,{},{}", numbers[4], numbers[5])
    } else {
        numbers.map(|number| number.to_string()).join(",")
    })
}

/// A color of linear light or of a profile as `#AARRGGBB` (ECMA-388 section 15); any other as it is. Nothing if it
/// does not read, or is of inks that nobody knows.
pub(super) fn plain_color(color: &str) -> Option<String> {
    if let Some(values) = color.trim().strip_prefix("ContextColor ") {
        return by_profile(values);
    }
    let Some(light) = color.trim().strip_prefix("sc#") else { return Some(color.to_owned()) };
    let numbers = numbers(light)?;
    let (alpha, [red, green, blue]) = match numbers[..] {
        [red, green, blue] => (1.0, [red, green, blue]),
        [alpha, red, green, blue] => (alpha, [red, green, blue]),
        _ => return None,
    };
    let gamma = |light: f64| {
        if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
    };
    Some(hexadecimal([alpha, gamma(red), gamma(green), gamma(blue)]))
}

/// Whether a color is of four inks, by a profile.
pub(super) fn is_of_inks(color: &str) -> bool {
    let values =
        color.trim().strip_prefix("ContextColor ").and_then(|rest| rest.trim().split_once(' '));
    values.and_then(|(_, values)| numbers(values)).is_some_and(|numbers| numbers.len() == 5)
}

/// The profile, then alpha, then a value for gray, three for light, or four for ink; near to what the profile says.
fn by_profile(values: &str) -> Option<String> {
    let numbers = numbers(values.trim().split_once(' ')?.1)?;
    let (alpha, inks) = numbers.split_first()?;
    Some(hexadecimal(match *inks {
        [gray] => [*alpha, gray, gray, gray],
        [red, green, blue] => [*alpha, red, green, blue],
        [cyan, magenta, yellow, black] => {
            let light = |ink: f64| (1.0 - ink) * (1.0 - black);
            [*alpha, light(cyan), light(magenta), light(yellow)]
        }
        _ => return None,
    }))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
fn hexadecimal(color: [f64; 4]) -> String {
    let digits =
        color.map(|value| format!("{:02X}", (value.clamp(0.0, 1.0) * 255.0).round() as u8));
    format!("#{}", digits.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_become_absolute_and_without_arcs() {
        let square = "M 50,50 L 150,50 L 150,150 L 50,150 Z";
        for data in [
            "M 50,50 L 150,50 150,150 50,150 Z",
            "m50,50 l100,0 0,100-100,0z",
            "M 50,50 h 100 v 100 h -100 z",
            "M50 50 150 50\n150 150\t50 150Z",
        ] {
            assert_eq!(plain(data).as_deref(), Some(square), "{data}");
        }
        assert_eq!(plain("F1 M 1,2 L 3,4").as_deref(), Some("F1 M 1,2 L 3,4"));
        let arc = plain("M 50,100 A 50,50 0 0 1 150,100 Z").unwrap();
        assert!(arc.starts_with("M 50,100 C ") && arc.ends_with(" Z"), "{arc}");
        assert_eq!(plain("M 1,2 R 3,4"), None);
        assert_eq!(plain("L 1,2"), None);
    }

    #[test]
    fn dashes_matrices_and_colors_are_what_readers_know() {
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(dashes("2,1.5  0 3", 10.0), is("20 15 10 30"));
        assert_eq!(dashes("2", 10.0), is("20 20"));
        assert_eq!(dashes("0 0", 10.0), is(""));
        assert_eq!(dashes("2 2", 0.0), is(""));
        assert_eq!(points("1,2,3,4"), is("1,2 3,4"));
        assert_eq!(rectangle("1 2 0 5"), is("1,2,0.001,5"));
        assert_eq!(invertible("1,0,0,0,5,6"), is("1e-5,0,0,1e-5,5,6"));
        assert_eq!(invertible("1 0 0 2 5.5 6"), is("1,0,0,2,5.5,6"));
        assert_eq!(plain_color("sc#1,0,0"), is("#FFFF0000"));
        assert_eq!(plain_color("sc#0.5, 0.2,0.2,0.2"), is("#807C7C7C"));
        assert_eq!(plain_color("ContextColor /p.icc 1.0,0.0,1.0,1.0,0.0"), is("#FFFF0000"));
        assert_eq!(plain_color("ContextColor /p.icc 1,0.5"), is("#FF808080"));
        assert_eq!(plain_color("#FF0000"), is("#FF0000"));
    }

    #[test]
    fn what_does_not_read_is_nothing() {
        assert_eq!(dashes("2 x", 1.0), None);
        assert_eq!(times("NaN", 1.0), None);
        assert_eq!(points("1,2,3"), None);
        assert_eq!(invertible("1,0,0,1"), None);
        assert_eq!(plain_color("sc#1"), None);
        assert_eq!(plain_color("ContextColor /p.icc 1,0,0,0,0,0"), None);
    }
}
