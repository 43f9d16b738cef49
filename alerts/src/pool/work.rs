//! Alerts on what the connections do: transactions, locks, statements, replication.

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
    alert::{Series, Severity},
    told::{PATIENCE, Told, between, growing, steady},
};

pub(super) fn alerts(pools: &Pools) -> Vec<Told> {
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

fn idle_in_transaction(pools: &Pools) -> Told {
    let limit = pools.limits.idle_in_transaction;
    let case = |age| vec![Series::of(&LONGEST_IDLE_IN_TRANSACTION, app(), &steady(age))];
    Told {
        name: "IdleInTransactionTooLong",
        condition: LONGEST_IDLE_IN_TRANSACTION.max_over_time(PATIENCE).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A session is idle with its transaction open.",
        description: "A session of `{{ $labels.datname }}` has been idle in its transaction for \
                      {{ $value | humanizeDuration }} on {{ $labels.instance }}.",
        panel: "Open transactions",
        runbook: runbooks::transaction(LONGEST_IDLE_IN_TRANSACTION.select().vector().to_string()),
        fires: case(limit.value + 1.0),
        silent: case(limit.value),
    }
}

fn transaction(pools: &Pools) -> Told {
    let limit = pools.limits.transaction;
    let case = |age| vec![Series::of(&LONGEST_TRANSACTION, app(), &steady(age))];
    Told {
        name: "TransactionTooLong",
        condition: LONGEST_TRANSACTION.max_over_time(PATIENCE).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A transaction has been open for long.",
        description: "A transaction of `{{ $labels.datname }}` has been open for \
                      {{ $value | humanizeDuration }} on {{ $labels.instance }}.",
        panel: "Open transactions",
        runbook: runbooks::transaction(LONGEST_TRANSACTION.select().vector().to_string()),
        fires: case(limit.value + 1.0),
        silent: case(limit.value),
    }
}

fn lock_wait(pools: &Pools) -> Told {
    let limit = pools.limits.lock_wait;
    let case = |wait| vec![Series::of(&LONGEST_LOCK_WAIT, app(), &steady(wait))];
    Told {
        name: "LockWaitTooLong",
        condition: LONGEST_LOCK_WAIT.max_over_time(PATIENCE).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A backend waits for a lock.",
        description: "A backend of `{{ $labels.datname }}` has been waiting for a lock for \
                      {{ $value | humanizeDuration }} on {{ $labels.instance }}.",
        panel: "Longest wait for a lock",
        runbook: runbooks::locks(LONGEST_LOCK_WAIT.select().vector().to_string()),
        fires: case(limit.value * 2.0),
        silent: case(limit.value),
    }
}

fn blocked(pools: &Pools) -> Told {
    let limit = pools.limits.blocked;
    let case = |count| vec![Series::of(&BLOCKED, app(), &steady(count))];
    Told {
        name: "BackendsBlocked",
        condition: BLOCKED.max_over_time(PATIENCE).gt(limit.value).condition(),
        limit,
        severity: Severity::Critical,
        summary: "Backends pile up behind a lock.",
        description: "{{ $value }} backends of `{{ $labels.datname }}` wait for locks on \
                      {{ $labels.instance }}.",
        panel: "Blocked backends",
        runbook: runbooks::locks(BLOCKED.select().vector().to_string()),
        fires: case(limit.value + 1.0),
        silent: case(limit.value),
    }
}

fn deadlocks(pools: &Pools) -> Told {
    let (limit, window) = (pools.limits.deadlocks, pools.limits.window);
    let grown = || DEADLOCKS.increase(window);
    Told {
        name: "Deadlocks",
        condition: grown().gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Transactions deadlock.",
        description: "{{ $value | humanize }} deadlocks were broken in `{{ $labels.datname }}` on \
                      {{ $labels.instance }}.",
        panel: "Deadlocks",
        runbook: runbooks::locks(grown().to_string()),
        fires: vec![Series::of(&DEADLOCKS, app(), &growing(limit.value + 1.0))],
        silent: vec![Series::of(&DEADLOCKS, app(), &steady(7.0))],
    }
}

fn slow(pools: &Pools) -> Told {
    let limit = pools.limits.query_latency;
    let case = |bounds| between(&STATEMENT_DURATION, app, bounds);
    let bound = limit.value;
    Told {
        name: "DatabaseSlow",
        condition: slowest(pools).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "Statements are slow.",
        description: "95 % of the statements take up to {{ $value | humanizeDuration }} on \
                      {{ $labels.instance }}.",
        panel: "Statement latency",
        runbook: runbooks::slow(slowest(pools).to_string()),
        fires: case((bound, bound * 2.0)),
        silent: case((bound / 2.0, bound)),
    }
}

fn lag(pools: &Pools) -> Told {
    let limit = pools.limits.replication_lag;
    let replay = || STANDBY_LAG_SECONDS.filter(StandbyLabels::stage.eq(Stage::Replay));
    let labels = || StandbyLabels {
        application_name: "standby".into(),
        client_addr: "10.0.0.2".into(),
        stage: Stage::Replay,
    };
    let case = |lag| vec![Series::of(&STANDBY_LAG_SECONDS, labels(), &steady(lag))];
    Told {
        name: "ReplicationLagging",
        condition: replay().max_over_time(PATIENCE).gt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A standby is late.",
        description: "The standby `{{ $labels.application_name }}` ({{ $labels.client_addr }}) of \
                      {{ $labels.instance }} is {{ $value | humanizeDuration }} late.",
        panel: "Lag of standbys",
        runbook: runbooks::replication(replay().vector().to_string()),
        fires: case(limit.value + 1.0),
        silent: case(limit.value),
    }
}

fn receiver() -> Told {
    let limit =
        Limit { value: 1.0, hold: minutes(5), source: "a standby that hears its primary is 1" };
    let case = |up| vec![Series::of(&RECEIVER_UP, (), &steady(up))];
    Told {
        name: "ReplicationReceiverDown",
        condition: RECEIVER_UP.max_over_time(PATIENCE).lt(limit.value).condition(),
        limit,
        severity: Severity::Warning,
        summary: "A standby does not hear its primary.",
        description: "The standby behind {{ $labels.instance }} is not connected to the server \
                      that it follows; how late it is, it cannot know.",
        panel: "Standbys",
        runbook: runbooks::replication(RECEIVER_UP.select().vector().to_string()),
        fires: case(0.0),
        silent: case(1.0),
    }
}
