//! A label with a closed set of values cannot be compared with other text.
//~ error[E0277]: the trait bound `Outcome: From<&str>` is not satisfied

use promql::prelude::*;

common::label_values! {
    pub enum Outcome { Done = "done", Failed = "failed" }
}
common::labels! {
    pub struct Finished { outcome: Outcome }
}

fn main() {
    Finished::outcome.eq("fialed");
}
