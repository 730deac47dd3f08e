//! Where the process dies, what the journal has then, and what the next start does about it.
//!
//! `docs/journal.md` shows these tables; `crash` plays them. Deliberately absent: how they are played.

/// A point of a life, and what must follow.
#[derive(Clone, Copy)]
pub(crate) struct Point {
    pub(crate) name: &'static str,
    pub(crate) on_disk: &'static str,
    pub(crate) then: &'static str,
    /// What becomes of the document at a printer that counts no octets and prints what was cut.
    pub(crate) at_ippeveprinter: At,
}

/// How a release ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// One whole document, reported.
    Whole,
    /// At most one document, whole or cut; the job waits as `may-have-printed`.
    Asked,
    /// It does not come to this point there, or it makes no difference.
    Same,
}

impl At {
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Whole => "one whole document",
            Self::Asked => "a person is asked",
            Self::Same => "the same",
        }
    }
}

const fn point(name: &'static str, on_disk: &'static str, then: &'static str) -> Point {
    Point { name, on_disk, then, at_ippeveprinter: At::Same }
}

const fn at(point: Point, at_ippeveprinter: At) -> Point {
    Point { at_ippeveprinter, ..point }
}

/// A release, from the task to its report.
pub(crate) const RELEASE: [Point; 39] = [
    point("before-commit task-seen", "nothing", "the poller sees the task again"),
    point("after-commit task-seen", "claimed, read-job intended", "the job is read"),
    point("before read-job", "claimed, read-job intended", "the job is read"),
    point("after read-job", "claimed, read-job intended", "the job is read again"),
    point("before-commit job-read", "claimed, read-job intended", "the job is read again"),
    point("after-commit job-read", "held", "it waits"),
    point("before-commit released", "held", "it waits; nobody was told that it is released"),
    point(
        "after-commit released",
        "releasing, three preparations intended",
        "all is prepared again",
    ),
    point("before fetch-document", "releasing, preparing", "all is prepared again"),
    point(
        "after fetch-document",
        "releasing, preparing",
        "the document is fetched again: its bytes died with the key",
    ),
    point("before update-configuration", "releasing, preparing", "the configuration is sent again"),
    point(
        "after update-configuration",
        "releasing, preparing",
        "the configuration is sent again, which changes nothing",
    ),
    point("before ask-printer", "releasing, preparing", "the printer is asked again"),
    point("after ask-printer", "releasing, preparing", "the printer is asked again"),
    point("before-commit document-ready", "releasing, preparing", "all is prepared again"),
    point(
        "after-commit document-ready",
        "preparing, or Create-Job intended",
        "all is prepared again; a Create-Job is looked for",
    ),
    point("before-commit configuration-updated", "releasing, preparing", "all is prepared again"),
    point("after-commit configuration-updated", "preparing, or Create-Job intended", "the same"),
    point("before-commit printer-ready", "releasing, preparing", "all is prepared again"),
    point("after-commit printer-ready", "preparing, or Create-Job intended", "the same"),
    at(
        point(
            "before create-printer-job",
            "Create-Job intended",
            "the printer is asked for the attempt's token: not there; a new attempt",
        ),
        At::Whole,
    ),
    at(
        point(
            "after create-printer-job",
            "Create-Job intended",
            "the token is found: that job is canceled; a new attempt",
        ),
        At::Whole,
    ),
    at(
        point(
            "before-commit printer-job-created",
            "Create-Job intended",
            "the token is found: that job is canceled; a new attempt",
        ),
        At::Whole,
    ),
    at(
        point(
            "after-commit printer-job-created",
            "job-id, job-uuid, Send-Document intended",
            "the printer has no document: canceled, zero impressions; a new attempt",
        ),
        At::Whole,
    ),
    at(
        point("before send-document", "job-id, job-uuid, Send-Document intended", "the same"),
        At::Whole,
    ),
    at(
        point(
            "first-byte",
            "Send-Document intended",
            "the printer says what became of it: aborted or empty; a new attempt",
        ),
        At::Whole,
    ),
    at(
        point(
            "mid-body",
            "Send-Document intended",
            "the printer aborted what was cut, zero impressions; a new attempt",
        ),
        At::Asked,
    ),
    at(
        point(
            "last-byte",
            "Send-Document intended",
            "the printer says: whole, or aborted with zero impressions",
        ),
        At::Asked,
    ),
    at(
        point(
            "after send-document",
            "Send-Document intended",
            "the printer's count of octets agrees: whole; it is followed",
        ),
        At::Asked,
    ),
    at(
        point(
            "before-commit document-accepted",
            "Send-Document intended",
            "the printer's count of octets agrees: whole; it is followed",
        ),
        At::Asked,
    ),
    at(
        point(
            "after-commit document-accepted",
            "printing, the watch intended",
            "the watch goes on",
        ),
        At::Whole,
    ),
    at(
        point("before watch-printer-job", "printing, the watch intended", "the watch goes on"),
        At::Whole,
    ),
    at(
        point(
            "after watch-printer-job",
            "printing, the watch intended",
            "the printer is asked again",
        ),
        At::Whole,
    ),
    at(
        point(
            "before-commit printer-job-seen",
            "printing, the watch intended",
            "the printer is asked again",
        ),
        At::Whole,
    ),
    at(
        point(
            "after-commit printer-job-seen",
            "reporting, close-task intended",
            "the task is closed",
        ),
        At::Whole,
    ),
    at(
        point("before close-task", "reporting, close-task intended", "the task is closed"),
        At::Whole,
    ),
    at(
        point(
            "after close-task",
            "reporting, close-task intended",
            "the task is closed once more, which says the same",
        ),
        At::Whole,
    ),
    at(
        point(
            "before-commit done",
            "reporting, close-task intended",
            "the task is closed once more, which says the same",
        ),
        At::Whole,
    ),
    at(point("after-commit done", "settled", "nothing"), At::Whole),
];

