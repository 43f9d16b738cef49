//! Alerts on the exporters themselves: their scrapes, targets, collectors and series.

mod runbooks;

use std::time::Duration;

use common::{
    scrape::{
        label_limit::{FoldedLabels, LABELS_FOLDED},
        runner::{
            COLLECTOR_FAILURES, COLLECTOR_SUCCESS, CollectorLabels, FailureLabels, FamilyLabels,
            SERIES_DROPPED,
        },
    },
    source::postgres::PG_UP,
};
use profiles::{
    Limit, Profile,
    suite::{self, SuiteExporter},
};
use promql::prelude::*;

use crate::{
    alert::{Alert, Severity},
    case::Series,
    component::{Component, targets},
    external::UP,
    rules::{Group, History},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{health::DASHBOARD, panel::PanelKey};

    pub const EXPORTERS_UP: PanelKey = PanelKey::new(DASHBOARD, "Exporters up");
    pub const POSTGRES_UP: PanelKey = PanelKey::new(DASHBOARD, "PostgreSQL up");
    pub const COLLECTORS: PanelKey = PanelKey::new(DASHBOARD, "Collectors failing");
    pub const SERIES: PanelKey = PanelKey::new(DASHBOARD, "Series dropped or folded");
    pub const FIRING: PanelKey = PanelKey::new(DASHBOARD, "Firing alerts");
}

/// The subject of the dashboard of the exporters.
pub const DASHBOARD: &str = "exporters";

/// Alerts on every exporter of the profile, if it has any.
pub fn group(profile: &Profile) -> Option<Group> {
    let exporters = suite::of_profile(profile);
    if exporters.is_empty() {
        return None;
    }
    let alerts = vec![
        exporter_down(&exporters),
        exporter_absent(&exporters),
        postgres_down(&exporters),
        collector_failing(&exporters),
        series_dropped(&exporters),
        labels_folded(&exporters),
    ];
    Some(Group { component: Component::Each(exporters), history: History::Recent, alerts })
}

/// The alert that always fires, so that its absence is noticed.
pub fn watchdog() -> Group {
    let limit = Limit { value: 0.0, hold: Duration::ZERO, source: "it always fires" };
    let alert = Alert {
        name: "Watchdog".into(),
        condition: vector(1).gt(0).condition(),
        limit,
        severity: Severity::Info,
        summary: "Rules are evaluated and pages delivered.".into(),
        description: "This alert always fires; a dead man's switch calls when it stops.".into(),
        panel: panels::FIRING,
        runbook: runbooks::watchdog(),
        fires: Vec::new(),
        silent: Vec::new(),
    };
    let component = Component::One("prometheus");
    Group { component, history: History::Recent, alerts: vec![alert] }
}

fn exporter_down(exporters: &[SuiteExporter]) -> Alert {
    let limit = Limit { value: 1.0, hold: minutes(2), source: "a target that answers is up = 1" };
    let up = || UP.filter(targets(exporters));
    let case = |values| vec![Series::of(&UP, (), values)];
    Alert {
        name: "ExporterDown".into(),
        condition: up().max_over_time(minutes(1)).lt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "An exporter does not answer.".into(),
        description: "Prometheus cannot scrape `{{ $labels.job }}` at {{ $labels.instance }}: \
                      nothing that it measures is known."
            .into(),
        panel: panels::EXPORTERS_UP,
        runbook: runbooks::exporter_down(exporters, up()),
        fires: case("0x200"),
        silent: case("1x200"),
    }
}

fn exporter_absent(exporters: &[SuiteExporter]) -> Alert {
    let limit = Limit { value: 0.0, hold: minutes(5), source: "there is at least one target" };
    let absent = |it: &SuiteExporter| UP.filter(JOB.eq(it.name)).absent().gt(limit.value);
    let condition = exporters.iter().map(absent).reduce(Comparison::or);
    Alert {
        name: "ExporterAbsent".into(),
        condition: condition.expect("the caller has at least one exporter").condition(),
        limit,
        severity: Severity::Warning,
        summary: "Prometheus has no target of an exporter.".into(),
        description: "No target of the job `{{ $labels.job }}` is known: it was removed, or \
                      discovery fails."
            .into(),
        panel: panels::EXPORTERS_UP,
        runbook: runbooks::exporter_down(exporters, UP.filter(targets(exporters))),
        fires: Vec::new(),
        silent: vec![Series::of(&UP, (), "1x200")],
    }
}

