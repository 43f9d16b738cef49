//! Alerts on caches, vacuum, disks and Redis.

pub mod disk;
pub mod postgres;
pub mod redis;
mod runbooks;
mod trend;
pub mod vacuum;

use std::{sync::Arc, time::Duration};

use cache_hit::metrics::{
    postgres_databases::{BLOCKS_HIT, BLOCKS_READ, DatabaseLabels, STATISTICS_RESET},
    postgres_relations::{TABLE_BLOCKS_HIT, TABLE_BLOCKS_READ, TablePartLabels},
    redis::{
        keyspace::{HITS, MISSES},
        replication::{ROLE, Role, RoleLabels},
        server::START_TIME,
    },
};
use common::source::postgres::{PG_POSTMASTER_START_TIME, PG_REPLICATION_IS_REPLICA};
use profiles::Caches;
use promql::{Recorded, prelude::*};

use crate::{
    component::Component,
    rules::{Group, History},
};

pub const COMPONENT: &str = "cache-hit";
/// The subject of the dashboard of PostgreSQL's memory.
pub const MEMORY: &str = "memory";
/// The subject of the dashboard of Redis.
pub const REDIS: &str = "redis";

/// The window of the recorded ratios.
const RECENT: Duration = minutes(5);

/// The share of a database's blocks that its own cache held. Absent where nothing was read, on a
/// standby, and while the window holds a restart, a failover or a reset of the statistics.
pub fn hit_ratio(window: impl Into<Window> + Copy) -> Vector<DatabaseLabels> {
    let hit = || BLOCKS_HIT.rate(window);
    let ratio = hit().div_nonzero(hit().add(BLOCKS_READ.rate(window)));
    let settled = ratio.unless(STATISTICS_RESET.changes(window).gt(0));
    of_settled_primary(settled, window)
}

/// The same for each of the tables with most reads, indexes and TOAST included.
pub fn table_hit_ratio(window: impl Into<Window> + Copy) -> Vector<TablePartLabels> {
    let hit = || TABLE_BLOCKS_HIT.rate(window).sum().without(TablePartLabels::part);
    let read = TABLE_BLOCKS_READ.rate(window).sum().without(TablePartLabels::part);
    of_settled_primary(hit().div_nonzero(hit().add(read)), window)
}

fn of_settled_primary<Labels>(
    ratio: Vector<Labels>,
    window: impl Into<Window> + Copy,
) -> Vector<Labels> {
    let restarted = PG_POSTMASTER_START_TIME.changes(window).gt(0);
    let standby = PG_REPLICATION_IS_REPLICA.max_over_time(window).gt(0);
    let settled = ratio.on::<()>((JOB, INSTANCE)).unless(restarted);
    settled.on::<()>((JOB, INSTANCE)).unless(standby)
}

/// The share of a Redis' reads that found their key. Absent where nothing was read, on a replica,
/// and while the window holds a restart, a failover or `CONFIG RESETSTAT`.
pub fn redis_hit_ratio(window: impl Into<Window> + Copy) -> Vector<()> {
    let hits = || HITS.rate(window);
    let ratio = hits().div_nonzero(hits().add(MISSES.rate(window)));
    let reset = HITS.resets(window).add(MISSES.resets(window)).gt(0);
    let primary = ROLE.filter(RoleLabels::role.eq(Role::Master)).min_over_time(window).gt(0);
    // The start is in whole seconds; a restart moves it by more than the rounding.
    let restarted = START_TIME.max_over_time(window).sub(START_TIME.min_over_time(window)).gt(2);
    let settled = ratio.unless(restarted).unless(reset);
    settled.on::<RoleLabels>((JOB, INSTANCE)).and(primary)
}

fn recorded_hit_ratio() -> Record<DatabaseLabels> {
    Record::new("datname:cache_hit:ratio_rate5m", hit_ratio(RECENT))
}

fn recorded_redis_hit_ratio() -> Record<()> {
    Record::new("instance:redis_hit:ratio_rate5m", redis_hit_ratio(RECENT))
}

/// Hit ratios, for alerts and for the operators' own rules.
pub fn records(caches: &Caches) -> Vec<Arc<Recorded>> {
    let tables = Record::new("relname:cache_hit:ratio_rate5m", table_hit_ratio(RECENT));
    let mut records = vec![recorded_hit_ratio().recorded().clone(), tables.recorded().clone()];
    records.extend(caches.redis.as_ref().map(|_| recorded_redis_hit_ratio().recorded().clone()));
    records
}

/// Every alert on the system's caches.
pub fn groups(caches: &Caches) -> [Group; 2] {
    let mut alerts = postgres::alerts(caches);
    alerts.extend(vacuum::alerts(caches));
    alerts.extend(disk::alerts(caches));
    alerts.extend(caches.redis.iter().flat_map(redis::alerts));
    let group = |history, alerts| Group { component: Component::One(COMPONENT), history, alerts };
    [group(History::Recent, alerts), group(History::Weeks, vec![trend::disk(caches)])]
}
