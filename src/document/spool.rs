//! The bounded spool: small documents in memory, large ones in an encrypted file without a name.
//!
//! The file is unlinked from its birth, so that nothing is left behind whatever crashes, and sealed in chunks with an
//! order (STREAM over ChaCha20-Poly1305) under a key that lives in this process alone.
//! Deliberately absent: keeping a document over a restart. It is fetched again.

use std::{
    collections::HashMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::{Bytes, BytesMut};
use chacha20poly1305::{Key, aead::Generate};
use futures_util::{StreamExt, stream, stream::BoxStream};
use thiserror::Error;
use tokio::task::spawn_blocking;

use super::{
    format::HEAD,
    sealed::{Nonce, Opening, Sealed},
};
use crate::model::JobNumber;

/// Pieces of fewer octets than this are copied where they stay in memory.
const SHORT: usize = 16 * 1024;

/// How much may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpoolLimits {
    /// The longest document that stays in memory, in octets.
    pub memory_document: u64,
    /// All documents in memory together, in octets.
    pub memory: u64,
    /// All documents on disk together, in octets.
    pub disk: u64,
    /// The longest document at all, in octets.
    pub document: u64,
}

/// Why a document can not wait here.
#[derive(Debug, Error)]
pub enum SpoolError {
    /// The document is longer than any may be.
    #[error("the document is longer than {0} octets")]
    TooLarge(u64),
    /// Others take the room.
    #[error("the spool is full")]
    Full,
    /// The disk failed.
    #[error("spool: {0}")]
    Io(#[from] io::Error),
}

/// The documents that wait for their printers.
#[derive(Debug)]
pub struct Spool {
    directory: PathBuf,
    limits: SpoolLimits,
    key: Key,
    in_memory: Arc<AtomicU64>,
    on_disk: Arc<AtomicU64>,
    documents: Mutex<HashMap<JobNumber, Arc<Spooled>>>,
}

/// Room that is taken, given back when dropped.
#[derive(Debug)]
struct Room {
    used: Arc<AtomicU64>,
    octets: u64,
    limit: u64,
}

impl Room {
    fn none(used: &Arc<AtomicU64>, limit: u64) -> Self {
        Self { used: Arc::clone(used), octets: 0, limit }
    }

    fn take(&mut self, octets: u64) -> Result<(), SpoolError> {
        let before = self.used.fetch_add(octets, Ordering::AcqRel);
        self.octets += octets;
        if before + octets > self.limit { Err(SpoolError::Full) } else { Ok(()) }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.used.fetch_sub(self.octets, Ordering::AcqRel);
    }
}

/// A document that is here, whole.
#[derive(Debug)]
pub struct Spooled {
    /// Its length.
    pub octets: u64,
    head: Bytes,
    body: Body,
    _room: Room,
}

#[derive(Debug)]
enum Body {
    Memory(Vec<Bytes>),
    File { file: Arc<File>, key: Key, nonce: Nonce },
}

/// A document that is coming in.
pub struct Incoming<'a> {
    spool: &'a Spool,
    octets: u64,
    head: BytesMut,
    chunks: Vec<Bytes>,
    room: Room,
    sealed: Option<Sealed>,
}

impl std::fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming").field("octets", &self.octets).finish_non_exhaustive()
    }
}

impl Spool {
    /// A spool with its files in that directory, which must exist.
    pub fn new(directory: &Path, limits: SpoolLimits) -> Self {
        Self {
            directory: directory.to_owned(),
            limits,
            key: Key::generate(),
            in_memory: Arc::default(),
            on_disk: Arc::default(),
            documents: Mutex::default(),
        }
    }

    /// Starts to take a document in.
    pub fn begin(&self) -> Incoming<'_> {
        Incoming {
            spool: self,
            octets: 0,
            head: BytesMut::new(),
            chunks: Vec::new(),
            room: Room::none(&self.in_memory, self.limits.memory),
            sealed: None,
        }
    }

    fn documents(&self) -> MutexGuard<'_, HashMap<JobNumber, Arc<Spooled>>> {
        self.documents.lock().expect("nothing panics while it is held")
    }

    /// Keeps a document for a job.
    pub fn put(&self, job: JobNumber, document: Arc<Spooled>) {
        self.documents().insert(job, document);
    }

    /// The document of a job.
    pub fn get(&self, job: JobNumber) -> Option<Arc<Spooled>> {
        self.documents().get(&job).cloned()
    }

    /// Forgets the document of a job.
    pub fn forget(&self, job: JobNumber) {
        self.documents().remove(&job);
    }

    /// Octets in memory and on disk.
    pub fn used(&self) -> (u64, u64) {
        (self.in_memory.load(Ordering::Acquire), self.on_disk.load(Ordering::Acquire))
    }
}

