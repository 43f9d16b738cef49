//! What a system expects of its connections, locks, statements and standbys.

use std::time::Duration;

use crate::{Limit, minutes};

/// A system's database connections: what is expected, and what its operators do.
#[derive(Clone, Debug)]
pub struct Pools {
    /// The settings of `pool-usage` that name its application pools, as TOML.
    pub settings: &'static str,
    /// What its operators do when connections run out, as a sentence of a runbook.
    pub relief: &'static str,
    /// What is expected.
    pub limits: PoolLimits,
}

/// What is expected of every database and pooler of a system.
#[derive(Clone, Copy, Debug)]
pub struct PoolLimits {
    /// Highest share of `max_connections` in use.
    pub usage: Limit,
    /// Highest share of a role's or a database's own limit in use.
    pub own_limit: Limit,
    /// Highest share of an application pool at work.
    pub application: Limit,
    /// Lowest number of connections left in an application pool.
    pub application_left: Limit,
    /// Lowest number of connections left for ordinary roles.
    pub left: Limit,
    /// Highest share of a pooler's pool at work, while clients wait for it.
    pub saturation: Limit,
    /// Clients of a pooler that wait.
    pub waiting: Limit,
    /// Seconds that a client of a pooler waits.
    pub wait: Limit,
    /// Seconds that a session is idle with its transaction open.
    pub idle_in_transaction: Limit,
    /// Seconds that a transaction is open.
    pub transaction: Limit,
    /// Seconds that a backend waits for a lock.
    pub lock_wait: Limit,
    /// Backends that wait for locks.
    pub blocked: Limit,
    /// Deadlocks in the window.
    pub deadlocks: Limit,
    /// Seconds that a standby is late.
    pub replication_lag: Limit,
    /// Seconds below which 95 % of the statements stay; `pg_query_latency` has them in milliseconds.
    pub query_latency: Limit,
    /// Share of `max_connections` that the trend must not reach.
    pub trend: Limit,
    /// The window over which rates are taken.
    pub window: Duration,
}

impl PoolLimits {
    /// What suits a database of which nothing is known; a system's own figures replace these.
    pub const DEFAULT: Self = Self {
        usage: Limit::new(0.8, 5, "a default of Pulso's: 80 % of the connections in use"),
        own_limit: Limit::new(0.8, 5, "a default of Pulso's: 80 % of the connections in use"),
        application: Limit::new(0.8, 5, "a default of Pulso's: 80 % of the pool at work"),
        application_left: Limit::new(1.0, 5, "a default of Pulso's: none left"),
        left: Limit::new(1.0, 1, "a default of Pulso's: none left"),
        saturation: Limit::new(1.0, 2, "a default of Pulso's: all at work"),
        waiting: Limit::new(0.0, 5, "a default of Pulso's: nobody waits"),
        wait: Limit::new(5.0, 1, "a default of Pulso's: 5 s"),
        idle_in_transaction: Limit::new(300.0, 1, "a default of Pulso's: 5 min"),
        transaction: Limit::new(1800.0, 5, "a default of Pulso's: 30 min"),
        lock_wait: Limit::new(30.0, 1, "a default of Pulso's: 30 s"),
        blocked: Limit::new(5.0, 2, "a default of Pulso's: 5 backends"),
        deadlocks: Limit::new(0.0, 1, "a default of Pulso's: none"),
        replication_lag: Limit::new(30.0, 5, "a default of Pulso's: 30 s"),
        query_latency: Limit::new(0.5, 5, "a default of Pulso's: 500 ms"),
        trend: Limit::new(0.85, 30, "a default of Pulso's: 85 % of the connections"),
        window: minutes(15),
    };
}
