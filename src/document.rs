//! The document: its bytes, what they are, where they wait, and how they become another format.
//!
//! It promises: what is on disk is encrypted under a key that only this process knows, and is gone with it; memory and
//! disk are bounded; a hostile document costs a child process.
//! Deliberately absent: where documents come from and go to.

pub mod convert;
pub mod format;
pub mod pages;
mod sealed;
pub mod spool;

pub use convert::{ConvertError, Converter};
pub use format::sniff;
pub use spool::{Incoming, Spool, SpoolError, SpoolLimits, Spooled};
