//! The document: its bytes, what they are, where they wait, and how they become another format.
//!
//! It promises: what is on disk is encrypted under a key that only this process knows, and is gone with it; memory and
//! disk are bounded; a hostile document costs a child process.
//! Deliberately absent: where documents come from and go to.

pub mod child;
pub mod convert;
mod cut;
mod draw;
pub mod format;
mod intact;
mod markup;
#[cfg(test)]
mod markup_tests;
mod package;
mod page;
pub mod pages;
mod pictures;
mod plain;
mod raster;
mod resource;
mod sealed;
mod shape;
mod sheet;
pub mod slip;
pub mod spool;
pub mod test_page;

pub use convert::{ConvertError, Converter, Prepared};
pub use format::sniff;
pub use spool::{Incoming, Spool, SpoolError, SpoolLimits, Spooled};
