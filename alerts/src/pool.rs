//! Alerts on connections: limits, pools, transactions, locks, replication, slow statements.

pub mod capacity;
mod runbooks;
mod trend;
pub mod work;

use pool_usage::metrics::{
    connections::{DatabaseLabels, POOL_AVAILABLE, PoolLabels},
    statements::STATEMENT_DURATION,
};
use profiles::Pools;
use promql::prelude::*;

use crate::{
    component::Component,
    rules::{Group, History},
};

pub const COMPONENT: &str = "pool-usage";
/// The subject of their dashboard.
pub const DASHBOARD: &str = "pool";

/// The 95th percentile of the time of statements, in seconds.
fn slowest(pools: &Pools) -> Vector<DatabaseLabels> {
    let window = pools.limits.window;
    let calls = STATEMENT_DURATION.buckets().rate(window);
    calls.sum_without(DatabaseLabels::datname).quantile(0.95)
}

/// The same in milliseconds: the series that operators' rules name.
pub fn query_latency(pools: &Pools) -> Record<DatabaseLabels> {
    Record::new("pg_query_latency", slowest(pools).mul(1000.0))
}

/// The free connections of each application pool: the series that operators' rules name.
pub fn pool_available() -> Record<PoolLabels> {
    Record::new("db_connection_pool_available", &POOL_AVAILABLE)
}

/// Every alert on the system's connections.
pub fn groups(pools: &Pools) -> [Group; 2] {
    let mut alerts = capacity::alerts(pools);
    alerts.extend(work::alerts(pools));
    let group = |history, alerts| Group { component: Component::One(COMPONENT), history, alerts };
    [group(History::Recent, alerts), group(History::Weeks, vec![trend::connections(pools)])]
}
