//! Stations: where a person stands, with readers and printers.
//!
//! Deliberately absent: how readers are read (`badge`), and what follows from a badge (`daemon`).

use std::path::PathBuf;

use super::PrinterName;

/// A station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StationSettings {
    /// What we call it.
    pub name: String,
    /// Its readers.
    pub readers: Vec<String>,
    /// Its printers or pools; the first is "this one".
    pub printers: Vec<PrinterName>,
    /// Whether people see their jobs on a screen there.
    pub screen: bool,
    /// What happens when a badge is shown and there is no screen.
    pub on_tap: OnTap,
    /// How many sheets of a person go at once there; above that the badge is to be shown again. Absent: all.
    pub ask_above: Option<u64>,
}

/// What a badge at a station without a screen lets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTap {
    /// All jobs of the person that wait.
    All,
    /// The one that was printed last.
    Last,
    /// One after another, oldest first, for as long as the badge lies at the reader.
    WhilePresent,
}

/// A reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderSettings {
    /// What we call it.
    pub name: String,
    /// Where it is.
    pub source: ReaderSource,
    /// The steps from what it says to the number that people have.
    pub steps: Vec<String>,
    /// Whether it says UIDs of ISO 14443-A as they are, in hexadecimal.
    pub natural_uid: bool,
    /// The shortest number that it says; what is shorter is ignored.
    pub shortest: usize,
}

/// Where a reader is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReaderSource {
    /// A serial line, or a USB device that looks like one.
    Serial {
        /// Such as `/dev/ttyACM0`.
        path: PathBuf,
        /// Bits a second; without a meaning over USB.
        speed: u32,
    },
    /// A USB device that looks like a keyboard.
    Keyboard {
        /// Such as `/dev/input/by-id/usb-...-event-kbd`.
        path: PathBuf,
        /// Which characters its keys mean.
        layout: Layout,
    },
    /// A reader of PC/SC.
    Pcsc {
        /// A part of what pcscd calls it.
        name: String,
    },
    /// A reader in the network that waits for us.
    Dial {
        /// Host and port.
        address: String,
    },
    /// A reader in the network that comes to us.
    Listen {
        /// Our address and port.
        address: String,
    },
}

/// How keys are laid out: readers send the places of keys, not characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// As in the United States: what readers mean as they are delivered.
    #[default]
    Us,
    /// German, for readers that were set to it.
    German,
}
