//! Timers: when something happens to a job by itself.
//!
//! Deliberately absent: what happens then (each state's own file).

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// Try again what failed.
    Retry,
    /// The hold limit.
    HoldLimit,
    /// The time to say that the hold limit is near.
    HoldLimitNear,
    /// Ask the cloud whether a held job is still there.
    Recheck,
    /// Give up on a job that waits at the printer's own panel.
    PanelWait,
    /// Forget the title of a settled job.
    ForgetTitle,
    /// Forget whose a settled job was.
    ForgetOwner,
}

impl Timer {
    /// All timers.
    pub const ALL: [Self; 7] = [
        Self::Retry,
        Self::HoldLimit,
        Self::HoldLimitNear,
        Self::Recheck,
        Self::PanelWait,
        Self::ForgetTitle,
        Self::ForgetOwner,
    ];

    /// The word in the journal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::HoldLimit => "hold-limit",
            Self::HoldLimitNear => "hold-limit-near",
            Self::Recheck => "recheck",
            Self::PanelWait => "panel-wait",
            Self::ForgetTitle => "forget-title",
            Self::ForgetOwner => "forget-owner",
        }
    }
}
