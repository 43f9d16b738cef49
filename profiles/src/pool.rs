//! The database connections of a system: thresholds of connections, locks, statements, standbys.

use std::time::Duration;

use crate::{Limit, minutes};

/// The database connections of a system.
#[derive(Clone, Debug)]
pub struct Pools {
    /// The settings of `pool-usage` that name its application pools, as TOML.
    pub settings: &'static str,
    /// A runbook's sentence: what operators do when connections run out.
    pub relief: &'static str,
    /// The thresholds.
    pub limits: PoolLimits,
}

/// The thresholds of all databases and poolers of a system.
#[derive(Clone, Copy, Debug)]
pub struct PoolLimits {
    /// Highest share of `max_connections` in use.
    pub usage: Limit,
    /// Highest share of a role's or a database's own limit in use.
    pub own_limit: Limit,
    /// Highest share of an application pool's connections in use.
    pub application: Limit,
    /// Fewest free connections of an application pool.
    pub application_left: Limit,
    /// Fewest free connections for ordinary roles.
    pub left: Limit,
    /// Highest share of a pooler's connections in use while clients wait.
    pub saturation: Limit,
    /// Most waiting clients of a pooler.
    pub waiting: Limit,
    /// Longest wait of a pooler's client in seconds.
    pub wait: Limit,
    /// Longest time in seconds that a session is idle in a transaction.
    pub idle_in_transaction: Limit,
    /// Longest transaction in seconds.
    pub transaction: Limit,
    /// Longest wait for a lock in seconds.
    pub lock_wait: Limit,
    /// Most backends that wait for locks.
    pub blocked: Limit,
    /// Most deadlocks in the window.
    pub deadlocks: Limit,
    /// Highest replication lag in seconds.
    pub replication_lag: Limit,
    /// Highest 95th percentile of statement duration in seconds (`pg_query_latency` is in
    /// milliseconds).
    pub query_latency: Limit,
    /// Highest share of `max_connections` that the trend may reach.
    pub trend: Limit,
    /// The window of rates.
    pub window: Duration,
}

impl PoolLimits {
    /// Defaults for a database without its own thresholds.
    pub const DEFAULT: Self = Self {
        usage: Limit::new(0.8, 5, "a default of Pulso's: 80 % of the connections in use"),
        own_limit: Limit::new(0.8, 5, "a default of Pulso's: 80 % of the connections in use"),
        application: Limit::new(0.8, 5, "a default of Pulso's: 80 % of the pool busy"),
        application_left: Limit::new(1.0, 5, "a default of Pulso's: none left"),
        left: Limit::new(1.0, 1, "a default of Pulso's: none left"),
        saturation: Limit::new(1.0, 2, "a default of Pulso's: all busy"),
        waiting: Limit::new(0.0, 5, "a default of Pulso's: no client waits"),
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
