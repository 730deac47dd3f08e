//! Start and stop: everything is opened in order, and closed by leaving.
//!
//! Deliberately absent: exit codes (the command line's).

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
};

use thiserror::Error;
use tokio::{
    net::{TcpListener, UnixListener},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::sleep,
};
use tracing::{error, info, warn};
use zeroize::Zeroizing;

use super::{
    Wake, ahead,
    badges::{Badges, read_key, read_or_make_key},
    clock::Clock,
    cloud,
    control::{self, Control},
    deeds::Deeds,
    desk::DaemonDesk,
    directory::Directory,
    forgetting::Forgetting,
    health::{self, Health, Trouble},
    main_loop::{MainLoop, PASSING_WAIT, SharedSettings},
    observe::{self, Observed},
    offers,
    poller::Poller,
    reload,
    runner::Runner,
    slips::Slips,
    stations::Stations,
    tap::Taps,
};
use crate::{
    config::Settings,
    document::{Spool, SpoolLimits},
    journal::{
        Installation, Journal, JournalError, Origin, lock, place, reader::JournalReader,
        sqlite::SqliteJournal,
    },
    kiosk::{self, Door, Kiosk},
    telemetry::{metrics::Metrics, notify::ServiceManager},
};

/// How many wakes may wait for the loop.
const WAKES: usize = 1_024;

/// Why the daemon did not start, or stopped by itself.
#[derive(Debug, Error)]
pub enum RunError {
    /// A setting can not be used.
    #[error("{0}")]
    Config(String),
    /// The journal can not be used, or failed. The daemon is better dead than double.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Something else of the system.
    #[error("{step}: {source}")]
    System {
        /// What was being done.
        step: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Counts the requests to stop: the first asks, the second insists.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<u32>);

impl Shutdown {
    /// A shutdown and the counter that asks for it.
    pub fn new() -> (watch::Sender<u32>, Self) {
        let (sender, receiver) = watch::channel(0);
        (sender, Self(receiver))
    }

    /// Waits until a stop is asked for, or nobody can ask any more.
    pub(super) async fn asked(&mut self) {
        let _ = self.0.wait_for(|asked| *asked >= 1).await;
    }

    /// Whether a stop was asked for.
    pub(super) fn is_asked(&self) -> bool {
        *self.0.borrow() >= 1
    }

    /// Waits until a stop is asked for a second time.
    pub(super) async fn asked_again(&mut self) {
        if self.0.wait_for(|asked| *asked >= 2).await.is_err() {
            std::future::pending().await
        }
    }
}

/// Runs the daemon until it is asked to stop.
///
/// `file` is read again when `reload` changes; `launcher` is this binary, which becomes the converters' children.
///
/// # Errors
///
/// [`RunError`].
pub async fn run(
    settings: Settings,
    file: PathBuf,
    launcher: PathBuf,
    mut shutdown: Shutdown,
    reload: watch::Receiver<u32>,
) -> Result<(), RunError> {
    let state_dir = settings.state_dir.clone();
    std::fs::create_dir_all(&state_dir)
        .map_err(system(format!("make state_dir {}", state_dir.display())))?;
    let health = Arc::new(Health::new());
    let service_manager = ServiceManager::of_environment();
    check_state_dir(&settings, &health)?;
    let lock = lock::take(&state_dir)?;
    place::refuse_marked(&state_dir)?;
    let Some((mut journal, installation)) =
        open(&state_dir, &health, service_manager, &mut shutdown).await?
    else {
        return Ok(());
    };
    let (last_number, last_entry) = journal.last().await?;
    let (wakes, inbox) = mpsc::channel(WAKES);
    let metrics = Arc::new(Metrics::default());
    let graph = cloud::client(&settings.cloud).map_err(RunError::Config)?;
    let graph = graph.counted_in(Arc::clone(&metrics));
    let spool = spool(&settings).map_err(system("make the spool"))?;
    let listener = control::listen(&settings.control)
        .map_err(system(format!("listen at {}", settings.control.socket.display())))?;
    info!(state_dir = %state_dir.display(), socket = %settings.control.socket.display(), "started");

    let settings: Arc<RwLock<SharedSettings>> = Arc::new(RwLock::new(Arc::new(settings)));
    let deeds =
        Deeds::new(graph, Arc::clone(&settings), spool, launcher, installation, &lock::host());
    let deeds = Arc::new(deeds.map_err(RunError::Config)?);
    let badges = badges(&deeds, &state_dir, &wakes)?;
    let shared = Shared { state_dir, deeds, badges, health, metrics, wakes };
    let mut workers = shared.open_doors().await?;
    workers.extend(shared.keep_up(listener, service_manager, &settings));
    let reload = reload::follow(reload, file, Arc::clone(&settings), Arc::clone(&shared.deeds));
    workers.push(tokio::spawn(reload));
    let main_loop = MainLoop {
        journal,
        runner: Runner::new(Arc::clone(&shared.deeds), settings, shared.wakes.clone()),
        inbox,
        last_number,
        lock,
        clock: Clock::new(last_entry),
        stamped: false,
        health: shared.health,
        service_manager,
        metrics: shared.metrics,
        shutdown: shutdown.clone(),
    };
    let result = main_loop.run(&mut shutdown).await;
    workers.iter().for_each(JoinHandle::abort);
    if let Err(error) = &result {
        error!(id = "journal-failed", "{error}");
    }
    result.map_err(RunError::from)
}

fn system(step: impl Into<String>) -> impl FnOnce(io::Error) -> RunError {
    |source| RunError::System { step: step.into(), source }
}

/// What the daemon's workers share.
struct Shared {
    state_dir: PathBuf,
    deeds: Arc<Deeds>,
    badges: Arc<Badges>,
    health: Arc<Health>,
    metrics: Arc<Metrics>,
    wakes: mpsc::Sender<Wake>,
}

impl Shared {
    fn reader(&self) -> JournalReader {
        JournalReader::new(&self.state_dir)
    }

