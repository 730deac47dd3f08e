//! Where a journal may be, and the mark that keeps it from being used unchecked.
//!
//! After a failed sync nobody knows what is on the disk: the page cache may show what was never written. The mark makes
//! the next start wait for a check by a person. Deliberately absent: what is in the file.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use tracing::error;

use super::JournalError;

/// The journal's file in a state directory.
pub fn file(state_dir: &Path) -> PathBuf {
    state_dir.join("journal.sqlite")
}

/// File systems that forget at a restart, by their number in Linux's `statfs(2)`.
const VOLATILE: [(u32, &str); 4] = [
    (0x0102_1994, "a tmpfs"),
    (0x8584_58f6, "a ramfs"),
    (0x794c_7630, "an overlay"),
    (0x6175_6673, "an aufs"),
];

/// Refuses a state directory whose file system forgets at a restart.
///
/// # Errors
///
/// [`JournalError::Volatile`], or what the system said of the directory.
pub fn refuse_volatile(state_dir: &Path) -> Result<(), JournalError> {
    let found = rustix::fs::statfs(state_dir)
        .map_err(|error| JournalError::Io { path: state_dir.to_owned(), source: error.into() })?;
    // The type's width differs between architectures; its number has 32 bits.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
    let number = found.f_type as u32;
    match VOLATILE.iter().find(|(volatile, _)| *volatile == number) {
        Some((_, kind)) => Err(JournalError::Volatile { path: state_dir.to_owned(), kind }),
        None => Ok(()),
    }
}

/// Why a journal must not be used as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A write or a sync failed.
    DiskFailed,
    /// A restore has begun.
    Restoring,
}

impl Mark {
    const ALL: [Self; 2] = [Self::DiskFailed, Self::Restoring];

    fn word(self) -> &'static str {
        match self {
            Self::DiskFailed => "disk-failed",
            Self::Restoring => "restoring",
        }
    }

    fn file(self, journal: &Path) -> PathBuf {
        journal.with_extension(self.word())
    }

    /// Whether a journal has it.
    pub(super) fn is_on(self, journal: &Path) -> bool {
        self.file(journal).exists()
    }
}

/// Marks a journal. A disk that failed may not take the mark either; then the log is all that is left.
pub(super) fn mark(journal: &Path, mark: Mark) {
    if let Err(why) = mark_with(journal, mark, mark.word()) {
        error!(
            id = "journal-not-marked",
            "{}: {why}; run `pullprint journal check` before the next start",
            journal.display()
        );
    }
}

/// Marks a journal with a text, unless it is marked already; the text that the mark has now.
pub(super) fn mark_with(journal: &Path, mark: Mark, text: &str) -> std::io::Result<String> {
    let path = mark.file(journal);
    if let Ok(there) = std::fs::read_to_string(&path)
        && !there.is_empty()
    {
        return Ok(there);
    }
    let mut file = File::create(&path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    sync_directory(&path)?;
    Ok(text.to_owned())
}

/// Takes a mark away.
///
/// # Errors
///
/// What the system said.
pub(super) fn unmark(journal: &Path, mark: Mark) -> Result<(), JournalError> {
    let path = mark.file(journal);
    let io = |source| JournalError::Io { path: path.clone(), source };
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io(error)),
        _ => sync_directory(&path).map_err(io),
    }
}

/// Refuses a journal that is marked.
///
/// # Errors
///
/// [`JournalError::Unchecked`] or [`JournalError::HalfRestored`].
pub fn refuse_marked(state_dir: &Path) -> Result<(), JournalError> {
    let path = file(state_dir);
    match Mark::ALL.into_iter().find(|mark| mark.is_on(&path)) {
        Some(Mark::DiskFailed) => Err(JournalError::Unchecked { path }),
        Some(Mark::Restoring) => Err(JournalError::HalfRestored { path }),
        None => Ok(()),
    }
}

/// Refuses a journal of which only the log is left: opening it would take that away.
///
/// # Errors
///
/// [`JournalError::Damaged`].
pub fn refuse_cut(journal: &Path) -> Result<(), JournalError> {
    let octets = |file: &Path| std::fs::metadata(file).map_or(0, |about| about.len());
    let log = PathBuf::from(format!("{}-wal", journal.display()));
    if octets(journal) > 0 || octets(&log) == 0 {
        return Ok(());
    }
    let why = format!("it is empty or gone, and its log {} is not", log.display());
    Err(JournalError::Damaged { path: journal.to_owned(), why })
}

/// Makes what was created, renamed or removed beside a path durable.
pub(super) fn sync_directory(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_journal_is_refused_until_the_mark_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let journal = file(dir.path());
        refuse_marked(dir.path()).unwrap();
        mark(&journal, Mark::DiskFailed);
        assert!(matches!(refuse_marked(dir.path()), Err(JournalError::Unchecked { .. })));
        unmark(&journal, Mark::DiskFailed).unwrap();
        mark(&journal, Mark::Restoring);
        assert!(matches!(refuse_marked(dir.path()), Err(JournalError::HalfRestored { .. })));
        unmark(&journal, Mark::Restoring).unwrap();
        refuse_marked(dir.path()).unwrap();
    }

    #[test]
    fn a_journal_of_which_only_the_log_is_left_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let journal = file(dir.path());
        refuse_cut(&journal).unwrap();
        File::create(&journal).unwrap();
        refuse_cut(&journal).unwrap();
        std::fs::write(dir.path().join("journal.sqlite-wal"), "pages").unwrap();
        assert!(matches!(refuse_cut(&journal), Err(JournalError::Damaged { .. })));
        std::fs::write(&journal, "pages").unwrap();
        refuse_cut(&journal).unwrap();
    }

    #[test]
    fn shared_memory_is_volatile() {
        let shm = Path::new("/dev/shm");
        if shm.is_dir() {
            assert!(matches!(refuse_volatile(shm), Err(JournalError::Volatile { .. })));
        }
    }
}
