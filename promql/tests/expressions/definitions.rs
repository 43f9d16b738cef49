//! Metrics to ask of.

use common::metric::{Counter, Gauge, Histogram, Info, Metric, Unit};

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

pub(crate) static UP: Metric<Gauge, ()> = Metric::gauge("queue_up", Unit::None, "It answered");
pub(crate) static PENDING: Metric<Gauge, Queue> =
    Metric::gauge("queue_jobs_pending", Unit::None, "Jobs that wait");
pub(crate) static LAST: Metric<Gauge, Queue> =
    Metric::gauge("queue_last_job_timestamp_seconds", Unit::Timestamp, "When a job ended last");
pub(crate) static BUSY: Metric<Gauge, Worker> =
    Metric::gauge("queue_worker_busy", Unit::None, "Whether the worker runs a job");
pub(crate) static OPEN: Metric<Gauge, Finished> =
    Metric::gauge("queue_jobs_open", Unit::None, "Jobs by how they will end");
pub(crate) static FINISHED: Metric<Counter, Finished> =
    Metric::counter("queue_jobs_finished_total", Unit::None, "Jobs that ended");
pub(crate) static WAIT: Metric<Histogram, Queue> =
    Metric::histogram("queue_wait_seconds", Unit::Seconds, &[0.1, 0.5, 1.0, 2.5], "Wait");
pub(crate) static RUN: Metric<Histogram, Finished> =
    Metric::histogram("queue_run_seconds", Unit::Seconds, &[0.1, 0.5, 2.5], "How long jobs ran");
pub(crate) static BUILD: Metric<Info, Build> = Metric::info("queue_build_info", "What runs");
