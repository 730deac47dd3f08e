//! What stands for readers of PC/SC where the program was built without them.

use std::{convert::Infallible, io};

use tokio::sync::mpsc;

use super::reader::ReaderEvent;

#[allow(clippy::unused_async, reason = "it stands for one that waits")]
pub(super) async fn follow(_: &str, _: &mpsc::Sender<ReaderEvent>) -> io::Result<Infallible> {
    Err(io::Error::other("this program was built without PC/SC"))
}
