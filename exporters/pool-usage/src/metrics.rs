//! What this exporter measures: every definition, beside the words that explain it.
//!
//! Where `postgres_exporter` or `pgbouncer_exporter` names the same measurement well, the name and
//! the labels are theirs; what they do not measure begins with `pool_`. Names of theirs that break
//! the conventions are in [`aliases`], and written when the settings ask for them.

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
