//! What is right compiles, so the others fail for their own reasons.

use common::metric::{Counter, Gauge, Histogram, Metric, Unit};
use promql::prelude::*;

common::labels! {
    pub struct Queue { queue: String }
}

static PENDING: Metric<Gauge, Queue> = Metric::gauge("queue_jobs", Unit::None, "Jobs");
static DONE: Metric<Counter, Queue> = Metric::counter("queue_done_total", Unit::None, "Jobs");
static WAIT: Metric<Histogram, Queue> =
    Metric::histogram("queue_wait_seconds", Unit::Seconds, &[0.1, 0.5], "Wait");
const FAST: Bound<Queue> = Bound::of(&WAIT, 0.5);

fn main() {
    PENDING.filter(Queue::queue.eq("mail")).sum().by(Queue::queue);
    histogram_quantile(0.95, WAIT.buckets().rate(minutes(5)).sum());
    PENDING.max_over_time(minutes(5)).div(&PENDING);
    FAST.rate(minutes(5));
    let _: Condition = DONE.rate(minutes(5)).gt(1).into();
}
