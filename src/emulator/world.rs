//! What the emulated cloud has: definitions, triggers, printers, jobs, tasks, documents.
//!
//! The rules of states and ownership stand here; how it looks on the wire stands in `render`.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::identity::id;

/// A printer and a job id.
pub(super) type JobKey = (String, String);

pub(super) struct World {
    pub(super) definitions: BTreeMap<String, Definition>,
    pub(super) printers: BTreeMap<String, CloudPrinter>,
    pub(super) jobs: BTreeMap<JobKey, Job>,
    pub(super) tasks: BTreeMap<String, Task>,
    pub(super) downloads: BTreeMap<String, JobKey>,
    virtual_printer: String,
    first_definition: String,
    next_job: u32,
}

pub(super) struct Definition {
    pub(super) name: String,
    pub(super) app: String,
    pub(super) created_by: String,
}

pub(super) struct CloudPrinter {
    pub(super) name: String,
    pub(super) has_device: bool,
    pub(super) connectors: Vec<String>,
    /// The one trigger: its id and its definition.
    pub(super) trigger: Option<(String, String)>,
}

pub(super) struct Job {
    pub(super) created: String,
    pub(super) created_by: Value,
    pub(super) state: &'static str,
    pub(super) configuration: Map<String, Value>,
    pub(super) redirected_to: Option<JobKey>,
    pub(super) redirected_from: Option<JobKey>,
    pub(super) document_id: String,
    pub(super) title: String,
    pub(super) content_type: String,
    pub(super) document: Bytes,
    pub(super) abort_reason: Option<String>,
    /// Until then a GET answers 404.
    pub(super) hidden_until: Instant,
}

pub(super) struct Task {
    pub(super) definition: String,
    pub(super) job: JobKey,
    pub(super) state: &'static str,
    pub(super) description: String,
    /// Until then lists do not show it.
    pub(super) late_until: Instant,
}

/// What a person prints.
pub(super) struct Printout {
    pub(super) printer: String,
    pub(super) created_by: Value,
    pub(super) title: String,
    pub(super) content_type: String,
    pub(super) configuration: Map<String, Value>,
    pub(super) document: Bytes,
    pub(super) hidden: Duration,
    pub(super) late: Duration,
}

/// A refusal in Graph's form: status, code, message.
pub(super) type Refusal = (u16, &'static str, &'static str);

pub(super) const NOT_FOUND: Refusal = (404, "UnknownError", "");
const NO_TASK: Refusal = (
    400,
    "400",
    "Invalid Operation: The job has no processing task of a trigger of this application.",
);

impl World {
    pub(super) fn new(app: String) -> Self {
        let (virtual_printer, first_definition) = (id(), id());
        let definition = Definition { name: "Pull print".into(), app, created_by: String::new() };
        let queue = CloudPrinter {
            name: "Pull print".into(),
            has_device: false,
            connectors: Vec::new(),
            trigger: Some((id(), first_definition.clone())),
        };
        let other = CloudPrinter {
            name: "Cloud printer".into(),
            has_device: true,
            connectors: Vec::new(),
            trigger: None,
        };
        Self {
            definitions: BTreeMap::from([(first_definition.clone(), definition)]),
            printers: BTreeMap::from([(virtual_printer.clone(), queue), (id(), other)]),
            jobs: BTreeMap::new(),
            tasks: BTreeMap::new(),
            downloads: BTreeMap::new(),
            virtual_printer,
            first_definition,
            next_job: 5_182,
        }
    }

    pub(super) fn definition_id(&self) -> String {
        self.first_definition.clone()
    }

    pub(super) fn virtual_printer_id(&self) -> String {
        self.virtual_printer.clone()
    }

    /// The cloud printer that nobody prints to directly.
    pub(super) fn other_printer_id(&self) -> String {
        let other = self.printers.keys().find(|id| **id != self.virtual_printer);
        other.cloned().unwrap_or_default()
    }

    fn new_job_id(&mut self) -> String {
        self.next_job += 1;
        self.next_job.to_string()
    }

    /// A person prints: the job is created, uploaded and started in one.
    pub(super) fn print(&mut self, printout: Printout) -> Option<(String, Option<String>)> {
        let printer = self.printers.get(&printout.printer)?;
        let trigger = printer.trigger.clone();
        let key = (printout.printer.clone(), self.new_job_id());
        let now = Instant::now();
        let job = Job {
            created: format!("{:.7}", jiff::Timestamp::now()),
            created_by: printout.created_by,
            state: if trigger.is_some() { "paused" } else { "pending" },
            configuration: printout.configuration,
            redirected_to: None,
            redirected_from: None,
            document_id: id(),
            title: printout.title,
            content_type: printout.content_type,
            document: printout.document,
            abort_reason: None,
            hidden_until: now + printout.hidden,
        };
        self.jobs.insert(key.clone(), job);
        let task = trigger.map(|(_, definition)| {
            let (task_id, description) = (id(), "The task is being processed.".to_owned());
            let task = Task {
                definition,
                job: key.clone(),
                state: "processing",
                description,
                late_until: now + printout.late,
            };
            self.tasks.insert(task_id.clone(), task);
            task_id
        });
        Some((key.1, task))
    }

