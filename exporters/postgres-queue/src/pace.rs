//! When a costly question may be asked again.

use std::{collections::BTreeMap, time::Duration};

use common::{
    error_chain::ErrorChain,
    scrape::{CollectError, Reason},
};
use tokio::time::Instant;

/// A question is not asked again before this many times the time that its answer took, so that it
/// costs the database no more than a hundredth of one connection's time.
const REST: u32 = 100;

/// When each question is due, and what went wrong when it was last asked.
#[derive(Debug)]
pub(crate) struct Pace<Question>(BTreeMap<Question, Pause>);

impl<Question> Default for Pace<Question> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

#[derive(Debug)]
struct Pause {
    due: Instant,
    /// A failure stands until the question is answered: a scrape that does not ask is no success.
    failed: Option<Failed>,
}

#[derive(Debug)]
struct Failed {
    reason: Reason,
    message: String,
    hint: Option<String>,
}

impl<Question: Ord> Pace<Question> {
    /// Whether it may be asked now.
    pub(crate) fn is_due(&self, question: &Question, now: Instant) -> bool {
        self.0.get(question).is_none_or(|pause| pause.due <= now)
    }

    /// Takes note that it is being asked. If no answer is ever noted (the scrape was given up), it
    /// is taken to have lasted until `deadline`.
    pub(crate) fn ask(&mut self, question: Question, now: Instant, deadline: Instant) {
        let failed = Failed {
            reason: Reason::Timeout,
            message: "no answer before the deadline; it is asked again after a rest".to_owned(),
            hint: None,
        };
        let due = now + deadline.saturating_duration_since(now) * REST;
        self.0.insert(question, Pause { due, failed: Some(failed) });
    }

    /// Takes note of how long its answer took.
    pub(crate) fn rest(
        &mut self,
        question: Question,
        now: Instant,
        took: Duration,
        least: Duration,
    ) {
        self.0.insert(question, Pause { due: now + (took * REST).max(least), failed: None });
    }

    /// Takes note that it failed, after so long.
    pub(crate) fn fail(
        &mut self,
        question: Question,
        now: Instant,
        took: Duration,
        error: &CollectError,
    ) {
        let failed = Failed {
            reason: error.reason,
            message: ErrorChain(error).to_string(),
            hint: error.hint.clone(),
        };
        self.0.insert(question, Pause { due: now + took * REST, failed: Some(failed) });
    }

    /// What still stands of the last time it was asked.
    pub(crate) fn last_error(&self, question: &Question) -> Result<(), CollectError> {
        let Some(failed) = self.0.get(question).and_then(|it| it.failed.as_ref()) else {
            return Ok(());
        };
        let error = CollectError::new(failed.reason, failed.message.clone());
        Err(match &failed.hint {
            Some(hint) => error.with_hint(hint.clone()),
            None => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Query;

    #[test]
    fn a_costly_question_rests_a_hundred_times_its_length() {
        let mut pace = Pace::default();
        let start = Instant::now();
        assert!(pace.is_due(&Query::Waiting, start));
        pace.ask(Query::Waiting, start, start + Duration::from_secs(5));
        assert!(!pace.is_due(&Query::Waiting, start + Duration::from_secs(499)), "it was given up");
        pace.rest(Query::Waiting, start, Duration::from_millis(100), Duration::ZERO);
        assert!(!pace.is_due(&Query::Waiting, start + Duration::from_secs(9)));
        assert!(pace.is_due(&Query::Waiting, start + Duration::from_secs(10)));
        assert!(pace.is_due(&Query::Running, start));
    }

    #[test]
    fn a_failure_stands_until_there_is_an_answer() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let second = Duration::from_secs(1);
        assert!(pace.last_error(&Query::Waiting).is_ok(), "it was never asked");

        pace.ask(Query::Waiting, start, start + second);
        let given_up = pace.last_error(&Query::Waiting).expect_err("no answer came");
        assert_eq!(given_up.reason, Reason::Timeout);

        let refused = CollectError::new(Reason::Permission, "reading").with_hint("GRANT SELECT");
        pace.fail(Query::Waiting, start, second / 1000, &refused);
        let standing = pace.last_error(&Query::Waiting).expect_err("it was refused");
        assert_eq!(standing.reason, Reason::Permission);
        assert_eq!(standing.hint.as_deref(), Some("GRANT SELECT"));
        assert!(
            pace.is_due(&Query::Waiting, start + second),
            "a quick refusal is asked again soon"
        );

        pace.rest(Query::Waiting, start, second, Duration::ZERO);
        assert!(pace.last_error(&Query::Waiting).is_ok());
    }
}
