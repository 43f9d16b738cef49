//! A histogram has no value of its own.
//~ error[E0599]: the method `gt` exists

use common::metric::{Histogram, Metric, Unit};
use promql::prelude::*;

static WAIT: Metric<Histogram, ()> =
    Metric::histogram("queue_wait_seconds", Unit::Seconds, &[0.5], "Wait");

fn main() {
    WAIT.gt(100);
}
