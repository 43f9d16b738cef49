//! What this exporter measures: every definition, beside the words that explain it.
//!
//! Where `postgres_exporter` names the same measurement well, the name and the labels are its own;
//! what it does not measure begins with `cache_`.

pub mod postgres;

use common::metric::Definition;

/// Every metric that this exporter defines.
pub fn all() -> impl Iterator<Item = &'static Definition> {
    [postgres::ALL].into_iter().flatten().copied()
}
