//! The nouns that every other module speaks: ids, owners, cloud jobs, configurations, printers, commands.
//!
//! Plain types. They know neither JSON nor IPP nor SQL: each edge converts by hand in one file of its own.
//! Deliberately absent: I/O, clocks, wire spellings, decisions.

pub mod abort_reason;
pub mod capabilities;
pub mod command;
pub mod configuration;
pub mod decision;
pub mod failure;
pub mod format;
pub mod id;
pub mod job;
pub mod kiosk;
pub mod offer;
pub mod owner;
pub mod people;
pub mod pool;
pub mod printer;
pub mod reason;
pub mod settings;
pub mod station;
pub mod work;

pub use abort_reason::AbortReason;
pub use capabilities::Capabilities;
pub use command::{Answer, Asker, Command, Refusal};
pub use configuration::{Alter, ConfigurationChange, JobConfiguration};
pub use decision::{AfterRelease, Decision, Retention, Verdict};
pub use failure::{Failure, FailureClass};
pub use format::DocumentFormat;
pub use id::{
    CloudJobKey, CloudPrinterId, DocumentId, JobNumber, PrinterJobId, PrinterName,
    TaskDefinitionId, TaskId,
};
pub use job::{CloudDocument, CloudJob, CloudJobState, PrintTask, TaskState};
pub use offer::{Offer, OfferDefaults, OfferRule};
pub use owner::Owner;
pub use pool::{Member, PoolChoice, PoolSettings, Reserve};
pub use printer::{
    Agreement, ForgottenReport, PrinterHealth, PrinterJobRef, PrinterJobReport, PrinterJobState,
    Substitution,
};
pub use reason::{Ending, Reason, Reasons};
pub use settings::{
    CloudPrinterSettings, OfferSettings, PrinterContact, PrinterSettings, QueueSettings,
    TicketRules,
};
pub use work::DocumentWork;
