//! The commands' socket: one JSON line asks, one JSON line answers.
//!
//! Its file mode is the permission: who may write to it may release and abort.
//! Deliberately absent: decisions, and any write to the journal. Lists come from read-only connections.

use std::{
    io,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::Path,
    sync::Arc,
};

use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use thiserror::Error;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    sync::{mpsc, oneshot},
    time::{Duration, timeout},
};
use tracing::warn;

use super::{
    Wake, ask as ask_loop,
    badges::Badges,
    deeds::Deeds,
    describe::{describe, describe_whole},
    forgetting::Forgetting,
    health::{self, Health, Trouble},
    meter::Load,
    owners, people_commands,
};
use crate::{
    config::ControlSettings,
    flow::{Job, State},
    journal::reader::{JournalReader, Which},
    model::{
        AbortReason, Answer, Asker, Command, JobNumber, Owner, PrinterName, Refusal,
        abort_reason::ABORT_REASON_LIMIT,
    },
    printer::{standing, words},
};

const LONGEST_LINE: u64 = 64 * 1024;
/// How long a look at health may take while somebody waits for the answer.
const LOOK_TIME: Duration = Duration::from_secs(2);
const ANSWER_TIME: Duration = Duration::from_secs(30);
const LIST_LIMIT: u32 = 1_000;
/// How many jobs that are under way are told of, of each kind.
const MOST_MOVING: u32 = 20;

