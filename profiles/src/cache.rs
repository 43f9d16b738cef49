//! What a system expects of what is served from memory: PostgreSQL's cache and Redis.

use std::time::Duration;

use crate::{Limit, minutes};

/// A system's caches: what is expected, and what its operators do.
#[derive(Clone, Debug)]
pub struct Caches {
    /// What its operators do when the database's cache is too small, as a sentence of a runbook.
    pub relief: &'static str,
    /// What is expected of its databases and their disks.
    pub limits: CacheLimits,
    /// Its Redis or Valkey.
    pub redis: Option<Redis>,
}

/// A system's Redis: what is expected, and what its operators do.
#[derive(Clone, Debug)]
pub struct Redis {
    /// What its operators do when its memory is too small, as a sentence of a runbook.
    pub relief: &'static str,
    /// What is expected.
    pub limits: RedisLimits,
}

/// What is expected of every database of a system, and of its disk.
#[derive(Clone, Copy, Debug)]
pub struct CacheLimits {
    /// Lowest share of blocks found in the server's own cache.
    pub hit_ratio: Limit,
    /// Blocks a second below which that share says nothing.
    pub least_blocks: f64,
    /// Bytes a second that queries write to temporary files.
    pub temporary: Limit,
    /// Highest share of checkpoints that were requested before their time.
    pub requested_checkpoints: Limit,
    /// Checkpoints in an hour below which that share says nothing.
    pub least_checkpoints: f64,
    /// Highest share of a table's rows that are dead.
    pub dead_rows: Limit,
    /// Dead rows below which that share says nothing.
    pub least_dead_rows: f64,
    /// Dead rows of the worst table over what autovacuum waits for.
    pub vacuum_backlog: Limit,
    /// Transactions that are not frozen: vacuum against wraparound does not keep up.
    pub wraparound: Limit,
    /// The same: the server will soon refuse to write.
    pub wraparound_end: Limit,
    /// Bytes of indexes that nobody uses.
    pub unused_indexes: Limit,
    /// Highest share of a disk in use.
    pub disk: Limit,
    /// Highest share of a disk in use before writes fail.
    pub disk_full: Limit,
    /// Share of a disk that the trend must not reach.
    pub disk_trend: Limit,
    /// The window over which rates are taken.
    pub window: Duration,
}

impl CacheLimits {
    /// What suits a database of which nothing is known; a system's own figures replace these.
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
        vacuum_backlog: Limit::new(5.0, 30, "a default of Pulso's: five times what is waited for"),
        wraparound: Limit::new(500e6, 60, "a default of Pulso's: 500 million transactions"),
        wraparound_end: Limit::new(1.2e9, 5, "a default of Pulso's: 1.2 of 2.1 thousand million"),
        unused_indexes: Limit::new(104_857_600.0, 60, "a default of Pulso's: 100 MiB"),
        disk: Limit::new(0.85, 5, "a default of Pulso's: 85 % in use"),
        disk_full: Limit::new(0.95, 1, "a default of Pulso's: 95 % in use"),
        disk_trend: Limit::new(0.8, 30, "a default of Pulso's: 80 % of a disk"),
        window: minutes(15),
    };
}

/// What is expected of every Redis or Valkey of a system.
#[derive(Clone, Copy, Debug)]
pub struct RedisLimits {
    /// Lowest share of reads that find their key.
    pub hit_ratio: Limit,
    /// Reads a second below which that share says nothing.
    pub least_reads: f64,
    /// Keys evicted each second, while too many reads miss.
    pub evictions: Limit,
    /// Highest share of `maxmemory` in use, where keys are not evicted to make room.
    pub memory: Limit,
    /// Resident memory by used memory.
    pub fragmentation: Limit,
    /// Resident bytes below which fragmentation does not matter.
    pub least_memory: f64,
    /// Connections turned away in the window.
    pub rejected: Limit,
    /// Bytes of the replication stream that a replica has not confirmed.
    pub replica_lag: Limit,
    /// Commands that came into the slow log in the window.
    pub slow_commands: Limit,
    /// Seconds that 99 % of the commands stay below.
    pub latency: Limit,
    /// The window over which rates are taken.
    pub window: Duration,
}

impl RedisLimits {
    /// What suits a server of which nothing is known; a system's own figures replace these.
    pub const DEFAULT: Self = Self {
        hit_ratio: Limit::new(0.8, 15, "a default of Pulso's: 80 % of the reads find their key"),
        least_reads: 1.0,
        evictions: Limit::new(0.0, 10, "a default of Pulso's: nothing evicted that is asked for"),
        memory: Limit::new(0.9, 5, "a default of Pulso's: 90 % of `maxmemory`"),
        fragmentation: Limit::new(1.5, 30, "a default of Pulso's: half as much again as is used"),
        least_memory: 268_435_456.0,
        rejected: Limit::new(0.0, 1, "a default of Pulso's: nobody is turned away"),
        replica_lag: Limit::new(10_485_760.0, 5, "a default of Pulso's: 10 MiB"),
        slow_commands: Limit::new(10.0, 5, "a default of Pulso's: 10 in a quarter of an hour"),
        latency: Limit::new(0.008_454, 10, "a default of Pulso's: 8 ms"),
        window: minutes(15),
    };
}
