//! Alerts on the exactness and the age of the queues' metrics.

use postgres_queue::metrics::{
    COUNTED_LATE, Query as Question, QueryLabels, READING, SourceLabels,
};
use profiles::Limit;
use promql::prelude::*;

use super::runbooks;
use crate::{
    alert::{Alert, Severity},
    case::{Series, aged, growing, steady},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{panel::PanelKey, queue::DASHBOARD};

    pub const COUNTING: PanelKey = PanelKey::new(DASHBOARD, "Counting");
    pub const READING_AGE: PanelKey = PanelKey::new(DASHBOARD, "Age of background readings");
}

pub(super) fn alerts() -> Vec<Alert> {
    vec![counted_late(), reading_too_old()]
}

fn counted_late() -> Alert {
    let limit = Limit { value: 0.0, hold: minutes(1), source: "every row is counted in time" };
    let late = || COUNTED_LATE.increase(hours(1));
    let case = |values: String| {
        vec![Series::of(&COUNTED_LATE, SourceLabels { source: "jobs".into() }, values)]
    };
    Alert {
        name: "JobsCountedLate".into(),
        condition: late().gt(limit.value).condition(),
        limit,
        severity: Severity::Info,
        summary: "Rows were committed after the look-back had passed.".into(),
        description:
            "{{ $value | humanize }} rows of `{{ $labels.source }}` on {{ $labels.instance }} \
                      were counted late."
                .into(),
        panel: panels::COUNTING,
        runbook: runbooks::counting_late(late()),
        fires: case(growing(1.0)),
        silent: case(steady(7.0)),
    }
}

fn reading_too_old() -> Alert {
    let most = minutes(30);
    let limit = Limit {
        value: most.as_secs_f64(),
        hold: minutes(5),
        source: "a background reading is taken at least every few minutes",
    };
    let labels = || QueryLabels { source: "jobs".into(), query: Question::Running };
    let read = |age| vec![Series::of(&READING, labels(), aged(age))];
    Alert {
        name: "ReadingTooOld".into(),
        condition: READING.age().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A background query has not succeeded for a long time.".into(),
        description: "The query `{{ $labels.query }}` of `{{ $labels.source }}` on \
                      {{ $labels.instance }} was last answered {{ $value | humanizeDuration }} ago."
            .into(),
        panel: panels::READING_AGE,
        runbook: runbooks::reading_too_old(READING.age().sort_desc()),
        fires: read(limit.value + 60.0),
        silent: read(limit.value - 60.0),
    }
}
