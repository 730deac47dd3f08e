//! What printers say of themselves, in words: "printer-state-reasons" and "job-state-reasons" (RFC 8011 sections 5.4.12
//! and 5.3.8, PWG 5100.9 and 5100.11).
//!
//! A keyword that we do not know is its own word. Deliberately absent: what follows from it.

/// Keywords of printers without their severity, and what a person calls them.
const PRINTER: &[(&str, &str)] = &[
    ("media-empty", "out of paper"),
    ("media-needed", "needs paper"),
    ("media-jam", "paper jam"),
    ("media-low", "low on paper"),
    ("input-tray-missing", "a tray is missing"),
    ("cover-open", "a cover is open"),
    ("door-open", "a door is open"),
    ("interlock-open", "a cover is open"),
    ("toner-empty", "out of toner"),
    ("toner-low", "low on toner"),
    ("marker-supply-empty", "out of ink or toner"),
    ("marker-supply-low", "low on ink or toner"),
    ("marker-waste-full", "the waste container is full"),
    ("marker-waste-almost-full", "the waste container is almost full"),
    ("output-area-full", "the output tray is full"),
    ("output-area-almost-full", "the output tray is almost full"),
    ("output-tray-missing", "the output tray is missing"),
    ("fuser-over-temp", "too hot"),
    ("fuser-under-temp", "warming up"),
    ("opc-life-over", "its drum is worn out"),
    ("opc-near-eol", "its drum is almost worn out"),
    ("developer-empty", "out of developer"),
    ("developer-low", "low on developer"),
    ("spool-area-full", "its memory is full"),
    ("paused", "paused"),
    ("moving-to-paused", "about to pause"),
    ("shutdown", "shut down"),
    ("timed-out", "its device does not answer"),
    ("connecting-to-device", "its device does not answer yet"),
    ("offline", "offline"),
    ("stopped-partly", "partly stopped"),
    ("stopping", "about to stop"),
    ("hibernate", "asleep"),
    ("deactivated", "switched off"),
    ("testing", "testing itself"),
];

/// Keywords of jobs that wait for somebody at the printer's own panel.
const PANEL: &[(&str, &str)] = &[
    ("job-password-wait", "it waits for a PIN at the printer's panel"),
    ("job-release-wait", "it waits to be released at the printer's panel"),
    ("job-held-for-authentication", "it waits for a sign-in at the printer's panel"),
    ("job-held-for-review", "it waits for a review at the printer's panel"),
    ("account-info-needed", "it waits for an account code at the printer's panel"),
    ("account-authorization-failed", "the printer refused its account code"),
    ("account-closed", "the printer says that its account is closed"),
    ("account-limit-reached", "the printer says that its account is used up"),
];

/// Keywords that only inform, whatever the severity behind them.
const NO_TROUBLE: [&str; 3] = ["identify-printer-requested", "none", "hibernate"];

/// A keyword without its severity.
pub(super) fn bare(keyword: &str) -> &str {
    let mut severities = ["-error", "-warning", "-report"].iter();
    severities.find_map(|end| keyword.strip_suffix(end)).unwrap_or(keyword)
}

fn word(table: &[(&str, &'static str)], keyword: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == keyword).map(|(_, word)| *word)
}

/// What a printer says of itself, the severe first, each once.
pub fn in_words(keywords: &[String]) -> Vec<String> {
    let mut sorted: Vec<&String> =
        keywords.iter().filter(|keyword| !NO_TROUBLE.contains(&bare(keyword))).collect();
    sorted.sort_by_key(|keyword| !keyword.ends_with("-error"));
    let mut words: Vec<String> = Vec::new();
    for keyword in sorted {
        let said =
            word(PRINTER, bare(keyword)).map_or_else(|| bare(keyword).to_owned(), str::to_owned);
        if !words.contains(&said) {
            words.push(said);
        }
    }
    words
}

/// Keywords of a printer that waits for somebody, if they are more than a report.
const WAITS: [&str; 6] =
    ["media-needed", "media-jam", "cover-open", "door-open", "interlock-open", "output-area-full"];

/// The keywords of a printer at a job that say that it waits for somebody. An empty tray alone does not: it may be
/// another one.
pub(super) fn waiting_for(keywords: &[String]) -> Vec<String> {
    let waits = |keyword: &&String| {
        keyword.ends_with("-error")
            || WAITS.contains(&bare(keyword)) && !keyword.ends_with("-report")
    };
    keywords.iter().filter(waits).cloned().collect()
}

/// The keywords of a printer that keep it from printing: errors, and those without a severity.
pub(super) fn blocking(keywords: &[String]) -> Vec<String> {
    let informs = |keyword: &str| keyword.ends_with("-warning") || keyword.ends_with("-report");
    keywords.iter().filter(|keyword| !informs(keyword)).cloned().collect()
}

/// Who waits at the printer's panel for a job, if somebody must.
pub(super) fn waits_at_panel(job_reasons: &[String]) -> Option<&'static str> {
    job_reasons.iter().find_map(|keyword| word(PANEL, keyword))
}

/// Whether a job's reasons say that it stands still for want of help.
pub(super) fn needs_help(job_reasons: &[String]) -> bool {
    let helpless = |keyword: &String| {
        keyword.starts_with("printer-stopped") || keyword == "resources-are-not-ready"
    };
    job_reasons.iter().any(helpless)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_said_in_words_the_severe_first_and_once() {
        let check = |keywords: &[&str], expect: &str| {
            let keywords: Vec<String> = keywords.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(in_words(&keywords).join(", "), expect, "{keywords:?}");
        };
        check(&["media-low-report", "media-jam-error"], "paper jam, low on paper");
        check(&["cover-open", "interlock-open-error"], "a cover is open");
        check(&["none"], "");
        check(&["com.vendor-coffee-empty-warning"], "com.vendor-coffee-empty");
    }

    #[test]
    fn a_warning_does_not_block() {
        let keywords = ["media-low-report", "toner-low-warning", "media-jam-error", "paused"]
            .map(str::to_owned);
        assert_eq!(blocking(&keywords), ["media-jam-error", "paused"]);
    }
}