/// An abort by an administrator.
pub(crate) const ABORT: [Point; 8] = [
    point("before-commit abort-asked", "held", "it waits; nobody was told that it is aborted"),
    point(
        "after-commit abort-asked",
        "reporting, abort-job intended",
        "task and job are read: open and paused; the job is aborted",
    ),
    point("before abort-job", "reporting, abort-job intended", "the same"),
    point(
        "after abort-job",
        "reporting, abort-job intended",
        "task and job are read: the job is aborted already; the task is closed",
    ),
    point("before-commit done", "reporting, abort-job intended", "the same"),
    point("after-commit done", "reporting, close-task intended", "the task is closed"),
    point("before close-task", "reporting, close-task intended", "the task is closed"),
    point(
        "after close-task",
        "reporting, close-task intended",
        "the task is closed once more, which says the same",
    ),
];

/// A redirect by policy.
pub(crate) const REDIRECT: [Point; 5] = [
    point(
        "before-commit job-read",
        "claimed, read-job intended",
        "the job is read again, and redirected",
    ),
    point(
        "after-commit job-read",
        "releasing, redirect intended",
        "the cloud is asked for a minute and shows no redirect: a person is asked",
    ),
    point("before redirect", "releasing, redirect intended", "the same"),
    point(
        "after redirect",
        "releasing, redirect intended",
        "the cloud is asked: the job names where it went",
    ),
    point("before-commit done", "releasing, redirect intended", "the same"),
];

/// A conversion on the way to a release.
pub(crate) const CONVERSION: [Point; 3] = [
    point(
        "before conversion",
        "releasing, preparing",
        "the document is fetched and converted again",
    ),
    point(
        "after conversion",
        "releasing, preparing",
        "the document is fetched and converted again",
    ),
    point(
        "after-commit document-ready",
        "preparing, or Create-Job intended",
        "the same; a Create-Job is looked for",
    ),
];
