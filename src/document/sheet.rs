//! A sheet in dots, and how a page comes onto it: turned, fitted, and as the printer wants the back of a sheet.
//!
//! Deliberately absent: drawing (`draw`).

use hayro::{
    hayro_syntax::{object::dict::keys, page::Page},
    kurbo::Affine,
};

use super::raster::back_of;
use crate::model::work::{Drawing, Fit};

/// The most dots of a page: an A0 sheet at 300 dots an inch has 140 million.
const MOST_DOTS: u64 = 200_000_000;
/// The dots of a band: each takes four octets while it is drawn.
const BAND: u32 = 6_000_000;
/// Points are 1/72 inch, sizes are hundredths of a millimeter.
const POINTS: f64 = 72.0 / 2540.0;
/// A page that is larger than the sheet by less than this is not made smaller, in points.
const SLACK: f64 = 3.0;

/// A sheet in dots, and how a page comes onto it.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) back: bool,
    pub(super) place: Affine,
}

impl Sheet {
    /// The sheet of a page: the asked one upright, or the page's own size.
    pub(super) fn of(page: &Page<'_>, drawing: &Drawing, odd: bool) -> Result<Self, String> {
        let unit = f64::from(
            page.raw().get::<f32>(keys::USER_UNIT).filter(|unit| *unit > 0.0).unwrap_or(1.0),
        );
        let (width, height) = page.render_dimensions();
        let (width, height) = (f64::from(width) * unit, f64::from(height) * unit);
        let lying = width > height;
        let own = if lying { (height, width) } else { (width, height) };
        let points =
            |(width, length): (i32, i32)| (f64::from(width) * POINTS, f64::from(length) * POINTS);
        let sheet = drawing.sheet.map_or(own, points);
        let scale = (
            f64::from(drawing.resolution.cross_feed) / 72.0,
            f64::from(drawing.resolution.feed) / 72.0,
        );
        let (dots_wide, dots_high) = (dots(sheet.0 * scale.0), dots(sheet.1 * scale.1));
        if u64::from(dots_wide) * u64::from(dots_high) > MOST_DOTS
            || dots_wide > u32::from(u16::MAX)
        {
            let inches = |points: f64| (points / 72.0).round();
            return Err(format!(
                "a page of {} by {} inches is larger than anything here",
                inches(width),
                inches(height)
            ));
        }
        let back = odd && drawing.sides != crate::model::work::Sides::One;
        let fit = fit(drawing.fit, own, sheet) * unit;
        // About the middle: turned upright, fitted, then as the printer wants the back.
        let turned =
            if lying { Affine::rotate(std::f64::consts::FRAC_PI_2) } else { Affine::IDENTITY };
        let half = if drawing.upside_down {
            Affine::rotate(std::f64::consts::PI)
        } else {
            Affine::IDENTITY
        };
        let (mirrored_x, mirrored_y) =
            if back { back_of(drawing.sides, drawing.back) } else { (false, false) };
        let sign = |mirrored: bool| if mirrored { -1.0 } else { 1.0 };
        let (page_width, page_height) = page.render_dimensions();
        let place = Affine::translate((f64::from(dots_wide) / 2.0, f64::from(dots_high) / 2.0))
            * Affine::scale_non_uniform(sign(mirrored_x), sign(mirrored_y))
            * Affine::scale_non_uniform(scale.0 * fit, scale.1 * fit)
            * half
            * turned
            * Affine::translate((-f64::from(page_width) / 2.0, -f64::from(page_height) / 2.0));
        Ok(Self { width: dots_wide, height: dots_high, back, place })
    }

    /// The lines of a band.
    pub(super) fn band(&self) -> u32 {
        (BAND / self.width).clamp(16, 8_192)
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped on the same line"
)]
fn dots(length: f64) -> u32 {
    length.round().clamp(1.0, 1_000_000.0) as u32
}

/// By how much a page is made larger or smaller for a sheet.
fn fit(fit: Fit, page: (f64, f64), sheet: (f64, f64)) -> f64 {
    let (across, along) = (sheet.0 / page.0, sheet.1 / page.1);
    match fit {
        Fit::None => 1.0,
        Fit::Fit => across.min(along),
        Fit::Fill => across.max(along),
        Fit::Shrink if page.0 <= sheet.0 + SLACK && page.1 <= sheet.1 + SLACK => 1.0,
        Fit::Shrink => across.min(along),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_fitted_as_asked() {
        let (a4, a3, letter) = ((595.0, 842.0), (842.0, 1190.0), (612.0, 792.0));
        let near = |a: f64, b: f64| assert!((a - b).abs() < 0.005, "{a} {b}");
        near(fit(Fit::Shrink, a4, a3), 1.0);
        near(fit(Fit::Shrink, a3, a4), 0.7067);
        near(fit(Fit::Shrink, (596.0, 843.0), a4), 1.0);
        near(fit(Fit::Fit, a4, a3), 1.4133);
        near(fit(Fit::Fill, a4, letter), 1.0286);
        near(fit(Fit::None, a3, a4), 1.0);
    }
}
