//! The whole table of the flow, made by asking it, and the properties that hold in each row of it.

use std::fmt::Write;

use super::{
    Class, Event, IllegalEvent, Job, Now, Phase, State, Step, Timer, sample_jobs, samples, step,
};

fn now() -> Now {
    Now { at: samples::NOW, trusted: true }
}

fn name(job: &Job) -> String {
    let State::Releasing(releasing) = &job.state else {
        return match &job.state {
            State::Settled(ending) => format!("settled ({})", ending.word()),
            other => other.word().to_owned(),
        };
    };
    let phase = match &releasing.phase {
        Phase::Preparing(_) => "preparing",
        Phase::Creating => "creating",
        Phase::Seeking => "seeking",
        Phase::Clearing(_) => "clearing",
        Phase::Sending(_) => "sending",
        Phase::Inspecting { .. } => "inspecting",
        Phase::Redirecting => "redirecting",
        Phase::Tracing(_) => "tracing",
    };
    format!("releasing, {phase}")
}

/// Each sample with each event: the name, the job, the event's name, the event.
fn pairs() -> Vec<(&'static str, Job, String, Event)> {
    let mut pairs = Vec::new();
    for (state, job) in sample_jobs::named_jobs() {
        for (event_name, event) in samples::events(&job) {
            let mut job = job.clone();
            if let Event::TimerFired(timer) = event {
                job.timers.insert(timer, samples::NOW);
            }
            pairs.push((state, job, event_name.to_owned(), event));
        }
        for (effect, kind) in &job.open {
            for (end_name, end) in samples::ends() {
                let event = Event::Ended { effect: *effect, end };
                pairs.push((state, job.clone(), format!("{}: {end_name}", kind.word()), event));
            }
        }
    }
    pairs
}

fn row(job: &Job, event_name: &str, Step { job: after, started }: &Step) -> Option<String> {
    if job == after {
        return None;
    }
    let started: Vec<&str> = started.iter().map(|id| after.open[id].word()).collect();
    let armed = |timer: &Timer| after.timers.get(timer) != job.timers.get(timer);
    let timers: Vec<&str> =
        after.timers.keys().filter(|timer| armed(timer)).map(|timer| timer.word()).collect();
    let reasons: Vec<&str> = after.reasons.0.keys().map(|reason| reason.code()).collect();
    Some(format!(
        "| {event_name} | {} | {} | {} | {} |\n",
        name(after),
        reasons.join(", "),
        started.join(", "),
        timers.join(", ")
    ))
}

fn table() -> String {
    let mut text = String::from(
        "# The states of a job\n\n\
         Generated from the flow by the test `flow::table::the_document_is_the_table`; run it with\n\
         `PULLPRINT_BLESS=1` to write it anew.\n\
         Each row is what the flow answers to an event in a sample of the state.\n\
         A row that is missing is either without consequence or an illegal event, which is journaled and changes nothing.\n\n\
         Effects that are asked about before they are repeated: ",
    );
    let ask_first =
        super::Effect::ALL.into_iter().filter(|effect| effect.class() == Class::AskFirst);
    let ask_first: Vec<&str> = ask_first.map(super::Effect::word).collect();
    writeln!(text, "{}.", ask_first.join(", ")).unwrap();
    let mut last = "";
    for (state, job, event_name, event) in pairs() {
        if state != last {
            last = state;
            write!(
                text,
                "\n## {state}\n\n| event | next state | reasons | effects started | timers set |\n|---|---|---|---|---|\n"
            )
            .unwrap();
        }
        if let Ok(step) = step(now(), &job, &event) {
            text.extend(row(&job, &event_name, &step));
        }
    }
    text
}

#[test]
fn the_document_is_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/states.md");
    if std::env::var_os("PULLPRINT_BLESS").is_some() {
        std::fs::write(path, table()).unwrap();
    }
    let document = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        document == table(),
        "docs/states.md is not what the flow does; write it anew with PULLPRINT_BLESS=1"
    );
}

#[test]
fn every_job_that_is_not_settled_has_something_that_will_move_it() {
    for (state, job, event_name, event) in pairs() {
        let Ok(Step { job: after, .. }) = step(now(), &job, &event) else { continue };
        let moved = match after.state {
            State::Settled(_) => true,
            State::Held => !after.timers.is_empty() || !after.open.is_empty(),
            _ => !after.open.is_empty() || after.timers.contains_key(&Timer::Retry),
        };
        assert!(moved || job == after, "{state} + {event_name} is stuck: {after:?}");
    }
}

#[test]
fn an_ask_first_effect_in_doubt_is_never_started_again_at_once() {
    for (state, job, event_name, event) in pairs() {
        let restarted = event == Event::Resumed;
        let doubtful = matches!(&event, Event::Ended { end: super::End::Doubtful(_), .. });
        let Ok(Step { job: after, started }) = step(now(), &job, &event) else { continue };
        if restarted || doubtful {
            let again = started.iter().find(|id| after.open[*id].class() == Class::AskFirst);
            assert_eq!(again, None, "{state} + {event_name}");
        }
    }
}

#[test]
fn an_illegal_event_names_state_and_event() {
    let job = samples::job(1, State::Settled(crate::model::Ending::Completed), &[]);
    let event = Event::Released(Box::new(samples::order(0)));
    let error = step(now(), &job, &event).unwrap_err();
    assert_eq!(error, IllegalEvent { state: "settled", event: "released", effect: None });
    assert_eq!(error.to_string(), "event released makes no sense in state settled");
}
