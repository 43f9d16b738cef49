//! The caches of a system: thresholds of PostgreSQL's cache and disks, and of Redis.

use std::time::Duration;

use crate::{Limit, minutes};

/// The database caches and the Redis of a system.
#[derive(Clone, Debug)]
pub struct Caches {
    /// A runbook's sentence: what operators do when the database's cache is too small.
    pub relief: &'static str,
    /// The thresholds of its databases and their disks.
    pub limits: CacheLimits,
    /// Its Redis or Valkey.
    pub redis: Option<Redis>,
}

/// The Redis of a system.
#[derive(Clone, Debug)]
pub struct Redis {
    /// A runbook's sentence: what operators do when its memory is too small.
    pub relief: &'static str,
    /// The thresholds.
    pub limits: RedisLimits,
}

/// The thresholds of all databases of a system and their disks.
#[derive(Clone, Copy, Debug)]
pub struct CacheLimits {
    /// Lowest share of blocks found in the server's cache.
    pub hit_ratio: Limit,
    /// Fewest blocks per second for that share to count.
    pub least_blocks: f64,
    /// Most bytes per second that queries write to temporary files.
    pub temporary: Limit,
    /// Highest share of checkpoints that were requested before `checkpoint_timeout`.
    pub requested_checkpoints: Limit,
    /// Fewest checkpoints in an hour for that share to count.
    pub least_checkpoints: f64,
    /// Highest share of a table's rows that are dead.
    pub dead_rows: Limit,
    /// Fewest dead rows for that share to count.
    pub least_dead_rows: f64,
    /// Highest ratio of a table's dead rows to autovacuum's threshold.
    pub vacuum_backlog: Limit,
    /// Most transactions that are not frozen, for a warning: vacuum does not keep up.
    pub wraparound: Limit,
    /// The same, critical: the server will soon refuse writes.
    pub wraparound_end: Limit,
    /// Most bytes of unused indexes.
    pub unused_indexes: Limit,
    /// Highest share of a disk in use, for a warning.
    pub disk: Limit,
    /// The same, critical: writes will fail.
    pub disk_full: Limit,
    /// Highest share of a disk that the trend may reach.
    pub disk_trend: Limit,
    /// The window of rates.
    pub window: Duration,
}

impl CacheLimits {
    /// Defaults for a database without its own thresholds.
    pub const DEFAULT: Self = Self {
        hit_ratio: Limit::new(0.9, 15, "a default of Pulso's: 90 % found in memory"),
        least_blocks: 100.0,
        temporary: Limit::new(10e6, 15, "a default of Pulso's: 10 MB/s"),
        requested_checkpoints: Limit::new(
            0.5,
            15,
            "a default of Pulso's: half of the checkpoints requested",
        ),
        least_checkpoints: 4.0,
        dead_rows: Limit::new(0.2, 30, "a default of Pulso's: 20 % of a table's rows"),
        least_dead_rows: 10_000.0,
        vacuum_backlog: Limit::new(
            5.0,
            30,
            "a default of Pulso's: five times autovacuum's threshold",
        ),
        wraparound: Limit::new(500e6, 60, "a default of Pulso's: 500 million transactions"),
        wraparound_end: Limit::new(1.2e9, 5, "a default of Pulso's: 1.2 of 2.1 billion"),
        unused_indexes: Limit::new(104_857_600.0, 60, "a default of Pulso's: 100 MiB"),
        disk: Limit::new(0.85, 5, "a default of Pulso's: 85 % in use"),
        disk_full: Limit::new(0.95, 1, "a default of Pulso's: 95 % in use"),
        disk_trend: Limit::new(0.8, 30, "a default of Pulso's: 80 % of a disk"),
        window: minutes(15),
    };
}

/// The thresholds of all Redis and Valkey servers of a system.
#[derive(Clone, Copy, Debug)]
pub struct RedisLimits {
    /// Lowest share of reads that find their key.
    pub hit_ratio: Limit,
    /// Fewest reads per second for that share to count.
    pub least_reads: f64,
    /// Most evicted keys per second while too many reads miss.
    pub evictions: Limit,
    /// Highest share of `maxmemory` in use, where no keys are evicted.
    pub memory: Limit,
    /// Highest ratio of resident to used memory.
    pub fragmentation: Limit,
    /// Fewest resident bytes for fragmentation to count.
    pub least_memory: f64,
    /// Most rejected connections in the window.
    pub rejected: Limit,
    /// Most bytes of the replication stream that a replica has not confirmed.
    pub replica_lag: Limit,
    /// Most new entries of the slow log in the window.
    pub slow_commands: Limit,
    /// Highest 99th percentile of command duration in seconds.
    pub latency: Limit,
    /// The window of rates.
    pub window: Duration,
}

impl RedisLimits {
    /// Defaults for a server without its own thresholds.
    pub const DEFAULT: Self = Self {
        hit_ratio: Limit::new(0.8, 15, "a default of Pulso's: 80 % of the reads find their key"),
        least_reads: 1.0,
        evictions: Limit::new(0.0, 10, "a default of Pulso's: no key evicted while reads miss"),
        memory: Limit::new(0.9, 5, "a default of Pulso's: 90 % of `maxmemory`"),
        fragmentation: Limit::new(1.5, 30, "a default of Pulso's: 1.5 times the used memory"),
        least_memory: 268_435_456.0,
        rejected: Limit::new(0.0, 1, "a default of Pulso's: no connection is rejected"),
        replica_lag: Limit::new(10_485_760.0, 5, "a default of Pulso's: 10 MiB"),
        slow_commands: Limit::new(10.0, 5, "a default of Pulso's: 10 in a quarter of an hour"),
        latency: Limit::new(0.008_454, 10, "a default of Pulso's: 8 ms"),
        window: minutes(15),
    };
}
