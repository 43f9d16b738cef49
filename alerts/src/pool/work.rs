//! Alerts on transactions, locks, statements and replication.

use pool_usage::metrics::{
    connections::{
        BLOCKED, DEADLOCKS, DatabaseLabels, LONGEST_IDLE_IN_TRANSACTION, LONGEST_LOCK_WAIT,
        LONGEST_TRANSACTION,
    },
    replication::{RECEIVER_UP, STANDBY_LAG_SECONDS, Stage, StandbyLabels},
    statements::STATEMENT_DURATION,
};
use profiles::{Limit, Pools};
use promql::prelude::*;

use super::{runbooks, slowest};
use crate::{
    alert::{Alert, LOOKBACK, Severity},
    case::{Series, between, growing, steady},
};

/// The panels that these alerts link to.
pub mod panels {
    use crate::{panel::PanelKey, pool::DASHBOARD};

    pub const TRANSACTIONS: PanelKey = PanelKey::new(DASHBOARD, "Open transactions");
    pub const LOCK_WAIT: PanelKey = PanelKey::new(DASHBOARD, "Longest wait for a lock");
    pub const BLOCKED: PanelKey = PanelKey::new(DASHBOARD, "Blocked backends");
    pub const DEADLOCKS: PanelKey = PanelKey::new(DASHBOARD, "Deadlocks");
    pub const STATEMENT_LATENCY: PanelKey = PanelKey::new(DASHBOARD, "Statement latency");
    pub const STANDBY_LAG: PanelKey = PanelKey::new(DASHBOARD, "Lag of standbys");
    pub const STANDBYS: PanelKey = PanelKey::new(DASHBOARD, "Standbys");
}

pub(super) fn alerts(pools: &Pools) -> Vec<Alert> {
    vec![
        idle_in_transaction(pools),
        transaction(pools),
        lock_wait(pools),
        blocked(pools),
        deadlocks(pools),
        slow(pools),
        lag(pools),
        receiver(),
    ]
}

fn app() -> DatabaseLabels {
    DatabaseLabels { datname: "app".into() }
}

fn idle_in_transaction(pools: &Pools) -> Alert {
    let limit = pools.limits.idle_in_transaction;
    let case = |age| vec![Series::of(&LONGEST_IDLE_IN_TRANSACTION, app(), steady(age))];
    Alert {
        name: "IdleInTransactionTooLong".into(),
        condition: LONGEST_IDLE_IN_TRANSACTION.max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A session is idle with its transaction open.".into(),
        description: "A session of `{{ $labels.datname }}` has been idle in its transaction for \
                      {{ $value | humanizeDuration }} on {{ $labels.instance }}."
            .into(),
        panel: panels::TRANSACTIONS,
        runbook: runbooks::transaction(&LONGEST_IDLE_IN_TRANSACTION),
        fires: case(limit.value + 1.0),
        silent: case(limit.value),
    }
}

fn transaction(pools: &Pools) -> Alert {
    let limit = pools.limits.transaction;
    let case = |age| vec![Series::of(&LONGEST_TRANSACTION, app(), steady(age))];
    Alert {
        name: "TransactionTooLong".into(),
        condition: LONGEST_TRANSACTION.max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A transaction has been open for too long.".into(),
        description: "A transaction of `{{ $labels.datname }}` has been open for \
                      {{ $value | humanizeDuration }} on {{ $labels.instance }}."
            .into(),
        panel: panels::TRANSACTIONS,
        runbook: runbooks::transaction(&LONGEST_TRANSACTION),
        fires: case(limit.value + 1.0),
        silent: case(limit.value),
    }
}

fn lock_wait(pools: &Pools) -> Alert {
    let limit = pools.limits.lock_wait;
    let case = |wait| vec![Series::of(&LONGEST_LOCK_WAIT, app(), steady(wait))];
    Alert {
        name: "LockWaitTooLong".into(),
        condition: LONGEST_LOCK_WAIT.max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A backend waits for a lock.".into(),
        description: "A backend of `{{ $labels.datname }}` has been waiting for a lock for \
                      {{ $value | humanizeDuration }} on {{ $labels.instance }}."
            .into(),
        panel: panels::LOCK_WAIT,
        runbook: runbooks::locks(&LONGEST_LOCK_WAIT),
        fires: case(limit.value * 2.0),
        silent: case(limit.value),
    }
}

