//! Only the buckets of a histogram have quantiles.
//~ error[E0308]: mismatched types
//~ expected `BucketVector<_>`, found `Vector<()>`

use common::metric::Counter;
use promql::prelude::*;

common::catalog! {
    /// Jobs
    static JOBS: Counter = "queue_jobs_total";
}

fn main() {
    histogram_quantile(0.95, JOBS.rate(minutes(5)));
}