    /// Readers, screens and monitoring, where the configuration has them.
    async fn open_doors(&self) -> Result<Vec<JoinHandle<()>>, RunError> {
        let kiosk = self.open_kiosk().await?;
        let stations = Stations::new(
            Arc::clone(&self.deeds),
            Arc::clone(&self.badges),
            Arc::clone(&self.health),
            Taps::new(Arc::clone(&self.deeds), self.reader(), self.wakes.clone()),
            Slips::new(Arc::clone(&self.deeds), Arc::clone(&self.badges)),
            kiosk.as_ref().map(|(kiosk, _)| Arc::clone(kiosk)),
        );
        let mut workers = stations.open().map_err(RunError::Config)?;
        workers.extend(self.open_monitoring().await?);
        workers.extend(kiosk.map(|(kiosk, door)| tokio::spawn(kiosk::serve(door, kiosk))));
        Ok(workers)
    }

    /// The kiosk and its door, where there are screens.
    async fn open_kiosk(&self) -> Result<Option<(Arc<Kiosk>, Door)>, RunError> {
        let Some(settings) = self.deeds.settings().kiosk.clone() else { return Ok(None) };
        let read = |file: &PathBuf| {
            let secret = std::fs::read_to_string(file).map(Zeroizing::new);
            secret.map_err(system(format!("read {}", file.display())))
        };
        let secret = settings.secret_file.as_ref().map(read).transpose()?;
        let administrators = settings.administrator_secret_file.as_ref().map(read).transpose()?;
        let door = Door::open(&settings).await;
        let door = door.map_err(system(format!("open the kiosk at {}", settings.listen)))?;
        info!(address = %door.address(), "the kiosk is open");
        let (deeds, badges) = (Arc::clone(&self.deeds), Arc::clone(&self.badges));
        let health = Arc::clone(&self.health);
        let desk = DaemonDesk::new(deeds, self.reader(), badges, health, self.wakes.clone());
        let secrets =
            [&secret, &administrators].map(|secret| secret.as_ref().map(|one| one.as_str()));
        Ok(Some((Kiosk::new(Arc::new(desk), settings, secrets), door)))
    }

    async fn open_monitoring(&self) -> Result<Option<JoinHandle<()>>, RunError> {
        let Some(address) = self.deeds.settings().observe else { return Ok(None) };
        let listener = TcpListener::bind(address)
            .await
            .map_err(system(format!("listen for monitoring at {address}")))?;
        let bound = listener.local_addr().map_or_else(|_| address.to_string(), |at| at.to_string());
        info!(address = bound, "monitoring is answered");
        let observed = Observed {
            metrics: Arc::clone(&self.metrics),
            health: Arc::clone(&self.health),
            deeds: Arc::clone(&self.deeds),
            journal: self.reader(),
            printers: Arc::default(),
        };
        Ok(Some(tokio::spawn(observe::serve(listener, observed))))
    }

