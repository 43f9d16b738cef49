//! A rule cannot group by a label that the metric does not have.
//~ error[E0277]: this does not name labels of `Queue`

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
    PENDING.sum().by(Pool::pool);
}
