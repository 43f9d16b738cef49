//! A rule cannot group by a label that the metric does not have.
//~ error[E0277]: this does not name labels of `Queue`

use common::metric::{Gauge, Metric, Unit};
use promql::prelude::*;

common::labels! {
    pub struct Queue { queue: String }
}
common::labels! {
    pub struct Pool { pool: String }
}

static PENDING: Metric<Gauge, Queue> = Metric::gauge("queue_jobs", Unit::None, "Jobs");

fn main() {
    PENDING.sum().by(Pool::pool);
}
