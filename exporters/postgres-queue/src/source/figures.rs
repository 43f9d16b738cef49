//! What waits and runs, by queue: rows become figures, figures become samples.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot},
    source::postgres::column,
};
use tokio_postgres::Row;

use crate::{
    metrics::{self, Outcome, OutcomeLabels, Query, QueueLabels, State, StateLabels},
    shape::Shape,
};

/// Figures by queue.
pub(super) type Depths = BTreeMap<LabelText, Figures>;

/// What one statement, or all of them, say of a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Figures {
    ready: i64,
    scheduled: i64,
    retrying: i64,
    running: i64,
    stuck: i64,
    failed: i64,
    cancelled: i64,
    /// Ended jobs of the window, in the order of [`Outcome::ALL`].
    window: [i64; Outcome::ALL.len()],
    oldest: Option<f64>,
    next: Option<f64>,
    longest: Option<f64>,
}

impl Figures {
    /// Reads a row of the statement's answer.
    pub(super) fn read(query: Query, row: &Row, shape: &Shape) -> Result<Self, CollectError> {
        let mut figures = Self::default();
        match query {
            Query::Waiting => {
                figures.ready = column(row, "ready")?;
                figures.scheduled = column(row, "scheduled")?;
                figures.retrying = column(row, "retrying")?;
                figures.oldest = column(row, "oldest")?;
                figures.next = column(row, "next")?;
            }
            Query::Retrying => {
                figures.retrying = column(row, "retrying")?;
                figures.next = column(row, "next")?;
            }
            Query::Running => {
                figures.running = column(row, "running")?;
                figures.stuck = column(row, "stuck")?;
                figures.longest = column(row, "longest")?;
            }
            _ => {
                let (state, jobs): (String, i64) = (column(row, "state")?, column(row, "jobs")?);
                let outcome = shape.states.outcomes().get(state.as_str()).copied();
                match (query, outcome) {
                    (Query::Kept, Some(Outcome::Failed)) => figures.failed = jobs,
                    (Query::Kept, Some(Outcome::Cancelled)) => figures.cancelled = jobs,
                    (_, Some(outcome)) => figures.window[outcome as usize] = jobs,
                    (_, None) => {}
                }
            }
        }
        Ok(figures)
    }

    /// Takes in figures of the same queue, or of one that shares its label.
    pub(super) fn add(&mut self, other: &Self) {
        self.ready += other.ready;
        self.scheduled += other.scheduled;
        self.retrying += other.retrying;
        self.running += other.running;
        self.stuck += other.stuck;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        for (mine, its) in self.window.iter_mut().zip(other.window) {
            *mine += its;
        }
        self.oldest = merge(self.oldest, other.oldest, f64::max);
        self.next = merge(self.next, other.next, f64::min);
        self.longest = merge(self.longest, other.longest, f64::max);
    }
}

/// A NULL is nothing, and so is an infinite time.
fn merge(a: Option<f64>, b: Option<f64>, choose: fn(f64, f64) -> f64) -> Option<f64> {
    let (a, b) = (a.filter(|it| it.is_finite()), b.filter(|it| it.is_finite()));
    match (a, b) {
        (Some(a), Some(b)) => Some(choose(a, b)),
        (a, b) => a.or(b),
    }
}

/// Writes what the answered statements say. A queue that is known and not among the figures has
/// none of what was asked for: that is zero.
pub(super) fn render(
    out: &mut Snapshot,
    source: &'static str,
    shape: &Shape,
    known: &BTreeSet<LabelText>,
    answers: &[(Query, &Depths)],
) {
    let answered = |query| answers.iter().any(|(it, _)| *it == query);
    let (waiting, retrying) = (answered(Query::Waiting), answered(Query::Retrying));
    let asked_for_retrying = !shape.states.retrying.is_empty();
    for queue in known {
        let mut figures = Figures::default();
        for (_, depths) in answers {
            if let Some(part) = depths.get(queue) {
                figures.add(part);
            }
        }
        let labels = || QueueLabels { source: source.into(), queue: queue.clone() };
        let mut jobs = |state, count: i64| {
            let labels = StateLabels { source: source.into(), queue: queue.clone(), state };
            out.gauge(&metrics::JOBS, labels, count as f64);
        };
        if waiting {
            jobs(State::Ready, figures.ready);
            if shape.ready_at.is_some() {
                jobs(State::Scheduled, figures.scheduled);
            }
        }
        // Its two parts come from two statements; one alone would be too few.
        let by_attempts = shape.attempts.is_some() && shape.ready_at.is_some();
        if (by_attempts || asked_for_retrying)
            && (waiting || shape.states.waiting.is_empty())
            && retrying == asked_for_retrying
        {
            jobs(State::Retrying, figures.retrying);
        }
        if answered(Query::Running) {
            jobs(State::Running, figures.running);
        }
        if answered(Query::Kept) {
            if !shape.states.failed.is_empty() {
                jobs(State::Failed, figures.failed);
            }
            if !shape.states.cancelled.is_empty() {
                jobs(State::Cancelled, figures.cancelled);
            }
        }
        if waiting && (shape.ready_at.is_some() || shape.created_at.is_some()) {
            let age = match figures.ready {
                0 => Some(0.0),
                _ => figures.oldest.map(|it| it.max(0.0)),
            };
            out.gauge(&metrics::OLDEST_READY_AGE, labels(), age);
        }
        out.gauge(&metrics::NEXT_SCHEDULED, labels(), figures.next);
        if answered(Query::Running) && (shape.started_at.is_some() || shape.stuck_since.is_some()) {
            out.gauge(&metrics::STUCK_JOBS, labels(), figures.stuck as f64);
            let longest = match figures.running {
                0 => Some(0.0),
                _ => figures.longest.map(|it| it.max(0.0)),
            };
            out.gauge(&metrics::LONGEST_RUNNING, labels(), longest);
        }
        if answered(Query::Window) {
            let possible: BTreeSet<_> = shape.states.outcomes().into_values().collect();
            for outcome in possible {
                let labels = OutcomeLabels { source: source.into(), queue: queue.clone(), outcome };
                let jobs = figures.window[outcome as usize] as f64;
                out.gauge(&metrics::WINDOW_JOBS, labels, jobs);
            }
        }
    }
}
