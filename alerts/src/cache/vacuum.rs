//! Alerts on dead rows, vacuum, wraparound and unused indexes.

use cache_hit::metrics::{
    postgres_databases::{DatabaseLabels, MULTIXACT_AGE, TRANSACTION_AGE},
    postgres_relations::{
        TABLE_DEAD_ROWS, TABLE_LIVE_ROWS, TableLabels, UNUSED_INDEXES_SIZE, VACUUM_BACKLOG,
    },
};
use profiles::{Caches, Limit};
use promql::prelude::*;

use super::runbooks;
use crate::{
    alert::{Alert, LOOKBACK, Severity},
    case::{Series, steady},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{cache::MEMORY, panel::PanelKey};

    pub const DEAD_ROWS: PanelKey = PanelKey::new(MEMORY, "Dead rows by table");
    pub const VACUUM_BACKLOG: PanelKey = PanelKey::new(MEMORY, "How far autovacuum is behind");
    pub const TRANSACTION_AGE: PanelKey = PanelKey::new(MEMORY, "Age of the oldest transaction");
    pub const UNUSED_INDEXES: PanelKey = PanelKey::new(MEMORY, "Indexes that nobody uses");
}

pub(super) fn alerts(caches: &Caches) -> Vec<Alert> {
    let limits = &caches.limits;
    vec![
        dead_rows(caches),
        behind(caches),
        wraparound(
            "WraparoundNear",
            Severity::Warning,
            "Vacuum to prevent wraparound does not keep up.",
            limits.wraparound,
        ),
        wraparound(
            "WraparoundImminent",
            Severity::Critical,
            "PostgreSQL will soon refuse to write.",
            limits.wraparound_end,
        ),
        unused_indexes(caches),
    ]
}

fn app() -> DatabaseLabels {
    DatabaseLabels { datname: "app".into() }
}

fn dead_rows(caches: &Caches) -> Alert {
    let (limit, least) = (caches.limits.dead_rows, caches.limits.least_dead_rows);
    let dead = || TABLE_DEAD_ROWS.max_over_time(minutes(15));
    let share = || dead().div_nonzero(dead().add(TABLE_LIVE_ROWS.max_over_time(minutes(15))));
    let table = || TableLabels {
        datname: "app".into(),
        schemaname: "public".into(),
        relname: "jobs".into(),
    };
    // Of a million rows.
    let case = |dead: f64| {
        vec![
            Series::of(&TABLE_DEAD_ROWS, table(), steady((dead * 1e6).round())),
            Series::of(&TABLE_LIVE_ROWS, table(), steady(((1.0 - dead) * 1e6).round())),
        ]
    };
    Alert {
        name: "DeadRowsMany".into(),
        condition: share().gt(limit.value).and(dead().ge(least)).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Many rows of a table are dead.".into(),
        description: "{{ $value | humanizePercentage }} of the rows of `{{ $labels.relname }}` in \
                      `{{ $labels.datname }}` on {{ $labels.instance }} are dead."
            .into(),
        panel: panels::DEAD_ROWS,
        runbook: runbooks::vacuum(
            "Updated or deleted rows still take space, because vacuum has not removed \
                      them.",
            share().sort_desc(),
        ),
        fires: case(limit.value + 0.01),
        silent: case(limit.value - 0.01),
    }
}

fn behind(caches: &Caches) -> Alert {
    let limit = caches.limits.vacuum_backlog;
    let worst = || VACUUM_BACKLOG.max_over_time(minutes(15));
    let case = |ratio| vec![Series::of(&VACUUM_BACKLOG, app(), steady(ratio))];
    Alert {
        name: "AutovacuumBehind".into(),
        condition: worst().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Autovacuum does not keep up.".into(),
        description: "A table of `{{ $labels.datname }}` on {{ $labels.instance }} has {{ $value \
                      | humanize }} times as many dead rows as trigger autovacuum."
            .into(),
        panel: panels::VACUUM_BACKLOG,
        runbook: runbooks::vacuum(
            "A table has many times the dead rows that trigger autovacuum: autovacuum is \
                      off for it, blocked, or too slow.",
            worst(),
        ),
        fires: case(limit.value + 1.0),
        silent: case(limit.value),
    }
}

fn wraparound(
    name: &'static str,
    severity: Severity,
    summary: &'static str,
    limit: Limit,
) -> Alert {
    let transactions = || TRANSACTION_AGE.max_over_time(LOOKBACK).gt(limit.value);
    let multixacts = MULTIXACT_AGE.max_over_time(LOOKBACK).gt(limit.value);
    let case = |age| vec![Series::of(&TRANSACTION_AGE, app(), steady(age))];
    Alert {
        name: name.into(),
        condition: transactions().or(multixacts).condition(),
        limit,
        severity,
        summary: summary.into(),
        description: "The oldest row of `{{ $labels.datname }}` on {{ $labels.instance }} that is not \
                      frozen is {{ $value | humanize }} transactions old; at 2.1 G the server refuses \
                      to write.".into(),
        panel: panels::TRANSACTION_AGE,
        runbook: runbooks::wraparound(TRANSACTION_AGE.sort_desc()),
        fires: case(limit.value + 1e6),
        silent: case(limit.value),
    }
}

fn unused_indexes(caches: &Caches) -> Alert {
    let limit = caches.limits.unused_indexes;
    let size = || UNUSED_INDEXES_SIZE.max_over_time(minutes(15));
    let case = |bytes| vec![Series::of(&UNUSED_INDEXES_SIZE, app(), steady(bytes))];
    Alert {
        name: "UnusedIndexes".into(),
        condition: size().gt(limit.value).condition(),
        limit,
        severity: Severity::Info,
        summary: "Unused indexes take space and time.".into(),
        description: "Indexes of `{{ $labels.datname }}` that no query uses take \
                      {{ $value | humanize1024 }}B on {{ $labels.instance }}."
            .into(),
        panel: panels::UNUSED_INDEXES,
        runbook: runbooks::unused_indexes(size()),
        fires: case(limit.value + 8192.0),
        silent: case(limit.value),
    }
}
