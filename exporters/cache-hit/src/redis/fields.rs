//! The fields of answers and their metrics.

use common::{
    metric::{Metric, kind},
    scrape::Snapshot,
};

use super::info::Info;
use crate::metrics::redis::{
    aliases, cluster, commands, keyspace, memory, persistence, replication, sentinel, server,
};

/// A field, its metric, and how its text becomes a value.
type Field<Kind> = (&'static str, &'static Metric<Kind, ()>, Reading);

/// How a field's text becomes a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reading {
    /// The value.
    Number,
    /// The value times this factor.
    Over(f64),
    /// The value; negative means unknown.
    Known,
    /// A limit; zero means none.
    Limit,
    /// 1 for `ok`, 0 for any error.
    Ok,
}

use Reading::{Known, Limit, Number, Ok, Over};

#[derive(Debug)]
pub(super) struct Fields {
    gauges: &'static [Field<kind::Gauge>],
    counters: &'static [Field<kind::Counter>],
}

impl Fields {
    /// Writes the fields that the answer has.
    pub(super) fn write(&self, info: &Info<'_>, out: &mut Snapshot) {
        for (name, metric, reading) in self.gauges {
            out.gauge(metric, (), reading.of(info, name));
        }
        for (name, metric, reading) in self.counters {
            out.counter(metric, (), reading.of(info, name));
        }
    }
}

impl Reading {
    fn of(self, info: &Info<'_>, name: &str) -> Option<f64> {
        match self {
            Number => info.number(name),
            Over(factor) => info.number(name).map(|it| it / factor),
            Known => info.number(name).filter(|it| *it >= 0.0),
            Limit => info.number(name).filter(|it| *it > 0.0),
            Ok => info.get(name).map(|it| f64::from(u8::from(it == "ok"))),
        }
    }
}

/// Of `INFO`.
pub(super) static INFO: Fields = Fields { gauges: GAUGES, counters: COUNTERS };
/// Of a Sentinel's `INFO`.
pub(super) static SENTINEL: Fields = Fields { gauges: SENTINEL_GAUGES, counters: &[] };
/// Of `CLUSTER INFO`.
pub(super) static CLUSTER: Fields = Fields { gauges: CLUSTER_GAUGES, counters: CLUSTER_COUNTERS };
/// Of `INFO`, as aliases.
pub(super) static ALIASES: Fields = Fields { gauges: ALIAS_GAUGES, counters: ALIAS_COUNTERS };

