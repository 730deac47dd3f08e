//! Many lives of jobs against a fake cloud and fake printers, on a virtual clock, with seeded faults: lost answers, cut
//! documents, restarts of the daemon and of printers, a full disk, set clocks, an unwatched time, people who act.
//!
//! Whatever happens: a document is printed at most once for each release that a person asked for, a job that is
//! completed was printed whole, no job is without something that will move it, no deadline comes before its time; and
//! once the faults end every job finds its end.

use jiff::SignedDuration;

use super::{
    Class, Effect, EffectId, End, Event, Job, Now, Outcome, State,
    fake_world::{FakeWorld, Faults, HOLD_LIMIT, OCTETS, Random, to_the_cloud, told},
    samples, step,
};
use crate::model::{AbortReason, Asker, CloudJobState, Ending, Failure, JobNumber, Reason, TaskId};

const JOBS: usize = 4;
/// After so many turns nothing goes wrong any more, and after so many more all jobs must have found their ends.
const FAULTY_TURNS: u32 = 500;
const CALM_TURNS: u32 = 3_000;
/// How far a clock may be off and still be trusted.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// One job: what the journal holds of it, and its workers.
struct Flow {
    job: Job,
    workers: Vec<(EffectId, Effect)>,
    /// Ends that the loop has and could not write yet: the disk is full.
    waiting: Vec<(EffectId, End)>,
    reprints: usize,
}

