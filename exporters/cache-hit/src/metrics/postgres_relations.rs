//! Tables and indexes of the session's database. All of it is read in the background.
//!
//! A few tables and indexes have series of their own; what is said of a database covers all of
//! them.

use common::metric::{Counter, Gauge, Metric, Text, Unit};

use super::postgres_databases::DatabaseLabels;

common::label_values! {
    /// Whose blocks.
    pub enum Part {
        /// The table itself.
        Heap = "heap",
        /// Its indexes.
        Index = "index",
        /// Its long values.
        Toast = "toast",
        /// The index of its long values.
        ToastIndex = "toast_index",
    }
}

common::label_values! {
    /// Who vacuumed or analysed.
    pub enum By {
        /// A person, or a program of theirs.
        Manual = "manual",
        /// The server itself.
        Auto = "auto",
    }
}

common::labels! {
    /// One table; the labels are `postgres_exporter`'s.
    pub struct TableLabels {
        /// The database.
        datname: Text,
        /// The schema.
        schemaname: Text,
        /// The table.
        relname: Text,
    }
}

common::labels! {
    /// One part of a table.
    pub struct TablePartLabels {
        /// The database.
        datname: Text,
        /// The schema.
        schemaname: Text,
        /// The table.
        relname: Text,
        /// Whose blocks.
        part: Part,
    }
}

common::labels! {
    /// One part of all tables.
    pub struct DatabasePartLabels {
        /// The database.
        datname: Text,
        /// Whose blocks.
        part: Part,
    }
}

common::labels! {
    /// What was done to a table, and by whom.
    pub struct TableByLabels {
        /// The database.
        datname: Text,
        /// The schema.
        schemaname: Text,
        /// The table.
        relname: Text,
        /// By whom.
        by: By,
    }
}

common::labels! {
    /// One index; the labels are `postgres_exporter`'s.
    pub struct IndexLabels {
        /// The database.
        datname: Text,
        /// The schema.
        schemaname: Text,
        /// Its table.
        relname: Text,
        /// The index.
        indexrelname: Text,
    }
}

