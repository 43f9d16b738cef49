//! A sum hides the resets of its counters, so it has no rate.
//~ error[E0599]: the method `rate` exists

use common::metric::Gauge;
use promql::prelude::*;

common::catalog! {
    /// Jobs
    static JOBS: Gauge = "queue_jobs";
}

fn main() {
    JOBS.sum().rate(minutes(5));
}