/// Why a command got no answer.
#[derive(Debug, Error)]
pub enum ControlError {
    /// Nobody listens.
    #[error("no daemon answers at {path}: {source}; is `pullprint run` running, and may you use its socket?", path = .path.display())]
    Connect {
        /// The socket.
        path: std::path::PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The connection broke.
    #[error("the daemon's answer was lost: {0}")]
    Lost(io::Error),
    /// The daemon said no.
    #[error("{0}")]
    Refused(String),
}

/// Asks a running daemon.
///
/// # Errors
///
/// [`ControlError`].
pub async fn ask(socket: &Path, request: &Value) -> Result<Value, ControlError> {
    let connect = |source| ControlError::Connect { path: socket.to_owned(), source };
    let mut stream = UnixStream::connect(socket).await.map_err(connect)?;
    let exchange = async {
        stream.write_all(format!("{request}\n").as_bytes()).await?;
        let mut line = String::new();
        BufReader::new(&mut stream).read_line(&mut line).await?;
        serde_json::from_str::<Value>(&line).map_err(io::Error::other)
    };
    let answer = exchange.await.map_err(ControlError::Lost)?;
    match answer["error"].as_str() {
        Some(sentence) => Err(ControlError::Refused(sentence.to_owned())),
        None => Ok(answer),
    }
}

/// Takes the socket. Only a socket at which nobody answers is replaced: a dead daemon left it.
pub(super) fn listen(settings: &ControlSettings) -> io::Result<UnixListener> {
    if let Some(directory) = settings.socket.parent() {
        std::fs::create_dir_all(directory)?;
    }
    match std::fs::symlink_metadata(&settings.socket) {
        Ok(there) if !there.file_type().is_socket() => {
            return Err(io::Error::other("something else is there"));
        }
        Ok(_) if std::os::unix::net::UnixStream::connect(&settings.socket).is_ok() => {
            return Err(io::Error::other("another process answers there"));
        }
        Ok(_) => std::fs::remove_file(&settings.socket)?,
        Err(_) => {}
    }
    let listener = UnixListener::bind(&settings.socket)?;
    std::fs::set_permissions(&settings.socket, std::fs::Permissions::from_mode(settings.mode))?;
    Ok(listener)
}

/// Who answers commands.
pub(super) struct Control {
    pub(super) reader: JournalReader,
    pub(super) deeds: Arc<Deeds>,
    pub(super) badges: Arc<Badges>,
    pub(super) forgetting: Arc<Forgetting>,
    pub(super) health: Arc<Health>,
    pub(super) wakes: mpsc::Sender<Wake>,
}

impl Control {
    /// Serves commands until it is dropped.
    pub(super) async fn serve(self, listener: UnixListener) {
        let control = Arc::new(self);
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let control = Arc::clone(&control);
                    tokio::spawn(async move {
                        if let Err(error) = control.exchange(stream).await {
                            warn!(id = "control-socket", "control socket: {error}");
                        }
                    });
                }
                Err(error) => {
                    warn!(id = "control-socket", "control socket: {error}");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    async fn exchange(&self, mut stream: UnixStream) -> io::Result<()> {
        let uid = stream.peer_cred()?.uid();
        let (read, mut write) = stream.split();
        let mut line = String::new();
        let mut read = BufReader::new(read.take(LONGEST_LINE));
        timeout(ANSWER_TIME, read.read_line(&mut line)).await??;
        let answer = match serde_json::from_str(&line) {
            Ok(request) => self
                .answer(&request, uid)
                .await
                .unwrap_or_else(|sentence| json!({"error": sentence})),
            Err(error) => json!({"error": format!("the request is not JSON: {error}")}),
        };
        write.write_all(format!("{answer}\n").as_bytes()).await
    }

    async fn answer(&self, request: &Value, uid: u32) -> Result<Value, String> {
        let number =
            || request["job"].as_i64().map(JobNumber).ok_or_else(|| "name a job".to_owned());
        match request["command"].as_str() {
            Some("list") if request["owner"].is_object() => {
                self.list_of(&read_owner(&request["owner"])?).await
            }
            Some("list") => self.list(request).await,
            Some("show") => self.show(number()?).await,
            Some("release") => {
                let command = Command::Release {
                    job: number()?,
                    version: request["version"].as_u64().ok_or("name the job's version")?,
                    printer: PrinterName::new(request["printer"].as_str().ok_or("name a printer")?),
                    change: super::change::read_change(&request["set"])?,
                    reprint: request["reprint"] == true,
                    by: Asker::Administrator(uid),
                };
                self.command(command).await
            }
            Some("abort") => {
                let reason = request["reason"].as_str().unwrap_or_default().trim();
                check_words(reason)?;
                let reason = AbortReason::ByAdministrator(reason.to_owned());
                self.command(Command::Abort {
                    job: number()?,
                    reason,
                    by: Asker::Administrator(uid),
                })
                .await
            }
            Some("look") => self.command(Command::Look { job: number()? }).await,
            Some("takeover") => self.take_over(uid).await,
            Some("health") => Ok(self.health().await),
            Some("status") => self.status().await,
            Some(command) => {
                let (badges, deeds) = (&self.badges, &self.deeds);
                let people =
                    people_commands::answer(badges, deeds, &self.forgetting, command, request, uid);
                people.await.unwrap_or_else(|| Err(unknown()))
            }
            None => Err(unknown()),
        }
    }

    async fn list(&self, request: &Value) -> Result<Value, String> {
        let which = match request["state"].as_str() {
            Some(state) => Which::In(known_state(state)?),
            None if request["all"] == true => Which::All,
            None => Which::Open,
        };
        let limit = request["limit"].as_u64().and_then(|limit| u32::try_from(limit).ok());
        let limit = limit.map_or(LIST_LIMIT, |limit| limit.min(LIST_LIMIT));
        let jobs = self.reader.list(which, limit).await.map_err(in_words)?;
        Ok(json!({"jobs": jobs.iter().map(describe).collect::<Vec<_>>()}))
    }

    /// What waits, what is under way, what is wrong.
    async fn status(&self) -> Result<Value, String> {
        let counts = self.reader.counts().await.map_err(in_words)?;
        let counts: Map<String, Value> =
            counts.into_iter().map(|(state, n)| (state, n.into())).collect();
        let mut moving = Vec::new();
        for state in ["releasing", "printing"] {
            moving.extend(self.reader.list(Which::In(state), MOST_MOVING).await.map_err(in_words)?);
        }
        let told = |job: &Job| {
            let mut told = describe(job);
            told["sheets"] = self.deeds.sheets(job.number).into();
            told
        };
        let mut status = self.health().await;
        status["version"] = env!("CARGO_PKG_VERSION").into();
        status["started"] = self.health.begun().to_string().into();
        status["counts"] = Value::Object(counts);
        status["moving"] = moving.iter().map(told).collect();
        status["printers"] = self.printers().await;
        Ok(status)
    }

    /// How the printers are, by their names.
    async fn printers(&self) -> Value {
        let mut printers = self.deeds.printers();
        printers.sort_by(|a, b| a.settings.name.cmp(&b.settings.name));
        let lines = printers.iter().map(|printer| async {
            let said = printer.glance().await;
            let reasons = said.as_ref().map(|said| words::in_words(&said.health.reasons));
            json!({"printer": printer.settings.name.as_str(), "state": standing(said.as_deref()).word(),
                "says": reasons.unwrap_or_default().join(", ")})
        });
        join_all(lines).await.into()
    }

    /// The jobs of one person that are not settled: those of the journal, after the cloud was asked for newer ones.
    async fn list_of(&self, owner: &Owner) -> Result<Value, String> {
        let id = owner.id.clone().unwrap_or_default();
        let fresh = owners::refresh(&self.deeds, &self.reader, &self.wakes, owner).await;
        let jobs = self.reader.of_owner(&id, LIST_LIMIT).await.map_err(in_words)?;
        Ok(json!({"fresh": fresh, "jobs": jobs.iter().map(describe).collect::<Vec<_>>()}))
    }

    async fn show(&self, number: JobNumber) -> Result<Value, String> {
        let found = self.reader.show(number).await.map_err(in_words)?;
        let (job, story) = found.ok_or_else(|| Refusal::NoSuchJob.sentence())?;
        let mut told = describe_whole(&job, &story);
        told["sheets"] = self.deeds.sheets(number).into();
        Ok(json!({"job": told}))
    }

    /// First every job that the other daemon could have released is marked, then the stamp is ours. When the other one
    /// must have seen it, the jobs that came meanwhile are marked, and all are looked at again.
    async fn take_over(&self, uid: u32) -> Result<Value, String> {
        self.mark_unwatched(uid).await?;
        self.deeds.take_over().await.map_err(in_words)?;
        let quiet = self.deeds.settings().cloud.stamp_interval;
        tokio::time::sleep(quiet + quiet / 4).await;
        self.mark_unwatched(uid).await?;
        Ok(json!({"accepted": true}))
    }

    async fn mark_unwatched(&self, uid: u32) -> Result<(), String> {
        let (place, marked) = oneshot::channel();
        let not_now = || Refusal::NotNow.sentence();
        self.wakes.send(Wake::TakeoverAsked(uid, place)).await.map_err(|_| not_now())?;
        match timeout(ANSWER_TIME, marked).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(not_now()),
        }
    }

