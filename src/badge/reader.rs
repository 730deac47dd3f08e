//! Readers: where they are, and the lines that come from them for as long as the daemon runs.
//!
//! It promises: a reader that is not there, or goes away, is found again; a keyboard is ours alone while it is read, so
//! that no number goes to whatever has the focus.
//! Deliberately absent: what a line means, and what follows from it.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{FileTypeExt, OpenOptionsExt},
    },
    path::Path,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, unix::AsyncFd},
    net::{TcpListener, TcpStream},
    sync::mpsc::{self, error::TrySendError},
    time::{sleep, timeout},
};

use super::{lines::Lines, pcsc, wedge::Keys};
use crate::model::station::ReaderSource;

/// How long a line may pause before what came of it is dropped.
const LULL: Duration = Duration::from_millis(500);
/// How long to wait before a reader is looked for again.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a network reader may take to be reached.
const DIAL: Duration = Duration::from_secs(5);

/// What a reader shows to the person, where it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The badge is known.
    Good,
    /// It is not, or there is nothing to do.
    Bad,
    /// It is to be shown again: this is much paper.
    Again,
}

/// What a reader tells.
#[derive(Clone, PartialEq, Eq)]
pub enum ReaderEvent {
    /// It is there.
    Here,
    /// It is not, and why.
    Away(String),
    /// A line.
    Line(String),
    /// So many lines were ignored since it is there.
    Ignored(u64),
}

impl fmt::Debug for ReaderEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here => f.write_str("Here"),
            Self::Away(why) => write!(f, "Away({why})"),
            Self::Line(_) => f.write_str("Line(..)"),
            Self::Ignored(lines) => write!(f, "Ignored({lines})"),
        }
    }
}

/// Follows a reader for as long as somebody listens.
pub async fn follow(
    source: &ReaderSource,
    told: &mpsc::Sender<ReaderEvent>,
    signals: &mut mpsc::Receiver<Signal>,
) {
    loop {
        let Err(error) = follow_once(source, told, signals).await;
        if tell(told, ReaderEvent::Away(error.to_string())).await.is_err() {
            return;
        }
        sleep(AGAIN).await;
    }
}

async fn tell(told: &mpsc::Sender<ReaderEvent>, event: ReaderEvent) -> io::Result<()> {
    told.send(event).await.map_err(|_| io::Error::other("nobody listens"))
}

async fn follow_once(
    source: &ReaderSource,
    told: &mpsc::Sender<ReaderEvent>,
    signals: &mut mpsc::Receiver<Signal>,
) -> io::Result<std::convert::Infallible> {
    let (mut connection, keys) = match source {
        ReaderSource::Serial { path, speed } => (Connection::Device(serial(path, *speed)?), None),
        ReaderSource::Keyboard { path, layout } => (keyboard(path)?, Some(Keys::new(*layout))),
        ReaderSource::Pcsc { name } => return pcsc::follow(name, told).await,
        ReaderSource::Dial { address } => {
            let dialed = timeout(DIAL, TcpStream::connect(address)).await;
            let stream = dialed.map_err(|_| io::Error::other("it does not answer"))??;
            (Connection::Stream(stream), None)
        }
        ReaderSource::Listen { address } => {
            let listener = TcpListener::bind(address).await?;
            return serve(listener, told, signals).await;
        }
    };
    tell(told, ReaderEvent::Here).await?;
    read(&mut connection, keys, told, signals).await
}

/// One reader at a time: one that comes again after a reset takes the place of what it was.
async fn serve(
    listener: TcpListener,
    told: &mpsc::Sender<ReaderEvent>,
    signals: &mut mpsc::Receiver<Signal>,
) -> io::Result<std::convert::Infallible> {
    let (mut stream, _) = listener.accept().await?;
    loop {
        tell(told, ReaderEvent::Here).await?;
        let mut connection = Connection::Stream(stream);
        stream = tokio::select! {
            // What came over the old connection is read before the new one counts.
            biased;
            ended = read(&mut connection, None, told, signals) => {
                let Err(why) = ended;
                tell(told, ReaderEvent::Away(why.to_string())).await?;
                listener.accept().await?.0
            }
            next = listener.accept() => next?.0,
        };
    }
}

