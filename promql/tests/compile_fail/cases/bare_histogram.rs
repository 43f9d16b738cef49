//! A histogram has no single value to compare.
//~ error[E0599]: the method `gt` exists

use common::metric::Histogram;
use promql::prelude::*;

common::catalog! {
    /// Wait
    static WAIT: Histogram = with_buckets("queue_wait_seconds", &[0.5]);
}

fn main() {
    WAIT.gt(100);
}
