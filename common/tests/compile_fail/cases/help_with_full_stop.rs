//! A help text is no full sentence.
//~ error[E0080]: evaluation panicked: a help text ends without a full stop

use common::metric::Gauge;

common::catalog! {
    /// Jobs.
    pub static JOBS: Gauge = "queue_jobs";
}

fn main() {}
