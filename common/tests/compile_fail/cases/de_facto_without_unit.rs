//! The unit of a de-facto name does not follow from the name, so it is given.
//~ error: a metric is a name, `with_buckets(name, bounds)` or `de_facto(name, unit)`

use common::metric::Counter;

common::catalog! {
    /// Blocks that were found in the server's cache
    pub static BLKS_HIT: Counter = de_facto("pg_stat_database_blks_hit");
}

fn main() {}
