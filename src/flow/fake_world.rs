//! The world of the simulation: a cloud with its jobs, two printers, and a true time that our clock may not show.
//!
//! Printers print a cut document as far as it got and call it completed; they forget everything when they restart, and
//! begin with job-id 1 again. Deliberately absent: when what goes wrong (`simulation`).

use jiff::{SignedDuration, Timestamp};

use super::{
    CloudLook, Destination, Effect, End, Job, Look, Outcome, Phase, Reading, State, samples,
};
use crate::model::{
    CloudJobState, CloudPrinterId, Failure, FailureClass, ForgottenReport, JobConfiguration,
    Member, PrinterJobId, PrinterJobRef, PrinterJobState, PrinterName, Reserve, TaskState, Verdict,
};

pub(super) const OCTETS: u64 = 10_000;
pub(super) const HOLD_LIMIT: SignedDuration = SignedDuration::from_hours(24);
const PRINTERS: [&str; 2] = ["lobby", "attic"];

/// A small generator (xorshift64*), so that a seed is all that a story needs.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit
    }

    pub(super) fn index(&mut self, limit: usize) -> usize {
        usize::try_from(self.below(limit as u64)).unwrap()
    }

    pub(super) fn chance(&mut self, per_thousand: u64) -> bool {
        self.below(1_000) < per_thousand
    }
}

/// A job in the cloud, and what came out of it.
pub(super) struct CloudJob {
    pub(super) state: CloudJobState,
    pub(super) task: TaskState,
    pub(super) redirected: bool,
    pub(super) created: Timestamp,
    /// What policy says of it.
    pub(super) verdict: Verdict,
    /// Octets of each print.
    pub(super) prints: Vec<u64>,
    /// Whether its bytes are with us.
    pub(super) spooled: bool,
}

struct PrinterJob {
    id: i32,
    uuid: u64,
    /// Which job's, and which attempt.
    token: (usize, u32),
    state: PrinterJobState,
    octets: u64,
}

struct Printer {
    started: Timestamp,
    next_id: i32,
    jobs: Vec<PrinterJob>,
}

/// What goes wrong with one deed.
#[derive(Clone, Copy, Default)]
pub(super) struct Faults {
    /// The printer is busy.
    pub(super) busy: bool,
    /// The document is cut after so many octets.
    pub(super) cut: Option<u64>,
    /// The printer does not end the print yet.
    pub(super) slow: bool,
}

/// Cloud and printers.
pub(super) struct FakeWorld {
    /// The true time.
    pub(super) time: Timestamp,
    /// How far our clock is ahead of it.
    pub(super) ahead: SignedDuration,
    pub(super) cloud: Vec<CloudJob>,
    printers: [Printer; 2],
    next_uuid: u64,
}

impl FakeWorld {
    pub(super) fn new(random: &mut Random, n_jobs: usize) -> Self {
        let time = samples::NOW;
        let printer = || Printer {
            started: time - SignedDuration::from_hours(1),
            next_id: 1,
            jobs: Vec::new(),
        };
        let cloud = (0..n_jobs).map(|_| CloudJob {
            state: CloudJobState::Paused,
            task: TaskState::Processing,
            redirected: false,
            created: time,
            verdict: match random.below(10) {
                0..5 => Verdict::Hold,
                5..9 => Verdict::Release(Self::printer_name(random).0),
                _ => Verdict::Redirect(CloudPrinterId::new("cloud-2")),
            },
            prints: Vec::new(),
            spooled: false,
        });
        let cloud = cloud.collect();
        let printers = [printer(), printer()];
        Self { time, ahead: SignedDuration::ZERO, cloud, printers, next_uuid: 1 }
    }

    /// A printer for a release, now and then with the other one in reserve.
    pub(super) fn printer_name(random: &mut Random) -> (PrinterName, Reserve) {
        let first = random.index(PRINTERS.len());
        let other = Member {
            printer: PrinterName::new(PRINTERS[1 - first]),
            contact: samples::printer_contact(),
        };
        let members = if random.below(2) == 0 { vec![other] } else { Vec::new() };
        (PrinterName::new(PRINTERS[first]), Reserve { members, ..Reserve::default() })
    }

