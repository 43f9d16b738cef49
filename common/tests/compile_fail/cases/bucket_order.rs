//! Bounds ascend.
//~ error[E0080]: evaluation panicked: bucket bounds are finite and ascend

use common::metric::Histogram;

common::catalog! {
    /// Wait
    pub static WAIT: Histogram = with_buckets("queue_wait_seconds", &[1.0, 0.5]);
}

fn main() {}
