//! Conversion by an external program in a child process with limits on time, memory and output.
//!
//! The document reaches the child in a file that exists in memory only, as its standard input, and the result comes
//! back the same way as its standard output: nothing plain touches the disk. The child is this binary, which limits
//! itself and then becomes the program.
//! Deliberately absent: a limit on what the child may open. The unit's sandbox and a later confinement see to that.

use std::{
    fs::File,
    io,
    os::unix::process::{CommandExt, ExitStatusExt},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use bytes::Bytes;
use futures_util::StreamExt;
use rustix::{
    fs::{MemfdFlags, memfd_create},
    process::{Resource, Rlimit, setrlimit},
};
use thiserror::Error;
use tokio::{
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
    process::Command,
    time::timeout,
};

use super::{
    pages::{PdfPages, xps_pages},
    spool::{Spool, SpoolError, Spooled},
};

/// The hidden subcommand under which this binary limits itself and becomes the converter.
pub const CHILD: &str = "convert-child";

/// How to convert.
#[derive(Clone, Debug)]
pub struct Converter {
    /// This binary.
    pub launcher: PathBuf,
    /// The program and its arguments; `{input}` and `{output}` stand for the files.
    pub command: Vec<String>,
    /// How long it may take.
    pub time: Duration,
    /// Its address space, in octets.
    pub memory: u64,
    /// The longest result, in octets.
    pub output: u64,
}

/// Why there is no result.
#[derive(Debug, Error)]
pub enum ConvertError {
    /// The converter is not there or can not be started: the administrator has to act.
    #[error("the converter can not be started: {0}")]
    NotStarted(String),
    /// The converter took too long.
    #[error("the converter took longer than {0} seconds")]
    TooSlow(u64),
    /// The converter failed on this document, or said that something is missing from its result.
    #[error("the converter failed: {0}")]
    Failed(String),
    /// The converter was ended from outside: it says nothing about the document.
    #[error("the converter was ended by signal {0}")]
    Interrupted(i32),
    /// The result can not be kept.
    #[error("keep the converted document: {0}")]
    Spool(#[from] SpoolError),
    /// The system failed.
    #[error("convert: {0}")]
    Io(#[from] io::Error),
}

impl Converter {
    /// Converts a document to PDF.
    ///
    /// # Errors
    ///
    /// [`ConvertError`]. A converter that warns has failed: a page with something missing is no print.
    pub async fn convert(
        &self,
        document: &Spooled,
        spool: &Spool,
    ) -> Result<Spooled, ConvertError> {
        let input = memory_file("input")?;
        let output = memory_file("output")?;
        write_all(input.try_clone()?, document).await?;
        let expected = self.count_pages(input.try_clone()?).await;
        self.run(input, output.try_clone()?).await?;
        read_result(output, spool, expected).await
    }

    /// A child of this binary with the limits and the document.
    fn child(&self, input: File) -> Command {
        let limits = [self.memory, self.time.as_secs() + 1, self.output];
        let mut child = Command::new(&self.launcher);
        child
            .arg(CHILD)
            .args(limits.map(|limit| limit.to_string()))
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .current_dir("/")
            .stdin(input)
            .process_group(0)
            .kill_on_drop(true);
        child
    }

    /// The pages of the document, counted in a child of its own; nothing where they can not be counted.
    async fn count_pages(&self, input: File) -> Option<u64> {
        let counting = self
            .child(input)
            .arg("--count-pages")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .output();
        let output = timeout(self.time, counting).await.ok()?.ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    }

    async fn run(&self, input: File, output: File) -> Result<(), ConvertError> {
        let seconds = self.time.as_secs();
        let command = self.command.iter().map(|word| match word.as_str() {
            "{input}" => "/proc/self/fd/0",
            "{output}" => "/proc/self/fd/1",
            other => other,
        });
        let mut child = self
            .child(input)
            .arg("--")
            .args(command)
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| ConvertError::NotStarted(error.to_string()))?;
        let stderr = child.stderr.take().expect("it is piped");
        let work = async {
            let mut said = String::new();
            let _ = stderr.take(2_000).read_to_string(&mut said).await;
            (child.wait().await, said)
        };
        let (status, said) =
            timeout(self.time, work).await.map_err(|_| ConvertError::TooSlow(seconds))?;
        let said = said.lines().next().unwrap_or_default().trim().to_owned();
        let status = status?;
        // A limit ends the child by XCPU, XFSZ, SEGV or ABRT; these come from who stops the service or runs out of memory.
        if let Some(signal @ (1 | 2 | 9 | 15)) = status.signal() {
            return Err(ConvertError::Interrupted(signal));
        }
        match status.code() {
            Some(0) if said.is_empty() => Ok(()),
            Some(CANNOT_BECOME) => Err(ConvertError::NotStarted(said)),
            _ if said.is_empty() => {
                Err(ConvertError::Failed("it was ended by a limit or an error".to_owned()))
            }
            _ => Err(ConvertError::Failed(said)),
        }
    }
}

fn memory_file(name: &str) -> io::Result<File> {
    Ok(File::from(memfd_create(name, MemfdFlags::CLOEXEC)?))
}

async fn write_all(file: File, document: &Spooled) -> io::Result<()> {
    let mut file = tokio::fs::File::from_std(file);
    let mut stream = document.stream();
    while let Some(chunk) = stream.next().await {
        file.write_all(&chunk?).await?;
    }
    file.flush().await?;
    file.rewind().await.map(drop)
}

/// The result: a whole PDF, with as many pages as the document has, where both can be counted.
async fn read_result(
    file: File,
    spool: &Spool,
    expected: Option<u64>,
) -> Result<Spooled, ConvertError> {
    const PIECE: usize = 128 * 1024;
    let mut file = tokio::fs::File::from_std(file);
    file.rewind().await?;
    let mut incoming = spool.begin();
    let mut tail = Bytes::new();
    let mut pages = PdfPages::default();
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        if (&mut file).take(PIECE as u64).read_to_end(&mut piece).await? == 0 {
            break;
        }
        let piece = Bytes::from(piece);
        pages.see(&piece);
        tail = [&tail[tail.len().saturating_sub(64)..], &piece[..]].concat().into();
        incoming.write(piece).await?;
    }
    let converted = incoming.finish().await?;
    let ends = tail[tail.len().saturating_sub(64)..].windows(5).any(|window| window == b"%%EOF");
    if !converted.head().starts_with(b"%PDF-") || !ends {
        return Err(ConvertError::Failed("its result is not a whole PDF".to_owned()));
    }
    match (expected, pages.count()) {
        (Some(expected), Some(came)) if expected != came => {
            Err(ConvertError::Failed(format!("{came} of {expected} pages came out")))
        }
        _ => Ok(converted),
    }
}

/// The exit code of a child that could not become the converter.
pub const CANNOT_BECOME: i32 = 126;

/// Limits this process. `limits` are address space in octets, CPU time in seconds, and the longest file in octets.
///
/// # Errors
///
/// A sentence, if the system does not take a limit.
pub fn limit_this_process(limits: [u64; 3]) -> Result<(), String> {
    let [memory, seconds, output] = limits;
    let rows = [
        (Resource::As, memory),
        (Resource::Cpu, seconds),
        (Resource::Fsize, output),
        (Resource::Nofile, 64),
        (Resource::Core, 0),
    ];
    for (resource, limit) in rows {
        let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
        setrlimit(resource, limit).map_err(|error| format!("limit {resource:?}: {error}"))?;
    }
    Ok(())
}

/// Becomes the converter. It returns only if that fails; the exit code is for `main`.
pub fn become_converter(command: &[String]) -> (String, i32) {
    let Some((program, arguments)) = command.split_first() else {
        return ("the converter's command is empty".to_owned(), CANNOT_BECOME);
    };
    let error = std::process::Command::new(program).args(arguments).exec();
    (format!("{program}: {error}"), CANNOT_BECOME)
}

/// The pages of the package on standard input.
pub fn count_pages_of_input() -> Option<u64> {
    xps_pages(io::BufReader::new(File::open("/proc/self/fd/0").ok()?))
}
