//! How a document and what was agreed about it are kept in a record.
//!
//! Deliberately absent: the job around them (`record`).

use serde::{Deserialize, Serialize};

use crate::{
    flow::DocumentFacts,
    model::{Agreement, DocumentFormat, DocumentWork, printer::Substitution},
};

#[derive(Serialize, Deserialize)]
pub(super) struct DocumentRecord {
    work: String,
    octets: u64,
    missing: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct AgreementRecord {
    sent: Vec<[String; 2]>,
    substitutions: Vec<[String; 4]>,
    work: String,
}

/// A line of ours reads; one that somebody bent makes the document be prepared anew.
fn read_work(line: &str) -> DocumentWork {
    let unknown = || DocumentWork::none(&DocumentFormat::Other(String::new()));
    line.parse().unwrap_or_else(|_| unknown())
}

impl From<&Agreement> for AgreementRecord {
    fn from(agreement: &Agreement) -> Self {
        let row =
            |s: &Substitution| [s.setting.clone(), s.asked.clone(), s.sent.clone(), s.why.clone()];
        Self {
            sent: agreement.sent.iter().cloned().map(|(name, value)| [name, value]).collect(),
            substitutions: agreement.substitutions.iter().map(row).collect(),
            work: agreement.work.to_string(),
        }
    }
}

impl From<AgreementRecord> for Agreement {
    fn from(record: AgreementRecord) -> Self {
        let row =
            |[setting, asked, sent, why]: [String; 4]| Substitution { setting, asked, sent, why };
        Self {
            sent: record.sent.into_iter().map(|[name, value]| (name, value)).collect(),
            substitutions: record.substitutions.into_iter().map(row).collect(),
            work: read_work(&record.work),
        }
    }
}

impl From<&DocumentFacts> for DocumentRecord {
    fn from(document: &DocumentFacts) -> Self {
        Self {
            work: document.work.to_string(),
            octets: document.octets,
            missing: document.missing.clone(),
        }
    }
}

impl From<DocumentRecord> for DocumentFacts {
    fn from(record: DocumentRecord) -> Self {
        Self { work: read_work(&record.work), octets: record.octets, missing: record.missing }
    }
}
