//! The cloud edge: Universal Print over Microsoft Graph v1.0.
//!
//! It promises: the bearer token goes to the configured Graph origin and nowhere else; a pre-authorized document
//! address gets no token and is neither logged nor kept; each call carries a `client-request-id`, and each error the
//! cloud's `request-id`; bodies are bounded; nothing is sent twice by this layer.
//!
//! Deliberately absent: decisions, retries of whole calls (the flow's), and any other party.

pub mod client;
mod convert;
pub mod credential;
mod directory;
mod download;
pub mod error;
mod heard;
mod life;
mod offer;
pub mod permissions;
pub mod person;
pub mod reach;
mod refusal;
mod registration;
mod set_up;
mod sign_in_error;
pub mod token;
mod transport;
mod wire;

pub use client::{GraphClient, SourcePrinterFacts, TaskPage};
pub use credential::{Certificate, Credential, Signature};
pub use directory::Found;
pub use download::Document;
pub use error::GraphError;
pub use person::{DevicePrompt, PersonSignIn};
pub use registration::NewPrinter;
pub use set_up::{DefinitionFacts, PrinterFacts, TriggerFacts};
pub use token::{TokenError, TokenSource};
pub use transport::{CloudSettings, ProxySettings, client_of};
