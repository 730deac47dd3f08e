//! A document becomes another one in child processes with limits on time, memory and output.
//!
//! The document reaches a child in a file that exists in memory only, as its standard input, and the result comes back
//! the same way as its standard output: nothing plain touches the disk. A child is this binary, which limits itself
//! (`child`) and then becomes an external converter, or keeps, repeats or draws pages itself.
//! Deliberately absent: what is to be done (`DocumentWork`).

use std::{
    fs::File, io, os::unix::process::ExitStatusExt, path::PathBuf, process::Stdio, time::Duration,
};

use bytes::Bytes;
use futures_util::StreamExt;
use rustix::fs::{MemfdFlags, memfd_create};
use thiserror::Error;
use tokio::{
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
    process::Command,
    time::timeout,
};
use tokio_util::io::ReaderStream;

use super::{
    child::{CANNOT_BECOME, PAGES, WARNING},
    pages::PdfPages,
    spool::{Spool, SpoolError, Spooled},
};
use crate::model::{DocumentFormat, DocumentWork};

/// The hidden subcommand under which this binary limits itself and works on a document.
pub const CHILD: &str = "convert-child";

/// The exit code of a Rust program that panicked.
const PANICKED: i32 = 101;

/// How to convert.
#[derive(Clone, Debug)]
pub struct Converter {
    /// This binary.
    pub launcher: PathBuf,
    /// The program that makes a PDF of OXPS and XPS, and its arguments; `{input}` and `{output}` stand for the files.
    pub command: Vec<String>,
    /// How long it may take.
    pub time: Duration,
    /// Its address space, in octets.
    pub memory: u64,
    /// The longest result, in octets.
    pub output: u64,
    /// Whether a document that can not be drawn whole is refused.
    pub strict: bool,
}

/// A document as it goes to the printer.
#[derive(Debug)]
pub struct Prepared {
    /// Its bytes.
    pub document: Spooled,
    /// What is missing in it, for people.
    pub missing: Vec<String>,
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
    /// We could not work on the document, with a sentence that people may read.
    #[error("{0}")]
    OfOurs(String),
    /// Parts of the document can not be drawn, and the configuration is strict.
    #[error("parts of the document can not be drawn: {0}")]
    Incomplete(String),
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
    /// Does the work on a document.
    ///
    /// # Errors
    ///
    /// [`ConvertError`]. An external converter that warns has failed: a page with something missing is no print.
    pub async fn prepare(
        &self,
        document: &Spooled,
        work: &DocumentWork,
        spool: &Spool,
    ) -> Result<Prepared, ConvertError> {
        let mut file = memory_file("document")?;
        write_all(file.try_clone()?, document).await?;
        let is_xps = matches!(work.source, DocumentFormat::Oxps | DocumentFormat::Xps);
        let mut missing = Vec::new();
        if is_xps && work.sent != work.source {
            file = self.convert(file, &mut missing).await?;
        }
        if work.touches_pages() {
            let line = work.to_string();
            let (prepared, said) = self.work_ourselves(file, &["--prepare", line.as_str()]).await?;
            file = prepared;
            missing.extend(warnings(&said));
        }
        if self.strict && !missing.is_empty() {
            return Err(ConvertError::Incomplete(missing.join(", ")));
        }
        Ok(Prepared { document: keep(file, spool).await?, missing })
    }

    /// The number of pages of a PDF, OXPS or XPS document.
    ///
    /// # Errors
    ///
    /// [`ConvertError`].
    pub async fn count_pages(&self, document: &Spooled) -> Result<u64, ConvertError> {
        let file = memory_file("document")?;
        write_all(file.try_clone()?, document).await?;
        n_pages(&self.work_ourselves(file, &["--count-pages"]).await?.1)
    }

    /// An XPS package becomes a whole PDF, with as many pages as the package has, where the PDF's can be counted.
    async fn convert(&self, input: File, missing: &mut Vec<String>) -> Result<File, ConvertError> {
        let (plain, said) = self.work_ourselves(input, &["--make-plain"]).await?;
        let n_pages = n_pages(&said)?;
        missing.extend(warnings(&said));
        let command = self.command.iter().map(|word| match word.as_str() {
            "{input}" => "/proc/self/fd/0",
            "{output}" => "/proc/self/fd/1",
            other => other,
        });
        let output = memory_file("converted")?;
        let arguments: Vec<&str> = ["--"].into_iter().chain(command).collect();
        let said = self.run(plain, output.try_clone()?, &arguments).await?;
        if !said.is_empty() {
            return Err(ConvertError::Failed(first_line(&said)));
        }
        check_pdf(output.try_clone()?, n_pages).await?;
        rewound(output).await.map_err(Into::into)
    }

