//! The exporters themselves: whether they answer, what they cannot read, what they cost.

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
        description: "Whether the exporters answer and reach what they watch, what they could not \
                      read and why, and what they cost: how far every other figure can be trusted.",
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
            "Alerts on what these exporters measure, and on their measuring, that fire now. \
             Anything but zero has a runbook.",
        ),
        Panel::stat(
            "Failing collectors",
            "Parts of exporters that cannot read their source at this moment. What they measure is \
             absent from the other dashboards.",
            PanelQuery::new("", failing),
        )
        .threshold(ThresholdLine { value: 1.0, bad: Side::Above, color: Colour::Warning }),
        Panel::stat(
            "Memory of all exporters",
            "Memory that the chosen exporters hold in RAM together. It should stay where it is, \
             whatever the load of what they watch.",
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
            "Whether Prometheus can scrape each exporter. Down: it is gone, or something lies \
             between the two.",
            PanelQuery::new("", UP.min().by((JOB, INSTANCE))).jobs().yes_no(),
            UP_DOWN,
        ),
        Panel::timeline(
            health::panels::POSTGRES_UP,
            "Whether the database behind each exporter answers (`pg_up`). Down: what would be read \
             from it is unknown, not zero.",
            PanelQuery::new("", PG_UP.min().by((JOB, INSTANCE))).jobs().yes_no(),
            UP_DOWN,
        ),
    ];
    Row { title: "Reach", panels }
}

/// The sum; of a counter that is served from its first event on, nothing is none.
fn or_none<Labels>(grown: Vector<Labels>) -> Vector<()> {
    grown.sum().by(()).labelled().or(vector(0))
}

fn collection() -> Row {
    let part = || (JOB, CollectorLabels::collector);
    let panels = vec![
        Panel::timeline(
            health::panels::COLLECTORS,
            "Whether each part of the exporters could read its source. What a failing one measures \
             is absent from the other dashboards; the reasons are on the right.",
            PanelQuery::new("", COLLECTOR_SUCCESS.min().by(part())).jobs().yes_no(),
            [
                ValueMapping { value: 0, text: "Failing", color: Colour::Critical },
                ValueMapping { value: 1, text: "Well", color: Colour::Good },
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
            "How long each collector takes for one scrape. A rise shows the database's trouble \
             from the outside; near the scrape time-out, figures will be missing.",
            [PanelQuery::new("", COLLECTOR_DURATION.max().by(part())).jobs()],
        ),
        Panel::lines(
            health::panels::SERIES,
            "Series beyond an exporter's bound, and label values that became `other`. A rise \
             means that something unbounded, such as an id, stands in a label.",
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
            "Memory that each exporter holds in RAM. One that grows for days has a leak, or a \
             label without a bound.",
            [PanelQuery::new("", RESIDENT.max().by((JOB, INSTANCE))).jobs()],
        ),
        Panel::lines(
            "CPU of each exporter",
            "Share of one core that each exporter uses. It follows the number of scrapes, not the \
             size of what it watches.",
            [PanelQuery::new("", CPU.rate(RATE_INTERVAL).sum().by((JOB, INSTANCE))).jobs()],
        )
        .decimals(2),
    ];
    Row { title: "Cost", panels }
}