    /// What our clock shows.
    pub(super) fn clock(&self) -> Timestamp {
        self.time + self.ahead
    }

    pub(super) fn restart_printer(&mut self, printer: usize) {
        self.printers[printer] = Printer { started: self.time, next_id: 1, jobs: Vec::new() };
    }

    /// Does what the effect of the i-th job says.
    pub(super) fn perform(&mut self, i: usize, job: &Job, effect: Effect, faults: Faults) -> End {
        match effect {
            Effect::ReadJob
            | Effect::UpdateConfiguration
            | Effect::FetchDocument
            | Effect::Redirect
            | Effect::AbortJob
            | Effect::CloseTask
            | Effect::LookUp => self.call(i, job, effect),
            Effect::FollowJob if faults.busy => End::DestinationSeen(Look::Gone),
            Effect::FollowJob if faults.slow => {
                End::DestinationSeen(Look::Is(CloudJobState::Processing))
            }
            Effect::FollowJob => End::DestinationSeen(Look::Is(CloudJobState::Completed)),
            Effect::AskPrinter | Effect::CreatePrinterJob if faults.busy => busy(),
            Effect::AskPrinter => End::PrinterReady(Box::new(samples::agreement())),
            Effect::CreatePrinterJob => self.create(i, job),
            Effect::SendDocument => self.receive(i, job, faults.cut),
            Effect::WatchPrinterJob | Effect::InspectPrinterJob => self.look(job, faults.slow),
            Effect::CancelPrinterJob => self.cancel(job),
            Effect::FindPrinterJob => self.find(i, job),
        }
    }

    fn call(&mut self, i: usize, job: &Job, effect: Effect) -> End {
        let asked = self.clock();
        let cloud = &mut self.cloud[i];
        let refused = || End::Failed(Failure::new(FailureClass::Refused, "400"));
        let open = cloud.state == CloudJobState::Paused && cloud.task == TaskState::Processing;
        match effect {
            Effect::ReadJob => {
                let mut read = samples::cloud_job(cloud.state);
                read.created = Some(cloud.created);
                read.redirected = cloud.redirected;
                let decision = samples::decision(cloud.verdict.clone());
                End::JobRead(Box::new(Reading { job: read, decision, asked, unwatched: false }))
            }
            Effect::UpdateConfiguration if open => {
                End::ConfigurationUpdated(Box::<JobConfiguration>::default())
            }
            Effect::FetchDocument => {
                cloud.spooled = true;
                End::DocumentReady(Box::new(samples::document()))
            }
            Effect::Redirect if open => {
                (cloud.state, cloud.task) = (CloudJobState::Completed, TaskState::Completed);
                cloud.redirected = true;
                End::Done
            }
            Effect::AbortJob if open => {
                cloud.state = CloudJobState::Aborted;
                End::Done
            }
            Effect::CloseTask if !cloud.task.is_terminal() => {
                let State::Reporting(reporting) = &job.state else { return refused() };
                let printed = reporting.outcome == Outcome::Printed;
                cloud.task = if printed { TaskState::Completed } else { TaskState::Aborted };
                End::Done
            }
            Effect::LookUp => End::LookedUp(CloudLook {
                task: Look::Is(cloud.task),
                job: Look::Is(cloud.state),
                redirected: cloud.redirected,
            }),
            _ => refused(),
        }
    }

    fn printer_of(&mut self, job: &Job) -> &mut Printer {
        let at = match job.attempt().map(|attempt| &attempt.destination) {
            Some(Destination::Printer(name)) => {
                PRINTERS.iter().position(|one| *one == name.as_str())
            }
            _ => None,
        };
        &mut self.printers[at.expect("it is about a printer of ours")]
    }

    fn up_time(&mut self, job: &Job) -> Option<i32> {
        let time = self.time;
        i32::try_from(time.duration_since(self.printer_of(job).started).as_secs()).ok()
    }

    fn reference(&mut self, job: &Job, id: i32, uuid: u64) -> PrinterJobRef {
        PrinterJobRef {
            id: PrinterJobId(id),
            uuid: Some(uuid.to_string()),
            created: self.clock(),
            up_time: self.up_time(job),
            impressions: Some(1),
        }
    }

