//! A bound in a query is a bucket of the definition.
//~ error[E0080]: evaluation panicked: a bound in a query is a bucket

use common::metric::{Histogram, Metric, Unit};
use promql::prelude::*;

pub static WAIT: Metric<Histogram, ()> =
    Metric::histogram("queue_wait_seconds", Unit::Seconds, &[0.1, 0.5], "Wait");
pub const FAST: Bound<()> = Bound::of(&WAIT, 0.3);

fn main() {}
