//! Forgetting: of people who ask for it, and of names in old entries.
//!
//! It promises: that somebody is to be forgotten is on disk before anything is done, in a file of its own, which a
//! restored backup does not bring back to an earlier time: what it lacks is done again. What is under way ends first.
//! That file is worth nothing without the key of the badges, which its pseudonyms are made with.
//! Deliberately absent: what is forgotten of a job, and when (`flow::forgetting`).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::{Duration, sleep};
use tracing::{info, warn};

use super::{
    Wake,
    badges::{Badges, by},
    clock,
    deeds::Deeds,
    describe::{describe, describe_whole},
    people_commands::normal_id,
};
use crate::{
    flow::{Event, Job, State},
    journal::forgetting::{reworded, split_at_people},
    model::{JobNumber, people::PeopleChange},
};

/// How often it is looked whether anything is old enough.
const EACH: Duration = Duration::from_hours(1);
/// How soon it is looked again while the clock is not trusted, as before the cloud was heard.
const SOON: Duration = Duration::from_secs(10);

/// People who were forgotten, and what is to be.
pub(super) struct Forgetting {
    badges: Arc<Badges>,
    deeds: Arc<Deeds>,
    file: PathBuf,
    /// Held while the file is written.
    writing: Mutex<()>,
}

impl Forgetting {
    pub(super) fn new(badges: Arc<Badges>, deeds: Arc<Deeds>, state_dir: &Path) -> Self {
        Self { badges, deeds, file: state_dir.join("forgotten"), writing: Mutex::default() }
    }

    /// Does what a restored backup lacks, then each hour what has become old enough.
    pub(super) async fn keep(self: Arc<Self>) {
        loop {
            let pause = match self.catch_up().await {
                Ok(true) => EACH,
                Ok(false) => SOON,
                Err(why) => {
                    warn!(id = "forgetting-waits", "what is to be forgotten is not yet: {why}");
                    EACH
                }
            };
            sleep(pause).await;
        }
    }

    /// False if the clock is not trusted: then it is tried again soon.
    async fn catch_up(&self) -> Result<bool, String> {
        let done = self.badges.journal.forgotten().await.map_err(in_words)?;
        let asked = read(&self.file).map_err(in_words)?;
        let is_done = |pseudonym: &String, asked: &Timestamp| {
            let done = done.get(pseudonym).map(|at| at.as_millisecond());
            done.is_some_and(|at| at >= asked.as_millisecond())
        };
        let missing: Vec<_> = asked.iter().filter(|(one, at)| !is_done(one, at)).collect();
        if !missing.is_empty() {
            let all = self.badges.journal.all_names().await.map_err(in_words)?;
            for (pseudonym, asked) in missing {
                let names = all.iter().filter(|name| self.pseudonym(name) == *pseudonym);
                self.forget_again(names.cloned().collect(), pseudonym, *asked).await?;
            }
        }
        for job in self.badges.journal.settled_for_ever().await.map_err(in_words)? {
            self.badges.wake(Wake::Happened(job, Event::Resumed)).await?;
        }
        self.give_pseudonyms().await
    }

    async fn forget_again(
        &self,
        names: Vec<String>,
        pseudonym: &str,
        asked: Timestamp,
    ) -> Result<(), String> {
        let was_there = !names.is_empty();
        self.carry_out(names, pseudonym, asked, "a restored backup").await?;
        if was_there {
            info!("somebody who was forgotten was in a restored backup, and is forgotten again");
        }
        Ok(())
    }

    /// Old entries name people by pseudonyms. Not by a clock that is not trusted.
    async fn give_pseudonyms(&self) -> Result<bool, String> {
        if !clock::agrees(self.deeds.clock_skew()) {
            return Ok(false);
        }
        let until = Timestamp::now() - self.deeds.settings().retention.audit;
        while let Some((entries, until)) =
            self.badges.journal.entries_with_names(until).await.map_err(in_words)?
        {
            let reworded = entries.into_iter().filter_map(|entry| {
                let detail = without_ids(&entry.kind, &entry.detail, |id| self.pseudonym(id));
                (detail != entry.detail).then_some((entry.number, detail))
            });
            let change = PeopleChange::Pseudonyms { entries: reworded.collect(), until };
            self.badges.write(vec![change], "pseudonyms-given", format!("up to {until}")).await?;
        }
        Ok(true)
    }

