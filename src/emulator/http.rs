//! One small HTTP server for all: TLS or not, answers that can be cut, connections that can be dropped.

use std::{future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, Full, Limited, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response,
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::Shared;

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(super) type Body = UnsyncBoxBody<Bytes, BoxError>;
/// An error drops the connection without an answer.
pub(super) type Answer = Result<Response<Body>, BoxError>;

/// Serves until it is dropped.
pub(super) async fn serve<F, Fut>(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    handle: F,
) where
    F: Fn(Arc<Shared>, Request<Incoming>) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send + 'static,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            match tls {
                None => connection(stream, shared, handle).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        connection(stream, shared, handle).await;
                    }
                }
            }
        });
    }
}

async fn connection<S, F, Fut>(stream: S, shared: Arc<Shared>, handle: F)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(Arc<Shared>, Request<Incoming>) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send + 'static,
{
    let service = service_fn(move |request| handle(Arc::clone(&shared), request));
    // A client that goes away is no event here.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// A whole request body of at most sixteen mebibytes.
pub(super) async fn whole(body: Incoming) -> Result<Bytes, BoxError> {
    Ok(Limited::new(body, 16 * 1024 * 1024).collect().await?.to_bytes())
}

/// An answer with these bytes.
pub(super) fn bytes(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response<Body> {
    let body = Full::new(body.into()).map_err(|never| match never {}).boxed_unsync();
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(body)
        .expect("its parts are well formed")
}

/// An answer with this JSON.
pub(super) fn json(status: u16, body: &Value) -> Response<Body> {
    bytes(status, "application/json", body.to_string())
}

/// An answer that breaks off after `n` bytes of the body, with the whole length announced.
pub(super) fn cut(content_type: &str, body: &Bytes, n: usize) -> Response<Body> {
    let part = body.slice(..n.min(body.len()));
    let broken: BoxError = "cut".into();
    let frames = stream::iter([Ok(Frame::data(part)), Err(broken)]);
    Response::builder()
        .status(200)
        .header("content-type", content_type)
        .header("content-length", body.len())
        .body(StreamBody::new(frames).boxed_unsync())
        .expect("its parts are well formed")
}

/// The answer with the date of a clock that is so many seconds ahead of ours.
pub(super) fn dated(mut answer: Response<Body>, ahead: i64) -> Response<Body> {
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(ahead);
    let text = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    answer.headers_mut().insert("date", text.parse().expect("a date is a header"));
    answer
}

/// The values of a query string, decoded.
pub(super) fn query(request: &Request<impl Sized>) -> Vec<(String, String)> {
    let text = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}
