//! A sum has lost the resets of its counters, so it has no rate.
//~ error[E0599]: the method `rate` exists

use common::metric::{Gauge, Metric, Unit};
use promql::prelude::*;

static JOBS: Metric<Gauge, ()> = Metric::gauge("queue_jobs", Unit::None, "Jobs");

fn main() {
    JOBS.sum().rate(minutes(5));
}
