//! Graph's calls: faults, permissions, answers, recording.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hyper::{Request, Response, body::Incoming};
use serde_json::{Value, json};

use super::{
    Shared,
    faults::CloudFault,
    http::{Answer, Body, cut, dated, json as answer_json, query, whole},
    identity::{Caller, NoCaller, id},
    odata, permissions,
    record::Exchange,
    render, routes, sign_in, uploads,
    world::{NOT_FOUND, Refusal},
};

/// What a call gives: a status, a body, headers, and what was bent.
pub(super) struct Given {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) bent: Option<&'static str>,
}

impl Given {
    pub(super) fn ok(body: Value) -> Self {
        Self::status(200, body)
    }

    pub(super) fn status(status: u16, body: Value) -> Self {
        Self { status, body, headers: Vec::new(), bent: None }
    }

    /// No content.
    pub(super) fn done() -> Self {
        Self::status(204, Value::Null)
    }

    pub(super) fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }

    /// With a `Retry-After` of so many seconds, if there is one.
    fn later(self, after: Option<u32>) -> Self {
        match after {
            Some(after) => self.with("retry-after", after.to_string()),
            None => self,
        }
    }

    fn error(status: u16, code: &str, message: &str) -> Self {
        Self::status(status, render::error(code, message, &id()))
    }
}

/// A call, taken apart.
pub(super) struct Call {
    pub(super) method: String,
    /// Lower-case segments below the version.
    pub(super) route: Vec<String>,
    /// The same segments as they were written.
    pub(super) ids: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) content_type: String,
    /// Whether an index that may be late is good enough.
    pub(super) eventual: bool,
    pub(super) raw: Bytes,
    /// The body, where it is JSON.
    pub(super) body: Value,
}

impl Call {
    pub(super) fn option(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    fn recorded_body(&self) -> Value {
        if self.body.is_null() && !self.raw.is_empty() {
            json!({"$bytes": self.raw.len()})
        } else {
            self.body.clone()
        }
    }
}

/// Answers at Graph's origin, which is the sign-in origin as well.
pub(super) async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    let (parts, body) = request.into_parts();
    let body = whole(body).await?;
    let ahead = shared.switches().clock_ahead;
    let (path, text) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    if let Some(answer) = sign_in::answer(&shared, parts.method.as_str(), path, text, &body) {
        return Ok(dated(answer, ahead));
    }
    let request = Request::from_parts(parts, ());
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let authorization = header("authorization");
    let fault = shared.faults.cloud();
    let path = request.uri().path();
    let call = Call {
        method: request.method().to_string(),
        route: segments(path).map(|part| part.to_ascii_lowercase()).collect(),
        ids: segments(path).collect(),
        query: query(&request),
        content_type: header("content-type").unwrap_or_default().to_ascii_lowercase(),
        eventual: header("consistencylevel").is_some_and(|level| level == "eventual"),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        raw: body,
    };
    let most = shared.switches().lists_per_second;
    let is_list = matches!(&call.route[..], [print, printers, _, jobs] if print == "print" && printers == "printers" && jobs == "jobs");
    let (given, dropped) = if is_list && !shared.lists.admits(most) {
        (Given::error(429, "TooManyRequests", "Please retry again later.").later(Some(1)), false)
    } else {
        with_faults(&shared, fault, authorization, &call).await
    };
    note(&shared, &request, &call, &given, fault, dropped);
    if dropped { Err("dropped".into()) } else { Ok(dated(respond(given), ahead)) }
}

/// Segments below the version, decoded; an action's long name is its short one.
fn segments(path: &str) -> impl Iterator<Item = String> {
    path.trim_start_matches('/').split('/').skip(1).map(|part| {
        let part = part.strip_prefix("microsoft.graph.").unwrap_or(part);
        let pair = format!("x={}", part.replace('+', "%2B"));
        url::form_urlencoded::parse(pair.as_bytes())
            .next()
            .map_or_else(String::new, |(_, decoded)| decoded.into_owned())
    })
}

