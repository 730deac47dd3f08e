//! Health: what is wrong now and needs a person, or will if it lasts.
//!
//! It promises: what begins and what ends is logged once; the list is always as of the last look.
//! Deliberately absent: the runbook (`docs/runbook.md` has each trouble by its code), and anything about a single job that
//! its own reasons say.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::{error, info};

use super::{clock::TOLERANCE, cloud_health, deeds::Deeds, main_loop::SharedSettings, meter::Load};
use crate::{
    graph::token::roles_of, journal::reader::JournalReader, telemetry::notify::ServiceManager,
};

/// How often to look.
const EACH: Duration = Duration::from_secs(10);
/// How long a report may take before that is said.
const REPORT_PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// How long the cloud may be silent before that is said.
const CLOUD_PATIENCE: SignedDuration = SignedDuration::from_mins(2);

/// This program was written later.
const NOT_BEFORE: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// Universal Print does not answer.
    CloudSilent,
    /// The task definition is not there.
    DefinitionGone,
    /// A queue's source printer is not there.
    QueueGone,
    /// A queue has a device that prints its jobs.
    QueueHasDevice,
    /// The sign-in service says no.
    SignIn,
    /// The cloud refuses calls for want of a permission.
    Permission,
    /// The cloud slows us down.
    Throttled,
    /// A queue comes near the cloud's limit.
    QueueFull,
    /// The application's credential ends soon.
    CredentialEnds,
    /// Our clock is not the cloud's.
    ClockWrong,
    /// Another daemon serves the definition.
    OtherDaemon,
    /// The journal can not be written now.
    JournalWaits,
    /// The state directory forgets at a restart.
    VolatileState,
    /// Reports do not get through.
    Reporting,
    /// A printer is not the one that is trusted.
    PrinterDistrusted,
    /// A badge reader is not there.
    ReaderAway,
}

impl Trouble {
    /// Whether nothing is released while it lasts.
    pub(super) fn stops_releases(self) -> bool {
        match self {
            Self::CloudSilent
            | Self::DefinitionGone
            | Self::QueueGone
            | Self::QueueHasDevice
            | Self::SignIn
            | Self::Permission
            | Self::OtherDaemon
            | Self::JournalWaits => true,
            Self::Throttled
            | Self::QueueFull
            | Self::CredentialEnds
            | Self::ClockWrong
            | Self::VolatileState
            | Self::Reporting
            | Self::PrinterDistrusted
            | Self::ReaderAway => false,
        }
    }

    /// The word for programs.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::CloudSilent => "cloud-silent",
            Self::DefinitionGone => "definition-gone",
            Self::QueueGone => "queue-gone",
            Self::QueueHasDevice => "source-printer-has-device",
            Self::SignIn => "sign-in",
            Self::Permission => "permission",
            Self::Throttled => "throttled",
            Self::QueueFull => "queue-full",
            Self::CredentialEnds => "credential-ends",
            Self::ClockWrong => "clock-wrong",
            Self::OtherDaemon => "other-daemon",
            Self::JournalWaits => "journal-waits",
            Self::VolatileState => "volatile-state",
            Self::Reporting => "reporting",
            Self::PrinterDistrusted => "printer-distrusted",
            Self::ReaderAway => "reader-away",
        }
    }
}

/// What is wrong now, each with a sentence.
#[derive(Debug)]
pub(super) struct Health {
    now: Mutex<BTreeMap<Trouble, String>>,
    /// When the daemon began.
    begun: Instant,
    begun_at: Timestamp,
    beat: Mutex<Instant>,
    readers_away: Mutex<BTreeSet<String>>,
    /// When the credential ends, and when that was read.
    credential_end: Mutex<Option<(Instant, Option<Timestamp>)>>,
}

impl Health {
    pub(super) fn new() -> Self {
        Self {
            now: Mutex::default(),
            begun: Instant::now(),
            begun_at: Timestamp::now(),
            beat: Mutex::new(Instant::now()),
            readers_away: Mutex::default(),
            credential_end: Mutex::default(),
        }
    }

    /// When the daemon began, by our clock.
    pub(super) fn begun(&self) -> Timestamp {
        self.begun_at
    }

    /// A trouble is there, in these words, or not.
    pub(super) fn set(&self, trouble: Trouble, sentence: Option<String>) {
        let mut now = self.now.lock().expect("nothing panics while it is held");
        match (sentence, now.contains_key(&trouble)) {
            (Some(sentence), known) => {
                if !known {
                    error!(id = trouble.code(), "{sentence}");
                }
                now.insert(trouble, sentence);
            }
            (None, true) => {
                info!(id = trouble.code(), "this is over");
                now.remove(&trouble);
            }
            (None, false) => {}
        }
    }