struct Simulation {
    seed: u64,
    random: Random,
    world: FakeWorld,
    flows: Vec<Flow>,
    faulty: bool,
    /// Whether people come and release what waits.
    people: bool,
    /// The cloud can not be reached until then.
    silence: Option<jiff::Timestamp>,
    n_unanswered: u32,
    story: Vec<String>,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let world = FakeWorld::new(&mut random, JOBS);
        let flow = |i: usize| {
            let number = JobNumber(i64::try_from(i).unwrap() + 1);
            let task = TaskId::new(format!("task-{i}"));
            let job = Job::claim(samples::NOW, number, task, samples::key());
            Flow { job, workers: Vec::new(), waiting: Vec::new(), reprints: 0 }
        };
        let flows = (0..JOBS).map(flow).collect();
        Self {
            seed,
            random,
            world,
            flows,
            faulty: true,
            people: true,
            silence: None,
            n_unanswered: 0,
            story: Vec::new(),
        }
    }

    /// Folds an event, commits, starts.
    fn happens(&mut self, i: usize, event: &Event) {
        self.world.time += SignedDuration::from_millis(20);
        let trusted = self.world.ahead.abs() <= TOLERANCE;
        let now = Now { at: self.world.clock(), trusted };
        let flow = &mut self.flows[i];
        let before = told(&flow.job.state);
        match step(now, &flow.job, event) {
            Ok(step) => {
                flow.workers.retain(|(id, _)| step.job.open.contains_key(id));
                flow.workers.extend(step.started.iter().map(|id| (*id, step.job.open[id])));
                flow.job = step.job;
            }
            Err(illegal) => panic!("{illegal}\n{}", self.told()),
        }
        let after = told(&self.flows[i].job.state);
        self.story.push(format!("{i}: {} {}: {before} -> {after}", event.word(), event.detail()));
        self.check(i, now);
    }

    fn told(&self) -> String {
        let again = "PULLPRINT_SEED=N cargo test --lib flow::simulation, N being";
        format!("{again} {}\n{}", self.seed, self.story.join("\n"))
    }

    fn play(mut self) -> Self {
        for i in 0..JOBS {
            self.happens(i, &Event::TaskSeen);
        }
        for turn in 0..FAULTY_TURNS + CALM_TURNS {
            if turn == FAULTY_TURNS {
                self.calm();
            }
            if !self.faulty && (0..JOBS).all(|i| self.is_over(i)) {
                break;
            }
            self.turn();
        }
        for i in 0..JOBS {
            assert!(self.is_over(i), "no end: {:?}\n{}", self.flows[i].job, self.told());
        }
        self
    }

    /// From now on nothing goes wrong; a clock that was wrong is set right.
    fn calm(&mut self) {
        self.faulty = false;
        self.set_clock(SignedDuration::ZERO);
    }

    fn is_over(&self, i: usize) -> bool {
        match self.flows[i].job.state {
            State::Settled(_) => true,
            State::Held => self.flows[i].job.reasons.contains(Reason::MayHavePrinted),
            _ => false,
        }
    }

    /// What must hold at all times.
    fn check(&self, i: usize, now: Now) {
        let (Flow { job, reprints, .. }, cloud) = (&self.flows[i], &self.world.cloud[i]);
        let whole = cloud.prints.iter().filter(|octets| **octets == OCTETS).count();
        assert!(cloud.prints.len() <= 1 + reprints, "job {i} was printed twice\n{}", self.told());
        let waits = job.owner_forgotten && job.state == State::Held;
        assert!(!waits, "job {i} waits for somebody who was forgotten\n{}", self.told());
        let moves = !job.open.is_empty() || !job.timers.is_empty();
        let ending = match &job.state {
            State::Settled(ending) => ending,
            State::Reporting(reporting) => {
                let expired =
                    matches!(reporting.outcome, Outcome::Aborted(AbortReason::HoldExpired { .. }));
                let due = self.world.time >= cloud.created + HOLD_LIMIT - TOLERANCE;
                assert!(!expired || due, "job {i} expired too early: {now:?}\n{}", self.told());
                assert!(moves, "job {i} is stuck\n{}", self.told());
                return;
            }
            _ => return assert!(moves, "job {i} is stuck: {job:?}\n{}", self.told()),
        };
        let is = |wanted: Ending, true_of_it: bool| *ending != wanted || true_of_it;
        assert!(is(Ending::Completed, whole >= 1), "job {i} was not printed\n{}", self.told());
        assert!(is(Ending::Redirected, cloud.redirected), "job {i} is here\n{}", self.told());
        let knows = cloud.task.is_terminal() || cloud.state.is_terminal();
        assert!(knows, "the cloud does not know of job {i}\n{}", self.told());
    }

    fn turn(&mut self) {
        if self.faulty && self.random.chance(30) {
            return self.something_happens();
        }
        let i = self.random.index(JOBS);
        if let Some((effect, end)) = self.flows[i].waiting.pop() {
            return self.happens(i, &Event::Ended { effect, end });
        }
        if self.flows[i].workers.is_empty() {
            let idle = |flow: &Flow| flow.workers.is_empty() && flow.waiting.is_empty();
            if self.flows.iter().all(idle) {
                self.time_passes();
            }
            return;
        }
        let at = self.random.index(self.flows[i].workers.len());
        let (effect, kind) = self.flows[i].workers.swap_remove(at);
        let end = self.perform(i, kind);
        match self.random.below(if self.faulty { 200 } else { 1 }) {
            1 => {
                self.story.push(format!("{i}: dies before the commit of {}", end.word()));
                self.crash();
            }
            2..4 => {
                self.story.push(format!("{i}: no room for {}", end.word()));
                self.flows[i].waiting.push((effect, end));
            }
            _ => self.happens(i, &Event::Ended { effect, end }),
        }
    }

    fn something_happens(&mut self) {
        match self.random.below(16) {
            0..6 => self.crash(),
            6..8 => {
                let printer = self.random.index(2);
                self.world.restart_printer(printer);
                self.story.push(format!("printer {printer} restarts"));
            }
            8 => {
                let ahead = [0, 0, 2, -3, 720, -720][self.random.index(6)];
                self.set_clock(SignedDuration::from_hours(ahead));
            }
            9 => {
                self.story.push("the cloud is silent for an hour".to_owned());
                self.silence = Some(self.world.time + SignedDuration::from_hours(1));
            }
            10 => self.restore(),
            _ => self.somebody_acts(),
        }
    }

    /// The process dies; what was running may or may not have been carried out.
    fn crash(&mut self) {
        for i in 0..JOBS {
            for (_, effect) in std::mem::take(&mut self.flows[i].workers) {
                if self.random.chance(500) {
                    let _ = self.perform(i, effect);
                }
            }
            self.flows[i].waiting.clear();
            self.world.cloud[i].spooled = false;
        }
        for i in 0..JOBS {
            if !matches!(self.flows[i].job.state, State::Settled(_)) {
                self.happens(i, &Event::Resumed);
            }
        }
    }

    /// The clock is set, and the daemon sees it.
    fn set_clock(&mut self, ahead: SignedDuration) {
        let by = ahead - self.world.ahead;
        self.world.ahead = ahead;
        for i in 0..JOBS {
            self.happens(i, &Event::ClockJumped(by));
        }
    }

    /// The journal is restored from a backup of this moment: others could have had the jobs.
    fn restore(&mut self) {
        self.crash();
        for i in 0..JOBS {
            self.happens(i, &Event::Unwatched);
        }
    }

    fn somebody_acts(&mut self) {
        let i = self.random.index(JOBS);
        let job = &self.flows[i].job;
        let ended =
            matches!(job.state, State::Following(_) | State::Reporting(_) | State::Settled(_));
        match self.random.below(5) {
            0 if self.world.cloud[i].state == CloudJobState::Paused => {
                self.story.push(format!("{i}: the owner cancels it in the cloud"));
                self.world.cloud[i].state = CloudJobState::Canceled;
                if self.random.below(2) == 0 {
                    self.happens(i, &Event::LookAsked);
                }
            }
            1 if !ended => {
                let reason = AbortReason::ByAdministrator("stop".into());
                self.happens(i, &Event::AbortAsked { reason, by: Asker::Administrator(0) });
            }
            2 if job.state == State::Held
                && job.may_have_printed
                && self.flows[i].reprints == 0 =>
            {
                self.flows[i].reprints += 1;
                self.release(i, true);
            }
            3 => self.happens(i, &Event::TaskSeen),
            4 => self.happens(i, &Event::OwnerForgotten),
            _ => {}
        }
    }

    fn release(&mut self, i: usize, reprint: bool) {
        let (printer, reserve) = FakeWorld::printer_name(&mut self.random);
        let destination = super::Destination::Printer(printer);
        let version = self.flows[i].job.version;
        let offline = self.random.chance(300);
        let order = samples::order(version);
        let order = super::ReleaseOrder { destination, offline, reprint, reserve, ..order };
        self.happens(i, &Event::Released(Box::new(order)));
    }

    /// Whoever sees a job waiting releases it; else the next timer fires.
    fn time_passes(&mut self) {
        let i = self.random.index(JOBS);
        let job = &self.flows[i].job;
        let free = job.state == State::Held && !job.may_have_printed;
        if free && self.people && self.random.chance(400) {
            return self.release(i, false);
        }
        let over = |i: usize| !self.faulty && self.is_over(i);
        let timers = (0..JOBS)
            .filter(|i| !over(*i))
            .flat_map(|i| self.flows[i].job.timers.iter().map(move |(timer, at)| (*at, i, *timer)));
        let Some((at, i, timer)) = timers.min() else { return };
        let wait = at.duration_since(self.world.clock()).max(SignedDuration::ZERO);
        self.world.time += wait;
        self.happens(i, &Event::TimerFired(timer));
    }

    fn perform(&mut self, i: usize, effect: Effect) -> End {
        if self.silence.is_some_and(|until| until > self.world.time) && to_the_cloud(effect) {
            self.n_unanswered += 1;
            return unknown(effect);
        }
        let lost = self.faulty && self.random.chance(100);
        let faults = Faults {
            busy: self.faulty && self.random.chance(100),
            cut: (self.faulty && self.random.chance(100))
                .then(|| self.random.below(OCTETS - 2_000)),
            slow: self.random.chance(500),
        };
        let job = self.flows[i].job.clone();
        let carried_out = !lost || self.random.chance(500);
        let end = carried_out.then(|| self.world.perform(i, &job, effect, faults));
        match end {
            Some(end) if !lost => end,
            _ => unknown(effect),
        }
    }
}

