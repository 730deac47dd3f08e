//! People: whose a badge is, and what they type.
//!
//! It promises: numbers of badges are kept as hashes under a key of this installation, so that a stolen journal names
//! none. Deliberately absent: where the rows are (`journal`), and readers (`badge`).

pub mod hash;
pub mod import;
pub mod pin;
