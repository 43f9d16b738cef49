//! Metrics of each database: cache hits, reads, writes, rows, transactions.

use common::metric::{Counter, Gauge, LabelText};

common::labels! {
    /// One database.
    pub struct DatabaseLabels {
        /// The database, or `other` beyond the cap.
        datname: LabelText,
    }
}

common::labels! {
    /// One database; the labels are those of `pg_stat_database` in `postgres_exporter`.
    pub struct StatDatabaseLabels {
        /// The database's number.
        datid: LabelText,
        datname: LabelText,
    }
}

common::labels! {
    /// One tablespace.
    pub struct TablespaceLabels {
        spcname: LabelText,
    }
}

common::catalog! {
    // Memory, disk and temporary files.

    /// Blocks that the database's sessions found in the server's own cache; the operating system's
    /// cache counts as a read
    pub static BLOCKS_HIT: Counter<DatabaseLabels> = "cache_blocks_hit_total";
    /// Blocks that the database's sessions did not find in the server's own cache and asked the
    /// operating system for
    pub static BLOCKS_READ: Counter<DatabaseLabels> = "cache_blocks_read_total";
    /// Time that the database's sessions spent reading blocks; absent without track_io_timing
    pub static READ_SECONDS: Counter<DatabaseLabels> = "cache_block_read_seconds_total";
    /// Time that the database's sessions spent writing blocks; absent without track_io_timing
    pub static WRITE_SECONDS: Counter<DatabaseLabels> = "cache_block_write_seconds_total";
    /// Temporary files that queries of the database wrote because work_mem did not suffice
    pub static TEMPORARY_FILES: Counter<DatabaseLabels> = "cache_temporary_files_total";
    /// Data that queries of the database wrote to temporary files
    pub static TEMPORARY_BYTES: Counter<DatabaseLabels> = "cache_temporary_bytes_total";

    // Work.

    /// Transactions of the database that were committed; one that only reads counts as well
    pub static COMMITS: Counter<DatabaseLabels> = "cache_commits_total";
    /// Transactions of the database that were rolled back
    pub static ROLLBACKS: Counter<DatabaseLabels> = "cache_rollbacks_total";
    /// Live rows that sequential scans of the database read, and entries that index scans gave
    pub static ROWS_RETURNED: Counter<DatabaseLabels> = "cache_rows_returned_total";
    /// Live rows of the database that index scans fetched
    pub static ROWS_FETCHED: Counter<DatabaseLabels> = "cache_rows_fetched_total";
    /// Rows inserted in the database
    pub static ROWS_INSERTED: Counter<DatabaseLabels> = "cache_rows_inserted_total";
    /// Rows updated in the database
    pub static ROWS_UPDATED: Counter<DatabaseLabels> = "cache_rows_updated_total";
    /// Rows deleted in the database
    pub static ROWS_DELETED: Counter<DatabaseLabels> = "cache_rows_deleted_total";
    /// Time that the database's sessions spent executing statements; absent before PostgreSQL 14
    pub static ACTIVE_SECONDS: Counter<StatDatabaseLabels> =
        "pg_stat_database_active_time_seconds_total";
    /// Queries of the database that a standby cancelled because they held up replay
    pub static CONFLICTS: Counter<DatabaseLabels> = "cache_recovery_conflicts_total";
    /// Pages of the database that were read and did not match their checksum; absent where
    /// checksums are off
    pub static CHECKSUM_FAILURES: Counter<DatabaseLabels> = "cache_checksum_failures_total";
    /// When the database's statistics were last set to zero; absent if never
    pub static STATISTICS_RESET: Gauge<DatabaseLabels> = "cache_statistics_reset_timestamp_seconds";

    // Wraparound.

    /// Transactions since the oldest one that is not yet frozen in the database; the server refuses
    /// to write shortly before 2^31
    pub static TRANSACTION_AGE: Gauge<DatabaseLabels> = "cache_transaction_id_age";
    /// Multixacts since the oldest one that is not yet frozen in the database; the server refuses
    /// to lock rows shortly before 2^31
    pub static MULTIXACT_AGE: Gauge<DatabaseLabels> = "cache_multixact_id_age";

    // Size: background readings.

    /// Size of the database on disk, without the log; absent where the role may neither connect to
    /// it nor read all statistics
    pub static DATABASE_SIZE: Gauge<DatabaseLabels> = "pg_database_size_bytes";
    /// Size of what a tablespace beside the default one holds; absent where the role may not see it
    pub static TABLESPACE_SIZE: Gauge<TablespaceLabels> = "cache_tablespace_size_bytes";
}
