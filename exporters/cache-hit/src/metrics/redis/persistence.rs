//! Persistence: snapshots (RDB) and the append-only file (AOF).

use common::metric::{Counter, Gauge};

common::catalog! {
    /// Whether the server loads its data from disk and does not answer yet (INFO loading)
    pub static LOADING: Gauge = "redis_loading_dump_file";
    /// Whether a replica loads new data while it serves the old (INFO async_loading)
    pub static ASYNC_LOADING: Gauge = "redis_async_loading";
    /// Changes since the last snapshot (INFO rdb_changes_since_last_save)
    pub static RDB_CHANGES: Gauge = "redis_rdb_changes_since_last_save";
    /// Whether a snapshot is being written (INFO rdb_bgsave_in_progress)
    pub static RDB_IN_PROGRESS: Gauge = "redis_rdb_bgsave_in_progress";
    /// When the last snapshot was written; the start where there has been none since (INFO
    /// rdb_last_save_time)
    pub static RDB_LAST_SAVE: Gauge = "redis_rdb_last_save_timestamp_seconds";
    /// Whether the last snapshot was written successfully (INFO rdb_last_bgsave_status)
    pub static RDB_LAST_STATUS: Gauge = "redis_rdb_last_bgsave_status";
    /// How long the last snapshot took (INFO rdb_last_bgsave_time_sec)
    pub static RDB_LAST_DURATION: Gauge = "redis_rdb_last_bgsave_duration_seconds";
    /// How long the snapshot in progress has been running (INFO rdb_current_bgsave_time_sec)
    pub static RDB_CURRENT_DURATION: Gauge = "redis_rdb_current_bgsave_duration_seconds";
    /// Memory that was copied while the last snapshot was written (INFO rdb_last_cow_size)
    pub static RDB_COW: Gauge = "redis_rdb_last_cow_size_bytes";
    /// Snapshots that were written (INFO rdb_saves)
    pub static RDB_SAVES: Counter = "redis_rdb_saves_total";
    /// Whether the append-only file is written (INFO aof_enabled)
    pub static AOF_ENABLED: Gauge = "redis_aof_enabled";
    /// Whether the append-only file is being rewritten (INFO aof_rewrite_in_progress)
    pub static AOF_REWRITE_IN_PROGRESS: Gauge = "redis_aof_rewrite_in_progress";
    /// Whether a rewrite of the append-only file waits for the snapshot to end (INFO
    /// aof_rewrite_scheduled)
    pub static AOF_REWRITE_SCHEDULED: Gauge = "redis_aof_rewrite_scheduled";
    /// Whether the last rewrite of the append-only file succeeded (INFO aof_last_bgrewrite_status)
    pub static AOF_LAST_REWRITE_STATUS: Gauge = "redis_aof_last_bgrewrite_status";
    /// Whether the last write to the append-only file succeeded (INFO aof_last_write_status)
    pub static AOF_LAST_WRITE_STATUS: Gauge = "redis_aof_last_write_status";
    /// How long the last rewrite of the append-only file took (INFO aof_last_rewrite_time_sec)
    pub static AOF_LAST_REWRITE_DURATION: Gauge = "redis_aof_last_rewrite_duration_seconds";
    /// How long the rewrite of the append-only file in progress has been running (INFO
    /// aof_current_rewrite_time_sec)
    pub static AOF_CURRENT_REWRITE_DURATION: Gauge = "redis_aof_current_rewrite_duration_seconds";
    /// Size of the append-only file (INFO aof_current_size)
    pub static AOF_CURRENT_SIZE: Gauge = "redis_aof_current_size_bytes";
    /// Size of the append-only file after its last rewrite (INFO aof_base_size)
    pub static AOF_BASE_SIZE: Gauge = "redis_aof_base_size_bytes";
    /// Memory that was copied during the last rewrite of the append-only file (INFO
    /// aof_last_cow_size)
    pub static AOF_COW: Gauge = "redis_aof_last_cow_size_bytes";
    /// Syncs of the append-only file that wait in the background (INFO aof_pending_bio_fsync)
    pub static AOF_PENDING_FSYNC: Gauge = "redis_aof_pending_bio_fsync";
    /// Writes that waited for a sync of the append-only file (INFO aof_delayed_fsync)
    pub static AOF_DELAYED_FSYNC: Counter = "redis_aof_delayed_fsync_total";
}
