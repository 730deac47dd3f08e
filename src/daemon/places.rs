//! The printers of the configuration, and the places that jobs have at them.
//!
//! It promises: a printer has at most as many of our jobs as it may, counted anew when its settings change; a printer
//! whose settings stay keeps its places over a reload, and its connection unless one of its files holds something else. Deliberately absent: what is done at a printer (`printing`).

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Duration, timeout},
};

use super::{
    access::{FilesDigest, PrinterFiles},
    deeds::Deeds,
    keys::KeyFile,
    main_loop::SharedSettings,
};
use crate::{
    document::Spooled,
    model::{
        Capabilities, JobNumber, PrinterContact, PrinterHealth, PrinterName, PrinterSettings,
        TicketRules,
        settings::{PrinterAccess, Told},
    },
    printer::{Access, PrinterAddress, PrinterClient, PrinterError, Ticket},
};

/// How long a printer may take to say how it is while somebody waits.
const GLANCE: Duration = Duration::from_secs(3);

/// A destination printer and its places.
pub(super) struct Printer {
    pub(super) client: PrinterClient,
    said: Arc<Said>,
    pub(super) places: Arc<Semaphore>,
    pub(super) settings: PrinterSettings,
    /// Of what its files held when its client was made.
    files: FilesDigest,
}

/// A job's place at a printer.
pub(super) struct Place {
    pub(super) printer: PrinterName,
    /// What was agreed; absent until the printer was asked.
    pub(super) ticket: Option<Box<Ticket>>,
    pub(super) health: PrinterHealth,
    /// Sheets that came out so far, where the printer tells.
    sheets: Option<i32>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    pub(super) fn new(printer: PrinterName, permit: OwnedSemaphorePermit) -> Self {
        Self {
            printer,
            ticket: None,
            health: PrinterHealth::default(),
            sheets: None,
            _permit: permit,
        }
    }
}

/// What a printer said last.
#[derive(Default)]
struct Said {
    /// What it can do.
    can: Mutex<Option<Arc<Capabilities>>>,
    /// Why it is not trusted; absent while it is.
    distrust: Mutex<Option<String>>,
}

impl Printer {
    fn new(
        client: PrinterClient,
        places: Arc<Semaphore>,
        settings: PrinterSettings,
        files: FilesDigest,
    ) -> Arc<Self> {
        Arc::new(Self { client, said: Arc::default(), places, settings, files })
    }

    /// The same printer, told another user.
    fn as_user(&self, user: &str) -> Self {
        Self {
            client: self.client.as_user(user),
            said: Arc::clone(&self.said),
            places: Arc::clone(&self.places),
            settings: self.settings.clone(),
            files: self.files,
        }
    }

    fn distrust(&self, why: Option<String>) {
        *self.said.distrust.lock().expect("nothing panics while it is held") = why;
    }

    /// What it can do and how it is, if it says so while somebody waits.
    pub(super) async fn glance(&self) -> Option<Arc<Capabilities>> {
        timeout(GLANCE, self.capabilities()).await.ok()?.ok()
    }

    /// What it can do and how it is, asked now. What it can do is read anew only when it says that it changed.
    pub(super) async fn capabilities(&self) -> Result<Arc<Capabilities>, PrinterError> {
        let known = self.said.can.lock().expect("nothing panics while it is held").clone();
        let told = self.client.capabilities_since(known.as_deref()).await;
        match &told {
            Err(PrinterError::Distrusted { why, .. }) => self.distrust(Some(why.clone())),
            Ok(_) => self.distrust(None),
            // One that does not answer is trusted as before.
            Err(_) => {}
        }
        let told = Arc::new(told?);
        *self.said.can.lock().expect("nothing panics while it is held") = Some(Arc::clone(&told));
        Ok(told)
    }
}

impl Deeds {
    /// Makes the printers those of the settings. A job that is under way keeps its place. Says whether a printer whose
    /// settings stay has another password, CA or certificate now.
    ///
    /// # Errors
    ///
    /// A sentence about the printer whose address or file does not read; then nothing has changed.
    pub(super) fn set_printers(&self, settings: &SharedSettings) -> Result<bool, String> {
        let (mut printers, mut other_files) = (HashMap::new(), false);
        let old = self.printers.read().expect("nothing panics while it is held").clone();
        for printer in &settings.printers {
            let in_words = |why: String| format!("printers.{}: {why}", printer.name);
            let files = PrinterFiles::read(&printer.access).map_err(in_words)?;
            let digest = files.digest();
            let same = old.get(&printer.name).filter(|old| old.settings == *printer);
            if let Some(same) = same.filter(|same| same.files == digest) {
                printers.insert(printer.name.clone(), Arc::clone(same));
                continue;
            }
            other_files |= same.is_some();
            let first_key = KeyFile::of(&settings.state_dir, &printer.name);
            let access = files.into_access(&printer.access, first_key).map_err(in_words)?;
            let client = client(&printer.contact, access).map_err(in_words)?;
            let new_places = || Arc::new(Semaphore::new(printer.jobs_at_once));
            let places = same.map_or_else(new_places, |same| Arc::clone(&same.places));
            let name = printer.name.clone();
            printers.insert(name, Printer::new(client, places, printer.clone(), digest));
        }
        *self.printers.write().expect("nothing panics while it is held") = printers;
        Ok(other_files)
    }