    /// What goes on beside the loop: commands are answered, and what others hold is looked at again and again.
    fn keep_up(
        &self,
        listener: UnixListener,
        service_manager: ServiceManager,
        settings: &Arc<RwLock<SharedSettings>>,
    ) -> Vec<JoinHandle<()>> {
        let (deeds, health) = (|| Arc::clone(&self.deeds), || Arc::clone(&self.health));
        let forgetting =
            Arc::new(Forgetting::new(Arc::clone(&self.badges), deeds(), &self.state_dir));
        let control = Control {
            reader: self.reader(),
            deeds: deeds(),
            badges: Arc::clone(&self.badges),
            forgetting: Arc::clone(&forgetting),
            health: health(),
            wakes: self.wakes.clone(),
        };
        let poller = Poller::new(deeds(), Arc::clone(settings), self.wakes.clone(), self.reader());
        vec![
            tokio::spawn(control.serve(listener)),
            tokio::spawn(forgetting.keep()),
            tokio::spawn(health::watch(service_manager, health(), deeds(), self.reader())),
            tokio::spawn(poller.run()),
            tokio::spawn(ahead::keep(deeds())),
            tokio::spawn(offers::keep(deeds(), Arc::clone(settings))),
        ]
    }
}

/// Badges, under the key of this installation.
fn badges(
    deeds: &Arc<Deeds>,
    state_dir: &Path,
    wakes: &mpsc::Sender<Wake>,
) -> Result<Arc<Badges>, RunError> {
    let settings = deeds.settings();
    let own = state_dir.join("badge-key");
    // One that was named and is not there is a mistake: a new one would know no badge.
    let (file, key) = match &settings.badge_key_file {
        Some(file) => (file, read_key(file)),
        None => (&own, read_or_make_key(&own)),
    };
    let key = key.map_err(system(format!("read the key of the badges {}", file.display())))?;
    let directory = settings.directory.clone();
    let directory = directory.map(|settings| Directory::new(Arc::clone(deeds), settings));
    let journal = JournalReader::new(state_dir);
    Ok(Arc::new(Badges::new(key, journal, wakes.clone(), directory)))
}

/// A directory that forgets is refused, unless the configuration says otherwise; then health says so.
fn check_state_dir(settings: &Settings, health: &Health) -> Result<(), JournalError> {
    match place::refuse_volatile(&settings.state_dir) {
        Err(error @ JournalError::Volatile { .. }) if settings.volatile_state => {
            let sentence = format!("{error} (volatile_state is true)");
            health.set(Trouble::VolatileState, Some(sentence));
            Ok(())
        }
        result => result,
    }
}

/// The journal and who keeps it. A full disk is waited for; nothing if a stop was asked for meanwhile.
async fn open(
    state_dir: &Path,
    health: &Health,
    service_manager: ServiceManager,
    shutdown: &mut Shutdown,
) -> Result<Option<(SqliteJournal, Installation)>, JournalError> {
    loop {
        let opened = async {
            let mut journal = SqliteJournal::open(state_dir).await?;
            let mut installation = journal.installation(&fresh_number()).await?;
            if installation.origin == Origin::Copied {
                warn!(
                    id = "journal-copied",
                    "the journal was copied here: what could have been printed since waits for a person"
                );
                journal.begin_era().await?;
                let origin = installation.origin;
                installation = Installation { origin, ..journal.installation("").await? };
            }
            installation.stamps = format!("{} {}", installation.stamps, fresh_number());
            journal.begin_start(&installation.stamps).await?;
            Ok((journal, installation))
        };
        match opened.await {
            Ok(opened) => {
                health.set(Trouble::JournalWaits, None);
                return Ok(Some(opened));
            }
            Err(error) if JournalError::passes(&error) => {
                health.set(Trouble::JournalWaits, Some(error.to_string()));
                service_manager.waits(&error.to_string(), 4 * PASSING_WAIT);
            }
            Err(error) => return Err(error),
        }
        tokio::select! {
            () = sleep(PASSING_WAIT) => {}
            () = shutdown.asked() => return Ok(None),
        }
    }
}

/// Eight hexadecimal digits: enough to tell our tokens at a printer from another box's, and a start from another.
fn fresh_number() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..8].to_owned()
}

fn spool(settings: &Settings) -> io::Result<Spool> {
    let directory: &Path = &settings.state_dir.join("spool");
    std::fs::create_dir_all(directory)?;
    let [memory_document, memory, disk, document] = settings.spool;
    Ok(Spool::new(directory, SpoolLimits { memory_document, memory, disk, document }))
}
