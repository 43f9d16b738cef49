//! Metrics of the keyspace: hits, misses, expired and evicted keys.

use common::metric::{Counter, Gauge, LabelText};

common::labels! {
    /// One numbered database.
    pub struct DbLabels {
        /// `db0`, `db1`, …
        db: LabelText,
    }
}

common::catalog! {
    /// Reads that found their key (INFO keyspace_hits)
    pub static HITS: Counter = "redis_keyspace_hits_total";
    /// Reads that did not find their key (INFO keyspace_misses)
    pub static MISSES: Counter = "redis_keyspace_misses_total";
    /// Keys that were evicted because of maxmemory (INFO evicted_keys)
    pub static EVICTED_KEYS: Counter = "redis_evicted_keys_total";
    /// Keys that were removed because their time to live had passed (INFO expired_keys)
    pub static EXPIRED_KEYS: Counter = "redis_expired_keys_total";
    /// Share of the keys that have expired and are still held, as the server estimates it (INFO
    /// expired_stale_perc)
    pub static EXPIRED_STALE: Gauge = "redis_expired_stale_ratio";
    /// Rounds of expiry that stopped because they took too long (INFO
    /// expired_time_cap_reached_count)
    pub static EXPIRED_TIME_CAP: Counter = "redis_expired_time_cap_reached_total";
    /// Time in which memory was over maxmemory because eviction could not keep up (INFO
    /// total_eviction_exceeded_time)
    pub static EVICTION_EXCEEDED: Counter = "redis_eviction_exceeded_seconds_total";
    /// Objects that wait to be freed in the background (INFO lazyfree_pending_objects)
    pub static LAZYFREE_PENDING: Gauge = "redis_lazyfree_pending_objects";
    /// Keys in the database; an empty one but the first is absent (INFO keyspace)
    pub static DB_KEYS: Gauge<DbLabels> = "redis_db_keys";
    /// Keys in the database that have a time to live (INFO keyspace)
    pub static DB_KEYS_EXPIRING: Gauge<DbLabels> = "redis_db_keys_expiring";
    /// Mean time to live of the database's expiring keys, as the server estimates it; absent when
    /// it does not (INFO keyspace)
    pub static DB_AVG_TTL: Gauge<DbLabels> = "redis_db_avg_ttl_seconds";
}
