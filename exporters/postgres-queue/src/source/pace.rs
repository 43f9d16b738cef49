//! When a costly question may be asked again.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use crate::metrics::Query;

/// A question is not asked again before this many times the time that its answer took, so that it
/// costs the database no more than a hundredth of one connection's time.
const REST: u32 = 100;

/// When each question is due.
#[derive(Debug, Default)]
pub(super) struct Pace(BTreeMap<Query, Instant>);

impl Pace {
    /// Whether it may be asked now.
    pub(super) fn is_due(&self, query: Query, now: Instant) -> bool {
        self.0.get(&query).is_none_or(|due| *due <= now)
    }

    /// Takes note that it is being asked. If no answer is ever noted (the scrape was given up), it
    /// is taken to have lasted until `deadline`.
    pub(super) fn ask(&mut self, query: Query, now: Instant, deadline: Instant) {
        self.rest(query, now, deadline.saturating_duration_since(now), Duration::ZERO);
    }

    /// Takes note of how long it took.
    pub(super) fn rest(&mut self, query: Query, now: Instant, took: Duration, least: Duration) {
        self.0.insert(query, now + (took * REST).max(least));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_costly_question_rests_a_hundred_times_its_length() {
        let mut pace = Pace::default();
        let start = Instant::now();
        assert!(pace.is_due(Query::Waiting, start));
        pace.ask(Query::Waiting, start, start + Duration::from_secs(5));
        assert!(!pace.is_due(Query::Waiting, start + Duration::from_secs(499)), "it was given up");
        pace.rest(Query::Waiting, start, Duration::from_millis(100), Duration::ZERO);
        assert!(!pace.is_due(Query::Waiting, start + Duration::from_secs(9)));
        assert!(pace.is_due(Query::Waiting, start + Duration::from_secs(10)));
        assert!(pace.is_due(Query::Running, start));
    }
}
