//! A counter is compared by its growth, not by its value.
//~ error[E0599]: the method `gt` exists

use common::metric::{Counter, Metric, Unit};
use promql::prelude::*;

static JOBS: Metric<Counter, ()> = Metric::counter("queue_jobs_total", Unit::None, "Jobs");

fn main() {
    JOBS.gt(100);
}
