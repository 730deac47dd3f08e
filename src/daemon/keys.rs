//! The keys that printers showed first, each in a file of the state directory.
//!
//! It promises: the daemon keeps a first key before anything is sent to the printer; while one does not read, or can not
//! be kept, nobody is trusted. Whoever only looks keeps none, nor does root in the directory of another, who could lead it
//! elsewhere: then the key is trusted for that connection.
//! Deliberately absent: forgetting, which is an administrator's (`printers trust`).

use std::{
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use tracing::info;

use crate::{
    model::PrinterName,
    printer::{KeyKeeper, KeyPrint},
};

/// The file with a printer's first key.
#[derive(Debug)]
pub struct KeyFile {
    file: PathBuf,
    printer: PrinterName,
    learns: bool,
}

impl KeyFile {
    /// The file of that printer, whether it is there or not.
    pub fn of(state_dir: &Path, printer: &PrinterName) -> Self {
        let file = state_dir.join("printer-keys").join(format!("{printer}.key"));
        let is_anothers = |owner: u32| rustix::process::geteuid().is_root() && owner != 0;
        let learns = !std::fs::metadata(state_dir).is_ok_and(|about| is_anothers(about.uid()));
        Self { file, printer: printer.clone(), learns }
    }

    /// The same, and a first key is trusted without being kept.
    #[must_use]
    pub fn only_read(self) -> Self {
        Self { learns: false, ..self }
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
    fn key(&self) -> Result<Option<KeyPrint>, String> {
        let named = |why: &dyn std::fmt::Display| format!("{}: {why}", self.file.display());
        match std::fs::read_to_string(&self.file) {
            Ok(text) => {
                let key = KeyPrint::parse(text.trim()).ok_or_else(|| named(&"it is no key"))?;
                Ok(Some(key))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(named(&error)),
        }
    }

    fn learn(&self, key: KeyPrint) -> Result<(), String> {
        if !self.learns {
            return Ok(());
        }
        self.write(key).map_err(|error| format!("{}: {error}", self.file.display()))?;
        info!(printer = %self.printer, "its key is trusted from now on: {key}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_key_is_kept_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::of(folder.path(), &PrinterName::new("lobby"));
        assert_eq!(file.key(), Ok(None));
        let key = KeyPrint([7; 32]);
        KeyFile::of(folder.path(), &PrinterName::new("lobby")).only_read().learn(key).unwrap();
        assert_eq!(file.key(), Ok(None), "it was only looked at");
        file.learn(key).unwrap();
        assert_eq!(file.key(), Ok(Some(key)));
        std::fs::write(folder.path().join("printer-keys/lobby.key"), "bent").unwrap();
        assert!(file.key().is_err());
        file.forget().unwrap();
        file.forget().unwrap();
        assert_eq!(file.key(), Ok(None));
    }

    #[test]
    fn root_keeps_no_key_in_the_directory_of_another() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("SKIPPED: this is not root");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::chown(folder.path(), Some(65_534), Some(65_534)).unwrap();
        let file = KeyFile::of(folder.path(), &PrinterName::new("lobby"));
        file.learn(KeyPrint([7; 32])).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