    /// The loop gave a sign of life.
    pub(super) fn beat(&self) {
        *self.beat.lock().expect("nothing panics while it is held") = Instant::now();
    }

    /// How long ago the loop's last sign of life was.
    pub(super) fn since_beat(&self) -> Duration {
        self.beat.lock().expect("nothing panics while it is held").elapsed()
    }

    /// The readers that are away, as they are now.
    pub(super) fn set_readers_away(&self, readers: BTreeSet<String>) {
        *self.readers_away.lock().expect("nothing panics while it is held") = readers;
    }

    /// The readers that are away.
    pub(super) fn readers_away(&self) -> BTreeSet<String> {
        self.readers_away.lock().expect("nothing panics while it is held").clone()
    }

    /// What is wrong now.
    pub(super) fn troubles(&self) -> Vec<(Trouble, String)> {
        let now = self.now.lock().expect("nothing panics while it is held");
        now.iter().map(|(trouble, sentence)| (*trouble, sentence.clone())).collect()
    }
}

/// Looks again and again, until it is dropped.
pub(super) async fn watch(
    service_manager: ServiceManager,
    health: Arc<Health>,
    deeds: Arc<Deeds>,
    reader: JournalReader,
) {
    let mut pulse = interval(EACH);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        look(&health, &deeds, &reader).await;
        let counts = reader.counts().await.unwrap_or_default();
        service_manager.status(&status(&counts, &health.troubles()));
    }
}

/// How it is, in a line.
fn status(counts: &[(String, usize)], troubles: &[(Trouble, String)]) -> String {
    let counted = |(state, n): &(String, usize)| format!("{n} {state}");
    let jobs: Vec<String> = counts.iter().map(counted).collect();
    let jobs = if jobs.is_empty() { "no jobs".to_owned() } else { jobs.join(", ") };
    match troubles {
        [] => format!("{jobs}; all is well"),
        [(_, first)] => format!("{jobs}; {first}"),
        [(_, first), more @ ..] => format!("{jobs}; {first} (and {} more)", more.len()),
    }
}

/// Looks once.
pub(super) async fn look(health: &Health, deeds: &Deeds, reader: &JournalReader) {
    let never = || SignedDuration::try_from(health.begun.elapsed()).unwrap_or(SignedDuration::MAX);
    let silent = deeds.cloud_silence().unwrap_or_else(never);
    health.set(Trouble::CloudSilent, cloud_silent(silent));
    look_at_standing(health, deeds).await;
    health.set(Trouble::DefinitionGone, deeds.definition_trouble());
    health.set(Trouble::QueueGone, deeds.queues_gone());
    health.set(Trouble::QueueHasDevice, deeds.queues_with_device());
    health.set(Trouble::ClockWrong, clock_wrong(Timestamp::now(), deeds.clock_skew()));
    let full: Vec<String> = deeds.loads().iter().filter_map(Load::warning).collect();
    health.set(Trouble::QueueFull, (!full.is_empty()).then(|| full.join("; ")));
    health.set(Trouble::OtherDaemon, other_daemon(deeds));
    let distrusted = deeds.distrusted();
    let in_words = || format!("not the printer that is trusted: {}", distrusted.join("; "));
    health.set(Trouble::PrinterDistrusted, (!distrusted.is_empty()).then(in_words));
    if let Ok(since) = reader.reporting_since().await {
        health.set(Trouble::Reporting, reporting(Timestamp::now(), &since));
    }
}

/// Our standing in the cloud.
async fn look_at_standing(health: &Health, deeds: &Deeds) {
    let (graph, settings) = (deeds.graph(), deeds.settings());
    let trouble = graph.tokens().trouble().await;
    health.set(Trouble::SignIn, cloud_health::sign_in(trouble.as_ref()));
    let refused = graph.refused();
    let roles = if refused.is_empty() {
        Vec::new()
    } else {
        graph.tokens().token().await.map(|token| roles_of(&token)).unwrap_or_default()
    };
    health.set(Trouble::Permission, cloud_health::permissions(&refused, &roles));
    health.set(Trouble::Throttled, cloud_health::throttled(&graph.throttled()));
    let ends = credential_end(health, deeds, &settings).await;
    health.set(Trouble::CredentialEnds, cloud_health::credential_ends(Timestamp::now(), ends));
}

