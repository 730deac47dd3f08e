//! Bytes of a reader as lines: for serial and network readers, and behind a keyboard's keys.
//!
//! It promises: a line that is too long, or has anything but plain characters in it, is ignored and counted, whatever its
//! length, in bounded memory; half a line is dropped after a lull.
//! Deliberately absent: what a line means (`uid`).

use std::fmt;

use super::uid::LONGEST;

/// Lines of one reader.
#[derive(Default)]
pub struct Lines {
    line: Vec<u8>,
    /// Whether the present line is ignored.
    bad: bool,
    n_ignored: u64,
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("n_ignored", &self.n_ignored).finish_non_exhaustive()
    }
}

impl Lines {
    /// The lines that these bytes end.
    pub fn see(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for byte in bytes {
            match byte {
                b'\r' | b'\n' => lines.extend(self.end()),
                b' '..=b'~' if self.line.len() < LONGEST => self.line.push(*byte),
                _ => self.bad = true,
            }
        }
        lines
    }

    /// Nothing came for a while: the beginning of a line is not continued.
    pub fn lull(&mut self) {
        if self.bad || !self.line.is_empty() {
            self.bad = true;
            self.end();
        }
    }

    /// How many lines were ignored.
    pub fn n_ignored(&self) -> u64 {
        self.n_ignored
    }

    fn end(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.bad) {
            self.n_ignored += 1;
            return None;
        }
        let line = String::from_utf8(line).ok()?;
        (!line.trim().is_empty()).then(|| line.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let text = b"rfid:946EBD28\r\n0013961168\n";
        for size in 1..=text.len() {
            let mut lines = Lines::default();
            let seen: Vec<String> = text.chunks(size).flat_map(|chunk| lines.see(chunk)).collect();
            assert_eq!(seen, ["rfid:946EBD28", "0013961168"], "{size}");
            assert_eq!(lines.n_ignored(), 0);
        }
    }

    #[test]
    fn a_reader_that_babbles_is_ignored_and_counted() {
        let mut lines = Lines::default();
        assert!(lines.see(&vec![b'7'; 1_000_000]).is_empty());
        assert!(lines.line.capacity() <= 2 * LONGEST);
        assert!(lines.see(b"\n12\x0034\n\xFF\xFE\n").is_empty());
        assert_eq!(lines.n_ignored(), 3);
        assert_eq!(lines.see(b"\r\n\r\n42\r\n"), ["42"]);
        assert_eq!(lines.n_ignored(), 3);
    }

    #[test]
    fn half_a_number_is_dropped_after_a_lull() {
        let mut lines = Lines::default();
        assert!(lines.see(b"9465").is_empty());
        lines.lull();
        lines.lull();
        assert_eq!(lines.n_ignored(), 1);
        assert_eq!(lines.see(b"946EBD28\n"), ["946EBD28"]);
    }
}
