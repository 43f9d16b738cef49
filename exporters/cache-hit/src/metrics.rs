//! Every metric of this exporter.
//!
//! Where a name of `postgres_exporter` follows the conventions, its name and labels are used; other
//! names begin with `cache_`. Its names that break the conventions are in [`postgres_aliases`] and
//! are written when `compatibility` is set.

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
