//! The sets of labels of this exporter's metrics, and the values of the closed ones.

use common::metric::LabelText;

common::label_values! {
    /// Where a job stands; every library's own words are mapped to these.
    pub enum State {
        /// It waits, and may start now.
        Ready = "ready",
        /// It waits for its time.
        Scheduled = "scheduled",
        /// A worker has it.
        Running = "running",
        /// It failed, and waits for its next attempt.
        Retrying = "retrying",
        /// It failed for good, and its row is kept to be dealt with.
        Failed = "failed",
        /// It was cancelled, and its row is kept.
        Cancelled = "cancelled",
    }
}

common::label_values! {
    /// How a job ended.
    pub enum Outcome {
        Succeeded = "succeeded",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

common::label_values! {
    /// The questions that are put to the database about one mapping.
    pub enum Query {
        /// Jobs that wait: ready, scheduled, oldest, next.
        Waiting = "waiting",
        /// Jobs that wait for another attempt.
        Retrying = "retrying",
        /// Jobs that run: count, stuck, longest.
        Running = "running",
        /// Failed and cancelled jobs whose rows are kept to be dealt with.
        Kept = "kept",
        /// Jobs that finished since the bound.
        Finished = "finished",
        /// Jobs that were created since the bound.
        Enqueued = "enqueued",
        /// Outcomes of the jobs created in the window.
        Window = "window",
        /// Errors of the failed jobs created in the window.
        WindowErrors = "window_errors",
        /// The longer look for what was finished too late to be counted.
        LateFinished = "late_finished",
        /// The longer look for what was enqueued too late to be counted.
        LateEnqueued = "late_enqueued",
        /// The table's size, dead rows and last autovacuum.
        Table = "table",
        /// Workers that were seen lately.
        Workers = "workers",
        Paused = "paused",
    }
}

common::label_values! {
    /// The state of a run in `cron.job_run_details`.
    pub enum CronStatus {
        Starting = "starting",
        Connecting = "connecting",
        Sending = "sending",
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
    }
}

common::labels! {
    /// One mapping.
    pub struct SourceLabels {
        /// The mapping's name in the settings.
        source: LabelText,
    }
}

common::labels! {
    /// One queue.
    pub struct QueueLabels {
        /// The mapping's name in the settings.
        source: LabelText,
        /// What the mapping's queue column holds, or `other` beyond the cap.
        queue: LabelText,
    }
}

common::labels! {
    /// The jobs of one queue in one state.
    pub struct StateLabels {
        /// The mapping's name in the settings.
        source: LabelText,
        /// What the mapping's queue column holds, or `other` beyond the cap.
        queue: LabelText,
        state: State,
    }
}

common::labels! {
    /// The jobs of one queue that ended in one way.
    pub struct OutcomeLabels {
        /// The mapping's name in the settings.
        source: LabelText,
        /// What the mapping's queue column holds, or `other` beyond the cap.
        queue: LabelText,
        outcome: Outcome,
    }
}

common::labels! {
    /// The failures of one queue in one class.
    pub struct ErrorLabels {
        /// The mapping's name in the settings.
        source: LabelText,
        /// What the mapping's queue column holds, or `other` beyond the cap.
        queue: LabelText,
        /// The first class in the mapping whose expression matches the error, else `other`.
        class: LabelText,
    }
}

common::labels! {
    /// One question about one mapping.
    pub struct QueryLabels {
        /// The mapping's name in the settings.
        source: LabelText,
        query: Query,
    }
}

common::labels! {
    /// One column that a mapping names.
    pub struct ColumnLabels {
        /// The mapping's name in the settings.
        source: LabelText,
        /// The key in the mapping: `finished_at`, `attempts`, …
        column: LabelText,
    }
}

common::labels! {
    /// One scheduled job of pg_cron.
    pub struct CronLabels {
        /// The job's name, or its number where it has none.
        jobname: LabelText,
    }
}

common::labels! {
    /// One scheduled job of pg_cron and one state that its last run may be in.
    pub struct CronStatusLabels {
        /// The job's name, or its number where it has none.
        jobname: LabelText,
        status: CronStatus,
    }
}
