//! Small plain files: secrets, keys and certificates that the configuration names.
//!
//! It promises: nobody waits for what is no plain file, and no more of one is read than any of these can be.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::fs::OFlags;
use zeroize::Zeroizing;

/// The largest, in octets: more than all authorities of a system.
const LARGEST: u64 = 1 << 20;

/// Opens a plain file.
///
/// # Errors
///
/// The system's, and one for what is no plain file, such as a pipe.
pub(super) fn open_plain(file: &Path) -> io::Result<File> {
    // A pipe opened otherwise waits for somebody who writes to it.
    let nonblock = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(nonblock).open(file)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no plain file")) }
}

/// What a plain file holds.
///
/// # Errors
///
/// The system's, and one for what is no plain file, or is larger than 1 MiB.
pub fn read_plain(file: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut held = Zeroizing::new(Vec::new());
    open_plain(file)?.take(LARGEST + 1).read_to_end(&mut held)?;
    if held.len() as u64 > LARGEST {
        return Err(io::Error::other("it has more than 1 MiB"));
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_file_is_read_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        let told = || read_plain(&file).map_err(|error| error.to_string());
        std::fs::write(&file, "sesame").unwrap();
        assert_eq!(told().unwrap().as_slice(), b"sesame");
        std::fs::write(&file, vec![b'x'; (1 << 20) + 1]).unwrap();
        assert!(told().unwrap_err().contains("more than 1 MiB"));
        std::fs::remove_file(&file).unwrap();
        assert!(told().unwrap_err().contains("No such file"));
        rustix::fs::mkfifoat(rustix::fs::CWD, &file, 0o600.into()).unwrap();
        assert!(told().unwrap_err().contains("no plain file"));
        assert!(read_plain(folder.path()).unwrap_err().to_string().contains("no plain file"));
    }
}