async fn read(
    connection: &mut Connection,
    mut keys: Option<Keys>,
    told: &mpsc::Sender<ReaderEvent>,
    signals: &mut mpsc::Receiver<Signal>,
) -> io::Result<std::convert::Infallible> {
    let (mut lines, mut n_ignored, mut n_late) = (Lines::default(), 0, 0);
    let mut bytes = [0; 1024];
    loop {
        let came = tokio::select! {
            came = timeout(LULL, connection.read(&mut bytes)) => came,
            Some(signal) = signals.recv() => {
                connection.show(signal).await?;
                continue;
            }
        };
        let seen = match came {
            Err(_) => {
                lines.lull();
                Vec::new()
            }
            Ok(Ok(0)) => return Err(io::Error::other("it hung up")),
            Ok(Ok(n)) => match &mut keys {
                Some(keys) => lines.see(&keys.see(&bytes[..n])),
                None => lines.see(&bytes[..n]),
            },
            Ok(Err(error)) => return Err(error),
        };
        for line in seen {
            // Nobody shows so many badges: what would be looked up when its owner is gone is not.
            match told.try_send(ReaderEvent::Line(line)) {
                Ok(()) => {}
                Err(TrySendError::Full(_)) => n_late += 1,
                Err(TrySendError::Closed(_)) => return Err(io::Error::other("nobody listens")),
            }
        }
        if lines.n_ignored() + n_late != n_ignored {
            n_ignored = lines.n_ignored() + n_late;
            tell(told, ReaderEvent::Ignored(n_ignored)).await?;
        }
    }
}

/// An open reader.
enum Connection {
    Device(AsyncFd<OwnedFd>),
    /// A keyboard that is ours alone until this is dropped.
    Grabbed {
        events: AsyncFd<OwnedFd>,
        _device: evdev::Device,
    },
    Stream(TcpStream),
}

impl Connection {
    async fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let device = match self {
            Self::Stream(stream) => return stream.read(bytes).await,
            Self::Device(device) | Self::Grabbed { events: device, .. } => device,
        };
        loop {
            let mut ready = device.readable().await?;
            let read = |device: &AsyncFd<OwnedFd>| {
                rustix::io::read(device.get_ref(), &mut *bytes).map_err(io::Error::from)
            };
            if let Ok(result) = ready.try_io(read) {
                return result;
            }
        }
    }

    /// A network reader beeps (b) or shows a red light (e) at a letter; the others can not.
    async fn show(&mut self, signal: Signal) -> io::Result<()> {
        let Self::Stream(stream) = self else { return Ok(()) };
        let letters: &[u8] = match signal {
            Signal::Good => b"b",
            Signal::Bad => b"e",
            Signal::Again => b"be",
        };
        stream.write_all(letters).await
    }
}

fn open(path: &Path, write: bool) -> io::Result<File> {
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_CLOEXEC;
    OpenOptions::new().read(true).write(write).custom_flags(flags).open(path)
}

/// Bytes as they come, without echo.
fn serial(path: &Path, speed: u32) -> io::Result<AsyncFd<OwnedFd>> {
    let file = open(path, true)?;
    let mut attributes = rustix::termios::tcgetattr(&file)?;
    attributes.make_raw();
    attributes.set_speed(speed)?;
    rustix::termios::tcsetattr(&file, rustix::termios::OptionalActions::Now, &attributes)?;
    watched(OwnedFd::from(file))
}

#[allow(
    deprecated,
    reason = "its successor is unsafe, for types that change their descriptor; an owned one does not"
)]
fn watched(device: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(device)
}

/// A device is grabbed; a pipe of recorded events is read as it is.
fn keyboard(path: &Path) -> io::Result<Connection> {
    if std::fs::metadata(path)?.file_type().is_fifo() {
        // Open for writing as well, so that it does not end when a writer goes.
        return Ok(Connection::Device(watched(OwnedFd::from(open(path, true)?))?));
    }
    let mut device = evdev::Device::open(path)?;
    device.grab()?;
    device.set_nonblocking(true)?;
    let events = device.as_fd().try_clone_to_owned()?;
    Ok(Connection::Grabbed { events: watched(events)?, _device: device })
}

#[cfg(test)]
mod tests {
    use std::{io::Write, path::PathBuf};

    use super::*;
    use crate::model::station::Layout;

    /// What a reader tells, until it has told so much. A signal is shown before it acts.
    async fn heard(source: ReaderSource, n: usize, act: impl AsyncFnOnce()) -> Vec<ReaderEvent> {
        let (told, mut inbox) = mpsc::channel(16);
        let (signals, mut inbound) = mpsc::channel(1);
        signals.try_send(Signal::Good).unwrap();
        let following = async { follow(&source, &told, &mut inbound).await };
        let listening = async {
            let mut heard = Vec::new();
            heard.push(inbox.recv().await.unwrap());
            act().await;
            while heard.len() < n {
                heard.push(inbox.recv().await.unwrap());
            }
            heard
        };
        tokio::select! {
            () = following => unreachable!("somebody listens"),
            heard = listening => heard,
        }
    }

