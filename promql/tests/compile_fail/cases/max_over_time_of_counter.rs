//! A counter's bare past says nothing.
//~ error[E0599]: the method `max_over_time` exists

use common::metric::{Counter, Metric, Unit};
use promql::prelude::*;

static JOBS: Metric<Counter, ()> = Metric::counter("queue_jobs_total", Unit::None, "Jobs");

fn main() {
    JOBS.max_over_time(minutes(5));
}
