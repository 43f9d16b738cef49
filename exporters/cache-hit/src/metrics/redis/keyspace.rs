//! What is served from memory: hits, misses, keys that expire and that are evicted.

use common::metric::{Counter, Gauge, Metric, Text, Unit};

common::labels! {
    /// One numbered database.
    pub struct DbLabels {
        /// `db0`, `db1`, …
        db: Text,
    }
}

common::catalog! {
    /// Reads that found their key.
    pub static HITS: Metric<Counter, ()> = Metric::counter(
        "redis_keyspace_hits_total",
        Unit::None,
        "Reads that found their key (INFO keyspace_hits)",
    );
    /// Reads that did not find their key.
    pub static MISSES: Metric<Counter, ()> = Metric::counter(
        "redis_keyspace_misses_total",
        Unit::None,
        "Reads that did not find their key (INFO keyspace_misses)",
    );
    /// Keys that were evicted because of maxmemory.
    pub static EVICTED_KEYS: Metric<Counter, ()> = Metric::counter(
        "redis_evicted_keys_total",
        Unit::None,
        "Keys that were evicted because of maxmemory (INFO evicted_keys)",
    );
    /// Keys that were removed because their time had come.
    pub static EXPIRED_KEYS: Metric<Counter, ()> = Metric::counter(
        "redis_expired_keys_total",
        Unit::None,
        "Keys that were removed because their time had come (INFO expired_keys)",
    );
    /// Share of the keys that have expired and are still held, as the server estimates it.
    pub static EXPIRED_STALE: Metric<Gauge, ()> = Metric::gauge(
        "redis_expired_stale_ratio",
        Unit::Ratio,
        "Share of the keys that have expired and are still held, as the server estimates it (INFO expired_stale_perc)",
    );
    /// Rounds of expiry that stopped because they took too long.
    pub static EXPIRED_TIME_CAP: Metric<Counter, ()> = Metric::counter(
        "redis_expired_time_cap_reached_total",
        Unit::None,
        "Rounds of expiry that stopped because they took too long (INFO expired_time_cap_reached_count)",
    );
    /// Time in which memory was over maxmemory since eviction could not keep up.
    pub static EVICTION_EXCEEDED: Metric<Counter, ()> = Metric::counter(
        "redis_eviction_exceeded_seconds_total",
        Unit::Seconds,
        "Time in which memory was over maxmemory since eviction could not keep up (INFO total_eviction_exceeded_time)",
    );
    /// Objects that wait to be freed in the background.
    pub static LAZYFREE_PENDING: Metric<Gauge, ()> = Metric::gauge(
        "redis_lazyfree_pending_objects",
        Unit::None,
        "Objects that wait to be freed in the background (INFO lazyfree_pending_objects)",
    );
    /// Keys of each database.
    pub static DB_KEYS: Metric<Gauge, DbLabels> = Metric::gauge(
        "redis_db_keys",
        Unit::None,
        "Keys in the database; an empty one but the first is absent (INFO keyspace)",
    );
    /// Keys of each database that expire.
    pub static DB_KEYS_EXPIRING: Metric<Gauge, DbLabels> = Metric::gauge(
        "redis_db_keys_expiring",
        Unit::None,
        "Keys in the database that have a time to live (INFO keyspace)",
    );
    /// The mean time to live of each database.
    pub static DB_AVG_TTL: Metric<Gauge, DbLabels> = Metric::gauge(
        "redis_db_avg_ttl_seconds",
        Unit::Seconds,
        "Mean time to live of the database's expiring keys, as the server estimates it; absent when it does not (INFO keyspace)",
    );
}
