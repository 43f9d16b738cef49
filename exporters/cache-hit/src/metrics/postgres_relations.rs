//! Tables and indexes of the session's database. All of it is read in the background.
//!
//! Only a few tables and indexes have their own series; the metrics of a database cover all of
//! them.

use common::metric::{Counter, Gauge, LabelText};

use super::postgres_databases::DatabaseLabels;

common::label_values! {
    /// The part of a table that blocks belong to.
    pub enum Part {
        /// The table itself.
        Heap = "heap",
        Index = "index",
        /// Its TOAST table.
        Toast = "toast",
        /// The index of its TOAST table.
        ToastIndex = "toast_index",
    }
}

common::label_values! {
    /// How a vacuum or analysis was started.
    pub enum By {
        /// By a command.
        Manual = "manual",
        /// By autovacuum.
        Auto = "auto",
    }
}

common::labels! {
    /// One table; the labels are `postgres_exporter`'s.
    pub struct TableLabels {
        datname: LabelText,
        schemaname: LabelText,
        relname: LabelText,
    }
}

common::labels! {
    /// One part of a table.
    pub struct TablePartLabels {
        datname: LabelText,
        schemaname: LabelText,
        relname: LabelText,
        part: Part,
    }
}

common::labels! {
    /// One part of all tables.
    pub struct DatabasePartLabels {
        datname: LabelText,
        part: Part,
    }
}

common::labels! {
    /// One table, with how its vacuum or analysis was started.
    pub struct TableByLabels {
        datname: LabelText,
        schemaname: LabelText,
        relname: LabelText,
        by: By,
    }
}

common::labels! {
    /// One index; the labels are `postgres_exporter`'s.
    pub struct IndexLabels {
        datname: LabelText,
        schemaname: LabelText,
        relname: LabelText,
        indexrelname: LabelText,
    }
}

