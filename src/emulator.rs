//! A small Universal Print for tests and try-outs: sign-in, Graph, document storage, and IPP printers.
//!
//! It is faithful in ownership, permissions and states, and by default unkind: it answers late, twice or not at all, by
//! a seed that it prints. Loopback only; it keeps nothing but what its printers print.
//!
//! Deliberately absent: any import of the rest of the program. A wrong field name would be wrong on both sides and pass.

mod attributes;
mod calls;
mod definitions;
mod door;
mod faults;
mod http;
mod identity;
mod ipp_server;
mod jobs;
mod models;
mod odata;
mod people;
mod permissions;
mod printer;
mod printers;
mod record;
mod render;
mod routes;
mod rules;
mod shares;
mod sign_in;
mod sign_in_pages;
mod switches;
mod uploads;
mod users;
mod world;

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{net::TcpListener, task::JoinHandle};

use faults::Faults;
use identity::Identity;
use printer::Printer;
use record::Recorder;
use sign_in::SignIns;
use switches::Switches;
use world::World;

/// How the emulator behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it writes its CA, credentials and printed documents. Made where it is missing.
    pub directory: PathBuf,
    /// The names of its printers, each with its model behind an equals sign if it is not an `office` printer.
    pub printers: Vec<String>,
    /// No queue and no definition yet: a tenant before its set-up.
    pub empty: bool,
    /// No faults but those that the control door asks for.
    pub calm: bool,
    /// What the faults are drawn from.
    pub seed: u64,
    /// Faults at the printers too, when it is not calm.
    pub printer_faults: bool,
    /// Where each exchange is written as a JSON line.
    pub record: Option<PathBuf>,
    /// How long a document prints.
    pub print_time: Duration,
    /// Switches that are turned from their first position: name and position.
    pub switches: Vec<(String, String)>,
}

