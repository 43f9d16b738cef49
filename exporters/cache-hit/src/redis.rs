//! Redis and Valkey: a server alone, a primary, a replica, a node of a cluster, or a Sentinel.
//!
//! Four collectors share one connection: `INFO`, the statistics of commands, the slow log, the
//! cluster. A command that the user is not permitted fails only its own collector.

mod caps;
mod cluster;
mod commands;
mod fields;
#[cfg(test)]
mod fuzz;
pub mod info;
mod keyspace;
mod latency;
mod replication;
mod sentinel;
mod server;
mod slowlog;

use std::sync::Arc;

use common::{
    process::Exporter,
    scrape::BoxedCollector,
    settings::SettingsError,
    source::redis::{Redis, RedisSettings},
};

use self::{caps::Caps, cluster::Cluster, commands::Commands, server::Server, slowlog::SlowLog};
use crate::{CacheHit, settings::Settings};

/// The collector whose success is the target's `redis_up`.
pub(crate) const SERVER: &str = Server::NAME;

/// One server.
#[derive(Debug)]
pub(crate) struct Cache {
    pub(crate) redis: Redis,
}

impl Cache {
    pub(crate) fn new(settings: &RedisSettings) -> Result<Self, SettingsError> {
        let settings = settings.clone().for_exporter(CacheHit::NAME);
        Ok(Self { redis: Redis::new(&settings)? })
    }

    pub(crate) fn address(&self) -> String {
        self.redis.address()
    }

    pub(crate) fn collectors(&self, settings: &Settings) -> Vec<BoxedCollector> {
        let redis = &self.redis;
        let caps = Arc::new(Caps::new(&settings.caps));
        vec![
            redis.collector(Server::new(redis, &caps, settings.compatibility)),
            redis.collector(Commands::new(&caps)),
            redis.collector(SlowLog::new()),
            redis.collector(Cluster),
        ]
    }
}
