//! Badges: what readers say, and the numbers in it.
//!
//! Deliberately absent: whose a badge is (`people`), and what follows from showing one.

#[cfg_attr(not(feature = "pcsc"), path = "badge/no_card.rs")]
mod card;
pub mod learn;
pub mod lines;
pub mod reader;
pub mod uid;
pub mod wedge;
