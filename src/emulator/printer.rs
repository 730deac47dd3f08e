//! A printer: its jobs, its counters, its paper, and what it does wrong.
//!
//! It keeps each document and ticket in a folder, and counts octets and impressions. A document whose client went away
//! is aborted, as a good printer does; one that a fault cut is printed as far as it got and called completed, as many do.

use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{faults::PrinterFault, identity::id, models::Model};

pub(super) const PENDING_HELD: i32 = 4;
pub(super) const PROCESSING: i32 = 5;
const CANCELED: i32 = 7;
const ABORTED: i32 = 8;
const COMPLETED: i32 = 9;

pub(super) struct Printer {
    pub(super) name: String,
    pub(super) model: Model,
    folder: PathBuf,
    print_time: Duration,
    state: Mutex<State>,
}

/// How a printer is.
#[derive(Clone, Debug)]
pub(super) struct Mood {
    pub(super) stopped: bool,
    /// IPP "printer-state-reasons".
    pub(super) reasons: Vec<String>,
    pub(super) accepting: bool,
    /// It answers nothing until so long after it was asked first.
    pub(super) asleep: Option<Duration>,
    pub(super) asked: Option<Instant>,
}

impl Default for Mood {
    fn default() -> Self {
        Self { stopped: false, reasons: Vec::new(), accepting: true, asleep: None, asked: None }
    }
}

struct State {
    mood: Mood,
    started: Instant,
    next_job: i32,
    n_printed: u32,
    impressions: i32,
    jobs: Vec<PrinterJob>,
    ordered: VecDeque<PrinterFault>,
    prints: Vec<Value>,
}

/// A job at the printer.
#[derive(Clone)]
pub(super) struct PrinterJob {
    pub(super) id: i32,
    pub(super) uuid: String,
    pub(super) name: String,
    pub(super) user: String,
    pub(super) state: i32,
    pub(super) reason: &'static str,
    pub(super) octets: u64,
    pub(super) impressions: i32,
    ticket: Value,
    /// The ticket's values as structures.
    attributes: Value,
    /// IPP "time-at-creation".
    pub(super) created: i32,
    until: Option<Instant>,
    fault: Option<PrinterFault>,
}

/// A printer's counters.
pub(super) struct Counters {
    pub(super) state: i32,
    pub(super) up_time: i32,
    pub(super) impressions: i32,
    pub(super) queued: i32,
}

impl PrinterJob {
    /// How often the document is printed.
    pub(super) fn copies(&self) -> u32 {
        u32::try_from(copies(&self.ticket)).unwrap_or(1)
    }

    /// The sheets that have come out by now, one after the other over the time of the print.
    pub(super) fn sheets(&self, print_time: Duration) -> i32 {
        let two_sided = self.ticket["sides"].as_str().is_some_and(|sides| sides != "one-sided");
        let all = if two_sided { (self.impressions + 1) / 2 } else { self.impressions };
        match self.until {
            _ if self.state == COMPLETED => all,
            None => 0,
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                let gone = print_time.saturating_sub(left).as_millis();
                let out = gone * u128::from(all.unsigned_abs()) / print_time.as_millis().max(1);
                i32::try_from(out).unwrap_or(all)
            }
        }
    }
}

impl Printer {
    pub(super) fn new(
        name: &str,
        model: Model,
        printed: &Path,
        print_time: Duration,
    ) -> io::Result<Self> {
        let folder = printed.join(name);
        std::fs::create_dir_all(&folder)?;
        let state = State {
            mood: Mood::default(),
            started: Instant::now(),
            next_job: 1,
            n_printed: 0,
            impressions: 0,
            jobs: Vec::new(),
            ordered: VecDeque::new(),
            prints: Vec::new(),
        };
        Ok(Self { name: name.to_owned(), model, folder, print_time, state: Mutex::new(state) })
    }