async fn with_faults(
    shared: &Arc<Shared>,
    fault: Option<CloudFault>,
    authorization: Option<&str>,
    call: &Call,
) -> (Given, bool) {
    match fault {
        Some(CloudFault::TooMany(after)) => {
            let given = Given::error(429, "TooManyRequests", "Please retry again later.");
            return (given.later(after), false);
        }
        Some(CloudFault::Unavailable(after)) => {
            return (Given::error(503, "serviceNotAvailable", "").later(after), false);
        }
        Some(CloudFault::DropBefore) => return (Given::status(0, Value::Null), true),
        Some(CloudFault::Slow(milliseconds)) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await
        }
        Some(CloudFault::TokenOver) => shared.identity.revoke(authorization),
        Some(CloudFault::Claims) => {
            shared.identity.demand(&json!({"access_token": {"nbf": {"value": id()}}}).to_string());
        }
        Some(CloudFault::DropAfter) | None => {}
    }
    let given = match shared.identity.caller(authorization) {
        Err(NoCaller::NoToken) => {
            Given::error(401, "InvalidAuthenticationToken", "Access token is empty or over.")
        }
        Err(NoCaller::Claims(claims)) => {
            let challenge = format!(
                "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/v2.0/authorize\", \
                 error=\"insufficient_claims\", claims=\"{}\"",
                shared.graph_origin,
                STANDARD.encode(claims)
            );
            Given::error(401, "InvalidAuthenticationToken", "Continuous access evaluation.")
                .with("www-authenticate", challenge)
        }
        Ok(caller) => perform(shared, &caller, call)
            .unwrap_or_else(|(status, code, message)| Given::error(status, code, message)),
    };
    (given, fault == Some(CloudFault::DropAfter))
}

fn perform(shared: &Shared, caller: &Caller, call: &Call) -> Result<Given, Refusal> {
    let rule = permissions::rule_of(call).ok_or(NOT_FOUND)?;
    permissions::require(rule, caller)?;
    odata::check_options(call)?;
    routes::perform(shared, caller, call)
}

fn note(
    shared: &Shared,
    request: &Request<()>,
    call: &Call,
    given: &Given,
    fault: Option<CloudFault>,
    dropped: bool,
) {
    shared.recorder.note(&Exchange {
        method: &call.method,
        path: request.uri().path_and_query().map_or("", |path| path.as_str()),
        request_body: call.recorded_body(),
        content_type: &call.content_type,
        status: (!dropped).then_some(given.status),
        headers: &given.headers,
        response_body: given.body.clone(),
        fault: fault.map(CloudFault::word).or(given.bent),
    });
}

fn respond(given: Given) -> Response<Body> {
    let mut response = if given.body.is_null() {
        let mut empty = super::http::bytes(given.status, "text/plain", Bytes::new());
        empty.headers_mut().remove("content-type");
        empty
    } else {
        answer_json(given.status, &given.body)
    };
    let headers = response.headers_mut();
    headers.insert("request-id", id().parse().expect("an id is a header"));
    for (name, value) in given.headers {
        headers.insert(name, value.parse().expect("what we write is a header"));
    }
    response
}

/// The document storage: another origin, addresses that are authorized by themselves, and no token.
pub(super) async fn storage(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    if request.headers().contains_key("authorization") {
        return Ok(answer_json(401, &json!({"error": "the address is authorized already"})));
    }
    if let Some(ticket) = request.uri().path().strip_prefix("/uploads/") {
        let (ticket, method) = (ticket.to_owned(), request.method().to_string());
        let range = request.headers().get("content-range").and_then(|range| range.to_str().ok());
        let range = range.unwrap_or_default().to_owned();
        let part = whole(request.into_body()).await?;
        return Ok(uploads::answer(&shared, &method, &ticket, &range, part));
    }
    let ticket = request.uri().path().trim_start_matches("/downloads/");
    let found = {
        let mut world = shared.world.lock().expect("nothing panics while it is held");
        let given = world.downloads.remove(ticket).filter(|(_, over)| *over > Instant::now());
        given.and_then(|(key, _)| {
            let job = world.jobs.get(&key)?;
            Some((job.document.clone()?, job.content_type.clone()))
        })
    };
    let Some((document, content_type)) = found else {
        return Ok(answer_json(404, &json!({"error": "the address is over"})));
    };
    if shared.faults.share(3) {
        return Err("dropped".into());
    }
    if shared.faults.share(4) {
        let n = usize::try_from(shared.faults.below(document.len() as u64 + 1)).unwrap_or(0);
        return Ok(cut(&content_type, &document, n));
    }
    Ok(super::http::bytes(200, &content_type, document))
}
