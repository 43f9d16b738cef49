//! When a server that refused may be asked again.

use std::time::Duration;

use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(200);
/// Below the usual scrape interval of 15 seconds: the scrape after the one that failed tries.
const LONGEST: Duration = Duration::from_secs(15);

/// Exponential, with jitter, counted from the start of the attempt that failed, so that the time
/// an attempt takes does not come on top.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    until: Option<Instant>,
}

impl Backoff {
    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// `chance` is between 0 and 1 and spreads exporters that failed together.
    pub(crate) fn failed(&mut self, started: Instant, chance: f64) {
        let whole = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.until = Some(started + whole.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0));
    }

    /// How long to wait before the next attempt, if it is too early for one.
    pub(crate) fn wait(&self, now: Instant) -> Option<Duration> {
        let left = self.until?.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_its_longest() {
        let mut backoff = Backoff::default();
        let start = Instant::now();
        let waits: Vec<_> = (0..9)
            .map(|_| {
                backoff.failed(start, 1.0);
                backoff.wait(start).unwrap().as_millis()
            })
            .collect();
        assert_eq!(waits, [200, 400, 800, 1600, 3200, 6400, 12800, 15000, 15000]);
        backoff.failed(start, 0.0);
        assert_eq!(backoff.wait(start), Some(LONGEST / 2), "jitter shortens by half at most");
    }

    #[test]
    fn the_time_an_attempt_took_counts() {
        let mut backoff = Backoff::default();
        let start = Instant::now();
        backoff.failed(start, 1.0);
        assert_eq!(backoff.wait(start + FIRST), None);
    }

    #[test]
    fn success_forgets() {
        let mut backoff = Backoff::default();
        let start = Instant::now();
        assert_eq!(backoff.wait(start), None);
        backoff.failed(start, 1.0);
        backoff.succeeded();
        assert_eq!(backoff.wait(start), None);
    }
}
