//! One call to Graph: token, ids, bounded answer, error.
//!
//! Deliberately absent: which calls there are (`client`).

use std::{sync::Mutex, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Response, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::{error::GraphError, token::TokenSource};

/// The most that an answer of the API may hold.
const ANSWER_LIMIT: usize = 8 * 1024 * 1024;
/// The longest `Retry-After` that is believed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(1);

/// Where the cloud is and how to reach it.
#[derive(Clone, Debug)]
pub struct CloudSettings {
    /// Graph's origin, such as `https://graph.microsoft.com`, without a slash at the end.
    pub graph: String,
    /// A CA to trust beside the system's, as PEM.
    pub ca: Option<Vec<u8>>,
}

/// An HTTP client for the cloud: proxies as the environment says, no redirects, no retries of its own.
///
/// # Errors
///
/// If the CA does not read, or the system has no trust store.
pub fn client_of(settings: &CloudSettings) -> Result<reqwest::Client, reqwest::Error> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("pullprint/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(30));
    if let Some(pem) = &settings.ca {
        builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?);
    }
    builder.build()
}

/// What to call.
pub(super) struct Call<'a> {
    /// Method and path template, for logs.
    pub(super) name: &'static str,
    pub(super) method: Method,
    pub(super) expect: Expect,
    /// Path and query below the version, or a whole `nextLink`.
    pub(super) target: &'a str,
    pub(super) body: Option<Value>,
}

/// What a good answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// 2xx with JSON.
    Json,
    /// 2xx, with or without a body.
    Success,
    /// 302 with a `Location`.
    Redirect,
}

/// An answer with a good status.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
    pub(super) request: String,
}

/// Sends calls to one Graph origin.
#[derive(Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    graph: Url,
    tokens: TokenSource,
    /// The cloud's time at the last answer, and when that was by a clock that nobody sets.
    cloud_time: Mutex<Option<(Timestamp, Instant)>>,
}

impl Transport {
    pub(super) fn new(http: reqwest::Client, graph: Url, tokens: TokenSource) -> Self {
        Self { http, graph, tokens, cloud_time: Mutex::new(None) }
    }

    /// How far our clock is ahead of the cloud's now, by the cloud's time at the last answer and the time since.
    pub(super) fn skew(&self) -> Option<SignedDuration> {
        let (theirs, seen) = (*self.cloud_time.lock().expect("nothing panics while it is held"))?;
        let since = SignedDuration::try_from(seen.elapsed()).unwrap_or(SignedDuration::MAX);
        Some(Timestamp::now().duration_since(theirs).saturating_sub(since))
    }

