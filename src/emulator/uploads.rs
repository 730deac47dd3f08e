//! Upload sessions: a document comes in parts, in any order, to an address that is authorized by itself.

use bytes::{Bytes, BytesMut};
use hyper::Response;
use serde_json::{Value, json};

use super::{
    Shared,
    calls::Given,
    http::{Body, json as answer_json},
    identity::id,
    render,
    routes::Context,
    world::{JobKey, NOT_FOUND, Refusal, Upload},
};

/// A part must be smaller.
const PART_LIMIT: u64 = 10 * 1024 * 1024;
/// The longest document that is emulated.
const SIZE_LIMIT: u64 = 256 * 1024 * 1024;

/// `POST .../documents/{id}/createUploadSession`.
pub(super) fn open(context: &mut Context<'_>, key: &JobKey) -> Result<Given, Refusal> {
    let switches = context.shared.switches();
    let properties = &context.call.body["properties"];
    let (name, content_type, size) = (
        properties["documentName"].as_str(),
        properties["contentType"].as_str(),
        properties["size"].as_u64().filter(|size| (1..=SIZE_LIMIT).contains(size)),
    );
    let (Some(name), Some(content_type), Some(size)) = (name, content_type, size) else {
        let message = "Invalid Operation: documentName, contentType and size are required.";
        return Err((400, "400", message));
    };
    match &context.caller.person {
        Some(person) if !context.world.job(key)?.is_of(person) => return Err(NOT_FOUND),
        Some(_) if context.world.job(key)?.started => {
            return Err((400, "400", "Invalid Operation: The job was started."));
        }
        Some(_) => {}
        None => context.world.require_task(key, &context.caller.app, &switches)?,
    }
    let ticket = id();
    let upload = Upload {
        job: key.clone(),
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        size,
        parts: std::collections::BTreeMap::new(),
    };
    let mut body = status(&upload);
    body["uploadUrl"] =
        format!("{}/uploads/{ticket}?tempauthtoken={}", context.shared.storage_origin, id()).into();
    body["@odata.context"] = "https://graph.print.example/v1.0/$metadata#uploadSession".into();
    context.world.uploads.insert(ticket, upload);
    Ok(Given::ok(body))
}

/// When a session ends, and the ranges that are missing.
fn status(upload: &Upload) -> Value {
    let mut missing = Vec::new();
    let mut at = 0;
    for (first, part) in &upload.parts {
        if *first > at {
            missing.push(format!("{at}-{}", first - 1));
        }
        at = at.max(first + part.len() as u64);
    }
    if at < upload.size {
        missing.push(format!("{at}-{}", upload.size - 1));
    }
    let over = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    json!({"expirationDateTime": format!("{over:.7}"), "nextExpectedRanges": missing})
}

/// A call of a session's own address.
pub(super) fn answer(
    shared: &Shared,
    method: &str,
    ticket: &str,
    range: &str,
    part: Bytes,
) -> Response<Body> {
    let mut world = shared.world.lock().expect("nothing panics while it is held");
    let Some(upload) = world.uploads.get_mut(ticket) else {
        return answer_json(404, &json!({"error": {"code": "itemNotFound", "message": ""}}));
    };
    match method {
        "GET" => answer_json(200, &status(upload)),
        "DELETE" => {
            world.uploads.remove(ticket);
            super::http::bytes(204, "text/plain", Bytes::new())
        }
        "PUT" => {
            if let Err(status) = take(upload, range, part) {
                let code = if status == 416 { "invalidRange" } else { "invalidRequest" };
                return answer_json(status, &json!({"error": {"code": code, "message": ""}}));
            }
            if upload.parts.values().map(|part| part.len() as u64).sum::<u64>() < upload.size {
                return answer_json(202, &status(upload));
            }
            let whole = world.uploads.remove(ticket).expect("it was there above");
            let mut document = BytesMut::new();
            whole.parts.values().for_each(|part| document.extend_from_slice(part));
            let Ok(job) = world.job(&whole.job) else {
                return answer_json(404, &json!({}));
            };
            job.document = Some(document.freeze());
            job.title = whole.name;
            job.content_type = whole.content_type;
            answer_json(201, &render::document(job, true))
        }
        _ => answer_json(405, &json!({})),
    }
}

/// Takes a part: 400 for a range that does not read, 413 for a part that is too long, 416 for one that is here.
fn take(upload: &mut Upload, range: &str, part: Bytes) -> Result<(), u16> {
    let (first, last) = read_range(range, upload.size).ok_or(400_u16)?;
    let length = part.len() as u64;
    if length >= PART_LIMIT {
        return Err(413);
    }
    if last - first + 1 != length {
        return Err(400);
    }
    let overlaps =
        upload.parts.iter().any(|(at, have)| *at <= last && first < at + have.len() as u64);
    if overlaps {
        return Err(416);
    }
    upload.parts.insert(first, part);
    Ok(())
}

/// `bytes 0-72796/4533322`; one sample of the cloud's pages has an equals sign.
fn read_range(text: &str, size: u64) -> Option<(u64, u64)> {
    let rest = text.strip_prefix("bytes ").or_else(|| text.strip_prefix("bytes="))?;
    let (range, total) = rest.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let fits = total.trim().parse() == Ok(size) && first <= last && last < size;
    fits.then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_any_order_and_none_twice() {
        let mut upload = Upload {
            job: (String::new(), String::new()),
            name: String::new(),
            content_type: String::new(),
            size: 10,
            parts: std::collections::BTreeMap::new(),
        };
        let part = |n: usize| Bytes::from(vec![b'x'; n]);
        assert_eq!(take(&mut upload, "bytes 5-9/10", part(5)), Ok(()));
        assert_eq!(status(&upload)["nextExpectedRanges"], json!(["0-4"]));
        assert_eq!(take(&mut upload, "bytes 4-5/10", part(2)), Err(416));
        assert_eq!(take(&mut upload, "bytes 0-4/11", part(5)), Err(400));
        assert_eq!(take(&mut upload, "bytes 0-4/10", part(4)), Err(400));
        assert_eq!(take(&mut upload, "bytes=0-4/10", part(5)), Ok(()));
        assert_eq!(status(&upload)["nextExpectedRanges"], json!([]));
    }
}
