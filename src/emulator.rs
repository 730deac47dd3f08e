//! A small Universal Print for tests and try-outs: sign-in, Graph, document storage, and IPP printers.
//!
//! It is faithful in ownership, permissions and states, and by default unkind: it answers late, twice or not at all, by
//! a seed that it prints. Loopback only; it keeps nothing but what its printers print.
//!
//! Deliberately absent: any import of the rest of the program. A wrong field name would be wrong on both sides and pass.

mod calls;
mod door;
mod faults;
mod http;
mod identity;
mod ipp_server;
mod printer;
mod record;
mod render;
mod routes;
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
use world::World;

/// How the emulator behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it writes its CA, credentials and printed documents. Made where it is missing.
    pub directory: PathBuf,
    /// The names of its printers.
    pub printers: Vec<String>,
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
    /// The most items of a page of a list.
    pub page_size: usize,
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

/// What all servers share.
struct Shared {
    identity: Identity,
    faults: Faults,
    recorder: Recorder,
    world: Mutex<World>,
    printers: Vec<Arc<Printer>>,
    graph_origin: String,
    storage_origin: String,
    page_size: usize,
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
    for name in &options.printers {
        printers.push(Arc::new(Printer::new(name, &printed, options.print_time)?));
    }
    let world = World::new(identity.client_id.clone());
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
        printers,
        graph_origin,
        storage_origin,
        page_size: options.page_size.max(1),
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
             task_definition = {:?}\nauthority = {:?}\ngraph = {:?}\nca_file = {:?}\npoll_interval = \"1s\"\n\n\
             [queues.main]\nsource_printer = {:?}\n",
            state_dir.display().to_string(),
            self.tenant,
            self.client_id,
            self.secret_file.display().to_string(),
            self.task_definition,
            self.graph,
            self.graph,
            self.ca_file.display().to_string(),
            self.source_printer,
        );
        for (name, uri) in &self.printers {
            text.push_str(&format!("\n[printers.{name}]\nuri = {uri:?}\n"));
        }
        text
    }
}
