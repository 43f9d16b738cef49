//! An alert's condition must be a comparison.
//~ error[E0277]: the trait bound
//~ From<promql::Vector<()>>` is not

use common::metric::Gauge;
use promql::prelude::*;

common::catalog! {
    /// Jobs
    static JOBS: Gauge = "queue_jobs";
}

fn main() {
    let _: Condition = JOBS.max_over_time(minutes(5)).into();
}
