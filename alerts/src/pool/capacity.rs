//! Alerts on connections, limits and pools.

use pool_usage::metrics::{
    connections::{
        AVAILABLE, CLIENT_BACKENDS, DATABASE_CONNECTIONS, DATABASE_LIMIT, DatabaseLabels,
        MAX_CONNECTIONS, POOL_AVAILABLE, POOL_BUSY, POOL_SIZE, PoolLabels, ROLE_CONNECTIONS,
        ROLE_LIMIT, RoleLabels,
    },
    pgbouncer::{CLIENT_MAXWAIT, CLIENT_WAITING, PAIR_SATURATION, PGBOUNCER_UP, PairLabels},
};
use profiles::{Limit, Pools};
use promql::prelude::*;

use super::runbooks;
use crate::{
    alert::{Alert, LOOKBACK, Severity},
    case::{Series, steady},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{panel::PanelKey, pool::DASHBOARD};

    pub const CONNECTIONS: PanelKey = PanelKey::new(DASHBOARD, "Connections in use");
    pub const CONNECTIONS_LEFT: PanelKey = PanelKey::new(DASHBOARD, "Connections left");
    pub const ROLES: PanelKey = PanelKey::new(DASHBOARD, "Use of roles' limits");
    pub const DATABASES: PanelKey = PanelKey::new(DASHBOARD, "Use of databases' limits");
    pub const APPLICATION_POOLS: PanelKey = PanelKey::new(DASHBOARD, "Application pools in use");
    pub const APPLICATION_POOLS_LEFT: PanelKey =
        PanelKey::new(DASHBOARD, "Connections left in application pools");
    pub const PGBOUNCER_UP: PanelKey = PanelKey::new(DASHBOARD, "PgBouncer up");
    pub const PGBOUNCER_POOLS: PanelKey = PanelKey::new(DASHBOARD, "Pools of PgBouncer in use");
    pub const PGBOUNCER_CLIENTS: PanelKey = PanelKey::new(DASHBOARD, "Clients of PgBouncer");
    pub const PGBOUNCER_WAIT: PanelKey = PanelKey::new(DASHBOARD, "Longest wait for PgBouncer");
}

pub(super) fn alerts(pools: &Pools) -> Vec<Alert> {
    vec![
        usage(pools),
        left(pools),
        role(pools),
        database(pools),
        application(pools),
        application_left(pools),
        pooler_down(),
        saturation(pools),
        waiting(pools),
        wait(pools),
    ]
}

fn usage(pools: &Pools) -> Alert {
    let limit = pools.limits.usage;
    let used = || CLIENT_BACKENDS.max_over_time(LOOKBACK).div_nonzero(&MAX_CONNECTIONS);
    let case = |taken: f64| {
        vec![
            Series::of(&CLIENT_BACKENDS, (), steady(taken)),
            Series::of(&MAX_CONNECTIONS, (), steady(1000.0)),
        ]
    };
    Alert {
        name: "ConnectionsNearLimit".into(),
        condition: used().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "PostgreSQL is running out of connections.".into(),
        description: "{{ $value | humanizePercentage }} of `max_connections` are in use on \
                      {{ $labels.instance }}."
            .into(),
        panel: panels::CONNECTIONS,
        runbook: runbooks::connections(
            pools,
            "Too many of the server's connections are in use.",
            used(),
        ),
        fires: case(limit.value * 1000.0 + 1.0),
        silent: case(limit.value * 1000.0),
    }
}

fn left(pools: &Pools) -> Alert {
    let limit = pools.limits.left;
    Alert {
        name: "OnlyReservedConnectionsLeft".into(),
        condition: AVAILABLE.max_over_time(LOOKBACK).lt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "PostgreSQL refuses connections of ordinary roles.".into(),
        description: "{{ $value }} connections are left for ordinary roles on \
                      {{ $labels.instance }}; the rest is reserved."
            .into(),
        panel: panels::CONNECTIONS_LEFT,
        runbook: runbooks::connections(
            pools,
            "Only the connections that are reserved for superusers are left: applications are \
             refused with `remaining connection slots are reserved`.",
            &AVAILABLE,
        ),
        fires: vec![Series::of(&AVAILABLE, (), steady(limit.value - 1.0))],
        silent: vec![Series::of(&AVAILABLE, (), steady(limit.value))],
    }
}

