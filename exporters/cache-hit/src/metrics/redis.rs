//! What is measured of a Redis or a Valkey.
//!
//! Names and labels are `redis_exporter`'s where they follow the conventions. Its defects are
//! mended: seconds instead of micro- and milliseconds, counters that are counters, a role and a
//! policy that are states instead of labels of a fact, a histogram instead of percentiles.

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

/// Every metric of a Redis; [`REDIS_UP`](common::source::redis::REDIS_UP) stands beside the driver.
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
