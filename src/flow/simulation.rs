//! Many lives of a job against a fake cloud and a fake printer, on a virtual clock, with seeded faults and crashes.
//!
//! Whatever is lost, cut, forgotten or killed: a document is printed at most once unless a person asks for it again,
//! a job that is completed was printed whole, and once the faults end every job finds its end.

use jiff::{SignedDuration, Timestamp};

use super::{
    Actor, Class, CloudLook, Effect, EffectId, End, Event, Job, Look, Now, Reading, State, Timer,
    samples, step,
};
use crate::model::{
    AbortReason, CloudJobState, Ending, Failure, FailureClass, ForgottenReport, JobConfiguration,
    JobNumber, PrinterJobId, PrinterJobRef, PrinterJobReport, PrinterJobState, Reason, TaskId,
    TaskState, Verdict,
};

const OCTETS: u64 = 10_000;
/// After so many turns nothing goes wrong any more, and after so many more the job must have found its end.
const FAULTY_TURNS: u32 = 150;
const CALM_TURNS: u32 = 600;

/// A small generator (xorshift64*), so that a seed is all that a story needs.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

struct PrinterJob {
    id: i32,
    attempt: u32,
    state: PrinterJobState,
    octets: u64,
}

struct World {
    seed: u64,
    random: Random,
    now: Timestamp,
    job: Job,
    running: Vec<(EffectId, Effect)>,
    cloud: CloudJobState,
    task: TaskState,
    started: Timestamp,
    next_id: i32,
    printer: Vec<PrinterJob>,
    prints: Vec<u64>,
    verdict: Verdict,
    faulty: bool,
    spooled: bool,
    reprints: usize,
    story: Vec<String>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let verdict =
            if random.chance(50) { Verdict::Hold } else { Verdict::Release(samples::printer()) };
        let job = Job::claim(samples::NOW, JobNumber(1), TaskId::new("task"), samples::key());
        Self {
            seed,
            random,
            now: samples::NOW,
            job,
            running: Vec::new(),
            cloud: CloudJobState::Paused,
            task: TaskState::Processing,
            started: samples::NOW - SignedDuration::from_hours(1),
            next_id: 1,
            printer: Vec::new(),
            prints: Vec::new(),
            verdict,
            faulty: true,
            spooled: false,
            reprints: 0,
            story: Vec::new(),
        }
    }

    fn happens(&mut self, event: &Event) {
        self.now += SignedDuration::from_millis(20);
        let now = Now { at: self.now, trusted: true };
        let before = self.job.state.word();
        match step(now, &self.job, event) {
            Ok(step) => {
                self.running.retain(|(id, _)| step.job.open.contains_key(id));
                self.running.extend(step.started.iter().map(|id| (*id, step.job.open[id])));
                self.job = step.job;
            }
            Err(illegal) => panic!("seed {}: {illegal}\n{}", self.seed, self.told()),
        }
        let after = match &self.job.state {
            State::Releasing(releasing) => format!("{:?}", releasing.phase),
            state => state.word().to_owned(),
        };
        let line = format!("{} {}: {before} -> {after}", event.word(), event.detail());
        self.story.push(line);
    }

    fn told(&self) -> String {
        self.story.join("\n")
    }

    fn play(mut self) -> Self {
        self.happens(&Event::TaskSeen);
        for turn in 0..FAULTY_TURNS + CALM_TURNS {
            self.faulty = turn < FAULTY_TURNS;
            if self.is_over() && !self.faulty {
                break;
            }
            self.turn();
            self.check();
        }
        assert!(self.is_over(), "seed {}: no end: {:?}\n{}", self.seed, self.job, self.told());
        self
    }

    fn is_over(&self) -> bool {
        match self.job.state {
            State::Settled(_) => true,
            State::Held => self.job.reasons.contains(Reason::MayHavePrinted),
            _ => false,
        }
    }

    /// What must hold at all times.
    fn check(&self) {
        let completed = self.job.state == State::Settled(Ending::Completed);
        let whole = self.prints.iter().filter(|octets| **octets == OCTETS).count();
        let asked = 1 + self.reprints;
        assert!(self.prints.len() <= asked, "seed {}: printed twice\n{}", self.seed, self.told());
        assert!(
            !completed || whole >= 1,
            "seed {}: completed without a print\n{}",
            self.seed,
            self.told()
        );
        if let State::Settled(_) = self.job.state {
            let told = self.task.is_terminal() || self.cloud.is_terminal();
            assert!(told, "seed {}: the cloud does not know\n{}", self.seed, self.told());
        }
    }

    fn turn(&mut self) {
        if self.faulty && self.random.chance(4) {
            return self.crash();
        }
        if self.faulty && self.random.chance(2) {
            return self.somebody_acts();
        }
        if self.running.is_empty() {
            let doubtful = self.job.state == State::Held && self.job.may_have_printed;
            if doubtful && self.faulty && self.reprints == 0 && self.random.chance(30) {
                return self.reprint();
            }
            return self.time_passes();
        }
        let at = usize::try_from(self.random.below(self.running.len() as u64)).unwrap();
        let (id, effect) = self.running.swap_remove(at);
        let end = self.perform(effect);
        self.happens(&Event::Ended { effect: id, end });
    }

    /// The process dies; what was running may or may not have been carried out.
    fn crash(&mut self) {
        for (_, effect) in std::mem::take(&mut self.running) {
            if self.random.chance(50) {
                self.carry_out(effect);
            }
        }
        self.spooled = false;
        self.happens(&Event::Resumed);
    }

    fn somebody_acts(&mut self) {
        match self.random.below(3) {
            0 if self.cloud == CloudJobState::Paused => self.cloud = CloudJobState::Canceled,
            1 if !matches!(self.job.state, State::Reporting(_) | State::Settled(_)) => {
                let reason = AbortReason::ByAdministrator("stop".into());
                self.happens(&Event::AbortAsked { reason, by: Actor::Person });
            }
            _ => {
                self.printer.clear();
                self.started = self.now;
                self.story.push("the printer restarts".to_owned());
            }
        }
    }

    /// A person has looked at the printer and wants it once more.
    fn reprint(&mut self) {
        self.reprints += 1;
        let order = super::ReleaseOrder { reprint: true, ..samples::order(self.job.version) };
        self.happens(&Event::Released(Box::new(order)));
    }

    /// A person releases a held job; else the next timer fires.
    fn time_passes(&mut self) {
        let free =
            self.job.state == State::Held && !self.job.reasons.contains(Reason::MayHavePrinted);
        if free && self.random.chance(60) {
            let order = samples::order(self.job.version);
            return self.happens(&Event::Released(Box::new(order)));
        }
        let earliest =
            self.job.timers.iter().min_by_key(|(_, at)| **at).map(|(timer, at)| (*timer, *at));
        let Some((timer, at)) = earliest else { return };
        if timer == Timer::HoldLimit {
            return;
        }
        self.now = self.now.max(at);
        self.happens(&Event::TimerFired(timer));
    }

    fn perform(&mut self, effect: Effect) -> End {
        let lost = self.faulty && self.random.chance(12);
        let carried_out = !lost || self.random.chance(50);
        let end = if carried_out { Some(self.carry_out(effect)) } else { None };
        match (lost, end, effect.class()) {
            (false, Some(end), _) => end,
            (_, _, Class::AskFirst) => End::Doubtful("lost".into()),
            (_, _, Class::Repeatable) => End::Failed(Failure::retry("lost")),
        }
    }

    fn carry_out(&mut self, effect: Effect) -> End {
        let refused = || End::Failed(Failure::new(FailureClass::Refused, "400"));
        match effect {
            Effect::ReadJob => End::JobRead(Box::new(Reading {
                job: samples::cloud_job(self.cloud),
                decision: samples::decision(self.verdict.clone()),
                asked: self.now,
                unwatched: false,
            })),
            Effect::FetchDocument => {
                self.spooled = true;
                End::DocumentReady(samples::document())
            }
            Effect::UpdateConfiguration => {
                End::ConfigurationUpdated(Box::<JobConfiguration>::default())
            }
            Effect::AskPrinter if self.faulty && self.random.chance(10) => busy(),
            Effect::AskPrinter => End::PrinterReady(Vec::new()),
            Effect::CreatePrinterJob if self.faulty && self.random.chance(10) => busy(),
            Effect::CreatePrinterJob => self.create(),
            Effect::SendDocument if !self.spooled => {
                End::NothingSent(Failure::retry("the document is not here"))
            }
            Effect::SendDocument => self.receive(),
            Effect::WatchPrinterJob | Effect::InspectPrinterJob => self.look(),
            Effect::CancelPrinterJob => self.cancel(),
            Effect::FindPrinterJob => self.find(),
            Effect::Redirect => refused(),
            Effect::AbortJob
                if self.cloud == CloudJobState::Paused && self.task == TaskState::Processing =>
            {
                self.cloud = CloudJobState::Aborted;
                End::Done
            }
            Effect::AbortJob => refused(),
            Effect::CloseTask if self.task.is_terminal() => refused(),
            Effect::CloseTask => {
                self.task = TaskState::Completed;
                End::Done
            }
            Effect::LookUp => End::LookedUp(CloudLook {
                task: Look::Is(self.task),
                job: Look::Is(self.cloud),
                redirected: false,
            }),
        }
    }

    fn up_time(&self) -> Option<i32> {
        i32::try_from(self.now.duration_since(self.started).as_secs()).ok()
    }

    fn create(&mut self) -> End {
        let id = self.next_id;
        self.next_id += 1;
        let attempt = self.job.attempt().map_or(0, |attempt| attempt.number);
        self.printer.push(PrinterJob {
            id,
            attempt,
            state: PrinterJobState::PendingHeld,
            octets: 0,
        });
        End::PrinterJobCreated(self.reference(id))
    }

    fn reference(&self, id: i32) -> PrinterJobRef {
        PrinterJobRef {
            id: PrinterJobId(id),
            uuid: None,
            created: self.now,
            up_time: self.up_time(),
            impressions: Some(1),
        }
    }

    fn ours(&mut self) -> Option<&mut PrinterJob> {
        let id = self.job.printer_job()?.id.0;
        self.printer.iter_mut().find(|job| job.id == id)
    }

    /// The document comes in, whole or cut; what came is printed.
    fn receive(&mut self) -> End {
        let cut = self.faulty && self.random.chance(10);
        let octets = if cut { self.random.below(OCTETS - 2_000) } else { OCTETS };
        let gone = End::DocumentRefused(Failure::new(FailureClass::Refused, "0x0406"));
        let Some(job) = self.ours() else { return gone };
        if job.state != PrinterJobState::PendingHeld {
            return gone;
        }
        (job.state, job.octets) = (PrinterJobState::Processing, octets);
        self.prints.push(octets);
        if cut { End::Doubtful("cut".into()) } else { End::DocumentAccepted }
    }

    fn look(&mut self) -> End {
        let ends = self.random.chance(50);
        let report = ForgottenReport { up_time: self.up_time(), idle: true, impressions: Some(1) };
        let Some(job) = self.ours() else { return End::PrinterJobForgotten(report) };
        if job.state == PrinterJobState::Processing && ends {
            job.state = PrinterJobState::Completed;
        }
        let started = job.octets > 0;
        End::PrinterJobSeen(PrinterJobReport {
            state: job.state,
            reasons: Vec::new(),
            k_octets: i32::try_from(job.octets.div_ceil(1024)).ok(),
            impressions: Some(i32::from(started)),
        })
    }

    fn cancel(&mut self) -> End {
        if let Some(job) = self.ours()
            && !job.state.is_terminal()
        {
            job.state = PrinterJobState::Canceled;
        }
        End::Done
    }

    fn find(&mut self) -> End {
        let attempt = self.job.attempt().map_or(0, |attempt| attempt.number);
        let found =
            self.printer.iter().find(|job| job.attempt == attempt && !job.state.is_terminal());
        match found.map(|job| job.id) {
            Some(id) => End::PrinterJobFound(self.reference(id)),
            None => End::PrinterJobNotFound,
        }
    }
}

fn busy() -> End {
    End::PrinterUnwilling { reason: Reason::PrinterBusy, detail: "0x0507".into(), lasting: false }
}

/// `PULLPRINT_SEED` plays one seed, `PULLPRINT_SEEDS` so many; otherwise two thousand.
#[test]
fn whatever_happens_nothing_is_lost_and_nothing_is_printed_twice() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds = match number("PULLPRINT_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("PULLPRINT_SEEDS").unwrap_or(2_000),
    };
    let (mut completed, mut held) = (0, 0);
    for seed in seeds.clone() {
        let world = World::new(seed).play();
        completed += u32::from(world.job.state == State::Settled(Ending::Completed));
        held += u32::from(world.job.state == State::Held);
    }
    println!("seeds {seeds:?}: {completed} completed, {held} held because paper may be out");
    assert!(
        seeds.end - seeds.start < 100 || (completed > 0 && held > 0),
        "{completed} completed, {held} held"
    );
}