fn role(pools: &Pools) -> Alert {
    let limit = pools.limits.own_limit;
    let used = || ROLE_CONNECTIONS.max_over_time(LOOKBACK).div_nonzero(&ROLE_LIMIT);
    let of = || RoleLabels { rolname: "app".into() };
    let case = |taken: f64| {
        vec![
            Series::of(&ROLE_CONNECTIONS, of(), steady(taken)),
            Series::of(&ROLE_LIMIT, of(), steady(100.0)),
        ]
    };
    Alert {
        name: "RoleConnectionsNearLimit".into(),
        condition: used().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A role is running out of connections.".into(),
        description: "{{ $value | humanizePercentage }} of the connections that the role \
                      `{{ $labels.rolname }}` may open are in use on {{ $labels.instance }}."
            .into(),
        panel: panels::ROLES,
        runbook: runbooks::connections(
            pools,
            "Most of a role's connection limit (`ALTER ROLE … CONNECTION LIMIT`) is in use.",
            used(),
        ),
        fires: case((limit.value * 100.0).round() + 1.0),
        silent: case((limit.value * 100.0).round()),
    }
}

fn database(pools: &Pools) -> Alert {
    let limit = pools.limits.own_limit;
    let used = || DATABASE_CONNECTIONS.max_over_time(LOOKBACK).div_nonzero(&DATABASE_LIMIT);
    let of = || DatabaseLabels { datname: "app".into() };
    let case = |taken: f64| {
        vec![
            Series::of(&DATABASE_CONNECTIONS, of(), steady(taken)),
            Series::of(&DATABASE_LIMIT, of(), steady(100.0)),
        ]
    };
    Alert {
        name: "DatabaseConnectionsNearLimit".into(),
        condition: used().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A database is running out of connections.".into(),
        description: "{{ $value | humanizePercentage }} of the connections that the database \
                      `{{ $labels.datname }}` accepts are in use on {{ $labels.instance }}."
            .into(),
        panel: panels::DATABASES,
        runbook: runbooks::connections(
            pools,
            "Most of a database's connection limit (`ALTER DATABASE … CONNECTION LIMIT`) is in \
             use.",
            used(),
        ),
        fires: case((limit.value * 100.0).round() + 1.0),
        silent: case((limit.value * 100.0).round()),
    }
}

fn pool() -> PoolLabels {
    PoolLabels { pool: "web".into() }
}

fn application(pools: &Pools) -> Alert {
    let limit = pools.limits.application;
    let used = || POOL_BUSY.max_over_time(LOOKBACK).div_nonzero(&POOL_SIZE);
    let case = |busy: f64| {
        vec![
            Series::of(&POOL_BUSY, pool(), steady(busy)),
            Series::of(&POOL_SIZE, pool(), steady(100.0)),
        ]
    };
    Alert {
        name: "ApplicationPoolNearLimit".into(),
        condition: used().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "An application's pool is running out of connections.".into(),
        description: "{{ $value | humanizePercentage }} of the pool `{{ $labels.pool }}` are busy \
                      on {{ $labels.instance }}."
            .into(),
        panel: panels::APPLICATION_POOLS,
        runbook: runbooks::connections(
            pools,
            "Most connections of an application's pool are busy at the same time.",
            used(),
        ),
        fires: case((limit.value * 100.0).round() + 1.0),
        silent: case((limit.value * 100.0).round()),
    }
}

fn application_left(pools: &Pools) -> Alert {
    let limit = pools.limits.application_left;
    let case = |left| vec![Series::of(&POOL_AVAILABLE, pool(), steady(left))];
    Alert {
        name: "DatabaseConnectionPoolExhausted".into(),
        condition: POOL_AVAILABLE.max_over_time(LOOKBACK).lt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "An application's pool is exhausted.".into(),
        description: "The pool `{{ $labels.pool }}` has {{ $value }} connections left on \
                      {{ $labels.instance }}."
            .into(),
        panel: panels::APPLICATION_POOLS_LEFT,
        runbook: runbooks::connections(
            pools,
            "Every connection of an application's pool is busy; the next request waits.",
            &POOL_AVAILABLE,
        ),
        fires: case(limit.value - 1.0),
        silent: case(limit.value),
    }
}

