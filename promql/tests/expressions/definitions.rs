//! Metrics to ask of.

use common::metric::{Counter, Gauge, Histogram, Info};

common::labels! {
    pub(crate) struct Queue {
        queue: String,
    }
}

common::label_values! {
    pub(crate) enum Outcome {
        Done = "done",
        Failed = "failed",
    }
}

common::labels! {
    pub(crate) struct Finished {
        queue: String,
        outcome: Outcome,
    }
}

common::labels! {
    pub(crate) struct Worker {
        queue: String,
        worker: String,
    }
}

common::labels! {
    pub(crate) struct Build {
        version: String,
    }
}

common::catalog! {
    /// It answered
    pub(crate) static UP: Gauge = "queue_up";
    /// Jobs that wait
    pub(crate) static PENDING: Gauge<Queue> = "queue_jobs_pending";
    /// When a job ended last
    pub(crate) static LAST: Gauge<Queue> = "queue_last_job_timestamp_seconds";
    /// Whether the worker runs a job
    pub(crate) static BUSY: Gauge<Worker> = "queue_worker_busy";
    /// Jobs by how they will end
    pub(crate) static OPEN: Gauge<Finished> = "queue_jobs_open";
    /// Jobs that ended
    pub(crate) static FINISHED: Counter<Finished> = "queue_jobs_finished_total";
    /// Wait
    pub(crate) static WAIT: Histogram<Queue> =
        with_buckets("queue_wait_seconds", &[0.1, 0.5, 1.0, 2.5]);
    /// How long jobs ran
    pub(crate) static RUN: Histogram<Finished> =
        with_buckets("queue_run_seconds", &[0.1, 0.5, 2.5]);
    /// What runs
    pub(crate) static BUILD: Info<Build> = "queue_build_info";
}