/// The end of an effect of which nothing was heard.
fn unknown(effect: Effect) -> End {
    match effect.class() {
        Class::AskFirst => End::Doubtful("lost".into()),
        Class::Repeatable => End::Failed(Failure::retry("lost")),
    }
}

/// Plays seeds: the one of `PULLPRINT_SEED`; or so many as `PULLPRINT_SEEDS` says; or as many as fit in
/// `PULLPRINT_SIMULATE_SECONDS`; otherwise a thousand.
#[test]
#[allow(clippy::disallowed_methods, reason = "the seconds are real ones")]
fn whatever_happens_nothing_is_lost_and_nothing_is_printed_twice() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let begun = std::time::Instant::now();
    let (first, asked) = match number("PULLPRINT_SEED") {
        Some(seed) => (seed, Some(1)),
        None => (0, number("PULLPRINT_SEEDS")),
    };
    let seconds = number("PULLPRINT_SIMULATE_SECONDS").filter(|_| asked.is_none());
    let most = asked.unwrap_or_else(|| if seconds.is_some() { u64::MAX } else { 1_000 });
    let (mut played, mut completed, mut redirected, mut held) = (0, 0, 0, 0);
    while played < most && seconds.is_none_or(|limit| begun.elapsed().as_secs() < limit) {
        for flow in Simulation::new(first + played).play().flows {
            completed += u32::from(flow.job.state == State::Settled(Ending::Completed));
            redirected += u32::from(flow.job.state == State::Settled(Ending::Redirected));
            held += u32::from(flow.job.state == State::Held);
        }
        played += 1;
    }
    println!(
        "{played} seeds with {JOBS} jobs each in {:.1} s: {completed} completed, {redirected} redirected, {held} held \
        because paper may be out",
        begun.elapsed().as_secs_f32()
    );
    assert!(played < 100 || (completed > 0 && redirected > 0 && held > 0));
}

