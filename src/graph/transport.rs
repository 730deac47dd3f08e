//! One call to Graph: token, ids, bounded answer, error.
//!
//! Deliberately absent: which calls there are (`client`).

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use reqwest::{Method, Response, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::sleep;
use url::Url;

use super::{error::GraphError, heard::Heard, token::TokenSource};
use crate::telemetry::metrics::Metrics;

/// The most that an answer of the API may hold.
const ANSWER_LIMIT: usize = 8 * 1024 * 1024;
/// A call waits so long by itself where the cloud asked for it; whoever called waits longer.
const SHORT_WAIT: Duration = Duration::from_secs(2);
/// The longest `Retry-After` that is believed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(1);

/// Where the cloud is and how to reach it.
#[derive(Clone, Debug)]
pub struct CloudSettings {
    /// Graph's origin, such as `https://graph.microsoft.com`, without a slash at the end.
    pub graph: String,
    /// A CA to trust beside the system's, as PEM.
    pub ca: Option<Vec<u8>>,
    /// The proxy on the way; absent: what the environment says.
    pub proxy: Option<ProxySettings>,
}

/// A proxy on the way to the cloud.
#[derive(Clone, Debug)]
pub struct ProxySettings {
    /// Its address, `http://` or `https://`.
    pub address: String,
    /// User name and password, where it wants them.
    pub login: Option<(String, SecretString)>,
}

impl ProxySettings {
    fn proxy(&self) -> Result<reqwest::Proxy, reqwest::Error> {
        let proxy = reqwest::Proxy::all(&self.address)?;
        Ok(match &self.login {
            Some((user, password)) => proxy.basic_auth(user, password.expose_secret()),
            None => proxy,
        })
    }
}

/// An HTTP client for the cloud: by the proxy of the settings or of the environment, no redirects, no retries of its
/// own.
///
/// # Errors
///
/// If the CA or the proxy's address does not read, or the system has no trust store.
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
    if let Some(proxy) = &settings.proxy {
        builder = builder.proxy(proxy.proxy()?);
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
    pub(super) body: Body,
}

/// What a call sends along.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Nothing,
    Json(Value),
    /// Attributes of a printer: `application/ipp`.
    Attributes(Bytes),
}

/// What a good answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// 2xx with JSON.
    Json,
    /// 2xx with JSON, from an index that may be late (an advanced query of directory objects).
    Eventual,
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
    heard: Heard,
    metrics: Arc<Metrics>,
}

impl Transport {
    pub(super) fn new(http: reqwest::Client, graph: Url, tokens: TokenSource) -> Self {
        Self { http, graph, tokens, heard: Heard::default(), metrics: Arc::default() }
    }

    /// From now on calls are counted there.
    pub(super) fn count_in(&mut self, metrics: Arc<Metrics>) {
        self.metrics = metrics;
    }

    /// What the answers said beside their content.
    pub(super) fn heard(&self) -> &Heard {
        &self.heard
    }

    pub(super) fn tokens(&self) -> &TokenSource {
        &self.tokens
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Makes a call, not before the cloud wants it; a 401 is answered once with a new token, asked for with the claims
    /// that it named.
    pub(super) async fn call(&self, call: Call<'_>) -> Result<Answer, GraphError> {
        let name = call.name;
        let wait = self.heard.wait(name, call.target);
        if wait > SHORT_WAIT {
            return Err(GraphError::Waiting { call: name, after: wait });
        }
        sleep(wait).await;
        let token = |source| GraphError::Token { call: name, source };
        let first = self.tokens.token().await.map_err(token)?;
        match self.once(&call, &first).await {
            Err(GraphError::Status { status: 401, claims, .. }) => {
                self.tokens.forget(&first, claims.map(String::from)).await;
                let second = self.tokens.token().await.map_err(token)?;
                self.once(&call, &second).await
            }
            Err(error @ GraphError::Status { status: 403, .. }) => {
                self.tokens.forget_old().await;
                Err(error)
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
        if call.expect == Expect::Eventual {
            builder = builder.header("ConsistencyLevel", "eventual");
        }
        builder = match &call.body {
            Body::Json(body) => builder.json(body),
            Body::Attributes(bytes) => {
                builder.header(header::CONTENT_TYPE, "application/ipp").body(bytes.clone())
            }
            Body::Nothing if call.method == Method::POST => {
                builder.header(header::CONTENT_LENGTH, 0)
            }
            Body::Nothing => builder,
        };
        let begun = tokio::time::Instant::now();
        let sent = builder.send().await;
        let answered = sent.as_ref().map_or(0, |response| response.status().as_u16());
        self.metrics.called(name, answered, begun.elapsed());
        let response = sent.map_err(|error| transport_error(name, &request, error))?;
        let (status, headers) = (response.status().as_u16(), response.headers());
        let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
        date.and_then(parse_http_date).into_iter().for_each(|theirs| self.heard.clock(theirs));
        let after = parse_retry_after(headers);
        let answer = read_answer(name, call.expect, request, response).await;
        let said = match &answer {
            Err(GraphError::Status { message, .. }) => message,
            _ => "",
        };
        self.heard.answer(name, call.target, status, after, said);
        answer
    }

    /// The whole address of a path below the version, for bodies that name other things by it.
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}v1.0{path}", self.graph)
    }

    /// The bearer goes to the configured origin alone: a `nextLink` that points elsewhere is refused.
    fn url(&self, call: &Call<'_>) -> Result<Url, GraphError> {
        let refuse =
            |why: String| GraphError::Unreadable { call: call.name, why, request: String::new() };
        if !call.target.contains("://") {
            return Url::parse(&self.address(call.target))
                .map_err(|error| refuse(error.to_string()));
        }
        let url = Url::parse(call.target).map_err(|error| refuse(format!("nextLink: {error}")))?;
        if url.origin() == self.graph.origin() {
            Ok(url)
        } else {
            Err(refuse("nextLink leads to another host".to_owned()))
        }
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
            (true, Expect::Json | Expect::Eventual) => {
                return Err(unreadable("it has no body".to_owned()));
            }
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
        message: text("message").chars().take(300).collect::<String>().into(),
        request,
        after: parse_retry_after(&headers),
        claims: claims_of(&headers).map(String::into_boxed_str),
    })
}

/// The claims of a challenge, as JSON: what the next token must be asked for with.
fn claims_of(headers: &HeaderMap) -> Option<String> {
    let challenges = headers.get_all(header::WWW_AUTHENTICATE).iter();
    let mut texts = challenges.filter_map(|challenge| challenge.to_str().ok());
    let encoded = texts.find_map(|text| text.split("claims=\"").nth(1)?.split('"').next())?;
    let json = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    serde_json::from_str::<Value>(&json).is_ok_and(|claims| claims.is_object()).then_some(json)
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
    fn the_claims_of_a_challenge_are_read() {
        let challenge = |text: &str| {
            let text = text.replace("CLAIMS", &STANDARD.encode(r#"{"access_token":{"nbf":1}}"#));
            claims_of(&HeaderMap::from_iter([(header::WWW_AUTHENTICATE, text.parse().unwrap())]))
        };
        let good = challenge("Bearer realm=\"\", error=\"insufficient_claims\", claims=\"CLAIMS\"");
        assert_eq!(good.as_deref(), Some(r#"{"access_token":{"nbf":1}}"#));
        for bad in ["Bearer", "Bearer claims=\"x\"", "Bearer claims=\"MTc=\""] {
            assert_eq!(challenge(bad), None, "{bad}");
        }
    }

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
