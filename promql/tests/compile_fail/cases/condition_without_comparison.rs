//! An alert's condition is a comparison.
//~ error[E0277]: the trait bound
//~ From<promql::Vector<()>>` is not

use common::metric::{Gauge, Metric, Unit};
use promql::prelude::*;

static JOBS: Metric<Gauge, ()> = Metric::gauge("queue_jobs", Unit::None, "Jobs");

fn main() {
    let _: Condition = JOBS.max_over_time(minutes(5)).into();
}
