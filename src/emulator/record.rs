//! The history of exchanges with Graph: in memory for tests, and as JSON lines in a file.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::Mutex,
};

use serde_json::{Value, json};

/// How many exchanges are kept in memory.
const KEPT: usize = 50_000;

/// Writes exchanges down.
pub(super) struct Recorder {
    file: Option<Mutex<File>>,
    history: Mutex<Vec<Value>>,
}

/// One exchange.
pub(super) struct Exchange<'a> {
    pub(super) method: &'a str,
    /// Path and query below the version.
    pub(super) path: &'a str,
    pub(super) request_body: Value,
    pub(super) content_type: &'a str,
    /// Absent where the connection was dropped.
    pub(super) status: Option<u16>,
    /// Those of the answer that belong to the call.
    pub(super) headers: &'a [(&'static str, String)],
    pub(super) response_body: Value,
    /// What the emulator bent on purpose.
    pub(super) fault: Option<&'static str>,
}

impl Recorder {
    pub(super) fn new(path: Option<&Path>) -> io::Result<Self> {
        let file = path.map(File::create).transpose()?.map(Mutex::new);
        Ok(Self { file, history: Mutex::default() })
    }

    pub(super) fn note(&self, exchange: &Exchange<'_>) {
        let mut line = json!({
            "method": exchange.method,
            "path": exchange.path,
            "request_body": exchange.request_body,
            "status": exchange.status.unwrap_or(0),
            "response_body": exchange.response_body,
        });
        if exchange.content_type.starts_with("application/ipp") {
            line["request_content_type"] = exchange.content_type.into();
        }
        if !exchange.headers.is_empty() {
            let headers = exchange.headers.iter();
            line["response_headers"] = headers
                .map(|(name, value)| ((*name).to_owned(), Value::from(without_query(value))))
                .collect::<serde_json::Map<_, _>>()
                .into();
        }
        if let Some(fault) = exchange.fault {
            line["fault"] = fault.into();
        }
        if let Some(file) = &self.file {
            let mut file = file.lock().expect("nothing panics while it is held");
            // A recording that can not be written is no reason to stop emulating.
            let _ = writeln!(file, "{line}");
        }
        // When it was, in milliseconds, is for tests alone: the recording has the contract's members.
        line["at"] = jiff::Timestamp::now().as_millisecond().into();
        let mut history = self.history.lock().expect("nothing panics while it is held");
        if history.len() < KEPT {
            history.push(line);
        }
    }

    pub(super) fn history(&self) -> Value {
        Value::Array(self.history.lock().expect("nothing panics while it is held").clone())
    }
}

/// An address without what authorizes it.
fn without_query(value: &str) -> &str {
    if value.starts_with("https://") { value.split('?').next().unwrap_or(value) } else { value }
}
