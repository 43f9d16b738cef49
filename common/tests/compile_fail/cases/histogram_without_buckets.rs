//! A histogram has bucket bounds.
//~ error[E0080]: evaluation panicked: a histogram, and no other kind, has bucket bounds

use common::metric::Histogram;

common::catalog! {
    /// How long jobs waited
    pub static WAIT: Histogram = "queue_wait_seconds";
}

fn main() {}