    async fn health(&self) -> Value {
        // A look that hangs at the cloud is not waited for: the last one is told.
        let look = health::look(&self.health, &self.deeds, &self.reader);
        let _ = timeout(LOOK_TIME, look).await;
        let told = |(trouble, sentence): &(Trouble, String)| json!({"code": trouble.code(), "sentence": sentence});
        let troubles = self.health.troubles();
        let load = |load: &Load| json!({"source_printer": load.queue.as_str(), "jobs_in_ten_minutes": load.lately, "jobs_at_once": load.at_once});
        let queues: Vec<Value> = self.deeds.loads().iter().map(load).collect();
        json!({"good": troubles.is_empty(), "queues": queues, "troubles": troubles.iter().map(told).collect::<Vec<_>>()})
    }

    async fn command(&self, command: Command) -> Result<Value, String> {
        match ask_loop(&self.wakes, command, ANSWER_TIME).await {
            Answer::Accepted => Ok(json!({"accepted": true})),
            Answer::Refused(refusal) => Err(refusal.sentence()),
        }
    }
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A person, by the object id; the UPN is what the cloud is asked with.
fn read_owner(owner: &Value) -> Result<Owner, String> {
    let text = |name: &str| owner[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let id = text("id").ok_or("name the owner's object id")?;
    Ok(Owner { id: Some(id), upn: text("upn"), name: None })
}

/// A state by its word.
fn known_state(named: &str) -> Result<&'static str, String> {
    let found = State::WORDS.into_iter().find(|state| *state == named);
    found.ok_or_else(|| format!("there is no state {named}: {}", State::WORDS.join(", ")))
}

fn unknown() -> String {
    format!(
        "unknown command: list, show, release, abort, look, takeover, health, status, {}",
        people_commands::NAMES.join(", ")
    )
}

/// The owner reads these words in the cloud: they fit its limit and name nobody.
fn check_words(reason: &str) -> Result<(), String> {
    if reason.is_empty() {
        return Err("give a reason; the job's owner will read it".to_owned());
    }
    if reason.chars().count() > ABORT_REASON_LIMIT {
        return Err(format!("the reason may have {ABORT_REASON_LIMIT} characters"));
    }
    if reason.contains('@') || reason.chars().any(char::is_control) {
        return Err("leave addresses and line breaks out of the reason".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_the_cloud_and_names_nobody() {
        assert!(check_words("paper is for the exams").is_ok());
        for bad in ["", "mail ada@contoso.example", "two\nlines", &"x".repeat(256)] {
            assert!(check_words(bad).is_err(), "{bad}");
        }
    }
}
