//! Only a counter has a rate.
//~ error[E0599]: the method `rate` exists

use common::metric::Gauge;
use promql::prelude::*;

common::catalog! {
    /// Jobs
    static JOBS: Gauge = "queue_jobs";
}

fn main() {
    JOBS.rate(minutes(5));
}
