//! A matcher cannot name a label that the metric does not have.
//~ error[E0277]: this does not narrow a metric with the labels `Queue`

use common::metric::Gauge;
use promql::prelude::*;

common::labels! {
    pub struct Queue { queue: String }
}
common::labels! {
    pub struct Pool { pool: String }
}

common::catalog! {
    /// Jobs
    static PENDING: Gauge<Queue> = "queue_jobs";
}

fn main() {
    PENDING.filter(Pool::pool.eq("main"));
}
