//! An info metric's name ends in `_info`.
//~ error[E0080]: evaluation panicked: the name of an info metric ends in `_info`

use common::metric::Info;

common::catalog! {
    /// What runs
    pub static BUILD: Info = "queue_build";
}

fn main() {}
