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

use super::spool::{Spool, SpoolError, Spooled};

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
        self.run(input, output.try_clone()?).await?;
        read_result(output, spool).await
    }

    async fn run(&self, input: File, output: File) -> Result<(), ConvertError> {
        let seconds = self.time.as_secs();
        let mut child = Command::new(&self.launcher)
            .arg(CHILD)
            .args([
                self.memory.to_string(),
                (seconds + 1).to_string(),
                self.output.to_string(),
                "--".into(),
            ])
            .args(self.command.iter().map(|word| match word.as_str() {
                "{input}" => "/proc/self/fd/0",
                "{output}" => "/proc/self/fd/1",
                other => other,
            }))
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .current_dir("/")
            .stdin(input)
            .stdout(output)
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
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

async fn read_result(file: File, spool: &Spool) -> Result<Spooled, ConvertError> {
    const PIECE: usize = 128 * 1024;
    let mut file = tokio::fs::File::from_std(file);
    file.rewind().await?;
    let mut incoming = spool.begin();
    let mut tail = Bytes::new();
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        if (&mut file).take(PIECE as u64).read_to_end(&mut piece).await? == 0 {
            break;
        }
        let piece = Bytes::from(piece);
        tail = [&tail[tail.len().saturating_sub(64)..], &piece[..]].concat().into();
        incoming.write(piece).await?;
    }
    let converted = incoming.finish().await?;
    let ends = tail[tail.len().saturating_sub(64)..].windows(5).any(|window| window == b"%%EOF");
    if converted.head().starts_with(b"%PDF-") && ends {
        Ok(converted)
    } else {
        Err(ConvertError::Failed("its result is not a whole PDF".to_owned()))
    }
}

/// The exit code of a child that could not become the converter.
const CANNOT_BECOME: i32 = 126;

/// Limits this process and becomes the converter. It returns only if that fails; the exit code is for `main`.
///
/// `limits` are address space in octets, CPU time in seconds, and the longest file in octets.
pub fn become_converter(limits: [u64; 3], command: &[String]) -> (String, i32) {
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
        if let Err(error) = setrlimit(resource, limit) {
            return (format!("limit {resource:?}: {error}"), CANNOT_BECOME);
        }
    }
    let Some((program, arguments)) = command.split_first() else {
        return ("the converter's command is empty".to_owned(), CANNOT_BECOME);
    };
    let error = std::process::Command::new(program).args(arguments).exec();
    (format!("{program}: {error}"), CANNOT_BECOME)
}
