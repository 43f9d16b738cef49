//! A counter is compared by its rate or increase, not by its value.
//~ error[E0599]: the method `gt` exists

use common::metric::Counter;
use promql::prelude::*;

common::catalog! {
    /// Jobs
    static JOBS: Counter = "queue_jobs_total";
}

fn main() {
    JOBS.gt(100);
}
