//! When an expensive query or reading may run again, and why its last run failed.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    error_chain::ErrorChain,
    scrape::{CollectError, Reason},
};

/// The schedule of one query or reading. It has no timer: a scrape asks whether the next run is due.
///
/// A run that took `t` is followed by a pause of at least `rest_factor × t`, so that the source
/// spends no more than one part in `rest_factor` of one connection's time on it.
#[derive(Debug)]
pub struct Schedule {
    interval: Duration,
    rest_factor: u32,
    due: Option<Instant>,
    /// Kept until a run succeeds: a scrape in which nothing was due is not a success.
    last_failure: Option<Failure>,
}

#[derive(Debug)]
struct Failure {
    reason: Reason,
    message: String,
    hint: Option<String>,
}

impl Schedule {
    /// A schedule whose first run is due at once. `interval` is the shortest pause after a
    /// successful run.
    pub const fn new(interval: Duration, rest_factor: u32) -> Self {
        Self { interval, rest_factor, due: None, last_failure: None }
    }

    /// Whether the next run may start.
    pub fn is_due(&self, now: Instant) -> bool {
        self.due.is_none_or(|due| due <= now)
    }

    /// Records that a run starts.
    ///
    /// The scrape's future may be dropped at `deadline`, and then neither [`Self::succeeded`] nor
    /// [`Self::failed`] is called. Until one of them is, the run counts as a timeout that lasted
    /// until the deadline.
    pub fn started(&mut self, now: Instant, deadline: Instant) {
        self.due = Some(now + self.rest(deadline.saturating_duration_since(now)));
        self.last_failure = Some(Failure {
            reason: Reason::Timeout,
            message: "no answer before the deadline; the next attempt follows after a pause"
                .to_owned(),
            hint: None,
        });
    }

    /// Records a run that ended `now` after `took`.
    pub fn succeeded(&mut self, now: Instant, took: Duration) {
        self.due = Some(now + self.rest(took).max(self.interval));
        self.last_failure = None;
    }

    /// Records a failed run; the next is due at `retry_at`.
    pub fn failed(&mut self, retry_at: Instant, error: &CollectError) {
        self.due = Some(retry_at);
        self.last_failure = Some(Failure {
            reason: error.reason,
            message: ErrorChain(error).to_string(),
            hint: error.hint.clone(),
        });
    }

    /// The pause that follows a run that took so long.
    pub fn rest(&self, took: Duration) -> Duration {
        took * self.rest_factor
    }

    /// The failure of the last run, if it failed.
    pub fn last_error(&self) -> Result<(), CollectError> {
        let Some(failure) = &self.last_failure else { return Ok(()) };
        let error = CollectError::new(failure.reason, failure.message.clone());
        Err(match &failure.hint {
            Some(hint) => error.with_hint(hint.clone()),
            None => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_pause_is_a_multiple_of_the_run_time() {
        let (mut schedule, start) = (Schedule::new(Duration::ZERO, 100), Instant::now());
        assert!(schedule.is_due(start));
        schedule.started(start, start + 5 * SECOND);
        assert!(!schedule.is_due(start + 499 * SECOND), "the run was abandoned at its deadline");
        schedule.succeeded(start, SECOND / 10);
        assert!(!schedule.is_due(start + 9 * SECOND));
        assert!(schedule.is_due(start + 10 * SECOND));
    }

    #[test]
    fn the_interval_is_the_shortest_pause_after_a_success() {
        let (mut schedule, start) = (Schedule::new(60 * SECOND, 100), Instant::now());
        schedule.succeeded(start, SECOND / 10);
        assert!(!schedule.is_due(start + 59 * SECOND));
        schedule.failed(start + SECOND, &CollectError::new(Reason::Lock, "reading"));
        assert!(schedule.is_due(start + SECOND));
    }

    #[test]
    fn a_failure_is_kept_until_a_run_succeeds() {
        let (mut schedule, start) = (Schedule::new(Duration::ZERO, 100), Instant::now());
        assert!(schedule.last_error().is_ok(), "no run yet");

        schedule.started(start, start + SECOND);
        let abandoned = schedule.last_error().expect_err("no answer came");
        assert_eq!(abandoned.reason, Reason::Timeout);

        let refused = CollectError::new(Reason::Permission, "reading").with_hint("GRANT SELECT");
        schedule.failed(start + schedule.rest(SECOND / 1000), &refused);
        let error = schedule.last_error().expect_err("permission was denied");
        assert_eq!(error.reason, Reason::Permission);
        assert_eq!(error.hint.as_deref(), Some("GRANT SELECT"));
        assert!(schedule.is_due(start + SECOND), "a quick refusal is retried soon");

        schedule.succeeded(start, SECOND);
        assert!(schedule.last_error().is_ok());
    }
}
