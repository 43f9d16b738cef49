//! A metric's doc comment is its help text, so it has one.
//~ error[E0080]: evaluation panicked: a metric has a help text: its doc comment

use common::metric::Gauge;

common::catalog! {
    pub static JOBS: Gauge = "queue_jobs";
}

fn main() {}
