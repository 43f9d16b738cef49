//! Prometheus sets some labels itself.
//~ error[E0080]: evaluation panicked: `le`, `quantile`, `job` and `instance` are Prometheus's own labels

use common::metric::Gauge;

common::labels! {
    pub struct JobLabels { job: String }
}

common::catalog! {
    /// Jobs that wait
    pub static JOBS: Gauge<JobLabels> = "queue_jobs";
}

fn main() {}
