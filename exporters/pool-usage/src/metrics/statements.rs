//! Statements, by `pg_stat_statements`.

use common::metric::{Counter, Gauge, Histogram, Info, LabelText};

use super::connections::DatabaseLabels;

common::labels! {
    /// One statement; the labels are `postgres_exporter`'s.
    pub struct StatementLabels {
        /// The role that runs it.
        user: LabelText,
        /// The database it runs in.
        datname: LabelText,
        /// The server's number for statements of its shape.
        queryid: LabelText,
    }
}

common::labels! {
    /// The text of one statement.
    pub struct StatementTextLabels {
        /// The server's number for statements of its shape.
        queryid: LabelText,
        /// Its text, cut.
        query: LabelText,
    }
}

/// From an index lookup to a report; the bounds that operators promise (100 ms, 500 ms) are among them.
const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

common::catalog! {
    /// Whether pg_stat_statements is loaded and created in the database (1) or not (0); without it
    /// nothing is known of statements
    pub static STATEMENTS_AVAILABLE: Gauge = "pool_statements_available";
    /// Entries that pg_stat_statements holds now
    pub static STATEMENTS_TRACKED: Gauge = "pool_statements_tracked";
    /// Calls of statements in the database since the exporter started; resets and evictions do not
    /// lower it
    pub static STATEMENT_CALLS: Counter<DatabaseLabels> = "pool_statement_calls_total";
    /// Time spent executing statements in the database since the exporter started
    pub static STATEMENT_SECONDS: Counter<DatabaseLabels> =
        "pool_statement_execution_seconds_total";
    /// Rows that statements in the database gave or changed since the exporter started
    pub static STATEMENT_ROWS: Counter<DatabaseLabels> = "pool_statement_rows_total";
    /// Shared blocks that statements in the database found in the cache since the exporter started
    pub static STATEMENT_BLOCKS_HIT: Counter<DatabaseLabels> = "pool_statement_blocks_hit_total";
    /// Shared blocks that statements in the database read since the exporter started
    pub static STATEMENT_BLOCKS_READ: Counter<DatabaseLabels> = "pool_statement_blocks_read_total";
    /// Blocks of temporary files that statements in the database wrote since the exporter started,
    /// because work_mem did not suffice
    pub static STATEMENT_TEMP_BLOCKS: Counter<DatabaseLabels> =
        "pool_statement_temporary_blocks_total";
    /// An estimate of how long statements in the database take: the calls that each one added since
    /// the last scrape, all counted at their mean time
    pub static STATEMENT_DURATION: Histogram<DatabaseLabels> =
        with_buckets("pool_statement_duration_seconds", SECONDS);
    /// Calls of one of the statements that took most time
    pub static TOP_CALLS: Counter<StatementLabels> = "pg_stat_statements_calls_total";
    /// Time spent executing one of the statements that took most time
    pub static TOP_SECONDS: Counter<StatementLabels> = "pg_stat_statements_seconds_total";
    /// Rows that one of the statements that took most time gave or changed
    pub static TOP_ROWS: Counter<StatementLabels> = "pg_stat_statements_rows_total";
    /// Text of one of the statements that took most time, cut; only where the settings ask for it
    pub static TOP_TEXT: Info<StatementTextLabels> = "pool_statement_info";
}