/// Three days without the cloud: no storm of calls meanwhile, and an end for each job afterwards.
#[test]
fn seventy_two_hours_without_the_cloud_make_no_storm_and_leave_each_job_an_end() {
    let mut most = 0;
    for seed in 0..100 {
        let mut simulation = Simulation::new(seed);
        for i in 0..JOBS {
            simulation.happens(i, &Event::TaskSeen);
        }
        // Some are held by now, some are under way.
        let n_turns = simulation.random.below(60);
        for _ in 0..n_turns {
            simulation.turn();
        }
        simulation.calm();
        let end = simulation.world.time + SignedDuration::from_hours(72);
        simulation.silence = Some(end);
        // Who released again and again would be the storm.
        simulation.people = false;
        while simulation.world.time < end && !(0..JOBS).all(|i| simulation.is_over(i)) {
            simulation.turn();
        }
        simulation.people = true;
        let unanswered = simulation.n_unanswered / u32::try_from(JOBS).unwrap();
        most = most.max(unanswered);
        for _ in 0..CALM_TURNS {
            simulation.turn();
        }
        for i in 0..JOBS {
            let job = &simulation.flows[i].job;
            assert!(simulation.is_over(i), "no end: {job:?}\n{}", simulation.told());
        }
    }
    println!("at most {most} calls a job in 72 hours of silence");
    assert!(most > 72, "somebody asks each hour whether the cloud is back");
    // One in five minutes, and some before the wait has grown.
    assert!(most <= 72 * 12 + 40, "{most} calls a job are a storm");
}
