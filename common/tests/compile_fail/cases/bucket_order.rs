//! Bounds ascend.
//~ error[E0080]: evaluation panicked: bucket bounds are finite and ascend

use common::metric::{Histogram, Metric, Unit};

pub static WAIT: Metric<Histogram, ()> =
    Metric::histogram("queue_wait_seconds", Unit::Seconds, &[1.0, 0.5], "Wait");

fn main() {}