    /// What abort, redirect and update require: a `processing` task of a trigger of the calling application.
    pub(super) fn require_task(&self, key: &JobKey, app: &str) -> Result<(), Refusal> {
        let ours =
            |task: &Task| self.definitions.get(&task.definition).is_some_and(|d| d.app == app);
        let found = self
            .tasks
            .values()
            .any(|task| task.job == *key && task.state == "processing" && ours(task));
        if found { Ok(()) } else { Err(NO_TASK) }
    }

    pub(super) fn job(&mut self, key: &JobKey) -> Result<&mut Job, Refusal> {
        self.jobs.get_mut(key).ok_or(NOT_FOUND)
    }

    pub(super) fn abort(
        &mut self,
        key: &JobKey,
        app: &str,
        reason: Option<String>,
    ) -> Result<(), Refusal> {
        self.job(key)?;
        self.require_task(key, app)?;
        let job = self.job(key)?;
        if is_terminal(job.state) {
            return Err((400, "400", "Invalid Operation: The job has ended."));
        }
        job.state = "aborted";
        job.abort_reason = reason;
        Ok(())
    }

    /// The person or an administrator cancels. The task stays `processing`.
    pub(super) fn cancel(&mut self, key: &JobKey) -> Result<(), Refusal> {
        let job = self.job(key)?;
        if is_terminal(job.state) {
            return Err((400, "400", "Invalid Operation: The job has ended."));
        }
        job.state = "canceled";
        Ok(())
    }

    pub(super) fn update(
        &mut self,
        key: &JobKey,
        app: &str,
        change: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        self.job(key)?;
        self.require_task(key, app)?;
        let configuration = &mut self.job(key)?.configuration;
        configuration.extend(change.iter().map(|(name, value)| (name.clone(), value.clone())));
        Ok(())
    }

    /// Moves a job to another printer: a new job there, the old one completed, its task completed.
    pub(super) fn redirect(
        &mut self,
        key: &JobKey,
        app: &str,
        destination: &str,
        change: &Map<String, Value>,
    ) -> Result<JobKey, Refusal> {
        self.update(key, app, change)?;
        if !self.printers.contains_key(destination) {
            return Err((400, "400", "Invalid Operation: The destination printer was not found."));
        }
        let moved = (destination.to_owned(), self.new_job_id());
        let source = self.job(key)?;
        source.state = "completed";
        source.redirected_to = Some(moved.clone());
        let job = Job {
            created: source.created.clone(),
            created_by: source.created_by.clone(),
            state: "processing",
            configuration: source.configuration.clone(),
            redirected_to: None,
            redirected_from: Some(key.clone()),
            document_id: source.document_id.clone(),
            title: source.title.clone(),
            content_type: source.content_type.clone(),
            document: source.document.clone(),
            abort_reason: None,
            hidden_until: source.hidden_until,
        };
        self.jobs.insert(moved.clone(), job);
        for task in self.tasks.values_mut().filter(|task| task.job == *key) {
            task.state = "completed";
        }
        Ok(moved)
    }

    /// A task is reported. Terminal states stay; the job goes on in its queue.
    pub(super) fn report(
        &mut self,
        task: &str,
        state: &str,
        description: Option<&str>,
    ) -> Result<(), Refusal> {
        let task = self.tasks.get_mut(task).ok_or(NOT_FOUND)?;
        let state = match state {
            "completed" => "completed",
            "aborted" => "aborted",
            "processing" => "processing",
            _ => return Err((400, "400", "Invalid Operation: The state is not valid.")),
        };
        if task.state != "processing" && task.state != state {
            return Err((400, "400", "Invalid Operation: The task has ended."));
        }
        task.state = state;
        if let Some(description) = description {
            description.clone_into(&mut task.description);
        }
        if state != "processing"
            && let Some(job) = self.jobs.get_mut(&task.job)
            && job.state == "paused"
        {
            job.state = "pending";
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
        let trigger = id();
        printer.trigger = Some((trigger.clone(), definition.to_owned()));
        Ok(trigger)
    }
}

pub(super) fn is_terminal(state: &str) -> bool {
    matches!(state, "completed" | "canceled" | "aborted")
}

/// A person as Graph shows one.
pub(super) fn person(upn: &str) -> Value {
    let oid = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, upn.as_bytes()).to_string();
    let name = upn.split('@').next().unwrap_or_default();
    json!({"id": oid, "displayName": name, "userPrincipalName": upn, "ipAddress": null})
}
