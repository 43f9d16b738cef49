//! The metrics of this exporter.

mod labels;

use common::metric::{Counter, Gauge, Histogram};

pub use self::labels::{
    ColumnLabels, CronLabels, CronStatus, CronStatusLabels, ErrorLabels, Outcome, OutcomeLabels,
    QueryLabels, QueueLabels, SourceLabels, State, StateLabels,
};
pub use crate::questions::Query;

/// From jobs that are done at once to jobs that are lost.
const SECONDS: &[f64] = &[
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0,
    14400.0,
];

common::catalog! {
    // Jobs that wait or run.

    /// Jobs in the queue by state; finished jobs are in the counters instead
    pub static JOBS: Gauge<StateLabels> = "queue_jobs";
    /// How long the oldest job that may start has been waiting, by the database's clock; 0 when
    /// none waits
    pub static OLDEST_READY_AGE: Gauge<QueueLabels> = "queue_oldest_ready_age_seconds";
    /// When the next job that waits for its time may start; absent when there is none
    pub static NEXT_SCHEDULED: Gauge<QueueLabels> = "queue_next_scheduled_timestamp_seconds";
    /// Jobs that have been running for longer than the mapping's `stuck_after`
    pub static STUCK_JOBS: Gauge<QueueLabels> = "queue_stuck_jobs";
    /// How long the job that runs longest has been running; 0 when none runs
    pub static LONGEST_RUNNING: Gauge<QueueLabels> = "queue_longest_running_seconds";
    /// Whether the queue is paused (1) or not (0), where the library records it
    pub static PAUSED: Gauge<QueueLabels> = "queue_paused";
    /// Workers whose last heartbeat is younger than the mapping's limit
    pub static WORKERS_ALIVE: Gauge<SourceLabels> = "queue_workers_alive";

    // Events: each row is counted once.

    /// Jobs created since the exporter started to count; each row counts once
    pub static ENQUEUED: Counter<QueueLabels> = "queue_jobs_enqueued_total";
    /// Jobs that ended, whether they succeeded, failed or were cancelled; each end counts once
    pub static FINISHED: Counter<QueueLabels> = "queue_jobs_finished_total";
    /// Jobs that ended in failure; each end counts once
    pub static FAILED: Counter<QueueLabels> = "queue_jobs_failed_total";
    /// Jobs that were cancelled; each end counts once
    pub static CANCELLED: Counter<QueueLabels> = "queue_jobs_cancelled_total";
    /// Runs that were not their job's first, counted when they end; absent without an attempts
    /// column
    pub static RETRIED: Counter<QueueLabels> = "queue_jobs_retried_total";
    /// Jobs that ended in failure by the class of their error; an error that matches no class is
    /// `other`
    pub static ERRORS: Counter<ErrorLabels> = "queue_job_errors_total";
    /// How long finished jobs had waited, from when they could start to their start
    pub static WAIT: Histogram<QueueLabels> = with_buckets("queue_job_wait_seconds", SECONDS);
    /// How long finished jobs had run, from start to end
    pub static RUN: Histogram<QueueLabels> = with_buckets("queue_job_run_seconds", SECONDS);
    /// How long finished jobs took, from creation to end
    pub static LATENCY: Histogram<QueueLabels> = with_buckets("queue_job_latency_seconds", SECONDS);

    // Outcomes, for tables without finish times.

    /// Jobs created in the last `queue_window_seconds` that have ended by now, by outcome; only for
    /// tables without finish times
    pub static WINDOW_JOBS: Gauge<OutcomeLabels> = "queue_window_jobs";
    /// Jobs created in the last `queue_window_seconds` that have failed by now, by the class of
    /// their error; only for tables without finish times
    pub static WINDOW_ERRORS: Gauge<ErrorLabels> = "queue_window_errors";
    /// Length of the window of `queue_window_jobs`
    pub static WINDOW: Gauge<SourceLabels> = "queue_window_seconds";

    // How far the figures can be trusted, and what limits them.

    /// Whether each row is certain to be counted exactly once (1), or a row committed later than
    /// the lookback may be missed or counted late (0)
    pub static EXACT: Gauge<SourceLabels> = "queue_counting_exact";
    /// Watermark of the counters: rows stamped before it are final, and each scrape reads the rows
    /// stamped after it
    pub static WATERMARK: Gauge<SourceLabels> = "queue_counting_bound_timestamp_seconds";
    /// Keys of counted rows that are kept because the rows are stamped after the watermark
    pub static COUNTED_KEYS: Gauge<SourceLabels> = "queue_counted_keys";
    /// Rows that were committed later than the lookback and found by the query for late rows; they
    /// are in the counters of jobs, but neither in the histograms nor in the errors by class
    pub static COUNTED_LATE: Counter<SourceLabels> = "queue_jobs_counted_late_total";
    /// Whether the table has one of the columns that the mapping names (1) or not (0); metrics that
    /// need a missing column are absent
    pub static COLUMN_PRESENT: Gauge<ColumnLabels> = "queue_mapping_column_present";
    /// Whether row-level security may hide rows of the table from the exporter's role (1) or not
    /// (0)
    pub static ROW_SECURITY: Gauge<SourceLabels> = "queue_row_security_active";
    /// Whether the query scans a large table (1) or is served by an index (0); the landing page has
    /// the CREATE INDEX that helps
    pub static UNINDEXED: Gauge<QueryLabels> = "queue_query_unindexed";
    /// When the query was last answered, for queries that are too expensive to run at each scrape
    pub static READING: Gauge<QueryLabels> = "queue_reading_timestamp_seconds";

    // The table's statistics.

    /// Dead rows of the table by the statistics; many of them make every poll of the queue slow
    pub static TABLE_DEAD_ROWS: Gauge<SourceLabels> = "queue_table_dead_rows";
    /// Live rows of the table by the statistics, an estimate
    pub static TABLE_LIVE_ROWS: Gauge<SourceLabels> = "queue_table_live_rows";
    /// Size of the table with its indexes and TOAST
    pub static TABLE_SIZE: Gauge<SourceLabels> = "queue_table_size_bytes";
    /// When autovacuum last finished with the table (of its partitions, the one it vacuumed longest
    /// ago); absent when it never did
    pub static TABLE_LAST_AUTOVACUUM: Gauge<SourceLabels> =
        "queue_table_last_autovacuum_timestamp_seconds";
    /// Age of the oldest open transaction in the database; vacuum cannot remove rows that died
    /// since; 0 when none is open
    pub static OLDEST_SNAPSHOT_AGE: Gauge = "queue_oldest_snapshot_age_seconds";

    // Scheduled jobs of pg_cron.

    /// Whether the pg_cron job is switched on (1) or off (0)
    pub static CRON_ACTIVE: Gauge<CronLabels> = "cron_job_active";
    /// When the pg_cron job last started
    pub static CRON_LAST_RUN: Gauge<CronLabels> = "cron_job_last_run_timestamp_seconds";
    /// When the last successful run of the pg_cron job ended
    pub static CRON_LAST_SUCCESS: Gauge<CronLabels> = "cron_job_last_success_timestamp_seconds";
    /// Whether the last run of the pg_cron job is in the state (1) or not (0)
    pub static CRON_LAST_STATUS: Gauge<CronStatusLabels> = "cron_job_last_status";
    /// How long the last run of the pg_cron job that ended took
    pub static CRON_LAST_DURATION: Gauge<CronLabels> = "cron_job_last_duration_seconds";
    /// When the pg_cron jobs were last read; a long history of runs makes that expensive, and then
    /// they are read less often
    pub static CRON_READING: Gauge = "cron_reading_timestamp_seconds";
    /// When the pg_cron job is due next by its schedule; absent when it is switched off or runs at
    /// an interval of seconds
    pub static CRON_NEXT_RUN: Gauge<CronLabels> = "cron_job_next_run_timestamp_seconds";
}
