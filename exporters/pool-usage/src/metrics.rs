//! Every metric of this exporter.
//!
//! Where a name of `postgres_exporter` or `pgbouncer_exporter` follows the conventions, its name
//! and labels are used; other names begin with `pool_`. Their names that break the conventions are
//! in [`aliases`] and are written when `compatibility` is set.

pub mod aliases;
pub mod connections;
pub mod pgbouncer;
pub mod replication;
pub mod statements;

use common::metric::Definition;

/// Every metric that this exporter defines.
pub fn all() -> impl Iterator<Item = &'static Definition> {
    let postgres = [connections::ALL, statements::ALL, replication::ALL].into_iter().flatten();
    postgres.copied().chain(pgbouncer::all()).chain(aliases::ALL.iter().copied())
}