    pub(super) fn printer(&self, name: &PrinterName) -> Option<Arc<Printer>> {
        self.printers.read().expect("nothing panics while it is held").get(name).cloned()
    }

    /// The printers that were not trusted when they were asked last, each with the reason.
    pub(super) fn distrusted(&self) -> Vec<String> {
        let why = |printer: &Arc<Printer>| {
            let why =
                printer.said.distrust.lock().expect("nothing panics while it is held").clone();
            why.map(|why| format!("{}: {why}", printer.settings.name))
        };
        self.printers().iter().filter_map(why).collect()
    }

    /// All printers.
    pub(super) fn printers(&self) -> Vec<Arc<Printer>> {
        let printers = self.printers.read().expect("nothing panics while it is held");
        printers.values().cloned().collect()
    }

    /// A printer as an attempt spoke to it. Its address or user name may have changed since, or it may have left the
    /// configuration: then it is asked as before, so that the attempt's job is found.
    pub(super) fn printer_as(
        &self,
        name: &PrinterName,
        contact: &PrinterContact,
    ) -> Option<Arc<Printer>> {
        let now = self.printer(name);
        if let Some(printer) = now.as_ref().filter(|now| now.settings.contact.uri == contact.uri) {
            return Some(if printer.settings.contact.user_name == contact.user_name {
                Arc::clone(printer)
            } else {
                Arc::new(printer.as_user(&contact.user_name))
            });
        }
        let settings = now.as_ref().map(|printer| printer.settings.clone());
        let access = settings.as_ref().map(|settings| {
            let first_key = KeyFile::of(&self.settings().state_dir, name);
            PrinterFiles::read(&settings.access)?.into_access(&settings.access, first_key)
        });
        let client = client(contact, access.transpose().ok()?.unwrap_or_default()).ok()?;
        let unknown = || PrinterSettings {
            name: name.clone(),
            contact: contact.clone(),
            access: PrinterAccess::default(),
            jobs_at_once: 1,
            rules: TicketRules::default(),
            told: Told::default(),
        };
        let settings = settings.unwrap_or_else(unknown);
        let settings = PrinterSettings { contact: contact.clone(), ..settings };
        let places = now.map_or_else(|| Arc::new(Semaphore::new(1)), |now| Arc::clone(&now.places));
        Some(Printer::new(client, places, settings, FilesDigest::default()))
    }

    /// A job is being released or printed: it may have a place and a document.
    pub(super) fn admit(&self, job: JobNumber) {
        self.places().entry(job).or_default();
    }

    /// A job is neither being released nor printed: its place and its document go.
    pub(super) fn dismiss(&self, job: JobNumber) {
        let mut places = self.places();
        places.remove(&job);
        self.spool.forget(job);
    }

    /// Keeps a document, if its job is still being released.
    pub(super) fn keep_document(&self, job: JobNumber, document: Arc<Spooled>) {
        let places = self.places();
        if places.contains_key(&job) {
            self.spool.put(job, document);
        }
    }

    /// Gives a job its place, if it is still being released.
    pub(super) fn give_place(&self, job: JobNumber, place: Place) {
        if let Some(held) = self.places().get_mut(&job) {
            *held = Some(place);
        }
    }

    /// The printer told of sheets of a job.
    pub(super) fn note_sheets(&self, job: JobNumber, sheets: Option<i32>) {
        if let Some(Some(place)) = self.places().get_mut(&job) {
            place.sheets = sheets.or(place.sheets);
        }
    }

    /// The sheets of a job that came out so far, where it is printing and its printer tells.
    pub(super) fn sheets(&self, job: JobNumber) -> Option<i32> {
        self.places().get(&job)?.as_ref()?.sheets
    }

    pub(super) fn places(&self) -> MutexGuard<'_, HashMap<JobNumber, Option<Place>>> {
        self.places.lock().expect("nothing panics while it is held")
    }
}

/// A client of a printer as the configuration means it. First keys are kept in a folder of the state directory.
///
/// # Errors
///
/// A sentence, if its address, its CA, its key, a certificate or a password does not read.
pub fn client_of(printer: &PrinterSettings, state_dir: &Path) -> Result<PrinterClient, String> {
    client_with(printer, KeyFile::of(state_dir, &printer.name))
}

/// The same for somebody who only looks: a first key is not kept.
///
/// # Errors
///
/// As [`client_of`].
pub fn client_that_looks(
    printer: &PrinterSettings,
    state_dir: &Path,
) -> Result<PrinterClient, String> {
    client_with(printer, KeyFile::of(state_dir, &printer.name).only_read())
}

fn client_with(printer: &PrinterSettings, first_key: KeyFile) -> Result<PrinterClient, String> {
    let files = PrinterFiles::read(&printer.access)?;
    client(&printer.contact, files.into_access(&printer.access, first_key)?)
}

/// A client that speaks to a printer as the contact says.
fn client(contact: &PrinterContact, access: Access) -> Result<PrinterClient, String> {
    let address = PrinterAddress::parse(&contact.uri)?;
    PrinterClient::new(&address, &contact.user_name, &access)
}
