//! A bound in a query must be a bucket of the definition.
//~ error[E0080]: evaluation panicked: a bound in a query is a bucket

use common::metric::Histogram;
use promql::prelude::*;

common::catalog! {
    /// Wait
    pub static WAIT: Histogram = with_buckets("queue_wait_seconds", &[0.1, 0.5]);
}
pub const FAST: Bound<()> = Bound::of(&WAIT, 0.3);

fn main() {}
