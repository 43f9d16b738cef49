//! The label sets of this exporter's metrics, and the values of labels with fixed values.

use common::metric::LabelText;

common::label_values! {
    /// The state of a job; the states of each job library are mapped to these.
    pub enum State {
        /// It waits, and a worker may start it now.
        Ready = "ready",
        /// It waits for the time at which it may start.
        Scheduled = "scheduled",
        /// A worker runs it.
        Running = "running",
        /// It failed and waits for its next attempt.
        Retrying = "retrying",
        /// It failed with no retry left, and its row stays until a person has handled it.
        Failed = "failed",
        /// It was cancelled, and its row stays.
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
        /// The value of the mapping's queue column, or `other` beyond `max_queues`.
        queue: LabelText,
    }
}

common::labels! {
    /// The jobs of one queue in one state.
    pub struct StateLabels {
        /// The mapping's name in the settings.
        source: LabelText,
        /// The value of the mapping's queue column, or `other` beyond `max_queues`.
        queue: LabelText,
        state: State,
    }
}

common::labels! {
    /// The jobs of one queue that ended in one way.
    pub struct OutcomeLabels {
        /// The mapping's name in the settings.
        source: LabelText,
        /// The value of the mapping's queue column, or `other` beyond `max_queues`.
        queue: LabelText,
        outcome: Outcome,
    }
}

common::labels! {
    /// The failures of one queue in one class.
    pub struct ErrorLabels {
        /// The mapping's name in the settings.
        source: LabelText,
        /// The value of the mapping's queue column, or `other` beyond `max_queues`.
        queue: LabelText,
        /// The first class in the mapping whose pattern matches the error, otherwise `other`.
        class: LabelText,
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
    /// One scheduled job of pg_cron and a state of its last run.
    pub struct CronStatusLabels {
        /// The job's name, or its number where it has none.
        jobname: LabelText,
        status: CronStatus,
    }
}
