//! HTTP to one printer: one shared client, no proxy, no redirect, always a length, idle limits.
//!
//! It tells three ends of a request apart, because a second print hangs on it: never sent, lost on the way, answered.
//! Deliberately absent: IPP.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream, stream::BoxStream};
use http::{HeaderValue, StatusCode, header};
use reqwest::{Body, redirect::Policy};
use tokio::time::{Instant, sleep};
use url::Url;

use super::{
    decode::ANSWER_LIMIT,
    login::Login,
    tls::{self, ClientIdentity, KeyKeeper},
};

/// How long an answer to a request without a document may take.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// How long a document may stand still, and how long its answer may take after the last byte.
const IDLE_TIME: Duration = Duration::from_mins(1);
const IPP_PORT: u16 = 631;

/// Where a printer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterAddress {
    /// IPP "printer-uri": scheme `ipp` or `ipps`, the port always written.
    pub uri: String,
    url: Url,
}

impl PrinterAddress {
    /// Reads `ipp://host[:port]/path` or `ipps://...`; the port is 631 for both where it is not given.
    ///
    /// # Errors
    ///
    /// A sentence that says what to write.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", ""));
        let http = match scheme {
            "ipp" => "http",
            "ipps" => "https",
            _ => return Err("write it as ipp://HOST/ipp/print or ipps://HOST/ipp/print".to_owned()),
        };
        let mut url = Url::parse(&format!("{http}://{rest}")).map_err(|error| error.to_string())?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("leave user and password out of the address".to_owned());
        }
        let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
        let written =
            authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if !written {
            url.set_port(Some(IPP_PORT)).map_err(|()| "it names no host".to_owned())?;
        }
        let port = url.port_or_known_default().unwrap_or(IPP_PORT);
        let host = url.host_str().ok_or("it names no host")?;
        let uri = format!("{scheme}://{host}:{port}{}", url.path());
        Ok(Self { uri, url })
    }
}

/// A document to send: its bytes, and how many they are.
pub struct DocumentBody {
    /// The length in octets.
    pub octets: u64,
    /// The bytes.
    pub stream: BoxStream<'static, std::io::Result<Bytes>>,
}

impl std::fmt::Debug for DocumentBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentBody").field("octets", &self.octets).finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TransportError {
    /// The printer did not get the request; of a document, not the first byte.
    NotSent(String),
    /// The printer may have got the request.
    Lost(String),
    /// The printer's HTTP server answered for itself.
    Http(u16),
    /// The printer is not the one that is trusted: it got nothing.
    Distrusted(String),
}

/// How we come to a printer beside its address.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// A CA to trust beside the system's, as PEM.
    pub ca: Option<Vec<u8>>,
    /// Trust this key, and no certificate.
    pub key: Option<Arc<dyn KeyKeeper>>,
    /// Our certificate and its key, as PEM.
    pub identity: Option<Vec<u8>>,
    /// Our name and password.
    pub login: Option<Arc<Login>>,
}

/// One printer's connection.
#[derive(Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    url: Url,
    login: Option<Arc<Login>>,
}

impl Transport {
    pub(super) fn new(address: &PrinterAddress, access: &Access) -> Result<Self, String> {
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .http1_only()
            .connect_timeout(Duration::from_secs(5))
            .pool_idle_timeout(Duration::from_secs(10));
        if let Some(keeper) = &access.key {
            let identity = access.identity.as_deref().map(ClientIdentity::from_pem).transpose();
            let identity = identity.map_err(|why| format!("certificate_file: {why}"))?;
            let tls = tls::pinned(Arc::clone(keeper), identity.as_ref())?;
            builder = builder.tls_backend_preconfigured(tls);
        } else {
            if let Some(pem) = &access.ca {
                let named = |error| format!("ca_file: {}", in_words(error));
                let ca = reqwest::Certificate::from_pem_bundle(pem).map_err(named)?;
                builder = builder.tls_certs_merge(ca);
            }
            if let Some(pem) = &access.identity {
                let identity = reqwest::Identity::from_pem(pem);
                let named = |error| format!("certificate_file: {}", in_words(error));
                builder = builder.identity(identity.map_err(named)?);
            }
        }
        let http = builder.build().map_err(in_words)?;
        // A password never goes in the clear, whatever address an older attempt had.
        let login = access.login.clone().filter(|_| address.url.scheme() == "https");
        Ok(Self { http, url: address.url.clone(), login })
    }

    /// Sends a request without a document; once more where the printer asks who we are.
    pub(super) async fn exchange(&self, request: Bytes) -> Result<Bytes, TransportError> {
        let first = self.login_answer();
        let response = self.ask(request.clone(), first.as_deref()).await?;
        if self.asked_for_login(&response, first.is_some())
            && let Some(answer) = self.login_answer()
        {
            return read(self.ask(request, Some(&answer)).await?).await;
        }
        read(response).await
    }

    async fn ask(
        &self,
        request: Bytes,
        login: Option<&str>,
    ) -> Result<reqwest::Response, TransportError> {
        let post = self.post(Body::from(request), login);
        post.timeout(ANSWER_TIME).send().await.map_err(classify)
    }

    fn login_answer(&self) -> Option<String> {
        self.login.as_ref().and_then(|login| login.answer(self.url.path()))
    }