    /// A child of this binary makes a document of a document. The result is also what it said.
    async fn work_ourselves(
        &self,
        input: File,
        errand: &[&str],
    ) -> Result<(File, String), ConvertError> {
        let output = memory_file("prepared")?;
        let said = self.run(input, output.try_clone()?, errand).await;
        let said = said.map_err(|error| match error {
            ConvertError::Failed(why) => ConvertError::OfOurs(why),
            error => error,
        })?;
        Ok((rewound(output).await?, said))
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

    /// What a child said that did its errand.
    async fn run(
        &self,
        input: File,
        output: File,
        arguments: &[&str],
    ) -> Result<String, ConvertError> {
        let seconds = self.time.as_secs();
        let mut child = self
            .child(input)
            .args(arguments)
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| ConvertError::NotStarted(error.to_string()))?;
        let stderr = child.stderr.take().expect("it is piped");
        let work = async {
            let mut said = Vec::new();
            let _ = stderr.take(2_000).read_to_end(&mut said).await;
            (child.wait().await, String::from_utf8_lossy(&said).into_owned())
        };
        let (status, said) =
            timeout(self.time, work).await.map_err(|_| ConvertError::TooSlow(seconds))?;
        let status = status?;
        // A limit ends the child by XCPU, XFSZ, SEGV or ABRT; these come from who stops the service or runs out of memory.
        if let Some(signal @ (1 | 2 | 9 | 15)) = status.signal() {
            return Err(ConvertError::Interrupted(signal));
        }
        match status.code() {
            Some(0) => Ok(said),
            Some(CANNOT_BECOME) => Err(ConvertError::NotStarted(first_line(&said))),
            // What a crash of ours leaves behind is for nobody's eyes.
            Some(code) if code != PANICKED && !said.trim().is_empty() => {
                Err(ConvertError::Failed(first_line(&said)))
            }
            _ => Err(ConvertError::Failed(
                "it needs more memory or time than it may have".to_owned(),
            )),
        }
    }
}

fn n_pages(said: &str) -> Result<u64, ConvertError> {
    let n_pages = said.lines().find_map(|line| line.strip_prefix(PAGES)?.parse().ok());
    n_pages.ok_or_else(|| ConvertError::OfOurs("its pages do not count".to_owned()))
}

fn warnings(said: &str) -> impl Iterator<Item = String> {
    said.lines().filter_map(|line| line.strip_prefix(WARNING)).map(str::to_owned)
}

fn first_line(said: &str) -> String {
    said.lines().next().unwrap_or_default().trim().to_owned()
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

async fn rewound(file: File) -> io::Result<File> {
    let mut file = tokio::fs::File::from_std(file);
    file.rewind().await?;
    Ok(file.into_std().await)
}

/// The file's pieces, from its beginning.
async fn pieces(file: File) -> io::Result<ReaderStream<tokio::fs::File>> {
    const PIECE: usize = 128 * 1024;
    let mut file = tokio::fs::File::from_std(file);
    file.rewind().await?;
    Ok(ReaderStream::with_capacity(file, PIECE))
}

async fn keep(file: File, spool: &Spool) -> Result<Spooled, ConvertError> {
    let mut incoming = spool.begin();
    let mut pieces = pieces(file).await?;
    while let Some(piece) = pieces.next().await {
        incoming.write(piece?).await?;
    }
    Ok(incoming.finish().await?)
}

/// Whether it is a whole PDF, with as many pages as expected.
async fn check_pdf(file: File, expected: u64) -> Result<(), ConvertError> {
    const ENDS: usize = 64;
    let (mut head, mut tail, mut pages) = (Bytes::new(), Bytes::new(), PdfPages::default());
    let mut pieces = pieces(file).await?;
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        if head.is_empty() {
            head = piece.clone();
        }
        pages.see(&piece);
        tail = [&tail[tail.len().saturating_sub(ENDS)..], &piece[..]].concat().into();
    }
    let ends = tail[tail.len().saturating_sub(ENDS)..].windows(5).any(|window| window == b"%%EOF");
    if !head.starts_with(b"%PDF-") || !ends {
        return Err(ConvertError::Failed("its result is not a whole PDF".to_owned()));
    }
    match pages.count() {
        Some(came) if came != expected => {
            Err(ConvertError::Failed(format!("{came} of {expected} pages came out")))
        }
        _ => Ok(()),
    }
}