    /// How long ago the cloud's last answer was.
    pub(super) fn silence(&self) -> Option<SignedDuration> {
        let (_, seen) = (*self.cloud_time.lock().expect("nothing panics while it is held"))?;
        Some(SignedDuration::try_from(seen.elapsed()).unwrap_or(SignedDuration::MAX))
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Makes a call; a 401 is answered once with a new token.
    pub(super) async fn call(&self, call: Call<'_>) -> Result<Answer, GraphError> {
        let name = call.name;
        let token = |source| GraphError::Token { call: name, source };
        let first = self.tokens.token().await.map_err(token)?;
        match self.once(&call, &first).await {
            Err(GraphError::Status { status: 401, .. }) => {
                self.tokens.forget(&first).await;
                let second = self.tokens.token().await.map_err(token)?;
                self.once(&call, &second).await
            }
            result => result,
        }
    }

    async fn once(&self, call: &Call<'_>, token: &SecretString) -> Result<Answer, GraphError> {
        let name = call.name;
        let request = uuid::Uuid::new_v4().to_string();
        let url = self.url(call)?;
        let mut builder = self
            .http
            .request(call.method.clone(), url)
            .bearer_auth(token.expose_secret())
            .header("client-request-id", &request);
        builder = match &call.body {
            Some(body) => builder.json(body),
            None if call.method == Method::POST => builder.header(header::CONTENT_LENGTH, 0),
            None => builder,
        };
        let response =
            builder.send().await.map_err(|error| transport_error(name, &request, error))?;
        self.note_clock(response.headers());
        read_answer(name, call.expect, request, response).await
    }

    /// The bearer goes to the configured origin alone: a `nextLink` that points elsewhere is refused.
    fn url(&self, call: &Call<'_>) -> Result<Url, GraphError> {
        let refuse =
            |why: String| GraphError::Unreadable { call: call.name, why, request: String::new() };
        if !call.target.contains("://") {
            let text = format!("{}v1.0{}", self.graph, call.target);
            return Url::parse(&text).map_err(|error| refuse(error.to_string()));
        }
        let url = Url::parse(call.target).map_err(|error| refuse(format!("nextLink: {error}")))?;
        if url.origin() == self.graph.origin() {
            Ok(url)
        } else {
            Err(refuse("nextLink leads to another host".to_owned()))
        }
    }

    fn note_clock(&self, headers: &HeaderMap) {
        let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
        let Some(theirs) = date.and_then(parse_http_date) else { return };
        let now = (theirs, Instant::now());
        *self.cloud_time.lock().expect("nothing panics while it is held") = Some(now);
    }
}

pub(super) fn transport_error(
    call: &'static str,
    request: &str,
    error: reqwest::Error,
) -> GraphError {
    let connect = error.is_connect() || error.is_builder();
    let why = chain(&error.without_url());
    if connect {
        GraphError::Connect { call, why }
    } else {
        GraphError::Lost { call, why, request: request.to_owned() }
    }
}

/// An error with its causes on one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

async fn read_answer(
    call: &'static str,
    expect: Expect,
    sent: String,
    response: Response,
) -> Result<Answer, GraphError> {
    let (status, headers) = (response.status(), response.headers().clone());
    let named = headers.get("request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let request = named.unwrap_or_else(|| sent.clone());
    let body = match read_bounded(response, ANSWER_LIMIT).await {
        Ok(body) => body,
        Err(why) if status.is_success() => {
            return Err(GraphError::Lost { call, why, request: sent });
        }
        Err(_) => Bytes::new(),
    };
    let unreadable = |why: String| GraphError::Unreadable { call, why, request: request.clone() };
    if status.is_redirection() {
        return match expect {
            Expect::Redirect => Ok(Answer { status, headers, body: Value::Null, request }),
            _ => Err(unreadable(format!("it is a redirect ({status})"))),
        };
    }
    if status.is_success() {
        let body = match (body.is_empty(), expect) {
            (true, Expect::Json) => return Err(unreadable("it has no body".to_owned())),
            (true, _) => Value::Null,
            (false, _) => {
                serde_json::from_slice(&body).map_err(|error| unreadable(error.to_string()))?
            }
        };
        return Ok(Answer { status, headers, body, request });
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| body["error"][name].as_str().unwrap_or_default();
    Err(GraphError::Status {
        call,
        status: status.as_u16(),
        code: text("code").chars().take(80).collect(),
        message: text("message").chars().take(300).collect(),
        request,
        after: parse_retry_after(&headers),
    })
}

/// The body of an answer, at most `limit` octets of it.
pub(super) async fn read_bounded(mut response: Response, limit: usize) -> Result<Bytes, String> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| chain(&error.without_url()))? {
        if body.len() + chunk.len() > limit {
            return Err(format!("more than {limit} octets"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The HTTP `Retry-After`: seconds, or a date.
pub(super) fn parse_retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER));
    }
    // Measured by the answer's own clock: ours may be years off.
    let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
    let asked_at = date.and_then(parse_http_date).unwrap_or_else(Timestamp::now);
    let wait = Duration::try_from(parse_http_date(text)?.duration_since(asked_at))
        .unwrap_or(Duration::ZERO);
    Some(wait.min(LONGEST_RETRY_AFTER))
}

fn parse_http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let headers =
            |value: &str| HeaderMap::from_iter([(header::RETRY_AFTER, value.parse().unwrap())]);
        assert_eq!(parse_retry_after(&headers("7")), Some(Duration::from_secs(7)));
        assert_eq!(
            parse_retry_after(&headers("Sat, 06 Nov 1999 08:49:37 GMT")),
            Some(Duration::ZERO)
        );
        assert_eq!(parse_retry_after(&headers("soon")), None);
        assert_eq!(parse_retry_after(&HeaderMap::new()), None);
    }
}