common::catalog! {
    // All tables of the database.

    /// Tables of the database, system tables excluded
    pub static TABLES: Gauge<DatabaseLabels> = "cache_tables";
    /// Blocks of all tables of the database, by part, that were found in the server's own cache; a
    /// table that is dropped does not lower it
    pub static RELATION_BLOCKS_HIT: Counter<DatabasePartLabels> = "cache_relation_blocks_hit_total";
    /// Blocks of all tables of the database, by part, that had to be read; a table that is dropped
    /// does not lower it
    pub static RELATION_BLOCKS_READ: Counter<DatabasePartLabels> =
        "cache_relation_blocks_read_total";
    /// Rows of all tables of the database, as the server estimates them
    pub static LIVE_ROWS: Gauge<DatabaseLabels> = "cache_live_rows";
    /// Dead rows of all tables of the database, as the server estimates them
    pub static DEAD_ROWS: Gauge<DatabaseLabels> = "cache_dead_rows";
    /// Tables of the database with more dead rows than the threshold at which their settings
    /// trigger autovacuum, including tables for which it is switched off
    pub static TABLES_VACUUM_DUE: Gauge<DatabaseLabels> = "cache_tables_vacuum_due";
    /// Tables of the database with more changed rows than the threshold at which their settings
    /// trigger automatic analysis
    pub static TABLES_ANALYZE_DUE: Gauge<DatabaseLabels> = "cache_tables_analyze_due";
    /// Dead rows divided by the number that triggers autovacuum, of the table with the highest
    /// ratio: above 1 a vacuum is due, far above 1 autovacuum does not keep up; tables with under
    /// 1000 dead rows are left out, 0 when there is no other
    pub static VACUUM_BACKLOG: Gauge<DatabaseLabels> = "cache_worst_vacuum_backlog_ratio";

    // Tables with most reads.

    /// Blocks of one of the tables with most reads that were found in the server's own cache, by
    /// part
    pub static TABLE_BLOCKS_HIT: Counter<TablePartLabels> = "cache_table_blocks_hit_total";
    /// Blocks of one of the tables with most reads that had to be read, by part
    pub static TABLE_BLOCKS_READ: Counter<TablePartLabels> = "cache_table_blocks_read_total";
    /// Sequential scans of one of the tables with most reads
    pub static TABLE_SEQUENTIAL_SCANS: Counter<TableLabels> = "cache_table_sequential_scans_total";
    /// Live rows that sequential scans of one of the tables with most reads read
    pub static TABLE_SEQUENTIAL_ROWS: Counter<TableLabels> = "cache_table_sequential_rows_total";
    /// Index scans of one of the tables with most reads; absent where it has no index
    pub static TABLE_INDEX_SCANS: Counter<TableLabels> = "cache_table_index_scans_total";
    /// Live rows that index scans of one of the tables with most reads fetched; absent where it has
    /// no index
    pub static TABLE_INDEX_ROWS: Counter<TableLabels> = "cache_table_index_rows_total";
    /// Rows inserted, of one of the tables with most reads
    pub static TABLE_ROWS_INSERTED: Counter<TableLabels> = "cache_table_rows_inserted_total";
    /// Rows updated, of one of the tables with most reads
    pub static TABLE_ROWS_UPDATED: Counter<TableLabels> = "cache_table_rows_updated_total";
    /// Rows updated without touching an index, of one of the tables with most reads; part of those
    /// updated
    pub static TABLE_ROWS_HOT_UPDATED: Counter<TableLabels> = "cache_table_rows_hot_updated_total";
    /// Rows deleted, of one of the tables with most reads
    pub static TABLE_ROWS_DELETED: Counter<TableLabels> = "cache_table_rows_deleted_total";

    // Tables with most dead rows.

    /// Rows of one of the tables with most dead rows, as the server estimates them
    pub static TABLE_LIVE_ROWS: Gauge<TableLabels> = "pg_stat_user_tables_n_live_tup";
    /// Dead rows of one of the tables with most of them, as the server estimates them
    pub static TABLE_DEAD_ROWS: Gauge<TableLabels> = "pg_stat_user_tables_n_dead_tup";
    /// Rows changed since the last analysis, of one of the tables with most dead rows
    pub static TABLE_CHANGED_ROWS: Gauge<TableLabels> = "pg_stat_user_tables_n_mod_since_analyze";
    /// Dead rows beyond which autovacuum works on the table, by the server's settings and its own,
    /// of one of the tables with most dead rows
    pub static TABLE_VACUUM_THRESHOLD: Gauge<TableLabels> = "cache_table_vacuum_threshold";
    /// Whether the table's own settings let autovacuum work on it (1) or not (0), of one of the
    /// tables with most dead rows
    pub static TABLE_AUTOVACUUM: Gauge<TableLabels> = "cache_table_autovacuum_enabled";
    /// When one of the tables with most dead rows was last vacuumed, and by whom; absent if never
    pub static TABLE_LAST_VACUUM: Gauge<TableByLabels> =
        "cache_table_last_vacuum_timestamp_seconds";
    /// When one of the tables with most dead rows was last analysed, and by whom; absent if never
    pub static TABLE_LAST_ANALYZE: Gauge<TableByLabels> =
        "cache_table_last_analyze_timestamp_seconds";
    /// Size of one of the tables with most dead rows, with indexes and long values, as the last
    /// vacuum, analysis or index build found it; no lock is taken to know it
    pub static TABLE_SIZE: Gauge<TableLabels> = "cache_table_size_bytes";

    // Indexes with most reads.

    /// Blocks of one of the indexes with most reads that were found in the server's own cache
    pub static INDEX_BLOCKS_HIT: Counter<IndexLabels> = "pg_statio_user_indexes_idx_blks_hit_total";
    /// Blocks of one of the indexes with most reads that had to be read
    pub static INDEX_BLOCKS_READ: Counter<IndexLabels> =
        "pg_statio_user_indexes_idx_blks_read_total";
    /// Scans of one of the indexes with most reads
    pub static INDEX_SCANS: Counter<IndexLabels> = "cache_index_scans_total";

    // Unused indexes. One that is unique or belongs to a constraint is needed although no query
    // reads it.

    /// Indexes of the database that no query has used since its statistics began, unique indexes
    /// and those of constraints excluded; absent while the statistics are younger than the settings
    /// require; queries on a standby are not counted
    pub static UNUSED_INDEXES: Gauge<DatabaseLabels> = "cache_unused_indexes";
    /// Size of the indexes that cache_unused_indexes counts, as the last vacuum, analysis or index
    /// build found it
    pub static UNUSED_INDEXES_SIZE: Gauge<DatabaseLabels> = "cache_unused_indexes_size_bytes";
    /// Size of one of the largest indexes that no query has used, as the last vacuum, analysis or
    /// index build found it
    pub static UNUSED_INDEX_SIZE: Gauge<IndexLabels> = "cache_unused_index_size_bytes";
    /// Indexes of the database that are invalid, such as those that a failed CREATE INDEX
    /// CONCURRENTLY left behind: they cost writes and serve no query
    pub static INVALID_INDEXES: Gauge<DatabaseLabels> = "cache_invalid_indexes";
}
