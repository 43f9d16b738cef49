//! The job queues of a system: table, thresholds, runbook texts.

use std::time::Duration;

use crate::Limit;

/// The job queues of a system.
#[derive(Clone, Debug)]
pub struct Queues {
    /// The settings of `postgres-queue` that read them, as TOML.
    pub settings: &'static str,
    /// The table and its columns, for the SQL of runbooks.
    pub table: QueueTable,
    /// The operators' actions, for runbooks.
    pub operations: QueueOperations,
    /// The thresholds of all queues.
    pub limits: QueueLimits,
    /// The thresholds of queues that deliver to other systems.
    pub deliveries: &'static [Delivery],
}

/// The table and columns that a runbook's SQL names.
#[derive(Clone, Debug)]
pub struct QueueTable {
    /// The table.
    pub table: &'static str,
    /// The column with the queue's name.
    pub queue: &'static str,
    /// The column that holds a job's state.
    pub state: &'static str,
    /// The state of a job that waits.
    pub pending: &'static str,
    /// The state of a running job.
    pub running: &'static str,
    /// The state of a job that failed.
    pub failed: &'static str,
    /// When a job was created.
    pub created_at: &'static str,
    /// When a job may be taken.
    pub ready_at: &'static str,
    /// Why a job failed.
    pub error: &'static str,
}

/// The operators' actions on a queue, as sentences of a runbook.
#[derive(Clone, Debug)]
pub struct QueueOperations {
    /// How to restart the workers.
    pub restart: &'static str,
    /// How to add workers.
    pub scale_up: &'static str,
    /// Where the workers' log is.
    pub logs: &'static str,
}

/// The thresholds of all queues of a system.
#[derive(Clone, Copy, Debug)]
pub struct QueueLimits {
    /// The most waiting jobs, ready or scheduled, over all queues of one table.
    pub pending: Limit,
    /// Highest age in seconds of the oldest ready job.
    pub oldest_ready: Limit,
    /// Highest mean time in seconds from a job's creation to its end.
    pub latency: Limit,
    /// Lowest share of finished jobs that did not fail.
    pub success: Limit,
    /// Highest share of finished jobs that failed.
    pub failure: Limit,
    /// The most stuck jobs: jobs that run longer than the mapping allows.
    pub stuck: Limit,
    /// Highest rate of new jobs, as a share of the rate that the workers can process.
    pub demand: Limit,
    /// Fewest finished jobs in the window for a share to count, so that one failed job in a quiet
    /// night pages nobody.
    pub least_finished: f64,
    /// The window of shares and means.
    pub window: Duration,
}

/// A queue whose jobs deliver to another system: mail, message, webhook.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// The queue's label value.
    pub queue: &'static str,
    /// What it delivers: "e-mail".
    pub what: &'static str,
    /// The prefix of the alert's name: "Email".
    pub alert: &'static str,
    /// Lowest share of deliveries that succeed.
    pub success: Option<Limit>,
    /// Highest mean duration in seconds of one delivery.
    pub run: Option<Limit>,
}