/// A running emulator. Dropping it ends it.
#[derive(Debug)]
pub struct Emulator {
    /// Graph and sign-in origin, `https://127.0.0.1:PORT`.
    pub graph: String,
    /// The control door, `http://127.0.0.1:PORT`.
    pub door: String,
    /// The printers: name and `ipp://` address.
    pub printers: Vec<(String, String)>,
    /// Its CA, as PEM, in a file.
    pub ca_file: PathBuf,
    /// The application's secret, in a file.
    pub secret_file: PathBuf,
    /// A token of another issuer that stands for the application, in a file.
    pub federated_token_file: PathBuf,
    /// The application's certificate and RSA key, PEM, in one file.
    pub certificate_file: PathBuf,
    /// The directory's id.
    pub tenant: String,
    /// The application's id.
    pub client_id: String,
    /// The task definition's id.
    pub task_definition: String,
    /// The id of the virtual printer that people print to.
    pub source_printer: String,
    /// The id of a cloud printer that jobs can be redirected to.
    pub cloud_printer: String,
    /// Where printed documents are kept: one folder a printer.
    pub printed: PathBuf,
    servers: Vec<JoinHandle<()>>,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

/// Counts the lists of jobs in the present second.
#[derive(Default)]
struct ListMeter(Mutex<(u64, u32)>);

impl ListMeter {
    /// Whether one more is answered in this second.
    fn admits(&self, most: u32) -> bool {
        let second = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
        let mut seen = self.0.lock().expect("nothing panics while it is held");
        if seen.0 != second {
            *seen = (second, 0);
        }
        seen.1 += 1;
        seen.1 <= most
    }
}

/// What all servers share.
struct Shared {
    identity: Identity,
    faults: Faults,
    recorder: Recorder,
    world: Mutex<World>,
    switches: Mutex<Switches>,
    sign_ins: SignIns,
    lists: ListMeter,
    printers: Vec<Arc<Printer>>,
    graph_origin: String,
    storage_origin: String,
}

impl Shared {
    fn switches(&self) -> Switches {
        self.switches.lock().expect("nothing panics while it is held").clone()
    }
}

/// Starts an emulator on free loopback ports.
///
/// # Errors
///
/// What the system says of ports and files.
pub async fn start(options: Options) -> io::Result<Emulator> {
    std::fs::create_dir_all(&options.directory)?;
    let identity = Identity::new().map_err(io::Error::other)?;
    let tls = identity.acceptor().map_err(io::Error::other)?;
    let [graph, storage, door, ipp] =
        [listen().await?, listen().await?, listen().await?, listen().await?];
    let origin =
        |listener: &TcpListener| Ok::<_, io::Error>(format!("https://{}", listener.local_addr()?));
    let (graph_origin, storage_origin) = (origin(&graph)?, origin(&storage)?);
    let ipp_address: SocketAddr = ipp.local_addr()?;
    let printed = options.directory.join("printed");
    let faults = Faults::new(options.seed, options.calm, options.printer_faults);
    let mut printers = Vec::new();
    for printer in &options.printers {
        let (name, model) = printer.split_once('=').unwrap_or((printer, "office"));
        let model = models::find(model)
            .ok_or_else(|| io::Error::other(format!("there is no printer model \"{model}\"")))?;
        printers.push(Arc::new(Printer::new(name, model, &printed, options.print_time)?));
    }
    let mut switches = Switches::default();
    for (name, position) in &options.switches {
        let turned = switches.turn(name, position);
        turned.ok_or_else(|| {
            io::Error::other(format!(
                "there is no switch \"{name}\" with a position \"{position}\""
            ))
        })?;
    }
    let world = if options.empty { World::empty() } else { World::with_queue(&identity.client_id) };
    let emulator = Emulator {
        graph: graph_origin.clone(),
        door: format!("http://{}", door.local_addr()?),
        printers: printers
            .iter()
            .map(|printer| {
                (printer.name.clone(), format!("ipp://{ipp_address}/ipp/print/{}", printer.name))
            })
            .collect(),
        ca_file: write(&options.directory, "ca.pem", &identity.ca_pem)?,
        secret_file: write(&options.directory, "client-secret", &identity.secret)?,
        federated_token_file: write(
            &options.directory,
            "federated-token",
            &identity.federated_token,
        )?,
        certificate_file: write(&options.directory, "client.pem", &identity.certificate_pem)?,
        tenant: identity.tenant.clone(),
        client_id: identity.client_id.clone(),
        task_definition: world.definition_id(),
        source_printer: world.virtual_printer_id(),
        cloud_printer: world.other_printer_id(),
        printed,
        servers: Vec::new(),
    };
    let shared = Arc::new(Shared {
        identity,
        faults,
        recorder: Recorder::new(options.record.as_deref())?,
        world: Mutex::new(world),
        switches: Mutex::new(switches),
        sign_ins: SignIns::default(),
        lists: ListMeter::default(),
        printers,
        graph_origin,
        storage_origin,
    });
    Ok(serve_all(emulator, shared, tls, graph, storage, door, ipp))
}

fn serve_all(
    mut emulator: Emulator,
    shared: Arc<Shared>,
    tls: tokio_rustls::TlsAcceptor,
    graph: TcpListener,
    storage: TcpListener,
    door: TcpListener,
    ipp: TcpListener,
) -> Emulator {
    let tls = Some(tls);
    emulator.servers = vec![
        tokio::spawn(http::serve(graph, tls.clone(), Arc::clone(&shared), calls::answer)),
        tokio::spawn(http::serve(storage, tls, Arc::clone(&shared), calls::storage)),
        tokio::spawn(http::serve(door, None, Arc::clone(&shared), door::answer)),
        tokio::spawn(http::serve(ipp, None, shared, ipp_server::answer)),
    ];
    emulator
}

async fn listen() -> io::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0").await
}

fn write(directory: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    let path = directory.join(name);
    std::fs::write(&path, text)?;
    Ok(path)
}

impl Emulator {
    /// A configuration for a daemon with this cloud and these printers, its state in `state_dir`.
    pub fn configuration(&self, state_dir: &Path) -> String {
        let mut text = format!(
            "state_dir = {:?}\nvolatile_state = true\n\n[cloud]\ntenant = {:?}\nclient_id = {:?}\nclient_secret_file = {:?}\n\
             environment = \"custom\"\nauthority = {:?}\ngraph = {:?}\nca_file = {:?}\npoll_interval = \"1s\"\n",
            state_dir.display().to_string(),
            self.tenant,
            self.client_id,
            self.secret_file.display().to_string(),
            self.graph,
            self.graph,
            self.ca_file.display().to_string(),
        );
        if !self.task_definition.is_empty() {
            text.push_str(&format!(
                "task_definition = {:?}\n\n[queues.main]\nsource_printer = {:?}\n",
                self.task_definition, self.source_printer
            ));
        }
        for (name, uri) in &self.printers {
            text.push_str(&format!("\n[printers.{name}]\nuri = {uri:?}\n"));
        }
        text
    }
}
