//! Trends for capacity planning: where a figure will be in weeks, if it was watched for weeks.

use std::time::Duration;

use promql::{Range, prelude::*};

/// What a trend is told from. A week more than is asked for, so that some days without data (a
/// move, an outage) do not silence it for a month.
const HISTORY: Duration = days(35);

/// How many of those days must have data: their first and last moment are then at least four weeks
/// apart, for the first day may have begun late.
const DAYS: u32 = 29;

/// How far ahead capacity is planned.
const AHEAD: Duration = days(56);

/// Why nothing may be told, as a sentence of a runbook.
pub(crate) const SILENCE: &str = "It is silent about what has been watched on fewer than 29 of the \
    last 35 days under the same labels: less than four weeks say nothing about the next eight. A \
    new instance or one that was renamed begins anew, and a Prometheus that keeps less than 30 days \
    (its default is 15) never tells.";

/// The day's extreme of each day, for what moves with the hour says nothing about growth. Days
/// without data are left out, and restarts leave no gap.
pub(crate) struct Trend<Labels>(Range<Labels>);

impl<Labels> Trend<Labels> {
    /// Of what `extreme` says of the day before a moment.
    pub(crate) fn of(extreme: impl FnOnce(Duration) -> Vector<Labels>) -> Self {
        Self(extreme(days(1)).subquery(HISTORY, days(1)))
    }

    /// The value to be expected in eight weeks, if it goes on as in the last five.
    pub(crate) fn expected(&self) -> Vector<Labels> {
        self.0.clone().predict_linear(AHEAD)
    }

    /// The series that have been there for long enough to tell.
    pub(crate) fn known(&self) -> Comparison<Labels> {
        self.0.clone().count_over_time().ge(f64::from(DAYS))
    }
}

/// Hours from the beginning of a case to its end, and an hour more.
const HOURS: u64 = HISTORY.as_secs() / 3600 + 2;

/// When a case is looked at: all of a trend's history later, and the hour that the alert is held.
pub(crate) const AT: Duration = hours(HOURS - 1);

/// How much a case's series must change in an hour to reach `limit` when capacity is planned for.
pub(crate) fn pace(limit: f64) -> f64 {
    limit / ((AT + AHEAD).as_secs_f64() / 3600.0)
}

/// A case's series until then, a sample an hour: from `first`, growing by `step`.
pub(crate) fn hourly(first: f64, step: f64) -> String {
    format!("{first}{step:+}x{HOURS}")
}
