//! A name ends in its unit.
//~ error[E0080]: evaluation panicked: the name ends in its unit

use common::metric::{Gauge, Metric, Unit};

pub static WAIT: Metric<Gauge, ()> = Metric::gauge("queue_wait", Unit::Seconds, "Wait");

fn main() {}