    fn asked_for_login(&self, response: &reqwest::Response, answered: bool) -> bool {
        response.status() == StatusCode::UNAUTHORIZED
            && self.login.as_ref().is_some_and(|login| login.asked(response.headers(), answered))
    }

    /// Sends a request with a document. `NotSent` means that no byte of the document left. The second value says
    /// whether all of its bytes did.
    pub(super) async fn exchange_with_document(
        &self,
        request: Bytes,
        document: DocumentBody,
    ) -> (Result<Bytes, TransportError>, u64) {
        let watch = Arc::new(Watch::new());
        let octets = document.octets;
        let length = request.len() as u64 + octets;
        let head = stream::once(async move { Ok(request) });
        let body = Body::wrap_stream(head.chain(watched(document.stream, Arc::clone(&watch))));
        let answer = async {
            let answered = self.login_answer();
            let post = self.post(body, answered.as_deref());
            let sent = post.header(header::CONTENT_LENGTH, length).send().await;
            let response = sent.map_err(classify)?;
            // The body is gone: what the printer asks now is answered with the next request.
            self.asked_for_login(&response, answered.is_some());
            read(response).await
        };
        let idle =
            || TransportError::Lost(format!("nothing moved for {} seconds", IDLE_TIME.as_secs()));
        let answer = tokio::select! {
            answer = answer => answer,
            () = watch.idle() => Err(idle()),
        };
        let gone = watch.octets();
        let answer = match answer {
            Err(TransportError::Lost(why)) if gone == 0 => Err(TransportError::NotSent(why)),
            answer => answer,
        };
        (answer, gone)
    }

    fn post(&self, body: Body, login: Option<&str>) -> reqwest::RequestBuilder {
        let post = self.http.post(self.url.clone());
        let post = post.header(header::CONTENT_TYPE, "application/ipp").body(body);
        match login.and_then(|login| HeaderValue::from_str(login).ok()) {
            Some(mut login) => {
                login.set_sensitive(true);
                post.header(header::AUTHORIZATION, login)
            }
            None => post,
        }
    }
}

fn classify(error: reqwest::Error) -> TransportError {
    if let Some(why) = tls::distrust(&error) {
        return TransportError::Distrusted(why);
    }
    let connect = error.is_connect() || error.is_builder();
    let why = in_words(error);
    if connect { TransportError::NotSent(why) } else { TransportError::Lost(why) }
}

/// An error with its causes, and without the address.
fn in_words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut why = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        why = format!("{why}: {error}");
        cause = error.source();
    }
    why
}

async fn read(mut response: reqwest::Response) -> Result<Bytes, TransportError> {
    let status = response.status();
    if !status.is_success() {
        return Err(TransportError::Http(status.as_u16()));
    }
    let mut body = BytesMut::new();
    let lost = |error: reqwest::Error| TransportError::Lost(error.without_url().to_string());
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > ANSWER_LIMIT {
            return Err(TransportError::Lost("the answer has no end".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Sees the bytes of a document go by.
struct Watch {
    begun: Instant,
    octets: AtomicU64,
    moved_ms: AtomicU64,
}

impl Watch {
    fn new() -> Self {
        Self { begun: Instant::now(), octets: AtomicU64::new(0), moved_ms: AtomicU64::new(0) }
    }

    /// How many octets of the document have left.
    fn octets(&self) -> u64 {
        self.octets.load(Ordering::Acquire)
    }

    fn moved(&self, octets: usize) {
        self.octets.fetch_add(octets as u64, Ordering::AcqRel);
        let elapsed = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved_ms.store(elapsed, Ordering::Release);
    }

    /// Ends when nothing moved for too long.
    async fn idle(&self) {
        loop {
            let due = Duration::from_millis(self.moved_ms.load(Ordering::Acquire)) + IDLE_TIME;
            let left = due.saturating_sub(self.begun.elapsed());
            if left.is_zero() {
                return;
            }
            sleep(left).await;
        }
    }
}

fn watched(
    document: BoxStream<'static, std::io::Result<Bytes>>,
    watch: Arc<Watch>,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
    document.inspect(move |chunk| watch.moved(chunk.as_ref().map_or(0, Bytes::len)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_631_for_both_schemes_and_always_written() {
        for (text, uri, url) in [
            (
                "ipp://printer.example/ipp/print",
                "ipp://printer.example:631/ipp/print",
                "http://printer.example:631/ipp/print",
            ),
            (
                "ipps://printer.example/ipp/print",
                "ipps://printer.example:631/ipp/print",
                "https://printer.example:631/ipp/print",
            ),
            (
                "ipp://printer.example:80/x",
                "ipp://printer.example:80/x",
                "http://printer.example/x",
            ),
            (
                "ipp://[::1]:8631/ipp/print",
                "ipp://[::1]:8631/ipp/print",
                "http://[::1]:8631/ipp/print",
            ),
            ("ipp://[::1]/ipp/print", "ipp://[::1]:631/ipp/print", "http://[::1]:631/ipp/print"),
        ] {
            let address = PrinterAddress::parse(text).unwrap();
            assert_eq!((address.uri.as_str(), address.url.as_str()), (uri, url));
        }
    }

    #[test]
    fn an_address_that_is_none_is_answered_with_what_to_write() {
        for text in
            ["printer", "http://printer/ipp", "ipp://", "ipp://user:secret@printer/ipp/print"]
        {
            assert!(PrinterAddress::parse(text).is_err(), "{text}");
        }
    }
}
