//! Downloading a document: the API names a pre-authorized address on another host, which is asked without the token.
//!
//! The address is used once, and neither logged nor kept.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::{StatusCode, header};
use reqwest::Method;
use url::Url;

use super::{
    client::{GraphClient, job_path, segment},
    error::GraphError,
    transport::{Body, Call, Expect, chain, parse_retry_after, transport_error},
};
use crate::model::{CloudJobKey, DocumentId};

/// A document on its way here.
pub struct Document {
    /// The storage's `Content-Length`.
    pub length: Option<u64>,
    response: reqwest::Response,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Document {
    /// The bytes as they come. An error means that the rest will not come.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, String>> + Send {
        let stream = self.response.bytes_stream();
        stream.map(|chunk| chunk.map_err(|error| chain(&error.without_url())))
    }
}

impl GraphClient {
    /// Download a document: the API names a pre-authorized address, which is asked without the token.
    ///
    /// # Errors
    ///
    /// [`GraphError`]; it never holds that address.
    pub async fn download_document(
        &self,
        key: &CloudJobKey,
        document: &DocumentId,
    ) -> Result<Document, GraphError> {
        const CALL: &str = "GET documents/{}/$value";
        let target = format!("{}/documents/{}/$value", job_path(key), segment(document.as_str()));
        let call = Call {
            name: CALL,
            method: Method::GET,
            expect: Expect::Redirect,
            target: &target,
            body: Body::Nothing,
        };
        let answer = self.transport.call(call).await?;
        let unreadable = |why: &str| GraphError::Unreadable {
            call: CALL,
            why: why.to_owned(),
            request: answer.request.clone(),
        };
        if answer.status != StatusCode::FOUND {
            return Err(unreadable("it is not a redirect"));
        }
        let address =
            answer.headers.get(header::LOCATION).and_then(|address| address.to_str().ok());
        let address = address.and_then(|address| Url::parse(address).ok());
        let address = address.filter(|address| address.scheme() == "https");
        let address = address.ok_or_else(|| unreadable("it names no https address"))?;
        let sent = self.transport.http().get(address).send().await;
        let response =
            sent.map_err(|error| transport_error("GET document", &answer.request, error))?;
        let status = response.status().as_u16();
        if status == 200 {
            return Ok(Document { length: response.content_length(), response });
        }
        // An address that is over, whatever the storage calls it: a new one is asked for at the next try.
        let after = parse_retry_after(response.headers()).or(Some(Duration::ZERO));
        let (code, message) = (format!("storage answered {status}"), Box::default());
        Err(GraphError::Status {
            call: "GET document",
            status: 503,
            code,
            message,
            request: answer.request,
            after,
            claims: None,
        })
    }
}
