//! `postgres_exporter`'s names that break the conventions, or that changed with the server's
//! version, and stand in people's dashboards all the same; written when the settings say
//! `compatibility = true`.

use common::metric::{Counter, Gauge, Metric, Unit};

use super::{
    postgres_databases::{DatabaseLabels, StatDatabaseLabels},
    postgres_relations::TableLabels,
};

common::catalog! {
    // pg_stat_database.

    /// `cache_blocks_hit_total`.
    pub static BLKS_HIT: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_blks_hit",
        Unit::None,
        "cache_blocks_hit_total under its old name",
    );
    /// `cache_blocks_read_total`.
    pub static BLKS_READ: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_blks_read",
        Unit::None,
        "cache_blocks_read_total under its old name",
    );
    /// `cache_commits_total`.
    pub static XACT_COMMIT: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_xact_commit",
        Unit::None,
        "cache_commits_total under its old name",
    );
    /// `cache_rollbacks_total`.
    pub static XACT_ROLLBACK: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_xact_rollback",
        Unit::None,
        "cache_rollbacks_total under its old name",
    );
    /// `cache_rows_returned_total`.
    pub static TUP_RETURNED: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_tup_returned",
        Unit::None,
        "cache_rows_returned_total under its old name",
    );
    /// `cache_rows_fetched_total`.
    pub static TUP_FETCHED: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_tup_fetched",
        Unit::None,
        "cache_rows_fetched_total under its old name",
    );
    /// `cache_rows_inserted_total`.
    pub static TUP_INSERTED: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_tup_inserted",
        Unit::None,
        "cache_rows_inserted_total under its old name",
    );
    /// `cache_rows_updated_total`.
    pub static TUP_UPDATED: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_tup_updated",
        Unit::None,
        "cache_rows_updated_total under its old name",
    );
    /// `cache_rows_deleted_total`.
    pub static TUP_DELETED: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_tup_deleted",
        Unit::None,
        "cache_rows_deleted_total under its old name",
    );
    /// `cache_temporary_files_total`.
    pub static TEMP_FILES: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_temp_files",
        Unit::None,
        "cache_temporary_files_total under its old name",
    );
    /// `cache_temporary_bytes_total`.
    pub static TEMP_BYTES: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_temp_bytes",
        Unit::None,
        "cache_temporary_bytes_total under its old name",
    );
    /// `cache_recovery_conflicts_total`.
    pub static CONFLICTS: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_conflicts",
        Unit::None,
        "cache_recovery_conflicts_total under its old name",
    );
    /// `cache_block_read_seconds_total`.
    pub static BLK_READ_TIME: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_blk_read_time",
        Unit::None,
        "cache_block_read_seconds_total under its old name, in milliseconds",
    );
    /// `cache_block_write_seconds_total`.
    pub static BLK_WRITE_TIME: Metric<Counter, StatDatabaseLabels> = Metric::de_facto_counter(
        "pg_stat_database_blk_write_time",
        Unit::None,
        "cache_block_write_seconds_total under its old name, in milliseconds",
    );
    /// `cache_statistics_reset_timestamp_seconds`.
    pub static STATS_RESET: Metric<Gauge, StatDatabaseLabels> = Metric::de_facto_gauge(
        "pg_stat_database_stats_reset",
        Unit::None,
        "cache_statistics_reset_timestamp_seconds under its old name",
    );
    // Wraparound: ages that are no seconds.

    /// `cache_transaction_id_age`.
    pub static AGE_DATFROZENXID: Metric<Gauge, DatabaseLabels> = Metric::de_facto_gauge(
        "pg_database_wraparound_age_datfrozenxid_seconds",
        Unit::None,
        "cache_transaction_id_age under its old name; transactions, not seconds",
    );
    /// `cache_multixact_id_age`.
    pub static AGE_DATMINMXID: Metric<Gauge, DatabaseLabels> = Metric::de_facto_gauge(
        "pg_database_wraparound_age_datminmxid_seconds",
        Unit::None,
        "cache_multixact_id_age under its old name; multixacts, not seconds",
    );
    // Checkpoints, before and from PostgreSQL 17.

    /// Of `cache_checkpoints_total`.
    pub static CHECKPOINTS_TIMED: Metric<Counter, ()> = Metric::counter(
        "pg_stat_bgwriter_checkpoints_timed_total",
        Unit::None,
        "cache_checkpoints_total under its old name, of the servers that have the column",
    );
    /// Of `cache_checkpoints_total`.
    pub static CHECKPOINTS_REQ: Metric<Counter, ()> = Metric::counter(
        "pg_stat_bgwriter_checkpoints_req_total",
        Unit::None,
        "cache_checkpoints_total under its old name, of the servers that have the column",
    );
    /// Of `cache_checkpoint_buffers_written_total`.
    pub static BUFFERS_CHECKPOINT: Metric<Counter, ()> = Metric::counter(
        "pg_stat_bgwriter_buffers_checkpoint_total",
        Unit::None,
        "cache_checkpoint_buffers_written_total under its old name, of the servers that have the column",
    );
    /// Of `cache_checkpoints_total`.
    pub static NUM_TIMED: Metric<Counter, ()> = Metric::counter(
        "pg_stat_checkpointer_num_timed_total",
        Unit::None,
        "cache_checkpoints_total under its old name, of the servers that have the column",
    );
    /// Of `cache_checkpoints_total`.
    pub static NUM_REQUESTED: Metric<Counter, ()> = Metric::counter(
        "pg_stat_checkpointer_num_requested_total",
        Unit::None,
        "cache_checkpoints_total under its old name, of the servers that have the column",
    );
    /// Of `cache_checkpoint_buffers_written_total`.
    pub static BUFFERS_WRITTEN: Metric<Counter, ()> = Metric::counter(
        "pg_stat_checkpointer_buffers_written_total",
        Unit::None,
        "cache_checkpoint_buffers_written_total under its old name, of the servers that have the column",
    );
    /// Of `cache_checkpoint_write_seconds_total`.
    pub static CHECKPOINT_WRITE_TIME: Metric<Counter, ()> = Metric::counter(
        "pg_stat_bgwriter_checkpoint_write_time_total",
        Unit::None,
        "cache_checkpoint_write_seconds_total under its old name, in milliseconds, of the servers that have the column",
    );
    /// Of `cache_checkpoint_sync_seconds_total`.
    pub static CHECKPOINT_SYNC_TIME: Metric<Counter, ()> = Metric::counter(
        "pg_stat_bgwriter_checkpoint_sync_time_total",
        Unit::None,
        "cache_checkpoint_sync_seconds_total under its old name, in milliseconds, of the servers that have the column",
    );
    /// Of `cache_checkpoint_write_seconds_total`.
    pub static WRITE_TIME: Metric<Counter, ()> = Metric::counter(
        "pg_stat_checkpointer_write_time_total",
        Unit::None,
        "cache_checkpoint_write_seconds_total under its old name, in milliseconds, of the servers that have the column",
    );
    /// Of `cache_checkpoint_sync_seconds_total`.
    pub static SYNC_TIME: Metric<Counter, ()> = Metric::counter(
        "pg_stat_checkpointer_sync_time_total",
        Unit::None,
        "cache_checkpoint_sync_seconds_total under its old name, in milliseconds, of the servers that have the column",
    );
    // Tables.

    /// Of `cache_table_blocks_hit_total`.
    pub static HEAP_BLOCKS_HIT: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_statio_user_tables_heap_blocks_hit",
        Unit::None,
        "cache_table_blocks_hit_total of one part under its old name",
    );
    /// Of `cache_table_blocks_read_total`.
    pub static HEAP_BLOCKS_READ: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_statio_user_tables_heap_blocks_read",
        Unit::None,
        "cache_table_blocks_read_total of one part under its old name",
    );
    /// Of `cache_table_blocks_hit_total`.
    pub static IDX_BLOCKS_HIT: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_statio_user_tables_idx_blocks_hit",
        Unit::None,
        "cache_table_blocks_hit_total of one part under its old name",
    );
    /// Of `cache_table_blocks_read_total`.
    pub static IDX_BLOCKS_READ: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_statio_user_tables_idx_blocks_read",
        Unit::None,
        "cache_table_blocks_read_total of one part under its old name",
    );
    /// Of `cache_table_blocks_hit_total`.
    pub static TOAST_BLOCKS_HIT: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_statio_user_tables_toast_blocks_hit",
        Unit::None,
        "cache_table_blocks_hit_total of one part under its old name",
    );
    /// Of `cache_table_blocks_read_total`.
    pub static TOAST_BLOCKS_READ: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_statio_user_tables_toast_blocks_read",
        Unit::None,
        "cache_table_blocks_read_total of one part under its old name",
    );
    /// Of `cache_table_blocks_hit_total`.
    pub static TIDX_BLOCKS_HIT: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_statio_user_tables_tidx_blocks_hit",
        Unit::None,
        "cache_table_blocks_hit_total of one part under its old name",
    );
    /// Of `cache_table_blocks_read_total`.
    pub static TIDX_BLOCKS_READ: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_statio_user_tables_tidx_blocks_read",
        Unit::None,
        "cache_table_blocks_read_total of one part under its old name",
    );
    /// `cache_table_sequential_scans_total`.
    pub static SEQ_SCAN: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_stat_user_tables_seq_scan",
        Unit::None,
        "cache_table_sequential_scans_total under its old name",
    );
    /// `cache_table_sequential_rows_total`.
    pub static SEQ_TUP_READ: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_stat_user_tables_seq_tup_read",
        Unit::None,
        "cache_table_sequential_rows_total under its old name",
    );
    /// `cache_table_index_scans_total`.
    pub static IDX_SCAN: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_stat_user_tables_idx_scan",
        Unit::None,
        "cache_table_index_scans_total under its old name",
    );
    /// `cache_table_index_rows_total`.
    pub static IDX_TUP_FETCH: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_stat_user_tables_idx_tup_fetch",
        Unit::None,
        "cache_table_index_rows_total under its old name",
    );
    /// `cache_table_rows_inserted_total`.
    pub static N_TUP_INS: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_stat_user_tables_n_tup_ins",
        Unit::None,
        "cache_table_rows_inserted_total under its old name",
    );
    /// `cache_table_rows_updated_total`.
    pub static N_TUP_UPD: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_stat_user_tables_n_tup_upd",
        Unit::None,
        "cache_table_rows_updated_total under its old name",
    );
    /// `cache_table_rows_hot_updated_total`.
    pub static N_TUP_HOT_UPD: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_stat_user_tables_n_tup_hot_upd",
        Unit::None,
        "cache_table_rows_hot_updated_total under its old name",
    );
    /// `cache_table_rows_deleted_total`.
    pub static N_TUP_DEL: Metric<Counter, TableLabels> = Metric::de_facto_counter(
        "pg_stat_user_tables_n_tup_del",
        Unit::None,
        "cache_table_rows_deleted_total under its old name",
    );
    /// Of `cache_table_last_vacuum_timestamp_seconds`.
    pub static LAST_VACUUM: Metric<Gauge, TableLabels> = Metric::de_facto_gauge(
        "pg_stat_user_tables_last_vacuum",
        Unit::None,
        "cache_table_last_vacuum_timestamp_seconds under its old name; absent if never",
    );
    /// Of `cache_table_last_vacuum_timestamp_seconds`.
    pub static LAST_AUTOVACUUM: Metric<Gauge, TableLabels> = Metric::de_facto_gauge(
        "pg_stat_user_tables_last_autovacuum",
        Unit::None,
        "cache_table_last_vacuum_timestamp_seconds under its old name; absent if never",
    );
    /// Of `cache_table_last_analyze_timestamp_seconds`.
    pub static LAST_ANALYZE: Metric<Gauge, TableLabels> = Metric::de_facto_gauge(
        "pg_stat_user_tables_last_analyze",
        Unit::None,
        "cache_table_last_analyze_timestamp_seconds under its old name; absent if never",
    );
    /// Of `cache_table_last_analyze_timestamp_seconds`.
    pub static LAST_AUTOANALYZE: Metric<Gauge, TableLabels> = Metric::de_facto_gauge(
        "pg_stat_user_tables_last_autoanalyze",
        Unit::None,
        "cache_table_last_analyze_timestamp_seconds under its old name; absent if never",
    );
}
