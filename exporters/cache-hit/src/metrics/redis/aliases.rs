//! Names of `redis_exporter` that break the conventions, for existing dashboards; written with
//! `compatibility = true`.

use common::metric::{Counter, Gauge, Unit};

common::catalog! {
    /// The old name of redis_max_clients
    pub static CONFIG_MAXCLIENTS: Gauge = de_facto("redis_config_maxclients", Unit::None);
    /// The old name of redis_memory_max_bytes
    pub static CONFIG_MAXMEMORY: Gauge = de_facto("redis_config_maxmemory", Unit::None);
    /// The old name of redis_mem_clients_normal_bytes
    pub static MEM_CLIENTS_NORMAL: Gauge = de_facto("redis_mem_clients_normal", Unit::None);
    /// The old name of redis_mem_clients_slaves_bytes
    pub static MEM_CLIENTS_SLAVES: Gauge = de_facto("redis_mem_clients_slaves", Unit::None);
    /// The old name of redis_error_replies_total
    pub static TOTAL_ERROR_REPLIES: Counter = de_facto("redis_total_error_replies", Unit::None);
    /// The old name of redis_unexpected_error_replies_total
    pub static UNEXPECTED_ERROR_REPLIES: Counter =
        de_facto("redis_unexpected_error_replies", Unit::None);
    /// The old name of redis_reads_processed_total
    pub static TOTAL_READS: Counter = de_facto("redis_total_reads_processed", Unit::None);
    /// The old name of redis_writes_processed_total
    pub static TOTAL_WRITES: Counter = de_facto("redis_total_writes_processed", Unit::None);
    /// The old name of redis_replica_resyncs_full_total
    pub static RESYNCS_FULL: Counter = de_facto("redis_replica_resyncs_full", Unit::None);
    /// The old name of redis_replica_partial_resync_accepted_total
    pub static RESYNCS_ACCEPTED: Counter =
        de_facto("redis_replica_partial_resync_accepted", Unit::None);
    /// The old name of redis_replica_partial_resync_denied_total
    pub static RESYNCS_DENIED: Counter =
        de_facto("redis_replica_partial_resync_denied", Unit::None);
    /// The old name of redis_rdb_last_bgsave_duration_seconds, with -1 for none
    pub static RDB_LAST_DURATION: Gauge =
        de_facto("redis_rdb_last_bgsave_duration_sec", Unit::None);
    /// The old name of redis_rdb_current_bgsave_duration_seconds, with -1 for none
    pub static RDB_CURRENT_DURATION: Gauge =
        de_facto("redis_rdb_current_bgsave_duration_sec", Unit::None);
    /// The old name of redis_aof_last_rewrite_duration_seconds, with -1 for none
    pub static AOF_LAST_DURATION: Gauge =
        de_facto("redis_aof_last_rewrite_duration_sec", Unit::None);
    /// The old name of redis_aof_current_rewrite_duration_seconds, with -1 for none
    pub static AOF_CURRENT_DURATION: Gauge =
        de_facto("redis_aof_current_rewrite_duration_sec", Unit::None);
    /// The old name of redis_aof_delayed_fsync_total
    pub static AOF_DELAYED_FSYNC: Counter = de_facto("redis_aof_delayed_fsync", Unit::None);
    /// The old name of redis_expired_stale_ratio, in percent
    pub static EXPIRED_STALE: Gauge = de_facto("redis_expired_stale_percentage", Unit::None);
    /// The old name of redis_eviction_exceeded_seconds_total, in milliseconds
    pub static EVICTION_EXCEEDED: Counter =
        de_facto("redis_eviction_exceeded_time_ms_total", Unit::None);
}
