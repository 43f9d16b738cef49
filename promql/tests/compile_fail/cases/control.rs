//! Correct expressions compile, so the other cases fail for their own reasons.

use common::metric::{Counter, Gauge, Histogram};
use promql::prelude::*;

common::labels! {
    pub struct Queue { queue: String }
}

common::catalog! {
    /// Jobs
    static PENDING: Gauge<Queue> = "queue_jobs";
    /// Jobs
    static DONE: Counter<Queue> = "queue_done_total";
    /// Wait
    static WAIT: Histogram<Queue> = with_buckets("queue_wait_seconds", &[0.1, 0.5]);
}
const FAST: Bound<Queue> = Bound::of(&WAIT, 0.5);

fn main() {
    PENDING.filter(Queue::queue.eq("mail")).sum().by(Queue::queue);
    histogram_quantile(0.95, WAIT.buckets().rate(minutes(5)).sum());
    PENDING.max_over_time(minutes(5)).div(&PENDING);
    FAST.rate(minutes(5));
    let _: Condition = DONE.rate(minutes(5)).gt(1).into();
}