static GAUGES: &[Field<kind::Gauge>] = &[
    ("connected_clients", &server::CONNECTED_CLIENTS, Number),
    ("blocked_clients", &server::BLOCKED_CLIENTS, Number),
    ("tracking_clients", &server::TRACKING_CLIENTS, Number),
    ("pubsub_clients", &server::PUBSUB_CLIENTS, Number),
    ("maxclients", &server::MAX_CLIENTS, Number),
    ("uptime_in_seconds", &server::UPTIME, Number),
    ("pubsub_channels", &server::PUBSUB_CHANNELS, Number),
    ("pubsub_patterns", &server::PUBSUB_PATTERNS, Number),
    ("latest_fork_usec", &server::LATEST_FORK, Over(1e6)),
    ("expired_stale_perc", &keyspace::EXPIRED_STALE, Over(100.0)),
    ("lazyfree_pending_objects", &keyspace::LAZYFREE_PENDING, Number),
    ("used_memory", &memory::USED, Number),
    ("used_memory_rss", &memory::USED_RSS, Number),
    ("used_memory_peak", &memory::USED_PEAK, Number),
    ("used_memory_dataset", &memory::USED_DATASET, Number),
    ("used_memory_overhead", &memory::USED_OVERHEAD, Number),
    ("used_memory_startup", &memory::USED_STARTUP, Number),
    ("used_memory_lua", &memory::USED_LUA, Number),
    ("used_memory_scripts", &memory::USED_SCRIPTS, Number),
    ("maxmemory", &memory::MAX, Limit),
    ("total_system_memory", &memory::SYSTEM, Number),
    ("mem_fragmentation_ratio", &memory::FRAGMENTATION, Number),
    ("mem_fragmentation_bytes", &memory::FRAGMENTATION_BYTES, Number),
    ("allocator_allocated", &memory::ALLOCATOR_ALLOCATED, Number),
    ("allocator_active", &memory::ALLOCATOR_ACTIVE, Number),
    ("allocator_resident", &memory::ALLOCATOR_RESIDENT, Number),
    ("allocator_frag_ratio", &memory::ALLOCATOR_FRAGMENTATION, Number),
    ("allocator_rss_ratio", &memory::ALLOCATOR_RSS, Number),
    ("active_defrag_running", &memory::DEFRAG_RUNNING, Number),
    ("mem_not_counted_for_evict", &memory::NOT_COUNTED, Number),
    ("mem_clients_normal", &memory::CLIENTS_NORMAL, Number),
    ("mem_clients_slaves", &memory::CLIENTS_REPLICAS, Number),
    ("connected_slaves", &replication::CONNECTED_SLAVES, Number),
    ("master_repl_offset", &replication::MASTER_REPL_OFFSET, Number),
    ("repl_backlog_active", &replication::BACKLOG_ACTIVE, Number),
    ("repl_backlog_size", &replication::BACKLOG_SIZE, Number),
    ("repl_backlog_histlen", &replication::BACKLOG_HISTORY, Number),
    ("slave_priority", &replication::SLAVE_PRIORITY, Number),
    ("slave_read_only", &replication::SLAVE_READ_ONLY, Number),
    ("loading", &persistence::LOADING, Number),
    ("async_loading", &persistence::ASYNC_LOADING, Number),
    ("rdb_changes_since_last_save", &persistence::RDB_CHANGES, Number),
    ("rdb_bgsave_in_progress", &persistence::RDB_IN_PROGRESS, Number),
    ("rdb_last_save_time", &persistence::RDB_LAST_SAVE, Number),
    ("rdb_last_bgsave_status", &persistence::RDB_LAST_STATUS, Ok),
    ("rdb_last_bgsave_time_sec", &persistence::RDB_LAST_DURATION, Known),
    ("rdb_current_bgsave_time_sec", &persistence::RDB_CURRENT_DURATION, Known),
    ("rdb_last_cow_size", &persistence::RDB_COW, Number),
    ("aof_enabled", &persistence::AOF_ENABLED, Number),
    ("aof_rewrite_in_progress", &persistence::AOF_REWRITE_IN_PROGRESS, Number),
    ("aof_rewrite_scheduled", &persistence::AOF_REWRITE_SCHEDULED, Number),
    ("aof_last_bgrewrite_status", &persistence::AOF_LAST_REWRITE_STATUS, Ok),
    ("aof_last_write_status", &persistence::AOF_LAST_WRITE_STATUS, Ok),
    ("aof_last_rewrite_time_sec", &persistence::AOF_LAST_REWRITE_DURATION, Known),
    ("aof_current_rewrite_time_sec", &persistence::AOF_CURRENT_REWRITE_DURATION, Known),
    ("aof_current_size", &persistence::AOF_CURRENT_SIZE, Number),
    ("aof_base_size", &persistence::AOF_BASE_SIZE, Number),
    ("aof_last_cow_size", &persistence::AOF_COW, Number),
    ("aof_pending_bio_fsync", &persistence::AOF_PENDING_FSYNC, Number),
    ("cluster_enabled", &cluster::ENABLED, Number),
];

static COUNTERS: &[Field<kind::Counter>] = &[
    ("total_connections_received", &server::CONNECTIONS_RECEIVED, Number),
    ("rejected_connections", &server::REJECTED_CONNECTIONS, Number),
    ("evicted_clients", &server::EVICTED_CLIENTS, Number),
    ("client_query_buffer_limit_disconnections", &server::QUERY_BUFFER_DISCONNECTIONS, Number),
    ("client_output_buffer_limit_disconnections", &server::OUTPUT_BUFFER_DISCONNECTIONS, Number),
    ("total_net_input_bytes", &server::NET_INPUT_BYTES, Number),
    ("total_net_output_bytes", &server::NET_OUTPUT_BYTES, Number),
    ("used_cpu_sys", &server::CPU_SYS, Number),
    ("used_cpu_user", &server::CPU_USER, Number),
    ("used_cpu_sys_children", &server::CPU_SYS_CHILDREN, Number),
    ("used_cpu_user_children", &server::CPU_USER_CHILDREN, Number),
    ("used_cpu_sys_main_thread", &server::CPU_SYS_MAIN_THREAD, Number),
    ("used_cpu_user_main_thread", &server::CPU_USER_MAIN_THREAD, Number),
    ("acl_access_denied_auth", &server::ACL_DENIED_AUTH, Number),
    ("acl_access_denied_cmd", &server::ACL_DENIED_CMD, Number),
    ("acl_access_denied_key", &server::ACL_DENIED_KEY, Number),
    ("acl_access_denied_channel", &server::ACL_DENIED_CHANNEL, Number),
    ("keyspace_hits", &keyspace::HITS, Number),
    ("keyspace_misses", &keyspace::MISSES, Number),
    ("evicted_keys", &keyspace::EVICTED_KEYS, Number),
    ("expired_keys", &keyspace::EXPIRED_KEYS, Number),
    ("expired_time_cap_reached_count", &keyspace::EXPIRED_TIME_CAP, Number),
    ("total_eviction_exceeded_time", &keyspace::EVICTION_EXCEEDED, Over(1e3)),
    ("total_commands_processed", &commands::PROCESSED, Number),
    ("total_error_replies", &commands::ERROR_REPLIES, Number),
    ("unexpected_error_replies", &commands::UNEXPECTED_ERROR_REPLIES, Number),
    ("total_reads_processed", &commands::READS, Number),
    ("total_writes_processed", &commands::WRITES, Number),
    ("sync_full", &replication::RESYNCS_FULL, Number),
    ("sync_partial_ok", &replication::RESYNCS_ACCEPTED, Number),
    ("sync_partial_err", &replication::RESYNCS_DENIED, Number),
    ("rdb_saves", &persistence::RDB_SAVES, Number),
    ("aof_delayed_fsync", &persistence::AOF_DELAYED_FSYNC, Number),
];