fn blocked(pools: &Pools) -> Alert {
    let limit = pools.limits.blocked;
    let case = |count| vec![Series::of(&BLOCKED, app(), steady(count))];
    Alert {
        name: "BackendsBlocked".into(),
        condition: BLOCKED.max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "Backends pile up behind a lock.".into(),
        description: "{{ $value }} backends of `{{ $labels.datname }}` wait for locks on \
                      {{ $labels.instance }}."
            .into(),
        panel: panels::BLOCKED,
        runbook: runbooks::locks(&BLOCKED),
        fires: case(limit.value + 1.0),
        silent: case(limit.value),
    }
}

fn deadlocks(pools: &Pools) -> Alert {
    let (limit, window) = (pools.limits.deadlocks, pools.limits.window);
    let grown = || DEADLOCKS.increase(window);
    Alert {
        name: "Deadlocks".into(),
        condition: grown().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Transactions deadlock.".into(),
        description: "{{ $value | humanize }} deadlocks were broken in `{{ $labels.datname }}` on \
                      {{ $labels.instance }}."
            .into(),
        panel: panels::DEADLOCKS,
        runbook: runbooks::locks(grown()),
        fires: vec![Series::of(&DEADLOCKS, app(), growing(limit.value + 1.0))],
        silent: vec![Series::of(&DEADLOCKS, app(), steady(7.0))],
    }
}

fn slow(pools: &Pools) -> Alert {
    let limit = pools.limits.query_latency;
    let case = |bounds| between(&STATEMENT_DURATION, app, bounds);
    let bound = limit.value;
    Alert {
        name: "DatabaseSlow".into(),
        condition: slowest(pools).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Statements are slow.".into(),
        description: "95 % of the statements take up to {{ $value | humanizeDuration }} on \
                      {{ $labels.instance }}."
            .into(),
        panel: panels::STATEMENT_LATENCY,
        runbook: runbooks::slow(slowest(pools)),
        fires: case((bound, bound * 2.0)),
        silent: case((bound / 2.0, bound)),
    }
}

fn lag(pools: &Pools) -> Alert {
    let limit = pools.limits.replication_lag;
    let replay = || STANDBY_LAG_SECONDS.filter(StandbyLabels::stage.eq(Stage::Replay));
    let labels = || StandbyLabels {
        application_name: "standby".into(),
        client_addr: "10.0.0.2".into(),
        stage: Stage::Replay,
    };
    let case = |lag| vec![Series::of(&STANDBY_LAG_SECONDS, labels(), steady(lag))];
    Alert {
        name: "ReplicationLagging".into(),
        condition: replay().max_over_time(LOOKBACK).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A standby is late.".into(),
        description: "The standby `{{ $labels.application_name }}` ({{ $labels.client_addr }}) of \
                      {{ $labels.instance }} is {{ $value | humanizeDuration }} late."
            .into(),
        panel: panels::STANDBY_LAG,
        runbook: runbooks::replication(replay()),
        fires: case(limit.value + 1.0),
        silent: case(limit.value),
    }
}

fn receiver() -> Alert {
    let limit = Limit {
        value: 1.0,
        hold: minutes(5),
        source: "a standby that is connected to its primary is 1",
    };
    let case = |up| vec![Series::of(&RECEIVER_UP, (), steady(up))];
    Alert {
        name: "ReplicationReceiverDown".into(),
        condition: RECEIVER_UP.max_over_time(LOOKBACK).lt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A standby is not connected to its primary.".into(),
        description: "The standby behind {{ $labels.instance }} is not connected to the server \
                      that it follows; its lag is unknown."
            .into(),
        panel: panels::STANDBYS,
        runbook: runbooks::replication(&RECEIVER_UP),
        fires: case(0.0),
        silent: case(1.0),
    }
}
