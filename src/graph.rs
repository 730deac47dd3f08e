//! The cloud edge: Universal Print over Microsoft Graph v1.0.
//!
//! It promises: the bearer token goes to the configured Graph origin and nowhere else; a pre-authorized document
//! address gets no token and is neither logged nor kept; each call carries a `client-request-id`, and each error the
//! cloud's `request-id`; bodies are bounded; nothing is sent twice by this layer.
//!
//! Deliberately absent: decisions, retries of whole calls (the flow's), and any other party.

pub mod client;
mod convert;
mod download;
pub mod error;
pub mod token;
mod transport;
mod wire;

pub use client::{GraphClient, SourcePrinterFacts, TaskPage};
pub use download::Document;
pub use error::GraphError;
pub use token::{Credential, TokenSource};
pub use transport::{CloudSettings, client_of};