fn pooler_down() -> Alert {
    let limit =
        Limit { value: 1.0, hold: minutes(1), source: "a pooler whose console answers is 1" };
    let case = |up| vec![Series::of(&PGBOUNCER_UP, (), steady(up))];
    Alert {
        name: "PgBouncerDown".into(),
        condition: PGBOUNCER_UP.max_over_time(LOOKBACK).lt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "A PgBouncer does not answer.".into(),
        description: "The console of the PgBouncer behind {{ $labels.instance }} has not answered \
                      for a minute."
            .into(),
        panel: panels::PGBOUNCER_UP,
        runbook: runbooks::pooler_down(&PGBOUNCER_UP),
        fires: case(0.0),
        silent: case(1.0),
    }
}

fn pair() -> PairLabels {
    PairLabels { database: "app".into(), user: "app".into() }
}

fn saturation(pools: &Pools) -> Alert {
    let limit = pools.limits.saturation;
    let full = || {
        PAIR_SATURATION
            .max_over_time(LOOKBACK)
            .ge(limit.value)
            .and(CLIENT_WAITING.max_over_time(LOOKBACK).gt(0))
    };
    let case = |waiting: f64| {
        vec![
            Series::of(&PAIR_SATURATION, pair(), steady(limit.value)),
            Series::of(&CLIENT_WAITING, pair(), steady(waiting)),
        ]
    };
    Alert {
        name: "PgBouncerPoolExhausted".into(),
        condition: full().condition(),
        limit,
        severity: Severity::Critical,
        summary: "A pool of PgBouncer is exhausted.".into(),
        description: "The pool of `{{ $labels.user }}` for `{{ $labels.database }}` is at \
                      {{ $value | humanizePercentage }} on {{ $labels.instance }}, and clients \
                      wait."
            .into(),
        panel: panels::PGBOUNCER_POOLS,
        runbook: runbooks::pooler(
            pools,
            "Every server connection of the pool is busy, and clients wait for one.",
            full(),
        ),
        fires: case(3.0),
        silent: case(0.0),
    }
}

fn waiting(pools: &Pools) -> Alert {
    let limit = pools.limits.waiting;
    let case = |waiting| vec![Series::of(&CLIENT_WAITING, pair(), steady(waiting))];
    Alert {
        name: "PgBouncerClientsWaiting".into(),
        condition: CLIENT_WAITING.max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Clients of PgBouncer wait for a connection.".into(),
        description:
            "{{ $value }} clients of `{{ $labels.user }}` wait for `{{ $labels.database }}` \
                      on {{ $labels.instance }}."
                .into(),
        panel: panels::PGBOUNCER_CLIENTS,
        runbook: runbooks::pooler(
            pools,
            "Clients have sent a query and wait for a server connection.",
            &CLIENT_WAITING,
        ),
        fires: case(limit.value + 1.0),
        silent: case(limit.value),
    }
}

fn wait(pools: &Pools) -> Alert {
    let limit = pools.limits.wait;
    let case = |seconds| vec![Series::of(&CLIENT_MAXWAIT, pair(), steady(seconds))];
    Alert {
        name: "PgBouncerWaitTooLong".into(),
        condition: CLIENT_MAXWAIT.max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "A client of PgBouncer waits for too long.".into(),
        description: "A client of `{{ $labels.user }}` has been waiting for \
                      `{{ $labels.database }}` for {{ $value | humanizeDuration }} on \
                      {{ $labels.instance }}."
            .into(),
        panel: panels::PGBOUNCER_WAIT,
        runbook: runbooks::pooler(
            pools,
            "The first client in a pool's queue has been waiting for longer than users \
                      accept.",
            &CLIENT_MAXWAIT,
        ),
        fires: case(limit.value + 0.5),
        silent: case(limit.value),
    }
}
