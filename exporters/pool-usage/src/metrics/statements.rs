//! Statements, by `pg_stat_statements`.

use common::metric::{Counter, Gauge, Histogram, Info, Metric, Text, Unit};

use super::connections::DatabaseLabels;

common::labels! {
    /// One statement; the labels are `postgres_exporter`'s.
    pub struct StatementLabels {
        /// The role that runs it.
        user: Text,
        /// The database it runs in.
        datname: Text,
        /// The server's number for statements of its shape.
        queryid: Text,
    }
}

common::labels! {
    /// What a statement says.
    pub struct StatementTextLabels {
        /// The server's number for statements of its shape.
        queryid: Text,
        /// Its text, cut.
        query: Text,
    }
}

/// From an index lookup to a report; the bounds that operators promise (100 ms, 500 ms) are among them.
const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

common::catalog! {
    /// Whether there are any figures.
    pub static STATEMENTS_AVAILABLE: Metric<Gauge, ()> = Metric::gauge(
        "pool_statements_available",
        Unit::None,
        "Whether pg_stat_statements is loaded and created in the database (1) or not (0); without it nothing is known of statements",
    );
    /// How many are told apart.
    pub static STATEMENTS_TRACKED: Metric<Gauge, ()> = Metric::gauge(
        "pool_statements_tracked",
        Unit::None,
        "Entries that pg_stat_statements holds now",
    );
    /// Calls.
    pub static STATEMENT_CALLS: Metric<Counter, DatabaseLabels> = Metric::counter(
        "pool_statement_calls_total",
        Unit::None,
        "Calls of statements in the database since the exporter started; resets and evictions do not lower it",
    );
    /// Time.
    pub static STATEMENT_SECONDS: Metric<Counter, DatabaseLabels> = Metric::counter(
        "pool_statement_execution_seconds_total",
        Unit::Seconds,
        "Time spent executing statements in the database since the exporter started",
    );
    /// Rows.
    pub static STATEMENT_ROWS: Metric<Counter, DatabaseLabels> = Metric::counter(
        "pool_statement_rows_total",
        Unit::None,
        "Rows that statements in the database gave or changed since the exporter started",
    );
    /// Blocks found.
    pub static STATEMENT_BLOCKS_HIT: Metric<Counter, DatabaseLabels> = Metric::counter(
        "pool_statement_blocks_hit_total",
        Unit::None,
        "Shared blocks that statements in the database found in the cache since the exporter started",
    );
    /// Blocks read.
    pub static STATEMENT_BLOCKS_READ: Metric<Counter, DatabaseLabels> = Metric::counter(
        "pool_statement_blocks_read_total",
        Unit::None,
        "Shared blocks that statements in the database read since the exporter started",
    );
    /// Blocks of temporary files.
    pub static STATEMENT_TEMP_BLOCKS: Metric<Counter, DatabaseLabels> = Metric::counter(
        "pool_statement_temporary_blocks_total",
        Unit::None,
        "Blocks of temporary files that statements in the database wrote since the exporter started, because work_mem did not suffice",
    );
    /// How long they take.
    pub static STATEMENT_DURATION: Metric<Histogram, DatabaseLabels> = Metric::histogram(
        "pool_statement_duration_seconds",
        Unit::Seconds,
        SECONDS,
        "An estimate of how long statements in the database take: what each one added since the last scrape, all its calls at their mean",
    );
    /// One statement's calls.
    pub static TOP_CALLS: Metric<Counter, StatementLabels> = Metric::counter(
        "pg_stat_statements_calls_total",
        Unit::None,
        "Calls of one of the statements that took most time",
    );
    /// One statement's time.
    pub static TOP_SECONDS: Metric<Counter, StatementLabels> = Metric::counter(
        "pg_stat_statements_seconds_total",
        Unit::Seconds,
        "Time spent executing one of the statements that took most time",
    );
    /// One statement's rows.
    pub static TOP_ROWS: Metric<Counter, StatementLabels> = Metric::counter(
        "pg_stat_statements_rows_total",
        Unit::None,
        "Rows that one of the statements that took most time gave or changed",
    );
    /// One statement's text.
    pub static TOP_TEXT: Metric<Info, StatementTextLabels> = Metric::info(
        "pool_statement_info",
        "Text of one of the statements that took most time, cut; only where the settings ask for it",
    );
}