common::catalog! {
    // All tables of the database.

    /// How many.
    pub static TABLES: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_tables",
        Unit::None,
        "Tables of the database, the server's own left out",
    );
    /// Found in memory.
    pub static RELATION_BLOCKS_HIT: Metric<Counter, DatabasePartLabels> = Metric::counter(
        "cache_relation_blocks_hit_total",
        Unit::None,
        "Blocks of all tables of the database, by part, that were found in the server's own cache; a table that is dropped does not lower it",
    );
    /// Read.
    pub static RELATION_BLOCKS_READ: Metric<Counter, DatabasePartLabels> = Metric::counter(
        "cache_relation_blocks_read_total",
        Unit::None,
        "Blocks of all tables of the database, by part, that had to be read; a table that is dropped does not lower it",
    );
    /// Rows.
    pub static LIVE_ROWS: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_live_rows",
        Unit::None,
        "Rows of all tables of the database, as the server estimates them",
    );
    /// Rows that take place for nothing.
    pub static DEAD_ROWS: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_dead_rows",
        Unit::None,
        "Dead rows of all tables of the database, as the server estimates them",
    );
    /// Which autovacuum should work on.
    pub static TABLES_VACUUM_DUE: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_tables_vacuum_due",
        Unit::None,
        "Tables of the database with more dead rows than autovacuum waits for by their settings, tables that it is switched off for included",
    );
    /// Whose statistics are old.
    pub static TABLES_ANALYZE_DUE: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_tables_analyze_due",
        Unit::None,
        "Tables of the database with more changed rows than automatic analysis waits for by their settings",
    );
    /// How far autovacuum is behind.
    pub static VACUUM_BACKLOG: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_worst_vacuum_backlog_ratio",
        Unit::Ratio,
        "Dead rows over what autovacuum waits for, of the table where that is most: above 1 vacuum is due, far above 1 it does not keep up; tables with under 1000 dead rows are left out, 0 when there is no other",
    );
    // Tables with most reads.

    /// Found in memory.
    pub static TABLE_BLOCKS_HIT: Metric<Counter, TablePartLabels> = Metric::counter(
        "cache_table_blocks_hit_total",
        Unit::None,
        "Blocks of one of the tables with most reads that were found in the server's own cache, by part",
    );
    /// Read.
    pub static TABLE_BLOCKS_READ: Metric<Counter, TablePartLabels> = Metric::counter(
        "cache_table_blocks_read_total",
        Unit::None,
        "Blocks of one of the tables with most reads that had to be read, by part",
    );
    /// Read from end to end.
    pub static TABLE_SEQUENTIAL_SCANS: Metric<Counter, TableLabels> = Metric::counter(
        "cache_table_sequential_scans_total",
        Unit::None,
        "Sequential scans of one of the tables with most reads",
    );
    /// Rows they saw.
    pub static TABLE_SEQUENTIAL_ROWS: Metric<Counter, TableLabels> = Metric::counter(
        "cache_table_sequential_rows_total",
        Unit::None,
        "Live rows that sequential scans of one of the tables with most reads read",
    );
    /// Read by an index.
    pub static TABLE_INDEX_SCANS: Metric<Counter, TableLabels> = Metric::counter(
        "cache_table_index_scans_total",
        Unit::None,
        "Index scans of one of the tables with most reads; absent where it has no index",
    );
    /// Rows they fetched.
    pub static TABLE_INDEX_ROWS: Metric<Counter, TableLabels> = Metric::counter(
        "cache_table_index_rows_total",
        Unit::None,
        "Live rows that index scans of one of the tables with most reads fetched; absent where it has no index",
    );
    /// New rows.
    pub static TABLE_ROWS_INSERTED: Metric<Counter, TableLabels> = Metric::counter(
        "cache_table_rows_inserted_total",
        Unit::None,
        "Rows inserted, of one of the tables with most reads",
    );
    /// Changed rows.
    pub static TABLE_ROWS_UPDATED: Metric<Counter, TableLabels> = Metric::counter(
        "cache_table_rows_updated_total",
        Unit::None,
        "Rows updated, of one of the tables with most reads",
    );
    /// Changed in place.
    pub static TABLE_ROWS_HOT_UPDATED: Metric<Counter, TableLabels> = Metric::counter(
        "cache_table_rows_hot_updated_total",
        Unit::None,
        "Rows updated without touching an index, of one of the tables with most reads; part of those updated",
    );
    /// Rows that went.
    pub static TABLE_ROWS_DELETED: Metric<Counter, TableLabels> = Metric::counter(
        "cache_table_rows_deleted_total",
        Unit::None,
        "Rows deleted, of one of the tables with most reads",
    );
    // Tables with most dead rows.

    /// Rows.
    pub static TABLE_LIVE_ROWS: Metric<Gauge, TableLabels> = Metric::gauge(
        "pg_stat_user_tables_n_live_tup",
        Unit::None,
        "Rows of one of the tables with most dead rows, as the server estimates them",
    );
    /// Rows that take place for nothing.
    pub static TABLE_DEAD_ROWS: Metric<Gauge, TableLabels> = Metric::gauge(
        "pg_stat_user_tables_n_dead_tup",
        Unit::None,
        "Dead rows of one of the tables with most of them, as the server estimates them",
    );
    /// Changes that the planner does not know.
    pub static TABLE_CHANGED_ROWS: Metric<Gauge, TableLabels> = Metric::gauge(
        "pg_stat_user_tables_n_mod_since_analyze",
        Unit::None,
        "Rows changed since the last analysis, of one of the tables with most dead rows",
    );
    /// When vacuum is due.
    pub static TABLE_VACUUM_THRESHOLD: Metric<Gauge, TableLabels> = Metric::gauge(
        "cache_table_vacuum_threshold",
        Unit::None,
        "Dead rows beyond which autovacuum works on the table, by the server's settings and its own, of one of the tables with most dead rows",
    );
    /// Whether it comes at all.
    pub static TABLE_AUTOVACUUM: Metric<Gauge, TableLabels> = Metric::gauge(
        "cache_table_autovacuum_enabled",
        Unit::None,
        "Whether the table's own settings let autovacuum work on it (1) or not (0), of one of the tables with most dead rows",
    );
    /// When it was vacuumed.
    pub static TABLE_LAST_VACUUM: Metric<Gauge, TableByLabels> = Metric::gauge(
        "cache_table_last_vacuum_timestamp_seconds",
        Unit::Timestamp,
        "When one of the tables with most dead rows was last vacuumed, and by whom; absent if never",
    );
    /// When it was analysed.
    pub static TABLE_LAST_ANALYZE: Metric<Gauge, TableByLabels> = Metric::gauge(
        "cache_table_last_analyze_timestamp_seconds",
        Unit::Timestamp,
        "When one of the tables with most dead rows was last analysed, and by whom; absent if never",
    );
    /// How large it is.
    pub static TABLE_SIZE: Metric<Gauge, TableLabels> = Metric::gauge(
        "cache_table_size_bytes",
        Unit::Bytes,
        "Size of one of the tables with most dead rows, with indexes and long values, as the last vacuum, analysis or index build found it; no lock is taken to know it",
    );
    // Indexes with most reads.

    /// Found in memory.
    pub static INDEX_BLOCKS_HIT: Metric<Counter, IndexLabels> = Metric::counter(
        "pg_statio_user_indexes_idx_blks_hit_total",
        Unit::None,
        "Blocks of one of the indexes with most reads that were found in the server's own cache",
    );
    /// Read.
    pub static INDEX_BLOCKS_READ: Metric<Counter, IndexLabels> = Metric::counter(
        "pg_statio_user_indexes_idx_blks_read_total",
        Unit::None,
        "Blocks of one of the indexes with most reads that had to be read",
    );
    /// How often it is used.
    pub static INDEX_SCANS: Metric<Counter, IndexLabels> = Metric::counter(
        "cache_index_scans_total",
        Unit::None,
        "Scans of one of the indexes with most reads",
    );
    // Indexes that nobody uses. One that keeps rows unique, or belongs to a constraint, is of use without being read.

    /// How many.
    pub static UNUSED_INDEXES: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_unused_indexes",
        Unit::None,
        "Indexes of the database that no query has used since its statistics began, those that keep rows unique or belong to a constraint left out; absent while the statistics are younger than the settings ask for; queries on a standby are not seen here",
    );
    /// What they take.
    pub static UNUSED_INDEXES_SIZE: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_unused_indexes_size_bytes",
        Unit::Bytes,
        "Size of the indexes that cache_unused_indexes counts, as the last vacuum, analysis or index build found it",
    );
    /// What one takes.
    pub static UNUSED_INDEX_SIZE: Metric<Gauge, IndexLabels> = Metric::gauge(
        "cache_unused_index_size_bytes",
        Unit::Bytes,
        "Size of one of the largest indexes that no query has used, as the last vacuum, analysis or index build found it",
    );
    /// How many are broken.
    pub static INVALID_INDEXES: Metric<Gauge, DatabaseLabels> = Metric::gauge(
        "cache_invalid_indexes",
        Unit::None,
        "Indexes of the database that are invalid, such as those that a failed CREATE INDEX CONCURRENTLY left behind: they cost writes and serve no query",
    );
}
