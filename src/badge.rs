//! Badges: what readers say, and the numbers in it.
//!
//! Deliberately absent: whose a badge is (`people`), and what follows from showing one.

pub mod learn;
pub mod lines;
#[cfg_attr(not(feature = "pcsc"), path = "badge/no_pcsc.rs")]
mod pcsc;
pub mod reader;
pub mod uid;
pub mod wedge;
