//! A kept, bounded connection to a Redis or a Valkey.
//!
//! An exporter never hurts the server: one connection per target however many ask, commands that
//! read no key, a refused command asked again only after a pause, a server that does not answer
//! left alone with growing pauses. Both sides of the deadline are kept: connecting and reading
//! have time-outs within the scrape's.

mod bounded;
mod collector;
mod connect;
mod dial;
mod endpoint;
mod error;
mod facts;
mod sentinel;
mod session;
mod settings;
mod tls;
mod url;

pub use ::redis::Value;

pub use self::{
    collector::RedisCollector,
    facts::Mode,
    session::{Redis, Session},
    settings::{RedisSettings, SentinelSettings},
};
use crate::metric::Gauge;

crate::catalog! {
    // Written by the runner.
    /// Whether the Redis server answered
    pub static REDIS_UP: Gauge = "redis_up";
}
