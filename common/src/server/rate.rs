//! `rate_limit` of the web configuration: a burst of requests, then one per interval.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A token bucket, kept as the moment at which it would be full again.
#[derive(Debug)]
pub(super) struct RateLimit {
    interval: Duration,
    /// How far `full_at` may be ahead of now.
    room: Duration,
    full_at: Mutex<Instant>,
}

impl RateLimit {
    /// `burst` is at least 1.
    pub(super) fn new(interval: Duration, burst: u32, now: Instant) -> Self {
        let room = interval.saturating_mul(burst.saturating_sub(1));
        Self { interval, room, full_at: Mutex::new(now) }
    }

    /// Takes a token, or returns the time until the next one.
    pub(super) fn take(&self, now: Instant) -> Result<(), Duration> {
        // A panic elsewhere leaves the instant valid.
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = full_at.saturating_duration_since(now);
        match ahead.checked_sub(self.room) {
            Some(wait) if !wait.is_zero() => return Err(wait),
            _ => {}
        }
        *full_at = now + ahead + self.interval;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_per_interval() {
        let second = Duration::from_secs(1);
        let start = Instant::now();
        let limit = RateLimit::new(second, 2, start);
        assert_eq!(limit.take(start), Ok(()));
        assert_eq!(limit.take(start), Ok(()));
        assert_eq!(limit.take(start + second / 4), Err(second * 3 / 4));
        assert_eq!(limit.take(start + second), Ok(()));
        assert_eq!(limit.take(start + second), Err(second));
        // A long pause restores the burst and no more.
        let later = start + second * 1000;
        assert_eq!(limit.take(later), Ok(()));
        assert_eq!(limit.take(later), Ok(()));
        assert_eq!(limit.take(later), Err(second));
    }
}
