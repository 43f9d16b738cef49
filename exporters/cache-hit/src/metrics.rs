//! What this exporter measures: every definition, beside the words that explain it.
//!
//! Where `postgres_exporter` names the same measurement well, the name and the labels are its own;
//! what it does not measure begins with `cache_`. Names of its that break the conventions are in
//! [`postgres_aliases`], and written when the settings ask for them.

pub mod postgres;
pub mod postgres_aliases;
pub mod postgres_databases;
pub mod postgres_io;
pub mod postgres_relations;
pub mod redis;

use common::metric::Definition;

/// Every metric that this exporter defines.
pub fn all() -> impl Iterator<Item = &'static Definition> {
    [
        postgres::ALL,
        postgres_databases::ALL,
        postgres_io::ALL,
        postgres_relations::ALL,
        postgres_aliases::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
    .chain(redis::all())
}
