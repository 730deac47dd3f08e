//! The kiosk's door: connections, with or without TLS, within bounds.
//!
//! It promises: a client that is slow, or many that say nothing, keep nobody out for long. Deliberately absent: what is
//! said.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::DefaultBodyLimit, middleware};
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
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::{Kiosk, api, guard, pages};
use crate::model::kiosk::KioskSettings;

/// Screens that are open at a time: each keeps one connection for its events.
const CONNECTIONS: usize = 512;
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
    let router = router(kiosk);
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let room = Arc::clone(&rooms).acquire_owned().await.expect("it is never closed");
        let stream = match door.listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                warn!("the kiosk: {error}");
                sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let (router, tls) = (router.clone(), door.tls.clone());
        connections.spawn(async move {
            let _room = room;
            converse(stream, tls, router).await;
        });
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
