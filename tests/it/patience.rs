//! Waiting for what is to come, and how long.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval};

/// How long anything may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Asks again and again until there is an answer.
pub(crate) async fn until<T, Fut: Future<Output = Option<T>>>(
    what: &str,
    ask: impl FnMut() -> Fut,
) -> T {
    until_within(PATIENCE, what, ask).await
}

/// The same with another patience.
pub(crate) async fn until_within<T, Fut: Future<Output = Option<T>>>(
    patience: Duration,
    what: &str,
    mut ask: impl FnMut() -> Fut,
) -> T {
    let begun = Instant::now();
    let mut pulse = interval(Duration::from_millis(20));
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < patience, "waited too long for {what}");
    }
}