    /// The state as of now: what has finished printing is completed, forgotten, or lost in a restart.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().expect("nothing panics while it is held");
        let now = Instant::now();
        if state.mood.stopped {
            return state;
        }
        let midway = |job: &PrinterJob| {
            job.fault == Some(PrinterFault::RebootMidway)
                && job.until.is_some_and(|until| until <= now + self.print_time / 2)
        };
        let mut reboot = state.jobs.iter().any(midway);
        let mut forgotten = Vec::new();
        let mut printed = 0;
        for job in state.jobs.iter_mut().filter(|job| job.until.is_some_and(|until| until <= now)) {
            (job.state, job.reason, job.until) = (COMPLETED, "job-completed-successfully", None);
            printed += job.impressions;
            match job.fault {
                Some(PrinterFault::Forget) => forgotten.push(job.id),
                Some(PrinterFault::Reboot) => reboot = true,
                _ => {}
            }
        }
        state.impressions += printed;
        state.jobs.retain(|job| !forgotten.contains(&job.id));
        if reboot {
            state.jobs.clear();
            (state.started, state.next_job, state.impressions) = (now, 1, 0);
        }
        state
    }

    /// The next job gets this fault.
    pub(super) fn order_fault(&self, fault: PrinterFault) {
        self.state().ordered.push_back(fault);
    }

    pub(super) fn take_ordered_fault(&self) -> Option<PrinterFault> {
        self.state().ordered.pop_front()
    }

    pub(super) fn change_mood(&self, mood: Mood) {
        self.state().mood = mood;
    }

    pub(super) fn mood(&self) -> Mood {
        self.state().mood.clone()
    }

    /// Whether it sleeps yet. The first question wakes it.
    pub(super) fn is_asleep(&self) -> bool {
        let mood = &mut self.state().mood;
        let Some(asleep) = mood.asleep else { return false };
        mood.asked.get_or_insert_with(Instant::now).elapsed() < asleep
    }

    pub(super) fn counters(&self) -> Counters {
        let state = self.state();
        let queued = state.jobs.iter().filter(|job| job.state < CANCELED).count();
        let busy = state.jobs.iter().any(|job| job.state == PROCESSING);
        Counters {
            state: match (state.mood.stopped, busy) {
                (true, _) => 5,
                (_, true) => 4,
                _ => 3,
            },
            up_time: up_time(state.started),
            impressions: state.impressions,
            queued: i32::try_from(queued).unwrap_or(i32::MAX),
        }
    }

    pub(super) fn create(
        &self,
        name: &str,
        user: &str,
        [ticket, attributes]: [Value; 2],
        fault: Option<PrinterFault>,
    ) -> PrinterJob {
        let mut state = self.state();
        let job = PrinterJob {
            id: state.next_job,
            uuid: format!("urn:uuid:{}", id()),
            name: name.to_owned(),
            user: user.to_owned(),
            state: PENDING_HELD,
            reason: "job-data-insufficient",
            octets: 0,
            impressions: 0,
            ticket,
            attributes,
            created: up_time(state.started),
            until: None,
            fault,
        };
        state.next_job += 1;
        state.jobs.push(job.clone());
        job
    }

    pub(super) fn job(&self, id: i32) -> Option<PrinterJob> {
        self.state().jobs.iter().find(|job| job.id == id).cloned()
    }

    pub(super) fn jobs(&self, finished: bool) -> Vec<PrinterJob> {
        self.state()
            .jobs
            .iter()
            .filter(|job| (job.state >= CANCELED) == finished)
            .cloned()
            .collect()
    }

    /// A document begins to come in. The fault says how it will end.
    pub(super) fn begin(&self, id: i32) -> Result<Option<PrinterFault>, u16> {
        let mut state = self.state();
        let job = state.jobs.iter_mut().find(|job| job.id == id).ok_or(0x0406_u16)?;
        if job.state != PENDING_HELD || job.reason != "job-data-insufficient" {
            return Err(0x0404);
        }
        job.reason = "job-incoming";
        Ok(job.fault)
    }

    /// The client went away in the middle of a document: a good printer aborts the job and prints nothing of it.
    pub(super) fn interrupted(&self, id: i32) {
        let mut state = self.state();
        if let Some(job) =
            state.jobs.iter_mut().find(|job| job.id == id && job.state == PENDING_HELD)
        {
            (job.state, job.reason) = (ABORTED, "submission-interrupted");
        }
    }

    /// A document came in, whole or as far as a fault let it: it is printed.
    pub(super) fn received(&self, id: i32, document: &[u8]) -> io::Result<()> {
        let print_time = self.print_time;
        let mut state = self.state();
        state.n_printed += 1;
        let number = state.n_printed;
        let Some(job) = state.jobs.iter_mut().find(|job| job.id == id && job.state == PENDING_HELD)
        else {
            return Ok(());
        };
        if job.fault == Some(PrinterFault::PanelWait) {
            job.reason = "job-password-wait";
            return Ok(());
        }
        (job.state, job.reason) = (PROCESSING, "job-printing");
        job.octets = document.len() as u64;
        job.impressions = pages(document) * copies(&job.ticket);
        job.until = Some(Instant::now() + print_time);
        let (name, ticket) = (job.name.clone(), job.ticket.clone());
        let (attributes, user) = (job.attributes.clone(), job.user.clone());
        let file = self.folder.join(format!("{number:04}-{name}.{}", extension(document)));
        let head: String = document.iter().take(80).map(|byte| char::from(*byte)).collect();
        // Whoever hears of a print finds its file.
        std::fs::write(file.with_extension("ticket.json"), format!("{ticket:#}\n"))?;
        std::fs::write(&file, document)?;
        state
            .prints
            .push(json!({"printer": self.name, "job": id, "name": name, "octets": document.len(),
            "head": head, "file": file, "ticket": ticket, "attributes": attributes, "user": user}));
        Ok(())
    }

    /// Cancels a job. One that has ended stays as it is.
    pub(super) fn cancel(&self, id: i32) -> Result<(), u16> {
        let mut state = self.state();
        let job = state.jobs.iter_mut().find(|job| job.id == id).ok_or(0x0406_u16)?;
        if job.state >= CANCELED {
            return Err(0x0404);
        }
        (job.state, job.reason, job.until) = (CANCELED, "job-canceled-by-user", None);
        Ok(())
    }

    pub(super) fn print_time(&self) -> Duration {
        self.print_time
    }

    pub(super) fn prints(&self) -> Vec<Value> {
        self.state().prints.clone()
    }
}

fn up_time(started: Instant) -> i32 {
    i32::try_from(started.elapsed().as_secs()).unwrap_or(i32::MAX - 1) + 1
}

/// The pages of a PDF, counted by their objects; anything else is one page.
fn pages(document: &[u8]) -> i32 {
    let page =
        |window: &[u8]| window.starts_with(b"/Type /Page") || window.starts_with(b"/Type/Page");
    let n =
        document.windows(13).filter(|window| page(window) && !window[10..].contains(&b's')).count();
    i32::try_from(n.max(1)).unwrap_or(i32::MAX)
}

fn copies(ticket: &Value) -> i32 {
    ticket["copies"].as_str().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn extension(document: &[u8]) -> &'static str {
    match document {
        [b'%', b'P', b'D', b'F', ..] => "pdf",
        [b'R', b'a', b'S', b'2', ..] => "pwg",
        [b'U', b'N', b'I', b'R', ..] => "urf",
        [0xff, 0xd8, ..] => "jpg",
        _ => "bin",
    }
}