static CLUSTER_GAUGES: &[Field<kind::Gauge>] = &[
    ("cluster_state", &cluster::STATE, Ok),
    ("cluster_slots_assigned", &cluster::SLOTS_ASSIGNED, Number),
    ("cluster_slots_ok", &cluster::SLOTS_OK, Number),
    ("cluster_slots_pfail", &cluster::SLOTS_PFAIL, Number),
    ("cluster_slots_fail", &cluster::SLOTS_FAIL, Number),
    ("cluster_known_nodes", &cluster::KNOWN_NODES, Number),
    ("cluster_size", &cluster::SIZE, Number),
    ("cluster_current_epoch", &cluster::CURRENT_EPOCH, Number),
    ("cluster_my_epoch", &cluster::MY_EPOCH, Number),
];

static CLUSTER_COUNTERS: &[Field<kind::Counter>] = &[
    ("cluster_stats_messages_sent", &cluster::MESSAGES_SENT, Number),
    ("cluster_stats_messages_received", &cluster::MESSAGES_RECEIVED, Number),
];

static SENTINEL_GAUGES: &[Field<kind::Gauge>] = &[
    ("sentinel_masters", &sentinel::MASTERS, Number),
    ("sentinel_tilt", &sentinel::TILT, Number),
    ("sentinel_running_scripts", &sentinel::RUNNING_SCRIPTS, Number),
    ("sentinel_scripts_queue_length", &sentinel::SCRIPTS_QUEUE, Number),
    ("sentinel_simulate_failure_flags", &sentinel::SIMULATE_FAILURE, Number),
];

static ALIAS_GAUGES: &[Field<kind::Gauge>] = &[
    ("maxclients", &aliases::CONFIG_MAXCLIENTS, Number),
    ("maxmemory", &aliases::CONFIG_MAXMEMORY, Number),
    ("mem_clients_normal", &aliases::MEM_CLIENTS_NORMAL, Number),
    ("mem_clients_slaves", &aliases::MEM_CLIENTS_SLAVES, Number),
    ("rdb_last_bgsave_time_sec", &aliases::RDB_LAST_DURATION, Number),
    ("rdb_current_bgsave_time_sec", &aliases::RDB_CURRENT_DURATION, Number),
    ("aof_last_rewrite_time_sec", &aliases::AOF_LAST_DURATION, Number),
    ("aof_current_rewrite_time_sec", &aliases::AOF_CURRENT_DURATION, Number),
    ("expired_stale_perc", &aliases::EXPIRED_STALE, Number),
];

static ALIAS_COUNTERS: &[Field<kind::Counter>] = &[
    ("total_error_replies", &aliases::TOTAL_ERROR_REPLIES, Number),
    ("unexpected_error_replies", &aliases::UNEXPECTED_ERROR_REPLIES, Number),
    ("total_reads_processed", &aliases::TOTAL_READS, Number),
    ("total_writes_processed", &aliases::TOTAL_WRITES, Number),
    ("sync_full", &aliases::RESYNCS_FULL, Number),
    ("sync_partial_ok", &aliases::RESYNCS_ACCEPTED, Number),
    ("sync_partial_err", &aliases::RESYNCS_DENIED, Number),
    ("aof_delayed_fsync", &aliases::AOF_DELAYED_FSYNC, Number),
    ("total_eviction_exceeded_time", &aliases::EVICTION_EXCEEDED, Number),
];
