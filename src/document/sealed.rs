//! A document sealed in a file, chunk by chunk, and opened again.
//!
//! STREAM over ChaCha20-Poly1305: a chunk that is missing, doubled, moved or cut does not open.
//! Deliberately absent: keys that outlive the process.

use std::{fs::File, io, os::unix::fs::FileExt, sync::Arc};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use bytes::{Bytes, BytesMut};
use chacha20poly1305::{ChaCha20Poly1305, Key, aead::Generate};
use tokio::task::spawn_blocking;

/// How much of a document is sealed at a time.
pub(super) const CHUNK: usize = 128 * 1024;
const TAG: usize = 16;
pub(super) type Nonce = [u8; 7];

/// The part of an incoming document that went to disk.
pub(super) struct Sealed {
    file: Arc<File>,
    nonce: Nonce,
    encryptor: EncryptorBE32<ChaCha20Poly1305>,
    pending: BytesMut,
    written: u64,
}

impl Sealed {
    pub(super) fn new(file: File, key: &Key) -> Self {
        let nonce = Nonce::generate();
        let encryptor = EncryptorBE32::new(key, &nonce.into());
        Self { file: Arc::new(file), nonce, encryptor, pending: BytesMut::new(), written: 0 }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.pending.extend_from_slice(bytes);
        // The last chunk is sealed otherwise, so one is kept back.
        while self.pending.len() > CHUNK {
            let chunk = self.pending.split_to(CHUNK);
            let sealed = self.encryptor.encrypt_next(&chunk[..]).map_err(io::Error::other)?;
            self.append(sealed).await?;
        }
        Ok(())
    }

    async fn append(&mut self, sealed: Vec<u8>) -> io::Result<()> {
        let (file, at) = (Arc::clone(&self.file), self.written);
        self.written += sealed.len() as u64;
        spawn_blocking(move || file.write_all_at(&sealed, at)).await.map_err(io::Error::other)?
    }

    /// Seals the last chunk; the file and the nonce that opens it.
    pub(super) async fn finish(self) -> io::Result<(Arc<File>, Nonce)> {
        let sealed = self.encryptor.encrypt_last(&self.pending[..]).map_err(io::Error::other)?;
        let (file, at) = (Arc::clone(&self.file), self.written);
        spawn_blocking(move || file.write_all_at(&sealed, at))
            .await
            .map_err(io::Error::other)??;
        Ok((self.file, self.nonce))
    }
}

/// A sealed file being read.
pub(super) struct Opening {
    file: Arc<File>,
    decryptor: Option<DecryptorBE32<ChaCha20Poly1305>>,
    at: u64,
}

impl Opening {
    pub(super) fn new(file: Arc<File>, key: &Key, nonce: Nonce) -> Self {
        Self { file, decryptor: Some(DecryptorBE32::new(key, &nonce.into())), at: 0 }
    }

    /// The next piece of the plain document.
    pub(super) async fn next(self) -> io::Result<Option<(Bytes, Self)>> {
        spawn_blocking(move || self.next_blocking()).await.map_err(io::Error::other)?
    }

    fn next_blocking(mut self) -> io::Result<Option<(Bytes, Self)>> {
        let Some(mut decryptor) = self.decryptor.take() else { return Ok(None) };
        let mut sealed = vec![0; CHUNK + TAG];
        let n = read_full_at(&self.file, &mut sealed, self.at)?;
        self.at += n as u64;
        sealed.truncate(n);
        let more = n == CHUNK + TAG && read_full_at(&self.file, &mut [0], self.at)? > 0;
        let damaged = |_| io::Error::new(io::ErrorKind::InvalidData, "the spool file is damaged");
        let plain = if more {
            let plain = decryptor.decrypt_next(&sealed[..]).map_err(damaged)?;
            self.decryptor = Some(decryptor);
            plain
        } else {
            decryptor.decrypt_last(&sealed[..]).map_err(damaged)?
        };
        Ok(Some((plain.into(), self)))
    }
}

pub(super) fn read_full_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match file.read_at(&mut buffer[n..], at + n as u64)? {
            0 => break,
            more => n += more,
        }
    }
    Ok(n)
}
