//! Alerts on the measuring itself: exporters, their targets, their collectors and counters.

mod runbooks;

use std::time::Duration;

use common::{
    scrape::{
        label_limit::{FoldedLabels, LABELS_FOLDED},
        runner::{
            COLLECTOR_FAILURES, COLLECTOR_SUCCESS, CollectorLabels, FamilyLabels, SERIES_DROPPED,
        },
    },
    source::postgres::PG_UP,
};
use profiles::{Limit, Profile};
use promql::prelude::*;

use crate::{
    alert::{Alert, Case, PanelLink, Series, Severity},
    component::{self, Component, Exported, targets},
    external::UP,
    told::Told,
};

/// What the dashboard of the exporters is about, as its uid says.
pub const DASHBOARD: &str = "exporters";

/// Alerts on every exporter of the profile.
pub fn alerts(profile: &Profile) -> Vec<Alert> {
    let all = component::of_profile(profile);
    if all.is_empty() {
        return Vec::new();
    }
    let told = [
        exporter_down(&all),
        exporter_absent(&all),
        postgres_down(&all),
        collector_failing(&all),
        series_dropped(&all),
        labels_folded(&all),
    ];
    told.into_iter().map(|it| it.alert(Component::Each(all.clone()), DASHBOARD)).collect()
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
        component: Component::One("prometheus"),
        summary: "Rules are evaluated and pages delivered.".into(),
        description: "This alert always fires; a dead man's switch calls when it stops.".into(),
        panel: PanelLink { dashboard: DASHBOARD, title: "Firing alerts" },
        runbook: runbooks::watchdog(),
        fires: always(),
        silent: always(),
    }
}

fn exporter_down(exporters: &[Exported]) -> Told {
    let limit = Limit { value: 1.0, hold: minutes(2), source: "a target that answers is up = 1" };
    let up = || UP.filter(targets(exporters));
    let case = |values| vec![Series::of(&UP, (), values)];
    Told {
        name: "ExporterDown",
        condition: up().max_over_time(minutes(1)).lt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "An exporter does not answer.",
        description: "Prometheus cannot scrape `{{ $labels.job }}` at {{ $labels.instance }}: \
                      nothing that it measures is known.",
        panel: "Exporters up",
        runbook: runbooks::exporter_down(exporters, up().to_string()),
        fires: case("0x200"),
        silent: case("1x200"),
    }
}

fn exporter_absent(exporters: &[Exported]) -> Told {
    let limit = Limit { value: 0.0, hold: minutes(5), source: "there is at least one target" };
    let absent = |it: &Exported| UP.filter(JOB.eq(it.name)).absent().gt(limit.value);
    let condition = exporters.iter().map(absent).reduce(Comparison::or);
    Told {
        name: "ExporterAbsent",
        condition: condition.expect("the caller has at least one exporter").condition(),
        limit,
        severity: Severity::Warning,
        summary: "Prometheus has no target of an exporter.",
        description: "No target of the job `{{ $labels.job }}` is known: it was removed, or \
                      discovery fails.",
        panel: "Exporters up",
        runbook: runbooks::exporter_down(exporters, UP.filter(targets(exporters)).to_string()),
        fires: Vec::new(),
        silent: vec![Series::of(&UP, (), "1x200")],
    }
}

fn postgres_down(exporters: &[Exported]) -> Told {
    let limit = Limit { value: 1.0, hold: minutes(1), source: "a database that answers is 1" };
    let case = |values| vec![Series::of(&PG_UP, (), values)];
    Told {
        name: "PostgresDown",
        condition: PG_UP
            .filter(targets(exporters))
            .max_over_time(minutes(1))
            .lt(limit.value)
            .condition(),
        limit,
        severity: Severity::Critical,
        summary: "A PostgreSQL database does not answer.",
        description: "The database behind `{{ $labels.job }}` at {{ $labels.instance }} has not \
                      answered for a minute.",
        panel: "PostgreSQL up",
        runbook: runbooks::postgres_down(exporters, failures(exporters)),
        fires: case("0x200"),
        silent: case("1x200"),
    }
}

fn collector_failing(exporters: &[Exported]) -> Told {
    let limit = Limit { value: 1.0, hold: minutes(5), source: "a collector that succeeds is 1" };
    let labels = || CollectorLabels { collector: "queue".into() };
    let case = |values| vec![Series::of(&COLLECTOR_SUCCESS, labels(), values)];
    Told {
        name: "CollectorFailing",
        condition: COLLECTOR_SUCCESS
            .filter(targets(exporters))
            .max_over_time(minutes(1))
            .lt(limit.value)
            .condition(),
        limit,
        severity: Severity::Warning,
        summary: "One part of an exporter fails.",
        description: "The collector `{{ $labels.collector }}` of `{{ $labels.job }}` at \
                      {{ $labels.instance }} fails; what it measures is unknown.",
        panel: "Collectors failing",
        runbook: runbooks::collector_failing(exporters, failures(exporters)),
        fires: case("0x200"),
        silent: case("1x200"),
    }
}

/// Why collectors failed: the reason is a label.
fn failures(exporters: &[Exported]) -> String {
    COLLECTOR_FAILURES.filter(targets(exporters)).increase(minutes(5)).gt(0).to_string()
}

fn series_dropped(exporters: &[Exported]) -> Told {
    let limit = Limit { value: 0.0, hold: minutes(5), source: "no series is dropped" };
    let labels = || FamilyLabels { family: "queue_jobs" };
    let dropped = || SERIES_DROPPED.filter(targets(exporters)).increase(minutes(15));
    let case = |values| vec![Series::of(&SERIES_DROPPED, labels(), values)];
    Told {
        name: "SeriesDropped",
        condition: dropped().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "An exporter drops series.",
        description: "The family `{{ $labels.family }}` of `{{ $labels.job }}` at \
                      {{ $labels.instance }} has more series than are given out.",
        panel: "Series dropped or folded",
        runbook: runbooks::series_dropped(dropped().to_string()),
        fires: case("0+1x200"),
        silent: case("7x200"),
    }
}

fn labels_folded(exporters: &[Exported]) -> Told {
    let limit = Limit { value: 0.0, hold: minutes(5), source: "every value has a series" };
    let labels = || FoldedLabels { label: "queue" };
    let folded = || LABELS_FOLDED.filter(targets(exporters)).increase(minutes(15));
    let case = |values| vec![Series::of(&LABELS_FOLDED, labels(), values)];
    Told {
        name: "LabelsFolded",
        condition: folded().gt(limit.value).condition(),
        limit,
        severity: Severity::Info,
        summary: "An exporter folds label values into one series.",
        description: "The label `{{ $labels.label }}` of `{{ $labels.job }}` at \
                      {{ $labels.instance }} has more values than fit; the rest are `other`.",
        panel: "Series dropped or folded",
        runbook: runbooks::labels_folded(folded().to_string()),
        fires: case("0+1x200"),
        silent: case("7x200"),
    }
}