    /// All that is known of a person.
    pub(super) async fn export(&self, named: &str, uid: u32) -> Result<Value, String> {
        let names = self.names_of(named).await?;
        // Badges and entries have it as the cloud writes it, whatever a job says.
        let (id, journal) = (normal_name(&names[0]), &self.badges.journal);
        let is_id = uuid::Uuid::parse_str(&id).is_ok();
        // Entries have ids, and no names that people read.
        let whom = if is_id { id.clone() } else { self.pseudonym(&id) };
        self.badges.write(Vec::new(), "person-asked", by(&whom, uid)).await?;
        let person = journal.person_with(&id).await.map_err(in_words)?;
        let badges = journal.badges_of(&id).await.map_err(in_words)?;
        let mut jobs = Vec::new();
        let mut upn = person.as_ref().and_then(|person| person.upn.clone());
        for job in self.jobs_of(&names).await? {
            upn = upn.or_else(|| job.facts.owner.as_ref()?.upn.clone());
            jobs.push(self.told(&job).await?);
        }
        let delegations = journal.delegations(Timestamp::now()).await.map_err(in_words)?;
        let collects = delegations.iter().filter(|one| one.delegate.id == id);
        let collected = delegations.iter().filter(|one| one.owner.id == id);
        let entries = journal.entries_naming(&id).await.map_err(in_words)?;
        Ok(json!({
            "id": is_id.then_some(&id),
            "user_principal_name": upn,
            "name": person.as_ref().and_then(|person| person.name.clone()),
            "badges": badges.iter().map(|badge| json!({"given": badge.given.to_string(),
                "ends": badge.ends.map(|ends| ends.to_string()), "from_directory": badge.from_directory})).collect::<Vec<_>>(),
            "has_code": journal.has_code(&id).await.map_err(in_words)?,
            "has_pin": journal.pin_of(&id).await.map_err(in_words)?.is_some(),
            "collects_for": collects.map(|one| one.owner.id.clone()).collect::<Vec<_>>(),
            "is_collected_for_by": collected.map(|one| one.delegate.id.clone()).collect::<Vec<_>>(),
            "jobs": jobs,
            "entries": entries.iter().map(|entry| json!({"at": entry.at.to_string(), "job": entry.job.0,
                "what": entry.kind, "detail": entry.detail})).collect::<Vec<_>>(),
        }))
    }

    async fn told(&self, job: &Job) -> Result<Value, String> {
        let shown = self.badges.journal.show(job.number).await.map_err(in_words)?;
        let story = shown.map(|(_, story)| story).unwrap_or_default();
        Ok(describe_whole(job, &story))
    }

    /// Forgets a person, with consent alone; without it, says which jobs of theirs wait, and would be aborted. What is
    /// under way ends, and is forgotten then.
    pub(super) async fn forget(
        &self,
        named: &str,
        consent: bool,
        uid: u32,
    ) -> Result<Value, String> {
        let names = self.names_of(named).await?;
        let jobs = self.jobs_of(&names).await?;
        let waiting: Vec<&Job> =
            jobs.iter().filter(|job| matches!(job.state, State::Claimed | State::Held)).collect();
        if !consent {
            let waiting: Vec<Value> = waiting.into_iter().map(describe).collect();
            return Ok(json!({"forgotten": false, "waiting": waiting}));
        }
        let under_way = jobs.iter().filter(|job| !matches!(job.state, State::Settled(_))).count();
        let mut by_pseudonym: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in &names {
            by_pseudonym.entry(self.pseudonym(name)).or_default().push(name.clone());
        }
        let asked = {
            let _writing = self.writing.lock().expect("nothing panics while it is held");
            append(&self.file, by_pseudonym.keys())
        };
        let asked = asked
            .map_err(|error| format!("{}: {error}; nobody was forgotten", self.file.display()))?;
        let n_waiting = waiting.len();
        for (pseudonym, names) in by_pseudonym {
            self.carry_out(names, &pseudonym, asked, &format!("uid {uid}")).await?;
        }
        Ok(json!({"forgotten": true, "pseudonym": self.pseudonym(&names[0]), "aborted": n_waiting,
            "under_way": under_way - n_waiting}))
    }

    /// The jobs first: the mark that it was done comes last. The loop writes about people before it folds what it got
    /// with that; so the mark is only asked for once something that came after the jobs is written.
    async fn carry_out(
        &self,
        names: Vec<String>,
        pseudonym: &str,
        asked: Timestamp,
        who: &str,
    ) -> Result<(), String> {
        for job in self.jobs_of(&names).await? {
            self.tell(job.number).await?;
        }
        let whom = format!("{pseudonym} by {who}");
        self.badges.write(Vec::new(), "person-to-forget", whom.clone()).await?;
        let change = PeopleChange::Forget { names, pseudonym: pseudonym.to_owned(), asked };
        self.badges.write(vec![change], "person-forgotten", whom).await
    }

    async fn tell(&self, job: JobNumber) -> Result<(), String> {
        let wake = Wake::Happened(job, Event::OwnerForgotten);
        self.badges.wake(wake).await
    }

    async fn jobs_of(&self, names: &[String]) -> Result<Vec<Job>, String> {
        let mut jobs = Vec::new();
        for name in names {
            jobs.extend(self.badges.journal.all_of_owner(name).await.map_err(in_words)?);
        }
        Ok(jobs)
    }

    fn pseudonym(&self, name: &str) -> String {
        self.badges.key.pseudonym(&normal_name(name))
    }

