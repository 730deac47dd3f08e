//! How the states of jobs and tasks change, and what must hold before they may.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::{
    identity::id,
    switches::Switches,
    world::{Job, JobKey, NOT_FOUND, Refusal, Trigger, World},
};

const HAS_ENDED: Refusal = (400, "400", "Invalid Operation: The job has ended.");

impl World {
    /// A job whose document is here begins: with a trigger it waits for its task.
    pub(super) fn start(
        &mut self,
        key: &JobKey,
        switches: &Switches,
        late: Duration,
    ) -> Result<Option<String>, Refusal> {
        let trigger = self.printers.get(&key.0).ok_or(NOT_FOUND)?.trigger.clone();
        let job = self.job(key)?;
        if job.document.is_none() {
            return Err((400, "400", "Invalid Operation: The document was not uploaded."));
        }
        if job.started {
            return Err((400, "400", "Invalid Operation: The job was started."));
        }
        job.started = true;
        if trigger.is_none() {
            job.state = "pending";
        }
        Ok(trigger.map(|trigger| self.add_task(trigger, key.clone(), switches, late)))
    }

    /// Registrations that are done become printers.
    pub(super) fn finish_registrations(&mut self) {
        let done = self.operations.values_mut().filter(|one| one.done <= Instant::now());
        for operation in done.filter(|operation| !operation.printer.name.is_empty()) {
            let printer = std::mem::take(&mut operation.printer);
            self.printers.insert(operation.printer_id.clone(), printer);
        }
    }

    /// Cloud printers print: what was redirected to one ends after a moment, as the switch says.
    pub(super) fn print_redirected(&mut self, switches: &Switches) {
        const PRINTS: Duration = Duration::from_millis(300);
        if switches.destination_ends == "never" {
            return;
        }
        let moved = self.jobs.values_mut().filter(|job| job.redirected_from.is_some());
        for job in moved.filter(|job| job.ended.is_none() && job.born.elapsed() > PRINTS) {
            job.end(switches.destination_ends);
        }
    }

    /// What abort, redirect and update require: a `processing` task of a trigger of the calling application.
    pub(super) fn require_task(
        &self,
        key: &JobKey,
        app: &str,
        switches: &Switches,
    ) -> Result<(), Refusal> {
        const MESSAGE: &str =
            "Invalid Operation: The job has no processing task of a trigger of this application.";
        let ours =
            |definition: &String| self.definitions.get(definition).is_some_and(|d| d.app == app);
        let found = self
            .tasks
            .values()
            .any(|task| task.job == *key && task.state == "processing" && ours(&task.definition));
        if found {
            return Ok(());
        }
        Err(match switches.refused_precondition {
            403 => (403, "403", MESSAGE),
            409 => (409, "409", MESSAGE),
            _ => (400, "400", MESSAGE),
        })
    }

    pub(super) fn abort(
        &mut self,
        key: &JobKey,
        app: &str,
        reason: Option<String>,
        switches: &Switches,
    ) -> Result<(), Refusal> {
        self.job(key)?;
        self.require_task(key, app, switches)?;
        let job = self.job(key)?;
        if is_terminal(job.state) {
            return Err(HAS_ENDED);
        }
        job.end("aborted");
        job.abort_reason = reason;
        self.end_tasks_of(key, switches);
        Ok(())
    }

    /// The person or an administrator cancels.
    pub(super) fn cancel(&mut self, key: &JobKey, switches: &Switches) -> Result<(), Refusal> {
        let job = self.job(key)?;
        if is_terminal(job.state) {
            return Err(HAS_ENDED);
        }
        job.end("canceled");
        self.end_tasks_of(key, switches);
        Ok(())
    }

    fn end_tasks_of(&mut self, key: &JobKey, switches: &Switches) {
        if switches.task_after_end == "processing" {
            return;
        }
        for task in self.tasks.values_mut().filter(|task| task.job == *key) {
            task.state = switches.task_after_end;
            task.ended = Some(Instant::now());
        }
    }

