//! What the emulated cloud has: definitions, triggers, printers, shares, jobs, tasks, documents.
//!
//! How its states change stands in `rules`; how it looks on the wire stands in `render`.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{identity::id, people::Person, switches::Switches};

/// A printer and a job id.
pub(super) type JobKey = (String, String);

#[derive(Default)]
pub(super) struct World {
    pub(super) definitions: BTreeMap<String, Definition>,
    pub(super) printers: BTreeMap<String, CloudPrinter>,
    pub(super) shares: BTreeMap<String, Share>,
    pub(super) operations: BTreeMap<String, Operation>,
    pub(super) jobs: BTreeMap<JobKey, Job>,
    pub(super) tasks: BTreeMap<String, Task>,
    pub(super) downloads: BTreeMap<String, (JobKey, Instant)>,
    pub(super) uploads: BTreeMap<String, Upload>,
    /// Whether the tenant lets the cloud convert OXPS.
    pub(super) converts_documents: bool,
    virtual_printer: String,
    first_definition: String,
    next_job: u32,
}

pub(super) struct Definition {
    pub(super) name: String,
    pub(super) app: String,
    pub(super) created_by: String,
}

#[derive(Default)]
pub(super) struct CloudPrinter {
    pub(super) name: String,
    pub(super) manufacturer: String,
    pub(super) model: String,
    pub(super) has_device: bool,
    pub(super) connectors: Vec<String>,
    /// The one trigger.
    pub(super) trigger: Option<Trigger>,
    /// The application that registered it.
    pub(super) registered_by: String,
    pub(super) registered: String,
    /// Absent until somebody says so.
    pub(super) accepts_jobs: Option<bool>,
    pub(super) state: &'static str,
    pub(super) location: Value,
    pub(super) defaults: Map<String, Value>,
    pub(super) capabilities: Map<String, Value>,
    /// The IPP attributes that were written to it, by name.
    pub(super) attributes: BTreeSet<String>,
}

#[derive(Clone)]
pub(super) struct Trigger {
    pub(super) id: String,
    pub(super) definition: String,
}

pub(super) struct Share {
    pub(super) printer: String,
    pub(super) name: String,
    pub(super) created: String,
    pub(super) all_users: bool,
    pub(super) people: BTreeSet<String>,
    pub(super) groups: BTreeSet<String>,
}

/// The registration of a printer, under way or done.
pub(super) struct Operation {
    pub(super) created: String,
    /// When it is done, whether somebody asks or not.
    pub(super) done: Instant,
    pub(super) printer: CloudPrinter,
    /// The id that the printer will have.
    pub(super) printer_id: String,
}

pub(super) struct Job {
    pub(super) created: String,
    pub(super) born: Instant,
    pub(super) created_by: Value,
    pub(super) state: &'static str,
    pub(super) ended: Option<Instant>,
    pub(super) configuration: Map<String, Value>,
    pub(super) redirected_to: Option<JobKey>,
    pub(super) redirected_from: Option<JobKey>,
    pub(super) document_id: String,
    pub(super) title: String,
    pub(super) content_type: String,
    /// Absent until it is uploaded.
    pub(super) document: Option<Bytes>,
    pub(super) started: bool,
    pub(super) abort_reason: Option<String>,
    /// Until then a GET answers 404.
    pub(super) hidden_until: Instant,
}

impl Job {
    pub(super) fn end(&mut self, state: &'static str) {
        self.state = state;
        self.ended = Some(Instant::now());
    }

    /// Whether the cloud still has it.
    pub(super) fn is_kept(&self, switches: &Switches) -> bool {
        match self.ended {
            Some(ended) => ended.elapsed() <= switches.keep_ended,
            None => self.state != "paused" || self.born.elapsed() <= switches.keep_waiting,
        }
    }

    /// Whether a person printed it: by the object id, or by the UPN where there is no id.
    pub(super) fn is_of(&self, person: &Person) -> bool {
        match self.created_by["id"].as_str().filter(|id| !id.is_empty()) {
            Some(id) => id == person.id,
            None => {
                let upn = self.created_by["userPrincipalName"].as_str().unwrap_or_default();
                upn.eq_ignore_ascii_case(&person.upn)
            }
        }
    }
}

pub(super) struct Task {
    pub(super) definition: String,
    pub(super) trigger: String,
    pub(super) job: JobKey,
    pub(super) state: &'static str,
    pub(super) description: String,
    pub(super) ended: Option<Instant>,
    /// Until then lists do not show it.
    pub(super) late_until: Instant,
}

/// A document on its way up, in parts.
pub(super) struct Upload {
    pub(super) job: JobKey,
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) size: u64,
    /// The parts that came, by their first octet.
    pub(super) parts: BTreeMap<u64, Bytes>,
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
    pub(super) clock_ahead: i64,
}

/// A refusal in Graph's form: status, code, message.
pub(super) type Refusal = (u16, &'static str, &'static str);

pub(super) const NOT_FOUND: Refusal = (404, "UnknownError", "");

