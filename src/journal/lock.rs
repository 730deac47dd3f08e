//! One daemon per journal: an exclusive lock, taken at start and held to the end of the process.
//!
//! The kernel drops it with the process, so a crash leaves no stale lock. The file names its holder for the one who
//! comes second. Deliberately absent: waiting, stealing.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::JournalError;

/// The lock; dropping it lets go.
#[derive(Debug)]
pub struct JournalLock {
    file: File,
    state_dir: PathBuf,
}

impl JournalLock {
    /// Looks whether the lock is still the one that a second daemon would find.
    ///
    /// # Errors
    ///
    /// [`JournalError::Moved`], if the state directory was moved or removed.
    pub fn look(&self) -> Result<(), JournalError> {
        let id = |file: &std::fs::Metadata| (file.dev(), file.ino());
        let held = self.file.metadata().as_ref().map(id).ok();
        let there = std::fs::metadata(name(&self.state_dir)).as_ref().map(id).ok();
        if held.is_some() && held == there {
            return Ok(());
        }
        Err(JournalError::Moved { path: self.state_dir.clone() })
    }
}

fn name(state_dir: &Path) -> PathBuf {
    state_dir.join("journal.lock")
}

/// Takes the lock of a state directory.
///
/// # Errors
///
/// [`JournalError::Held`] with the holder's own words if another process has it, [`JournalError::NotOurs`] if we
/// are root and the directory is another user's.
pub fn take(state_dir: &Path) -> Result<JournalLock, JournalError> {
    refuse_strangers(state_dir)?;
    let path = name(state_dir);
    let io = |source| JournalError::Io { path: path.clone(), source };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(io)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let holder = holder.trim().to_owned();
            let holder = if holder.is_empty() { "another pullprint".to_owned() } else { holder };
            return Err(JournalError::Held { path: state_dir.to_owned(), holder });
        }
        Err(TryLockError::Error(source)) => return Err(io(source)),
    }
    // A full disk costs the second daemon the first one's name, not the first one its start.
    if let Err(error) = name_holder(&mut file)
        && error.kind() != std::io::ErrorKind::StorageFull
    {
        return Err(io(error));
    }
    Ok(JournalLock { file, state_dir: state_dir.to_owned() })
}

/// Root could write into anybody's directory, and leave files there that the service can not open.
fn refuse_strangers(state_dir: &Path) -> Result<(), JournalError> {
    let Ok(about) = std::fs::metadata(state_dir) else { return Ok(()) };
    if about.uid() == 0 || !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let owner = user_name(about.uid());
    Err(JournalError::NotOurs { path: state_dir.to_owned(), owner })
}

/// A user's name by the number, from the system's own list.
pub fn user_name(uid: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let is_theirs = |line: &&str| line.split(':').nth(2) == Some(uid.to_string().as_str());
    let name = users.lines().find(is_theirs).and_then(|line| line.split(':').next());
    name.map_or_else(|| uid.to_string(), str::to_owned)
}

fn name_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "process {} on {}", std::process::id(), host())
}

/// The name of this machine.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let first = take(dir.path()).unwrap();
        let error = take(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        first.look().unwrap();
        std::fs::remove_file(name(dir.path())).unwrap();
        assert!(matches!(first.look(), Err(JournalError::Moved { .. })));
        drop(first);
        take(dir.path()).unwrap();
    }
}
