//! What proves a printer to us, and us to a printer: the files that its table names.
//!
//! It promises: each file is read once for a client and its digest, so that both are of the same moment.

use std::{path::Path, sync::Arc};

use aws_lc_rs::digest::{self, SHA256, SHA256_OUTPUT_LEN};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::keys::KeyFile;
use crate::{
    config::read_plain,
    model::settings::{PrinterAccess, Trust},
    printer::{Access, KeyKeeper, KeyPrint, Login},
};

/// SHA-256 of what the files of a printer's table hold.
pub(super) type FilesDigest = [u8; SHA256_OUTPUT_LEN];

/// What the files of a printer's table hold.
#[derive(Default)]
pub(super) struct PrinterFiles {
    ca: Option<Zeroizing<Vec<u8>>>,
    certificate: Option<Zeroizing<Vec<u8>>>,
    password: Option<Zeroizing<Vec<u8>>>,
}

impl PrinterFiles {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// A sentence about the one that does not read.
    pub(super) fn read(access: &PrinterAccess) -> Result<Self, String> {
        let password_file = access.login.as_ref().map(|(_, file)| file.as_path());
        Ok(Self {
            ca: access.ca_file.as_deref().map(read).transpose()?,
            certificate: access.certificate_file.as_deref().map(read).transpose()?,
            password: password_file.map(read).transpose()?,
        })
    }

    /// It is another one when any of them holds something else.
    pub(super) fn digest(&self) -> FilesDigest {
        let mut digest = digest::Context::new(&SHA256);
        for held in [&self.ca, &self.certificate, &self.password] {
            let length = held.as_ref().map_or(u64::MAX, |held| held.len() as u64);
            digest.update(&length.to_be_bytes());
            digest.update(held.as_ref().map_or(&[], |held| held.as_slice()));
        }
        digest.finish().as_ref().try_into().expect("SHA-256 has that length")
    }

    /// With what the table says of trust and login. Where the first key counts, it is kept by `first_key`.
    ///
    /// # Errors
    ///
    /// A sentence, if a key or a password does not read.
    pub(super) fn into_access(
        self,
        access: &PrinterAccess,
        first_key: KeyFile,
    ) -> Result<Access, String> {
        let key: Option<Arc<dyn KeyKeeper>> = match &access.trust {
            Trust::Certificates => None,
            Trust::Key(text) => Some(Arc::new(
                KeyPrint::parse(text).ok_or("trust: write a key as sha256: and 64 digits")?,
            )),
            Trust::FirstUse => Some(Arc::new(first_key)),
        };
        let login = match (&access.login, self.password) {
            (Some((user, file)), Some(password)) => {
                let password = str::from_utf8(&password)
                    .map_err(|_| format!("{}: the password is no text", file.display()))?;
                let password = SecretString::from(password.trim_end_matches(['\r', '\n']));
                Some(Arc::new(Login::new(user, password)))
            }
            _ => None,
        };
        let [ca, identity] = [self.ca, self.certificate].map(|pem| pem.map(|pem| pem.to_vec()));
        Ok(Access { ca, key, identity, login })
    }
}

fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    read_plain(file).map_err(|why| format!("{}: {why}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_hold_something_else_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let access = PrinterAccess { ca_file: Some(file.clone()), ..PrinterAccess::default() };
        let digest = || PrinterFiles::read(&access).map(|files| files.digest());
        std::fs::write(&file, "one").unwrap();
        let one = digest().unwrap();
        assert_eq!(digest(), Ok(one));
        std::fs::write(&file, "two").unwrap();
        assert_ne!(digest(), Ok(one));
        assert_ne!(PrinterFiles::default().digest(), one);
    }
}
