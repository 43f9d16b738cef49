//! Reading the rows that were stamped since the bound, and what they stand for.

use std::{sync::Mutex, time::Duration};

use common::{
    metric::LabelText,
    scrape::{CollectError, label_limit::LabelLimit},
    source::postgres::{Session, column},
};
use regex::RegexSet;
use tokio::time::Instant;
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use super::{
    counts::{Event, Finish},
    lock, queue_name,
    state::State,
};
use crate::{
    counting::{Key, Micros, Stamped},
    metrics::{Outcome, Query},
    shape::Shape,
    sql::Statement,
};

/// How many rows one page holds, unless more share one stamp.
const PAGE: i64 = 5_000;
/// How many rows one scrape reads of one kind; what is beyond comes with the next.
const PER_SCRAPE: i64 = 200_000;

/// A row that is not remembered.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) stamped: Stamped,
    pub(super) queue: LabelText,
    pub(super) event: Event,
}

/// The rows stamped at or after a point that are not remembered.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) rows: Vec<Fresh>,
    /// Where the reading had to stop, if it did.
    pub(super) complete_until: Option<Micros>,
}

/// What a row is read by.
pub(super) struct Reader<'a> {
    pub(super) name: &'a str,
    pub(super) query: Query,
    pub(super) shape: &'a Shape,
    pub(super) cap: &'a LabelLimit,
    pub(super) classes: &'a Classes,
    pub(super) every_run_finishes: bool,
    pub(super) state: &'a Mutex<State>,
}

/// Regular expressions in the order of the mapping, and the class that each names.
#[derive(Debug)]
pub(super) struct Classes {
    pub(super) patterns: RegexSet,
    /// The place of each pattern's class among the classes.
    pub(super) places: Vec<usize>,
    /// The place of `other`.
    pub(super) other: usize,
}

impl Classes {
    /// The place of the class that an error's text belongs to.
    pub(super) fn of(&self, error: Option<&str>) -> usize {
        // A failure without a word about it matches what matches nothing.
        let first = self.patterns.matches(error.unwrap_or_default()).iter().next();
        first.map_or(self.other, |it| self.places[it])
    }
}

impl Reader<'_> {
    /// Reads page by page. It stops half-way to the deadline, so that what was read is answered.
    pub(super) async fn read(
        &self,
        session: &Session,
        statement: &Statement,
        from: Micros,
    ) -> Result<Reading, CollectError> {
        let now = Instant::now();
        let half = now + session.deadline().saturating_duration_since(now) / 2;
        let doing = format!("reading the {} jobs of `{}`", self.query.as_str(), self.name);
        let (mut reading, mut at, mut limit, mut total) = (Reading::default(), from, PAGE, 0);
        loop {
            let (mut rows, mut last) = (0_i64, at);
            let seconds = at as f64 / 1e6;
            let params: [(&(dyn ToSql + Sync), Type); 2] =
                [(&seconds, Type::FLOAT8), (&limit, Type::INT8)];
            let take = |row: &Row| {
                rows += 1;
                last = micros(column(row, "at")?);
                self.take(row, last, &mut reading.rows)
            };
            session.query_each(&doing, &statement.text, &params, take).await?;
            total += rows;
            if rows < limit {
                return Ok(reading);
            }
            if total >= PER_SCRAPE || Instant::now() >= half {
                // Rows of the last stamp may be missing, and only those before it are all there;
                // but if all share one stamp, to stay would be to never go on.
                reading.complete_until = Some(last.max(from + 1));
                return Ok(reading);
            }
            if last == at {
                limit *= 4;
            }
            at = last;
        }
    }

    fn take(&self, row: &Row, at: Micros, rows: &mut Vec<Fresh>) -> Result<(), CollectError> {
        let state: Option<&str> = column(row, "state")?;
        let outcomes = &self.shape.states;
        let outcome = match (self.query, state) {
            (Query::Enqueued, _) => None,
            (_, Some(state)) => match outcome_of(outcomes, state) {
                None => return Ok(()),
                outcome => outcome,
            },
            (_, None) => return Ok(()),
        };
        let tag = outcome.map_or(super::counts::ENQUEUED, super::counts::tag_of);
        let key = Key::new(column::<Option<&str>>(row, "id")?.unwrap_or_default(), tag, at);
        if lock(self.state).ledger(self.query).remembers(&key) {
            return Ok(());
        }
        let event = match outcome {
            None => Event::Enqueued,
            Some(outcome) => Event::Finished(self.finish(row, outcome, at)?),
        };
        let queue = self.cap.fold(&queue_name(self.shape, self.name, column(row, "queue")?));
        rows.push(Fresh { stamped: Stamped { key, at }, queue, event });
        Ok(())
    }

    fn finish(&self, row: &Row, outcome: Outcome, at: Micros) -> Result<Finish, CollectError> {
        let finished = at as f64 / 1e6;
        let created: Option<f64> = column(row, "created")?;
        let ready: Option<f64> = column(row, "ready")?;
        let started: Option<f64> = column(row, "started")?;
        let attempts: i64 = column::<Option<i64>>(row, "attempts")?.unwrap_or_default();
        let retries = u64::try_from(attempts - 1).unwrap_or_default();
        let class = match outcome {
            Outcome::Failed => Some(self.classes.of(column(row, "error")?)),
            Outcome::Succeeded | Outcome::Cancelled => None,
        };
        Ok(Finish {
            outcome,
            wait: started.zip(ready).map(|(started, ready)| started - ready),
            run: started.map(|started| finished - started),
            latency: created.map(|created| finished - created),
            retries: if self.every_run_finishes { retries.min(1) } else { retries },
            class,
        })
    }
}

fn outcome_of(states: &crate::mapping::States, value: &str) -> Option<Outcome> {
    let holds = |values: &[String]| values.iter().any(|it| it == value);
    if holds(&states.succeeded) {
        Some(Outcome::Succeeded)
    } else if holds(&states.failed) {
        Some(Outcome::Failed)
    } else if holds(&states.cancelled) {
        Some(Outcome::Cancelled)
    } else {
        None
    }
}

/// Seconds as the database gives them, to the microsecond that it means.
#[allow(clippy::cast_possible_truncation, reason = "a float beyond the range saturates")]
pub(super) fn micros(seconds: f64) -> Micros {
    (seconds * 1e6).round() as Micros
}

/// A duration in microseconds.
pub(super) fn span(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}
