//! The PostgreSQL server and its databases.

use common::{
    metric::{Gauge, Metric, Unit},
    source::postgres::PrivilegeLabels,
};

common::label_values! {
    /// What is read in the background, at an interval of its own.
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
        /// Which.
        reading: Reading,
    }
}

common::catalog! {
    // Settings.

    /// The server's own cache.
    pub static SHARED_BUFFERS: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_shared_buffers_bytes",
        Unit::Bytes,
        "Memory of the server's own cache (`shared_buffers`)",
    );
    /// What the planner takes to be cached anywhere.
    pub static EFFECTIVE_CACHE_SIZE: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_effective_cache_size_bytes",
        Unit::Bytes,
        "What the planner takes to be cached by the server and the operating system together (`effective_cache_size`); no memory is taken for it",
    );
    /// Beyond this a sort goes to a file.
    pub static WORK_MEM: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_work_mem_bytes",
        Unit::Bytes,
        "Memory that one sort or hash may take before it goes to a temporary file (`work_mem`)",
    );
    /// What a vacuum may take.
    pub static MAINTENANCE_WORK_MEM: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_maintenance_work_mem_bytes",
        Unit::Bytes,
        "Memory that a vacuum or an index build may take (`maintenance_work_mem`)",
    );
    /// How much log requests a checkpoint.
    pub static MAX_WAL_SIZE: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_max_wal_size_bytes",
        Unit::Bytes,
        "How much log may be written between checkpoints before one is requested (`max_wal_size`)",
    );
    /// How often there is a checkpoint.
    pub static CHECKPOINT_TIMEOUT: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_checkpoint_timeout_seconds",
        Unit::Seconds,
        "Time between checkpoints when none is requested earlier (`checkpoint_timeout`)",
    );
    /// Whether times of reading and writing are known.
    pub static TRACK_IO_TIMING: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_track_io_timing",
        Unit::None,
        "Whether the server measures how long reading and writing take (1) or not (0); without it those times are absent",
    );
    /// Whether dead rows are cleared away by themselves.
    pub static AUTOVACUUM: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_autovacuum",
        Unit::None,
        "Whether autovacuum is on (1) or off (0)",
    );
    /// How many tables it cleans at once.
    pub static AUTOVACUUM_MAX_WORKERS: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_autovacuum_max_workers",
        Unit::None,
        "Tables that autovacuum works on at the same time at most",
    );
    /// When a table is frozen in any case.
    pub static AUTOVACUUM_FREEZE_MAX_AGE: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_autovacuum_freeze_max_age",
        Unit::None,
        "Age in transactions at which a table is vacuumed against wraparound, even with autovacuum off",
    );
    /// The same for multixacts.
    pub static AUTOVACUUM_MULTIXACT_FREEZE_MAX_AGE: Metric<Gauge, ()> = Metric::gauge(
        "pg_settings_autovacuum_multixact_freeze_max_age",
        Unit::None,
        "Age in multixacts at which a table is vacuumed against wraparound, even with autovacuum off",
    );

    // What it does besides.

    /// Who cleans now.
    pub static AUTOVACUUM_WORKERS: Metric<Gauge, ()> = Metric::gauge(
        "cache_autovacuum_workers",
        Unit::None,
        "Tables that autovacuum works on now; absent without pg_monitor",
    );

    // The exporter's own.

    /// What the role may not see.
    pub static PRIVILEGE_MISSING: Metric<Gauge, PrivilegeLabels> = Metric::gauge(
        "cache_privilege_missing",
        Unit::None,
        "Whether the exporter's role lacks the privilege (1) or has it (0); what it would show is absent",
    );
    /// The age of a background reading.
    pub static READING_TIMESTAMP: Metric<Gauge, ReadingLabels> = Metric::gauge(
        "cache_reading_timestamp_seconds",
        Unit::Timestamp,
        "When the background reading was last taken; what it said is absent once it is too old",
    );
    /// What it costs.
    pub static READING_DURATION: Metric<Gauge, ReadingLabels> = Metric::gauge(
        "cache_reading_duration_seconds",
        Unit::Seconds,
        "How long the last background reading took",
    );
}
