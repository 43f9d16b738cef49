//! Metrics of a Redis or a Valkey.
//!
//! Names and labels are `redis_exporter`'s where they follow the conventions. The differences:
//! seconds instead of micro- and milliseconds, counters of the type counter, role and policy as
//! state sets instead of labels of an info metric, a histogram instead of percentiles.

pub mod aliases;
pub mod cluster;
pub mod commands;
pub mod keyspace;
pub mod memory;
pub mod persistence;
pub mod replication;
pub mod sentinel;
pub mod server;

use common::metric::Definition;

/// Every metric of a Redis; [`REDIS_UP`](common::source::redis::REDIS_UP) is defined with the
/// driver.
pub fn all() -> impl Iterator<Item = &'static Definition> {
    [
        server::ALL,
        keyspace::ALL,
        memory::ALL,
        commands::ALL,
        replication::ALL,
        persistence::ALL,
        cluster::ALL,
        sentinel::ALL,
        aliases::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}
