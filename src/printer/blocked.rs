//! Whether a printer's state keeps it from printing a job: only what the job needs counts.
//!
//! A printer with an empty tray beside a full one is not blocked, nor one without color for a gray job.
//! Deliberately absent: the sentence to the person's neighbor (`daemon`).

use super::{
    media,
    words::{bare, blocking, in_words, waiting_for},
};
use crate::model::{Capabilities, JobConfiguration, PrinterHealth, printer::Standing};

/// IPP "printer-state" stopped.
const STOPPED: i32 = 5;
const WANTS_PAPER: [&str; 4] = ["media-empty", "media-needed", "media-low", "input-tray-missing"];
const WANTS_INK: [&str; 2] = ["toner-empty", "marker-supply-empty"];
const BLACK: &str = "#000000";

/// Why the printer can not print this now, in words; nothing if it can.
pub fn blocked(can: &Capabilities, wanted: &JobConfiguration) -> Option<String> {
    if !can.health.accepting {
        let words = in_words(&can.health.reasons);
        let why = if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) };
        return Some(format!("it does not accept jobs{why}"));
    }
    if can.health.state != Some(STOPPED) {
        return None;
    }
    let avoidable = |keyword: &String| {
        let keyword = bare(keyword);
        WANTS_PAPER.contains(&keyword) && other_paper(&can.health, wanted)
            || WANTS_INK.contains(&keyword) && has_black_for(&can.health, wanted)
    };
    let reasons = blocking(&can.health.reasons);
    let left: Vec<String> = reasons.iter().filter(|one| !avoidable(one)).cloned().collect();
    match in_words(&left) {
        words if !words.is_empty() => Some(words.join(", ")),
        // It names nothing that the job needs.
        _ if !reasons.is_empty() => None,
        _ => Some("it is stopped and does not say why".to_owned()),
    }
}

/// How a printer is, for people who stand before it, by what it said; nothing if it does not answer.
pub fn standing(said: Option<&Capabilities>) -> Standing {
    let Some(Capabilities { health, .. }) = said else { return Standing::Unreachable };
    let stopped = health.state == Some(STOPPED) || !health.accepting;
    let said = if stopped { blocking(&health.reasons) } else { waiting_for(&health.reasons) };
    if stopped || !said.is_empty() {
        let mut keywords: Vec<String> = said.iter().map(|one| bare(one).to_owned()).collect();
        keywords.dedup();
        return Standing::Trouble(keywords);
    }
    if health.is_processing() { Standing::Busy } else { Standing::Ready }
}

/// Whether the asked paper is in a tray. Trays that are empty are not listed as ready.
fn other_paper(health: &PrinterHealth, wanted: &JobConfiguration) -> bool {
    let sizes = wanted.media_size.as_deref().map(media::sizes_of);
    health.media_ready.iter().any(|ready| match (&sizes, ready.size) {
        (None, _) => true,
        (Some(sizes), Some(ready)) => sizes
            .iter()
            .any(|size| media::close(size.size.0, ready.0) && media::close(size.size.1, ready.1)),
        (Some(_), None) => false,
    })
}

/// Whether the job is gray, and there is black.
fn has_black_for(health: &PrinterHealth, wanted: &JobConfiguration) -> bool {
    wanted.is_gray() && health.inks.iter().any(|(color, level)| color == BLACK && *level > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::capabilities::ReadyMedia;
    use crate::model::configuration::ColorMode;

    #[track_caller]
    fn check(state: i32, reasons: &[&str], wanted: &JobConfiguration, expect: Option<&str>) {
        let a4 = ReadyMedia { size: Some((21_000, 29_700)), ..ReadyMedia::default() };
        let health = PrinterHealth {
            state: Some(state),
            reasons: reasons.iter().map(|word| (*word).to_owned()).collect(),
            accepting: true,
            media_ready: vec![a4],
            inks: vec![(BLACK.to_owned(), 40), ("#00FFFF".to_owned(), 0)],
            ..PrinterHealth::default()
        };
        let can = Capabilities { health, ..Capabilities::default() };
        assert_eq!(blocked(&can, wanted).as_deref(), expect, "{reasons:?}");
    }

    #[test]
    fn only_what_the_job_needs_blocks_it() {
        let plain = JobConfiguration::default();
        let paper =
            |name: &str| JobConfiguration { media_size: Some(name.into()), ..plain.clone() };
        let gray = JobConfiguration { color_mode: Some(ColorMode::Grayscale), ..plain.clone() };
        check(3, &["media-empty-error"], &plain, None);
        check(5, &["media-jam-error", "toner-low-warning"], &plain, Some("paper jam"));
        check(5, &[], &plain, Some("it is stopped and does not say why"));
        check(5, &["paused"], &plain, Some("paused"));
        check(5, &["media-empty-error"], &paper("A4"), None);
        check(5, &["media-empty-error"], &paper("A3"), Some("out of paper"));
        check(5, &["toner-empty-error"], &gray, None);
        check(5, &["toner-empty-error"], &plain, Some("out of toner"));
        check(5, &["media-empty-error", "cover-open-error"], &paper("A4"), Some("a cover is open"));
    }

    #[test]
    fn a_printer_that_accepts_nothing_is_blocked_and_says_why() {
        let health =
            PrinterHealth { reasons: vec!["spool-area-full".into()], ..PrinterHealth::default() };
        let can = Capabilities { health, ..Capabilities::default() };
        let why = blocked(&can, &JobConfiguration::default());
        assert_eq!(why.as_deref(), Some("it does not accept jobs: its memory is full"));
    }
}