    fn create(&mut self, i: usize, job: &Job) -> End {
        let uuid = self.next_uuid;
        self.next_uuid += 1;
        let token = (i, job.attempt().map_or(0, |attempt| attempt.number));
        let printer = self.printer_of(job);
        let id = printer.next_id;
        printer.next_id += 1;
        let state = PrinterJobState::PendingHeld;
        printer.jobs.push(PrinterJob { id, uuid, token, state, octets: 0 });
        End::PrinterJobCreated(self.reference(job, id, uuid))
    }

    /// The job at the printer, where its id is not another's by now.
    fn ours(&mut self, job: &Job) -> Option<&mut PrinterJob> {
        let wanted = job.printer_job()?.clone();
        let found = self.printer_of(job).jobs.iter_mut().find(|found| found.id == wanted.id.0)?;
        (Some(found.uuid.to_string()) == wanted.uuid).then_some(found)
    }

    /// The document comes in, whole or cut; what came is printed.
    fn receive(&mut self, i: usize, job: &Job, cut: Option<u64>) -> End {
        if !self.cloud[i].spooled {
            return End::NothingSent(Failure::retry("the document is not here"));
        }
        let octets = cut.unwrap_or(OCTETS);
        let gone = End::DocumentRefused(Failure::new(FailureClass::Refused, "0x0406"));
        let Some(found) = self.ours(job) else { return gone };
        if found.state != PrinterJobState::PendingHeld {
            return gone;
        }
        (found.state, found.octets) = (PrinterJobState::Processing, octets);
        self.cloud[i].prints.push(octets);
        if cut.is_some() { End::Doubtful("cut".into()) } else { End::DocumentAccepted }
    }

    fn look(&mut self, job: &Job, slow: bool) -> End {
        let up_time = self.up_time(job);
        let Some(found) = self.ours(job) else {
            return End::PrinterJobForgotten(ForgottenReport {
                up_time,
                idle: true,
                impressions: Some(1),
            });
        };
        if found.state == PrinterJobState::Processing && !slow {
            found.state = PrinterJobState::Completed;
        }
        let impressions = Some(i32::from(found.octets > 0));
        let k_octets = i32::try_from(found.octets.div_ceil(1024)).ok();
        End::PrinterJobSeen(samples::report(found.state, k_octets, impressions))
    }

    fn cancel(&mut self, job: &Job) -> End {
        if let Some(found) = self.ours(job)
            && !found.state.is_terminal()
        {
            found.state = PrinterJobState::Canceled;
        }
        End::Done
    }

    fn find(&mut self, i: usize, job: &Job) -> End {
        let token = (i, job.attempt().map_or(0, |attempt| attempt.number));
        let ours = |found: &&PrinterJob| found.token == token && !found.state.is_terminal();
        let found = self.printer_of(job).jobs.iter().find(ours).map(|found| (found.id, found.uuid));
        match found {
            Some((id, uuid)) => End::PrinterJobFound(self.reference(job, id, uuid)),
            None => End::PrinterJobNotFound,
        }
    }
}

fn busy() -> End {
    let reason = crate::model::Reason::PrinterBusy;
    End::PrinterUnwilling { reason, detail: "0x0507".into(), lasting: false }
}

/// How far a release is, for a story.
pub(super) fn told(state: &State) -> String {
    match state {
        State::Releasing(releasing) => match &releasing.phase {
            Phase::Preparing(_) => "preparing".to_owned(),
            phase => format!("{phase:?}"),
        },
        State::Settled(ending) => format!("settled {ending:?}"),
        state => state.word().to_owned(),
    }
}

/// Whether an effect is a call of the cloud.
pub(super) fn to_the_cloud(effect: Effect) -> bool {
    match effect {
        Effect::ReadJob
        | Effect::FetchDocument
        | Effect::UpdateConfiguration
        | Effect::Redirect
        | Effect::FollowJob
        | Effect::AbortJob
        | Effect::CloseTask
        | Effect::LookUp => true,
        Effect::AskPrinter
        | Effect::CreatePrinterJob
        | Effect::SendDocument
        | Effect::WatchPrinterJob
        | Effect::CancelPrinterJob
        | Effect::FindPrinterJob
        | Effect::InspectPrinterJob => false,
    }
}
