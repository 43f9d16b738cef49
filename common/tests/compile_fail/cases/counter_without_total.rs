//! A counter's name ends in `_total`.
//~ error[E0080]: evaluation panicked: a counter's name, and no other, ends in `_total`

use common::metric::{Counter, Metric, Unit};

pub static JOBS: Metric<Counter, ()> = Metric::counter("queue_jobs", Unit::None, "Jobs");

fn main() {}
