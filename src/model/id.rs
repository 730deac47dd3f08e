//! Identifiers, each its own type, so that a task can not be taken for a job.
//!
//! Deliberately absent: any knowledge of how an id looks. Ids of the cloud are opaque strings.

use std::fmt;

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_id! {
    /// Graph `printTask.id`.
    TaskId;
    /// Graph `printTaskDefinition.id`.
    TaskDefinitionId;
    /// Graph `printer.id`: of a source printer, or of a redirect's destination.
    CloudPrinterId;
    /// Graph `printDocument.id`.
    DocumentId;
    /// The name of a destination printer in our configuration.
    PrinterName;
}

/// A cloud job's key: Graph's job ids are unique only together with their printer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloudJobKey {
    /// The printer whose queue the job is in.
    pub source_printer: CloudPrinterId,
    /// Graph `printJob.id`.
    pub id: String,
}

impl fmt::Display for CloudJobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.source_printer, self.id)
    }
}

/// Our short number of a claimed job: what commands and screens call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobNumber(pub i64);

impl fmt::Display for JobNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// IPP `job-id` at a destination printer. Printers use the same number again after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrinterJobId(pub i32);

impl fmt::Display for PrinterJobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