    pub(super) fn update(
        &mut self,
        key: &JobKey,
        app: &str,
        change: &Map<String, Value>,
        switches: &Switches,
    ) -> Result<(), Refusal> {
        self.job(key)?;
        self.require_task(key, app, switches)?;
        let configuration = &mut self.job(key)?.configuration;
        configuration.extend(change.iter().map(|(name, value)| (name.clone(), value.clone())));
        Ok(())
    }

    /// Moves a job to another printer: a new job there, and its task completed.
    pub(super) fn redirect(
        &mut self,
        key: &JobKey,
        app: &str,
        destination: &str,
        change: &Map<String, Value>,
        switches: &Switches,
    ) -> Result<JobKey, Refusal> {
        self.job(key)?;
        self.require_task(key, app, switches)?;
        if !self.printers.contains_key(destination) {
            return Err((400, "400", "Invalid Operation: The destination printer was not found."));
        }
        self.update(key, app, change, switches)?;
        let moved = (destination.to_owned(), self.new_job_id());
        let source = self.job(key)?;
        match switches.redirected_source {
            "paused" => {}
            ended => source.end(ended),
        }
        source.redirected_to = Some(moved.clone());
        let job = Job {
            state: "processing",
            redirected_from: Some(key.clone()),
            title: source.title.clone(),
            content_type: source.content_type.clone(),
            document: source.document.clone(),
            started: true,
            hidden_until: source.hidden_until,
            created: source.created.clone(),
            ..Job::new(source.created_by.clone(), source.configuration.clone(), 0)
        };
        self.jobs.insert(moved.clone(), job);
        for task in self.tasks.values_mut().filter(|task| task.job == *key) {
            task.state = "completed";
            task.ended = Some(Instant::now());
        }
        Ok(moved)
    }

    /// A task is reported. Terminal states stay; the job goes on in its queue.
    pub(super) fn report(
        &mut self,
        task: &str,
        state: &str,
        description: Option<&str>,
        switches: &Switches,
    ) -> Result<(), Refusal> {
        let task = self.tasks.get_mut(task).ok_or(NOT_FOUND)?;
        let state = match state {
            "completed" => "completed",
            "aborted" => "aborted",
            "processing" => "processing",
            _ => return Err((400, "400", "Invalid Operation: The state is not valid.")),
        };
        if is_terminal(task.state) && task.state != state {
            return Err((400, "400", "Invalid Operation: The task has ended."));
        }
        task.state = state;
        if let Some(description) = description {
            description.clone_into(&mut task.description);
        }
        if state == "processing" {
            return Ok(());
        }
        task.ended = Some(Instant::now());
        if let Some(job) = self.jobs.get_mut(&task.job)
            && job.state == "paused"
        {
            match (state, switches.aborted_task) {
                ("aborted", "aborts") => job.end("aborted"),
                _ => job.state = "pending",
            }
        }
        Ok(())
    }

    /// One trigger a printer, bound to a definition of the same application.
    pub(super) fn add_trigger(
        &mut self,
        printer: &str,
        definition: &str,
        app: &str,
    ) -> Result<String, Refusal> {
        if self.definitions.get(definition).is_none_or(|definition| definition.app != app) {
            return Err((400, "400", "Invalid Operation: The task definition was not found."));
        }
        let printer = self.printers.get_mut(printer).ok_or(NOT_FOUND)?;
        if printer.trigger.is_some() {
            let message = "Invalid Operation: There is a task trigger already created for the printer. Multiple task \
                           triggers per printer is not supported.";
            return Err((400, "400", message));
        }
        let trigger = Trigger { id: id(), definition: definition.to_owned() };
        printer.trigger = Some(trigger.clone());
        Ok(trigger.id)
    }
}

pub(super) fn is_terminal(state: &str) -> bool {
    matches!(state, "completed" | "canceled" | "aborted")
}
