//! Only a counter has a rate.
//~ error[E0599]: the method `rate` exists

use common::metric::{Gauge, Metric, Unit};
use promql::prelude::*;

static JOBS: Metric<Gauge, ()> = Metric::gauge("queue_jobs", Unit::None, "Jobs");

fn main() {
    JOBS.rate(minutes(5));
}
