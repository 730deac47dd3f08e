//! The doctor: looks at everything that a release needs, and says of each thing how it is and what to do.
//!
//! It promises: it changes nothing (SQLite may leave an empty log beside a journal that it read); a thing that it could
//! not look at is said to be unknown, not well.
//! Deliberately absent: what is wrong with a running daemon's jobs (`daemon::health`).

mod cloud;
mod host;
mod printers;

use crate::{
    config::Settings,
    daemon::cloud::{client, settings as reach_settings},
    graph::{GraphClient, client_of},
};

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing to do.
    Well,
    /// It was not looked at.
    Unknown,
    /// It works, and something should be done.
    Warning,
    /// It does not work.
    Wrong,
}

impl Level {
    /// The word for people and programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
        }
    }
}

/// What was found of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The word of the check, for programs.
    pub check: &'static str,
    /// What was looked at, such as a printer's name; empty where there is only one.
    pub of: String,
    /// How it is.
    pub level: Level,
    /// What was found.
    pub says: String,
    /// What to do; empty where there is nothing to do.
    pub fix: String,
}

impl Finding {
    fn new(
        check: &'static str,
        of: impl Into<String>,
        level: Level,
        says: impl Into<String>,
    ) -> Self {
        Self { check, of: of.into(), level, says: says.into(), fix: String::new() }
    }

    fn well(check: &'static str, of: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(check, of, Level::Well, says)
    }

    fn wrong(check: &'static str, of: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(check, of, Level::Wrong, says)
    }

    fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: fix.into(), ..self }
    }
}

/// Looks at everything. What only an administrator may see is looked at with their client, where there is one.
///
/// # Errors
///
/// A sentence about the key of the configuration with which nothing can be looked at.
pub async fn examine(
    settings: &Settings,
    administrator: Option<&GraphClient>,
) -> Result<Vec<Finding>, String> {
    let application = client(&settings.cloud)?;
    let http = client_of(&reach_settings(&settings.cloud)?).map_err(|error| error.to_string())?;
    let mut findings = host::look(settings).await;
    findings.extend(cloud::look(settings, &application, &http, administrator).await);
    let (printers, offers) = printers::look(settings).await;
    findings.extend(printers);
    findings.extend(cloud::look_at_offers(settings, &application, &offers).await);
    Ok(findings)
}
