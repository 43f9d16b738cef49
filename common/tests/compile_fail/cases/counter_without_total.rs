//! A counter's name ends in `_total`.
//~ error[E0080]: evaluation panicked: a counter's name, and no other, ends in `_total`

use common::metric::Counter;

common::catalog! {
    /// Jobs
    pub static JOBS: Counter = "queue_jobs";
}

fn main() {}