    #[tokio::test]
    async fn a_serial_reader_is_read_through_a_terminal() {
        let controller = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR).unwrap();
        rustix::pty::grantpt(&controller).unwrap();
        rustix::pty::unlockpt(&controller).unwrap();
        let name = rustix::pty::ptsname(&controller, Vec::new()).unwrap();
        let path = PathBuf::from(name.to_str().unwrap());
        let mut controller = File::from(controller);
        let lines = heard(ReaderSource::Serial { path, speed: 9_600 }, 3, async || {
            controller.write_all(b"rfid:946EBD28\r\n0013961168\r\n").unwrap();
        });
        let expect = [
            ReaderEvent::Here,
            ReaderEvent::Line("rfid:946EBD28".into()),
            ReaderEvent::Line("0013961168".into()),
        ];
        assert_eq!(lines.await, expect);
    }

    #[tokio::test]
    async fn recorded_keys_are_read_through_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
        let source = ReaderSource::Keyboard { path: path.clone(), layout: Layout::Us };
        let key = |code: u16| {
            let mut event = vec![0; size_of::<libc::timeval>()];
            event.extend([1_u16.to_ne_bytes(), code.to_ne_bytes()].concat());
            event.extend(1_i32.to_ne_bytes());
            event
        };
        let events: Vec<u8> = [5, 3, 28].into_iter().flat_map(key).collect();
        let lines = heard(source, 2, async || {
            let mut pipe = OpenOptions::new().write(true).open(&path).unwrap();
            pipe.write_all(&events).unwrap();
        });
        assert_eq!(lines.await, [ReaderEvent::Here, ReaderEvent::Line("42".into())]);
    }

    #[tokio::test]
    async fn a_network_reader_that_goes_is_found_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let reader = tokio::spawn(async move {
            for number in ["42\n", "43\n"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(number.as_bytes()).await.unwrap();
            }
        });
        let told = heard(ReaderSource::Dial { address }, 5, async || {}).await;
        reader.await.unwrap();
        let line = |number: &str| ReaderEvent::Line(number.into());
        assert!(told[..2] == [ReaderEvent::Here, line("42")], "{told:?}");
        assert!(matches!(told[2], ReaderEvent::Away(_)), "{told:?}");
        assert!(told[3..] == [ReaderEvent::Here, line("43")], "{told:?}");
    }

    #[tokio::test]
    async fn a_network_reader_may_come_to_us_and_come_again() {
        // A port that is free, which the reader is told.
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let source = ReaderSource::Listen { address: address.clone() };
        let (told, mut inbox) = mpsc::channel(16);
        let (signals, mut inbound) = mpsc::channel(1);
        signals.try_send(Signal::Good).unwrap();
        let line = |number: &str| Some(ReaderEvent::Line(number.into()));
        let story = async {
            let mut stream = loop {
                match TcpStream::connect(&address).await {
                    Ok(stream) => break stream,
                    Err(_) => tokio::task::yield_now().await,
                }
            };
            assert!(inbox.recv().await == Some(ReaderEvent::Here));
            let mut letter = [0];
            stream.read_exact(&mut letter).await.unwrap();
            assert_eq!(&letter, b"b");
            stream.write_all(b"42\n").await.unwrap();
            assert!(inbox.recv().await == line("42"));
            // It was reset: its old connection is still open.
            let mut again = TcpStream::connect(&address).await.unwrap();
            again.write_all(b"43\n").await.unwrap();
            assert!(inbox.recv().await == Some(ReaderEvent::Here));
            assert!(inbox.recv().await == line("43"));
        };
        tokio::select! {
            () = follow(&source, &told, &mut inbound) => unreachable!("somebody listens"),
            () = story => {}
        }
    }

    #[tokio::test]
    async fn what_pauses_in_a_number_is_ignored_and_counted() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let reader = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"946E").await.unwrap();
            stream
        };
        let source = ReaderSource::Dial { address };
        let (told, _stream) = tokio::join!(heard(source, 2, async || {}), reader);
        assert_eq!(told, [ReaderEvent::Here, ReaderEvent::Ignored(1)]);
    }

    #[tokio::test]
    async fn a_reader_that_is_not_there_is_told() {
        let source = ReaderSource::Serial { path: "/nonexistent/reader".into(), speed: 9_600 };
        let told = heard(source, 1, async || {}).await;
        assert!(
            matches!(&told[0], ReaderEvent::Away(why) if why.contains("No such file")),
            "{told:?}"
        );
    }
}
