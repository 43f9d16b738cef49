//! Only the buckets of a histogram have quantiles.
//~ error[E0308]: mismatched types
//~ expected `BucketVector<_>`, found `Vector<()>`

use common::metric::{Counter, Metric, Unit};
use promql::prelude::*;

static JOBS: Metric<Counter, ()> = Metric::counter("queue_jobs_total", Unit::None, "Jobs");

fn main() {
    histogram_quantile(0.95, JOBS.rate(minutes(5)));
}
