//! Correct definitions compile, so the other cases fail for their own reasons.

use common::metric::{Counter, Gauge, Histogram, Metric, Unit};

common::labels! {
    pub struct Queue { queue: String }
}

pub static PENDING: Metric<Gauge, Queue> = Metric::gauge("queue_jobs", Unit::None, "Jobs");
pub static DONE: Metric<Counter, Queue> = Metric::counter("queue_done_total", Unit::None, "Jobs");
pub static WAIT: Metric<Histogram, Queue> =
    Metric::histogram("queue_wait_seconds", Unit::Seconds, &[0.1, 0.5], "Wait");

fn main() {}
