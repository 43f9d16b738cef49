//! Trends for capacity planning: the value of a metric in eight weeks, extrapolated from the last
//! five.

use std::time::Duration;

use promql::{Range, prelude::*};

/// The data that a trend is computed from: a week more than it needs, so that some days without
/// data (a move, an outage) do not silence the alert for a month.
const HISTORY: Duration = days(35);

/// How many of those days must have data. The first day may be incomplete, so that 29 days span at
/// least four weeks.
const DAYS: u32 = 29;

/// How far ahead capacity is planned.
const AHEAD: Duration = days(56);

/// The conditions under which the alert cannot fire, for runbooks.
pub(crate) const SILENCE: &str = "The alert ignores series with data on fewer than 29 of the last 35 days, \
                      because less than four weeks cannot predict the next eight. A new or \
                      renamed instance begins again, and the alert never fires on a Prometheus \
                      that keeps less than 30 days (the default is 15).";

/// The extreme of each day, so that changes within a day do not hide the growth. Days without data
/// are skipped, and restarts leave no gap.
pub(crate) struct Trend<Labels>(Range<Labels>);

impl<Labels> Trend<Labels> {
    /// `extreme` gives the extreme of the window before a moment.
    pub(crate) fn of(extreme: impl FnOnce(Duration) -> Vector<Labels>) -> Self {
        Self(extreme(days(1)).subquery(HISTORY, days(1)))
    }

    /// The value in eight weeks, if the growth of the last five continues.
    pub(crate) fn expected(&self) -> Vector<Labels> {
        self.0.clone().predict_linear(AHEAD)
    }

    /// The series that have enough data for a trend.
    pub(crate) fn known(&self) -> Comparison<Labels> {
        self.0.clone().count_over_time().ge(f64::from(DAYS))
    }
}

/// Samples of a case: one an hour through its history, and one more at either end.
const HOURS: u64 = HISTORY.as_secs() / 3600 + 2;

/// When a case is evaluated: after the trend's history, and the hour for which the alert is held.
pub(crate) const AT: Duration = hours(HOURS - 1);

/// The change an hour by which a case's series reaches `limit` in eight weeks.
pub(crate) fn pace(limit: f64) -> f64 {
    limit / ((AT + AHEAD).as_secs_f64() / 3600.0)
}

/// The series of a case, a sample an hour: from `first`, growing by `step`.
pub(crate) fn hourly(first: f64, step: f64) -> String {
    format!("{first}{step:+}x{HOURS}")
}
