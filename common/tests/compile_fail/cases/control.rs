//! Correct definitions compile, so the other cases fail for their own reasons.

use common::metric::{Counter, Gauge, Histogram};

common::labels! {
    pub struct Queue { queue: String }
}

common::catalog! {
    /// Jobs
    pub static PENDING: Gauge<Queue> = "queue_jobs";
    /// Jobs
    pub static DONE: Counter<Queue> = "queue_done_total";
    /// Wait
    pub static WAIT: Histogram<Queue> = with_buckets("queue_wait_seconds", &[0.1, 0.5]);
}

fn main() {}
