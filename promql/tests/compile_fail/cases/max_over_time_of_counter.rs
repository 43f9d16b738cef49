//! A counter's past values mean nothing without their rate.
//~ error[E0599]: the method `max_over_time` exists

use common::metric::Counter;
use promql::prelude::*;

common::catalog! {
    /// Jobs
    static JOBS: Counter = "queue_jobs_total";
}

fn main() {
    JOBS.max_over_time(minutes(5));
}
