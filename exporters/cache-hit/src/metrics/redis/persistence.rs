//! Persistence: snapshots (RDB) and the append-only file (AOF).

use common::metric::{Counter, Gauge, Metric, Unit};

common::catalog! {
    /// Whether the server loads its data from disk and does not answer yet.
    pub static LOADING: Metric<Gauge, ()> = Metric::gauge(
        "redis_loading_dump_file",
        Unit::None,
        "Whether the server loads its data from disk and does not answer yet (INFO loading)",
    );
    /// Whether a replica loads new data while it serves the old.
    pub static ASYNC_LOADING: Metric<Gauge, ()> = Metric::gauge(
        "redis_async_loading",
        Unit::None,
        "Whether a replica loads new data while it serves the old (INFO async_loading)",
    );
    /// Changes since the last snapshot.
    pub static RDB_CHANGES: Metric<Gauge, ()> = Metric::gauge(
        "redis_rdb_changes_since_last_save",
        Unit::None,
        "Changes since the last snapshot (INFO rdb_changes_since_last_save)",
    );
    /// Whether a snapshot is being written.
    pub static RDB_IN_PROGRESS: Metric<Gauge, ()> = Metric::gauge(
        "redis_rdb_bgsave_in_progress",
        Unit::None,
        "Whether a snapshot is being written (INFO rdb_bgsave_in_progress)",
    );
    /// When the last snapshot was written.
    pub static RDB_LAST_SAVE: Metric<Gauge, ()> = Metric::gauge(
        "redis_rdb_last_save_timestamp_seconds",
        Unit::Timestamp,
        "When the last snapshot was written; the start where there has been none since (INFO rdb_last_save_time)",
    );
    /// Whether the last snapshot was written well.
    pub static RDB_LAST_STATUS: Metric<Gauge, ()> = Metric::gauge(
        "redis_rdb_last_bgsave_status",
        Unit::None,
        "Whether the last snapshot was written well (INFO rdb_last_bgsave_status)",
    );
    /// How long the last snapshot took.
    pub static RDB_LAST_DURATION: Metric<Gauge, ()> = Metric::gauge(
        "redis_rdb_last_bgsave_duration_seconds",
        Unit::Seconds,
        "How long the last snapshot took (INFO rdb_last_bgsave_time_sec)",
    );
    /// For how long the snapshot is being written that is.
    pub static RDB_CURRENT_DURATION: Metric<Gauge, ()> = Metric::gauge(
        "redis_rdb_current_bgsave_duration_seconds",
        Unit::Seconds,
        "For how long the snapshot is being written that is (INFO rdb_current_bgsave_time_sec)",
    );
    /// Memory that was copied while the last snapshot was written.
    pub static RDB_COW: Metric<Gauge, ()> = Metric::gauge(
        "redis_rdb_last_cow_size_bytes",
        Unit::Bytes,
        "Memory that was copied while the last snapshot was written (INFO rdb_last_cow_size)",
    );
    /// Snapshots that were written.
    pub static RDB_SAVES: Metric<Counter, ()> = Metric::counter(
        "redis_rdb_saves_total",
        Unit::None,
        "Snapshots that were written (INFO rdb_saves)",
    );
    /// Whether the append-only file is written.
    pub static AOF_ENABLED: Metric<Gauge, ()> = Metric::gauge(
        "redis_aof_enabled",
        Unit::None,
        "Whether the append-only file is written (INFO aof_enabled)",
    );
    /// Whether the append-only file is being rewritten.
    pub static AOF_REWRITE_IN_PROGRESS: Metric<Gauge, ()> = Metric::gauge(
        "redis_aof_rewrite_in_progress",
        Unit::None,
        "Whether the append-only file is being rewritten (INFO aof_rewrite_in_progress)",
    );
    /// Whether a rewrite of the append-only file waits for the snapshot to end.
    pub static AOF_REWRITE_SCHEDULED: Metric<Gauge, ()> = Metric::gauge(
        "redis_aof_rewrite_scheduled",
        Unit::None,
        "Whether a rewrite of the append-only file waits for the snapshot to end (INFO aof_rewrite_scheduled)",
    );
    /// Whether the last rewrite of the append-only file went well.
    pub static AOF_LAST_REWRITE_STATUS: Metric<Gauge, ()> = Metric::gauge(
        "redis_aof_last_bgrewrite_status",
        Unit::None,
        "Whether the last rewrite of the append-only file went well (INFO aof_last_bgrewrite_status)",
    );
    /// Whether the last write to the append-only file went well.
    pub static AOF_LAST_WRITE_STATUS: Metric<Gauge, ()> = Metric::gauge(
        "redis_aof_last_write_status",
        Unit::None,
        "Whether the last write to the append-only file went well (INFO aof_last_write_status)",
    );
    /// How long the last rewrite of the append-only file took.
    pub static AOF_LAST_REWRITE_DURATION: Metric<Gauge, ()> = Metric::gauge(
        "redis_aof_last_rewrite_duration_seconds",
        Unit::Seconds,
        "How long the last rewrite of the append-only file took (INFO aof_last_rewrite_time_sec)",
    );
    /// For how long the append-only file is being rewritten.
    pub static AOF_CURRENT_REWRITE_DURATION: Metric<Gauge, ()> = Metric::gauge(
        "redis_aof_current_rewrite_duration_seconds",
        Unit::Seconds,
        "For how long the append-only file is being rewritten (INFO aof_current_rewrite_time_sec)",
    );
    /// Size of the append-only file.
    pub static AOF_CURRENT_SIZE: Metric<Gauge, ()> = Metric::gauge(
        "redis_aof_current_size_bytes",
        Unit::Bytes,
        "Size of the append-only file (INFO aof_current_size)",
    );
    /// Size of the append-only file after its last rewrite.
    pub static AOF_BASE_SIZE: Metric<Gauge, ()> = Metric::gauge(
        "redis_aof_base_size_bytes",
        Unit::Bytes,
        "Size of the append-only file after its last rewrite (INFO aof_base_size)",
    );
    /// Memory that was copied during the last rewrite of the append-only file.
    pub static AOF_COW: Metric<Gauge, ()> = Metric::gauge(
        "redis_aof_last_cow_size_bytes",
        Unit::Bytes,
        "Memory that was copied during the last rewrite of the append-only file (INFO aof_last_cow_size)",
    );
    /// Syncs of the append-only file that wait in the background.
    pub static AOF_PENDING_FSYNC: Metric<Gauge, ()> = Metric::gauge(
        "redis_aof_pending_bio_fsync",
        Unit::None,
        "Syncs of the append-only file that wait in the background (INFO aof_pending_bio_fsync)",
    );
    /// Writes that waited for a sync of the append-only file.
    pub static AOF_DELAYED_FSYNC: Metric<Counter, ()> = Metric::counter(
        "redis_aof_delayed_fsync_total",
        Unit::None,
        "Writes that waited for a sync of the append-only file (INFO aof_delayed_fsync)",
    );
}
