//! Alerts on the measuring itself: exporters, their targets, their collectors and counters.

mod runbooks;

use std::time::Duration;

use common::{
    postgres::PG_UP,
    promql::prelude::*,
    runner::{
        COLLECTOR_FAILURES, COLLECTOR_SUCCESS, CollectorLabels, FamilyLabels, SERIES_DROPPED,
    },
};
use postgres_queue::metrics::{
    COUNTED_LATE, Query as Question, QueryLabels, READING, SourceLabels,
};
use profiles::Limit;

use crate::{
    alert::{Alert, Case, PanelLink, Series, Severity},
    external::UP,
    queue::DASHBOARD,
};

/// Alerts on one exporter that reads PostgreSQL.
pub fn alerts(component: &'static str) -> Vec<Alert> {
    vec![
        exporter_down(component),
        exporter_absent(component),
        postgres_down(component),
        collector_failing(component),
        reading_too_old(component),
        series_dropped(component),
        counted_late(component),
    ]
}

/// The alert that always fires, so that silence is heard.
pub fn watchdog() -> Alert {
    let limit = Limit { value: 0.0, hold: Duration::ZERO, source: "it always fires" };
    let always = || Case { series: vec![Series::of(&UP, (), "1x100")], at: minutes(1) };
    Alert {
        name: "Watchdog".into(),
        condition: vector(1).gt(0).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Info,
        component: "prometheus",
        summary: "Rules are evaluated and pages delivered.".into(),
        description: "This alert always fires; a dead man's switch calls when it stops.".into(),
        panel: panel("Firing alerts"),
        runbook: runbooks::watchdog(),
        fires: always(),
        silent: always(),
    }
}

fn exporter_down(component: &'static str) -> Alert {
    let limit = Limit { value: 1.0, hold: minutes(2), source: "a target that answers is up = 1" };
    let up = || UP.filter(JOB.eq(component));
    Alert {
        name: "ExporterDown".into(),
        condition: up().max_over_time(minutes(1)).lt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Critical,
        component,
        summary: "An exporter cannot be scraped.".into(),
        description:
            "Prometheus cannot scrape {{ $labels.instance }}: nothing that it measures is \
                      known."
                .into(),
        panel: panel("Exporters up"),
        runbook: runbooks::exporter_down(component, up().to_string()),
        fires: case(vec![Series::of(&UP, (), "0x100")]),
        silent: case(vec![Series::of(&UP, (), "1x100")]),
    }
}

fn exporter_absent(component: &'static str) -> Alert {
    let limit = Limit { value: 0.0, hold: minutes(5), source: "there is at least one target" };
    let up = || UP.filter(JOB.eq(component));
    Alert {
        name: "ExporterAbsent".into(),
        condition: up().absent().gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component,
        summary: "Prometheus has no target of an exporter.".into(),
        description: format!(
            "No target of the job `{component}` is known: it was removed, or discovery fails."
        ),
        panel: panel("Exporters up"),
        runbook: runbooks::exporter_down(component, up().to_string()),
        fires: Case { series: Vec::new(), at: minutes(10) },
        silent: case(vec![Series::of(&UP, (), "1x100")]),
    }
}

fn postgres_down(component: &'static str) -> Alert {
    let limit = Limit { value: 1.0, hold: minutes(1), source: "a database that answers is 1" };
    let up = || PG_UP.filter(JOB.eq(component));
    Alert {
        name: "PostgresDown".into(),
        condition: up().max_over_time(minutes(1)).lt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Critical,
        component,
        summary: "A PostgreSQL database does not answer.".into(),
        description: "The database behind {{ $labels.instance }} has not answered for a minute."
            .into(),
        panel: panel("PostgreSQL up"),
        runbook: runbooks::postgres_down(COLLECTOR_FAILURES.increase(minutes(5)).gt(0).to_string()),
        fires: case(vec![Series::of(&PG_UP, (), "0x100")]),
        silent: case(vec![Series::of(&PG_UP, (), "1x100")]),
    }
}

