//! A name is lower snake case.
//~ error[E0080]: evaluation panicked: a metric's name is lower snake case

use common::metric::{Gauge, Metric, Unit};

pub static JOBS: Metric<Gauge, ()> = Metric::gauge("Bad-Name", Unit::None, "Jobs");

fn main() {}
