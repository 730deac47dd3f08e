//! Faults, drawn from a seed: what a real cloud and real printers do on a bad day.
//!
//! Each knob is a share of a hundred. The control door can order a printer's fault by name.

use std::{collections::VecDeque, sync::Mutex};

use bytes::Bytes;

/// What happens to a call of the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CloudFault {
    /// 429, with the seconds of its `Retry-After`.
    TooMany(Option<u32>),
    /// 503, with the seconds of its `Retry-After`.
    Unavailable(Option<u32>),
    /// The connection is dropped before the call is carried out.
    DropBefore,
    /// The call is carried out and its answer is lost.
    DropAfter,
    /// The answer comes late, by so many milliseconds.
    Slow(u64),
    /// The token is refused before its time.
    TokenOver,
    /// From now on a token must have been asked for with certain claims.
    Claims,
}

impl CloudFault {
    /// The fault of a word of the control door; `number` is its seconds or milliseconds.
    pub(super) fn from_word(word: &str, number: u64) -> Option<Self> {
        let seconds = u32::try_from(number).ok().filter(|seconds| *seconds > 0);
        Some(match word {
            "too-many" => Self::TooMany(seconds),
            "unavailable" => Self::Unavailable(seconds),
            "drop-before" => Self::DropBefore,
            "drop-after" => Self::DropAfter,
            "slow" => Self::Slow(number),
            "token-over" => Self::TokenOver,
            "claims" => Self::Claims,
            _ => return None,
        })
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::TooMany(_) => "too-many",
            Self::Unavailable(_) => "unavailable",
            Self::DropBefore => "drop-before",
            Self::DropAfter => "drop-after",
            Self::Slow(_) => "slow",
            Self::TokenOver => "token-over",
            Self::Claims => "claims",
        }
    }
}

/// What a printer does wrong with one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PrinterFault {
    /// Create-Job is answered 0x0507.
    Busy,
    /// Create-Job is carried out and its answer is lost.
    DropCreate,
    /// Create-Job succeeds without a job-id, and nothing is created.
    NoJobId,
    /// Create-Job answers with another job's id.
    WrongJobId,
    /// Send-Document is carried out and its answer is lost.
    DropSend,
    /// The connection breaks after so many bytes of the document; what came is printed and called completed.
    CutAfter(u64),
    /// The printer forgets the job as soon as it is completed.
    Forget,
    /// The printer restarts as soon as the job is completed: its history is gone.
    Reboot,
    /// The printer restarts in the middle of the print: some pages are out, its history is gone.
    RebootMidway,
    /// Create-Job is carried out and its answer does not read.
    GarbledCreate,
    /// Create-Job is carried out and half of its answer comes.
    HalfCreate,
    /// Send-Document is carried out and its answer does not read.
    GarbledSend,
    /// Send-Document is carried out and half of its answer comes.
    HalfSend,
    /// The job waits for a PIN at the printer's panel.
    PanelWait,
}

impl PrinterFault {
    /// What the printer makes of its answer to the operation that the fault is about.
    pub(super) fn bend(self, answer: Bytes) -> Bytes {
        match self {
            Self::GarbledCreate | Self::GarbledSend => Bytes::from_static(b"<html>busy</html>"),
            Self::HalfCreate | Self::HalfSend => answer.slice(..answer.len() / 2),
            _ => answer,
        }
    }

    /// The fault of a word of the control door.
    pub(super) fn from_word(word: &str, bytes: u64) -> Option<Self> {
        Some(match word {
            "busy" => Self::Busy,
            "drop-create" => Self::DropCreate,
            "no-job-id" => Self::NoJobId,
            "wrong-job-id" => Self::WrongJobId,
            "drop-send" => Self::DropSend,
            "cut-after" => Self::CutAfter(bytes),
            "forget" => Self::Forget,
            "reboot" => Self::Reboot,
            "reboot-midway" => Self::RebootMidway,
            "garbled-create" => Self::GarbledCreate,
            "half-create" => Self::HalfCreate,
            "garbled-send" => Self::GarbledSend,
            "half-send" => Self::HalfSend,
            "panel-wait" => Self::PanelWait,
            _ => return None,
        })
    }
}

/// Draws faults.
pub(super) struct Faults {
    random: Mutex<fastrand::Rng>,
    calm: bool,
    printers_too: bool,
    ordered: Mutex<VecDeque<CloudFault>>,
}

impl Faults {
    pub(super) fn new(seed: u64, calm: bool, printers_too: bool) -> Self {
        Self {
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            calm,
            printers_too,
            ordered: Mutex::default(),
        }
    }

    fn draw<T>(&self, pick: impl FnOnce(&mut fastrand::Rng) -> Option<T>) -> Option<T> {
        if self.calm {
            return None;
        }
        pick(&mut self.random.lock().expect("nothing panics while it is held"))
    }

    /// The next call of the cloud gets this fault.
    pub(super) fn order(&self, fault: CloudFault) {
        self.ordered.lock().expect("nothing panics while it is held").push_back(fault);
    }

    /// A share of calls of the cloud goes wrong, and those that the control door ordered.
    pub(super) fn cloud(&self) -> Option<CloudFault> {
        let ordered = self.ordered.lock().expect("nothing panics while it is held").pop_front();
        if ordered.is_some() {
            return ordered;
        }
        self.draw(|random| match random.u32(..100) {
            0..2 => Some(CloudFault::TooMany(Some(1))),
            2..4 => Some(CloudFault::TooMany(None)),
            4..5 => Some(CloudFault::Unavailable(None)),
            5..6 => Some(CloudFault::Unavailable(Some(1))),
            6..8 => Some(CloudFault::DropBefore),
            8..10 => Some(CloudFault::DropAfter),
            10..14 => Some(CloudFault::Slow(random.u64(50..600))),
            14..15 => Some(CloudFault::TokenOver),
            _ => None,
        })
    }

    /// A share of printer jobs goes wrong. A cut falls within the first 900 octets: IPP counts documents in units of
    /// 1,024, so one within the last unit can not be told from a whole document by anybody.
    pub(super) fn printer(&self) -> Option<PrinterFault> {
        if !self.printers_too {
            return None;
        }
        self.draw(|random| match random.u32(..100) {
            0..4 => Some(PrinterFault::Busy),
            4..7 => Some(PrinterFault::DropCreate),
            7..9 => Some(PrinterFault::NoJobId),
            9..11 => Some(PrinterFault::WrongJobId),
            11..14 => Some(PrinterFault::DropSend),
            14..17 => Some(PrinterFault::CutAfter(random.u64(1..900))),
            17..20 => Some(PrinterFault::Forget),
            20..21 => Some(PrinterFault::Reboot),
            _ => None,
        })
    }

    /// Whether something with that share of a hundred happens now.
    pub(super) fn share(&self, share: u32) -> bool {
        self.draw(|random| (random.u32(..100) < share).then_some(())).is_some()
    }

    /// A number below `limit`; 0 when calm.
    pub(super) fn below(&self, limit: u64) -> u64 {
        self.draw(|random| Some(random.u64(..limit))).unwrap_or(0)
    }
}
