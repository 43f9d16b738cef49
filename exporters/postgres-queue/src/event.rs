//! The events of a job that are counted: its creation, and the end of each run.

use crate::{counting::Micros, labels::Outcome};

/// An event, read from a row of the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Enqueued,
    Finished(Finish),
}

/// The end of a run. Times are in seconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finish {
    pub(crate) outcome: Outcome,
    pub(crate) wait: Option<f64>,
    pub(crate) run: Option<f64>,
    pub(crate) latency: Option<f64>,
    pub(crate) retries: u64,
    /// An index of [`ErrorClasses::names`](crate::error_classes::ErrorClasses::names).
    pub(crate) error_class: Option<usize>,
}

impl Event {
    pub(crate) fn kind(&self) -> EventKind {
        match self {
            Self::Enqueued => EventKind::Enqueued,
            Self::Finished(finish) => EventKind::Finished(finish.outcome),
        }
    }
}

/// The kind of an event, without its error class and durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventKind {
    Enqueued,
    Finished(Outcome),
}

impl EventKind {
    /// The kind as keys and state files hold it; the numbers must never change.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Enqueued => 0,
            Self::Finished(Outcome::Succeeded) => 1,
            Self::Finished(Outcome::Failed) => 2,
            Self::Finished(Outcome::Cancelled) => 3,
        }
    }
}

/// A point in time as a statement's parameter: seconds since 1970.
pub(crate) fn seconds(at: Micros) -> f64 {
    at as f64 / 1e6
}

/// A point in time from a statement's result, rounded to PostgreSQL's resolution of a microsecond.
#[allow(clippy::cast_possible_truncation, reason = "a float beyond the range saturates")]
pub(crate) fn micros(seconds: f64) -> Micros {
    (seconds * 1e6).round() as Micros
}
