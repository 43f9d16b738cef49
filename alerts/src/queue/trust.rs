//! Alerts on how far the figures of queues can be trusted.

use postgres_queue::metrics::{
    COUNTED_LATE, Query as Question, QueryLabels, READING, SourceLabels,
};
use profiles::Limit;
use promql::prelude::*;

use super::{COMPONENT, panel, runbooks};
use crate::{
    alert::{Alert, Case, Series, Severity},
    component::Component,
};

pub(super) fn counted_late() -> Alert {
    let limit = Limit { value: 0.0, hold: minutes(1), source: "every row is counted in time" };
    let late = || COUNTED_LATE.increase(hours(1));
    let case = |values: &str| Case {
        series: vec![Series::of(&COUNTED_LATE, SourceLabels { source: "jobs".into() }, values)],
        at: minutes(12),
    };
    Alert {
        name: "JobsCountedLate".into(),
        condition: late().gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Info,
        component: Component::One(COMPONENT),
        summary: "Rows were committed later than the look-back.".into(),
        description:
            "{{ $value | humanize }} rows of `{{ $labels.source }}` on {{ $labels.instance }} \
                      were counted late."
                .into(),
        panel: panel("Counting"),
        runbook: runbooks::counting_late(late().to_string()),
        fires: case("0+1x100"),
        silent: case("7x100"),
    }
}

pub(super) fn reading_too_old() -> Alert {
    let most = minutes(30);
    let limit = Limit {
        value: most.as_secs_f64(),
        hold: minutes(5),
        source: "a background reading is taken at least every few minutes",
    };
    let labels = || QueryLabels { source: "jobs".into(), query: Question::Running };
    // promtool's clock begins at zero.
    let read_at = |values: &str| Case {
        series: vec![Series::of(&READING, labels(), values)],
        at: minutes(45),
    };
    Alert {
        name: "ReadingTooOld".into(),
        condition: READING.age().gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component: Component::One(COMPONENT),
        summary: "A costly query has had no answer for long.".into(),
        description: "The query `{{ $labels.query }}` of `{{ $labels.source }}` on \
                      {{ $labels.instance }} was last answered {{ $value | humanizeDuration }} ago."
            .into(),
        panel: panel("Age of background readings"),
        runbook: runbooks::reading_too_old(READING.age().sort_desc().to_string()),
        fires: read_at("0x400"),
        silent: read_at("0+15x400"),
    }
}