impl World {
    /// A tenant with nothing but a cloud printer that has a device.
    pub(super) fn empty() -> Self {
        let other = CloudPrinter {
            name: "Cloud printer".into(),
            manufacturer: "Emulated".into(),
            model: "Device".into(),
            has_device: true,
            registered: now(0),
            accepts_jobs: Some(true),
            state: "idle",
            ..CloudPrinter::default()
        };
        Self {
            printers: BTreeMap::from([(id(), other)]),
            converts_documents: true,
            next_job: 5_182,
            ..Self::default()
        }
    }

    /// A tenant with a pull-print queue of this application, shared with everybody, and that cloud printer.
    pub(super) fn with_queue(app: &str) -> Self {
        let mut world = Self::empty();
        let (virtual_printer, definition) = (id(), id());
        world.definitions.insert(
            definition.clone(),
            Definition {
                name: "Pull print".into(),
                app: app.to_owned(),
                created_by: String::new(),
            },
        );
        let queue = CloudPrinter {
            name: "Pull print".into(),
            manufacturer: "Emulated".into(),
            model: "Virtual".into(),
            registered_by: app.to_owned(),
            registered: now(0),
            accepts_jobs: Some(true),
            state: "idle",
            trigger: Some(Trigger { id: id(), definition: definition.clone() }),
            ..CloudPrinter::default()
        };
        world.printers.insert(virtual_printer.clone(), queue);
        world.shares.insert(id(), Share::new(&virtual_printer, "Pull print", true));
        world.virtual_printer = virtual_printer;
        world.first_definition = definition;
        world
    }

    /// The definition that was there at the start; empty if there was none.
    pub(super) fn definition_id(&self) -> String {
        self.first_definition.clone()
    }

    /// The virtual printer that was there at the start; empty if there was none.
    pub(super) fn virtual_printer_id(&self) -> String {
        self.virtual_printer.clone()
    }

    /// The cloud printer that has a device.
    pub(super) fn other_printer_id(&self) -> String {
        let other = self.printers.iter().find(|(_, printer)| printer.has_device);
        other.map(|(id, _)| id.clone()).unwrap_or_default()
    }

    pub(super) fn new_job_id(&mut self) -> String {
        self.next_job += 1;
        self.next_job.to_string()
    }

    /// A person prints: the job is created, uploaded and started in one.
    pub(super) fn print(
        &mut self,
        printout: Printout,
        switches: &Switches,
    ) -> Option<(String, Option<String>)> {
        self.printers.get(&printout.printer)?;
        let key = (printout.printer.clone(), self.new_job_id());
        let mut job = Job::new(printout.created_by, printout.configuration, printout.clock_ahead);
        job.title = printout.title;
        job.content_type = printout.content_type;
        job.document = Some(printout.document);
        job.hidden_until = Instant::now() + printout.hidden;
        self.jobs.insert(key.clone(), job);
        let task = self.start(&key, switches, printout.late).ok()?;
        Some((key.1, task))
    }

    /// A task as a trigger makes it.
    pub(super) fn add_task(
        &mut self,
        trigger: Trigger,
        job: JobKey,
        switches: &Switches,
        late: Duration,
    ) -> String {
        let task_id = id();
        let task = Task {
            definition: trigger.definition,
            trigger: trigger.id,
            job,
            state: switches.task_born,
            description: "The task is being processed.".to_owned(),
            ended: None,
            late_until: Instant::now() + late,
        };
        self.tasks.insert(task_id.clone(), task);
        task_id
    }

    pub(super) fn job(&mut self, key: &JobKey) -> Result<&mut Job, Refusal> {
        self.jobs.get_mut(key).ok_or(NOT_FOUND)
    }

    /// The share of a printer.
    pub(super) fn share_of(&self, printer: &str) -> Option<(&String, &Share)> {
        self.shares.iter().find(|(_, share)| share.printer == printer)
    }
}

impl Job {
    /// A job whose document has not come.
    pub(super) fn new(
        created_by: Value,
        configuration: Map<String, Value>,
        clock_ahead: i64,
    ) -> Self {
        Self {
            created: now(clock_ahead),
            born: Instant::now(),
            created_by,
            state: "paused",
            ended: None,
            configuration,
            redirected_to: None,
            redirected_from: None,
            document_id: id(),
            title: String::new(),
            content_type: String::new(),
            document: None,
            started: false,
            abort_reason: None,
            hidden_until: Instant::now(),
        }
    }
}

impl Share {
    pub(super) fn new(printer: &str, name: &str, all_users: bool) -> Self {
        Self {
            printer: printer.to_owned(),
            name: name.to_owned(),
            created: now(0),
            all_users,
            people: BTreeSet::new(),
            groups: BTreeSet::new(),
        }
    }
}

/// The cloud's time as Graph writes it.
pub(super) fn now(ahead: i64) -> String {
    format!("{:.7}", jiff::Timestamp::now() + jiff::SignedDuration::from_secs(ahead))
}

/// Somebody whom the cloud does not name.
pub(super) fn nobody() -> Value {
    json!({"id": "", "displayName": "", "userPrincipalName": "", "ipAddress": ""})
}
