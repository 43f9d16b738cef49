//! The PostgreSQL server and its databases.

use common::{metric::Gauge, source::postgres::PrivilegeLabels};

common::label_values! {
    /// A background reading, which has its own interval.
    pub enum Reading {
        /// Tables and indexes.
        Relations = "relations",
        /// Sizes of databases, tablespaces and the log.
        Sizes = "sizes",
    }
}

common::labels! {
    /// One background reading.
    pub struct ReadingLabels {
        reading: Reading,
    }
}

common::catalog! {
    // Settings.

    /// Memory of the server's own cache (`shared_buffers`)
    pub static SHARED_BUFFERS: Gauge = "pg_settings_shared_buffers_bytes";
    /// What the planner assumes to be cached by the server and the operating system together
    /// (`effective_cache_size`); no memory is allocated for it
    pub static EFFECTIVE_CACHE_SIZE: Gauge = "pg_settings_effective_cache_size_bytes";
    /// Memory that one sort or hash may take before it goes to a temporary file (`work_mem`)
    pub static WORK_MEM: Gauge = "pg_settings_work_mem_bytes";
    /// Memory that a vacuum or an index build may take (`maintenance_work_mem`)
    pub static MAINTENANCE_WORK_MEM: Gauge = "pg_settings_maintenance_work_mem_bytes";
    /// How much log may be written between checkpoints before one is requested (`max_wal_size`)
    pub static MAX_WAL_SIZE: Gauge = "pg_settings_max_wal_size_bytes";
    /// Time between checkpoints when none is requested earlier (`checkpoint_timeout`)
    pub static CHECKPOINT_TIMEOUT: Gauge = "pg_settings_checkpoint_timeout_seconds";
    /// Whether the server measures how long reading and writing take (1) or not (0); without it
    /// those times are absent
    pub static TRACK_IO_TIMING: Gauge = "pg_settings_track_io_timing";
    /// Whether autovacuum is on (1) or off (0)
    pub static AUTOVACUUM: Gauge = "pg_settings_autovacuum";
    /// Tables that autovacuum works on at the same time at most
    pub static AUTOVACUUM_MAX_WORKERS: Gauge = "pg_settings_autovacuum_max_workers";
    /// Age in transactions at which a table is vacuumed against wraparound, even with autovacuum
    /// off
    pub static AUTOVACUUM_FREEZE_MAX_AGE: Gauge = "pg_settings_autovacuum_freeze_max_age";
    /// Age in multixacts at which a table is vacuumed against wraparound, even with autovacuum off
    pub static AUTOVACUUM_MULTIXACT_FREEZE_MAX_AGE: Gauge =
        "pg_settings_autovacuum_multixact_freeze_max_age";

    // Background work.

    /// Tables that autovacuum works on now; absent without pg_monitor
    pub static AUTOVACUUM_WORKERS: Gauge = "cache_autovacuum_workers";

    // The exporter's readings and privileges.

    /// Whether the exporter's role lacks the privilege (1) or has it (0); metrics that need it are
    /// absent
    pub static PRIVILEGE_MISSING: Gauge<PrivilegeLabels> = "cache_privilege_missing";
    /// When the background reading was last taken; its metrics are absent once it is too old
    pub static READING_TIMESTAMP: Gauge<ReadingLabels> = "cache_reading_timestamp_seconds";
    /// How long the last background reading took
    pub static READING_DURATION: Gauge<ReadingLabels> = "cache_reading_duration_seconds";
}
