//! A name is lower snake case.
//~ error[E0080]: evaluation panicked: a metric's name is lower snake case

use common::metric::Gauge;

common::catalog! {
    /// Jobs
    pub static JOBS: Gauge = "Bad-Name";
}

fn main() {}
