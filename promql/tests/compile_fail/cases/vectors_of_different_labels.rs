//! Vectors of different labels need `on` or `ignoring`.
//~ error[E0271]: type mismatch
//~ expected `Queue`, found `Pool`

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
    /// Free connections
    static FREE: Gauge<Pool> = "pool_free";
}

fn main() {
    PENDING.div(&FREE);
}
