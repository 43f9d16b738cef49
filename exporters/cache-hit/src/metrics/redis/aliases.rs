//! Names of `redis_exporter` that break the conventions and stand in people's dashboards all the
//! same; written when the settings say `compatibility = true`.

use common::metric::{Counter, Gauge, Metric, Unit};

common::catalog! {
    /// Of `redis_max_clients`.
    pub static CONFIG_MAXCLIENTS: Metric<Gauge, ()> = Metric::de_facto_gauge(
        "redis_config_maxclients",
        Unit::None,
        "The old name of redis_max_clients",
    );
    /// Of `redis_memory_max_bytes`.
    pub static CONFIG_MAXMEMORY: Metric<Gauge, ()> = Metric::de_facto_gauge(
        "redis_config_maxmemory",
        Unit::None,
        "The old name of redis_memory_max_bytes",
    );
    /// Of `redis_mem_clients_normal_bytes`.
    pub static MEM_CLIENTS_NORMAL: Metric<Gauge, ()> = Metric::de_facto_gauge(
        "redis_mem_clients_normal",
        Unit::None,
        "The old name of redis_mem_clients_normal_bytes",
    );
    /// Of `redis_mem_clients_slaves_bytes`.
    pub static MEM_CLIENTS_SLAVES: Metric<Gauge, ()> = Metric::de_facto_gauge(
        "redis_mem_clients_slaves",
        Unit::None,
        "The old name of redis_mem_clients_slaves_bytes",
    );
    /// Of `redis_error_replies_total`.
    pub static TOTAL_ERROR_REPLIES: Metric<Counter, ()> = Metric::de_facto_counter(
        "redis_total_error_replies",
        Unit::None,
        "The old name of redis_error_replies_total",
    );
    /// Of `redis_unexpected_error_replies_total`.
    pub static UNEXPECTED_ERROR_REPLIES: Metric<Counter, ()> = Metric::de_facto_counter(
        "redis_unexpected_error_replies",
        Unit::None,
        "The old name of redis_unexpected_error_replies_total",
    );
    /// Of `redis_reads_processed_total`.
    pub static TOTAL_READS: Metric<Counter, ()> = Metric::de_facto_counter(
        "redis_total_reads_processed",
        Unit::None,
        "The old name of redis_reads_processed_total",
    );
    /// Of `redis_writes_processed_total`.
    pub static TOTAL_WRITES: Metric<Counter, ()> = Metric::de_facto_counter(
        "redis_total_writes_processed",
        Unit::None,
        "The old name of redis_writes_processed_total",
    );
    /// Of `redis_replica_resyncs_full_total`.
    pub static RESYNCS_FULL: Metric<Counter, ()> = Metric::de_facto_counter(
        "redis_replica_resyncs_full",
        Unit::None,
        "The old name of redis_replica_resyncs_full_total",
    );
    /// Of `redis_replica_partial_resync_accepted_total`.
    pub static RESYNCS_ACCEPTED: Metric<Counter, ()> = Metric::de_facto_counter(
        "redis_replica_partial_resync_accepted",
        Unit::None,
        "The old name of redis_replica_partial_resync_accepted_total",
    );
    /// Of `redis_replica_partial_resync_denied_total`.
    pub static RESYNCS_DENIED: Metric<Counter, ()> = Metric::de_facto_counter(
        "redis_replica_partial_resync_denied",
        Unit::None,
        "The old name of redis_replica_partial_resync_denied_total",
    );
    /// Of `redis_rdb_last_bgsave_duration_seconds`.
    pub static RDB_LAST_DURATION: Metric<Gauge, ()> = Metric::de_facto_gauge(
        "redis_rdb_last_bgsave_duration_sec",
        Unit::None,
        "The old name of redis_rdb_last_bgsave_duration_seconds, with -1 for none",
    );
    /// Of `redis_rdb_current_bgsave_duration_seconds`.
    pub static RDB_CURRENT_DURATION: Metric<Gauge, ()> = Metric::de_facto_gauge(
        "redis_rdb_current_bgsave_duration_sec",
        Unit::None,
        "The old name of redis_rdb_current_bgsave_duration_seconds, with -1 for none",
    );
    /// Of `redis_aof_last_rewrite_duration_seconds`.
    pub static AOF_LAST_DURATION: Metric<Gauge, ()> = Metric::de_facto_gauge(
        "redis_aof_last_rewrite_duration_sec",
        Unit::None,
        "The old name of redis_aof_last_rewrite_duration_seconds, with -1 for none",
    );
    /// Of `redis_aof_current_rewrite_duration_seconds`.
    pub static AOF_CURRENT_DURATION: Metric<Gauge, ()> = Metric::de_facto_gauge(
        "redis_aof_current_rewrite_duration_sec",
        Unit::None,
        "The old name of redis_aof_current_rewrite_duration_seconds, with -1 for none",
    );
    /// Of `redis_aof_delayed_fsync_total`.
    pub static AOF_DELAYED_FSYNC: Metric<Counter, ()> = Metric::de_facto_counter(
        "redis_aof_delayed_fsync",
        Unit::None,
        "The old name of redis_aof_delayed_fsync_total",
    );
    /// Of `redis_expired_stale_ratio`.
    pub static EXPIRED_STALE: Metric<Gauge, ()> = Metric::de_facto_gauge(
        "redis_expired_stale_percentage",
        Unit::None,
        "The old name of redis_expired_stale_ratio, in percent",
    );
    /// Of `redis_eviction_exceeded_seconds_total`.
    pub static EVICTION_EXCEEDED: Metric<Counter, ()> = Metric::de_facto_counter(
        "redis_eviction_exceeded_time_ms_total",
        Unit::None,
        "The old name of redis_eviction_exceeded_seconds_total, in milliseconds",
    );
}
