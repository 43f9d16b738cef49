//! What this exporter measures: every definition, beside the words that explain it.
//!
//! `source` is the mapping's name in the settings, `queue` what the mapping's queue column holds.

mod labels;

use common::metric::{Counter, Gauge, Histogram, Metric, Unit};

pub use self::labels::{
    ColumnLabels, CronLabels, CronStatus, CronStatusLabels, ErrorLabels, Outcome, OutcomeLabels,
    Query, QueryLabels, QueueLabels, SourceLabels, State, StateLabels,
};

/// Bounds that tell a job done at once from one that took its time and one that is lost.
const SECONDS: &[f64] = &[
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0,
    14400.0,
];

common::catalog! {
    // What waits and what runs.

    /// The depth of a queue.
    pub static JOBS: Metric<Gauge, StateLabels> = Metric::gauge(
        "queue_jobs",
        Unit::None,
        "Jobs in the queue by state; what is finished is counted by the counters, not here",
    );
    /// The headline figure of a queue.
    pub static OLDEST_READY_AGE: Metric<Gauge, QueueLabels> = Metric::gauge(
        "queue_oldest_ready_age_seconds",
        Unit::Seconds,
        "How long the oldest job that may start has been waiting, by the database's clock; 0 when none waits",
    );
    /// When the next delayed job is due.
    pub static NEXT_SCHEDULED: Metric<Gauge, QueueLabels> = Metric::gauge(
        "queue_next_scheduled_timestamp_seconds",
        Unit::Timestamp,
        "When the next job that waits for its time may start; absent when there is none",
    );
    /// Jobs whose worker probably died.
    pub static STUCK_JOBS: Metric<Gauge, QueueLabels> = Metric::gauge(
        "queue_stuck_jobs",
        Unit::None,
        "Jobs that have been running for longer than the mapping's `stuck_after`",
    );
    /// The longest run of those under way.
    pub static LONGEST_RUNNING: Metric<Gauge, QueueLabels> = Metric::gauge(
        "queue_longest_running_seconds",
        Unit::Seconds,
        "How long the job that runs longest has been running; 0 when none runs",
    );
    /// Whether the library holds the queue.
    pub static PAUSED: Metric<Gauge, QueueLabels> = Metric::gauge(
        "queue_paused",
        Unit::None,
        "Whether the queue is paused (1) or not (0), where the library records it",
    );
    /// Workers with a fresh heartbeat.
    pub static WORKERS_ALIVE: Metric<Gauge, SourceLabels> = Metric::gauge(
        "queue_workers_alive",
        Unit::None,
        "Workers whose last heartbeat is younger than the mapping's limit",
    );

    // What happened: each row counted once.

    /// Arrivals.
    pub static ENQUEUED: Metric<Counter, QueueLabels> = Metric::counter(
        "queue_jobs_enqueued_total",
        Unit::None,
        "Jobs created since the exporter started to count; each row counts once",
    );
    /// Completions, whatever the outcome.
    pub static FINISHED: Metric<Counter, QueueLabels> = Metric::counter(
        "queue_jobs_finished_total",
        Unit::None,
        "Jobs that ended, whether they succeeded, failed or were cancelled; each end counts once",
    );
    /// Failures.
    pub static FAILED: Metric<Counter, QueueLabels> = Metric::counter(
        "queue_jobs_failed_total",
        Unit::None,
        "Jobs that ended in failure; each end counts once",
    );
    /// Cancellations.
    pub static CANCELLED: Metric<Counter, QueueLabels> = Metric::counter(
        "queue_jobs_cancelled_total",
        Unit::None,
        "Jobs that were cancelled; each end counts once",
    );
    /// Runs after the first.
    pub static RETRIED: Metric<Counter, QueueLabels> = Metric::counter(
        "queue_jobs_retried_total",
        Unit::None,
        "Runs that were not their job's first, counted when they end; absent without an attempts column",
    );
    /// Failures by class.
    pub static ERRORS: Metric<Counter, ErrorLabels> = Metric::counter(
        "queue_job_errors_total",
        Unit::None,
        "Jobs that ended in failure by the class of their error; what matches no class is `other`",
    );
    /// From when a job may start to its start.
    pub static WAIT: Metric<Histogram, QueueLabels> = Metric::histogram(
        "queue_job_wait_seconds",
        Unit::Seconds,
        SECONDS,
        "How long finished jobs had waited, from when they might start to their start",
    );
    /// From a job's start to its end.
    pub static RUN: Metric<Histogram, QueueLabels> = Metric::histogram(
        "queue_job_run_seconds",
        Unit::Seconds,
        SECONDS,
        "How long finished jobs had run, from start to end",
    );
    /// From a job's creation to its end.
    pub static LATENCY: Metric<Histogram, QueueLabels> = Metric::histogram(
        "queue_job_latency_seconds",
        Unit::Seconds,
        SECONDS,
        "How long finished jobs took, from creation to end",
    );

    // Success where the table holds no finish times.

    /// Outcomes of a cohort.
    pub static WINDOW_JOBS: Metric<Gauge, OutcomeLabels> = Metric::gauge(
        "queue_window_jobs",
        Unit::None,
        "Jobs created in the last `queue_window_seconds` that have ended by now, by outcome; only for tables without finish times",
    );
    /// Failures of a cohort.
    pub static WINDOW_ERRORS: Metric<Gauge, ErrorLabels> = Metric::gauge(
        "queue_window_errors",
        Unit::None,
        "Jobs created in the last `queue_window_seconds` that have failed by now, by the class of their error; only for tables without finish times",
    );
    /// How long the window is.
    pub static WINDOW: Metric<Gauge, SourceLabels> = Metric::gauge(
        "queue_window_seconds",
        Unit::Seconds,
        "Length of the window that `queue_window_jobs` looks at",
    );

    // How far the figures may be trusted.

    /// Whether every row is counted once for certain.
    pub static EXACT: Metric<Gauge, SourceLabels> = Metric::gauge(
        "queue_counting_exact",
        Unit::None,
        "Whether each row is certain to be counted exactly once (1), or a row that was committed later than the look-back may be missed or counted late (0)",
    );
    /// From where rows are read.
    pub static BOUND: Metric<Gauge, SourceLabels> = Metric::gauge(
        "queue_counting_bound_timestamp_seconds",
        Unit::Timestamp,
        "Rows stamped before this are final; the counters read what is stamped later at each scrape",
    );
    /// How much is remembered.
    pub static COUNTED_KEYS: Metric<Gauge, SourceLabels> = Metric::gauge(
        "queue_counted_keys",
        Unit::None,
        "Counted rows that are remembered because they are stamped after the bound",
    );
    /// What the weaker guarantee missed at first.
    pub static COUNTED_LATE: Metric<Counter, SourceLabels> = Metric::counter(
        "queue_jobs_counted_late_total",
        Unit::None,
        "Rows that were committed later than the look-back and counted by the longer look; they are in the counters of jobs, not in the histograms nor in the errors by class",
    );
    /// What a mapping lacks in this database.
    pub static COLUMN_PRESENT: Metric<Gauge, ColumnLabels> = Metric::gauge(
        "queue_mapping_column_present",
        Unit::None,
        "Whether the table has one of the columns that the mapping names (1) or not (0); what a missing one would give is left out",
    );
    /// Rows may be hidden without an error.
    pub static ROW_SECURITY: Metric<Gauge, SourceLabels> = Metric::gauge(
        "queue_row_security_active",
        Unit::None,
        "Whether row-level security may hide rows of the table from the exporter's role (1) or not (0)",
    );
    /// Queries that read a large table whole.
    pub static UNINDEXED: Metric<Gauge, QueryLabels> = Metric::gauge(
        "queue_query_unindexed",
        Unit::None,
        "Whether the query has to read a large table whole (1) or is served by an index (0); the landing page has the CREATE INDEX that helps",
    );
    /// The age of a background reading.
    pub static READING: Metric<Gauge, QueryLabels> = Metric::gauge(
        "queue_reading_timestamp_seconds",
        Unit::Timestamp,
        "When the query was last answered, for queries that are too costly to be asked at each scrape",
    );

    // The table's own health.

    /// Rows that vacuum has yet to remove.
    pub static TABLE_DEAD_ROWS: Metric<Gauge, SourceLabels> = Metric::gauge(
        "queue_table_dead_rows",
        Unit::None,
        "Dead rows of the table by the statistics; many of them make every poll of the queue slow",
    );
    /// Rows that are there.
    pub static TABLE_LIVE_ROWS: Metric<Gauge, SourceLabels> = Metric::gauge(
        "queue_table_live_rows",
        Unit::None,
        "Live rows of the table by the statistics, an estimate",
    );
    /// How much disk it takes.
    pub static TABLE_SIZE: Metric<Gauge, SourceLabels> = Metric::gauge(
        "queue_table_size_bytes",
        Unit::Bytes,
        "Size of the table with its indexes and TOAST",
    );
    /// When autovacuum was there.
    pub static TABLE_LAST_AUTOVACUUM: Metric<Gauge, SourceLabels> = Metric::gauge(
        "queue_table_last_autovacuum_timestamp_seconds",
        Unit::Timestamp,
        "When autovacuum last finished with the table (of its partitions, the one it neglected longest); absent when it never did",
    );
    /// What keeps vacuum from its work.
    pub static OLDEST_SNAPSHOT_AGE: Metric<Gauge, ()> = Metric::gauge(
        "queue_oldest_snapshot_age_seconds",
        Unit::Seconds,
        "Age of the oldest open transaction in the database; vacuum cannot remove rows that died since; 0 when none is open",
    );

    // Scheduled jobs of pg_cron.

    /// Whether a job is switched on.
    pub static CRON_ACTIVE: Metric<Gauge, CronLabels> = Metric::gauge(
        "cron_job_active",
        Unit::None,
        "Whether the pg_cron job is switched on (1) or off (0)",
    );
    /// The last start.
    pub static CRON_LAST_RUN: Metric<Gauge, CronLabels> = Metric::gauge(
        "cron_job_last_run_timestamp_seconds",
        Unit::Timestamp,
        "When the pg_cron job last started",
    );
    /// The last good end.
    pub static CRON_LAST_SUCCESS: Metric<Gauge, CronLabels> = Metric::gauge(
        "cron_job_last_success_timestamp_seconds",
        Unit::Timestamp,
        "When the pg_cron job last ended well",
    );
    /// How the last run stands.
    pub static CRON_LAST_STATUS: Metric<Gauge, CronStatusLabels> = Metric::gauge(
        "cron_job_last_status",
        Unit::None,
        "Whether the last run of the pg_cron job is in the state (1) or not (0)",
    );
    /// How long the last run took.
    pub static CRON_LAST_DURATION: Metric<Gauge, CronLabels> = Metric::gauge(
        "cron_job_last_duration_seconds",
        Unit::Seconds,
        "How long the last run of the pg_cron job that ended took",
    );
    /// The age of what is said of `pg_cron`.
    pub static CRON_READING: Metric<Gauge, ()> = Metric::gauge(
        "cron_reading_timestamp_seconds",
        Unit::Timestamp,
        "When the pg_cron jobs were last read; a long history of runs makes that costly, and then it is done less often",
    );
    /// When it is due.
    pub static CRON_NEXT_RUN: Metric<Gauge, CronLabels> = Metric::gauge(
        "cron_job_next_run_timestamp_seconds",
        Unit::Timestamp,
        "When the pg_cron job is due next by its schedule; absent when it is switched off or runs at an interval of seconds",
    );
}
