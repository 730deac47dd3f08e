//! The printer edge: IPP/2.0 to destination printers.
//!
//! It promises: answers are decoded within bounds and without recursion; requests go over one shared client a printer,
//! never through a proxy and never along a redirect; a document goes with its length; every end that is not certain is
//! said to be doubtful.
//!
//! Deliberately absent: decisions, and any other party.

mod attributes;
mod blocked;
pub mod client;
mod column;
mod conflict;
pub mod decode;
pub mod ends;
pub mod finishing;
mod jobs;
pub mod login;
mod mapping;
pub mod media;
mod message;
pub mod offer;
mod plan;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod samples;
pub mod ticket;
#[cfg(test)]
mod ticket_tests;
pub mod tls;
mod transport;
mod validate;
pub mod words;

pub use blocked::{blocked, standing};
pub use client::PrinterClient;
pub use ends::{CancelEnd, CreateEnd, Found, PrinterError, SendEnd, Willing};
pub use login::Login;
pub use plan::takes;
pub use ticket::{Ticket, Unmet};
pub use tls::{KeyKeeper, KeyPrint};
pub use transport::{Access, DocumentBody, PrinterAddress};