impl Incoming<'_> {
    /// Takes in the next bytes.
    ///
    /// # Errors
    ///
    /// [`SpoolError`]; the document is lost then.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), SpoolError> {
        self.octets += bytes.len() as u64;
        if self.octets > self.spool.limits.document {
            return Err(SpoolError::TooLarge(self.spool.limits.document));
        }
        let missing = HEAD - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(missing)]);
        if self.sealed.is_none() && !self.stays_in_memory(bytes.len() as u64) {
            self.move_to_disk().await?;
        }
        match &mut self.sealed {
            // A short piece may keep a long buffer of the connection alive.
            None if bytes.len() < SHORT => self.chunks.push(Bytes::copy_from_slice(&bytes)),
            None => self.chunks.push(bytes),
            Some(sealed) => {
                self.room.take(bytes.len() as u64)?;
                sealed.write(&bytes).await?;
            }
        }
        Ok(())
    }

    fn stays_in_memory(&mut self, more: u64) -> bool {
        self.octets <= self.spool.limits.memory_document && self.room.take(more).is_ok()
    }

    async fn move_to_disk(&mut self) -> Result<(), SpoolError> {
        let directory = self.spool.directory.clone();
        let file = spawn_blocking(move || tempfile::tempfile_in(directory))
            .await
            .map_err(io::Error::other)??;
        let mut sealed = Sealed::new(file, &self.spool.key);
        self.room = Room::none(&self.spool.on_disk, self.spool.limits.disk);
        for chunk in std::mem::take(&mut self.chunks) {
            self.room.take(chunk.len() as u64)?;
            sealed.write(&chunk).await?;
        }
        self.sealed = Some(sealed);
        Ok(())
    }

    /// The document is whole.
    ///
    /// # Errors
    ///
    /// [`SpoolError`]; the document is lost then.
    pub async fn finish(self) -> Result<Spooled, SpoolError> {
        let body = match self.sealed {
            None => Body::Memory(self.chunks),
            Some(sealed) => {
                let (file, nonce) = sealed.finish().await?;
                Body::File { file, key: self.spool.key, nonce }
            }
        };
        Ok(Spooled { octets: self.octets, head: self.head.freeze(), body, _room: self.room })
    }
}

impl Spooled {
    /// The first kilobyte.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The bytes, from the start; as often as wanted. In small pieces, however they came: so a send is seen to move.
    pub fn stream(&self) -> BoxStream<'static, io::Result<Bytes>> {
        match &self.body {
            Body::Memory(chunks) => {
                stream::iter(chunks.clone().into_iter().flat_map(in_pieces).map(Ok)).boxed()
            }
            Body::File { file, key, nonce } => {
                let opening = Opening::new(Arc::clone(file), key, *nonce);
                stream::try_unfold(opening, Opening::next).boxed()
            }
        }
    }
}

fn in_pieces(chunk: Bytes) -> impl Iterator<Item = Bytes> {
    const PIECE: usize = 64 * 1024;
    (0..chunk.len()).step_by(PIECE).map(move |at| chunk.slice(at..chunk.len().min(at + PIECE)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::sealed::{CHUNK, read_full_at};

    const LIMITS: SpoolLimits =
        SpoolLimits { memory_document: 1_000, memory: 1_500, disk: 2_000_000, document: 1_000_000 };

    async fn spooled(spool: &Spool, octets: usize) -> Result<Spooled, SpoolError> {
        let bytes: Vec<u8> = (0..octets).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let mut incoming = spool.begin();
        for chunk in bytes.chunks(70_000) {
            incoming.write(Bytes::copy_from_slice(chunk)).await?;
        }
        incoming.finish().await
    }

    async fn read(document: &Spooled) -> Vec<u8> {
        let mut stream = document.stream();
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.next().await {
            bytes.extend_from_slice(&chunk.unwrap());
        }
        bytes
    }

    #[tokio::test]
    async fn a_document_comes_out_as_it_went_in_from_memory_and_from_disk() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path(), LIMITS);
        for octets in [0, 1, 900, 1_001, CHUNK, CHUNK + 1, 3 * CHUNK, 500_000] {
            let document = spooled(&spool, octets).await.unwrap();
            let bytes = read(&document).await;
            assert_eq!(bytes.len(), octets);
            assert!(
                bytes.iter().enumerate().all(|(i, byte)| usize::from(*byte) == i % 251),
                "{octets}"
            );
            assert_eq!(read(&document).await, bytes, "a second reading is the same");
        }
        assert_eq!(spool.used(), (0, 0));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "no file has a name");
    }

    #[tokio::test]
    async fn what_is_on_disk_does_not_show_the_document() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path(), LIMITS);
        let mut incoming = spool.begin();
        incoming.write(Bytes::from(vec![b'A'; 400_000])).await.unwrap();
        let document = incoming.finish().await.unwrap();
        let Body::File { file, .. } = &document.body else { panic!("it is in memory") };
        let mut bytes = vec![0; 4_096];
        assert_eq!(read_full_at(file, &mut bytes, 0).unwrap(), 4_096);
        assert!(!bytes.windows(8).any(|window| window == b"AAAAAAAA"));
    }

    #[tokio::test]
    async fn the_spool_is_bounded_and_gives_its_room_back() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path(), LIMITS);
        assert!(matches!(spooled(&spool, 1_000_001).await, Err(SpoolError::TooLarge(_))));
        let first = spooled(&spool, 999_999).await.unwrap();
        let second = spooled(&spool, 999_999).await.unwrap();
        assert!(matches!(spooled(&spool, 2_000).await, Err(SpoolError::Full)));
        drop((first, second));
        assert_eq!(spool.used(), (0, 0));
        spooled(&spool, 2_000).await.unwrap();
    }
}
