//! The keys that printers showed first, each in a file of the state directory.
//!
//! It promises: a first key is kept before anything is sent to the printer; one that does not read, or can not be
//! kept, counts as none and is said. Deliberately absent: forgetting, which is an administrator's (`printers trust`).

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use tracing::{error, info};

use crate::{
    model::PrinterName,
    printer::{KeyKeeper, KeyPrint},
};

/// The file with a printer's first key.
#[derive(Debug)]
pub struct KeyFile {
    file: PathBuf,
    printer: PrinterName,
}

impl KeyFile {
    /// The file of that printer, whether it is there or not.
    pub fn of(state_dir: &Path, printer: &PrinterName) -> Self {
        let file = state_dir.join("printer-keys").join(format!("{printer}.key"));
        Self { file, printer: printer.clone() }
    }

    /// Forgets the key: the next one that the printer shows is trusted.
    ///
    /// # Errors
    ///
    /// The system's, but for a file that is not there.
    pub fn forget(&self) -> std::io::Result<()> {
        match std::fs::remove_file(&self.file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    fn write(&self, key: KeyPrint) -> std::io::Result<()> {
        let folder = self.file.parent().expect("it is in a folder");
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        writeln!(file, "{key}")?;
        file.as_file().sync_all()?;
        file.persist(&self.file).map_err(|error| error.error)?;
        Ok(())
    }
}

impl KeyKeeper for KeyFile {
    fn key(&self) -> Option<KeyPrint> {
        let text = std::fs::read_to_string(&self.file).ok()?;
        let key = KeyPrint::parse(text.trim());
        if key.is_none() {
            error!(printer = %self.printer, "{} does not read", self.file.display());
        }
        key
    }

    fn learn(&self, key: KeyPrint) {
        match self.write(key) {
            Ok(()) => info!(printer = %self.printer, "its key is trusted from now on: {key}"),
            Err(error) => {
                error!(printer = %self.printer, "its key can not be kept: {}: {error}", self.file.display())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_key_is_kept_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::of(folder.path(), &PrinterName::new("lobby"));
        assert_eq!(file.key(), None);
        let key = KeyPrint([7; 32]);
        file.learn(key);
        assert_eq!(file.key(), Some(key));
        file.forget().unwrap();
        file.forget().unwrap();
        assert_eq!(file.key(), None);
    }
}