/// When the credential ends; its files are read again after an hour, beside the runtime's workers.
async fn credential_end(
    health: &Health,
    deeds: &Deeds,
    settings: &SharedSettings,
) -> Option<Timestamp> {
    const AGAIN: Duration = Duration::from_hours(1);
    let known = *health.credential_end.lock().expect("nothing panics while it is held");
    if let Some((_, ends)) = known.filter(|(read, _)| read.elapsed() < AGAIN) {
        return ends;
    }
    let (cloud, credential) =
        (settings.cloud.clone(), deeds.graph().tokens().credential().cloned());
    let read = move || cloud_health::credential_end(&cloud, credential.as_ref());
    let ends = tokio::task::spawn_blocking(read).await.ok().flatten();
    *health.credential_end.lock().expect("nothing panics while it is held") =
        Some((Instant::now(), ends));
    ends
}

fn cloud_silent(silent: SignedDuration) -> Option<String> {
    (silent >= CLOUD_PATIENCE).then(|| {
        format!(
            "Universal Print has not answered for {} minutes; jobs wait and are safe",
            silent.as_mins()
        )
    })
}

/// What the cloud's clock says of ours; before the cloud was heard, what can not be.
fn clock_wrong(now: Timestamp, skew: Option<SignedDuration>) -> Option<String> {
    const THEN: &str = "no deadline counts until it is set right";
    let Some(skew) = skew else {
        return (now < NOT_BEFORE).then(|| format!("our clock says {now:.0}: {THEN}"));
    };
    let side = if skew.is_negative() { "behind" } else { "ahead of" };
    (skew.abs() > TOLERANCE).then(|| {
        let minutes = skew.abs().as_mins();
        format!("our clock is {minutes} minutes {side} Universal Print's: {THEN}")
    })
}

fn other_daemon(deeds: &Deeds) -> Option<String> {
    if deeds.is_just_taken() {
        let sentence = "the task definition was taken over just now: releases begin as soon as another daemon, if there is \
            one, must have seen it";
        return Some(sentence.to_owned());
    }
    let (_, holder) = deeds.other_daemon()?;
    Some(format!(
        "the task definition is served by \"{holder}\": nothing is released here; stop the other one, then `pullprint takeover`"
    ))
}

/// Reports that have taken too long.
fn reporting(now: Timestamp, since: &[Timestamp]) -> Option<String> {
    let late = since.iter().filter(|since| now.duration_since(**since) >= REPORT_PATIENCE);
    let (n_late, first) = (late.clone().count(), late.min()?);
    let minutes = now.duration_since(*first).as_mins();
    Some(format!(
        "Universal Print could not be told of {n_late} ended jobs, the first {minutes} minutes ago; it is repeated, and \
        each job blocks its task until then"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_said_and_what_is_over_is_not() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let ago = |minutes| now - SignedDuration::from_mins(minutes);
        assert_eq!(reporting(now, &[ago(1), ago(9)]), None);
        let said = reporting(now, &[ago(1), ago(11), ago(30)]).unwrap();
        assert!(said.contains("2 ended jobs, the first 30 minutes ago"), "{said}");
        assert_eq!(cloud_silent(SignedDuration::from_secs(100)), None);
        assert!(cloud_silent(SignedDuration::from_mins(3)).is_some());
        assert_eq!(clock_wrong(now, Some(SignedDuration::from_secs(-290))), None);
        assert_eq!(clock_wrong(now, None), None);
        assert!(clock_wrong(Timestamp::UNIX_EPOCH, None).unwrap().contains("1970"));
        let said = clock_wrong(now, Some(SignedDuration::from_hours(-720))).unwrap();
        assert!(said.contains("43200 minutes behind"), "{said}");
    }

    #[test]
    fn a_line_of_status_has_what_waits_and_the_first_trouble() {
        let counts = [("held".to_owned(), 12), ("printing".to_owned(), 1)];
        assert_eq!(status(&counts, &[]), "12 held, 1 printing; all is well");
        let troubles = [
            (Trouble::CloudSilent, "the cloud is silent".to_owned()),
            (Trouble::ReaderAway, "a reader is away".to_owned()),
        ];
        assert_eq!(status(&[], &troubles), "no jobs; the cloud is silent (and 1 more)");
    }

    #[test]
    fn a_trouble_is_there_until_it_is_over() {
        let health = Health::new();
        health.set(Trouble::JournalWaits, Some("the disk is full".into()));
        assert_eq!(health.troubles(), [(Trouble::JournalWaits, "the disk is full".into())]);
        health.set(Trouble::JournalWaits, None);
        assert_eq!(health.troubles(), []);
    }
}
