//! When a token is used, renewed or given up: a pure step over `now`.

use std::time::Duration;

use tokio::time::Instant;

/// When a token is renewed, and when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) asked: Instant,
    pub(super) renew: Instant,
    ends: Instant,
}

/// What to do about a token now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is good for the next call.
    Use,
    /// It is good, and a new one is due.
    RenewEarly,
    /// There is none that is good.
    Renew,
}

impl Life {
    /// The life of a token that was asked for at `asked_at`. A quarter is left for the renewal, at most five minutes.
    pub(super) fn new(asked_at: Instant, lifetime: Duration) -> Self {
        let early = (lifetime / 4).min(Duration::from_mins(5));
        Self {
            asked: asked_at,
            renew: asked_at + lifetime.saturating_sub(early),
            ends: asked_at + lifetime,
        }
    }

    /// What to do at `now`. A token that would end while a call is on its way is not used, however late its renewal was
    /// put off.
    pub(super) fn step(self, now: Instant) -> Step {
        const ON_ITS_WAY: Duration = Duration::from_secs(1);
        if now + ON_ITS_WAY >= self.ends {
            Step::Renew
        } else if now < self.renew {
            Step::Use
        } else {
            Step::RenewEarly
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        let asked = Instant::now();
        for (lifetime, early) in [(3599, 300), (60, 15), (4, 1), (0, 0)] {
            let life = Life::new(asked, Duration::from_secs(lifetime));
            assert_eq!(life.ends - life.renew, Duration::from_secs(early), "{lifetime}");
            assert!(life.renew >= asked);
        }
    }

    #[test]
    fn a_renewal_that_is_put_off_past_the_end_does_not_keep_a_token_alive() {
        let asked = Instant::now();
        let life = Life::new(asked, Duration::from_mins(1));
        let put_off = Life { renew: asked + Duration::from_hours(1), ..life };
        assert_eq!(put_off.step(asked + Duration::from_secs(58)), Step::Use);
        assert_eq!(put_off.step(asked + Duration::from_secs(59)), Step::Renew);
    }

    #[test]
    fn a_token_is_used_renewed_early_or_given_up() {
        let asked = Instant::now();
        let life = Life::new(asked, Duration::from_mins(1));
        for (seconds, step) in [
            (0, Step::Use),
            (44, Step::Use),
            (45, Step::RenewEarly),
            (58, Step::RenewEarly),
            (59, Step::Renew),
            (60, Step::Renew),
        ] {
            assert_eq!(life.step(asked + Duration::from_secs(seconds)), step, "{seconds}");
        }
    }
}
