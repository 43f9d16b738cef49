//! Vectors of different labels are matched by `on` or `ignoring`, never by chance.
//~ error[E0271]: type mismatch
//~ expected `Queue`, found `Pool`

use common::metric::{Gauge, Metric, Unit};
use promql::prelude::*;

common::labels! {
    pub struct Queue { queue: String }
}
common::labels! {
    pub struct Pool { pool: String }
}

static PENDING: Metric<Gauge, Queue> = Metric::gauge("queue_jobs", Unit::None, "Jobs");
static FREE: Metric<Gauge, Pool> = Metric::gauge("pool_free", Unit::None, "Free connections");

fn main() {
    PENDING.div(&FREE);
}
