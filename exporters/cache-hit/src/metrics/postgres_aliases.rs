//! Names of `postgres_exporter` that break the conventions or that changed with the server's
//! version, for existing dashboards; written with `compatibility = true`.

use common::metric::{Counter, Gauge, Unit};

use super::{
    postgres_databases::{DatabaseLabels, StatDatabaseLabels},
    postgres_relations::TableLabels,
};

common::catalog! {
    // pg_stat_database.

    /// cache_blocks_hit_total under its old name
    pub static BLKS_HIT: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_blks_hit", Unit::None);
    /// cache_blocks_read_total under its old name
    pub static BLKS_READ: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_blks_read", Unit::None);
    /// cache_commits_total under its old name
    pub static XACT_COMMIT: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_xact_commit", Unit::None);
    /// cache_rollbacks_total under its old name
    pub static XACT_ROLLBACK: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_xact_rollback", Unit::None);
    /// cache_rows_returned_total under its old name
    pub static TUP_RETURNED: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_tup_returned", Unit::None);
    /// cache_rows_fetched_total under its old name
    pub static TUP_FETCHED: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_tup_fetched", Unit::None);
    /// cache_rows_inserted_total under its old name
    pub static TUP_INSERTED: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_tup_inserted", Unit::None);
    /// cache_rows_updated_total under its old name
    pub static TUP_UPDATED: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_tup_updated", Unit::None);
    /// cache_rows_deleted_total under its old name
    pub static TUP_DELETED: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_tup_deleted", Unit::None);
    /// cache_temporary_files_total under its old name
    pub static TEMP_FILES: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_temp_files", Unit::None);
    /// cache_temporary_bytes_total under its old name
    pub static TEMP_BYTES: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_temp_bytes", Unit::None);
    /// cache_recovery_conflicts_total under its old name
    pub static CONFLICTS: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_conflicts", Unit::None);
    /// cache_block_read_seconds_total under its old name, in milliseconds
    pub static BLK_READ_TIME: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_blk_read_time", Unit::None);
    /// cache_block_write_seconds_total under its old name, in milliseconds
    pub static BLK_WRITE_TIME: Counter<StatDatabaseLabels> =
        de_facto("pg_stat_database_blk_write_time", Unit::None);
    /// cache_statistics_reset_timestamp_seconds under its old name
    pub static STATS_RESET: Gauge<StatDatabaseLabels> =
        de_facto("pg_stat_database_stats_reset", Unit::None);

    // Wraparound: ages that are no seconds.

    /// cache_transaction_id_age under its old name; transactions, not seconds
    pub static AGE_DATFROZENXID: Gauge<DatabaseLabels> =
        de_facto("pg_database_wraparound_age_datfrozenxid_seconds", Unit::None);
    /// cache_multixact_id_age under its old name; multixacts, not seconds
    pub static AGE_DATMINMXID: Gauge<DatabaseLabels> =
        de_facto("pg_database_wraparound_age_datminmxid_seconds", Unit::None);

    // Checkpoints, before and from PostgreSQL 17.

    /// cache_checkpoints_total under its old name, of the servers that have the column
    pub static CHECKPOINTS_TIMED: Counter = "pg_stat_bgwriter_checkpoints_timed_total";
    /// cache_checkpoints_total under its old name, of the servers that have the column
    pub static CHECKPOINTS_REQ: Counter = "pg_stat_bgwriter_checkpoints_req_total";
    /// cache_checkpoint_buffers_written_total under its old name, of the servers that have the
    /// column
    pub static BUFFERS_CHECKPOINT: Counter = "pg_stat_bgwriter_buffers_checkpoint_total";
    /// cache_checkpoints_total under its old name, of the servers that have the column
    pub static NUM_TIMED: Counter = "pg_stat_checkpointer_num_timed_total";
    /// cache_checkpoints_total under its old name, of the servers that have the column
    pub static NUM_REQUESTED: Counter = "pg_stat_checkpointer_num_requested_total";
    /// cache_checkpoint_buffers_written_total under its old name, of the servers that have the
    /// column
    pub static BUFFERS_WRITTEN: Counter = "pg_stat_checkpointer_buffers_written_total";
    /// cache_checkpoint_write_seconds_total under its old name, in milliseconds, of the servers
    /// that have the column
    pub static CHECKPOINT_WRITE_TIME: Counter = "pg_stat_bgwriter_checkpoint_write_time_total";
    /// cache_checkpoint_sync_seconds_total under its old name, in milliseconds, of the servers that
    /// have the column
    pub static CHECKPOINT_SYNC_TIME: Counter = "pg_stat_bgwriter_checkpoint_sync_time_total";
    /// cache_checkpoint_write_seconds_total under its old name, in milliseconds, of the servers
    /// that have the column
    pub static WRITE_TIME: Counter = "pg_stat_checkpointer_write_time_total";
    /// cache_checkpoint_sync_seconds_total under its old name, in milliseconds, of the servers that
    /// have the column
    pub static SYNC_TIME: Counter = "pg_stat_checkpointer_sync_time_total";

    // Tables.

    /// cache_table_blocks_hit_total of one part under its old name
    pub static HEAP_BLOCKS_HIT: Counter<TableLabels> =
        de_facto("pg_statio_user_tables_heap_blocks_hit", Unit::None);
    /// cache_table_blocks_read_total of one part under its old name
    pub static HEAP_BLOCKS_READ: Counter<TableLabels> =
        de_facto("pg_statio_user_tables_heap_blocks_read", Unit::None);
    /// cache_table_blocks_hit_total of one part under its old name
    pub static IDX_BLOCKS_HIT: Counter<TableLabels> =
        de_facto("pg_statio_user_tables_idx_blocks_hit", Unit::None);
    /// cache_table_blocks_read_total of one part under its old name
    pub static IDX_BLOCKS_READ: Counter<TableLabels> =
        de_facto("pg_statio_user_tables_idx_blocks_read", Unit::None);
    /// cache_table_blocks_hit_total of one part under its old name
    pub static TOAST_BLOCKS_HIT: Counter<TableLabels> =
        de_facto("pg_statio_user_tables_toast_blocks_hit", Unit::None);
    /// cache_table_blocks_read_total of one part under its old name
    pub static TOAST_BLOCKS_READ: Counter<TableLabels> =
        de_facto("pg_statio_user_tables_toast_blocks_read", Unit::None);
    /// cache_table_blocks_hit_total of one part under its old name
    pub static TIDX_BLOCKS_HIT: Counter<TableLabels> =
        de_facto("pg_statio_user_tables_tidx_blocks_hit", Unit::None);
    /// cache_table_blocks_read_total of one part under its old name
    pub static TIDX_BLOCKS_READ: Counter<TableLabels> =
        de_facto("pg_statio_user_tables_tidx_blocks_read", Unit::None);
    /// cache_table_sequential_scans_total under its old name
    pub static SEQ_SCAN: Counter<TableLabels> =
        de_facto("pg_stat_user_tables_seq_scan", Unit::None);
    /// cache_table_sequential_rows_total under its old name
    pub static SEQ_TUP_READ: Counter<TableLabels> =
        de_facto("pg_stat_user_tables_seq_tup_read", Unit::None);
    /// cache_table_index_scans_total under its old name
    pub static IDX_SCAN: Counter<TableLabels> =
        de_facto("pg_stat_user_tables_idx_scan", Unit::None);
    /// cache_table_index_rows_total under its old name
    pub static IDX_TUP_FETCH: Counter<TableLabels> =
        de_facto("pg_stat_user_tables_idx_tup_fetch", Unit::None);
    /// cache_table_rows_inserted_total under its old name
    pub static N_TUP_INS: Counter<TableLabels> =
        de_facto("pg_stat_user_tables_n_tup_ins", Unit::None);
    /// cache_table_rows_updated_total under its old name
    pub static N_TUP_UPD: Counter<TableLabels> =
        de_facto("pg_stat_user_tables_n_tup_upd", Unit::None);
    /// cache_table_rows_hot_updated_total under its old name
    pub static N_TUP_HOT_UPD: Counter<TableLabels> =
        de_facto("pg_stat_user_tables_n_tup_hot_upd", Unit::None);
    /// cache_table_rows_deleted_total under its old name
    pub static N_TUP_DEL: Counter<TableLabels> =
        de_facto("pg_stat_user_tables_n_tup_del", Unit::None);
    /// cache_table_last_vacuum_timestamp_seconds under its old name; absent if never
    pub static LAST_VACUUM: Gauge<TableLabels> =
        de_facto("pg_stat_user_tables_last_vacuum", Unit::None);
    /// cache_table_last_vacuum_timestamp_seconds under its old name; absent if never
    pub static LAST_AUTOVACUUM: Gauge<TableLabels> =
        de_facto("pg_stat_user_tables_last_autovacuum", Unit::None);
    /// cache_table_last_analyze_timestamp_seconds under its old name; absent if never
    pub static LAST_ANALYZE: Gauge<TableLabels> =
        de_facto("pg_stat_user_tables_last_analyze", Unit::None);
    /// cache_table_last_analyze_timestamp_seconds under its old name; absent if never
    pub static LAST_AUTOANALYZE: Gauge<TableLabels> =
        de_facto("pg_stat_user_tables_last_autoanalyze", Unit::None);
}
