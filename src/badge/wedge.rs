//! Readers that pretend to be keyboards: key events of the kernel as the characters that were meant.
//!
//! It promises: any bytes are taken, in pieces of any size; what is no key that writes is left out.
//! Deliberately absent: opening and grabbing the device (`reader`).

use std::fmt;

use crate::model::station::Layout;

/// The kernel's `struct input_event`: a time, then type and code in two octets each, then a value in four.
const EVENT: usize = size_of::<libc::input_event>();
const HEAD: usize = size_of::<libc::timeval>();
const EV_KEY: u16 = 1;
const PRESSED: i32 = 1;

const LEFT_SHIFT: u16 = 42;
const RIGHT_SHIFT: u16 = 54;
/// The codes of keys by rows of the keyboard (linux/input-event-codes.h), from the first key of each row.
const ROWS: [(u16, &str, &str); 4] = [
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
];
const GERMAN_ROWS: [(u16, &str, &str); 4] = [
    (2, "1234567890\0\0", "!\"\0$%&/()=?\0"),
    (16, "qwertzuiop\0+", "QWERTZUIOP\0*"),
    (30, "asdfghjkl\0\0^", "ASDFGHJKL\0\0\0"),
    (43, "#yxcvbnm,.-", "'YXCVBNM;:_"),
];
/// The keys of the number pad, whose layout is the same everywhere.
const PAD: [(u16, char); 15] = [
    (55, '*'),
    (71, '7'),
    (72, '8'),
    (73, '9'),
    (74, '-'),
    (75, '4'),
    (76, '5'),
    (77, '6'),
    (78, '+'),
    (79, '1'),
    (80, '2'),
    (81, '3'),
    (82, '0'),
    (28, '\n'),
    (96, '\n'),
];
const SPACE: u16 = 57;

/// The keys of one reader.
#[derive(Default)]
pub struct Keys {
    layout: Layout,
    rest: Vec<u8>,
    shifted: bool,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("layout", &self.layout).finish_non_exhaustive()
    }
}

impl Keys {
    /// Keys in a layout.
    pub fn new(layout: Layout) -> Self {
        Self { layout, ..Self::default() }
    }

    /// The characters that these bytes of events write; Enter is a line feed.
    pub fn see(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.rest.extend_from_slice(bytes);
        let whole = self.rest.len() / EVENT * EVENT;
        let events: Vec<u8> = self.rest.drain(..whole).collect();
        events.chunks_exact(EVENT).filter_map(|event| self.key(&event[HEAD..])).collect()
    }

    fn key(&mut self, event: &[u8]) -> Option<u8> {
        let number = |at: usize| u16::from_ne_bytes([event[at], event[at + 1]]);
        let (kind, code) = (number(0), number(2));
        let value = i32::from_ne_bytes([event[4], event[5], event[6], event[7]]);
        if kind != EV_KEY {
            return None;
        }
        if matches!(code, LEFT_SHIFT | RIGHT_SHIFT) {
            self.shifted = value != 0;
            return None;
        }
        // A key that is held repeats itself; a badge does not.
        (value == PRESSED).then(|| self.character(code))?
    }

    fn character(&self, code: u16) -> Option<u8> {
        if code == SPACE {
            return Some(b' ');
        }
        if let Some((_, character)) = PAD.iter().find(|(pad, _)| *pad == code) {
            return u8::try_from(*character).ok();
        }
        let rows = match self.layout {
            Layout::Us => ROWS,
            Layout::German => GERMAN_ROWS,
        };
        let in_row = |(first, plain, shifted): &(u16, &str, &str)| {
            let row = if self.shifted { shifted } else { plain };
            row.as_bytes().get(usize::from(code.checked_sub(*first)?)).copied()
        };
        rows.iter().rev().find_map(in_row).filter(|character| *character != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: u16, code: u16, value: i32) -> Vec<u8> {
        let mut event = vec![0; HEAD];
        event.extend(kind.to_ne_bytes());
        event.extend(code.to_ne_bytes());
        event.extend(value.to_ne_bytes());
        event
    }

    /// Each key pressed, held and let go, with the kernel's markers between.
    fn typed(codes: &[u16]) -> Vec<u8> {
        let key = |code: &u16| {
            let steps = [(4, 4, 458_752), (1, *code, 1), (1, *code, 2), (1, *code, 0), (0, 0, 0)];
            steps.map(|(kind, code, value)| event(kind, code, value)).concat()
        };
        codes.iter().flat_map(key).collect()
    }

    #[test]
    fn a_number_is_typed_in_any_pieces() {
        // 946EBD28: digits on the upper row, letters with shift.
        let mut events = typed(&[10, 5, 7]);
        events.extend(event(1, LEFT_SHIFT, 1));
        events.extend(typed(&[18, 48, 32]));
        events.extend(event(1, LEFT_SHIFT, 0));
        events.extend(typed(&[3, 9, 28]));
        for size in [1, 7, EVENT, events.len()] {
            let mut keys = Keys::new(Layout::Us);
            let seen: Vec<u8> = events.chunks(size).flat_map(|chunk| keys.see(chunk)).collect();
            assert_eq!(seen, b"946EBD28\n", "{size}");
        }
    }

    #[test]
    fn a_german_reader_has_its_own_places() {
        let mut keys = Keys::new(Layout::German);
        assert_eq!(keys.see(&typed(&[21, 44, 53, 79, 96])), b"zy-1\n");
        assert_eq!(Keys::new(Layout::Us).see(&typed(&[21, 44, 53, 79, 96])), b"yz/1\n");
    }

    #[test]
    fn keys_that_write_nothing_are_left_out() {
        let mut keys = Keys::default();
        assert!(keys.see(&typed(&[1, 15, 29, 58, 59, 103, 200, 65_535])).is_empty());
    }
}
