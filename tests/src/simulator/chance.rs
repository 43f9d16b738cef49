//! Random numbers from a fixed seed, so that a failure can be reproduced.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A random number generator that tasks share (`SplitMix64`).
#[derive(Debug)]
pub(super) struct Chance(AtomicU64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// Evenly from 0 up to and without 1.
    pub(super) fn share(&self) -> f64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        // 53 bits: the precision of a float.
        (z >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with that probability.
    pub(super) fn happens(&self, share: f64) -> bool {
        self.share() < share
    }

    /// Evenly from 0 up to and without `end`.
    pub(super) fn below(&self, end: usize) -> usize {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a length is not negative and below that length"
        )]
        let place = (self.share() * end as f64) as usize;
        place
    }

    pub(super) fn pick<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// The time until the next random event, from the mean rate of events a second.
    pub(super) fn wait(&self, per_second: f64) -> Duration {
        let seconds = -(1.0 - self.share()).ln() / per_second;
        // No events: look again later, for the rate may change.
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_hours(1))
    }

    /// A time around the mean, mostly below it, seldom far above it, as work takes.
    pub(super) fn around(&self, mean: Duration) -> Duration {
        mean.mul_f64(0.5 + 0.5 * -(1.0 - self.share()).ln())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_what_was_asked_for() {
        let chance = Chance::new(7);
        let rounds = 20_000;
        let waits: Duration = (0..rounds).map(|_| chance.wait(4.0)).sum();
        let work: Duration = (0..rounds).map(|_| chance.around(Duration::from_secs(2))).sum();
        let hits = (0..rounds).filter(|_| chance.happens(0.1)).count();
        assert!((waits.as_secs_f64() / f64::from(rounds) - 0.25).abs() < 0.01, "{waits:?}");
        assert!((work.as_secs_f64() / f64::from(rounds) - 2.0).abs() < 0.05, "{work:?}");
        assert!((1_800..2_200).contains(&hits), "{hits}");
        assert_eq!(chance.wait(0.0), Duration::from_hours(1));
        assert_eq!(chance.pick::<u8>(&[]), None);
    }
}
