//! Live events of a station: a badge was shown, a job of the person who is signed in has changed.
//!
//! It promises: only changes of their own jobs, and of those whom they collect for, and none after their session is over. Deliberately absent: what has changed; a
//! screen asks for its list again.

use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{Kiosk, StationNews, TapNews};

const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a station's screen is told.
pub(super) enum LiveEvent {
    /// The reader said something.
    TapNews(TapNews),
    /// The person's jobs changed.
    Jobs,
}

/// What is told to a screen of a station, which shows this session's token.
struct Listener {
    kiosk: Arc<Kiosk>,
    station: String,
    token: Option<String>,
    signals: broadcast::Receiver<Arc<StationNews>>,
    changes: broadcast::Receiver<String>,
    /// What was said while there was no screen; heard first.
    missed: Option<Arc<StationNews>>,
    heard: Option<Arc<StationNews>>,
}

/// The events of a station, each written as the caller likes.
pub(super) fn events(
    kiosk: Arc<Kiosk>,
    station: String,
    token: Option<String>,
    write: impl Fn(LiveEvent) -> Event + Send + 'static,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (signals, changes) = (kiosk.signals.subscribe(), kiosk.desk.changes());
    let missed = kiosk.pending_news(&station);
    let listener = Listener { kiosk, station, token, signals, changes, missed, heard: None };
    let told = stream::unfold(listener, |mut listener| async move {
        let told = listener.next().await?;
        Some((told, listener))
    });
    Sse::new(told.map(move |told| Ok(write(told))))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

impl Listener {
    /// The next event; nothing when the kiosk closes.
    async fn next(&mut self) -> Option<LiveEvent> {
        if let Some(missed) = self.missed.take() {
            let signal = missed.signal.clone();
            self.heard = Some(missed);
            return Some(LiveEvent::TapNews(signal));
        }
        loop {
            tokio::select! {
                told = self.signals.recv() => match told {
                    Ok(told) if self.is_for_us(&told) => {
                        return Some(LiveEvent::TapNews(told.signal.clone()));
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                },
                owner = self.changes.recv() => {
                    let owner = match owner {
                        Ok(owner) => Some(owner),
                        // Some were missed: they may have been theirs.
                        Err(RecvError::Lagged(_)) => None,
                        Err(RecvError::Closed) => return None,
                    };
                    if self.concerns(owner.as_deref()).await {
                        return Some(LiveEvent::Jobs);
                    }
                }
            }
        }
    }

    /// What was said at our station, once: between two pages it may come both ways.
    fn is_for_us(&self, told: &Arc<StationNews>) -> bool {
        let again = self.heard.as_ref().is_some_and(|heard| Arc::ptr_eq(heard, told));
        told.station == self.station && !again
    }

    /// Whether these jobs, or any, are of whoever is signed in with our token, or of somebody whom they collect for.
    async fn concerns(&self, owner: Option<&str>) -> bool {
        let Some(token) = &self.token else { return false };
        let session = self.kiosk.sessions().look(&self.station, token, Instant::now());
        let Some((person, _)) = session else { return false };
        let Some(owner) = owner.filter(|owner| *owner != person.id) else { return true };
        let owners = self.kiosk.desk.owners_of(&person).await.unwrap_or_default();
        owners.iter().any(|one| one.id == owner)
    }
}
