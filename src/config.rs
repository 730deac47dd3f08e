//! The configuration: as written, as meant, and the reference of its keys.
//!
//! Layers, later ones winning: defaults, the file, `conf.d/*.toml` beside it, `PULLPRINT__` variables of the
//! environment. All problems are
//! reported at once, each with its key, the value (secrets are files, so none is a secret), why, and what to try.
//! Deliberately absent: watching the file. A reload is asked for.

mod cloud;
mod credentials;
pub mod keys;
mod kiosk;
mod people;
mod plain;
mod queues;
mod raw;
pub mod reference;
pub mod resolved;
mod station_keys;
mod stations;
mod tables;

pub use cloud::{Cloud, CredentialFiles};
pub use credentials::{changed_credentials, is_of_another_process};
pub use plain::read_plain;
pub use raw::{Problem, Problems, written};
pub use resolved::{ControlSettings, Settings, load, load_cloud, look_at};
