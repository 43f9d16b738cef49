//! Windows of range selectors, and durations.

use std::time::Duration;

/// The length of a range selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// A fixed duration.
    Fixed(Duration),
    /// Grafana's `$__rate_interval`, which follows the panel's resolution and the scrape interval.
    /// Only for panels.
    RateInterval,
    /// Grafana's `$__range`: the time range of the dashboard. Only for panels.
    Range,
}

/// Grafana's `$__rate_interval`.
pub const RATE_INTERVAL: Window = Window::RateInterval;

impl From<Duration> for Window {
    fn from(duration: Duration) -> Self {
        Self::Fixed(duration)
    }
}

/// A duration of `count` seconds.
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A duration of `count` minutes.
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// A duration of `count` hours.
pub const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

/// A duration of `count` days of 24 hours each.
pub const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}
