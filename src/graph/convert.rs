//! Graph's JSON to our types and back, by hand and leniently.
//!
//! A member that is missing, null or of another type than documented counts as absent: the cloud's own samples do
//! all three. Deliberately absent: calls.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::wire;
use crate::model::{
    Alter, CloudDocument, CloudJob, CloudJobKey, CloudJobState, CloudPrinterId,
    ConfigurationChange, DocumentId, JobConfiguration, Owner, PrintTask, TaskId, TaskState,
    configuration::{Margin, PageRange},
};

fn text(value: &Value, name: &str) -> Option<String> {
    value[name].as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn int(value: &Value, name: &str) -> Option<i32> {
    value[name].as_i64().and_then(|number| i32::try_from(number).ok())
}

/// Graph `printTask`; nothing if it has no id or does not say whose job it stops.
pub(super) fn read_task(task: &Value) -> Option<PrintTask> {
    let id = TaskId::new(text(task, "id")?);
    let cloud_job = read_parent_url(&text(task, "parentUrl")?)?;
    Some(PrintTask { id, cloud_job, state: read_task_state(task) })
}

pub(super) fn read_task_state(task: &Value) -> TaskState {
    wire::read_task_state(&text(&task["status"], "state").unwrap_or_default())
}

/// The path tail `/print/printers/{printer}/jobs/{job}` of a `parentUrl` or a `redirectedTo`; host and version do not
/// matter.
fn read_parent_url(url: &str) -> Option<CloudJobKey> {
    let path = url.split(['?', '#']).next()?.trim_end_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let [.., print, printers, printer, jobs, job] = parts[..] else { return None };
    let named = print.eq_ignore_ascii_case("print")
        && printers.eq_ignore_ascii_case("printers")
        && jobs.eq_ignore_ascii_case("jobs")
        && !printer.is_empty()
        && !job.is_empty();
    named.then(|| CloudJobKey { source_printer: CloudPrinterId::new(printer), id: job.to_owned() })
}

/// Graph `printJob`, asked for with `$expand=documents`.
pub(super) fn read_job(key: &CloudJobKey, job: &Value) -> CloudJob {
    CloudJob {
        key: key.clone(),
        created: text(job, "createdDateTime").and_then(|text| text.parse::<Timestamp>().ok()),
        owner: read_owner(&job["createdBy"]),
        state: read_job_state(job),
        redirected: text(job, "redirectedTo").is_some(),
        redirected_to: text(job, "redirectedTo").and_then(|url| read_parent_url(&url)),
        configuration: read_configuration(&job["configuration"]),
        document: read_document(&job["documents"][0]),
    }
}

pub(super) fn read_job_state(job: &Value) -> CloudJobState {
    wire::read_job_state(&text(&job["status"], "state").unwrap_or_default())
}

fn read_owner(identity: &Value) -> Option<Owner> {
    let owner = Owner {
        id: text(identity, "id"),
        upn: text(identity, "userPrincipalName"),
        name: text(identity, "displayName"),
    };
    (owner.id.is_some() || owner.upn.is_some() || owner.name.is_some()).then_some(owner)
}

fn read_document(document: &Value) -> Option<CloudDocument> {
    Some(CloudDocument {
        id: DocumentId::new(text(document, "id")?),
        title: text(document, "displayName"),
        content_type: text(document, "contentType"),
        octets: document["size"].as_u64(),
    })
}

/// Graph `printJobConfiguration`.
pub(super) fn read_configuration(value: &Value) -> JobConfiguration {
    let word = |name: &str| text(value, name);
    JobConfiguration {
        collate: value["collate"].as_bool(),
        color_mode: word("colorMode").map(|word| wire::read_color_mode(&word)),
        copies: int(value, "copies"),
        dpi: int(value, "dpi"),
        duplex_mode: word("duplexMode").map(|word| wire::read_duplex_mode(&word)),
        feed_orientation: word("feedOrientation").map(|word| wire::read_feed_orientation(&word)),
        finishings: value["finishings"].as_array().map(|list| read_words(list)),
        fit_pdf_to_page: value["fitPdfToPage"].as_bool(),
        input_bin: word("inputBin"),
        margin: value["margin"].is_object().then(|| read_margin(&value["margin"])),
        media_size: word("mediaSize"),
        media_type: word("mediaType"),
        multipage_layout: word("multipageLayout").map(|word| wire::read_layout(&word)),
        orientation: word("orientation").map(|word| wire::read_orientation(&word)),
        output_bin: word("outputBin"),
        page_ranges: value["pageRanges"].as_array().map(|list| read_ranges(list)),
        pages_per_sheet: int(value, "pagesPerSheet"),
        quality: word("quality").map(|word| wire::read_quality(&word)),
        scaling: word("scaling").map(|word| wire::read_scaling(&word)),
    }
}

fn read_words(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(|word| word.as_str()).map(str::to_owned).collect()
}

fn read_margin(margin: &Value) -> Margin {
    let side = |name| int(margin, name);
    Margin { top: side("top"), bottom: side("bottom"), left: side("left"), right: side("right") }
}

fn read_ranges(list: &[Value]) -> Vec<PageRange> {
    let range = |range: &Value| {
        let start = range["start"].as_i64()?;
        Some(PageRange { start, end: range["end"].as_i64().unwrap_or(start) })
    };
    list.iter().filter_map(range).collect()
}

/// The body of a PATCH: only the members that change; `null` for a member that is cleared.
pub(super) fn write_change(change: &ConfigurationChange) -> Value {
    fn put<T>(
        body: &mut Map<String, Value>,
        name: &str,
        alter: &Alter<T>,
        write: impl Fn(&T) -> Value,
    ) {
        match alter {
            Alter::Keep => {}
            Alter::Clear => {
                body.insert(name.to_owned(), Value::Null);
            }
            Alter::Set(value) => {
                body.insert(name.to_owned(), write(value));
            }
        }
    }
    let body = &mut Map::new();
    put(body, "collate", &change.collate, |v| json!(v));
    put(body, "colorMode", &change.color_mode, |v| json!(wire::write_color_mode(v)));
    put(body, "copies", &change.copies, |v| json!(v));
    put(body, "dpi", &change.dpi, |v| json!(v));
    put(body, "duplexMode", &change.duplex_mode, |v| json!(wire::write_duplex_mode(v)));
    put(body, "feedOrientation", &change.feed_orientation, |v| {
        json!(wire::write_feed_orientation(v))
    });
    put(body, "finishings", &change.finishings, |v| json!(v));
    put(body, "fitPdfToPage", &change.fit_pdf_to_page, |v| json!(v));
    put(body, "inputBin", &change.input_bin, |v| json!(v));
    put(body, "margin", &change.margin, write_margin);
    put(body, "mediaSize", &change.media_size, |v| json!(v));
    put(body, "mediaType", &change.media_type, |v| json!(v));
    put(body, "multipageLayout", &change.multipage_layout, |v| json!(wire::write_layout(v)));
    put(body, "orientation", &change.orientation, |v| json!(wire::write_orientation(v)));
    put(body, "outputBin", &change.output_bin, |v| json!(v));
    put(body, "pageRanges", &change.page_ranges, |v| write_ranges(v));
    put(body, "pagesPerSheet", &change.pages_per_sheet, |v| json!(v));
    put(body, "quality", &change.quality, |v| json!(wire::write_quality(v)));
    put(body, "scaling", &change.scaling, |v| json!(wire::write_scaling(v)));
    Value::Object(std::mem::take(body))
}

fn write_margin(margin: &Margin) -> Value {
    let sides = [
        ("top", margin.top),
        ("bottom", margin.bottom),
        ("left", margin.left),
        ("right", margin.right),
    ];
    let sides = sides.into_iter().filter_map(|(name, side)| Some((name.to_owned(), json!(side?))));
    Value::Object(sides.collect())
}

fn write_ranges(ranges: &[PageRange]) -> Value {
    ranges.iter().map(|range| json!({"start": range.start, "end": range.end})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::configuration::ColorMode;

    #[test]
    fn a_parent_url_is_read_by_its_tail_whatever_its_host_and_version() {
        for url in [
            "https://graph.microsoft.com/v1.0/print/printers/p-1/jobs/17",
            "https://inner.example/beta/Print/Printers/p-1/Jobs/17/",
            "print/printers/p-1/jobs/17",
        ] {
            let key = read_parent_url(url);
            assert_eq!(key.map(|key| key.to_string()).as_deref(), Some("p-1/17"), "{url}");
        }
        for url in ["https://evil.example/steal", "print/printers//jobs/17", ""] {
            assert_eq!(read_parent_url(url), None, "{url}");
        }
    }

    #[test]
    fn a_job_with_nothing_but_bait_reads() {
        let key = CloudJobKey { source_printer: CloudPrinterId::new("p"), id: "1".into() };
        let job = json!({
            "createdDateTime": "2020-06-26T04:20:06.5715544Z",
            "createdBy": {"id": "", "displayName": "", "userPrincipalName": ""},
            "status": {"state": "hibernating", "details": null},
            "configuration": {"copies": "two", "colorMode": "sepia", "pageRanges": [{"start": 2}], "x": 1},
            "documents": []
        });
        let job = read_job(&key, &job);
        assert_eq!(job.created.map(Timestamp::as_second), Some(1_593_145_206));
        assert_eq!((job.owner, job.document, job.state), (None, None, CloudJobState::Other));
        assert_eq!(job.configuration.color_mode, Some(ColorMode::Other("sepia".into())));
        assert_eq!(job.configuration.copies, None);
        assert_eq!(job.configuration.page_ranges, Some(vec![PageRange { start: 2, end: 2 }]));
    }

    #[test]
    fn only_what_changes_is_written_and_null_only_on_purpose() {
        let change = ConfigurationChange {
            copies: Alter::Set(2),
            finishings: Alter::Clear,
            ..ConfigurationChange::default()
        };
        assert_eq!(write_change(&change), json!({"copies": 2, "finishings": null}));
    }
}