fn postgres_down(exporters: &[SuiteExporter]) -> Alert {
    let limit = Limit { value: 1.0, hold: minutes(1), source: "a database that answers is 1" };
    let case = |values| vec![Series::of(&PG_UP, (), values)];
    Alert {
        name: "PostgresDown".into(),
        condition: PG_UP
            .filter(targets(exporters))
            .max_over_time(minutes(1))
            .lt(limit.value)
            .condition(),
        limit,
        severity: Severity::Critical,
        summary: "A PostgreSQL database does not answer.".into(),
        description: "The database behind `{{ $labels.job }}` at {{ $labels.instance }} has not \
                      answered for a minute."
            .into(),
        panel: panels::POSTGRES_UP,
        runbook: runbooks::postgres_down(exporters, failures(exporters)),
        fires: case("0x200"),
        silent: case("1x200"),
    }
}

fn collector_failing(exporters: &[SuiteExporter]) -> Alert {
    let limit = Limit { value: 1.0, hold: minutes(5), source: "a collector that succeeds is 1" };
    let labels = || CollectorLabels { collector: "queue".into() };
    let case = |values| vec![Series::of(&COLLECTOR_SUCCESS, labels(), values)];
    Alert {
        name: "CollectorFailing".into(),
        condition: COLLECTOR_SUCCESS
            .filter(targets(exporters))
            .max_over_time(minutes(1))
            .lt(limit.value)
            .condition(),
        limit,
        severity: Severity::Warning,
        summary: "A collector of an exporter fails.".into(),
        description: "The collector `{{ $labels.collector }}` of `{{ $labels.job }}` at \
                      {{ $labels.instance }} fails; what it measures is unknown."
            .into(),
        panel: panels::COLLECTORS,
        runbook: runbooks::collector_failing(exporters, failures(exporters)),
        fires: case("0x200"),
        silent: case("1x200"),
    }
}

/// Why collectors failed: the reason is a label.
fn failures(exporters: &[SuiteExporter]) -> Comparison<FailureLabels> {
    COLLECTOR_FAILURES.filter(targets(exporters)).increase(minutes(5)).gt(0)
}

fn series_dropped(exporters: &[SuiteExporter]) -> Alert {
    let limit = Limit { value: 0.0, hold: minutes(5), source: "no series is dropped" };
    let labels = || FamilyLabels { family: "queue_jobs" };
    let dropped = || SERIES_DROPPED.filter(targets(exporters)).increase(minutes(15));
    let case = |values| vec![Series::of(&SERIES_DROPPED, labels(), values)];
    Alert {
        name: "SeriesDropped".into(),
        condition: dropped().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "An exporter drops series.".into(),
        description: "The family `{{ $labels.family }}` of `{{ $labels.job }}` at {{ \
                      $labels.instance }} has more series than the exporter serves."
            .into(),
        panel: panels::SERIES,
        runbook: runbooks::series_dropped(dropped()),
        fires: case("0+1x200"),
        silent: case("7x200"),
    }
}

fn labels_folded(exporters: &[SuiteExporter]) -> Alert {
    let limit = Limit { value: 0.0, hold: minutes(5), source: "every value has a series" };
    let labels = || FoldedLabels { label: "queue" };
    let folded = || LABELS_FOLDED.filter(targets(exporters)).increase(minutes(15));
    let case = |values| vec![Series::of(&LABELS_FOLDED, labels(), values)];
    Alert {
        name: "LabelsFolded".into(),
        condition: folded().gt(limit.value).condition(),
        limit,
        severity: Severity::Info,
        summary: "An exporter folds label values into one series.".into(),
        description: "The label `{{ $labels.label }}` of `{{ $labels.job }}` at {{ \
                      $labels.instance }} has more values than its limit; the rest are `other`."
            .into(),
        panel: panels::SERIES,
        runbook: runbooks::labels_folded(folded()),
        fires: case("0+1x200"),
        silent: case("7x200"),
    }
}
