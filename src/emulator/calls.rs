//! Graph's calls and the document storage: faults, answers, recording.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hyper::{Request, Response, body::Incoming};
use serde_json::{Value, json};

use super::{
    Shared,
    faults::CloudFault,
    http::{Answer, Body, cut, json as answer_json, query, whole},
    identity::id,
    record::Exchange,
    render, routes,
};

/// What a call gives: a status, a body, a `Location`, and what was bent.
pub(super) struct Given {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) location: Option<String>,
    pub(super) bent: Option<&'static str>,
}

impl Given {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: 200, body, location: None, bent: None }
    }

    pub(super) fn status(status: u16, body: Value) -> Self {
        Self { status, ..Self::ok(body) }
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
    pub(super) body: Value,
}

impl Call {
    pub(super) fn option(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

/// Answers at Graph's origin, which is the sign-in origin as well.
pub(super) async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    let (parts, body) = request.into_parts();
    let body = whole(body).await?;
    if let Some(tenant) =
        path.strip_prefix('/').and_then(|path| path.strip_suffix("/oauth2/v2.0/token"))
    {
        return Ok(shared.identity.token(tenant, &body, 3_599));
    }
    let request = Request::from_parts(parts, ());
    let authorization =
        request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let fault = shared.faults.cloud();
    let call = Call {
        method: request.method().to_string(),
        route: segments(&path).map(str::to_ascii_lowercase).collect(),
        ids: segments(&path).map(str::to_owned).collect(),
        query: query(&request),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    let (given, dropped) = with_faults(&shared, fault, authorization, &call).await;
    note(&shared, &request, &call, &given, fault, dropped);
    if dropped { Err("dropped".into()) } else { Ok(respond(given)) }
}

/// Segments below the version; an action's long name is its short one.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/')
        .split('/')
        .skip(1)
        .map(|part| part.strip_prefix("microsoft.graph.").unwrap_or(part))
}

async fn with_faults(
    shared: &Arc<Shared>,
    fault: Option<CloudFault>,
    authorization: Option<&str>,
    call: &Call,
) -> (Given, bool) {
    let throttled = |after: Option<u32>| {
        let mut body = render::error("TooManyRequests", "Please retry again later.", &id());
        body["after"] = json!(after);
        Given::status(429, body)
    };
    match fault {
        Some(CloudFault::TooMany(after)) => return (throttled(after), false),
        Some(CloudFault::Unavailable) => {
            return (Given::status(503, render::error("serviceNotAvailable", "", &id())), false);
        }
        Some(CloudFault::DropBefore) => return (Given::status(0, Value::Null), true),
        Some(CloudFault::Slow(milliseconds)) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await
        }
        Some(CloudFault::TokenOver) => shared.identity.revoke(authorization),
        Some(CloudFault::DropAfter) | None => {}
    }
    let given = match shared.identity.caller(authorization) {
        None => Given::status(
            401,
            render::error("InvalidAuthenticationToken", "Access token is empty or over.", &id()),
        ),
        Some(caller) => {
            routes::perform(shared, &caller, call).unwrap_or_else(|(status, code, message)| {
                Given::status(status, render::error(code, message, &id()))
            })
        }
    };
    (given, fault == Some(CloudFault::DropAfter))
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
        request_body: call.body.clone(),
        status: (!dropped).then_some(given.status),
        response_body: if given.status == 429 {
            strip_after(&given.body)
        } else {
            given.body.clone()
        },
        fault: fault.map(CloudFault::word).or(given.bent),
    });
}

fn strip_after(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("after");
    }
    body
}

fn respond(given: Given) -> Response<Body> {
    let after = given.body["after"].as_u64();
    let body = if given.status == 429 { strip_after(&given.body) } else { given.body };
    let mut response = match (given.status, body.is_null()) {
        (204 | 302, _) | (_, true) => {
            let mut empty = super::http::bytes(given.status, "text/plain", Bytes::new());
            empty.headers_mut().remove("content-type");
            empty
        }
        (status, false) => answer_json(status, &body),
    };
    let headers = response.headers_mut();
    headers.insert("request-id", id().parse().expect("an id is a header"));
    if let Some(after) = after {
        headers.insert("retry-after", after.to_string().parse().expect("a number is a header"));
    }
    if let Some(location) = given.location {
        headers.insert("location", location.parse().expect("an address is a header"));
    }
    response
}

/// The document storage: another origin, an address for one use, and no token.
pub(super) async fn storage(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    if request.headers().contains_key("authorization") {
        return Ok(answer_json(401, &json!({"error": "the address is authorized already"})));
    }
    let ticket = request.uri().path().trim_start_matches("/downloads/").to_owned();
    let found = {
        let mut world = shared.world.lock().expect("nothing panics while it is held");
        let key = world.downloads.remove(&ticket);
        key.and_then(|key| {
            world.jobs.get(&key).map(|job| (job.document.clone(), job.content_type.clone()))
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
