//! When a server that refused a connection is tried again.

use std::time::Duration;

use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(200);
/// At most the usual scrape interval, so that each scrape may try once.
const LONGEST: Duration = Duration::from_secs(15);

/// Exponential backoff with jitter. It counts from the start of the failed attempt, so that the
/// attempt's own duration is not added to the pause.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    until: Option<Instant>,
}

impl Backoff {
    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// `jitter` is between 0 and 1, so that exporters that failed together do not retry together.
    pub(crate) fn failed(&mut self, started: Instant, jitter: f64) {
        let pause = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.until = Some(started + pause.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0));
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
    fn the_pause_doubles_up_to_the_longest() {
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
    fn the_pause_counts_from_the_start_of_the_attempt() {
        let mut backoff = Backoff::default();
        let start = Instant::now();
        backoff.failed(start, 1.0);
        assert_eq!(backoff.wait(start + FIRST), None);
    }

    #[test]
    fn success_resets_it() {
        let mut backoff = Backoff::default();
        let start = Instant::now();
        assert_eq!(backoff.wait(start), None);
        backoff.failed(start, 1.0);
        backoff.succeeded();
        assert_eq!(backoff.wait(start), None);
    }
}