    /// What a person who is known here is named by, in all spellings: the object id first, then UPNs of jobs without one.
    async fn names_of(&self, named: &str) -> Result<Vec<String>, String> {
        let named = named.trim();
        let ids = if uuid::Uuid::parse_str(named).is_ok() {
            BTreeSet::from([normal_name(named)])
        } else {
            self.ids_named(named).await?
        };
        if let [one, other, ..] = &ids.iter().collect::<Vec<_>>()[..] {
            return Err(format!(
                "several people had that UPN: name one by the object id, such as {one} or {other}"
            ));
        }
        let mut theirs = BTreeSet::from([normal_name(named)]);
        for id in &ids {
            theirs.extend(self.upns_of(id).await?);
        }
        let all = self.badges.journal.all_names().await.map_err(in_words)?;
        let (mut names, upns): (Vec<String>, Vec<String>) =
            all.into_iter().partition(|name| ids.contains(&normal_name(name)));
        names.extend(upns.into_iter().filter(|name| theirs.contains(&normal_name(name))));
        if names.is_empty() { Err(format!("nothing is known here of {named}")) } else { Ok(names) }
    }

    async fn ids_named(&self, upn: &str) -> Result<BTreeSet<String>, String> {
        let ids = self.badges.journal.ids_named(upn).await.map_err(in_words)?;
        Ok(ids.iter().map(|id| normal_name(id)).collect())
    }

    /// The UPNs of a person that nobody else has, or had.
    async fn upns_of(&self, id: &str) -> Result<BTreeSet<String>, String> {
        let mut upns = BTreeSet::new();
        for upn in self.badges.journal.upns_of(id).await.map_err(in_words)? {
            if self.ids_named(&upn).await?.len() == 1 {
                upns.insert(normal_name(&upn));
            }
        }
        Ok(upns)
    }
}

/// An object id as the cloud writes it, or a UPN in small letters.
fn normal_name(name: &str) -> String {
    normal_id(&name.to_lowercase())
}

/// An entry's words with pseudonyms in place of people's object ids.
fn without_ids(kind: &str, detail: &str, pseudonym: impl Fn(&str) -> String) -> String {
    let (kept, named) = split_at_people(kind, detail);
    let of_id = |word: &str| uuid::Uuid::parse_str(word).is_ok().then(|| pseudonym(word));
    format!("{kept}{}", reworded(named, of_id))
}

/// The pseudonyms in the file, and when each was last asked to be forgotten.
fn read(file: &Path) -> io::Result<BTreeMap<String, Timestamp>> {
    let one = |line: &str| {
        let (pseudonym, at) = line.split_once(' ')?;
        Some((pseudonym.to_owned(), at.parse().ok()?))
    };
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text.lines().filter_map(one).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

/// Adds pseudonyms to the file, durably or not at all; says with which time.
fn append<'a>(file: &Path, pseudonyms: impl Iterator<Item = &'a String>) -> io::Result<Timestamp> {
    let mut open =
        OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(file)?;
    let mut before = Vec::new();
    open.read_to_end(&mut before)?;
    let now = Timestamp::now();
    let lines = pseudonyms.map(|pseudonym| format!("{pseudonym} {now}\n"));
    let mut lines = lines.collect::<Vec<_>>().concat();
    if before.last().is_some_and(|last| *last != b'\n') {
        // The power went in the midst of a line.
        lines.insert(0, '\n');
    }
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let done = open
        .write_all(lines.as_bytes())
        .and_then(|()| open.sync_all())
        .and_then(|()| File::open(folder)?.sync_all());
    if done.is_err() {
        // Nobody is told that it will be done, so it must not be.
        let _ = open.set_len(before.len() as u64);
    }
    done.map(|()| now)
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_pseudonyms_and_nothing_else_does() {
        const ID: &str = "215e3f3b-31bd-4a0a-b847-59b5aa9e22a6";
        const PRINTER: &str = "77777777-6666-5555-4444-333333333333";
        let check = |kind: &str, detail: &str, expect: &str| {
            assert_eq!(without_ids(kind, detail, |_| "P".to_owned()), expect);
        };
        check("badge-asked", &format!("{ID} by uid 0"), "P by uid 0");
        check("delegate-named", &format!("{ID} for {ID} by uid 0"), "P for P by uid 0");
        let released = format!("to cloud printer {PRINTER} by {ID}, who collects for the owner");
        let expect = format!("to cloud printer {PRINTER} by P, who collects for the owner");
        check("released", &released, &expect);
        check(
            "released",
            &format!("to cloud printer {PRINTER} by its owner"),
            &format!("to cloud printer {PRINTER} by its owner"),
        );
    }

    #[test]
    fn what_is_to_be_forgotten_is_added_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("forgotten");
        assert!(read(&file).unwrap().is_empty());
        for some in [vec!["aa", "bb"], vec!["aa"]] {
            let some: Vec<String> = some.into_iter().map(str::to_owned).collect();
            append(&file, some.iter()).unwrap();
        }
        let known = read(&file).unwrap();
        assert_eq!(known.keys().collect::<Vec<_>>(), ["aa", "bb"]);
        assert!(known["aa"] >= known["bb"], "the last time counts");
        // A line that was begun costs no other.
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}cc 2026-")).unwrap();
        append(&file, ["dd".to_owned()].iter()).unwrap();
        let known = read(&file).unwrap();
        assert_eq!(known.keys().collect::<Vec<_>>(), ["aa", "bb", "dd"]);
    }
}
