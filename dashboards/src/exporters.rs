//! The dashboard of the exporters themselves: reachability, failures, cost.

use alerts::health;
use alerts::{external::UP, health::DASHBOARD};
use common::{
    process::self_metrics::{CPU, RESIDENT},
    scrape::{
        label_limit::LABELS_FOLDED,
        runner::{
            COLLECTOR_DURATION, COLLECTOR_FAILURES, COLLECTOR_SUCCESS, CollectorLabels,
            FailureLabels, SERIES_DROPPED,
        },
    },
    source::postgres::PG_UP,
};
use profiles::Profile;
use promql::prelude::*;

use crate::{
    Colour, Dashboard, Panel, PanelQuery, Row, Scope, Side, ThresholdLine, UP_DOWN, ValueMapping,
};

/// The dashboard of all exporters of the system.
pub(crate) fn dashboard(profile: &'static Profile) -> Dashboard {
    let title = if profile.is_generic() {
        "Exporters".to_owned()
    } else {
        format!("{}: Exporters", profile.title)
    };
    Dashboard {
        subject: DASHBOARD,
        title,
        description: "Whether the exporters answer and reach their sources, which collectors fail \
                      and why, and what the exporters cost.",
        scope: Scope { profile, exporter: None },
        variables: vec![],
        summary: summary(),
        rows: vec![reach(), collection(), cost()],
        from: "now-6h",
    }
}

fn summary() -> Vec<Panel> {
    let failing = COLLECTOR_SUCCESS.eq(0).count().by(()).labelled().or(vector(0));
    vec![
        Panel::up(
            "All exporters up",
            "Whether Prometheus can scrape every chosen exporter. While one is down, nothing that \
             it measures is known, and its graphs have a gap.",
            &UP,
        ),
        Panel::firing(
            "Alerts on these exporters and on what they measure that fire now. Each has a \
             runbook.",
        ),
        Panel::stat(
            "Failing collectors",
            "Collectors that cannot read their source now. Their metrics are absent from the other \
             dashboards.",
            PanelQuery::new("", failing),
        )
        .threshold(ThresholdLine { value: 1.0, bad: Side::Above, color: Colour::Warning }),
        Panel::stat(
            "Memory of all exporters",
            "Memory that the chosen exporters hold in RAM together. It should stay constant, \
             whatever the load of their sources.",
            PanelQuery::new("", RESIDENT.sum().by(())),
        ),
        Panel::stat(
            "CPU of all exporters",
            "Share of one core that the chosen exporters use together. It follows the number of \
             scrapes.",
            PanelQuery::new("", CPU.rate(RATE_INTERVAL).sum().by(())),
        )
        .decimals(2),
    ]
}

fn reach() -> Row {
    let panels = vec![
        Panel::timeline(
            health::panels::EXPORTERS_UP,
            "Whether Prometheus can scrape each exporter. Down: the exporter has stopped, or the \
             network, TLS or credentials fail.",
            PanelQuery::new("", UP.min().by((JOB, INSTANCE))).jobs().yes_no(),
            UP_DOWN,
        ),
        Panel::timeline(
            health::panels::POSTGRES_UP,
            "Whether the database behind each exporter answers (`pg_up`). While it is down, its \
             metrics are unknown, not zero.",
            PanelQuery::new("", PG_UP.min().by((JOB, INSTANCE))).jobs().yes_no(),
            UP_DOWN,
        ),
    ];
    Row { title: "Reach", panels }
}

/// The sum; zero without series, because such a counter has a series only after its first event.
fn or_none<Labels>(grown: Vector<Labels>) -> Vector<()> {
    grown.sum().by(()).labelled().or(vector(0))
}

fn collection() -> Row {
    let part = || (JOB, CollectorLabels::collector);
    let panels = vec![
        Panel::timeline(
            health::panels::COLLECTORS,
            "Whether each collector could read its source. The metrics of a failing one are absent \
             from the other dashboards; the reasons are on the right.",
            PanelQuery::new("", COLLECTOR_SUCCESS.min().by(part())).jobs().yes_no(),
            [
                ValueMapping { value: 0, text: "Failing", color: Colour::Critical },
                ValueMapping { value: 1, text: "OK", color: Colour::Good },
            ],
        )
        .height(8),
        Panel::stacked(
            "Failures of collectors",
            "Failed runs of the exporters' collectors each second, by reason. `slots`: the \
             database has no connection left; `permission`: run `check --grants`.",
            [PanelQuery::new(
                "",
                COLLECTOR_FAILURES.rate(RATE_INTERVAL).sum().by(FailureLabels::reason),
            )],
        ),
        Panel::lines(
            "Duration of collection",
            "How long each collector takes for one scrape. A rise means that the database is slow; \
             near the scrape timeout, collectors fail and their metrics are absent.",
            [PanelQuery::new("", COLLECTOR_DURATION.max().by(part())).jobs()],
        ),
        Panel::lines(
            health::panels::SERIES,
            "Series over an exporter's limit, and label values that became `other`. A rise means \
             that a label has unbounded values, such as ids.",
            [
                PanelQuery::new("dropped", or_none(SERIES_DROPPED.increase(RATE_INTERVAL))),
                PanelQuery::new("folded", or_none(LABELS_FOLDED.increase(RATE_INTERVAL))),
            ],
        ),
    ];
    Row { title: "Collection", panels }
}

fn cost() -> Row {
    let panels = vec![
        Panel::lines(
            "Memory of each exporter",
            "Memory that each exporter holds in RAM. If it grows for days, there is a leak or a \
             label with unbounded values.",
            [PanelQuery::new("", RESIDENT.max().by((JOB, INSTANCE))).jobs()],
        ),
        Panel::lines(
            "CPU of each exporter",
            "Share of one core that each exporter uses. It follows the number of scrapes, not the \
             size of its sources.",
            [PanelQuery::new("", CPU.rate(RATE_INTERVAL).sum().by((JOB, INSTANCE))).jobs()],
        )
        .decimals(2),
    ];
    Row { title: "Cost", panels }
}
