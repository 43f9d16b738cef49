//! Databases: what each of them found in memory, read, wrote and changed.

use common::metric::{Counter, Gauge, Metric, Text, Unit};

common::labels! {
    /// One database.
    pub struct DatabaseLabels {
        /// The database, or `other` beyond the cap.
        datname: Text,
    }
}

common::labels! {
    /// One database; the labels are those of `pg_stat_database` in `postgres_exporter`.
    pub struct StatDatabaseLabels {
        /// The database's number.
        datid: Text,
        /// The database.
        datname: Text,
    }
}

common::labels! {
    /// One tablespace.
    pub struct TablespaceLabels {
        /// Its name.
        spcname: Text,
    }
}

common::catalog! {
    // Memory, disk and temporary files.

    /// Found in memory.
    pub static BLOCKS_HIT: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_blocks_hit_total",
        Unit::None,
        "Blocks that the database's sessions found in the server's own cache; the operating system's cache counts as a read",
    );
    /// Read.
    pub static BLOCKS_READ: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_blocks_read_total",
        Unit::None,
        "Blocks that the database's sessions did not find in the server's own cache and asked the operating system for",
    );
    /// How long reading took.
    pub static READ_SECONDS: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_block_read_seconds_total",
        Unit::Seconds,
        "Time that the database's sessions spent reading blocks; absent without track_io_timing",
    );
    /// How long writing took.
    pub static WRITE_SECONDS: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_block_write_seconds_total",
        Unit::Seconds,
        "Time that the database's sessions spent writing blocks; absent without track_io_timing",
    );
    /// Sorts that did not fit.
    pub static TEMPORARY_FILES: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_temporary_files_total",
        Unit::None,
        "Temporary files that queries of the database wrote because work_mem did not suffice",
    );
    /// How much of them.
    pub static TEMPORARY_BYTES: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_temporary_bytes_total",
        Unit::Bytes,
        "Data that queries of the database wrote to temporary files",
    );
    // Work.

    /// Transactions that took effect.
    pub static COMMITS: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_commits_total",
        Unit::None,
        "Transactions of the database that were committed; one that only reads counts as well",
    );
    /// Transactions that did not.
    pub static ROLLBACKS: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_rollbacks_total",
        Unit::None,
        "Transactions of the database that were rolled back",
    );
    /// Rows that scans saw.
    pub static ROWS_RETURNED: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_rows_returned_total",
        Unit::None,
        "Live rows that sequential scans of the database read, and entries that index scans gave",
    );
    /// Rows that indexes led to.
    pub static ROWS_FETCHED: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_rows_fetched_total",
        Unit::None,
        "Live rows of the database that index scans fetched",
    );
    /// New rows.
    pub static ROWS_INSERTED: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_rows_inserted_total",
        Unit::None,
        "Rows inserted in the database",
    );
    /// Changed rows.
    pub static ROWS_UPDATED: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_rows_updated_total",
        Unit::None,
        "Rows updated in the database",
    );
    /// Rows that went.
    pub static ROWS_DELETED: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_rows_deleted_total",
        Unit::None,
        "Rows deleted in the database",
    );
    /// How long its sessions worked.
    pub static ACTIVE_SECONDS: Metric<Counter, StatDatabaseLabels> = Metric::counter(
        "pg_stat_database_active_time_seconds_total",
        Unit::Seconds,
        "Time that the database's sessions spent executing statements; absent before PostgreSQL 14",
    );
    /// Queries that a standby gave up.
    pub static CONFLICTS: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_recovery_conflicts_total",
        Unit::None,
        "Queries of the database that a standby cancelled because they held up replay",
    );
    /// Damaged pages.
    pub static CHECKSUM_FAILURES: Metric<Counter, DatabaseLabels> = Metric::counter(
        "cache_checksum_failures_total",
        Unit::None,
        "Pages of the database that were read and did not match their checksum; absent where checksums are off",
    );
    /// Since when these count.
    pub static STATISTICS_RESET: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_statistics_reset_timestamp_seconds",
        Unit::Timestamp,
        "When the database's statistics were last set to zero; absent if never",
    );
    // Wraparound.

    /// How many transactions are not frozen.
    pub static TRANSACTION_AGE: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_transaction_id_age",
        Unit::None,
        "Transactions since the oldest one that is not yet frozen in the database; the server refuses to write shortly before 2^31",
    );
    /// How many multixacts are not frozen.
    pub static MULTIXACT_AGE: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_multixact_id_age",
        Unit::None,
        "Multixacts since the oldest one that is not yet frozen in the database; the server refuses to lock rows shortly before 2^31",
    );
    // Size: background readings.

    /// How large it is.
    pub static DATABASE_SIZE: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "pg_database_size_bytes",
        Unit::Bytes,
        "Size of the database on disk, without the log; absent where the role may neither connect to it nor read all statistics",
    );
    /// How large a tablespace is.
    pub static TABLESPACE_SIZE: Metric<Gauge, TablespaceLabels> = Metric::gauge(
        "cache_tablespace_size_bytes",
        Unit::Bytes,
        "Size of what a tablespace beside the default one holds; absent where the role may not see it",
    );
}
