//! What a system expects of its job queues.

use std::time::Duration;

use crate::Limit;

/// A system's queues: where they are kept and what is expected of them.
#[derive(Clone, Debug)]
pub struct Queues {
    /// The settings of `postgres-queue` that read them, as TOML.
    pub settings: &'static str,
    /// The table, in the words of the system, for the SQL of runbooks.
    pub table: QueueTable,
    /// What its operators do about a queue.
    pub operations: QueueOperations,
    /// What is expected of all of them.
    pub limits: QueueLimits,
    /// What is expected of single queues that deliver to the outside.
    pub deliveries: &'static [Delivery],
}

/// The table and columns that a runbook's SQL names.
#[derive(Clone, Debug)]
pub struct QueueTable {
    /// The table.
    pub table: &'static str,
    /// The column that tells queues apart.
    pub queue: &'static str,
    /// The column that holds a job's state.
    pub state: &'static str,
    /// The state of a job that waits.
    pub pending: &'static str,
    /// The state of a job that is being worked on.
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

/// What operators do about a queue, as sentences of a runbook.
#[derive(Clone, Debug)]
pub struct QueueOperations {
    /// How the workers are started anew.
    pub restart: &'static str,
    /// How more work is done at a time.
    pub scale_up: &'static str,
    /// Where a worker's own log is.
    pub logs: &'static str,
}

/// What is expected of every queue of a system.
#[derive(Clone, Copy, Debug)]
pub struct QueueLimits {
    /// Jobs that wait, ready or scheduled, over all queues of one table.
    pub pending: Limit,
    /// Age in seconds of the oldest job that could be taken.
    pub oldest_ready: Limit,
    /// Mean seconds from a job's creation to its end.
    pub latency: Limit,
    /// Lowest share of finished jobs that did not fail.
    pub success: Limit,
    /// Highest share of finished jobs that failed.
    pub failure: Limit,
    /// Jobs that have run for longer than the mapping allows.
    pub stuck: Limit,
    /// Jobs per second that come in, of what the workers can do.
    pub demand: Limit,
    /// Finished jobs in the window below which a share says nothing: one failed job on an idle
    /// night pages nobody.
    pub least_finished: f64,
    /// The window over which shares and means are taken.
    pub window: Duration,
}

/// A queue whose jobs deliver something to the outside: mail, a message, a web hook.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// The queue, as its label reads.
    pub queue: &'static str,
    /// What it delivers, for people: "e-mail".
    pub what: &'static str,
    /// The alert's name begins with this: "Email".
    pub alert: &'static str,
    /// Lowest share of deliveries that succeed.
    pub success: Option<Limit>,
    /// Highest mean seconds of one delivery.
    pub run: Option<Limit>,
}
