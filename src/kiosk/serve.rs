//! The kiosk's door: connections, with or without TLS, within bounds.
//!
//! It promises: a client that is slow, or many from one address that say nothing or read nothing, keep nobody else out for
//! long. Programs of this machine are not counted: all its screens are one address. Deliberately absent: what is said.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Extension, Router,
    extract::{ConnectInfo, DefaultBodyLimit},
    middleware,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::{Kiosk, api, guard, pages};
use crate::model::kiosk::KioskSettings;

/// Connections at a time: each screen keeps one for its events.
const CONNECTIONS: usize = 512;
/// Connections of one other machine.
const CONNECTIONS_OF_ONE: usize = 32;
/// How long an answer may wait for a client that does not read.
const WRITE_TIME: Duration = Duration::from_secs(20);
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
const HEADER_TIME: Duration = Duration::from_secs(10);
const LARGEST_REQUEST: usize = 64 * 1024;

/// A place that is listened at.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
}

impl Door {
    /// Listens as the settings say.
    ///
    /// # Errors
    ///
    /// The system's, or that certificate and key do not read or do not fit.
    pub async fn open(settings: &KioskSettings) -> io::Result<Self> {
        let tls = match &settings.tls {
            None => None,
            Some((certificate, key)) => {
                let chain = CertificateDer::pem_file_iter(certificate).map_err(io::Error::other)?;
                let chain = chain.collect::<Result<Vec<_>, _>>().map_err(io::Error::other)?;
                let key = PrivateKeyDer::from_pem_file(key).map_err(io::Error::other)?;
                let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
                let config = ServerConfig::builder_with_provider(provider)
                    .with_safe_default_protocol_versions()
                    .map_err(io::Error::other)?
                    .with_no_client_auth()
                    .with_single_cert(chain, key)
                    .map_err(io::Error::other)?;
                Some(Arc::new(config))
            }
        };
        Ok(Self { listener: TcpListener::bind(settings.listen).await?, tls })
    }

    /// Where it is: the port is the system's choice where the settings name none.
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("it is bound")
    }
}

/// Serves screens until it is dropped.
pub async fn serve(door: Door, kiosk: Arc<Kiosk>) {
    let rooms = Arc::new(Semaphore::new(CONNECTIONS));
    let (router, guests) = (router(kiosk), Guests::default());
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let room = Arc::clone(&rooms).acquire_owned().await.expect("it is never closed");
        let (stream, peer) = match door.listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(id = "kiosk-not-accepting", "the kiosk: {error}");
                sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let Some(guest) = guests.let_in(peer.ip()) else { continue };
        let (router, tls) = (router.clone(), door.tls.clone());
        let router = router.layer(Extension(ConnectInfo(peer)));
        connections.spawn(async move {
            let _places = (room, guest);
            converse(stream, tls, router).await;
        });
    }
}

/// How many connections each other machine has.
#[derive(Clone, Debug, Default)]
struct Guests(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection that is counted as long as it lasts.
struct Guest {
    guests: Guests,
    address: IpAddr,
}

impl Guests {
    /// Counts a connection; nothing if its machine has enough of them.
    fn let_in(&self, address: IpAddr) -> Option<Guest> {
        let mut counts = self.0.lock().expect("nothing panics while it is held");
        let count = counts.entry(address).or_default();
        if *count >= CONNECTIONS_OF_ONE && !address.to_canonical().is_loopback() {
            return None;
        }
        *count += 1;
        Some(Guest { guests: self.clone(), address })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut counts = self.guests.0.lock().expect("nothing panics while it is held");
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

fn router(kiosk: Arc<Kiosk>) -> Router {
    let (api, _) = api::routes().split_for_parts();
    pages::routes()
        .merge(api)
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .layer(middleware::from_fn_with_state(Arc::clone(&kiosk), guard::guard))
        .with_state(kiosk)
}

async fn converse(stream: TcpStream, tls: Option<Arc<ServerConfig>>, router: Router) {
    // An answer of a few bytes must not wait for more of them.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIME));
    let stream = Box::pin(stream);
    match tls {
        None => answer(stream, router).await,
        Some(tls) => match timeout(HANDSHAKE_TIME, TlsAcceptor::from(tls).accept(stream)).await {
            Ok(Ok(stream)) => answer(stream, router).await,
            Ok(Err(error)) => debug!("a screen's handshake: {error}"),
            Err(_) => debug!("a screen's handshake took too long"),
        },
    }
}

async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin, router: Router) {
    let service = TowerToHyperService::new(router);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
    // A screen that goes away in mid-answer is no trouble of ours.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_machine_can_not_take_all_places_and_gets_its_own_back() {
        let guests = Guests::default();
        let (one, other) = (IpAddr::from([10, 0, 0, 5]), IpAddr::from([10, 0, 0, 6]));
        let mut inside: Vec<Guest> = std::iter::from_fn(|| guests.let_in(one)).collect();
        assert_eq!(inside.len(), CONNECTIONS_OF_ONE);
        assert!(guests.let_in(other).is_some());
        inside.pop();
        assert!(guests.let_in(one).is_some());
        drop(inside);
        assert!(guests.0.lock().unwrap().is_empty());
        let here = IpAddr::from([127, 0, 0, 1]);
        let screens: Vec<Option<Guest>> = (0..100).map(|_| guests.let_in(here)).collect();
        assert!(screens.iter().all(Option::is_some));
    }
}