fn collector_failing(component: &'static str) -> Alert {
    let limit = Limit { value: 1.0, hold: minutes(5), source: "a collector that succeeds is 1" };
    let labels = || CollectorLabels { collector: "queue" };
    Alert {
        name: "CollectorFailing".into(),
        condition: COLLECTOR_SUCCESS
            .filter(JOB.eq(component))
            .max_over_time(minutes(1))
            .lt(limit.value)
            .condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component,
        summary: "One part of an exporter fails.".into(),
        description:
            "The collector `{{ $labels.collector }}` of {{ $labels.instance }} fails; what it \
                      measures is unknown."
                .into(),
        panel: panel("Collectors failing"),
        runbook: runbooks::collector_failing(
            COLLECTOR_FAILURES.increase(minutes(5)).gt(0).to_string(),
        ),
        fires: case(vec![Series::of(&COLLECTOR_SUCCESS, labels(), "0x100")]),
        silent: case(vec![Series::of(&COLLECTOR_SUCCESS, labels(), "1x100")]),
    }
}

fn reading_too_old(component: &'static str) -> Alert {
    let most = minutes(30);
    let limit = Limit {
        value: most.as_secs_f64(),
        hold: minutes(5),
        source: "a background reading is taken at least every few minutes",
    };
    let labels = || QueryLabels { source: "jobs".into(), query: Question::Running };
    let age = || time() - READING.filter(JOB.eq(component));
    // promtool's clock begins at zero.
    let read_at = |values: &str| Case {
        series: vec![Series::of(&READING, labels(), values)],
        at: minutes(45),
    };
    Alert {
        name: "ReadingTooOld".into(),
        condition: age().gt(most).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component,
        summary: "A costly query has had no answer for long.".into(),
        description: "The query `{{ $labels.query }}` of `{{ $labels.source }}` on \
                      {{ $labels.instance }} was last answered {{ $value | humanizeDuration }} ago."
            .into(),
        panel: panel("Age of background readings"),
        runbook: runbooks::reading_too_old(age().sort_desc().to_string()),
        fires: read_at("0x400"),
        silent: read_at("0+15x400"),
    }
}

fn series_dropped(component: &'static str) -> Alert {
    let limit = Limit { value: 0.0, hold: minutes(5), source: "no series is dropped" };
    let labels = || FamilyLabels { family: "queue_jobs" };
    let dropped = || SERIES_DROPPED.filter(JOB.eq(component)).increase(minutes(15));
    Alert {
        name: "SeriesDropped".into(),
        condition: dropped().gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Warning,
        component,
        summary: "An exporter drops series.".into(),
        description:
            "The family `{{ $labels.family }}` of {{ $labels.instance }} has more series than \
                      are given out."
                .into(),
        panel: panel("Series dropped or folded"),
        runbook: runbooks::series_dropped(dropped().to_string()),
        fires: case(vec![Series::of(&SERIES_DROPPED, labels(), "0+1x100")]),
        silent: case(vec![Series::of(&SERIES_DROPPED, labels(), "7x100")]),
    }
}

fn counted_late(component: &'static str) -> Alert {
    let limit = Limit { value: 0.0, hold: minutes(1), source: "every row is counted in time" };
    let labels = || SourceLabels { source: "jobs".into() };
    let late = || COUNTED_LATE.filter(JOB.eq(component)).increase(hours(1));
    Alert {
        name: "JobsCountedLate".into(),
        condition: late().gt(limit.value).condition(),
        threshold: limit,
        hold: limit.hold,
        severity: Severity::Info,
        component,
        summary: "Rows were committed later than the look-back.".into(),
        description:
            "{{ $value | humanize }} rows of `{{ $labels.source }}` on {{ $labels.instance }} \
                      were counted late."
                .into(),
        panel: panel("Counting"),
        runbook: runbooks::counting_late(late().to_string()),
        fires: case(vec![Series::of(&COUNTED_LATE, labels(), "0+1x100")]),
        silent: case(vec![Series::of(&COUNTED_LATE, labels(), "7x100")]),
    }
}

fn case(series: Vec<Series>) -> Case {
    Case { series, at: minutes(12) }
}

fn panel(title: &'static str) -> PanelLink {
    PanelLink { dashboard: DASHBOARD, title }
}
