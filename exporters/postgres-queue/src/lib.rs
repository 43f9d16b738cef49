//! Job queues kept in PostgreSQL tables, as Prometheus metrics.
//!
//! A [`mapping`] says how to read a table. It is fitted to the table as it is found ([`shape`]),
//! statements are made of both ([`sql`]), and each scrape asks them ([`source`]). Gauges tell what
//! waits and runs now; counters tell what happened, each row once ([`counting`]).

pub mod counting;
pub mod cron;
pub mod explain;
pub mod mapping;
pub mod metrics;
pub mod quote;
pub mod relation;
pub mod settings;
pub mod shape;
pub mod source;
pub mod sql;

/// The name of the collector that tells whether the server answers.
pub(crate) const SERVER: &str = common::postgres::Server::NAME;
