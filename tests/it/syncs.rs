//! Write it down before doing it: seen from outside, in the system calls of a release.

use std::process::Command as StdCommand;

use tokio::process::Command;

use crate::{
    samples,
    world::{BINARY, World, has_program, until},
};

/// IPP operations as they begin a request: version, operation-id (RFC 8010 section 3.1.1), in the tracer's spelling.
const VALIDATE_JOB: &str = r"\2\0\0\4";
const CREATE_JOB: &str = r"\2\0\0\5";
const SEND_DOCUMENT: &str = r"\2\0\0\6";

/// What happened, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// A sync of the journal returned.
    Synced,
    /// The bytes of an operation, or of the document, began to leave.
    Validate,
    Create,
    Send,
    Document,
}

pub(crate) fn can_trace() -> bool {
    let works = StdCommand::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    let works = works.is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("SKIPPED: this machine does not let strace trace");
    }
    works
}

#[tokio::test]
async fn the_journal_is_synced_before_create_job_and_again_before_the_first_byte() {
    if !has_program("strace") || !can_trace() {
        return;
    }
    let mut world = World::calm("syncs").await;
    let trace = world.directory.join("trace");
    let mut tracer = Command::new("strace");
    let calls = "trace=fsync,fdatasync,write,writev,sendto,sendmsg";
    tracer
        .args(["-f", "-y", "-s", "700", "-e", calls, "-e", "signal=none", "-o"])
        .arg(&trace)
        .arg("--")
        .arg(BINARY);
    world.start_daemon_as(tracer).await;
    world.print("letter", "application/pdf", samples::pdf("letter", 300_000)).await;
    let job = world.wait_for("letter", "held").await;
    world.release(&job, "lobby", &[]).await;
    world.wait_for("letter", "settled").await;
    let order = until("the whole trace", || async {
        let order = read(&std::fs::read_to_string(&trace).unwrap());
        order.contains(&Seen::Document).then_some(order)
    })
    .await;
    let at = |what| {
        order
            .iter()
            .position(|seen| *seen == what)
            .unwrap_or_else(|| panic!("no {what:?} in {order:?}"))
    };
    let synced_between = |from: usize, to: usize| order[from..to].contains(&Seen::Synced);
    assert!(synced_between(at(Seen::Validate), at(Seen::Create)), "before Create-Job: {order:?}");
    assert!(synced_between(at(Seen::Create), at(Seen::Send)), "before Send-Document: {order:?}");
    assert!(at(Seen::Send) <= at(Seen::Document), "{order:?}");
    // A tracer that is killed lets go of what it traces: the daemon itself is asked, and the tracer ends with it.
    world.signal_holder_of_journal();
    until("the tracer's end", || {
        let ended = world.daemon_has_ended();
        async move { ended.then_some(()) }
    })
    .await;
}

/// The order of what matters in a trace. A call that was interrupted by another thread's counts when it returns.
fn read(trace: &str) -> Vec<Seen> {
    let mut syncing = Vec::new();
    let mut order = Vec::new();
    for line in trace.lines() {
        let pid = line.split_whitespace().next().unwrap_or_default();
        let is_sync = line.contains("fsync(") || line.contains("fdatasync(");
        if is_sync && line.contains("journal.sqlite-wal") {
            if line.ends_with("= 0") {
                order.push(Seen::Synced);
            } else {
                syncing.push(pid.to_owned());
            }
        } else if line.contains("sync resumed>")
            && line.ends_with("= 0")
            && syncing.iter().any(|one| one == pid)
        {
            syncing.retain(|one| one != pid);
            order.push(Seen::Synced);
        } else if line.contains("TCP:[") || line.contains("socket:[") {
            let marks = [
                (VALIDATE_JOB, Seen::Validate),
                (CREATE_JOB, Seen::Create),
                (SEND_DOCUMENT, Seen::Send),
                ("%PDF-", Seen::Document),
            ];
            order.extend(
                marks.iter().filter(|(mark, _)| line.contains(mark)).map(|(_, seen)| *seen),
            );
        }
    }
    order
}
